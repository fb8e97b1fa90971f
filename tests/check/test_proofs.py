# SPDX-License-Identifier: GPL-2.0-only
"""The proofs of tests/prove hold (make prove): a test for each, so that two run at a time."""

import pytest

from pguest import cbmc, newest, prove


@pytest.fixture(scope="module", autouse=True)
def _cbmc():
    try:
        cbmc.command()
    except newest.Unavailable as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize("name", [proof.name for proof in prove.proofs()])
def test_proof_holds(name, tmp_path):
    proof, = prove.run_all([name], out=tmp_path)
    assert proof.checked > 0
    assert proof.ok, proof.failures[:5]

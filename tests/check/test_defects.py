# SPDX-License-Identifier: GPL-2.0-only
"""The seeded defects still fit the layer, and name what there is. Whether each is found, `make defects` shows."""

import subprocess

import pytest

from pguest import paths, prove, seeded

DEFECTS = seeded.defects()
PROOFS = {f"prove {proof.name}" for proof in prove.proofs()}


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_defect_fits(defect):
    subprocess.run(["patch", "-p1", "-s", "-F0", "--dry-run", "-d", paths.ROOT, "-i", defect.patch], check=True)
    assert defect.catcher == "fuzz" or defect.catcher in PROOFS
    row = f"{defect.name} {defect.catcher} {defect.what}"
    assert row in {" ".join(line.split()) for line in (seeded.DEFECTS / "README.rst").read_text().splitlines()}


def test_each_harness_finds_a_defect():
    """A harness that has never failed may be one that cannot."""
    found = {defect.catcher.split()[1] for defect in DEFECTS if defect.catcher != "fuzz"}
    assert found == {proof.source.stem for proof in prove.proofs()}

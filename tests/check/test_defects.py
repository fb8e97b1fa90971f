# SPDX-License-Identifier: GPL-2.0-only
"""The seeded defects still fit the layer, and name what there is. Whether each is found, `make defects` shows."""

import subprocess

import pytest

from pguest import paths, prove, seeded

DEFECTS = seeded.defects()
PROOFS = {f"prove {proof.name}" for proof in prove.proofs()}


ROWS = seeded.rows_of((seeded.DEFECTS / "README.rst").read_text())


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_defect_fits(defect):
    if defect.has_diff:
        subprocess.run(["patch", "-p1", "-s", "-F0", "--dry-run", "-d", paths.ROOT, "-i", defect.patch], check=True)
    assert defect.has_diff or defect.without
    assert all(len(list((paths.ROOT / "hooks").glob(f"{name}.*"))) == 1 for name in defect.without)
    kind = defect.catcher.split()[0]
    assert kind in seeded.CATCHERS and (kind != "prove" or defect.catcher in PROOFS)
    name, catcher, seen, what = ROWS[defect.name]
    assert (name, catcher, what) == (defect.name, defect.catcher, defect.what)
    assert seen.startswith("``")


def test_each_harness_finds_a_defect():
    """A harness that has never failed may be one that cannot; nor may any other catcher."""
    found = {defect.catcher.split()[1] for defect in DEFECTS if defect.catcher.startswith("prove ")}
    assert found == {proof.source.stem for proof in prove.proofs()}
    assert {defect.catcher.split()[0] for defect in DEFECTS} == set(seeded.CATCHERS)

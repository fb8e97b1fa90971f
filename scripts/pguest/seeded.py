# SPDX-License-Identifier: GPL-2.0-only
"""Seeded defects (tests/defects): apply one to a copy of the layer, and see that what should catch it does."""

import io
import re
import shutil
import subprocess
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from pguest import fuzz, fuzz_check, paths, prove, shell, ui

DEFECTS = paths.ROOT / "tests" / "defects"
PARTS = ("arch", "drivers", "include", "kernel", "tests/fuzz", "tests/lib", "tests/monitor")
# Enough for each of the defects: see the table that scripts/defects prints.
FUZZ_CASES = "20000"


@dataclass
class Defect:
    """A patch with one defect, and the command that finds it."""
    name: str
    patch: Path
    what: str
    catcher: str


def defects(only=()):
    found = []
    for patch in sorted(DEFECTS.glob("*.patch")):
        text = patch.read_text()
        found.append(Defect(patch.stem, patch, text.splitlines()[2],
                            re.search(r"^Caught-by: (.*)$", text, re.M)[1]))
    return [defect for defect in found if not only or any(defect.name.startswith(name) for name in only)]


def copy_with(defect, place):
    shutil.rmtree(place, ignore_errors=True)
    for part in PARTS:
        shutil.copytree(paths.ROOT / part, place / part)
    done = subprocess.run(["patch", "-p1", "-s", "-F0", "-d", place, "-i", defect.patch], text=True,
                          capture_output=True, check=False)
    if done.returncode:
        raise ui.Refusal(f"{defect.patch.name} does not apply: {shell.telling_line(done.stdout.splitlines())}")


def by_proof(defect, place):
    """The first property that fails, or nothing."""
    proof, = prove.run_all([defect.catcher.removeprefix("prove ")], root=place, out=place / "prove")
    if not proof.checked:
        raise ui.Refusal(f"{defect.name}: {proof.failures[0]}")
    return proof.failures[0] if proof.failures else None


def by_fuzzer(_defect, place):
    """The first case that the check and its judge do not agree about, or nothing."""
    said = io.StringIO()
    program = fuzz.program(root=place, out=place / "out")
    with redirect_stdout(said):
        wrong = fuzz_check.main(str(program), "0", FUZZ_CASES)
    return said.getvalue().splitlines()[0] if wrong else None


def catch(defect):
    """What the named catcher found; nothing if it found nothing."""
    place = paths.BUILD / "defects" / defect.name
    copy_with(defect, place)
    found = (by_fuzzer if defect.catcher == "fuzz" else by_proof)(defect, place)
    shutil.rmtree(place)
    return found

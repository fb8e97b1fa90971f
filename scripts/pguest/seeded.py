# SPDX-License-Identifier: GPL-2.0-only
"""Seeded defects (tests/defects): apply one to a copy of the layer, and see that what should catch it does.

Proofs and the fuzzer take the layer alone. For a boot there is a kernel tree that has the copy in it, build/defects/linux-*:
it is as it was but for what another defect changes, so that the next kernel is soon built.
"""

import io
import re
import shutil
import subprocess
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from pguest import cpio, cycles, device_campaign, fuzz, fuzz_check, guest, kernel, leaks, paths, prove, shell, source, ui
from pguest.machine import BootFail, Machine, Seen, make_disk

DEFECTS = paths.ROOT / "tests" / "defects"
WORK = paths.BUILD / "defects"
PARTS = ("arch", "drivers", "include", "kernel", "tests/fuzz", "tests/lib", "tests/monitor")
# Enough for each of the defects: see the table that scripts/defects prints.
FUZZ_CASES = "20000"
BOOT_SECONDS = 1800


@dataclass
class Defect:
    """A patch with one defect, and the command that finds it."""
    name: str
    patch: Path
    what: str
    catcher: str
    without: tuple      # hooks that are left out

    @property
    def has_diff(self):
        return "\n+++ " in self.patch.read_text()


def defects(only=()):
    found = []
    for patch in sorted(DEFECTS.glob("*.patch")):
        text = patch.read_text()
        found.append(Defect(patch.stem, patch, text.splitlines()[2],
                            re.search(r"^Caught-by: (.*)$", text, re.M)[1],
                            tuple(re.findall(r"^Without: (.*)$", text, re.M))))
    return [defect for defect in found if not only or any(defect.name.startswith(name) for name in only)]


def copy_with(defect, place):
    shutil.rmtree(place, ignore_errors=True)
    for part in PARTS:
        shutil.copytree(paths.ROOT / part, place / part)
    put_in(defect, place)


def put_in(defect, place):
    for name in defect.without:
        hook, = (place / "hooks").glob(f"{name}.*")
        hook.unlink()
    if not defect.has_diff:
        return
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


def repository():
    """What a kernel tree is integrated with, by name."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=paths.ROOT,
                            text=True, capture_output=True, check=True).stdout
    return [name for name in listed.split("\0") if name and (paths.ROOT / name).is_file()]


def follow(copy):
    """Make the copy what the repository is. What is the same keeps its time, so that nothing is built for it."""
    names = set(repository())
    for old in copy.rglob("*"):
        if old.is_file() and str(old.relative_to(copy)) not in names:
            old.unlink()
    for name in names:
        given, there = paths.ROOT / name, copy / name
        if not there.exists() or there.read_bytes() != given.read_bytes():
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(given, there)


def kernel_with(defect, name="test"):
    """(Image, its output directory): that kernel with the defect in it."""
    layer, tree = WORK / "layer", WORK / f"linux-{paths.DEFAULT}"
    out = WORK / "out" / name
    recipe = kernel.Recipe(name)
    with shell.lock("defects"):
        follow(layer)
        put_in(defect, layer)
        source.unpack(tree, paths.DEFAULT)
        shell.run([layer / "scripts" / "integrate", tree], f"defects-{defect.name}.log", f"integrating {defect.name}")
        kernel.configure(name, tree, out, recipe.fragments)
        kernel.compile_it(f"{name} ({defect.name})", tree, out, *kernel.targets(out))
    return out / "arch" / "arm64" / "boot" / "Image", out


def by_scanner(defect, place):
    """The first page in which the host finds a secret, or nothing."""
    mode = defect.catcher.split()[1]
    image, _ = kernel_with(defect)
    place.mkdir(parents=True)
    _, machine = leaks.guest_with_secrets(lambda **options: Machine(place / "machine", image=image, **options), place,
                                          mode, make_disk(place / "disk.img"), ["kunit.enable=0"])
    try:
        seen = machine.run(leaks.SCENARIO, timeout=BOOT_SECONDS)
    except BootFail as why:
        seen = why.seen or Seen()
    return next(iter(seen.leaks()), None)


def initramfs_with_modules(out, place):
    modules = cpio.Archive()
    guest.add_modules(modules, kernel.modules(out), kernel.release(out))
    place.mkdir(parents=True)
    initrd = place / "initrd"
    initrd.write_bytes(guest.initramfs().read_bytes() + modules.finish())
    return initrd


def by_devices(defect, place):
    """What is wrong after devices of one kind have lied, or nothing."""
    _, mode, kind = defect.catcher.split()
    image, out = kernel_with(defect)
    initrd = initramfs_with_modules(out, place)
    try:
        seen = device_campaign.boot(place / "machine", mode, image, initrd, only=kind)
        wrong = device_campaign.wrong_in(seen, device_campaign.SEEDS)
    except BootFail as why:
        wrong = why.text
    return wrong or None


def by_cycles(defect, place):
    """What is not as it was after so many cycles, or nothing."""
    _, mode, number = defect.catcher.split()
    image, out = kernel_with(defect)
    initrd = initramfs_with_modules(out, place)
    wrong = cycles.run(place, mode, int(number), image, initrd, ["kunit.enable=0"]).wrong
    return wrong[0] if wrong else None


CATCHERS = {"prove": by_proof, "fuzz": by_fuzzer, "secrets": by_scanner, "devices": by_devices, "cycles": by_cycles}
ON_THE_LAYER = ("prove", "fuzz")


def catch(defect):
    """What the named catcher found; nothing if it found nothing."""
    place = WORK / defect.name
    shutil.rmtree(place, ignore_errors=True)
    kind = defect.catcher.split()[0]
    if kind in ON_THE_LAYER:
        copy_with(defect, place)
    found = CATCHERS[kind](defect, place)
    shutil.rmtree(place, ignore_errors=True)
    return found


# The table in the README is what was seen last: of a run of some defects their rows are new.
TABLE = ".. Made by scripts/defects --write"
HEADS = ("defect", "found by", "what was seen", "what is wrong")
MOST = 60


def rows_of(text):
    """{defect: its row}; columns are as wide as the rule of a simple table says."""
    lines = text.partition(TABLE)[2].splitlines()
    rule = next((line for line in lines if line.startswith("=")), "")
    columns = [match.span() for match in re.finditer("=+", rule)]
    rows = [tuple(line[start:end].strip() for start, end in columns) for line in lines if re.match(r"\d\d-", line)]
    return {row[0]: row for row in rows}


def plain(found):
    """Without what is another in each run, and in one cell."""
    text = re.sub(r"^line \d+ |\[ *\d+\.\d+\] *(?:\[ *[TC]\d+\] *)?", "", found)
    text = " ".join(re.sub(r"0x[0-9a-f]{6,}", "0x..", text).replace("`", "'").split())
    return text if len(text) <= MOST else text[:MOST - 2].rstrip() + " .."


def write_row(defect, found):
    """What was seen of it into the README; rows of defects that are no more go."""
    readme = DEFECTS / "README.rst"
    text = readme.read_text()
    rows = rows_of(text)
    rows[defect.name] = (defect.name, defect.catcher, f"``{plain(found)}``" if found else "NOTHING", defect.what)
    there = {defect.name for defect in defects()}
    rows = [HEADS, *(row for name, row in sorted(rows.items()) if name in there)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS))]
    rule = " ".join("=" * width for width in widths)
    lines = [" ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    readme.write_text("\n".join([text.partition(TABLE)[0] + TABLE, "", rule, lines[0], rule, *lines[1:], rule]) + "\n")

# SPDX-License-Identifier: GPL-2.0-only
"""Give the harnesses of tests/prove to CBMC, and read what it found.

A harness includes files of the layer as they are. Its first lines say how:

    /* prove: unwind 8, GRANULES 4 */        loops are unwound that often, and CBMC shows that this is enough
    /* shrink: share.c BATCH 2 */            a constant of that file that is smaller in the proof
    /* define: SHARE REALM */                one more run, with PROVE_SHARE and PROVE_REALM defined
    /* replace: walk:walk_as_proved */       calls of a function that another harness has proved
"""

import re
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from pguest import cbmc, paths, ui

HARNESSES = paths.ROOT / "tests" / "prove"
OUT = paths.BUILD / "prove"
# Two headers of the layer that only the kernel can read.
MODELLED = {"linux/pguest.h", "trace/events/pguest.h"}
CHECKS = ("--bounds-check", "--pointer-check", "--div-by-zero-check", "--signed-overflow-check",
          "--undefined-shift-check", "--unwinding-assertions", "--slice-formula", "--drop-unused-functions")


@dataclass
class Proof:
    """One run of CBMC."""
    name: str
    source: object
    define: str = ""
    ok: bool = False
    checked: int = 0
    failures: list = field(default_factory=list)
    seconds: float = 0.0


def words(source, word):
    return re.findall(rf"^/\* {word}: (.*?) \*/$", source.read_text(), re.M)


def proofs(only=()):
    """All variants of all harnesses; of those alone that are named, by harness or in full."""
    found = []
    for source in sorted(HARNESSES.glob("*.c")):
        for define in words(source, "define") or [""]:
            name = f"{source.stem} {define.lower()}".strip()
            if not only or source.stem in only or name in only:
                found.append(Proof(name, source, define))
    return found


def layer_includes(root):
    return [root / "arch" / "arm64" / "include", root / "include"]


def kernel_headers(root, out):
    """Each kernel header that a file of the layer names, made our model of the kernel."""
    ours = layer_includes(root)
    names = set()
    for place in ("arch", "drivers", "include", "kernel"):
        for path in (root / place).rglob("*.[ch]"):
            names |= set(re.findall(r"^#include <([\w/.-]+)>", path.read_text(), re.M))
    for name in names:
        if name in MODELLED or not any((place / name).exists() for place in ours):
            path = out / "include" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            special = {"linux/pguest.h": '#include "model.h"\n#include <linux/pguest_core.h>\n'}
            path.write_text(special.get(name, '#include "model.h"\n'))


def shrink(proof, root, out):
    """Copies of the files in which a constant is smaller, in front of the originals."""
    for line in words(proof.source, "shrink"):
        name, constant, value = line.split()
        place = out / "small" / proof.source.stem / name
        text = (place if place.exists() else root / name).read_text()
        small, found = re.subn(rf"^(#define\s+{constant}\s+)\S.*$", rf"\g<1>{value}", text, flags=re.M)
        if found != 1:
            raise ui.Refusal(f"{proof.source.name}: {name} has no one {constant}")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(small)


def compile_words(proof, root, out):
    small = out / "small" / proof.source.stem
    includes = [HARNESSES, small, small / "arch" / "arm64" / "include", small / "include", root, out / "include",
                *layer_includes(root), root / "drivers" / "virt" / "coco" / "arm-cca-guest"]
    defines = [f"PROVE_{word}" for word in proof.define.split()]
    defines += [f"PROVE_{name}={value}" for name, value in settings(proof).items() if name != "unwind"]
    return [*(word for name in ("CONFIG_PGUEST", "CONFIG_PGUEST_CCA", *defines) for word in ("-D", name)),
            *(word for place in includes for word in ("-I", str(place)))]


def settings(proof):
    return dict(word.split(" ") for line in words(proof.source, "prove") for word in line.split(", "))


def commands(proof, root, out):
    """Compile; put what was proved elsewhere in its place; check."""
    program = str(out / (proof.name.replace(" ", "-") + ".goto"))
    yield [*cbmc.command("goto-cc"), "-o", program, str(proof.source), *compile_words(proof, root, out)]
    if replaced := words(proof.source, "replace"):
        yield [*cbmc.command("goto-instrument"), *(word for pair in replaced for word in ("--replace-calls", pair)),
               program, program]
    yield [*cbmc.command(), program, *CHECKS, "--unwind", settings(proof)["unwind"]]


def run(proof, root=paths.ROOT, out=OUT):
    start = time.monotonic()
    log = out / f"{proof.name.replace(' ', '-')}.log"
    with open(log, "w") as file:
        for command in commands(proof, root, out):
            file.flush()
            if subprocess.run(command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
                              check=False).returncode:
                break
    said = log.read_text(errors="replace")
    proof.seconds = time.monotonic() - start
    proof.failures = re.findall(r"^\[.*\] (.*): FAILURE$", said, re.M)
    counted = re.search(r"^\*\* (\d+) of (\d+) failed", said, re.M)
    proof.checked = int(counted[2]) if counted else 0
    proof.ok = "VERIFICATION SUCCESSFUL" in said and proof.checked > 0
    if not proof.ok and not proof.failures:
        proof.failures = [f"CBMC did not come to an end: {said.strip().splitlines()[-1:]}"]
    return proof


def run_all(only=(), root=paths.ROOT, out=OUT, jobs=2):
    shutil.rmtree(out, ignore_errors=True)
    kernel_headers(root, out)
    wanted = proofs(only)
    cbmc.command()
    for proof in {proof.source: proof for proof in wanted}.values():
        shrink(proof, root, out)
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda proof: run(proof, root, out), wanted))

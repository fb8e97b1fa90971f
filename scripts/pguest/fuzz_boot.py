# SPDX-License-Identifier: GPL-2.0-only
"""Boot trees that `treefuzz` has made, under the monitor: what came of them, as the monitor saw it.

A boot may end in any way that is an end: with the guest's summary, or with a reason of ours or of
Linux's. It may not end with a page table or a secret in the host's hands, nor without an end.
"""

import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from pguest.machine import SECRET, BootFail, Machine, Timeout

MODES = ("pkvm", "cca", "pkvm-android")
# Not what is tried here: whether Linux takes a tree without its devices.
ENDS = ("off", "reset", "timeout", "fail")
REASON = re.compile(r"pguest: (?!ignored|pKVM|CCA)|Kernel panic")


def boot(directory, mode, lines, make=None):
    patch = directory / "fdt.patch"
    patch.write_text(lines)
    monitor = {"timeout": 40, "fdt_patch": patch}
    if mode == "cca":
        monitor.update({"measure": 0, "hidden_ram": 16})
    machine = make(mode=mode, ram_mib=256, secret=SECRET, monitor=monitor) if make else \
        Machine(directory, mode=mode, ram_mib=256, secret=SECRET, monitor=monitor)
    machine.add_rng()
    return machine.run("nothing", timeout=60, ends=ENDS, allow=[".*"])


def judge(seen):
    """How a boot ended, and what is wrong with that, if anything."""
    tables = seen.monitor["page_tables"]["outside"]
    secrets = seen.monitor["secrets_found"]
    if tables or secrets:
        return "broken into", f"{tables} page tables, {secrets} secrets"
    if any("option" in why or "fdt_patch" in why for why in seen.monitor["failures"]):
        return "no tree", None
    if seen.summary:
        return "worked", None
    if seen.lines(REASON):
        return "ended with a reason", None
    # Without a console, as the tree names none or before it is there, a panic is a reset without a line.
    if seen.exit in ("off", "reset"):
        return "ended early", None
    return "hung", f"{seen.exit}: {seen.console[-1] if seen.console else 'no line'}"


def hung(why):
    """Linux spins without a word on a tree that its own first look refuses; that is before pguest_probe()."""
    said = [line for line in why.seen.console if not line.startswith("monitor: ")]
    return ("failed", str(why.text)) if said else ("hung before the probe", None)


def main(program, first, count):
    """Boot cases in each mode in turn; 1 if one of them was broken into or failed."""
    figures, wrong = Counter(), []
    case = int(first, 0)
    while sum(figures.values()) < int(count, 0):
        lines = subprocess.run([program, "show", str(case)], check=True, capture_output=True, text=True).stdout
        mode = MODES[case % len(MODES)]
        with tempfile.TemporaryDirectory() as directory:
            try:
                how, problem = judge(boot(Path(directory), mode, lines))
            except Timeout as why:
                how, problem = hung(why)
            except BootFail as why:
                how, problem = "failed", str(why.text)
        if how != "no tree":
            figures[how] += 1
        if problem:
            wrong.append(f"case {case}, {mode}: {how}: {problem}")
            print(wrong[-1], flush=True)
        case += 1
    print(f"treefuzz: {sum(figures.values())} trees booted: "
          + ", ".join(f"{times} {how}" for how, times in figures.most_common()) + f"; {len(wrong)} wrong")
    return 1 if figures["broken into"] or figures["failed"] else 0

# SPDX-License-Identifier: GPL-2.0-only
"""Data races, in boots of a kernel with KCSAN: KUnit's suites, workloads, and devices that lie."""

import re
import shutil
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from pguest import coverage, device_campaign
from pguest.machine import BootFail, Machine, make_disk

# A CPU waits at one of so many accesses for another one. An emulated CPU takes longer than KCSAN's own values are made for.
WORDS = ("kcsan.skip_watch=1000", "kcsan.udelay_task=300", "kcsan.udelay_interrupt=100")
REPORT = re.compile(r"BUG: KCSAN: data-race in (\S+)(?: / (\S+))?")
CYCLES, DEVICES = 10, 4
NO_KUNIT = ("kunit.filter_glob=none",)
# (scenario, words): what a guest does. KUnit's suites run at the boot of the first of them alone.
WORKS = (("kunit", ()), ("io", NO_KUNIT), ("balance", (*NO_KUNIT, f"pguest_cycles={CYCLES}")), (device_campaign.SCENARIO, ()))
CHALLENGE = "5a" * 64
# Who reads without a lock, and why that is as it should be.
HARMLESS = {
    "vring_interrupt": "an interrupt looks whether there is something in a queue, which its driver uses at the same time",
}
SECONDS = 1500


@dataclass
class Result:
    """(function, function) of each report and how often it came, and boots that something else was wrong with."""
    reports: Counter = field(default_factory=Counter)
    boots: int = 0
    broken: list = field(default_factory=list)
    seconds: float = 0.0


def reports_in(console):
    """The two functions of each report, by name; for a value that changed the only one."""
    return Counter(tuple(sorted(filter(None, match.groups()))) for match in filter(None, map(REPORT.search, console)))


def functions_of(paths):
    """The names of the functions that objects have."""
    listed = subprocess.run(["aarch64-linux-gnu-nm", *paths], check=True, capture_output=True, text=True).stdout
    return {line.split()[2] for line in listed.splitlines() if re.match(r"^[0-9a-f]+ [tTwW] ", line)}


def owners(out):
    """{function: layer or driver} in the kernel in `out`: what is not in it is the kernel's own."""
    found = {}
    for driver, objects in coverage.DRIVERS.items():
        if there := [out / name for name in objects if (out / name).exists()]:
            found.update(dict.fromkeys(functions_of(there), driver))
    layer = [path for path in (out / "pguest").rglob("*.o") if "tests" not in path.parts and not path.name.startswith(("built-in", "."))]
    found.update(dict.fromkeys(functions_of(layer), "layer"))
    return found


def owner(pair, owned):
    """Whose race it is: the layer's before a driver's."""
    whose = {owned[name] for name in pair if name in owned}
    return "layer" if "layer" in whose else min(whose, default="")


def is_harmless(pair):
    return any(name in HARMLESS for name in pair)


def boot(directory, mode, image, initrd, work):
    """One of WORKS."""
    scenario, words = work
    if scenario == device_campaign.SCENARIO:
        return device_campaign.boot(directory, mode, image, initrd, seeds=1, devices=DEVICES, words=WORDS, allow=["KCSAN"])
    directory.mkdir(parents=True)
    machine = Machine(directory / "machine", mode=mode, cpus=2, parallel=True, image=image, initrd=initrd, challenge=CHALLENGE,
                      append=[*WORDS, *words])
    if scenario != "kunit":
        machine.add_all(make_disk(directory / "disk.img")).add_balloon()
    return machine.run(scenario, timeout=SECONDS, allow=["KCSAN"])


def wrong_in(seen):
    """The first check, or case of KUnit's, that failed; or nothing."""
    return next(iter([*seen.failed_checks(), *seen.lines(r"\bnot ok ")]), "")


def run(directory, modes, image, initrd, each=None):
    """Each work in each mode, one boot at a time: a race takes two CPUs that run at the same time."""
    result, start = Result(), time.monotonic()
    shutil.rmtree(directory, ignore_errors=True)
    for mode in modes:
        for work in WORKS:
            # Devices that lie are tried in the modes of their campaign.
            if work[0] == device_campaign.SCENARIO and mode not in device_campaign.MODES:
                continue
            where = Path(directory) / f"{mode}-{work[0]}"
            try:
                seen = boot(where, mode, image, initrd, work)
                wrong = wrong_in(seen)
            except BootFail as why:
                seen, wrong = why.seen, why.text
            result.boots += 1
            result.reports += reports_in(seen.console if seen else [])
            result.seconds = time.monotonic() - start
            if wrong:
                result.broken.append((mode, work[0], wrong))
            if each:
                each(mode, work[0], result, wrong)
    return result


def table(result, owned):
    """Rows for ui.table(): each pair, how often, and whose it is."""
    def words(pair):
        whose = owner(pair, owned)
        return f"{whose}, harmless" if whose and is_harmless(pair) else whose or "the kernel's own"
    return [*((" / ".join(pair), f"{number:4}  {words(pair)}") for pair, number in result.reports.most_common()),
            ("boots", result.boots), ("broken", len(result.broken)), ("minutes", f"{result.seconds / 60:.0f}")]


def faults(result, owned):
    """The pairs that someone has to look at: of the layer, or of the drivers of devices."""
    return [pair for pair in sorted(result.reports) if owner(pair, owned) and not is_harmless(pair)]

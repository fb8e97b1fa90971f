# SPDX-License-Identifier: GPL-2.0-only
"""Devices that lie, by the thousand: KUnit's pguest_device_fuzz, run again and again in boots of the test kernel."""

import re
import shutil
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from pguest import coverage
from pguest.machine import BootFail, Machine, Seen

# Mainline's pKVM lets a guest give no pages up, so a balloon would have nothing to lie about there.
MODES = ("pkvm-android", "cca")
SUITE = "pguest_device_fuzz"
DEVICES = 40        # of each kind and ring for a seed: KUnit ends a case that takes too long
SEEDS = 10          # in a boot: what the devices do not give back is lost to it
MOST_BROKEN = 3     # more say nothing new
PARALLEL = 4        # of so many rounds, the CPUs of one run at the same time, and take half as much time again for a lie
WALL_SECONDS = 3600
FIGURES = re.compile(r"# hostile_(\w+): (split|packed) ring: (\d+) devices, (\d+) lies")
# DMA debugging counts to seven, and a driver maps a buffer once more that a device has never given back.
WORDS = ("kunit.autorun=1", "dma_debug=off", "rcupdate.rcu_expedited=1")
SCENARIO = "devices-that-lie"
# Those of the drivers that a protected VM has by itself, and those that its owner can allow
ON_THE_LIST = ("disks", "networks", "consoles", "random_sources", "balloons")
ALLOWED_HERE = {"inputs": "virtio_input", "sockets": "vmw_vsock_virtio_transport", "shares": "9pnet_virtio",
                "filesystems": "virtiofs", "scsi_hosts": "virtio_scsi",
                "gpus": "virtio_gpu"}
KINDS = (*ON_THE_LIST, *ALLOWED_HERE)
# DRM is a large part of a kernel to build: test-kasan has it, and test does not.
WITH_KASAN_ALONE = ("gpus",)
# KUnit prints so where a case provokes it; requests to disks that lie end in errors.
ALLOWED = (r"^\[.*\]\s+# ", "I/O error")


@dataclass
class Result:
    """{(kind, ring): how many} of devices and lies, {function: blocks} of what they have reached, and the boots that something
    was wrong with: (mode, seed, what)."""
    devices: Counter = field(default_factory=Counter)
    lies: Counter = field(default_factory=Counter)
    reached: dict = field(default_factory=dict)
    broken: list = field(default_factory=list)
    boots: int = 0
    seconds: float = 0.0

    def add(self, console):
        for line in console:
            if match := FIGURES.search(line):
                self.devices[match[1], match[2]] += int(match[3])
                self.lies[match[1], match[2]] += int(match[4])
        for name, blocks in coverage.reached_in(console).items():
            self.reached[name] = self.reached.get(name, set()) | blocks


def boot(directory, mode, image, initrd, first_seed=1, seeds=SEEDS, devices=DEVICES, only="", parallel=True, blind=False, words=(), allow=()):
    """`initrd` has the drivers that are modules; `only`: one kind of devices, as disks or random_sources."""
    chosen = f"{SUITE}.hostile_{only}" if only else SUITE
    machine = Machine(directory, mode=mode, cpus=2, image=image, initrd=initrd, parallel=parallel, append=[
        *WORDS, *words, *(f"pguest.devices=+virtio:{driver}" for driver in ALLOWED_HERE.values()), f"kunit.filter_glob={chosen}",
        *([f"pguest_case=hostile_{only}"] if only else []), f"pguest_devices={devices}", f"pguest_seeds={seeds}",
        f"pguest_first_seed={first_seed}", f"pguest_blind={int(blind)}"])
    return machine.run(SCENARIO, timeout=WALL_SECONDS, allow=[*ALLOWED, *allow])


def wrong_in(seen, seeds):
    """The first thing that is not as it should be, or nothing."""
    failed = [*seen.lines(r"\bnot ok "), *seen.lines("# SKIP pguest.devices="), *seen.failed_checks()]
    # At boot nothing asks for devices, and the suite is skipped.
    runs = len(seen.lines(rf"\]\s*ok \d+ (?:- )?{SUITE}$"))
    return failed[0] if failed else "" if runs == seeds else f"the suite ran {runs} times"


def run(directory, lies, seed, image, initrd, kinds=(), each=None, jobs=1, blind=False):
    """Boot until there were so many lies, in one boot at least for each mode and each of some kinds."""
    result, start = Result(), time.monotonic()
    turns = [(mode, kind) for kind in kinds or ("",) for mode in MODES]
    begun, under_way = 0, set()

    def is_enough():
        tried = begun >= len(turns) and sum(result.lies.values()) >= lies
        return tried or len(result.broken) >= MOST_BROKEN

    # A device's life is in large part waiting: more boots at a time than there are CPUs try more devices.
    with ThreadPoolExecutor(jobs) as pool:
        while under_way or not is_enough():
            while len(under_way) < jobs and not is_enough():
                mode, kind = turns[begun % len(turns)]
                parallel = begun // len(turns) % PARALLEL == 0
                under_way.add(pool.submit(one_boot, Path(directory), mode, kind, seed + begun * SEEDS, image, initrd, parallel, blind))
                begun += 1
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for mode, first_seed, console, wrong in (boot.result() for boot in done):
                result.add(console)
                result.boots += 1
                result.seconds = time.monotonic() - start
                if wrong:
                    result.broken.append((mode, first_seed, wrong))
                if each:
                    each(mode, first_seed, result, wrong)
    return result


def one_boot(directory, mode, kind, seed, image, initrd, parallel, blind=False):
    """Mode, seed, console, and what is wrong; what a boot leaves stays if something is."""
    place = directory / f"seed-{seed}"
    try:
        seen = boot(place, mode, image, initrd, seed, only=kind, parallel=parallel, blind=blind)
        wrong = wrong_in(seen, SEEDS)
    except BootFail as why:
        seen, wrong = why.seen or Seen(), why.text
    if not wrong:
        shutil.rmtree(place)
    return mode, seed, seen.console, wrong


def table(result):
    """Rows for ui.table(): what was tried, by device and ring."""
    rows = [(f"{kind.replace('_', ' ')}, {ring} ring", f"{result.devices[kind, ring]:7} devices {result.lies[kind, ring]:8} lies")
            for kind, ring in sorted(result.lies)]
    minutes = result.seconds / 60
    return [*rows, ("all", f"{sum(result.devices.values()):7} devices {sum(result.lies.values()):8} lies"),
            ("boots", result.boots), ("broken", len(result.broken)),
            ("lies a minute", f"{sum(result.lies.values()) / minutes:.0f}" if minutes else "-")]


def reach(result, out):
    """Rows for ui.table(): how much of each driver's code in the kernel in `out` was reached."""
    return [(driver, f"{reached:5} of {every:5} blocks, {100 * reached // every:3}%")
            for driver, (reached, every) in coverage.of_all(coverage.all_blocks(out), result.reached).items() if every]

# SPDX-License-Identifier: GPL-2.0-only
"""What goes comes back, by the thousand: drivers, devices, CPUs and the bounce pool's memory (scenario balance)."""

from dataclasses import dataclass, field
from pathlib import Path

from pguest.machine import SECRET, BootFail, Machine, Seen, make_disk, sha256_in_disk

SCENARIO = "balance"
MARKS = {"before": 10, "after": 11}
RAM_MIB = 256
# A page for each tenth cycle of 10,000 would be 4 MiB.
LEAK_KIB = 1024
# Queues of a network are not always equally full.
SMALL_BUFFERS = 25
# Of each size of small buffers there may be a block more, and each CPU has its own.
SLOTS = 3 * 32
# It comes and goes by pieces, and two of its areas may have one or none more than the others.
POOL_KIB = 1024
SECONDS_A_CYCLE = 5
# Not what each device and each CPU says when it comes
LOGLEVEL = 6


@dataclass
class Balance:
    """What there was before and after, and what is wrong."""
    mode: str
    cycles: int
    seen: Seen
    wrong: list = field(default_factory=list)
    figures: list = field(default_factory=list)     # (what, before, after)


def run(directory, mode, cycles, image, initrd=None, append=()):
    """`initrd` has the drivers that are modules, if there are any."""
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    disk = make_disk(directory / "disk.img")
    guest = Machine(directory / "machine", mode=mode, cpus=2, parallel=True, ram_mib=RAM_MIB, image=image, secret=SECRET, initrd=initrd,
                 append=[f"pguest_cycles={cycles}", f"loglevel={LOGLEVEL}", *append])
    guest.add_disk(disk).add_net().add_rng().add_balloon()
    try:
        seen = guest.run(SCENARIO, timeout=300 + SECONDS_A_CYCLE * cycles)
    except BootFail as why:
        return Balance(mode, cycles, why.seen or Seen(), [why.text])
    done = Balance(mode, cycles, seen)
    weigh(done)
    if sha256_in_disk(disk, "/data") != seen.values.get("disk_sha256"):
        done.wrong.append("the disk does not have what was written to it")
    return done


def weigh(done):
    """Compare by the guest's own account, and by what the monitor saw at the same moments."""
    seen = done.seen
    if failed := seen.failed_checks():
        done.wrong += failed
        return

    def compare(what, before, after, most=0):
        done.figures.append((what, before, after))
        if abs(after - before) > most:
            done.wrong.append(f"{what}: {before} before, {after} after")

    def of_guest(name):
        return [seen.number(f"{when}_{name}") for when in MARKS]

    pool_shared, pool_present = zip(*(map(int, seen.values[f"{when}_pool"].split()) for when in MARKS))
    granule = seen.number("status_granule")
    shared = [count * granule - pool >> 10 for count, pool in zip(of_guest("shared"), pool_shared)]
    by_monitor = [seen.phase(mark)["shared"] * seen.monitor["granule"] - pool >> 10
                  for mark, pool in zip(MARKS.values(), pool_shared)]
    compare("KiB shared outside of the bounce pool", *shared)
    compare("the same by the monitor's account", *by_monitor)
    compare("KiB of the bounce pool", *(present >> 10 for present in pool_present), most=POOL_KIB)
    compare("slots of it in use", *of_guest("slots"), most=SLOTS)
    compare("small buffers in use", *of_guest("cells"), most=SMALL_BUFFERS)
    compare("KiB of memory that is free or the pool's",
            *(free + kept + (present >> 10) for free, kept, present in zip(of_guest("free"), of_guest("kept"), pool_present)),
            most=LEAK_KIB)
    compare("granules lost", 0, seen.number("lost"))
    compare("secrets that the host found", 0, seen.monitor["secrets_found"])
    compare("accesses blocked", 0, sum(seen.blocked.values()))
    if seen.values["before_owners"] != seen.values["after_owners"]:
        done.wrong.append(f"owners: {seen.values['before_owners']} before, {seen.values['after_owners']} after")


def table(results):
    """Rows for ui.table(): what there was before and after, by mode."""
    rows = []
    for done in results:
        rows.append((f"{done.mode}: {done.cycles} cycles", None))
        rows += [(what, f"{before} {'' if before == after else f'-> {after}'}".strip()) for what, before, after in done.figures]
        rows.append(("pieces of the pool that were given back", done.seen.values.get("pieces", "-")))
    return rows

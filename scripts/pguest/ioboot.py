# SPDX-License-Identifier: GPL-2.0-only
"""The boot that `make run` shows: all devices, real data, every check of verdict.py.

The same for each kernel and each mode, so that a matrix is a loop over it.
"""

import secrets
from dataclasses import dataclass

from pguest import dice, paths, verdict
from pguest.machine import BootFail, Machine, Seen, make_disk

# Where the host offers steal time, it takes so many percent of each CPU.
STEAL = 20

# KVM of 7.2 hides from a protected VM that there are pages of 16 KiB, and no such kernel starts there.
# Later ones show it (ID_AA64MMFR0_EL1.TGRAN16), and so does the monitor with its option.
SHOW_16_KIB = {"show": "7,0,20,1"}


def pages_shown(image_name, mode):
    """Monitor options for a kernel of that name."""
    return SHOW_16_KIB if mode == "pkvm" and "16k" in image_name.split("-") else {}


def has_firmware(new_machine, mode, monitor):
    """Does this host play a firmware that hands over a secret (DICE)? tests/monitor/handover.c says where it cannot."""
    return new_machine is Machine and mode in verdict.PKVM and not {"acpi", "ragged"} & set(monitor or {})


@dataclass
class Outcome:
    guest: Machine
    seen: Seen
    checks: dict
    failures: list


def boot(directory, image, mode, *, new_machine=Machine, judge=verdict.judge, cpus=2, ram_mib=512,
         timeout=240, live=None, monitor=None, append=()):
    """Boot `image` in `mode`, with more options for the monitor; never raises for what the guest does."""
    disk = make_disk(directory / "disk.img")
    options = {"append": [*append], **({"monitor": monitor} if monitor else {})}
    # A real host takes pages when it likes; the guest has no sign of it.
    if new_machine is Machine and mode in verdict.HAVE_STEAL_TIME:
        options["monitor"] = {"steal": STEAL, **(monitor or {})}
        options["append"] += [f"pguest_steal={STEAL}"]
    firmware = has_firmware(new_machine, mode, monitor)
    guest = new_machine(directory, mode=mode, cpus=cpus, ram_mib=ram_mib, image=image,
                        secret=f"{secrets.randbits(64) | 1 << 63:#018x}",
                        challenge=verdict.new_challenge() if firmware or mode == "cca" else None, **options)
    if firmware:
        guest.hand_over(dice.for_guest(paths.MONITOR, paths.monitor_image(), guest.image, guest.initrd).data)
    guest.add_all(disk)
    failures = []
    try:
        seen = guest.run("io", timeout=timeout, live=live)
    except BootFail as failure:
        seen = failure.seen or Seen()
        failures.append(f"{type(failure).__name__}: {failure.text}")
    checks = judge(seen, guest, disk) if seen.monitor else {}
    failures += [f"{name}: {seen.reasons.get(name) or 'not so'}" for name, ok in checks.items() if not ok]
    failures += seen.monitor.get("failures", [])
    return Outcome(guest, seen, checks, failures)

# SPDX-License-Identifier: GPL-2.0-only
"""Kernels that start one another in a protected VM of a real pKVM host, and one that crashes there."""

import struct

import pytest
from checks import assert_clean, assert_disk_is_right, assert_ledger_is_true

from pguest import paths
from pguest.coredump import MIB, PAGE, Dump, ranges
from pguest.machine import SECRET, make_disk, put_in_disk
from pguest.verdict import MARK_DONE, MARK_USER_SPACE

# Six boots in a machine in a machine, for which make test has no time
pytestmark = [pytest.mark.xdist_group("host-kexec"), pytest.mark.matrix]

LIVES = 4
# tests/vmm/layout.h has the address.
RAM_BASE, RAM_MIB, CRASH_MIB = 0x40000000, 256, 96
PATTERN = struct.pack("<Q", int(SECRET, 16))


def disk_of_kernels(host, name, image, numbers):
    """What the guest's kernels start next."""
    disk = host.disk_of[name] = make_disk(host.directory / f"{name}.img", mib=128)
    put_in_disk(disk, paths.INITRAMFS, "initramfs")
    for number in numbers:
        put_in_disk(disk, host.built(image), f"Image{number}")
    return disk


def phases(seen):
    """What the host could read at each mark of a guest's."""
    return [phase for phase in seen.monitor["phases"] if phase["id"] in (MARK_USER_SPACE, MARK_DONE)]


def seen_ranges(phase):
    assert phase["seen_left_out"] == 0
    return [(int(start, 16), size) for start, size in phase["seen"]]


def shared_outside(phase, memory):
    """Granules that the host can read which are in none of the ranges `memory`."""
    inside = sum(max(0, min(start + size, high) - max(start, low))
                 for start, size in seen_ranges(phase) for low, high in memory)
    return phase["shared"] - inside // PAGE


@pytest.fixture(scope="module")
def host(new_host):
    host = new_host()
    host.vm("kexec", "kexec", cpus=2, ram_mib=RAM_MIB, secret=SECRET, append=[f"pguest_lives={LIVES}"], deadline=1200) \
        .add_disk(disk_of_kernels(host, "kexec", "guest", range(2, LIVES + 1))).add_net().add_rng()
    host.kept = make_disk(host.directory / "dump.img", mib=RAM_MIB, ext4=False)
    # The VMM does not look for the secret: the dump has it, and is written in the clear here.
    host.vm("kdump", "kdump", cpus=4, ram_mib=RAM_MIB, deadline=1200,
            append=[f"crashkernel={CRASH_MIB}M", f"pguest_secret={SECRET}", "pguest_crash=sysrq", "pguest_after=2000"],
            allow=["Kernel panic", "sysrq: Trigger a crash", "failed to stop secondary CPUs",
                   r"WARNING: .* machine_kexec\+"]) \
        .add_disk(disk_of_kernels(host, "kdump", "guest", [2])).add_disk(host.kept).add_net()
    return host.boot(timeout=2400)


def test_host_survives(host):
    assert host.failure is None


def test_three_times_in_a_row(host):
    """Each kernel works its devices. pKVM refuses to share a granule twice, and the host finds no secret."""
    seen = host.seen("kexec")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert all(seen.checks[f"{check}{life}"] for life in range(1, LIVES + 1)
               for check in ("disk_reads_back", "net_sends", "net_receives", "rng_reads", "disk_unmounts"))
    marks = [phase["id"] for phase in phases(seen)]
    assert marks == [MARK_USER_SPACE] * LIVES + [MARK_DONE]
    assert seen.number("lost") == 0
    assert_disk_is_right(seen, host.disk_of["kexec"])


def test_a_crash_leaves_a_complete_dump(host):
    """Private pages as they were, in all RAM but the crash kernel's, which shares a pool in its own memory alone."""
    seen = host.seen("kdump")
    assert seen.checks["dump_is_saved"], seen.reasons
    assert_clean(seen)
    dump = Dump(host.kept, int(seen.values["dump_bytes"]))
    crash_memory = ranges(seen.values["crash_memory"])
    assert not dump.holes(RAM_BASE, RAM_BASE + RAM_MIB * MIB, crash_memory)
    assert dump.memory(int(seen.values["private_page"], 16), PAGE) == PATTERN * (PAGE // 8)
    assert b"OSRELEASE=" in dump.notes
    _, begin, end = phases(seen)
    assert shared_outside(begin, crash_memory) == shared_outside(end, crash_memory) > 0
    assert 0 < end["shared"] - shared_outside(end, crash_memory) < 16 * MIB // PAGE
    assert not any(PATTERN in dump.memory(start, size) for start, size in seen_ranges(end) if dump.has(start))

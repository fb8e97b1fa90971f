# SPDX-License-Identifier: GPL-2.0-only
"""Kernels that start one another in a realm under a real RMM, and one that crashes there."""

import struct

from pguest import paths, rmm_verdict
from pguest.coredump import MIB, PAGE, Dump, ranges
from pguest.machine import SECRET, make_disk, put_in_disk, sha256_in_disk
from pguest.rmm_host import GUEST_RAM
from pguest.verdict import MARK_USER_SPACE

LIVES = 3
RAM_MIB, CRASH_MIB = 256, 96
PATTERN = struct.pack("<Q", int(SECRET, 16))
TIMEOUT = 1500


def disk_of_kernels(tmp_path, image, numbers):
    """What the guest's kernels start next."""
    disk = make_disk(tmp_path / "kernels.img")
    put_in_disk(disk, paths.INITRAMFS, "initramfs")
    for number in numbers:
        put_in_disk(disk, image, f"Image{number}")
    return disk


def assert_clean(seen):
    assert not seen.failed_checks()
    assert not [name for name, ok in rmm_verdict.host_checks(seen).items() if not ok]


def test_kexec_twice(new_realm, tmp_path, built):
    """Each kernel works its devices; what it shared, the RMM has as the realm's RAM again when the next one starts."""
    disk = disk_of_kernels(tmp_path, built("guest"), range(2, LIVES + 1))
    guest = new_realm(ram_mib=RAM_MIB, secret=SECRET, append=[f"pguest_lives={LIVES}"])
    seen = guest.add_disk(disk).add_net().add_rng().run("kexec", timeout=TIMEOUT)
    assert_clean(seen)
    assert rmm_verdict.ledger_is_true(seen)
    assert seen.monitor["secrets_found"] == 0
    assert all(seen.checks[f"{check}{life}"] for life in range(1, LIVES + 1)
               for check in ("disk_reads_back", "net_sends", "net_receives", "rng_reads", "disk_unmounts"))
    # The line that says so comes when the virtio console is gone. What the host saw:
    begin = [phase["shared"] for phase in seen.monitor["phases"] if phase["id"] == MARK_USER_SPACE]
    assert len(begin) == LIVES
    assert all(begin[life] < seen.number(f"shared{life}") for life in range(1, LIVES))
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


def test_a_crash_leaves_a_complete_dump(new_realm, tmp_path, built):
    """Private pages as they were, in all RAM but the crash kernel's."""
    kept = make_disk(tmp_path / "dump.img", mib=RAM_MIB, ext4=False)
    # The host does not look for the secret: the dump has it, and is written in the clear here.
    guest = new_realm(cpus=2, ram_mib=RAM_MIB, append=[
        f"crashkernel={CRASH_MIB}M", f"pguest_secret={SECRET}", "pguest_crash=sysrq", "pguest_after=2000"])
    guest.add_disk(disk_of_kernels(tmp_path, built("guest"), [2])).add_disk(kept).add_net()
    seen = guest.run("kdump", timeout=TIMEOUT, allow=[
        "Kernel panic", "sysrq: Trigger a crash", "failed to stop secondary CPUs", r"WARNING: .* machine_kexec\+"])
    assert seen.checks["dump_is_saved"], seen.reasons
    assert_clean(seen)
    dump = Dump(kept, int(seen.values["dump_bytes"]))
    assert not dump.holes(GUEST_RAM, GUEST_RAM + RAM_MIB * MIB, ranges(seen.values["crash_memory"]))
    assert dump.memory(int(seen.values["private_page"], 16), PAGE) == PATTERN * (PAGE // 8)
    assert b"OSRELEASE=" in dump.notes

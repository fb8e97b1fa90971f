# SPDX-License-Identifier: GPL-2.0-only
"""The bounce pool is smaller than what devices can ask for at once."""

import pytest
from test_io import PROTECTED, assert_clean, assert_ledger_is_true
from tree import Patch

from pguest.machine import make_disk, sha256_in_disk


@pytest.mark.parametrize("mode", PROTECTED)
def test_parallel_io_waits_for_a_full_pool(new_machine, tmp_path, mode):
    """16 writers of 512 KiB requests on four disks in a 64 MiB machine: all end, all data right.

    That is twice what its pool holds. The kernel may say that the pool is
    full; what upstream makes of it, an endless loop of that line, would end
    the hammer by its alarm.
    """
    guest = new_machine(mode=mode, cpus=4, ram_mib=64)
    for number in range(4):
        guest.add_disk(make_disk(tmp_path / f"disk{number}.img", mib=32, ext4=False))
    seen = guest.run("exhaust", timeout=200)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.values["hammer"] == "SUMMARY: hammer: 16 passed, 0 failed"
    assert seen.number("bytes_bounced") >= 2 * 16 * 4 << 20


def test_large_pool_costs_what_is_used_of_it(new_machine, disk):
    """Half of RAM as a pool: not a page of it is touched at boot, which would be an exit for each."""
    pool_mib = 256
    seen = new_machine(mode="pkvm", ram_mib=2 * pool_mib, append=[f"swiotlb={pool_mib << 9}"]) \
        .add_disk(disk).run("disk")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.monitor["faults"]["first_touch"] < pool_mib << 20 >> 12


def add_mmio_disk(guest, path):
    guest.devices += ["-global", "virtio-mmio.force-legacy=false",
                      "-drive", f"file={path},if=none,id=mmio,format=raw,cache=unsafe",
                      "-device", "virtio-blk-device,drive=mmio"]


def test_queues_of_virtio_mmio(new_machine, disk, tmp_path):
    """1024 entries, a page for each of a console's: a pool of 4 MiB would be gone before the disk is looked at.

    QEMU has no SMMU before virtio-mmio, so that no access is checked here.
    """
    guest = new_machine(mode="pkvm", ram_mib=64, monitor={"allow_bypass": 1})
    add_mmio_disk(guest, disk)
    guest.devices += ["-device", "virtio-serial-device",
                      "-chardev", f"file,id=hvc0,path={tmp_path / 'hvc0'}", "-device", "virtconsole,chardev=hvc0"]
    seen = guest.run("disk")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


@pytest.mark.parametrize("mode", ["pkvm", "pkvm-android"])
def test_disk_without_a_pool_beside_one_that_has_it(new_machine, disk, tmp_path, mode):
    """swiotlb=noforce, and a restricted pool for PCI alone: requests of the disk on virtio-mmio end in errors.

    That the other disk's pool is in use makes no difference to them. In a realm QEMU's virtio-mmio cannot reach
    its rings, as no SMMU takes the bit of shared memory out of their addresses.
    """
    pool = Patch().pool(None, 4 << 20).option(tmp_path)
    guest = new_machine(mode=mode, monitor={"allow_bypass": 1, **pool}, append=["swiotlb=noforce"])
    add_mmio_disk(guest.add_disk(disk), make_disk(tmp_path / "other.img", mib=32, ext4=False))
    seen = guest.run("two-disks", allow=["I/O error"])
    assert_ledger_is_true(seen)
    assert not seen.failed_checks()
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]
    assert seen.values["other_disk"] == "fails"
    assert seen.owners()["bounce-pool"] == 0
    assert seen.owners()["restricted-pool"] > 0


def test_restricted_pool_of_which_a_part_is_refused(new_machine, disk):
    """More than half of it is shared: requests wait for that part, whatever is shared of the default pool."""
    guest = new_machine(mode="pkvm", monitor={"restricted_pool": 4, "fail_share": 1000, "fail_every": 1})
    seen = guest.add_disk(disk).run("disk")
    assert_ledger_is_true(seen)
    assert not seen.failed_checks()
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]
    assert seen.lines("pguest: bounce pool: segment at .* cannot be shared")
    assert (4 << 20 >> 12) / 2 < seen.owners()["restricted-pool"] < 4 << 20 >> 12

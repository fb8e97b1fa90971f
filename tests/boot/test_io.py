# SPDX-License-Identifier: GPL-2.0-only
"""Devices work and data arrive whole, on machines of every shape."""

import hashlib
import os

import pytest

from pguest import cpio, evidence, ioboot, paths, verdict
from pguest.machine import SECRET, make_disk, sha256_in_disk

PROTECTED = ["pkvm", "pkvm-android", "cca"]


def assert_clean(seen):
    """What is true of every boot of ours that nobody attacks, by the monitor's account."""
    checks = verdict.monitor_checks(seen)
    assert all(checks.values()), [name for name, ok in checks.items() if not ok]
    assert not seen.failed_checks()


def assert_ledger_is_true(seen):
    assert seen.monitor["secrets_found"] == 0
    # A guest may count in larger units than the monitor.
    units = seen.number("status_granule") // seen.monitor["granule"]
    assert verdict.shared_by_call(seen) * units == seen.phase(verdict.MARK_DONE)["shared"]
    assert seen.owners()["other"] == 0


def assert_lists_are_equal(seen, mode, ram_mib=512):
    """What the monitor saw shared when the work was done is the guest's list, page by page; and it counted on the way."""
    run = evidence.Run({"mode": mode, "host": "monitor", "ram_mib": ram_mib}, seen.monitor, seen.console, seen)
    done = next(one for one in evidence.maps(run) if one["name"] == evidence.PHASES[verdict.MARK_DONE])
    owners = {name: count * run.granule for name, count in seen.owners().items() if count and name not in evidence.HOST_PAGES}
    assert evidence.by_owner(done["pieces"]) == owners and not done["left_out"]
    times = [sample[0] for sample in seen.monitor["history"]]
    assert 8 < len(times) <= 128 and times == sorted(set(times))
    assert seen.monitor["history"][-1][2] <= seen.shared["peak"]


@pytest.mark.parametrize("mode, options", [
    *((mode, {}) for mode in PROTECTED),
    pytest.param("plain", {}, marks=pytest.mark.matrix),
    pytest.param("cca", {"rmm": "tf"}, id="cca-tf", marks=pytest.mark.matrix),
])
def test_disk_network_rng_and_console_move_data_whole(built, tmp_path, mode, options):
    """What `make run` does: all devices, SHA-256 on both sides, no access blocked, a report."""
    outcome = ioboot.boot(tmp_path, built("guest"), mode, monitor=options)
    assert not outcome.failures
    if mode != "plain":
        assert_lists_are_equal(outcome.seen, mode)


@pytest.mark.parametrize("cpus", [1, 2, 4])
@pytest.mark.parametrize("mode", PROTECTED)
def test_any_number_of_cpus(new_machine, disk, mode, cpus):
    """Each CPU comes up inside the protected machine and the disk works."""
    seen = new_machine(mode=mode, cpus=cpus).add_disk(disk).run("disk")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.monitor["cpus"] == cpus
    assert seen.hypercalls.get("PSCI_CPU_ON", 0) == cpus - 1
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


@pytest.mark.parametrize("ram_mib", [64, 128, 512, 4096])
@pytest.mark.parametrize("mode", PROTECTED)
def test_any_size_of_memory(new_machine, disk, mode, ram_mib):
    """The pool fits the machine, and the disk works through it; also with RAM beyond 4 GiB."""
    seen = new_machine(mode=mode, ram_mib=ram_mib).add_disk(disk).run("disk")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.monitor["ram_mib"] == ram_mib
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


@pytest.mark.parametrize("mode", ["pkvm", "cca"])
def test_initramfs_of_128_mib(new_machine, disk, tmp_path, mode):
    """A quarter of the machine's memory comes with it, and arrives whole."""
    filler = os.urandom((128 << 20) - paths.INITRAMFS.stat().st_size)
    archive = cpio.Archive()
    archive.file("filler", filler)
    large = tmp_path / "large.cpio"
    large.write_bytes(paths.INITRAMFS.read_bytes() + archive.finish())
    seen = new_machine(mode=mode, initrd=large, monitor={"measure": 0}) \
        .add_disk(disk).run("initramfs", timeout=240)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.values["filler_sha256"] == hashlib.sha256(filler).hexdigest()


@pytest.mark.parametrize("words", [["rodata=off", "nokaslr"], ["rodata=on"]], ids="-".join)
def test_kernel_that_is_mapped_otherwise(new_machine, disk, words):
    """In blocks, writable, or where it was linked: nothing of ours depends on it."""
    seen = new_machine(mode="pkvm", append=words).add_disk(disk).run("disk")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert bool(seen.lines("KASLR enabled")) == ("nokaslr" not in words)


@pytest.mark.parametrize("granule", [16384, 65536])
def test_granule_larger_than_a_page(new_machine, disk, granule):
    """With 4 KiB pages and a larger granule nothing private shares one with the host."""
    seen = new_machine(mode="pkvm", monitor={"granule": granule}, secret=SECRET) \
        .add_disk(disk).run("disk")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.monitor["granule"] == granule
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


def test_android_shares_in_ranges(new_machine, disk):
    """The better call is used where it is offered: a call shares many granules."""
    seen = new_machine(mode="pkvm-android").add_disk(disk).run("disk")
    assert_clean(seen)
    assert seen.hypercalls["MEM_SHARE"] < seen.shared["peak"] / 10


def test_partial_answers_are_followed(new_machine, disk):
    """A hypervisor that never does more than three granules a call gets called again."""
    seen = new_machine(mode="pkvm-android", monitor={"range_max": 3}).add_disk(disk).run("disk")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.hypercalls["MEM_SHARE"] >= seen.shared["peak"] / 3


@pytest.mark.parametrize("mode", PROTECTED)
def test_device_without_access_platform(new_machine, disk, mode):
    """A VMM that does not offer VIRTIO_F_ACCESS_PLATFORM gets bounced data all the same.

    The monitor plays it: the guest does not see the feature, and the device
    stays behind the SMMU, so a private address would be blocked and counted.
    """
    seen = new_machine(mode=mode, monitor={"hide_access_platform": 1}).add_disk(disk).run("disk")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.number("bytes_bounced") >= 2 * 8 << 20
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


@pytest.mark.parametrize("mode", PROTECTED)
def test_restricted_dma_pool(new_machine, disk, mode):
    """With a restricted-dma-pool node the devices use that pool; how much of it, the requests at one time say."""
    seen = new_machine(mode=mode, monitor={"restricted_pool": 4}).add_disk(disk).run("disk")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert 0 < seen.owners()["restricted-pool"] <= 4 << 20 >> 12
    assert seen.owners()["bounce-pool"] == 0
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


def test_second_disk_of_a_guest_is_protected_too(new_machine, disk, tmp_path):
    """Four disks, one machine: what is shared does not grow with what is transferred."""
    guest = new_machine(mode="pkvm", cpus=2).add_disk(disk)
    for number in range(3):
        guest.add_disk(make_disk(tmp_path / f"more{number}.img", mib=32, ext4=False))
    seen = guest.run("disk")
    assert_clean(seen)
    assert_ledger_is_true(seen)

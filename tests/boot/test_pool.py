# SPDX-License-Identifier: GPL-2.0-only
"""The bounce pool takes memory when devices need it and gives it back, and is smaller than what they can ask for at once."""

import pytest
from test_io import PROTECTED, assert_clean, assert_ledger_is_true
from tree import Patch

from pguest import qemu, verdict
from pguest.machine import make_disk, sha256_in_disk

# The phases of the scenario "resize"
MARKS = {"boot": 20, "work": 21, "idle": 22}
FEW = 2 << 20


def rare(*values):
    """A row that -m matrix runs: `make test` has others like it."""
    return pytest.param(*values, marks=pytest.mark.matrix)


def assert_waits_are_logged(seen):
    """A line for each device that waited; debugfs has the same names, and all waits are some device's."""
    logged = {line.split("pguest: ")[1].split()[0] for line in seen.lines("pguest: .* waits for the bounce pool")}
    assert logged == set(seen.values["waiting"].split()) != set()
    assert seen.number("waits") == seen.number("waits_by_device") > 0


@pytest.mark.parametrize("mode", PROTECTED)
def test_parallel_io_waits_for_a_full_pool(new_machine, tmp_path, mode):
    """16 writers of 512 KiB requests on four disks in a 64 MiB machine: all end, all data right.

    That is twice what its pool holds. The kernel may say that the pool is
    full; what upstream makes of it, an endless loop of that line, would end
    the hammer by its alarm.
    """
    guest = new_machine(mode=mode, cpus=4, ram_mib=64, parallel=True)
    for number in range(4):
        guest.add_disk(make_disk(tmp_path / f"disk{number}.img", mib=32, ext4=False))
    seen = guest.run("exhaust", timeout=200)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.values["hammer"] == "SUMMARY: hammer: 16 passed, 0 failed"
    assert seen.number("bytes_bounced") >= 2 * 16 * 4 << 20
    assert_waits_are_logged(seen)


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
    guest = new_machine(mode="pkvm", monitor={"restricted_pool": 4, "fail_share": 800, "fail_every": 1})
    seen = guest.add_disk(disk).run("disk")
    assert_ledger_is_true(seen)
    assert not seen.failed_checks()
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]
    assert seen.lines("pguest: bounce pool: segment at .* cannot be shared")
    assert (4 << 20 >> 12) / 2 < seen.owners()["restricted-pool"] < 4 << 20 >> 12


def with_disks(guest, tmp_path, count=4, mib=32):
    for number in range(count):
        guest.add_disk(make_disk(tmp_path / f"disk{number}.img", mib=mib, ext4=False))
    return guest


def assert_resized(seen, pool_mib, began="boot"):
    """At boot and when all is idle there is little, in between there was much; the monitor saw as much as the guest believed."""
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.number("pool_bytes") == pool_mib << 20
    assert seen.number("lost") == seen.number("refused") == 0
    units = seen.number("status_granule") // seen.monitor["granule"]
    kept = sum(count for owner, count in seen.owners().items() if owner in verdict.HOST_PAGES) if seen.monitor["mode"] == "cca" else 0
    for name, mark in MARKS.items():
        assert (seen.number(f"{name}_shared") - kept) * units == seen.phase(mark)["shared"]
    others = seen.number("idle_shared") * seen.number("status_granule") - seen.number("idle_pool_shared")
    assert seen.phase(MARKS["idle"])["shared"] * seen.monitor["granule"] < FEW + others
    assert seen.number("idle_pool_shared") < FEW
    assert began != "boot" or seen.number("boot_pool_shared") < FEW
    assert seen.shared["peak"] > seen.phase(MARKS["idle"])["shared"] + (FEW >> 14)


@pytest.mark.parametrize("mode, image", [
    ("pkvm", "guest"), ("cca", "guest"), rare("pkvm-android", "guest"),
    rare("pkvm", "guest-6.1"), rare("pkvm", "guest-7.x"),
])
def test_pool_grows_and_shrinks(new_machine, tmp_path, mode, image):
    """Little is taken from the guest at boot and is shared when it is idle, whatever it did in between."""
    seen = with_disks(new_machine(mode=mode, image=image, cpus=2), tmp_path).run("resize", timeout=300)
    assert_resized(seen, pool_mib=32)
    assert seen.number("pool_taken") > seen.number("pool_given") > 0
    assert seen.number("idle_present") < FEW
    assert seen.number("cma_total") << 10 == seen.number("pool_bytes")


def test_protected_guest_has_the_memory_of_an_unprotected_one(new_machine, disk):
    """A sixteenth of it was gone while the pool was reserved."""
    plain = new_machine(mode="plain", directory="plain").add_disk(disk).run("memory")
    seen = new_machine(mode="pkvm").add_disk(disk).run("memory")
    assert_clean(seen)
    assert seen.number("pool_present") < FEW < seen.number("pool_bytes")
    assert plain.number("memory_total") - seen.number("memory_total") < 4 << 10


@pytest.mark.parametrize("mode, pieces", [("cca", 100), rare("pkvm", 100), *(rare(mode, 1000) for mode in PROTECTED)])
def test_pool_gives_many_pieces(new_machine, tmp_path, mode, pieces):
    """Under I/O; afterwards all is as it was, by the monitor's count too."""
    guest = with_disks(new_machine(mode=mode, cpus=2, append=[f"pguest_pieces={pieces}"]), tmp_path)
    seen = guest.run("rounds", timeout=900)
    assert_resized(seen, pool_mib=32, began="busy")
    assert seen.values["hammer_beside"] == "SUMMARY: hammer: 8 passed, 0 failed"
    assert seen.number("pool_given") >= pieces
    # Some pieces are given back that nothing had used. In a realm a call takes back a whole piece.
    calls = seen.number("unshare_calls")
    assert calls > pieces / 4 and seen.hypercalls.get("MEM_UNSHARE", calls) > pieces / 4


@pytest.mark.parametrize("mode", ["pkvm", rare("pkvm-android"), "cca"])
def test_disk_that_frees_memory_needs_the_pool(new_machine, tmp_path, mode):
    """64 MiB of data in memory, in a machine of 64 MiB: half of it goes to swap space on a disk and comes back."""
    guest = new_machine(mode=mode, ram_mib=64).add_disk(make_disk(tmp_path / "swap.img", mib=128, ext4=False))
    seen = guest.run("swap", timeout=400)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.number("swapped_out") << 12 > 32 << 20 and seen.number("swapped_in") << 12 > 32 << 20


@pytest.mark.parametrize("mode", [rare("pkvm"), rare("cca")])
def test_memory_of_the_pool_is_about_to_be_written(new_machine, tmp_path, mode):
    """The pool gets memory when pages are written, and they are written when the pool has memory: nothing stands still.

    Half of RAM can be the pool's, so that most pages of the disks are in its memory. No command
    of the network card is lost either: the driver says so.
    """
    guest = new_machine(mode=mode, ram_mib=192, append=["swiotlb=49152", "pguest_net_mib=4"])
    seen = with_disks(guest, tmp_path).add_net().run("crowded", timeout=400)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert not seen.lines("Failed to add sgs")
    assert seen.values["net_up_sha256"] == guest.peer.got_sha256


@pytest.mark.parametrize("mode", PROTECTED)
def test_burst_of_frames_finds_room(new_machine, mode):
    """The pool has 1.5 MiB when the first frames go out, and memory is short. None is lost."""
    guest = new_machine(mode=mode, ram_mib=64, append=["pguest_net_mib=8"]).add_net()
    seen = guest.run("net", timeout=300)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.number("net_dropped") == 0
    assert seen.values["net_up_sha256"] == guest.peer.got_sha256


@pytest.mark.parametrize("mode, words, cpus", [
    ("pkvm", ["swiotlb=0"], 1), ("pkvm", ["swiotlb=1"], 1), ("pkvm", ["swiotlb=256,8,force"], 8), ("cca", ["swiotlb=512,force"], 1),
    rare("pkvm", ["swiotlb=512,force"], 1), rare("cca", ["swiotlb=0"], 1), rare("cca", ["swiotlb=1"], 1),
    rare("cca", ["swiotlb=256,8,force"], 8),
], ids=lambda value: "-".join(value) if isinstance(value, list) else str(value))
def test_pool_that_is_too_small_is_made_larger(new_machine, tmp_path, mode, words, cpus):
    """Each of these stood still before user space, or in the first large request."""
    seen = with_disks(new_machine(mode=mode, cpus=cpus, append=words), tmp_path).add_net().run("exhaust", timeout=300)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert len(seen.lines("pguest: swiotlb=: devices need a bounce pool of .* KiB is ignored")) == 1
    assert seen.number("pool_bytes") == 32 << 20
    assert seen.values["hammer"] == "SUMMARY: hammer: 16 passed, 0 failed"


def test_pool_that_the_owner_chose_is_used(new_machine, disk):
    """The least that works is not touched, whatever the layer would have chosen."""
    seen = new_machine(mode="pkvm", append=["swiotlb=2048"]).add_disk(disk).run("disk")
    assert_clean(seen)
    assert seen.number("pool_bytes") == 4 << 20
    assert not seen.lines("pguest: swiotlb=")


@pytest.mark.parametrize("mode, words, cpus", [
    ("pkvm", ["mem=64M"], 8), ("cca", ["mem=96M"], 4), rare("pkvm", ["mem=64M"], 1), rare("pkvm", ["mem=96M"], 4),
    rare("cca", ["mem=64M"], 1), rare("cca", ["mem=64M"], 8),
], ids=lambda value: "-".join(value) if isinstance(value, list) else str(value))
def test_memory_that_the_command_line_takes_away(new_machine, tmp_path, mode, words, cpus):
    """The pool has the size for what is left, and all requests end, also with many CPUs."""
    seen = with_disks(new_machine(mode=mode, cpus=cpus, append=words), tmp_path).run("exhaust", timeout=300)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.number("pool_bytes") <= 8 << 20
    assert seen.values["hammer"] == "SUMMARY: hammer: 16 passed, 0 failed"


@pytest.mark.parametrize("mode, ram, cpus", [("cca", 64, 4), ("pkvm", 64, 8), rare("pkvm", 64, 4), rare("pkvm", 256, 2)])
def test_network_card_with_long_queues(new_machine, disk, monkeypatch, mode, ram, cpus):
    """1024 buffers of the card do not fit into a small guest's pool: its driver uses fewer.

    QEMU before 9.0 writes a part of such a queue's used ring to an address near 0, if an SMMU is before the card.
    """
    program = qemu.command()
    for assignment in program[1:-1]:
        monkeypatch.setenv(*assignment.split("="))
    guest = new_machine(mode=mode, ram_mib=ram, cpus=cpus).add_disk(disk).add_net()
    guest.QEMU = program[-1]
    card = next(index for index, word in enumerate(guest.devices) if word.startswith("virtio-net"))
    guest.devices[card] += ",rx_queue_size=1024,host_mtu=9000"
    seen = guest.run("net", timeout=300)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.values["net_up_sha256"] == guest.peer.got_sha256
    assert seen.values["net_down_sha256"] == guest.peer.gift_sha256

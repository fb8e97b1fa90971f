# SPDX-License-Identifier: GPL-2.0-only
"""The device policy: what is not on the list is not driven, and the host sees that it is not."""

import random

import pytest
from test_io import assert_clean, assert_ledger_is_true
from test_lifecycle import wait_for

from pguest.machine import Qmp, make_disk, sha256_in_disk

PROTECTED = ["pkvm", "pkvm-android", "cca"]
MIB = 1 << 20

# What QEMU shows: its arguments, the device's number in the virtio specification, its driver in Linux.
SHARE, INPUT, SCSI = (9, "9pnet_virtio"), (18, "virtio_input"), (8, "virtio_scsi")
RNG = (4, "virtio_rng")
NO_RNG = "pguest.devices=-virtio:virtio_rng"
DISK = 2


def with_device(guest, kind):
    guest.devices += {
        SHARE: ["-fsdev", f"local,id=share,path={guest.directory},security_model=none",
                *guest._virtio("9p", ",fsdev=share,mount_tag=share,id=odd")],
        INPUT: guest._virtio("keyboard", ",id=odd", modern=False),
        SCSI: guest._virtio("scsi", ",id=odd"),
        RNG: ["-object", "rng-builtin,id=rng0", *guest._virtio("rng", ",rng=rng0,id=odd")],
    }[kind]
    return guest


def look(guest):
    """As the host: how far did a driver get with the device? Then let the guest go on."""
    wait_for(guest.directory / "console.log", "devices ready")
    qmp = Qmp(guest.qmp)
    answer = qmp.ask("x-query-virtio-status", path="/machine/peripheral/odd/virtio-backend")
    guest.odd_status = answer["return"]["status"]["statuses"]
    more = qmp.ask("block_resize", device="disk0", size=257 * MIB)
    assert "error" not in more, more


def boot(new_machine, disk, mode, kind, append=(), image="test"):
    guest = new_machine(image=image, mode=mode, append=append).add_disk(disk).add_qmp()
    (guest.directory / "from-host").write_text("written\n")
    seen = with_device(guest, kind).run("devices", during=look)
    assert not seen.failed_checks()
    assert_clean(seen)
    if mode != "plain":
        assert_ledger_is_true(seen)
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]
    return guest, seen


def drivers(seen, name="virtio"):
    return dict(word.split("=") for word in seen.values[name].split())


def was_driven(guest):
    """DRIVER is the second thing that a driver says to its device; the first is that there is one."""
    return any("S_DRIVER:" in status for status in guest.odd_status)


@pytest.mark.parametrize("kind", [SHARE, INPUT, SCSI], ids=lambda kind: kind[1])
@pytest.mark.parametrize("mode", PROTECTED)
def test_device_that_is_not_on_the_list(new_machine, disk, mode, kind):
    """No driver has it, by the host's account too; one line has the parameter, debugfs the reason."""
    number, driver = kind
    guest, seen = boot(new_machine, disk, mode, kind)
    assert drivers(seen) == {str(DISK): "virtio_blk", str(number): "none"}
    assert not was_driven(guest)
    assert len(seen.lines(rf"pguest: virtio\d is not used: virtio:{driver} .*"
                          rf"pguest.devices=\+virtio:{driver} allows it")) == 1
    assert seen.values[f"refused_virtio:{driver}"].endswith("not listed")


@pytest.mark.parametrize("kind", [SHARE, INPUT, SCSI], ids=lambda kind: kind[1])
@pytest.mark.parametrize("mode", PROTECTED)
def test_device_that_the_owner_allows(new_machine, disk, mode, kind):
    """With the parameter that the log names it works; nothing else is allowed by it."""
    number, driver = kind
    guest, seen = boot(new_machine, disk, mode, kind, append=[f"pguest.devices=+virtio:{driver}"])
    assert drivers(seen) == {str(DISK): "virtio_blk", str(number): driver}
    assert was_driven(guest)
    assert not seen.lines("pguest: virtio.* is not used")
    if kind == SHARE:
        assert (guest.directory / "from-guest").read_text() == "written\n"


@pytest.mark.parametrize("kind", [SHARE, INPUT, SCSI], ids=lambda kind: kind[1])
def test_unprotected_machine_drives_all(new_machine, disk, kind):
    """Outside a protected VM there is no list."""
    guest, seen = boot(new_machine, disk, "plain", kind)
    assert drivers(seen)[str(kind[0])] == kind[1]
    assert was_driven(guest)
    assert not seen.lines("pguest: ")


@pytest.mark.parametrize("mode", PROTECTED)
def test_device_that_the_owner_forbids(new_machine, disk, mode):
    """What is on the list by default can be taken out of it, and debugfs has the word that did."""
    guest, seen = boot(new_machine, disk, mode, RNG, append=[NO_RNG], image="guest")
    assert drivers(seen) == {str(DISK): "virtio_blk", str(RNG[0]): "none"}
    assert not was_driven(guest)
    assert len(seen.lines(r"pguest: virtio1 is not used: virtio:virtio_rng .*pguest.devices=\+virtio:virtio_rng")) == 1
    assert seen.values["refused_virtio:virtio_rng"].endswith("-virtio:virtio_rng")


@pytest.mark.parametrize("mode", PROTECTED)
def test_device_that_is_found_later(new_machine, disk, mode):
    """Taken away and found again by the PCI core, a device is treated as before: refused, and logged once."""
    append = ["pguest_again=0000:00:02.0", NO_RNG]
    _, seen = boot(new_machine, disk, mode, RNG, append=append, image="guest")
    assert drivers(seen, "virtio_removed") == {str(DISK): "virtio_blk"}
    assert drivers(seen, "virtio_again") == {str(DISK): "virtio_blk", str(RNG[0]): "none"}
    assert len(seen.lines("pguest: virtio.* is not used: virtio:virtio_rng")) == 1


@pytest.mark.parametrize("mode", PROTECTED)
def test_device_that_is_found_later_and_allowed(new_machine, disk, mode):
    """The control: without a word of the owner's it is driven, before and after."""
    guest, seen = boot(new_machine, disk, mode, RNG, append=["pguest_again=0000:00:02.0"], image="guest")
    assert was_driven(guest)
    assert drivers(seen, "virtio_again") == {str(DISK): "virtio_blk", str(RNG[0]): "virtio_rng"}


def test_list_of_the_owners_alone(new_machine, disk):
    """A first name without a sign makes a new list: the disk is on it, random numbers are not."""
    words = ["pguest.devices=virtio:virtio_blk,pci:virtio-pci,platform:pci-host-generic,amba:*,serial-base:*,kernel:*",
             "pguest.devices=+irqchip:*,+timer:*,+psci:*,+smp:*,+earlycon:*"]
    seen = new_machine(mode="pkvm", append=words).add_disk(disk).add_rng().run("disk")
    assert_clean(seen)
    assert seen.lines("pguest: virtio1 is not used: virtio:virtio_rng")


def test_nonsense_is_named_and_the_rest_counts(new_machine, disk):
    seen = new_machine(mode="pkvm", append=["pguest.devices=+nonsense,-virtio:virtio_rng"]) \
        .add_disk(disk).add_rng().run("disk")
    assert_clean(seen)
    assert seen.lines(r"pguest: pguest.devices=\+nonsense,.* not all of it is a driver")
    assert seen.lines("pguest: virtio1 is not used: virtio:virtio_rng")


@pytest.mark.parametrize("mode", PROTECTED)
def test_what_the_guest_has_by_itself_is_not_refused(new_machine, disk, mode):
    """The machine that `make run` shows: nothing is refused, and no line says anything."""
    seen = new_machine(mode=mode).add_all(disk).add_balloon().run("disk")
    assert_clean(seen)
    assert not seen.lines("pguest: .* is not used")


STUCK = ("off", "reset", "timeout")


@pytest.mark.parametrize("mode,function", [("pkvm", 0xc6000003), ("pkvm-android", 0xc6000003), ("cca", 0xc4000197)])
def test_psci_whose_functions_are_the_hosts(new_machine, mode, function):
    """PSCI 0.1: the device tree has CPU_ON's number, and it is the call that opens memory to the host."""
    guest = new_machine(mode=mode, cpus=2, monitor={"timeout": 12, "psci_cpu_on": function})
    seen = guest.run("wait", ends=STUCK, timeout=60, allow=["Kernel panic"])
    assert not seen.monitor["odd_calls"]
    assert seen.lines("pguest: arm,psci is not used: psci:arm,psci ")


@pytest.mark.parametrize("mode", ["pkvm", "cca"])
def test_spin_table_in_memory_of_the_guests(new_machine, mode):
    """A CPU that waits for an address at a place of the host's choice: nothing is written there."""
    guest = new_machine(mode=mode, cpus=2, monitor={"spin_table": "tree"})
    seen = guest.run("nothing")
    assert seen.monitor["release_written"] == 0
    assert seen.lines("pguest: spin-table is not used: smp:spin-table ")
    assert seen.monitor["exit"] == "off"


def test_early_console_that_is_not_on_the_list(new_machine):
    """The owner wants none at all: the one that the command line has is not used, and the boot goes on."""
    seen = new_machine(mode="pkvm", append=["pguest.devices=-earlycon:*"]).run("nothing")
    assert seen.lines("pguest: pl011 is not used: earlycon:pl011")
    assert not seen.lines("earlycon: pl11")


@pytest.mark.parametrize("mode", ["pkvm", *(pytest.param(mode, marks=pytest.mark.matrix) for mode in ("pkvm-android", "cca"))])
def test_scsi_commands_of_each_size_that_the_disk_allows(new_machine, tmp_path, mode):
    """A command by SG_IO cannot be cut: BLKSECTGET says how large it can be, and all data are right up to 256 KiB."""
    drive = make_disk(tmp_path / "scsi.img", mib=32, ext4=False)
    with open(drive, "r+b") as file:
        file.write(random.Random(22).randbytes(4 * MIB))
    guest = new_machine(image="test", mode=mode, append=["pguest.devices=+virtio:virtio_scsi,+scsi:sd"])
    guest.devices += [*guest._virtio("scsi", ",id=scsi"), "-drive", f"file={drive},if=none,id=scsi0,format=raw",
                      "-device", "scsi-hd,drive=scsi0"]
    seen = guest.run("sgio")
    assert not seen.failed_checks()
    assert_clean(seen)
    assert_ledger_is_true(seen)
    # A mapping of SWIOTLB's ends at 256 KiB. This driver maps each segment on its own, so that it allows more.
    assert seen.number("sgio_limit") >= 256 * 1024


@pytest.mark.parametrize("size", [0, 4, 20])
@pytest.mark.parametrize("mode", ["pkvm", *(pytest.param(mode, marks=pytest.mark.matrix) for mode in ("pkvm-android", "cca"))])
def test_configuration_that_ends_too_early(new_machine, disk, mode, size):
    """What a device says that it has not is read as zero: each driver comes to an end, and so does the guest, by itself."""
    guest = new_machine(mode=mode, monitor={"device_config": size}).add_disk(disk).add_net()
    seen = guest.run("nothing", allow=["failed with error", "virtio_blk", "virtio_net"])
    assert_clean(seen)
    assert seen.lines(f"virtio_blk virtio.: its configuration has {size} bytes, and not those at") or not size
    assert not seen.lines("kernel BUG|Internal error")

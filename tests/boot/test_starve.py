# SPDX-License-Identifier: GPL-2.0-only
"""One device holds what it can of the bounce pool, for as long as it likes. The disk goes on."""

import socket
import threading

import pytest
from test_io import PROTECTED, assert_clean, assert_ledger_is_true

from pguest.machine import sha256_in_disk

MIB = 1 << 20

ALL = [pytest.param(mode, image, marks=pytest.mark.matrix) for mode, image in (
    *((mode, "guest") for mode in PROTECTED), *((mode, "guest-7.x") for mode in ("pkvm", "cca")), ("pkvm", "guest-6.1"))]


def rows(*wanted):
    """Those, and all others with -m matrix."""
    return [*wanted, *(row for row in ALL if row.values not in wanted)]


def starve(guest, disk, what, **more):
    guest.append.append(f"pguest_starve={what}")
    seen = guest.run("starve", timeout=400, **more)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]
    return seen


@pytest.mark.parametrize("mode, image", rows(("pkvm", "guest-7.x"), ("cca", "guest")))
def test_sockets_that_are_not_read(new_machine, disk, mode, image):
    """A peer fills a dozen receivers, of which each takes 6 MiB: the disk works, and the network afterwards.

    Up to 6.18 a frame that waits in a socket has no slots. On 7.x it has, so that the card has all of the pool that
    is not for disks, and no more comes in.
    """
    guest = new_machine(mode=mode, image=image, cpus=2).add_disk(disk).add_net()
    seen = starve(guest, disk, "sockets")
    if image.endswith("7.x"):
        assert seen.number("slots_held") << 11 > seen.number("pool_bytes") * 3 / 4
    else:
        assert seen.number("held") > 12 * 6 * MIB > seen.number("pool_bytes")
    assert seen.values["net_down_sha256"] == guest.peer.gift_sha256


def deaf(machine):
    """The host's end of a console, at which nothing is read."""
    end = socket.socket(socket.AF_UNIX)
    while end.connect_ex(str(machine.directory / "deaf")):
        threading.Event().wait(0.1)
    machine.deaf_end = end


@pytest.mark.parametrize("mode, image", rows(("pkvm-android", "guest")))
def test_console_that_is_not_drained(new_machine, disk, mode, image):
    guest = new_machine(mode=mode, image=image, cpus=2).add_disk(disk)
    guest.devices += [*guest._virtio("serial"), "-chardev", f"socket,id=deaf,server=on,wait=off,path={guest.directory / 'deaf'}",
                      "-device", "virtserialport,chardev=deaf"]
    seen = starve(guest, disk, "console", during=deaf)
    assert seen.number("slots_held") > 64


@pytest.mark.parametrize("mode, image", rows(("cca", "guest"), ("pkvm", "guest-7.x")))
def test_disk_beside_one_that_stands_still(new_machine, disk, mode, image):
    """64 requests of 1 MiB, twice what the pool has, wait for a disk that takes minutes for each.

    Of the other disk's requests only a part finds room at a time.
    """
    guest = new_machine(mode=mode, image=image, cpus=2).add_disk(disk)
    guest.devices += ["-object", "throttle-group,id=slow,x-bps-total=4096",
                      "-blockdev", f"throttle,node-name=slow,throttle-group=slow,file.driver=null-co,file.size={64 * MIB}",
                      *guest._virtio("blk", ",drive=slow")]
    seen = starve(guest, disk, "disk", allow=["I/O error, dev vdb"])
    assert seen.number("slots_held") << 11 > seen.number("pool_bytes") / 2
    assert seen.number("requests_cut") > 0

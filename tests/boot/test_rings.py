# SPDX-License-Identifier: GPL-2.0-only
"""Packed rings, what a driver leaves unset in what it shows to a device, and features that are not taken."""

import pytest
from test_io import assert_clean, assert_ledger_is_true

from pguest import ioboot
from pguest.machine import Machine, Qmp, sha256_in_disk

PROTECTED = ["pkvm", "pkvm-android", "cca"]
# SLUB fills what is freed with 0x6b, and leaves it there when it is allocated again.
FREED = 0x6b
POISON = "slub_debug=P"


# Of the two queues of its disk, the driver takes the last for requests that it polls for.
POLLED = 1
POLL = f"virtio_blk.poll_queues={POLLED}"


class OddMachine(Machine):
    """Its virtio devices have more options, and names by which QEMU can be asked what a driver took."""

    more = "packed=on"

    def __init__(self, *words, **options):
        super().__init__(*words, **options)
        self.names = []
        self.taken = {}

    def _virtio(self, kind, rest="", modern=True):
        self.names.append(kind)
        return super()._virtio(kind, f",{self.more},id={kind}{rest}", modern)

    def ask(self, line):
        """What the driver of each device accepted, by QEMU's account, when the guest says its first word."""
        if self.taken or "@pguest" not in line:
            return
        qmp = Qmp(self.qmp)
        for name in self.names:
            answer = qmp.ask("x-query-virtio-status", path=f"/machine/peripheral/{name}/virtio-backend")
            features = answer["return"]["guest-features"]
            self.taken[name] = " ".join(features["transports"] + features["dev-features"])


@pytest.mark.parametrize("mode", ["pkvm", "cca", *(pytest.param(mode, marks=pytest.mark.matrix)
                                                  for mode in ("pkvm-android", "plain"))])
def test_packed_rings_move_data_whole(built, tmp_path, mode):
    """What `make run` does, with disk, network, random numbers and console on packed rings."""
    made = []

    def new_machine(*words, **options):
        made.append(OddMachine(*words, **options).add_qmp())
        return made[0]

    outcome = ioboot.boot(tmp_path, built("guest"), mode, new_machine=new_machine, live=lambda line: made[0].ask(line))
    assert not outcome.failures
    assert sorted(made[0].taken) == ["blk", "net", "rng", "serial"]
    assert all("VIRTIO_F_RING_PACKED" in taken for taken in made[0].taken.values()), made[0].taken


def sent(new_machine, tmp_path, built, disk, mode, more):
    """A guest whose freed memory is known by its looks has used its disk and its network."""
    class Card(OddMachine):
        pass

    Card.more = more
    guest = Card(tmp_path / "machine", image=built("guest"), mode=mode, append=[POISON],
                 monitor={"stale": FREED})
    guest.add_net()
    Card.more = "packed=on"
    guest.add_disk(disk)
    seen = guest.run("net")
    assert_clean(seen)
    assert seen.lines("slub_debug|SLUB.*[Dd]ebug") or seen.monitor["stale"]["headers"]
    return seen.monitor["stale"]


@pytest.mark.parametrize("mode", ["pkvm", "cca"])
def test_nothing_stale_in_what_drivers_show(new_machine, tmp_path, built, disk, mode):
    """Indirect tables of a packed ring, and the header of a frame where receive buffers are not merged."""
    stale = sent(new_machine, tmp_path, built, disk, mode, "packed=on,mrg_rxbuf=off")
    assert stale["descriptors"] > 0 and stale["headers"] > 0
    assert stale["stale_descriptors"] == 0
    assert stale["stale_headers"] == 0


@pytest.mark.parametrize("mode", PROTECTED)
def test_free_pages_are_not_reported(tmp_path, built, disk, mode):
    """The balloon offers to take reports and hints of free pages: by QEMU's account the driver wants neither."""
    guest = OddMachine(tmp_path / "machine", image=built("guest"), mode=mode).add_disk(disk).add_qmp()
    guest.more = "free-page-reporting=on,free-page-hint=on,iothread=io0"
    guest.devices += ["-object", "iothread,id=io0"]
    seen = guest.add_balloon().run("disk", live=guest.ask)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert "VIRTIO_F_VERSION_1" in guest.taken["balloon"]
    assert "REPORTING" not in guest.taken["balloon"] and "FREE_PAGE_HINT" not in guest.taken["balloon"]
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


def poll(built, tmp_path, disk, mode, **lies):
    guest = OddMachine(tmp_path / "machine", image=built("guest"), mode=mode, cpus=2, append=[POLL], monitor=lies)
    guest.more = "num-queues=2"
    seen = guest.add_disk(disk).run("polled", allow=["I/O error", "Buffer I/O"] if lies else [])
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.lines("virtio_blk virtio0: 1/0/1 default/read/poll queues")
    return seen


@pytest.mark.parametrize("mode", PROTECTED)
def test_ring_that_breaks_while_it_is_polled(built, tmp_path, disk, mode):
    """No interrupt comes for such a ring: who polls sees that it is broken, and all that waits ends in an error."""
    seen = poll(built, tmp_path, disk, mode, break_queue=POLLED)
    assert seen.monitor["broken"] == 1
    assert seen.lines("virtio_blk virtio0: .*id 4294967295 out of range")
    assert seen.values["polled"] == "error EIO"
    assert seen.values["disk"] == "fails"


def test_ring_that_is_polled(built, tmp_path, disk):
    """The control: there the request ends, and the next one ends by an interrupt."""
    seen = poll(built, tmp_path, disk, "pkvm")
    assert seen.values["polled"] == "4096 bytes"
    assert seen.values["disk"] == "works"

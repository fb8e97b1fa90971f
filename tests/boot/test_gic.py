# SPDX-License-Identifier: GPL-2.0-only
"""A host that lies about the interrupt controller: no table of its choice is used, and no frame is left."""

import pytest
from test_io import assert_clean, assert_ledger_is_true

from pguest.machine import SECRET, sha256_in_disk

PROTECTED = ["pkvm", "cca"]
WARNED = ["Booted with LPIs enabled"]


def boot(new_machine, disk, mode, allow=(), cpus=2, append=(), parallel=False, **lies):
    """The disk works, and no more is shared than the guest knows of."""
    guest = new_machine(mode=mode, cpus=cpus, parallel=parallel, secret=SECRET, append=append, monitor={"timeout": 100, **lies})
    seen = guest.add_disk(disk).run("interrupts", allow=allow)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]
    return seen


def assert_tables_are_the_guests(seen):
    """By the monitor: both addresses were written on each CPU, then LPIs were switched on, and they came."""
    assert len(seen.monitor["lpi_tables"]) == seen.monitor["cpus"]
    for tables in seen.monitor["lpi_tables"]:
        assert tables == {"property": 1, "pending": 1, "enable": 1}
    assert seen.number("its_interrupts") > 0


@pytest.mark.parametrize("where", ["initrd", "text", "tree"])
@pytest.mark.parametrize("mode", PROTECTED)
def test_lpi_tables_of_the_host_are_not_adopted(new_machine, disk, mode, where):
    """LPIs are on when the guest comes, and the table that is written to them is in the guest's memory."""
    seen = boot(new_machine, disk, mode, lpi_property=where, allow=WARNED)
    assert_tables_are_the_guests(seen)
    assert seen.lines("pguest: GIC: LPIs are on")
    assert not seen.lines("Using preallocated")


@pytest.mark.parametrize("mode", PROTECTED)
def test_pending_table_of_the_host_is_not_adopted(new_machine, disk, mode):
    """The other of the two registers; what is lost of the tree is not looked at again."""
    seen = boot(new_machine, disk, mode, lpi_property="tree", lpi_pending="initrd", allow=WARNED)
    assert_tables_are_the_guests(seen)


@pytest.mark.parametrize("mode", PROTECTED)
def test_crash_kernel_believes_no_more(new_machine, disk, mode):
    """A crash kernel takes every table as its predecessor's, and which kernel is one the host can say."""
    seen = boot(new_machine, disk, mode, lpi_property="initrd", allow=WARNED, append=["elfcorehdr=4K@0x42000000"])
    assert_tables_are_the_guests(seen)


@pytest.mark.parametrize("mode", PROTECTED)
def test_lpis_that_stay_on(new_machine, disk, mode):
    """They cannot be switched off: then there are none, and the disk works by its wire."""
    seen = boot(new_machine, disk, mode, lpi_property="initrd", lpis_stuck=1, allow=WARNED)
    assert seen.number("its_interrupts") == 0
    assert not any(tables["property"] or tables["pending"] for tables in seen.monitor["lpi_tables"])
    assert seen.lines("pguest: GIC: LPIs cannot be switched off")


@pytest.mark.parametrize("mode", PROTECTED)
def test_redistributors_without_a_last_one(new_machine, disk, mode):
    """The walk over them ends where what the tree describes ends."""
    boot(new_machine, disk, mode, gicr_endless=1)


@pytest.mark.parametrize("stride", ["0x1000000000", "0xffffffffff000000", "0x1", "0x10000"])
def test_stride_that_leaves_the_frames(new_machine, disk, stride):
    """From a redistributor to what the host would like to be one: into the linear map, backwards."""
    boot(new_machine, disk, "pkvm", gicr_stride=stride, gicr_endless=1, cpus=1)


@pytest.mark.parametrize("sizes", [{"gicd_size": "0x1000"}, {"gicr_size": "0x10000"}], ids=["gicd", "gicr"])
def test_frame_that_is_too_small(new_machine, disk, sizes):
    """What follows in the kernel's address space is not the GIC's: the end of the boot, and a reason."""
    guest = new_machine(mode="pkvm", monitor={"timeout": 20, **sizes})
    seen = guest.add_disk(disk).run("disk", ends=("reset",), timeout=60, allow=["Kernel panic"])
    assert seen.lines("Kernel panic - not syncing: pguest: a frame of the GIC has")
    assert not seen.lines("Unable to handle")


@pytest.mark.parametrize("mode", PROTECTED)
def test_virtual_lpis_are_not_looked_at(new_machine, disk, mode):
    """A guest has no use for GICv4, and its tables and frames would be the host's to place."""
    seen = boot(new_machine, disk, mode, gic_v4=1)
    assert not seen.lines("GICv4")
    assert_tables_are_the_guests(seen)


@pytest.mark.parametrize("typer", [
    pytest.param("0x037a0008", id="10-bits"),
    pytest.param("0x037af008", id="more-lpis-than-numbers"),
])
def test_numbers_of_the_distributor(new_machine, disk, typer):
    """Fewer bits than the first LPI has, and more LPIs than numbers (KUnit has all pairs)."""
    assert_tables_are_the_guests(boot(new_machine, disk, "pkvm", gicd_typer=typer))


@pytest.mark.parametrize("mode", PROTECTED)
def test_its_that_never_reads_back_what_was_written(new_machine, disk, mode):
    """Each try reads other attributes than it wrote: after some there is no ITS, and the disk works by its wire."""
    seen = boot(new_machine, disk, mode, its_flaps=1, allow=["ITS.*failed"])
    assert seen.number("its_interrupts") == 0


@pytest.mark.parametrize("mode", PROTECTED)
def test_interrupts_that_nothing_has_asked_for(new_machine, disk, mode):
    """SGIs, PPIs and SPIs of every number, all the time: each is handled or dropped, and the data are right."""
    seen = boot(new_machine, disk, mode, interrupts=8)
    assert seen.monitor["injected"] > 2000


@pytest.mark.parametrize("mode", PROTECTED)
def test_storm_of_interrupts(new_machine, disk, mode):
    """One more at each exit of a CPU, which is more than there are exits without: the guest works on."""
    seen = boot(new_machine, disk, mode, interrupts=1)
    assert seen.monitor["injected"] > 20000


@pytest.mark.parametrize("mode", ["pkvm", pytest.param("cca", marks=pytest.mark.matrix)])
def test_cpus_that_stand_still_for_seconds(new_machine, disk, mode):
    """With the ledger's lock, between the share of memory and its use, and anywhere: the other CPUs wait, and all is right."""
    seen = boot(new_machine, disk, mode, cpus=4, parallel=True, stand=2000, stand_every=300 if mode == "pkvm" else 12)
    assert seen.monitor["stood"]["calls"] > 3 and seen.monitor["stood"]["others"] > 3


@pytest.mark.matrix
@pytest.mark.parametrize("mode", [*PROTECTED, "pkvm-android"])
def test_interrupts_that_are_lost(new_machine, disk, mode):
    """Of disk and network, all for two seconds: what waits for them stands still, and goes on with the next."""
    guest = new_machine(mode=mode, cpus=2, secret=SECRET, monitor={"timeout": 100, "vgic": 1})
    seen = guest.add_disk(disk).add_net().run("lost-interrupts")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]
    assert guest.peer.got_sha256 == seen.values["net_sha256"]
    assert 0 < seen.monitor["interrupts"]["given_back"] <= seen.monitor["interrupts"]["lost"]


@pytest.mark.matrix
@pytest.mark.parametrize("mode", [*PROTECTED, "pkvm-android"])
def test_timers_that_fire_early_and_late(new_machine, disk, mode):
    """Each of them 20 ms late, and one more at each third exit, when none is due."""
    seen = boot(new_machine, disk, mode, timer_late=20000, timer_early=3)
    assert seen.monitor["interrupts"]["late"] > 50 and seen.monitor["interrupts"]["early"] > 500


@pytest.mark.matrix
@pytest.mark.parametrize("mode", PROTECTED)
def test_lpis_of_any_number(new_machine, disk, mode):
    """Those of the guest's devices, which have nothing to say, and those of none, of which the first is named."""
    seen = boot(new_machine, disk, mode, lpis=1, allow=["Unexpected interrupt", "gic_handle_irq"])
    assert seen.monitor["interrupts"]["lpis"] > 1000

# SPDX-License-Identifier: GPL-2.0-only
"""Time that the host supplies: true where it is, refused where it cannot be, never at our cost."""

import pytest
from test_io import PROTECTED, assert_clean, assert_ledger_is_true

from pguest.machine import SECRET, sha256_in_disk

RAM = 0x42000000
MIB = 128
RAM_END = RAM + (MIB << 20)

# Addresses of memory that is the guest's own.
OWN = {
    "first-page": RAM,
    "kernel-text": RAM + 0x20000,
    "middle": RAM + (MIB << 19),
    "last-page": RAM_END - 4096,
}
# And those where nothing of the kind can be.
NOWHERE = {
    "unaligned": 0x0c000008,
    "over-the-end-of-ram": RAM_END - 32,
    "uart": 0x09000000,
    "interrupt-controller": 0x08000000,
    "hole": 0x0d000000,
    "negative": 0xfffffffffffffffd,
    "very-negative": 1 << 63,
    "too-high": 1 << 52,
}


def ids(table):
    return [pytest.param(address, id=name) for name, address in table.items()]


def assert_lives(seen, disk):
    """Nothing of ours was shown, and the guest went on to do its work."""
    assert_clean(seen)
    if seen.monitor["mode"] != "plain":
        assert seen.monitor["ram_shared_by_host_name"] == 0
        assert seen.monitor["secrets_found"] == 0
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


def lines_of_ours(seen, pattern):
    """Each once: when the second console comes up while a line is printed, it prints that line, too."""
    return list(dict.fromkeys(seen.lines(rf"pguest: .*({pattern})")))


@pytest.mark.parametrize("mode", ["pkvm", "plain"])
def test_steal_time_is_what_was_stolen(new_machine, disk, mode):
    """On each of four CPUs what Linux accounts for is what the host took, within 5 %.

    Then three of them leave and come back twenty times. Their structures are in
    one granule, which is shared as long as one of them is there.
    """
    guest = new_machine(mode=mode, cpus=4, ram_mib=MIB, parallel=True, secret=SECRET, monitor={"steal": 20},
                        append=["pguest_steal=20"]).add_disk(disk)
    seen = guest.run("steal", timeout=240)
    assert_lives(seen, disk)
    assert seen.values["steal_time"] == "offered"
    assert seen.checks["steal_time"] and seen.checks["cpus_go_and_come"]
    assert len(seen.monitor["stolen_ns"]) == 4 and all(seen.monitor["stolen_total_ns"])
    if mode == "pkvm":
        assert_ledger_is_true(seen)
        assert seen.owners()["steal-time"] == 1


@pytest.mark.parametrize("mode", ["pkvm-android", "cca"])
def test_no_steal_time_is_offered(new_machine, disk, mode):
    """Android's hypervisor and an RMM have none to give: zero, and nothing shared for it."""
    seen = new_machine(mode=mode, ram_mib=MIB, secret=SECRET).add_disk(disk).run("steal")
    assert_lives(seen, disk)
    assert seen.values["steal_time"] == "none"
    assert seen.number("steal_ms_cpu0") == 0
    assert seen.owners()["steal-time"] == 0


@pytest.mark.parametrize("mode", [*PROTECTED, "plain"])
def test_clock_is_right_and_ends_when_it_is_held(new_machine, disk, mode):
    """Within the error that the page states; again after a disruption; and with an update
    that never ends a reading is an error, in less than a millisecond, and no hang."""
    seen = new_machine(mode=mode, cpus=2, ram_mib=MIB, secret=SECRET) \
        .add_disk(disk).run("clock", timeout=120)
    assert_lives(seen, disk)
    assert [name for name in seen.checks if name.startswith("clock")] == \
        ["clock", "clock_disrupted", "clock_fails", "clock_again"]
    assert seen.number("disrupted_clock_marker") > seen.number("clock_marker")
    # Of fifty: one is long when QEMU itself has to wait for a CPU.
    assert seen.number("stuck_clock_typical_error_ns") < 1_000_000
    if mode != "plain":
        assert_ledger_is_true(seen)
        assert seen.owners()["clock"] == 1
        assert seen.owners()["generation-id"] == 1


@pytest.mark.parametrize("address", ids({**OWN, **NOWHERE}))
def test_steal_time_at_a_wrong_address(new_machine, disk, address):
    """The host names memory that is ours, or nobody's: one line, and no steal time."""
    seen = new_machine(mode="pkvm", cpus=2, ram_mib=MIB, secret=SECRET,
                       monitor={"st_ipa": f"{address:#x}"}).add_disk(disk).run("time-hostile")
    assert_lives(seen, disk)
    assert seen.owners()["steal-time"] == 0
    assert len(lines_of_ours(seen, "no steal time|for steal-time is refused")) == 1


def test_steal_time_moves_to_our_memory(new_machine, disk):
    """Good for the first CPU, RAM for the second; and RAM when it is asked again."""
    for lie in ({"st_ipa": f"{RAM:#x}", "st_after": 3}, {"st_answer2": f"{RAM:#x}"}):
        seen = new_machine(mode="pkvm", cpus=2, ram_mib=MIB, secret=SECRET, monitor=lie,
                           directory=str(len(lie))).add_disk(disk).run("time-hostile")
        assert_lives(seen, disk)
        assert len(lines_of_ours(seen, "no steal time|for steal-time is refused")) == 1


@pytest.mark.parametrize("value", ["back", "huge", "max", "jump"])
def test_steal_time_that_makes_no_sense(new_machine, disk, value):
    """Back, or ahead by years: one line, and no CPU has lost more than there was."""
    seen = new_machine(mode="pkvm", cpus=2, ram_mib=MIB, secret=SECRET,
                       monitor={"st_value": value}).add_disk(disk).run("time-hostile")
    assert_lives(seen, disk)
    assert len(lines_of_ours(seen, "steal time of CPU. makes no sense")) == 1
    for cpu in range(2):
        accounted = int(seen.values[f"steal_ms_cpu{cpu}"].split()[0])
        # What burns for 2 seconds, and a second that may be told of late.
        assert 0 <= accounted <= 3100


@pytest.mark.parametrize("lie, offered", [({"st_revision": 1}, False), ({"st_attributes": 7}, False),
                                          ({"st_revision_later": 1}, True)])
def test_steal_time_of_another_kind(new_machine, disk, lie, offered):
    """A structure that we do not know is not used. One that changes later goes on."""
    seen = new_machine(mode="pkvm", ram_mib=MIB, secret=SECRET, monitor=lie) \
        .add_disk(disk).run("time-hostile")
    assert_lives(seen, disk)
    assert seen.owners()["steal-time"] == int(offered)
    assert len(lines_of_ours(seen, "no steal time")) == int(not offered)


@pytest.mark.parametrize("address", ids({**OWN, "unaligned-over-the-end": RAM_END - 48}))
@pytest.mark.parametrize("mode", ["pkvm", "cca"])
def test_clock_at_a_wrong_address(new_machine, disk, mode, address):
    """The device tree says that the clock is in memory of ours: one line, and no clock."""
    seen = new_machine(mode=mode, ram_mib=MIB, secret=SECRET,
                       monitor={"clock_ipa": f"{address:#x}"}).add_disk(disk).run("time-hostile")
    assert_lives(seen, disk)
    assert seen.values["before_clock"] == "none"
    assert seen.owners()["clock"] == 0
    assert len(lines_of_ours(seen, "for clock is refused")) == 1


@pytest.mark.parametrize("address", ids({"first-page": RAM, "middle": RAM + (MIB << 19)}))
def test_generation_id_at_a_wrong_address(new_machine, disk, address):
    seen = new_machine(mode="pkvm", ram_mib=MIB, secret=SECRET,
                       monitor={"vmgenid_ipa": f"{address:#x}"}).add_disk(disk).run("time-hostile")
    assert_lives(seen, disk)
    assert seen.owners()["generation-id"] == 0
    assert len(lines_of_ours(seen, "for generation-id is refused")) == 1


@pytest.mark.parametrize("lie", [{"clock_magic": 1}, {"clock_version": 2}, {"clock_size": 64},
                                 {"clock_size": 1 << 31}, {"clock_truncated": 1},
                                 {"clock_counter_id": 1}],
                         ids=lambda lie: "-".join(f"{key}-{value}" for key, value in lie.items()))
def test_clock_page_that_is_none(new_machine, disk, lie):
    """Wrong in what a page is known by: one line, no clock, and nothing stays shared for it."""
    seen = new_machine(mode="pkvm", ram_mib=MIB, secret=SECRET, monitor=lie) \
        .add_disk(disk).run("time-hostile")
    assert_lives(seen, disk)
    assert seen.values["before_clock"] == "none"
    assert seen.owners()["clock"] == 0
    assert len(seen.lines(r"vmclock")) == 1


@pytest.mark.parametrize("lie", [{"clock_back": 1}, {"clock_ahead": 1 << 20},
                                 {"clock_shift": 200, "clock_when": "disrupt"},
                                 {"clock_status": 4, "clock_when": "disrupt"},
                                 {"clock_version": 9, "clock_when": "disrupt"}],
                         ids=lambda lie: "-".join(f"{key}-{value}" for key, value in lie.items()))
def test_clock_that_lies(new_machine, disk, lie):
    """Wrong in what changes: readings are errors or right, but do not go back, and all goes on."""
    seen = new_machine(mode="pkvm", ram_mib=MIB, secret=SECRET, monitor=lie) \
        .add_disk(disk).run("time-hostile")
    assert_lives(seen, disk)
    assert len(seen.lines("vmclock .*(no time from|is refused)")) == 1
    assert all(int(seen.values.get(f"{when}_clock_back", 0)) == 0 for when in ("before", "after"))


def test_generation_id_changes_all_the_time(new_machine, disk):
    """A host that says a thousand times a second that the VM was copied."""
    seen = new_machine(mode="pkvm", ram_mib=MIB, secret=SECRET, monitor={"vmgenid_storm": 1}) \
        .add_disk(disk).run("time-hostile", timeout=240)
    assert_lives(seen, disk)
    assert seen.monitor["clock"]["interrupts"] > 10

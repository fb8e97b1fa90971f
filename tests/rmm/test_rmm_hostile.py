# SPDX-License-Identifier: GPL-2.0-only
"""A host that refuses, delays and answers wrongly, beside a real RMM. Named as in tests/boot where the menu has it."""

import pytest
import verdict
from test_rmm_realms import SET, assert_whole, run

from machine import SECRET, BootFail, sha256_in_disk

BOUND = 100_000
DIES = ["Kernel panic", "Internal error", "Unable to handle", "I/O error", "blocked for more than", "rcu: INFO",
        "WARNING", "host: FAIL"]


def disturbed(new_realm, disk, scenario="disk", cpus=1, **host):
    guest = new_realm(cpus=cpus, ram_mib=128, secret=SECRET, host={"measure": 0, **host})
    return run(guest.add_disk(disk).add_rng(), scenario)


def refused(new_realm, disk, **host):
    """A boot in which the host gets its way: said in a line, and nothing private in its hands."""
    guest = new_realm(ram_mib=128, secret=SECRET, early=True, host={"measure": 0, "timeout": 60, **host})
    seen = run(guest.add_disk(disk), allow=DIES, ends=("off", "reset", "timeout", "fail"))
    assert seen.monitor["secrets_found"] == 0
    assert seen.hypercalls.get(SET, 0) < BOUND
    return seen


@pytest.mark.parametrize("progress", ["16", "random"])
def test_f01_progress_in_small_steps(new_realm, disk, progress):
    seen = disturbed(new_realm, disk, set_progress=progress)
    assert_whole(seen, disk)


def test_f02_no_progress_ever(new_realm, disk):
    """Nothing can be shared, so that no device works: the guest says so, and ends its tries."""
    seen = refused(new_realm, disk, set_stall="forever", set_when="empty")
    assert seen.lines(r"pguest: .*(cannot|refused)")
    assert seen.shared["peak"] == 0


def test_f03_no_progress_for_a_while(new_realm, disk):
    seen = disturbed(new_realm, disk, set_stall=7)
    assert_whole(seen, disk)


@pytest.mark.parametrize("after", [0, 4])
def test_f04_taking_back_is_rejected(new_realm, disk, after):
    """The host will not let go of a page: what it did is kept in order, the rest is lost."""
    seen = disturbed(new_realm, disk, "rebind-once", reject_set=1, fail_every=1, set_when="ram", reject_after=after)
    assert seen.number("lost") > 0
    assert seen.lines(r"pguest: cannot take .* back")
    assert seen.phase(verdict.MARK_DONE)["shared"] == verdict.shared_by_call(seen) + seen.number("lost")
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]
    assert seen.refused_calls(SET) > 0


def test_f20_host_call_without_an_answer(new_realm, disk):
    """A host that knows no RHI: pages of 4 KiB are assumed."""
    seen = disturbed(new_realm, disk, host_call="none")
    assert_whole(seen, disk)
    assert seen.lines(r"pguest: CCA realm .* 4 KiB granule")


def test_f20_host_call_garbage(new_realm, disk):
    seen = disturbed(new_realm, disk, host_call="garbage")
    assert_whole(seen, disk)


def test_f21_cpus_are_denied(new_realm, disk):
    """PSCI_COMPLETE with DENIED: the guest goes on with the CPU that it has."""
    seen = disturbed(new_realm, disk, cpus=4, cpu_on="denied")
    assert_whole(seen, disk)
    assert seen.refused_calls("PSCI_CPU_ON") == 3
    assert seen.lines(r"smp: Brought up 1 node, 1 CPU")


def test_f21_cpus_take_their_time(new_realm, disk):
    seen = disturbed(new_realm, disk, cpus=2, cpu_on=200)
    assert_whole(seen, disk)
    assert seen.lines(r"smp: Brought up 1 node, 2 CPUs")


@pytest.mark.parametrize("access", [1, 400])
def test_device_that_aborts(new_realm, disk, access):
    """The host injects an external abort for a device's register: the guest dies, and gives nothing away."""
    seen = refused(new_realm, disk, abort_mmio=access)
    assert seen.blocked["mmio"] > 0


def test_granule_taken_by_force(new_realm):
    """What the host unmaps is DESTROYED: the guest never sees other contents, and never comes back."""
    guest = new_realm(ram_mib=128, secret=SECRET, host={"timeout": 60})
    with pytest.raises(BootFail, match="RAM that is lost") as failure:
        run(guest, "pry", allow=DIES)
    seen = failure.value.seen
    assert seen.checks["private_page_is_as_it_was"]
    assert seen.values["private_peek"] == seen.values["private_poke"] == verdict.EFAULT
    assert seen.monitor["secrets_found"] == 0


def test_secret_that_is_given_away_is_found(new_realm, disk):
    """The control of all scans: what the guest writes to its disk the host has."""
    guest = new_realm(secret=SECRET).add_disk(disk)
    seen = run(guest, "confess")
    assert not seen.failed_checks()
    assert int(seen.values["scan_found"], 0) > 0
    assert seen.monitor["secrets_found"] > 0

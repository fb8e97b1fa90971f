# SPDX-License-Identifier: GPL-2.0-only
"""The fault menu: a host or an RMM that answers a realm late, partly, wrongly or never.

Tests are named after the rows of the menu, F1 to F30. F12 to F19 are about
reports, and are in test_attestation.py; F26 is in test_kexec.py.
"""

import re

import pytest
from test_hostile import assert_refused, lied_to
from test_pages import io
from test_realm import GET, RSI_1_0, SET, assert_whole

from pguest import verdict
from pguest.machine import GUEST_BASE, SECRET, sha256_in_disk

# What a guest may say when memory that it needs cannot be had.
COMPLAINT = r"pguest: .*(cannot|no access|refused|not there|destroyed)"
DIES = ["Kernel panic", "Internal error", "Unable to handle", "I/O error", "blocked for more than",
        "rcu: INFO", "WARNING"]
# Nobody wants to know here what the Image was: half a second a boot.
UNMEASURED = {"measure": 0}
# More calls than this is a loop without an end.
BOUND = 100_000
# Where the two characters of our RMM can make a difference.
BOTH = pytest.mark.parametrize("rmm", ["spec", "tf"])


def realm(new_machine, disk, scenario="disk", cpus=1, ram_mib=128, append=(), **monitor):
    """A boot that is disturbed, and must be none the worse for it."""
    guest = new_machine(mode="cca", cpus=cpus, ram_mib=ram_mib, secret=SECRET, append=append,
                        monitor={**UNMEASURED, **monitor})
    return guest.add_disk(disk).add_rng().run(scenario)


def refused(new_machine, disk=None, **lies):
    """A boot in which the host gets its way: told in a line, nothing private in its hands."""
    seen = lied_to(new_machine, disk, mode="cca", allow=["WARNING"], **UNMEASURED, **lies)
    assert seen.monitor["secrets_found"] == 0
    assert seen.hypercalls.get(SET, 0) < BOUND
    return seen


def stopped_early(new_machine, text, **lies):
    """No width, no device: the reason is in the last words, and the VM ends by itself."""
    guest = new_machine(mode="cca", secret=SECRET,
                        monitor={"timeout": 20, **UNMEASURED, **lies})
    seen = guest.run("nothing", timeout=60)
    assert not seen.summary
    assert seen.monitor["last_words"].startswith("pguest: ")
    assert text in seen.monitor["last_words"]
    assert seen.hypercalls["RSI_HOST_CALL"] == seen.hypercalls["PSCI_SYSTEM_OFF"] == 1
    assert SET not in seen.hypercalls
    assert seen.shared["peak"] == 0
    return seen


# --- F1 to F8: IPA_STATE_SET ------------------------------------------------

@pytest.mark.parametrize("progress", ["1", "random"])
def test_f01_progress_in_small_steps(new_machine, disk, progress):
    """A granule a call, or a random number of them: it is followed to the end."""
    seen = realm(new_machine, disk, ram_mib=64, set_progress=progress)
    assert_whole(seen, disk)
    if progress == "1":
        assert seen.hypercalls[SET] >= (64 << 20 >> 12) - 4096


@pytest.mark.parametrize("when", ["boot", "empty", "ram"])
def test_f02_no_progress_ever(new_machine, disk, when):
    """The host does nothing, for ever: given up after a bound, and told.

    At boot the RMM says what is true: RAM that is RAM already needs no host.
    """
    if when == "boot":
        seen = realm(new_machine, disk, set_stall="forever", set_when=when)
        assert_whole(seen, disk)
    elif when == "empty":
        seen = refused(new_machine, disk, set_stall="forever", set_when=when)
        assert_refused(seen, "cannot")
    else:
        seen = realm(new_machine, disk, "rebind-once", set_stall="forever", set_when=when)
        assert seen.number("lost") > 0
        assert seen.lines(r"pguest: cannot take .* back")
        assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]
    assert seen.hypercalls[SET] < BOUND
    assert seen.monitor["secrets_found"] == 0


def test_f03_no_progress_for_a_while(new_machine, disk):
    """Seven answers that say nothing before each that says something: patience."""
    seen = realm(new_machine, disk, set_stall=7)
    assert_whole(seen, disk)


@pytest.mark.parametrize("after, rmm", [(0, "spec"), (16, "spec"), (16, "tf")])
def test_f04_taking_back_is_rejected(new_machine, disk, after, rmm):
    """The host will not let go of a page: what it did is kept in order, the rest is lost."""
    seen = realm(new_machine, disk, "rebind-once", reject_set=1, fail_every=1, set_when="ram",
                 reject_after=after, rmm=rmm)
    assert seen.number("lost") > 0
    assert seen.lines(r"pguest: cannot take .* back")
    assert seen.phase(verdict.MARK_DONE)["shared"] == \
        verdict.shared_by_call(seen) + seen.number("lost")
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


def test_f04_ram_is_rejected_at_boot(new_machine, disk):
    """Rejected, and RAM all the same, as the RMM says: used."""
    seen = realm(new_machine, disk, reject_set=1, fail_every=1, set_when="boot")
    assert_whole(seen, disk)


@pytest.mark.parametrize("when", ["boot", "empty"])
@pytest.mark.parametrize("top", ["below", "above", "unaligned"])
def test_f05_progress_that_cannot_be(new_machine, disk, top, when):
    """Out of the range, or inside a granule: not followed. The RMM is asked what is true."""
    if when == "boot":
        assert_whole(realm(new_machine, disk, set_top=top, set_when=when), disk)
    else:
        refused(new_machine, disk, set_top=top, set_when=when)


def test_f06_error_is_no_success(new_machine, disk):
    """ERROR_INPUT, with registers that would mean success: each share fails and is told."""
    seen = refused(new_machine, disk, fail_set=1, fail_every=1, set_when="empty")
    assert_refused(seen, "cannot")


@pytest.mark.parametrize("page", [
    pytest.param(0x30 << 20, id="in-free-ram"),
    pytest.param((512 << 20) - 4096, id="last-page"),
])
def test_f07_destroyed_page_in_boot_ram(new_machine, page):
    """What was measured is gone: a panic that names the page, before any device is driven."""
    address = GUEST_BASE + page
    guest = new_machine(mode="cca", secret=SECRET,
                        monitor={"timeout": 20, "destroyed": f"{address:#x}"})
    seen = guest.run("nothing", allow=["Kernel panic"], ends=("reset",))
    assert seen.lines(rf"Kernel panic - not syncing: pguest: .*destroyed.*{address:#x}|"
                      rf"Kernel panic - not syncing: pguest: .*destroyed.*{address:016x}")
    assert not seen.summary
    assert seen.realm["ripas"]["destroyed"] == 1


@pytest.mark.parametrize("nth, rmm", [(1, "spec"), (3, "spec"), (3, "tf")])
def test_f08_page_destroyed_on_its_way_back(new_machine, disk, nth, rmm):
    """A shared page that the host destroyed comes back: its content is written anew."""
    seen = realm(new_machine, disk, "rebind-once", destroy_unshare=nth, rmm=rmm)
    assert_whole(seen, disk)
    assert seen.number("lost") == 0


# --- F9 to F11: what the RMM tells ------------------------------------------

def test_f09_state_in_short_runs(new_machine, disk):
    """The RMM looks at a page at a time: a device of many is asked for to its end."""
    seen = realm(new_machine, disk, get_run=1)
    assert_whole(seen, disk)
    assert seen.hypercalls[GET] > 256


@pytest.mark.parametrize("lie", [{"get_ripas": 7}, {"get_ripas": 0}, {"get_top": "base"}],
                         ids=["unknown-state", "ram-is-none", "no-progress"])
def test_f09_state_that_cannot_be(new_machine, lie):
    """No state, or no range that it is true for: no device would be where it says."""
    seen = stopped_early(new_machine, "kernel's own memory (0x", **lie)
    assert seen.hypercalls[GET] < BOUND


def test_f10_no_rmm(new_machine):
    """RSI_VERSION is not known: a VM like any other, and nothing of ours is done in it."""
    seen = new_machine(mode="cca", monitor={"version": "none"}).run("nothing")
    assert {name for name in seen.hypercalls if name.startswith("RSI_")} == {"RSI_VERSION"}
    assert seen.shared["peak"] == 0


def test_f10_other_version_only(new_machine):
    seen = stopped_early(new_machine, "does not speak RSI 1.0, but 1.1", version="1.1")
    assert "RSI_REALM_CONFIG" not in seen.hypercalls


@pytest.mark.parametrize("lie, version, features, said", [
    pytest.param({}, "1.0", 0, "rsi 1.0;", id="1.0"),
    pytest.param({"version": "higher"}, "1.1", 0, "rsi 1.1;", id="1.1"),
    pytest.param({"version": "higher", "features": 1}, "1.1", 1, "rsi 1.1, da;", id="da"),
    pytest.param({"version": "higher", "features": -1}, "1.1", 2**64 - 1, "rsi 1.1, da, mro, ats;",
                 id="all-features"),
    pytest.param({"version": "higher", "refuse_call": "RSI_VERSION", "refuse_from": 2}, "1.0", 0, "rsi 1.0;",
                 id="version-refused"),
    pytest.param({"version": "higher", "features": 1, "refuse_call": "RSI_FEATURES"}, "1.1", 0, "rsi 1.1;",
                 id="features-refused"),
])
def test_f10_higher_version_as_well(new_machine, disk, lie, version, features, said):
    """An RMM that could do more says so in the boot line and debugfs, and is asked for nothing else."""
    seen = realm(new_machine, disk, **lie)
    assert_whole(seen, disk)
    assert {name for name in seen.hypercalls if name.startswith("RSI_")} <= RSI_1_0
    assert seen.hypercalls["RSI_VERSION"] == 2
    assert seen.hypercalls["RSI_FEATURES"] == 1
    assert seen.values["status_rsi"] == version
    assert int(seen.values["status_rsi_features"], 0) == features
    assert len(seen.lines(f"pguest: CCA realm .*, {said} bounce pool")) == 1


@pytest.mark.parametrize("bits", [0, 31])
def test_f11_width_that_cannot_be(new_machine, bits):
    stopped_early(new_machine, f"no realm has addresses of {bits} bits", config_bits=bits)


@pytest.mark.parametrize("bits", [49, 52, 53, 64])
def test_f11_width_that_kernel_and_cpu_do_not_have(new_machine, bits):
    """Realms of 52 bits are in test_wide.py."""
    stopped_early(new_machine, f"addresses have {bits} bits, this kernel on this CPU has 4",
                  config_bits=bits)


def test_f11_width_that_this_kernel_cannot_have(new_machine):
    """The realm is as wide as its RMM says; the host gets to read why that is too wide."""
    stopped_early(new_machine, "addresses have 52 bits, this kernel on this CPU has 4", ipa_bits=52)


@pytest.mark.parametrize("lie", [{"config_garbage": 1}, {"config_hash": 7}],
                         ids=["reserved-bytes", "hash"])
def test_f11_configuration_that_does_not_matter(new_machine, disk, lie):
    """Reserved bytes are ignored; an unknown hash is no reason not to boot."""
    assert_whole(realm(new_machine, disk, **lie), disk)


# --- F20 to F24: host and devices -------------------------------------------

@pytest.mark.parametrize("answer", ["none", "garbage"])
def test_f20_host_call_without_an_answer(new_machine, disk, answer):
    """The host writes nothing, or anything: no more is believed than what makes sense."""
    assert_whole(realm(new_machine, disk, host_call=answer), disk)


@pytest.mark.parametrize("answer, rmm", [("denied", "spec"), ("already", "spec"), ("2000", "spec"),
                                         ("denied", "tf"), ("2000", "tf")])
def test_f21_cpu_on(new_machine, disk, answer, rmm):
    """The host does not let the other CPUs run, or is slow: the first one does the work."""
    seen = realm(new_machine, disk, cpus=3, cpu_on=answer, rmm=rmm)
    assert_whole(seen, disk)
    assert seen.hypercalls["PSCI_CPU_ON"] == 2
    up = seen.lines(r"smp: Brought up 1 node, (\d+) CPU")
    want = 3 if answer == "2000" else 1
    assert re.search(rf", {want} CPU", up[0]), up


@BOTH
def test_f22_empty_page_is_touched(new_machine, disk, rmm):
    """A process reads a page that is EMPTY: an external abort, so SIGBUS, and all goes on."""
    seen = new_machine(mode="cca", monitor={"rmm": rmm}).add_disk(disk).run("mmio")
    assert seen.values["unguarded"] == "fault 135"
    assert seen.blocked["mmio"] == 1
    assert not seen.failed_checks()


@pytest.mark.parametrize("cpus, rmm", [(1, "spec"), (4, "spec"), (4, "tf")])
def test_f23_shared_pages_are_others_and_poisoned(new_machine, disk, cpus, rmm):
    """The page behind the host's address is another one, full of poison: all data right.

    What is private again is a fresh page of the host's, or (tf) the page that was there before.
    """
    seen = realm(new_machine, disk, "rebind-once", cpus=cpus, rmm=rmm)
    assert_whole(seen, disk)
    assert seen.shared["peak"] > 0


@BOTH
def test_f24_its_tables_are_poisoned(new_machine, disk, rmm):
    """Interrupts come through the ITS, whose tables were poison after they were shared."""
    seen = realm(new_machine, disk, "interrupts", cpus=2, rmm=rmm)
    assert_whole(seen, disk)
    assert seen.owners()["gic-its"] > 0
    assert seen.blocked["its"] == 0
    assert seen.realm["its_poisoned"] == 0
    assert seen.number("its_interrupts") > 0


# --- F25 to F30 -------------------------------------------------------------

@pytest.mark.parametrize("mode, works", [("plain", True), ("cca", False)])
def test_f25_device_with_a_narrow_mask(new_machine, disk, mode, works):
    """A device that can address 4 GiB cannot reach shared memory: its driver is told, others work."""
    guest = new_machine(image="test", mode=mode, append=["pguest.devices=+pci:pcnet32"]).add_disk(disk)
    guest.devices += ["-device", "pcnet,romfile="]
    seen = guest.run("disk")
    assert not seen.failed_checks()
    assert seen.blocked["dma"] == 0
    assert bool(seen.lines("pcnet32: 1 cards_found")) == works
    assert bool(seen.lines("architecture does not support 32bit PCI busmaster DMA")) != works


@pytest.mark.parametrize("unit", [16384, 65536])
def test_f27_host_with_larger_pages(new_machine, disk, unit):
    """A host that can change 64 KiB at a time says so by RHI, and is asked for no less."""
    seen = realm(new_machine, disk, alignment=unit)
    assert_whole(seen, disk)
    assert seen.refused_calls(SET) == 0


@pytest.mark.parametrize("nth, rmm", [(1, "spec"), (2, "spec"), (7, "spec"), (7, "tf"), (40, "spec"), (150, "spec")])
@pytest.mark.parametrize("when", ["empty", "ram"])
def test_f28_nth_change_fails(new_machine, disk, when, nth, rmm):
    """From the Nth change on all fail: no page is used whose state is not known, none in vain."""
    if when == "empty":
        seen = refused(new_machine, disk, fail_set=nth, fail_every=1, set_when=when, rmm=rmm)
        if seen.refused_calls(SET):
            assert seen.lines(COMPLAINT), seen.tail(15)
    else:
        guest = new_machine(mode="cca", secret=SECRET, monitor={
            "fail_set": nth, "fail_every": 1, "set_when": when, "rmm": rmm})
        seen = guest.add_disk(disk).add_rng().run("rebind-once", allow=["WARNING"])
        assert seen.monitor["secrets_found"] == 0
        assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]
        failed = seen.refused_calls(SET)
        assert (seen.number("lost") > 0) == (failed > 0)
    assert seen.hypercalls.get(SET, 0) < BOUND


def test_f29_junk_beside_an_error(new_machine, disk):
    """What stands in the other registers of an error means nothing."""
    seen = refused(new_machine, disk, fail_set=1, fail_every=1, set_when="empty", error_junk=1)
    assert_refused(seen, "cannot")


def test_f29_junk_beside_the_errors_of_a_healthy_boot(new_machine, disk):
    assert_whole(realm(new_machine, disk, error_junk=1), disk)


@pytest.mark.matrix
def test_f30_ram_that_ends_inside_of_pages(built, tmp_path):
    """A realm of 64 KiB pages: RAM with a hole, an end and reserved parts between those, and all devices."""
    seen = io(built, tmp_path, "guest-64k", "cca", ragged=1)
    assert seen.realm["ripas"]["destroyed"] == 0


def test_f30_ram_that_ends_inside_of_the_hosts_pages(new_machine, disk):
    """The same where the guest has 4 KiB and the host 64: what the host cannot give is left alone."""
    seen = realm(new_machine, disk, ram_mib=512, alignment=65536, ragged=2)
    assert_whole(seen, disk)
    assert seen.refused_calls(SET) == 0


# --- every call, every error ------------------------------------------------

# ERROR_INPUT, ERROR_STATE, ERROR_UNKNOWN; not known to the RMM; a status that there is not.
INPUT, STATE, UNKNOWN, NO_CALL, NO_STATUS = 1, 2, 4, -1, 99


@pytest.mark.parametrize("status", [INPUT, UNKNOWN, NO_CALL])
@pytest.mark.parametrize("call, why", [("RSI_REALM_CONFIG", "no configuration of the realm (0x"),
                                       (GET, "kernel's own memory (0x")])
def test_realm_that_cannot_be_known_ends(new_machine, call, why, status):
    """Without its configuration, or the state of its memory, a realm does not begin."""
    seen = stopped_early(new_machine, why, refuse_call=call, refuse_with=status)
    assert seen.hypercalls[call] < 10


@pytest.mark.parametrize("status", [INPUT, UNKNOWN, NO_CALL, NO_STATUS])
def test_change_that_fails_in_any_way(new_machine, disk, status):
    """IPA_STATE_SET fails once the RAM is accepted: no share works, each is told."""
    seen = refused(new_machine, disk, refuse_call=SET, refuse_with=status, refuse_from=2)
    assert_refused(seen, "cannot")


@pytest.mark.parametrize("status", [INPUT, NO_CALL, NO_STATUS])
def test_host_call_that_fails_in_any_way(new_machine, disk, status):
    seen = realm(new_machine, disk, refuse_call="RSI_HOST_CALL", refuse_with=status)
    assert_whole(seen, disk)


@pytest.mark.parametrize("call, status", [
    ("RSI_MEASUREMENT_READ", INPUT), ("RSI_MEASUREMENT_READ", NO_STATUS),
    ("RSI_MEASUREMENT_EXTEND", INPUT), ("RSI_MEASUREMENT_EXTEND", NO_CALL),
    ("RSI_ATTEST_TOKEN_INIT", INPUT), ("RSI_ATTEST_TOKEN_INIT", UNKNOWN),
    ("RSI_ATTEST_TOKEN_INIT", NO_CALL),
    ("RSI_ATTEST_TOKEN_CONTINUE", INPUT), ("RSI_ATTEST_TOKEN_CONTINUE", STATE),
    ("RSI_ATTEST_TOKEN_CONTINUE", UNKNOWN), ("RSI_ATTEST_TOKEN_CONTINUE", NO_STATUS),
])
def test_attestation_that_fails_in_any_way(new_machine, call, status):
    """No register and no report is an error for who asked, in bounded time, and for nobody else.

    The boot extends a register twice; what becomes of it without is in test_measured.py.
    """
    first = 3 if call == "RSI_MEASUREMENT_EXTEND" else 1
    guest = new_machine(mode="cca", ram_mib=128, challenge=verdict.new_challenge(),
                        monitor={"refuse_call": call, "refuse_with": status, "refuse_from": first})
    seen = guest.run("report")
    assert seen.failed_checks()
    assert seen.hypercalls[call] < BOUND
    if "TOKEN" in call:
        assert not seen.checks["report_is_made"] and not seen.token
        assert seen.checks["rem_is_extended"]

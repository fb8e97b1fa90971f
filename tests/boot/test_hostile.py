# SPDX-License-Identifier: GPL-2.0-only
"""A host or hypervisor that lies: one clear line, and nothing private gets out."""

import re

import pytest
from test_io import assert_clean, assert_ledger_is_true

from pguest.machine import SECRET, sha256_in_disk

PANIC = ["Kernel panic", "end Kernel panic"]
DEAD_DEVICE = ["I/O error", "blocked for more than", "rcu: INFO"]
ENDS = ("off", "reset", "timeout")


def lied_to(new_machine, disk=None, mode="pkvm", append=(), allow=(), **lies):
    """A boot that ends by itself: of all drivers the random number generator's waits for nobody."""
    guest = new_machine(mode=mode, secret=SECRET, append=append, monitor={"timeout": 20, **lies})
    guest.add_rng()
    if disk:
        guest.add_disk(disk)
    return guest.run("blocked", timeout=60, allow=[*PANIC, *DEAD_DEVICE, *allow], ends=ENDS)


def assert_refused(seen, why):
    """One line says why; then a panic, or a boot in which the host gets nothing."""
    assert seen.lines(rf"pguest: .*{why}"), seen.tail(15)
    assert seen.monitor["secrets_found"] == 0
    if seen.exit == "reset":
        assert seen.lines(r"Kernel panic - not syncing: pguest: ")
    else:
        assert seen.values.get("disk", "fails") == "fails"
        assert seen.values["rng"] == "fails"


@pytest.mark.parametrize("granule", ["0", "3", "8191", "1<<63", "0x10000000000", "-1"])
@pytest.mark.parametrize("mode", ["pkvm", "pkvm-android"])
def test_granule_that_makes_no_sense(new_machine, mode, granule):
    """0, no power of two, larger than the machine: refused by name."""
    seen = lied_to(new_machine, mode=mode, meminfo=granule)
    assert_refused(seen, "granule")
    assert "MEM_SHARE" not in seen.hypercalls


@pytest.mark.parametrize("features", [
    pytest.param("0x5", id="meminfo-alone"),
    pytest.param("0x9", id="share-alone"),
    pytest.param("0x10", id="unshare-alone"),
])
def test_features_that_contradict_each_other(new_machine, features):
    """Half of the memory functions is no protection to build on."""
    seen = lied_to(new_machine, features=features)
    assert_refused(seen, "contradict")
    assert "MEM_SHARE" not in seen.hypercalls


def test_uid_refused_by_the_host(new_machine, disk):
    """The host denies being KVM: the hypervisor itself is asked, and the guest is protected."""
    guest = new_machine(mode="pkvm", monitor={"uid": 0}, secret=SECRET)
    seen = guest.add_disk(disk).run("disk")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.shared["peak"] > 0
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


def test_psci_method_of_the_device_tree_is_not_believed(new_machine, disk):
    """The host writes "smc" where "hvc" is: the trick of spec/pkvm.rst, Discovery. Protected all the same."""
    seen = new_machine(mode="pkvm", monitor={"psci": "smc"}, secret=SECRET) \
        .add_disk(disk).run("disk")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.shared["peak"] > 0


def test_hvc_that_is_undefined(new_machine, disk):
    """No hypervisor at all: the probe faults, is survived, and the machine runs as ever."""
    seen = new_machine(mode="plain", monitor={"hvc": "undef", "psci": "smc"}).add_disk(disk).run("disk")
    assert not seen.failed_checks()
    # Linux 7.x asks KVM's questions by itself, by the conduit that the device tree names.
    assert seen.refused_calls("FEATURES") == 1
    assert sum(seen.hypercalls.values()) == seen.monitor["smc"] + 1
    assert seen.values["status_backend"] == "none"
    assert not seen.lines("pguest: ")


def test_all_features_denied(new_machine):
    """The hypervisor itself says no: an unprotected boot in which nothing leaks."""
    seen = lied_to(new_machine, features="-1")
    assert seen.values["rng"] == "fails"
    assert seen.blocked["dma"] >= 1
    assert "MEM_SHARE" not in seen.hypercalls
    assert seen.shared["peak"] == 0
    assert seen.monitor["secrets_found"] == 0


def test_require_panics_when_features_are_denied(new_machine):
    seen = lied_to(new_machine, features="-1", append=["pguest=require"])
    assert seen.exit == "reset"
    assert seen.lines(r"Kernel panic - not syncing: pguest: .*require")


@pytest.mark.parametrize("nth", [1, 2, 100, 1500])
@pytest.mark.parametrize("mode", ["pkvm", "pkvm-android"])
def test_share_refused_at_some_point(new_machine, disk, mode, nth):
    """From the Nth share on the host says no: told, and nothing half-shared is used."""
    seen = lied_to(new_machine, disk, mode=mode, fail_share=nth, fail_every=1,
                   allow=["WARNING"])
    assert seen.monitor["secrets_found"] == 0
    if seen.refused_calls("MEM_SHARE"):
        assert seen.lines(r"pguest: .*(refused|share)"), seen.tail(15)


@pytest.mark.parametrize("mode", ["pkvm", "pkvm-android"])
def test_unshare_refused_leaks_the_granule(new_machine, disk, mode):
    """A page that cannot be taken back is never used again: lost, counted, still right."""
    guest = new_machine(mode=mode, secret=SECRET, cpus=1,
                        monitor={"fail_unshare": 1, "fail_every": 1})
    seen = guest.add_disk(disk).add_rng().run("rebind-once", allow=["WARNING"])
    assert seen.monitor["secrets_found"] == 0
    assert seen.refused_calls("MEM_UNSHARE") > 0
    assert seen.number("lost") > 0
    assert seen.lines(r"pguest: cannot take .* back")


@pytest.mark.parametrize("answer", ["zero", "huge", "garbage"])
def test_share_answers_that_cannot_be(new_machine, disk, answer):
    """Android's count of granules done: none, too many, random. Refused, and in bounded time."""
    seen = lied_to(new_machine, disk, mode="pkvm-android", share_answer=answer, allow=["WARNING"])
    assert_refused(seen, "cannot")
    assert seen.hypercalls["MEM_SHARE"] < 5000


def test_each_refusal_is_one_line(new_machine):
    """A hostile host cannot fill the log: the complaint stands there once."""
    seen = lied_to(new_machine, meminfo="3")
    complaints = [line for line in seen.lines("pguest: .*granule")
                  if not re.search("Kernel panic", line)]
    assert len(complaints) <= 1


def number_of(seen, name):
    """Which of all calls the first of a kind was, from 1 on."""
    names = [name for name, _ in seen.monitor["sequence"]]
    return sum(count for _, count in seen.monitor["sequence"][:names.index(name)]) + 1


@pytest.mark.parametrize("answer", ["done", "-2"])
def test_guard_whose_answer_is_unknown(new_machine, disk, answer):
    """Android's ENROLL has a status that is not in the ABI, and was carried out or not: it is asked again.

    With a guard that is off and taken to be on, or the other way round, there would be no console.
    """
    recorded = new_machine(mode="pkvm-android", monitor={"record": 1}, directory="recorded").run("nothing")
    number = number_of(recorded, "MMIO_GUARD_ENROLL")
    guest = new_machine(mode="pkvm-android", secret=SECRET, monitor={"alter": number, "alter_as": answer})
    seen = guest.add_disk(disk).run("disk")
    assert seen.monitor["altered"] == "MMIO_GUARD_ENROLL"
    assert seen.hypercalls["MMIO_GUARD_ENROLL"] == 2
    assert not seen.lines("pguest: MMIO guard")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


def test_guard_that_is_said_to_be_on(new_machine):
    """ENROLL reports success and has done nothing: no device can be mapped, the console included, and the guest ends."""
    recorded = new_machine(mode="pkvm-android", monitor={"record": 1}, directory="recorded").run("nothing")
    number = number_of(recorded, "MMIO_GUARD_ENROLL")
    guest = new_machine(mode="pkvm-android", secret=SECRET, monitor={"alter": number, "alter_as": "hollow"})
    seen = guest.run("nothing", ends=("reset",))
    assert seen.monitor["altered"] == "MMIO_GUARD_ENROLL"
    assert seen.shared["peak"] == 0
    assert seen.monitor["secrets_found"] == 0

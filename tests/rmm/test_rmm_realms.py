# SPDX-License-Identifier: GPL-2.0-only
"""Realms of all kinds under a real RMM: they work, and the host has what they share and no more."""

import pytest
import rmm_verdict
import verdict

from machine import SECRET, make_disk, sha256_in_disk

SET = "RSI_IPA_STATE_SET"
TIMEOUT = 400


def run(guest, scenario="disk", **options):
    return guest.run(scenario, timeout=TIMEOUT, **options)


def assert_whole(seen, disk):
    """The disk is right, the host saw what the guest's ledger has, and could read nothing else."""
    assert not seen.failed_checks()
    assert not [name for name, ok in rmm_verdict.host_checks(seen).items() if not ok]
    assert rmm_verdict.ledger_is_true(seen), (seen.owners(), seen.monitor["phases"])
    assert seen.monitor["secrets_found"] == 0
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


@pytest.mark.parametrize("width, cpus", [(32, 1), (33, 4), (36, 1), (39, 2), (40, 1), (43, 2), (44, 1), (48, 2)])
def test_any_width(new_realm, disk, width, cpus):
    """The realm's addresses have so many bits: tables of each shape, with real DMA to the shared half."""
    guest = new_realm(cpus=cpus, secret=SECRET, host={"ipa_bits": width}).add_disk(disk)
    seen = run(guest)
    assert_whole(seen, disk)
    assert seen.realm["ipa_bits"] == width
    assert seen.hypercalls.get("PSCI_CPU_ON", 0) == cpus - 1


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_report(new_realm, algorithm):
    """Registers, and a report that holds where the platform's key is known, with each hash."""
    guest = new_realm(host={"hash": algorithm, "rpv": "whose_realm"}, challenge=verdict.new_challenge())
    seen = run(guest, "report")
    assert not seen.failed_checks()
    checks = rmm_verdict.attestation_checks(seen, guest)
    assert not [name for name, ok in checks.items() if not ok], seen.reasons
    assert bytes.fromhex(seen.values["rpv"]).rstrip(b"\0") == b"whose_realm"


def test_measurement_depends_on_the_files(new_realm):
    """The control: with another initramfs the guest's RIM is none that was worked out."""
    guest = new_realm(challenge=verdict.new_challenge())
    seen = run(guest, "report")
    other = guest.directory / "other"
    other.write_bytes(guest.initrd.read_bytes() + bytes(4096))
    guest.initrd = other
    assert not rmm_verdict.attestation_checks(seen, guest)["measurements"]


def test_vector_extension(new_realm, disk):
    """A realm with SVE: what the RMM saves lazily is there in each exit of a working guest."""
    guest = new_realm(cpus=2, secret=SECRET, host={"sve": 1}).add_disk(disk)
    seen = run(guest)
    assert_whole(seen, disk)
    assert seen.realm["sve_vl"] > 0


def test_cpus_go_and_come(new_realm, disk):
    """CPU_OFF, AFFINITY_INFO and CPU_ON of an RMM, five rounds, while the disk works."""
    guest = new_realm(cpus=4, secret=SECRET).add_disk(disk)
    guest.add_disk(make_disk(guest.directory / "more.img", mib=32, ext4=False))
    seen = run(guest, "hotplug")
    assert_whole(seen, disk)
    assert seen.hypercalls["PSCI_CPU_OFF"] == 15
    assert seen.hypercalls["PSCI_CPU_ON"] == 3 + 15
    assert seen.hypercalls["PSCI_AFFINITY_INFO"] >= 15


def test_all_devices(new_realm, disk):
    """Disk, network, random numbers and a console at once; the peeks of the host are refused by the machine."""
    guest = new_realm(cpus=2, secret=SECRET, challenge=verdict.new_challenge()).add_all(disk)
    seen = run(guest, "io")
    checks = rmm_verdict.judge(seen, guest, disk)
    assert not [name for name, ok in checks.items() if not ok], seen.reasons


@pytest.mark.parametrize("unit", [16384, 65536])
def test_host_of_larger_pages(new_realm, disk, unit):
    """The host converts whole pages of its own: all that the guest asks for is such."""
    guest = new_realm(secret=SECRET, host={"alignment": unit}).add_disk(disk)
    seen = run(guest)
    assert_whole(seen, disk)
    assert seen.lines(rf"pguest: CCA realm .* {unit >> 10} KiB granule")
    assert seen.shared["now"] % (unit >> 12) == 0


def test_pages_go_and_come(new_realm, disk):
    """What was shared for a driver is private again when it is gone: the RMM has unmapped and scrubbed it."""
    guest = new_realm(secret=SECRET).add_disk(disk).add_rng()
    seen = run(guest, "rebind-once")
    assert_whole(seen, disk)
    assert seen.number("lost") == 0


def test_one_granule_at_a_time(new_realm, disk):
    """The control of `around`: the host gives what was touched and no more."""
    guest = new_realm(secret=SECRET, ram_mib=128, host={"around": 1}).add_disk(disk)
    seen = run(guest)
    assert_whole(seen, disk)
    assert seen.monitor["faults"]["first_touch"] > 2000

# SPDX-License-Identifier: GPL-2.0-only
"""What the host wrote for the kernel to read: in a realm a report proves what it was, or the owner decides.

The monitor has kept the device tree that it gave the guest. What REM 3 must be is worked out from that file and
from QEMU's -append, by Python that shares nothing with the kernel.
"""

import pytest

from pguest import description, verdict

EXTEND = "RSI_MEASUREMENT_EXTEND"
PANIC = ["Kernel panic", "end Kernel panic"]
# Each of them would undo what a protected VM is for, or change what it does.
HOSTS_WORDS = ["rdinit=/bin/sh", "pguest=off", "swiotlb=noforce", "iommu.passthrough=1", "rodata=off",
               "acpi=force", "resume=/dev/vda"]


@pytest.fixture
def realm(new_machine):
    def new(monitor=None, **options):
        return new_machine(mode="cca", monitor=monitor, challenge=verdict.new_challenge(), **options)

    return new


def register(seen):
    return seen.realm["rem"][description.REGISTER - 1]


def refusal(seen, guest):
    claims, reason = verdict.verify(seen, guest)
    assert not claims
    return reason


def test_a_report_proves_tree_and_command_line(realm):
    guest = realm()
    seen = guest.run("report-shell")
    claims, reason = verdict.verify(seen, guest)
    assert not reason
    assert f"REM {description.REGISTER}" in claims["compared"]
    assert seen.hypercalls[EXTEND] == 2


@pytest.mark.parametrize("word", ["rdinit=/init", "resume=/dev/vda", "rodata=off"])
def test_a_word_that_the_host_adds(realm, word):
    """The realm boots as before, and who checks its report sees that something is different."""
    guest = realm(append=[word])
    seen = guest.run("report-shell")
    guest.command_line = guest.command_line.replace(f" {word}", "")
    assert f"refused: REM {description.REGISTER}: " in refusal(seen, guest)


def test_a_tree_that_the_host_changes(realm):
    """The same command line, and a node more: nothing but REM 3 is different."""
    honest, other = realm(directory="honest"), realm({"restricted_pool": 8}, directory="other")
    other.challenge, other.append = honest.challenge, honest.append
    honest.run("report-shell")
    seen = other.run("report-shell")
    assert not verdict.verify(seen, other)[1]
    assert other.command_line == honest.command_line
    other.tree = honest.tree
    assert f"refused: REM {description.REGISTER}: " in refusal(seen, other)


def test_seeds_do_not_count(realm):
    """Both are other random numbers in each boot."""
    guests = [realm({"rng_seed": seed}, directory=seed) for seed in ("zero", "ones")]
    registers = []
    for guest in guests:
        guest.challenge = guests[0].challenge
        guest.append = guests[0].append
        registers.append(register(guest.run("report-shell")))
    assert registers[0] == registers[1]
    assert guests[0].tree.read_bytes() != guests[1].tree.read_bytes()


@pytest.mark.matrix
def test_an_acpi_machine_measures_what_efi_hands_on(realm):
    guest = realm({"acpi": 1, "ipa_bits": 48}, image="guest-acpi")
    seen = guest.run("report-shell")
    assert not verdict.verify(seen, guest)[1]


def test_an_rmm_that_does_not_measure(realm):
    """Nothing that a report says would hold for this boot, so there is none."""
    guest = realm({"refuse_call": EXTEND})
    seen = guest.run("report-shell", allow=PANIC, ends=("reset",))
    assert seen.lines(r"pguest: the device tree and the command line cannot be measured")
    assert seen.lines(r"Kernel panic - not syncing: pguest: ")
    assert "RSI_ATTEST_TOKEN_INIT" not in seen.hypercalls


def test_a_tree_that_the_host_can_go_on_writing(new_machine):
    """What is measured must be what is used: the VM ends before there is a console."""
    guest = new_machine(mode="cca", monitor={"tree_upper": 1, "timeout": 20})
    seen = guest.run("nothing", timeout=60)
    assert not seen.summary
    assert seen.monitor["last_words"].startswith("pguest: the device tree is not in the realm's own memory (0x")
    assert EXTEND not in seen.hypercalls


# --- the owner's policy -------------------------------------------------------------


def used(guest, left_out):
    """The command line that is left of the host's, and the owner's behind it."""
    words = [word for word in guest.command_line.split() if word not in left_out]
    return " ".join([*words, "pguest_owner=1", "ro"])


@pytest.mark.matrix
@pytest.mark.parametrize("mode", ["pkvm", "pkvm-android"])
def test_the_owners_policy(new_machine, mode):
    guest = new_machine(image="guest-owner", mode=mode, append=HOSTS_WORDS)
    seen = guest.run("cmdline")
    assert seen.values["cmdline"] == used(guest, HOSTS_WORDS)
    assert seen.lines(rf"pguest: {len(HOSTS_WORDS)} words of the host's command line are not allowed")
    assert seen.values["status_claim"] == "claimed by the hypervisor"


@pytest.mark.matrix
def test_the_owners_policy_in_a_realm(realm):
    """What is measured is what is left."""
    guest = realm(image="guest-owner", append=HOSTS_WORDS)
    seen = guest.run("cmdline")
    assert seen.values["cmdline"] == used(guest, HOSTS_WORDS)
    guest.command_line = used(guest, HOSTS_WORDS)
    assert not verdict.verify(seen, guest)[1]


@pytest.mark.matrix
def test_the_owners_policy_is_for_protected_vms(new_machine):
    guest = new_machine(image="guest-owner", mode="plain", append=["resume=/dev/vda", "pguest=off"])
    seen = guest.run("cmdline")
    assert seen.values["cmdline"] == guest.command_line

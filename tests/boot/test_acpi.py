# SPDX-License-Identifier: GPL-2.0-only
"""ACPI of a host that lies: tables outside the VM's memory, AML that writes to RAM, tables that name RAM."""

import pytest

from pguest.machine import GUEST_BASE

# A kernel of its own, for which make test has no time.
pytestmark = pytest.mark.matrix

NOT_OURS = r"pguest: an ACPI table at 0x[0-9a-f]*c300000 is not in our memory"
REFUSED = r"pguest: ACPI may not touch RAM at 0x"
AML_FAILS = ["Could not map memory", "AE_NO_MEMORY"]
TEXT = {"find_text": "AMLWROTE"}
PREVIOUS = "BERT: Error records from previous boot"
TABLES = ["BERT", "HEST"]

MODES = ["pkvm", "pkvm-android", "cca"]


def boot(new_machine, mode, lies, append=(), allow=(), scenario="nothing", image="guest-acpi"):
    wide = {"ipa_bits": 48} if mode == "cca" else {}
    guest = new_machine(mode=mode, image=image, monitor={"acpi": 1, **wide, **lies}, append=append)
    return guest.run(scenario, allow=allow)


@pytest.mark.parametrize("mode", MODES)
def test_a_table_that_the_host_can_change(new_machine, mode):
    """It is not read, not even once: the page stays the host's."""
    seen = boot(new_machine, mode, {"acpi_table": 1, "vmclock": 0, "vmgenid": 0, "pv_time": 0})
    assert seen.lines(NOT_OURS)
    assert not seen.lines("HOSTLIES")
    assert seen.monitor["host_pages"] == 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("where", [1, 2], ids=["free-page", "kernel"])
def test_aml_writes_to_ram(new_machine, mode, where):
    seen = boot(new_machine, mode, {"aml": where, **TEXT}, allow=AML_FAILS)
    assert seen.lines(REFUSED)
    assert seen.monitor["text_found"] == 0


def test_aml_may_where_the_owner_says_so(new_machine):
    seen = boot(new_machine, "pkvm", {"aml": 1, **TEXT}, append=["pguest.acpi=bert,memory"])
    assert not seen.lines(REFUSED)
    assert seen.monitor["text_found"] == 1


@pytest.mark.parametrize("mode", MODES)
def test_tables_that_name_memory(new_machine, mode):
    seen = boot(new_machine, mode, {"apei": 1})
    assert not seen.lines(PREVIOUS)
    for table in TABLES:
        assert len(seen.lines(f"pguest: the host's ACPI table {table} is not used")) == 1


def test_a_table_that_the_owner_allows(new_machine):
    seen = boot(new_machine, "pkvm", {"apei": 1}, append=["pguest.acpi=Bert"], allow=[PREVIOUS, "Hardware Error"])
    assert seen.lines(PREVIOUS)
    assert not seen.lines("pguest: the host's ACPI table BERT")
    assert seen.lines("pguest: the host's ACPI table HEST is not used")


@pytest.mark.parametrize("mode", MODES)
def test_no_code_of_firmware_is_called(new_machine, mode):
    seen = boot(new_machine, mode, {})
    assert seen.lines("EFI runtime services will be disabled")
    assert not seen.lines("Remapping and enabling EFI services")


def test_runtime_services_that_the_owner_allows(new_machine):
    seen = boot(new_machine, "pkvm", {}, append=["pguest.acpi=memory,efi"])
    assert seen.lines("Remapping and enabling EFI services")


def symbol(image, name):
    """Where a symbol of a kernel's is, and the 64 bits that the Image has there."""
    at = dict(reversed(line.split()[::2]) for line in (image.parents[3] / "System.map").read_text().splitlines())
    offset = int(at[name], 16) - int(at["_text"], 16)
    return GUEST_BASE + offset, int.from_bytes(image.read_bytes()[offset:offset + 8], "little")


@pytest.mark.parametrize("mode", MODES)
def test_a_seed_in_the_kernel(new_machine, built, mode):
    """The kernel clears a seed that it has read. What the table names is the kernel itself, which stays as it is."""
    address, value = symbol(built("guest-acpi"), "linux_banner")
    assert value >> 32 and value & 0xffffffff
    seen = boot(new_machine, mode, {"efi_seed": address, "look": address})
    assert seen.lines("pguest: ignored: a table of firmware's in what is not its own")
    assert int(seen.monitor["look"], 16) == value


@pytest.mark.parametrize("mode", MODES)
def test_a_list_that_goes_on_in_the_kernel(new_machine, built, mode):
    """What is reserved for a next kernel is written nowhere: here, it would be into data of this one."""
    address, value = symbol(built("guest-acpi"), "console_printk")
    seen = boot(new_machine, mode, {"efi_reserved": address, "look": address})
    assert int(seen.monitor["look"], 16) == value
    assert seen.monitor["hypercalls"] and not seen.failed_checks()


def test_an_unprotected_machine_is_as_it_was(new_machine):
    seen = boot(new_machine, "plain", {"aml": 1, "apei": 1, "acpi_table": 1, **TEXT}, allow=[PREVIOUS, "Hardware Error"])
    assert seen.lines("Remapping and enabling EFI services")
    assert seen.lines(PREVIOUS)
    assert seen.lines("HOSTLIES")
    assert seen.monitor["text_found"] == 1
    assert not seen.lines("pguest: ACPI")

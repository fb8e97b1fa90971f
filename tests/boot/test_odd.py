# SPDX-License-Identifier: GPL-2.0-only
"""A kernel that is configured otherwise, and machines that are described otherwise.

`guest-16k-odd` has no modules, but NUMA, KFENCE and DEBUG_PAGEALLOC; `guest-acpi` EFI and ACPI.
"""

from pathlib import Path

import pytest
from test_io import PROTECTED, assert_clean, assert_ledger_is_true

from pguest import ioboot
from pguest.machine import SECRET, Machine, sha256_in_disk


pytestmark = pytest.mark.matrix

FIRMWARE = Path("/usr/share/qemu-efi-aarch64/QEMU_EFI.fd")


def assert_works(seen, disk):
    assert_clean(seen)
    if seen.monitor["mode"] != "plain":
        assert_ledger_is_true(seen)
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


@pytest.mark.parametrize("mode", ["pkvm", "cca", "plain"])
def test_no_modules_and_memory_that_is_watched(new_machine, disk, mode):
    """Freed pages leave the linear map, some allocations have guard pages, and there are two nodes."""
    seen = new_machine(image="guest-16k-odd", mode=mode, cpus=2, secret=SECRET,
                       monitor=ioboot.pages_shown("guest-16k-odd", mode),
                       append=["debug_pagealloc=on", "kfence.sample_interval=10", "numa=fake=2"]) \
        .add_disk(disk).add_rng().run("disk", timeout=240)
    assert_works(seen, disk)
    assert seen.lines("kfence: initialized")
    assert seen.lines("Faking a node at .*|Faking node 1 at")


@pytest.mark.parametrize("mode", [*PROTECTED, "plain"])
def test_acpi(new_machine, disk, mode):
    """No device tree but /chosen: devices, CPUs, GIC and ITS are where the host's ACPI tables say."""
    monitor = {"acpi": 1, **({"ipa_bits": 48} if mode == "cca" else {})}
    seen = new_machine(image="guest-acpi", mode=mode, cpus=2, secret=SECRET, monitor=monitor) \
        .add_disk(disk).add_rng().run("disk", timeout=240)
    assert_works(seen, disk)
    assert seen.lines("ACPI: RSDP") and seen.lines("ACPI: Interpreter enabled")
    assert seen.hypercalls["PSCI_CPU_ON"] == 1
    if mode != "plain":
        assert seen.owners()["gic-its"] > 0


class FirmwareMachine(Machine):
    """No monitor: EFI firmware loads the kernel, at EL1, and describes the machine by ACPI."""

    def command(self, scenario):
        return [self.QEMU, "-M", "virt,gic-version=3", "-cpu", "max,pauth-impdef=on",
                "-smp", str(self.cpus), "-m", str(self.ram_mib), "-bios", str(FIRMWARE),
                "-display", "none", "-monitor", "none", "-serial", "stdio", "-nic", "none",
                "-no-reboot", "-kernel", str(self.image), "-initrd", str(self.initrd),
                "-append", self.kernel_command_line(scenario), *self.acceleration(), *self.devices]

    def _read_report(self, seen):
        seen.monitor = {"exit": "off" if seen.status == 0 and seen.summary else "reset"}


@pytest.mark.skipif(not FIRMWARE.exists(), reason="no qemu-efi-aarch64 on this machine")
def test_firmware_boots_the_same_image(tmp_path, built, disk):
    """EFI and ACPI in an ordinary VM: one question, and then nothing of ours."""
    guest = FirmwareMachine(tmp_path / "machine", image=built("guest-acpi"), mode="plain", cpus=2)
    seen = guest.add_disk(disk).add_rng().run("disk", timeout=240)
    assert not seen.failed_checks()
    assert seen.lines("efi: EFI v2") and seen.lines("ACPI: RSDP")
    assert seen.values["status_backend"] == "none"
    assert not seen.lines("pguest: ")
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]

# SPDX-License-Identifier: GPL-2.0-only
"""Realms whose addresses have 52 bits, where the kernel and the CPU can use so many.

`guest-52` has pages of 4 KiB, for which the CPU must have LPA2, `guest-64k` pages of 64 KiB, for which LPA will do.
"""

import pytest
from test_io import assert_clean

from pguest.machine import SECRET, Machine


pytestmark = pytest.mark.matrix

# Linux 6.1 has no LPA2.
WIDE = ["guest-52", "guest-64k", "guest-6.1-64k", "guest-7.x-52"]
OTHER_WIDTHS = [33, 40, 48]


class OldCpu(Machine):
    """A CPU without LPA2."""

    def command(self, scenario):
        return [word.replace("max,", "max,lpa2=off,") for word in super().command(scenario)]


@pytest.mark.parametrize("image, rmm", [*((image, "spec") for image in WIDE), ("guest-64k", "tf")])
def test_realm_of_52_bits(new_machine, image, rmm):
    """Console, shared pages and clock are at addresses with bit 51.

    There is no disk: QEMU's SMMU translates 48 bits, so that the monitor offers no PCI.
    """
    seen = new_machine(image=image, mode="cca", cpus=2, secret=SECRET,
                       monitor={"ipa_bits": 52, "rmm": rmm}).run("nothing")
    assert_clean(seen)
    assert seen.realm["ipa_bits"] == 52
    assert seen.values["status_shared_bit"] == f"{1 << 51:#x}"
    assert seen.lines("pguest: CCA realm .*, 52-bit addresses, ")
    assert seen.monitor["faults"]["mmio"] > 100
    assert seen.monitor["secrets_found"] == 0
    assert seen.monitor["last_words"] == ""


@pytest.mark.parametrize("bits", OTHER_WIDTHS)
@pytest.mark.parametrize("image", WIDE)
def test_other_widths_on_a_kernel_of_52_bits(new_machine, disk, image, bits):
    """The top bits of an address are elsewhere in its page tables, also where a realm has none."""
    seen = new_machine(image=image, mode="cca", monitor={"ipa_bits": bits}).add_disk(disk).run("disk")
    assert_clean(seen)
    assert seen.realm["ipa_bits"] == bits


@pytest.mark.parametrize("mode", ["plain", "pkvm", "cca"])
def test_kernel_of_52_bits_on_a_cpu_without(built, tmp_path, disk, mode):
    """It runs like one of 48 bits."""
    guest = OldCpu(tmp_path / "machine", image=built("guest-52"), mode=mode)
    assert_clean(guest.add_disk(disk).run("disk"))


def test_realm_of_52_bits_on_a_cpu_without(built, tmp_path):
    """An RMM that makes such a realm is wrong about its CPU: the VM ends, and says why."""
    guest = OldCpu(tmp_path / "machine", image=built("guest-52"), mode="cca",
                   monitor={"ipa_bits": 48, "config_bits": 52, "timeout": 20})
    seen = guest.run("nothing", timeout=60)
    assert not seen.summary
    assert seen.monitor["last_words"].endswith("addresses have 52 bits, this kernel on this CPU has 48")

# SPDX-License-Identifier: GPL-2.0-only
"""A VM that sleeps, and one that is asked to write its memory to a disk of the host's."""

import pytest
from test_io import PROTECTED, assert_clean, assert_ledger_is_true

from pguest.machine import SECRET, make_disk, sha256_in_disk

# A kernel of its own, for which make test has no time.
pytestmark = pytest.mark.matrix

IMAGE = "guest-sleep"
PAGE = 4096
# The signature in a swap header that has an image behind it
HAS_IMAGE = b"S1SUSPEND"


@pytest.mark.parametrize("mode, options", [
    pytest.param("pkvm", {"steal": 20}, id="pkvm-with-steal-time"),
    ("pkvm-android", {}),
    ("cca", {}),
    pytest.param("cca", {"rmm": "tf"}, id="cca-tf"),
])
def test_suspend_to_idle(new_machine, disk, tmp_path, mode, options):
    """Three times, while the disk works: devices, steal time and clock go on, and nothing more stays shared.

    The other state that Linux knows is PSCI's SYSTEM_SUSPEND, which neither pKVM nor an RMM has for a
    protected VM: Linux does not offer it then.
    """
    busy = make_disk(tmp_path / "busy.img", mib=64, ext4=False)
    guest = new_machine(image=IMAGE, mode=mode, cpus=2, secret=SECRET, monitor=options,
                        append=[f"pguest_steal={options.get('steal', 0)}"])
    seen = guest.add_disk(disk).add_disk(busy).add_net().add_rng().run("suspend", timeout=400)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.number("slept") == 3
    assert seen.values["mem_sleep"] == "[s2idle]"
    assert len(seen.lines("PM: suspend exit")) == 3
    assert seen.values["after"] == seen.values["before"] != ""
    assert ("steal_time" in seen.checks) == bool(options.get("steal"))
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


@pytest.mark.parametrize("mode", PROTECTED)
def test_hibernation_is_refused(new_machine, disk, tmp_path, mode):
    """By the kernel and by a program, and so is an image of the host's; each says so, and nothing is on the disk."""
    swap = make_disk(tmp_path / "swap.img", mib=512, ext4=False)
    guest = new_machine(image=IMAGE, mode=mode, ram_mib=256, secret=SECRET)
    seen = guest.add_disk(disk).add_disk(swap).run("hibernate")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert "disk" in seen.values["states"].split()
    assert len(seen.lines("pguest: no hibernation: it would write all memory out for the host to read")) == 2
    assert len(seen.lines("pguest: no resume: the host could have made the image")) == 2
    assert not any(swap.read_bytes()[PAGE:])
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


def test_hibernation_of_an_unprotected_machine(new_machine, disk, tmp_path):
    """Nothing changes there: the image is on the disk, and the machine is off."""
    swap = make_disk(tmp_path / "swap.img", mib=512, ext4=False)
    seen = new_machine(image=IMAGE, mode="plain", ram_mib=256).add_disk(disk).add_disk(swap).run("hibernate")
    assert not seen.lines("pguest: no hibernation")
    assert HAS_IMAGE in swap.read_bytes()[:PAGE]

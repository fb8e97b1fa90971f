# SPDX-License-Identifier: GPL-2.0-only
"""A guest that ends before it has a console shows the host why.

Realms that cannot be used as such are in test_realm_faults.py (F9 to F11).
"""

import pytest

from pguest.machine import SECRET

# RAM for the kernel's image and next to nothing besides: page tables cannot be made.
NO_RAM = ["mem=64K"]
WORDS = "guest's last words: "


@pytest.mark.parametrize("mode", ["pkvm", "pkvm-android", "cca"])
def test_panic_before_psci_is_known(new_machine, mode):
    """The kernel could neither restart nor end; nothing of it is on a console."""
    guest = new_machine(mode=mode, append=NO_RAM, secret=SECRET, earlycon=False,
                        monitor={"timeout": 20})
    seen = guest.run("nothing", timeout=60, allow=[WORDS])
    assert [line for line in seen.lines("Kernel panic") if WORDS not in line] == []
    # Android's EL2 passes no registers of this call on.
    assert seen.monitor["last_words"].startswith("Kernel panic: " if mode != "pkvm-android" else "")
    assert bool(seen.monitor["last_words"]) == (mode != "pkvm-android")
    assert seen.monitor["secrets_found"] == 0
    assert seen.exit == "off"
    assert seen.hypercalls["PSCI_SYSTEM_OFF"] == 1
    assert seen.hypercalls.get("RSI_HOST_CALL", 0) <= (4 if mode == "cca" else 0)


def test_panic_of_a_realm_without_a_console(new_machine):
    """PSCI is known, so that the kernel restarts as it was asked to; the words are shown first."""
    page = 0x42000000 + (0x30 << 20)
    guest = new_machine(mode="cca", secret=SECRET, monitor={"timeout": 20, "destroyed": f"{page:#x}"})
    seen = guest.run("nothing", allow=["Kernel panic"], ends=("reset",))
    assert seen.monitor["last_words"].startswith("Kernel panic: pguest: ")
    assert f"{page:#x}" in seen.monitor["last_words"] or f"{page:016x}" in seen.monitor["last_words"]


@pytest.mark.parametrize("mode", ["plain", "pkvm", "cca"])
def test_guest_that_works_has_none(new_machine, mode):
    """Nor has one that panics once it has a console: that is the way for messages then."""
    seen = new_machine(mode=mode, secret=SECRET).run("nothing")
    assert seen.monitor["last_words"] == ""
    guest = new_machine(mode=mode, secret=SECRET, append=["init=/nothing", "rdinit=/nothing"])
    seen = guest.run("nothing", allow=["Kernel panic"], ends=("reset",))
    assert seen.lines("Kernel panic - not syncing: ")
    assert seen.monitor["last_words"] == ""

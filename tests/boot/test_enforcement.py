# SPDX-License-Identifier: GPL-2.0-only
"""Negative controls: what is wrong is stopped, so what passes elsewhere means something.

These machines do not reach their end by themselves: a driver waits for a
device that cannot answer. The monitor ends them and reports.
"""

import signal

import pytest
from test_io import PROTECTED, assert_clean, assert_ledger_is_true

from pguest import paths
from pguest.machine import PL011_BASE, SECRET, BootFail

# Lines that a guest with a dead device may print while it waits.
DEAD_DEVICE = ["I/O error", "blocked for more than", "rcu: INFO"]
# 6.12 warns that it speaks only half of the guard interface.
UPSTREAMS_GUARD = r"WARNING: .*arm-pkvm-guest"
STUCK = ("off", "reset", "timeout")


def assert_stopped_at_first_dma(seen):
    """A device aimed at private memory: blocked, counted, and not a byte was read."""
    assert seen.blocked["dma"] >= 1
    assert seen.values.get("disk", "fails") == "fails"
    assert not seen.lines(r"EXT4-fs .*mounted|virtio_blk.* vda: vda1")
    assert seen.monitor["secrets_found"] == 0


@pytest.mark.matrix
@pytest.mark.parametrize("mode", ["pkvm", "pkvm-android"])
def test_unmodified_kernel_is_stopped(new_machine, disk, mode):
    """Linux 6.12 as it is shares none of its rings: its first DMA is its last."""
    guest = new_machine(image="upstream", mode=mode, secret=SECRET, monitor={"timeout": 8})
    seen = guest.add_disk(disk).run("blocked", allow=[*DEAD_DEVICE, UPSTREAMS_GUARD], ends=STUCK)
    assert_stopped_at_first_dma(seen)


@pytest.mark.matrix
def test_unmodified_kernel_works_unprotected(new_machine, disk):
    """The control of the control: nothing is wrong with that kernel or that disk."""
    seen = new_machine(image="upstream", mode="plain").add_disk(disk).run("disk")
    assert not seen.failed_checks()
    assert seen.blocked["dma"] == 0


@pytest.mark.parametrize("mode", ["pkvm", "cca"])
def test_forced_bouncing_switched_off_is_stopped(new_machine, disk, mode):
    """Our own kernel without forced bouncing: the layer protects, not luck."""
    guest = new_machine(image="test", mode=mode, secret=SECRET, monitor={"timeout": 14},
                        append=["pguest_test.no_bounce=1"])
    seen = guest.add_disk(disk).run("blocked", allow=DEAD_DEVICE, ends=STUCK)
    if paths.version_of(paths.KERNEL) < (7, 3):
        return assert_stopped_at_first_dma(seen)
    # Its DMA core bounces for a device that takes shared memory alone, whoever forgets to.
    assert seen.values["disk"] == "works"
    assert seen.blocked["dma"] == 0
    assert seen.monitor["secrets_found"] == 0


@pytest.mark.matrix
def test_upstreams_its_tables_are_caught(new_machine, disk):
    """The interrupt controller reads its tables from memory: private ones are counted."""
    guest = new_machine(image="upstream", mode="pkvm", monitor={"timeout": 8})
    seen = guest.add_disk(disk).run("blocked", allow=DEAD_DEVICE, ends=STUCK)
    assert seen.blocked["its"] >= 1


def test_machine_whose_dma_would_not_be_checked_is_refused(new_machine, disk):
    """The monitor's own honesty: it does not start what it cannot enforce."""
    guest = new_machine(mode="pkvm", access_platform=False).add_disk(disk)
    with pytest.raises(BootFail, match="past the SMMU"):
        guest.run("disk")


@pytest.mark.matrix
def test_unmodified_kernel_is_no_realm(new_machine, disk):
    """Linux 6.12 as it is looks for its interrupt controller in the wrong half: it never gets on."""
    guest = new_machine(image="upstream", mode="cca", secret=SECRET, monitor={"timeout": 8})
    guest.earlycon = guest.shared_half + PL011_BASE
    seen = guest.add_disk(disk).run("blocked", allow=[*DEAD_DEVICE, "Kernel panic", "Internal error"],
                                    ends=("reset", "timeout", "fail"))
    assert seen.blocked["mmio"] >= 1
    assert not seen.summary
    assert seen.shared["peak"] == 0
    assert seen.monitor["secrets_found"] == 0


def test_unguarded_mmio_faults(new_machine):
    """User space reads a device page that nobody guarded: a bus error, counted once."""
    seen = new_machine(mode="pkvm-android").run("mmio")
    assert seen.values["unguarded"] == f"fault {128 + signal.SIGBUS}"
    assert seen.blocked["mmio"] == 1


def test_unguarded_mmio_is_forwarded_without_a_guard(new_machine):
    """Mainline has no MMIO guard: the same read reaches the host there."""
    seen = new_machine(mode="pkvm").run("mmio")
    assert seen.values["unguarded"].startswith("0x")
    assert seen.blocked["mmio"] == 0


def test_layer_kept_out_leaks_nothing(new_machine, disk):
    """pguest=off in a protected VM: no call of ours, no granule shared, no device works."""
    guest = new_machine(mode="pkvm", secret=SECRET, monitor={"timeout": 8}, append=["pguest=off"])
    seen = guest.add_disk(disk).run("blocked", allow=DEAD_DEVICE, ends=STUCK)
    assert_stopped_at_first_dma(seen)
    assert "MEM_SHARE" not in seen.hypercalls
    assert seen.shared["peak"] == 0


@pytest.mark.parametrize("mode", PROTECTED)
def test_no_bounce_pool_ends_in_errors(new_machine, disk, mode):
    """swiotlb=noforce takes the pool away and not the bouncing: requests fail, and no device gets at private memory."""
    guest = new_machine(mode=mode, secret=SECRET, append=["swiotlb=noforce"])
    seen = guest.add_disk(disk).add_rng().run("blocked", allow=["I/O error"])
    assert seen.lines("pguest: no bounce pool: devices will not work")
    assert seen.values["disk"] == seen.values["rng"] == "fails"
    assert seen.lines("I/O error, dev vda")
    assert seen.blocked["dma"] == 0
    assert seen.owners()["bounce-pool"] == 0
    assert_ledger_is_true(seen)


def test_require_refuses_an_unprotected_machine(new_machine):
    """pguest=require and no hypervisor: a panic that says why, before user space."""
    guest = new_machine(mode="plain", append=["pguest=require"])
    seen = guest.run("nothing", timeout=30, allow=["Kernel panic", "end Kernel panic"], ends=("reset",))
    assert seen.lines(r"Kernel panic - not syncing: pguest: .*require")
    assert not seen.summary


def test_last_word_of_the_command_line_wins(new_machine, disk):
    """pguest=off behind pguest=require, and the other way round."""
    seen = new_machine(mode="plain", append=["pguest=require", "pguest=off"]).run("nothing")
    assert seen.summary and not seen.lines("pguest: ")
    guest = new_machine(mode="pkvm", directory="protected", append=["pguest=off", "pguest=require"])
    seen = guest.add_disk(disk).run("disk")
    assert_clean(seen)
    assert_ledger_is_true(seen)

# SPDX-License-Identifier: GPL-2.0-only
"""How a call can end: answered or not, undefined or aborted, at the instruction or behind it.

A hypervisor that injects an exception for an HVC or SMC may name the instruction behind it: all of
TF-RMM's releases do. Nothing that answers a probe in its own way may take the kernel down.
"""

import pytest
from test_io import assert_clean, assert_ledger_is_true

from pguest.machine import SECRET, sha256_in_disk

FAULTS = ["undef", "undef-behind", "abort", "abort-behind"]
ENDS = [*FAULTS, "unsupported"]


def boot(new_machine, mode, **monitor):
    return new_machine(mode=mode, secret=SECRET,
                       monitor={**({"measure": 0} if mode == "cca" else {}), **monitor})


def assert_unprotected(seen):
    """Up to user space and down again, with nothing of ours, and no word about it."""
    assert seen.values["status_backend"] == "none"
    assert seen.shared["peak"] == 0
    assert not seen.lines("pguest: ")


def assert_works(seen, disk):
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.shared["peak"] > 0
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


@pytest.mark.parametrize("end", [*ENDS, "clobber"])
def test_hvc_of_a_realm(new_machine, disk, end):
    """Asked for pKVM first, then for the RMM: whatever becomes of the HVC, a realm is one."""
    seen = boot(new_machine, "cca", hvc=end).add_disk(disk).add_rng().run("disk")
    assert_works(seen, disk)
    assert 1 <= seen.hypercalls["HVC"] <= 2
    assert seen.refused_calls("HVC") == seen.hypercalls["HVC"]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("mode", ["plain", "pkvm", "pkvm-android"])
def test_hvc_that_nobody_answers(new_machine, mode, end):
    """There is no hypervisor as far as we can know: one question each, and an ordinary VM."""
    seen = boot(new_machine, mode, hvc=end, psci="smc").run("nothing")
    assert_unprotected(seen)
    assert seen.refused_calls("FEATURES") == 1
    assert seen.hypercalls["RSI_VERSION"] == 1
    assert sum(seen.hypercalls.values()) == seen.monitor["smc"] + 1


@pytest.mark.parametrize("uid", [1, 0])
@pytest.mark.parametrize("mode", ["pkvm", "pkvm-android"])
def test_host_that_could_play_an_rmm(new_machine, disk, mode, uid):
    """An SMC of pKVM's guest ends at the host, which could answer as an RMM does: it is never asked."""
    seen = boot(new_machine, mode, uid=uid).add_disk(disk).run("disk")
    assert_works(seen, disk)
    assert seen.values["status_backend"].startswith("pKVM")
    assert seen.monitor["smc"] == 0
    assert not [name for name in seen.hypercalls if name.startswith("RSI_")]


@pytest.mark.parametrize("end", [*ENDS, "clobber"])
def test_smc_that_nobody_answers(new_machine, disk, end):
    """Neither EL3 nor an RMM: the last question of the probe."""
    seen = boot(new_machine, "plain", smc=end).add_disk(disk).run("disk")
    assert not seen.failed_checks()
    assert_unprotected(seen)
    assert seen.monitor["smc"] == seen.hypercalls["RSI_VERSION"] == 1


@pytest.mark.parametrize("end", [*ENDS, "clobber"])
@pytest.mark.parametrize("mode", ["pkvm", "pkvm-android"])
def test_smc_of_a_protected_vm_is_not_made(new_machine, disk, mode, end):
    """pKVM has answered, so nothing else is asked."""
    seen = boot(new_machine, mode, smc=end).add_disk(disk).run("disk")
    assert_works(seen, disk)
    assert seen.monitor["smc"] == 0


@pytest.mark.parametrize("psci", ["hvc", "smc"])
@pytest.mark.parametrize("mode", ["plain", "pkvm", "pkvm-android"])
def test_registers_that_do_not_survive(new_machine, disk, mode, psci):
    """SMCCC 1.0 keeps X18 to X30: all that the layer counts on, whatever calls change else."""
    seen = boot(new_machine, mode, psci=psci, hvc="clobber", smc="clobber") \
        .add_disk(disk).add_rng().run("disk")
    if mode == "plain":
        assert not seen.failed_checks()
        assert_unprotected(seen)
    else:
        assert_works(seen, disk)


@pytest.mark.parametrize("behind", [0, 1], ids=["at", "behind"])
def test_id_register_that_is_undefined(new_machine, behind):
    """Wherever the exception points, the register reads as zero and the next ones are right."""
    seen = boot(new_machine, "pkvm", no_id=f"4,3,{behind}").run("features")
    assert not seen.failed_checks()
    assert seen.values["features_beyond"] == "0"
    assert int(seen.values["reg_S3_0_C0_C4_3"], 0) == 0
    assert seen.values["reg_ID_AA64ZFR0_EL1"] == seen.values["reg_ID_AA64SMFR0_EL1"]

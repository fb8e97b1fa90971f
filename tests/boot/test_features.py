# SPDX-License-Identifier: GPL-2.0-only
"""The CPU features that a protected VM is shown, and what the guest says when they are others.

That they are as they should be is a check of every boot of the io scenario (verdict.py).
"""

import pytest

from pguest import verdict

WARNING = r"pguest: .*features"


def warnings(seen):
    """Not the boot line, which names the hypervisor."""
    return [line for line in seen.lines(WARNING) if "claimed by the hypervisor" not in line]


def boot(new_machine, mode="pkvm", cpus=2, **options):
    seen = new_machine(mode=mode, cpus=cpus, monitor=options).run("features")
    assert not seen.failed_checks()
    return seen


def registers(seen):
    return {name[len("reg_"):]: int(value, 0) for name, value in seen.values.items()
            if name.startswith("reg_")}


@pytest.mark.parametrize("mode", ["pkvm", "pkvm-android"])
def test_feature_that_pkvm_does_not_show(new_machine, mode):
    """CSSC is masked by all of pKVM: one line says so; an ID register that is undefined is none."""
    seen = boot(new_machine, mode, show="6,2,52,1", no_id="4,3")
    assert [line.split("pguest: ")[1] for line in warnings(seen)] == [
        "features that pKVM does not show: ID_AA64ISAR2_EL1.CSSC is 1, 0 at most"]
    assert seen.lines("claimed by the hypervisor.*features that pKVM does not show")
    assert seen.values["features_beyond"] == "1"
    assert seen.values["beyond_ID_AA64ISAR2_EL1.CSSC"] == "1 0"
    assert seen.values["features_cpus_differ"] == "0"
    assert not verdict.features_match(seen, cpus=2)
    assert registers(seen)["ID_AA64ISAR2_EL1"] >> 52 & 15 == 1
    assert registers(seen)["S3_0_C0_C4_3"] == 0


def test_feature_that_has_to_be_not_there(new_machine):
    """A signed field: DoubleLock is 0xf in a protected VM of mainline's, and 0 is more than that."""
    seen = boot(new_machine, cpus=1, show="5,0,36,0")
    assert [line.split("pguest: ")[1] for line in warnings(seen)] == [
        "features that pKVM does not show: ID_AA64DFR0_EL1.DoubleLock is 0, -1 at most"]
    assert seen.values["beyond_ID_AA64DFR0_EL1.DoubleLock"] == "0 -1"


def test_cpu_that_shows_other_features(new_machine):
    """The last of four CPUs alone is lied to: one line, and the file names it."""
    seen = boot(new_machine, cpus=4, show="6,2,52,2", show_cpu="3")
    assert [line.split("pguest: ")[1] for line in warnings(seen)] == [
        "CPU3 shows other features than the boot CPU: "
        f"ID_AA64ISAR2_EL1 is {registers(seen)['ID_AA64ISAR2_EL1'] | 2 << 52:#x} "
        f"and not {registers(seen)['ID_AA64ISAR2_EL1']:#x}"]
    assert seen.values["features_beyond"] == "0"
    assert (seen.values["features_cpus"], seen.values["features_cpus_differ"]) == ("4", "1")
    assert seen.values["differs_3"].startswith("1 ID_AA64ISAR2_EL1 ")

# SPDX-License-Identifier: GPL-2.0-only
"""Protected VMs of all sizes on a real pKVM host: they work, and leave nothing behind."""

import errno
import re

import pytest
from checks import assert_clean, assert_disk_is_right, assert_ledger_is_true

from pguest import dice, dicereport, host as host_build, paths, verdict
from pguest.machine import SECRET, make_disk
from pguest.verdict import MARK_DONE


pytestmark = pytest.mark.xdist_group("host-machines")

WORDS = "guest's last words: "
SIZES = [(1, 128), (2, 1024), (2, 256), (4, 512)]
IN_MAKE_TEST = SIZES[:2]


def add_guests(host, selected):
    for cpus, ram_mib in SIZES:
        if (cpus, ram_mib) in IN_MAKE_TEST or f"test_any_size[{cpus}-{ram_mib}]" in selected:
            host.with_disk(f"{cpus}x{ram_mib}", "disk", cpus=cpus, ram_mib=ram_mib, secret=SECRET)
    host.vms["1x128"].before = "vmm --protected --ask\n"
    if "test_device_without_access_platform" in selected:
        host.with_disk("no-access-platform", "disk", cpus=2, ram_mib=256, access_platform=False)
    if "test_restricted_dma_pool" in selected:
        host.with_disk("restricted-pool", "disk", cpus=2, ram_mib=256, vmm=["--restricted-pool", "8"])
    if "test_features_are_those_that_the_monitor_shows" in selected:
        host.vm("features", "features", cpus=2, ram_mib=256)
    if "test_cpus_go_and_come" in selected:
        host.with_disk("hotplug", "hotplug", cpus=2, ram_mib=256) \
            .add_disk(make_disk(host.directory / "more.img", mib=32, ext4=False))
    if "test_reset_is_another_vm" in selected:
        host.with_disk("reboot", "reboot", cpus=2, ram_mib=256, vmm=["--restart", "1"])
    attested = host.vm("dice", "dice", cpus=2, ram_mib=256, challenge=verdict.new_challenge())
    attested.chain = dice.for_guest(paths.MONITOR, host_build.VMM / "vmm", attested.image, attested.initrd)
    attested.hand_over(attested.chain.data)
    host.vm("last-words", "nothing", ram_mib=128, append=["mem=64K"], allow=[WORDS])


@pytest.fixture(scope="module")
def host(boot_host, selected):
    return boot_host(lambda host: add_guests(host, selected))


def test_host_survives(host):
    """Whatever the guests did, the host powers off."""
    assert host.failure is None


# What KVM of 7.2 answers to the VMM of a protected VM: numbers, or -errno.
ANSWERS = {
    "steal time of the system": 1,
    "steal time of the VM": 0,
    "SVE of the VM": 0,
    "PMU of the VM": 0,
    "pointer authentication of the VM": 1,
    "irqfd of the VM": 1,
    "MSI of the VM": 1,
    "a VM of a sign-extended type": -errno.EINVAL,
    "a read-only slot": -errno.EPERM,
    "a slot with a dirty log": -errno.EPERM,
    "exits for accesses without a syndrome": -errno.EINVAL,
    "an SMCCC filter": -errno.EINVAL,
    "what x5 is, as the host sees it": 0x5ec,
    "a load from the guest's code": -errno.EFAULT,
    "another slot, later": 0,
    "a slot deleted, later": -errno.EPERM,
    "another vCPU, later": -errno.EBUSY,
    # It writes a key: a power-off is 1, and 2 the reset that an undefined instruction ends in.
    "how a guest with pointer authentication ends": 1,
    "how a guest without it ends": 2,
    "locked memory after the end": 0,
}


def test_answers_of_kvm(host):
    """The VMM asks before the first guest: what pkvm-host.rst says is what this kernel answers."""
    host.seen("1x128")
    said = [re.search(r"asked: (.*): (-?\d+)", line).groups()
            for line in host.vms["1x128"].seen.lines("^vmm: asked: ")]
    answers = {question: int(answer) for question, answer in said}
    assert {question: answers.get(question) for question in ANSWERS} == ANSWERS


@pytest.mark.parametrize("cpus, ram_mib", [
    *IN_MAKE_TEST, *(pytest.param(*size, marks=pytest.mark.matrix) for size in SIZES if size not in IN_MAKE_TEST)])
def test_any_size(host, cpus, ram_mib):
    """The disk works with any number of CPUs and any size of memory; all of it is given back."""
    name = f"{cpus}x{ram_mib}"
    seen = host.seen(name)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert_disk_is_right(seen, host.disk_of[name])
    assert (seen.monitor["cpus"], seen.monitor["ram_mib"]) == (cpus, ram_mib)
    assert seen.phase(MARK_DONE)["locked_kib"] > 0


def test_memory_comes_back(host):
    """After the largest VM the host has as much free memory as before it.

    Within 16 MiB of the more than 32 that it had: the host's own caches come and go, seen: by 5.
    """
    seen = host.seen("2x1024")
    before, after = seen.monitor["host"]["before"], seen.monitor["host"]["after"]
    assert seen.phase(MARK_DONE)["locked_kib"] > 32 << 10
    assert after["mem_free_kib"] > before["mem_free_kib"] - (16 << 10)


@pytest.mark.matrix
def test_device_without_access_platform(host):
    """A VMM that does not offer VIRTIO_F_ACCESS_PLATFORM gets bounced data all the same."""
    seen = host.seen("no-access-platform")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert_disk_is_right(seen, host.disk_of["no-access-platform"])


@pytest.mark.matrix
def test_restricted_dma_pool(host):
    """With a restricted-dma-pool node the devices use that pool, and no other."""
    seen = host.seen("restricted-pool")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert 0 < seen.owners()["restricted-pool"] <= 8 << 20 >> 12
    assert seen.owners()["bounce-pool"] == 0


@pytest.mark.matrix
def test_cpus_go_and_come(host):
    """CPU_OFF and CPU_ON are the host's to answer; the disk works meanwhile."""
    seen = host.seen("hotplug")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.checks["cpus_go_and_come"] and seen.checks["disk_worked_meanwhile"]


@pytest.mark.matrix
def test_reset_is_another_vm(host):
    """The VMM destroys the VM and makes a new one: nothing is locked in between, the disk is as it was."""
    seen = host.seen("reboot")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.monitor["locked_kib_after"] == [0, 0]
    assert seen.phase(10)["locked_kib"] > 0
    assert seen.checks["data_is_there"]
    assert_disk_is_right(seen, host.disk_of["reboot"])


def test_a_report_that_is_rooted_in_the_hosts_word(host):
    """The VMM hands a secret over, as a firmware would: a report verifies with the VMM's root, and with no other."""
    seen, guest = host.seen("dice"), host.vms["dice"]
    assert_clean(seen)
    assert seen.lines("pkvm_guest: reports by DICE.*rooted in the host's word unless a verifier knows its root")
    report, refusal = verdict.verify_dice(seen, guest)
    assert not refusal
    assert report["region"] == 2
    other = dice.key_of(bytes(32)).public_key()
    with pytest.raises(dicereport.Refused, match="none of the trusted ones"):
        dicereport.verify(seen.token, seen.chain, [other])
    assert seen.chain == guest.chain.chain


def test_last_words(host):
    """A guest that cannot make page tables has no console; the VMM reads why in SYSTEM_OFF's registers."""
    seen = host.seen("last-words")
    assert seen.monitor["last_words"].startswith("Kernel panic: ")
    assert seen.lines(f"vmm: {WORDS}Kernel panic: ")
    assert not seen.summary


@pytest.mark.matrix
def test_features_are_those_that_the_monitor_shows(host, new_machine):
    """All ID registers, bit by bit: where the two differ, our monitor is wrong."""
    monitor = new_machine(cpus=2, ram_mib=256).run("features", timeout=200)
    shown = [seen.values for seen in (host.seen("features"), monitor)]
    registers = [{name: value for name, value in values.items() if name.startswith("reg_")}
                 for values in shown]
    assert len(registers[0]) == 56
    assert registers[0] == registers[1]
    assert [values["features_beyond"] for values in shown] == ["0", "0"]

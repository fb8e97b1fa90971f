# SPDX-License-Identifier: GPL-2.0-only
"""All devices on a real pKVM host: virtio-mmio and virtio-pci, protected and not."""

import pytest
from checks import assert_clean, assert_disk_is_right, assert_ledger_is_true

from pguest import host_verdict
from pguest.machine import SECRET, make_disk
from pguest.pkvm_host import OFFERED


pytestmark = pytest.mark.xdist_group("host-devices")

# What `make run HOST=pkvm` does; the same Image, unprotected; and the other transport.
WORK = {"pci": ("pkvm", OFFERED), "plain": ("plain", OFFERED), "mmio": ("pkvm", ())}
# Each of the others takes as long as thirty boots under the monitor, which does the same with them.
NAMES = ["pci", *(pytest.param(name, marks=pytest.mark.matrix) for name in ("plain", "mmio"))]


def add_guests(host, selected):
    for name, (mode, words) in WORK.items():
        if f"test_all_devices[{name}]" not in selected:
            continue
        host.disk_of[name] = make_disk(host.directory / f"{name}.img")
        host.vm(name, "io", mode=mode, cpus=2, secret=SECRET, vmm=words).add_all(host.disk_of[name])
    host.with_disk("interrupts", "interrupts", cpus=2, ram_mib=256, vmm=["--pci"])


@pytest.fixture(scope="module")
def host(boot_host, selected):
    return boot_host(lambda host: add_guests(host, selected))


def test_host_survives(host):
    assert host.failure is None


@pytest.mark.parametrize("name", NAMES)
def test_all_devices(host, name):
    seen = host.seen(name)
    checks = host_verdict.judge(seen, host.vms[name], host.disk_of[name])
    assert not [name for name, ok in checks.items() if not ok]


def test_interrupts_come_through_the_its(host):
    """Each request of a disk on PCI ends in a message, which the ITS takes to a CPU.

    Its tables are in the guest's RAM, and KVM reads them there.
    """
    seen = host.seen("interrupts")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert_disk_is_right(seen, host.disk_of["interrupts"])
    assert seen.number("its_interrupts") > 50
    assert seen.owners()["gic-its"] > 0

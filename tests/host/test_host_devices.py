# SPDX-License-Identifier: GPL-2.0-only
"""All devices on a real pKVM host: virtio-mmio and virtio-pci, protected and not; and a guest that cannot."""

import pytest
from checks import assert_clean, assert_disk_is_right, assert_ledger_is_true

import host_verdict
from machine import SECRET, make_disk
from pkvm_host import OFFERED

pytestmark = pytest.mark.xdist_group("host-devices")

# What `make run HOST=pkvm` does; the same Image, unprotected; and the other transport.
WORK = {"pci": ("pkvm", OFFERED), "plain": ("plain", OFFERED), "mmio": ("pkvm", ())}


@pytest.fixture(scope="module")
def host(new_host):
    host = new_host()
    for name, (mode, words) in WORK.items():
        host.disk_of[name] = make_disk(host.directory / f"{name}.img")
        host.vm(name, "io", mode=mode, cpus=2, secret=SECRET, vmm=words).add_all(host.disk_of[name])
    host.with_disk("interrupts", "interrupts", cpus=2, ram_mib=256, vmm=["--pci"])
    for name, words in {"upstream": [], "upstream-pci": ["--pci"]}.items():
        host.with_disk(name, "disk", image="upstream", ram_mib=256, ends=("private",),
                       vmm=["--stop-at-private", *words])
    return host.boot(timeout=900)


def test_host_survives(host):
    assert host.failure is None


@pytest.mark.parametrize("name", WORK)
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


@pytest.mark.parametrize("name", ["upstream", "upstream-pci"])
def test_upstream_guest_gives_private_addresses(host, name):
    """The negative control: the unmodified kernel, and a VMM that survives to tell of it."""
    seen = host.seen(name)
    given = seen.monitor["private_addresses"]
    assert given and given[0]["private"] and given[0]["device"] in ("disk", "console")
    assert given[0]["queue"] in (0, 1) and int(given[0]["ipa"], 0) >= 0x40000000
    assert seen.lines(r"vmm: guest gave a private address: \w+, queue \d, [\w ]+ at 0x4")
    assert host_verdict.left_nothing(seen.monitor)

# SPDX-License-Identifier: GPL-2.0-only
"""Upstream's own guests, on a real pKVM host and on our monitor: where the two differ, the monitor is wrong.

The guests are unmodified, so that nothing of ours can hide a difference: what
they say of their CPUs and of their hypervisor, what they share and what they
give away is the hypervisor's doing, or theirs.
"""

import re

import pytest

from pguest import host_verdict
from pguest.machine import BootFail, make_disk


pytestmark = [pytest.mark.xdist_group("host-peers"), pytest.mark.matrix]

PEERS = ["upstream", "newest"]
# The monitor's machine has PCI, and steal time.
TRANSPORTS = {"mmio": [], "pci": ["--pci", "--steal"]}
CPUS, RAM_MIB = 2, 512
# Seconds after which a guest that stands still is ended.
DEADLINE = 60
ALLOWED = ["I/O error", "blocked for more than", "rcu: INFO"]

# What a kernel says of the CPUs and calls that a hypervisor shows it. Its devices, the interrupt
# controller among them, are those of two machines.
TELLING = re.compile(
    r"CPU features: |.*[pP]KVM|smccc: |SMCCC: |psci: |arm-pv: |software IO TLB: |"
    r"CPU\d+: Booted secondary |CPU: .*at EL|alternatives: |KASLR |WARNING: ")
STAMP = re.compile(r"^\[ *\d+\.\d+\] ")
# Two machines have two maps.
PLACES = re.compile(r"0x[0-9a-f]+|\[mem [^]]*\]|PID: \d+|\(\d+MB\)")


def telling(seen):
    """The telling lines of one boot, without times and places; once each."""
    lines = [STAMP.sub("", line) for line in seen.console if STAMP.match(line)]
    return {PLACES.sub("..", line) for line in lines if TELLING.match(line)}


@pytest.fixture(scope="module", params=PEERS)
def peer(request):
    return request.param


@pytest.fixture(scope="module")
def host(peer, new_host):
    """That kernel with both transports. Late consoles replay the log, and these may never come."""
    host = new_host()
    for name, words in TRANSPORTS.items():
        host.with_disk(name, "disk", image=peer, cpus=CPUS, ram_mib=RAM_MIB, ends=("off", "private", "timeout"),
                       allow=ALLOWED, early=True, deadline=DEADLINE, vmm=["--stop-at-private", *words])
    return host.boot(timeout=400)


@pytest.fixture(scope="module")
def monitor(peer, new_machine_of_module):
    guest = new_machine_of_module(image=peer, mode="pkvm", cpus=CPUS, ram_mib=RAM_MIB,
                                  monitor={"timeout": DEADLINE})
    guest.add_disk(make_disk(guest.directory / "disk.img", mib=64))
    try:
        return guest.run("disk", allow=ALLOWED, ends=("off", "timeout"))
    except BootFail as failure:
        return failure.seen


def test_kernel_says_the_same_of_both(host, monitor):
    assert telling(host.seen("pci")) == telling(monitor)


@pytest.mark.parametrize("name", TRANSPORTS)
def test_same_outcome(host, monitor, name):
    """Both let it work, or both tell of the private address that it gave to a device.

    The VMM says which device, queue and address, and survives to say it.
    """
    seen = host.seen(name)
    given = seen.monitor["private_addresses"]
    assert (seen.exit == "off") == (monitor.exit == "off")
    assert bool(given) == (monitor.blocked["dma"] > 0)
    for one in given[:1]:
        assert one["private"] and one["device"] in ("disk", "console")
        assert one["queue"] in (0, 1) and int(one["ipa"], 0) >= 0x40000000
        assert seen.lines(r"vmm: guest gave a private address: \w+, queue \d, [\w ]+ at 0x4")
    assert host_verdict.left_nothing(seen.monitor)


def test_unmodified_lts_kernel_gives_private_addresses(peer, host):
    """The negative control of every boot of ours on that host."""
    given = bool(host.seen("mmio").monitor["private_addresses"])
    assert given == (peer == "upstream")


def test_same_work(host, monitor):
    assert host.seen("pci").checks == monitor.checks


def test_pool_is_shared_alike(host, monitor):
    """The rings are those of two machines' devices; the pool that the kernel shares is not."""
    assert abs(host.seen("pci").shared["peak"] - monitor.shared["peak"]) < 256

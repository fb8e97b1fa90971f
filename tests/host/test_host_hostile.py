# SPDX-License-Identifier: GPL-2.0-only
"""A VMM that is an enemy: what it tries on private memory, devices that lie, time that it takes."""

import pytest
from checks import assert_clean, assert_disk_is_right, assert_ledger_is_true

from pguest import host_verdict
from pguest.machine import SECRET


pytestmark = pytest.mark.xdist_group("host-hostile")

REFUSED = "refused -14"

# What each attack on a disk may end in: anything but wrong data, WARNs and waiting for ever.
# A device that has not written a byte, or writes when it should not, lies about data: it may, they
# are its own, as is the byte that says how a request ended.
ATTACKS = {
    "long-length": {"right"},
    "no-length": {"right"},
    "wrong-id": {"right", "error"},
    "huge-id": {"right", "error"},
    "twice": {"right", "error"},
    "index-ahead": {"right", "error"},
    # Those that it takes back before the guest has looked are never completed.
    "index-back": {"right", "error", "hangs"},
    "descriptors": {"right"},
    "buffers": {"right", "wrong", "error"},
    "config": {"right", "short", "error"},
    "silent": {"right", "wrong"},
    "never": {"right", "hangs"},
}

# The others are for -m matrix: each takes a real host ten seconds, and the device fuzzer has more of them.
OFTEN = ("long-length", "huge-id", "config")

# A network has a checksum for its data, and a peer that sends again.
NET_ATTACKS = {
    "long-length": {"fails"},
    "no-length": {"right", "fails"},
    "wrong-id": {"fails"},
    "huge-id": {"fails"},
    "twice": {"fails"},
    "never": {"right", "fails"},
    "index-ahead": {"fails"},
    "index-back": {"right", "fails"},
    "descriptors": {"right"},
    "buffers": {"right", "wrong", "fails"},
}

# When the guest asks for it by its first console, somebody else wants each CPU, for some seconds.
LOAD = """
rm -f /tmp/load
{
	while [ ! -s /tmp/load ]; do sleep 1; done
	for cpu in 1 2; do
		timeout 15 taskset $cpu sh -c 'while :; do :; done' &
	done
} &
"""


def add_guests(host, selected):
    host.attacks = [attack for attack in ATTACKS if attack in OFTEN or f"test_disk_that_lies[{attack}]" in selected]
    attacked = host.with_disk("attacks", "attacks", cpus=2, ram_mib=256, secret=SECRET,
                              append=[f"pguest_attacks={','.join(host.attacks)}"],
                              allow=["I/O error", "Buffer I/O"])
    for attack in host.attacks:
        attacked.add_hostile_disk(host.disk_of["attacks"], attack)
    if "test_disk_that_speaks_first" in selected:
        # By PCI: there the driver has its interrupts before the device has the rings.
        early = host.with_disk("early", "attacks", cpus=2, ram_mib=256, secret=SECRET, vmm=["--pci"],
                               append=["pguest_attacks=early"])
        early.add_hostile_disk(host.disk_of["early"], "early")
    if "test_guest_survives_its_networks" in selected:
        attacked = host.vm("net", "net-attacks", cpus=2, ram_mib=256, secret=SECRET, vmm=["--pci"],
                           append=[f"pguest_attacks={','.join(NET_ATTACKS)}"]).add_net()
        for attack in NET_ATTACKS:
            attacked.add_hostile_net(attack)
    host.with_disk("time", "host-time", cpus=2, ram_mib=128, append=["pguest_steal=50"], before=LOAD,
                   vmm=["--steal", "--vmclock", "--pin", "--console", "/tmp/load"], consoles=1)
    host.with_disk("pry", "pry", cpus=1, ram_mib=128, secret=SECRET, ends=("fail",))


@pytest.fixture(scope="module")
def host(boot_host, selected):
    return boot_host(lambda host: add_guests(host, selected))


def test_host_survives(host):
    assert host.failure is None


@pytest.mark.parametrize("attack", [pytest.param(attack, marks=[] if attack in OFTEN else pytest.mark.matrix)
                                    for attack in ATTACKS])
def test_disk_that_lies(host, attack):
    """Requests end in the right data or in an error; nobody waits for a broken ring, nothing leaks."""
    seen = host.seen("attacks")
    device = host.attacks.index(attack) + 1
    assert seen.monitor["devices"][f"{device}-disk"]["attacks"] > 0
    for direction in ("read", "write"):
        assert set(seen.values[f"{direction}_{attack}"].split()) <= ATTACKS[attack], direction


@pytest.mark.matrix
def test_disk_that_speaks_first(host):
    """Completes what nobody asked for, before the driver is ready: that is not heard."""
    seen = host.seen("early")
    assert seen.monitor["devices"]["1-disk"]["attacks"] > 0
    assert seen.values["read_early"] == seen.values["write_early"] == "right"
    assert_clean(seen)
    assert_ledger_is_true(seen)


def test_guest_survives_all_of_them(host):
    """The other disk is right, the ledger is true, and the host has found no secret."""
    seen = host.seen("attacks")
    assert_clean(seen)
    assert_ledger_is_true(seen)


# The device fuzzer has all of this, and more (make hostile); a real host takes a hundred seconds for it.
@pytest.mark.matrix
@pytest.mark.parametrize("attack", NET_ATTACKS)
def test_network_that_lies(host, attack):
    """It may not work; the guest goes on, and can switch it off."""
    seen = host.seen("net")
    assert seen.monitor["devices"][f"{list(NET_ATTACKS).index(attack) + 1}-net"]["attacks"] > 0
    assert seen.values[f"receive_{attack}"] in NET_ATTACKS[attack]
    if NET_ATTACKS[attack] == {"right"}:
        assert seen.values[f"send_{attack}"] == "right"
    assert seen.checks[f"down_{attack}"]


@pytest.mark.matrix
def test_guest_survives_its_networks(host):
    """The honest one works before and after, the ledger is true, and the host has found no secret."""
    seen = host.seen("net")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.values["net_down_sha256"] == host.vms["net"].peer.gift_sha256


def test_broken_ring_is_told(host):
    """One line of the driver's says what the device did."""
    seen = host.seen("attacks")
    assert seen.lines(r"virtio_blk virtio\d+: .*id \d+ (out of range|is not a head)")


def test_private_memory_is_out_of_reach(host):
    """Load, store, write() and read(): SIGSEGV or -EFAULT, and the guest's page is as it was.

    /proc/self/mem takes it by force: the host gets zeros, and the guest ends when it touches the page.
    """
    seen = host.seen("pry")
    assert {seen.values[f"private_{way}"] for way in ("peek", "poke", "send", "fill")} == {REFUSED}
    assert seen.checks["private_page_is_as_it_was"]
    assert seen.values["shared_peek"].startswith("allowed 0x")
    assert seen.values["shared_send"].startswith("allowed 0x")
    assert_ledger_is_true(seen)
    assert seen.monitor["secrets_found"] == 0
    assert seen.values["private_force"] == "allowed 0x0"
    assert "the_end" not in seen.checks
    assert [why for why in seen.monitor["failures"] if "EFAULT" in why]
    assert host_verdict.left_nothing(seen.monitor)


def test_stolen_time(host):
    """What the host took from each vCPU is what the guest accounts for.

    KVM of 7.2 says that a protected VM has no stolen time, and takes the attribute all the same.
    A KVM that refuses it tells so, and then the guest has none.
    """
    seen = host.seen("time")
    answers = seen.monitor["steal_answers"]
    assert answers["system"] == 1 and answers["vm"] == 0
    if answers["set_attribute"]:
        assert answers["set_attribute"] < 0 and seen.values["steal_time"] == "none"
        return
    assert answers["has_attribute"] == 0
    assert seen.values["steal_time"] == "offered"
    assert seen.checks["steal_time"]
    for cpu in range(2):
        taken, accounted = (int(ms) for ms in seen.values[f"stolen_ms_cpu{cpu}"].split())
        assert taken > 500 and accounted > 500
    assert seen.owners()["steal-time"] == 1


def test_clock_page(host):
    """The host's clock is a PTP clock of the guest's, is right, and goes on being written after it was shared."""
    seen = host.seen("time")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert_disk_is_right(seen, host.disk_of["time"])
    assert [name for name in seen.checks if name.startswith("clock")] == \
        ["clock", "clock_disrupted", "clock_fails", "clock_again"]
    assert host_verdict.time_checks(seen, host.vms["time"])["clock"]
    assert seen.monitor["clock"]["written"] > 5 and seen.monitor["clock"]["refused"] <= 1
    assert seen.number("disrupted_clock_marker") > seen.number("clock_marker")
    assert seen.owners()["clock"] == 1

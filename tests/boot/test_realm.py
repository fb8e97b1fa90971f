# SPDX-License-Identifier: GPL-2.0-only
"""What only a realm has: two halves of an address space, RIPAS, and an RMM that measures.

What a realm has in common with the other protected VMs is in the other files,
with "cca" among their modes.
"""

import signal

import pytest
from test_io import assert_clean, assert_ledger_is_true
from test_lifecycle import BALLOON_MIB, squeeze

from pguest import verdict
from pguest.machine import PL011_BASE, SECRET, BootFail, sha256_in_disk

# The calls of RSI 1.0. A guest that asked for 1.0 must not make any other.
RSI_1_0 = {"RSI_VERSION", "RSI_FEATURES", "RSI_MEASUREMENT_READ", "RSI_MEASUREMENT_EXTEND",
           "RSI_ATTEST_TOKEN_INIT", "RSI_ATTEST_TOKEN_CONTINUE", "RSI_REALM_CONFIG",
           "RSI_IPA_STATE_SET", "RSI_IPA_STATE_GET", "RSI_HOST_CALL"}
SET, GET = "RSI_IPA_STATE_SET", "RSI_IPA_STATE_GET"


def assert_whole(seen, disk):
    """A realm that nobody disturbed, or that did not mind: all data right, all accounts true."""
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert {name for name in seen.hypercalls if name.startswith("RSI_")} <= RSI_1_0
    assert seen.realm["ripas"]["destroyed"] == 0
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


@pytest.mark.parametrize("bits, rmm", [(32, "spec"), (33, "spec"), (36, "spec"), (39, "tf"), (40, "tf"), (48, "spec")])
def test_any_width_of_addresses(new_machine, disk, bits, rmm):
    """The bit of the host's half is where the RMM says, and nowhere in the code."""
    guest = new_machine(mode="cca", cpus=2, secret=SECRET, monitor={"ipa_bits": bits, "rmm": rmm})
    seen = guest.add_disk(disk).add_rng().run("disk")
    assert_whole(seen, disk)
    assert seen.realm["ipa_bits"] == bits


@pytest.mark.parametrize("rodata, kaslr", [("off", False), ("on", True)])
def test_linear_map_of_pages_whatever_rodata_says(new_machine, disk, rodata, kaslr):
    """The realm is known before the linear map is made: nothing is mapped in blocks (W3).

    "full", and a kernel that moves about, is what all other boots have.
    """
    append = [f"rodata={rodata}", *([] if kaslr else ["nokaslr"])]
    seen = new_machine(mode="cca", append=append).add_disk(disk).run("disk")
    assert_whole(seen, disk)
    assert not seen.lines("WARNING")
    assert bool(seen.lines("KASLR enabled")) == kaslr


def test_shared_pages_are_left_alone_by_the_private_half(new_machine, disk):
    """A process that maps a shared page at its private address gets SIGBUS, and no data."""
    seen = new_machine(mode="cca").add_disk(disk).run("touch")
    assert seen.values["private_alias"] == f"fault {128 + signal.SIGBUS}"
    assert seen.values["shared_alias"].startswith("0x")
    assert seen.blocked["mmio"] == 1
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


def test_require_is_content_with_a_realm(new_machine, disk):
    seen = new_machine(mode="cca", append=["pguest=require"]).add_disk(disk).run("disk")
    assert_whole(seen, disk)


def test_layer_kept_out_leaks_nothing(new_machine):
    """pguest=off in a realm: no call of ours, nothing shared; the machine has no devices."""
    guest = new_machine(mode="cca", secret=SECRET, monitor={"timeout": 8}, append=["pguest=off"])
    guest.earlycon = guest.shared_half + PL011_BASE
    seen = guest.run("nothing", allow=["Kernel panic", "Internal error", "Unable to handle"],
                     ends=("reset", "timeout", "fail"))
    assert not [name for name in seen.hypercalls if name.startswith("RSI_")]
    assert seen.shared["peak"] == 0
    assert seen.monitor["secrets_found"] == 0


def test_no_realm_where_nobody_answers_rsi(new_machine, disk):
    """An ordinary VM whose PSCI is called by SMC: asked once, not a realm, works as ever."""
    seen = new_machine(mode="plain", monitor={"psci": "smc"}).add_disk(disk).run("disk")
    assert not seen.failed_checks()
    assert seen.hypercalls.get("RSI_VERSION", 0) <= 1
    assert not {name for name in seen.hypercalls if name.startswith("RSI_")} - {"RSI_VERSION"}
    assert not seen.lines("pguest: ")


def test_memory_in_the_balloon_is_the_hosts(new_machine, disk):
    """What is given away is EMPTY before the device hears of it, and RAM when it is back."""
    guest = new_machine(mode="cca", ram_mib=256).add_disk(disk).add_balloon().add_qmp()
    with open(guest.directory / "console.live", "w", buffering=1) as live:
        seen = guest.run("balloon", during=squeeze, live=lambda line: print(line, file=live))
    assert_whole(seen, disk)
    inflated, ready = seen.phase(11), seen.phase(10)
    assert inflated["shared"] - ready["shared"] >= (BALLOON_MIB - 16) << 20 >> 12
    assert seen.shared["now"] < inflated["shared"]


def test_dma_past_the_smmu_is_refused(new_machine, disk):
    """The monitor's own honesty, as in the other modes."""
    guest = new_machine(mode="cca", access_platform=False).add_disk(disk)
    with pytest.raises(BootFail, match="past the SMMU"):
        guest.run("disk")


@pytest.mark.parametrize("device", [
    pytest.param(f"{PL011_BASE:#x},0x1000", id="console"),
    pytest.param("0x10000000,0x4000", id="virtio-registers"),
])
def test_protected_device_is_used_where_it_is(new_machine, disk, device):
    """RIPAS DEV: such a device is reached in the private half, beside others that are not."""
    guest = new_machine(mode="cca", monitor={"protected_mmio": device})
    seen = guest.add_disk(disk).run("disk")
    assert_whole(seen, disk)


def newest_kernel(new_machine, **options):
    guest = new_machine(image="newest", mode="cca", append=["swiotlb=16384"], **options)
    guest.earlycon = guest.shared_half + PL011_BASE
    return guest


@pytest.mark.matrix
def test_newest_kernel_of_upstream_is_a_realm_too(new_machine, disk):
    """Linux 7.x by itself, another reader of the specification: it boots here, and its token holds.

    It needs a host whose pages come as zeroes (see below), and a pool that is
    larger than the one of its choice.
    """
    guest = newest_kernel(new_machine, cpus=2, challenge=verdict.new_challenge(),
                          monitor={"poison": 0})
    seen = guest.add_disk(disk).run("upstream-realm")
    assert all(verdict.monitor_checks(seen).values())
    assert not seen.failed_checks()
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]
    what, why = verdict.verify(seen, guest, measures_description=False)
    assert not why
    assert what


@pytest.mark.matrix
def test_poison_in_its_tables_is_noticed(new_machine, disk):
    """The control of F24: upstream does not clear such tables once they are shared (W9)."""
    guest = newest_kernel(new_machine, monitor={"timeout": 6}).add_disk(disk)
    seen = guest.run("disk", allow=["monitor: FAIL", "blocked for more than"], ends=("off", "timeout"))
    assert seen.realm["its_poisoned"] > 0

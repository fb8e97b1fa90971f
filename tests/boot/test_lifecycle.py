# SPDX-License-Identifier: GPL-2.0-only
"""CPUs, drivers and memory come and go; nothing stays shared that should not."""

import os
import random
import time

import pytest
from test_io import PROTECTED, assert_clean, assert_ledger_is_true

from pguest import guest as guest_build, paths, verdict
from pguest.machine import SECRET, Qmp, make_disk, sha256_in_disk


@pytest.mark.parametrize("mode, options", [
    *((mode, {}) for mode in PROTECTED),
    pytest.param("cca", {"rmm": "tf"}, id="cca-tf"),
])
def test_cpus_go_and_come_back(new_machine, disk, mode, options, tmp_path):
    """Five rounds of CPU hotplug under disk load: each CPU_OFF has its CPU_ON.

    In a realm a CPU comes up with junk in its registers, or (tf) with those of its last life.
    """
    busy = make_disk(tmp_path / "busy.img", mib=32, ext4=False)
    seen = new_machine(mode=mode, cpus=4, parallel=True, monitor=options).add_disk(disk).add_disk(busy).run("hotplug")
    assert_clean(seen)
    assert seen.hypercalls["PSCI_CPU_OFF"] == 5 * 3
    assert seen.hypercalls["PSCI_CPU_ON"] == 3 + 5 * 3


@pytest.mark.parametrize("mode", PROTECTED)
def test_drivers_rebound_50_times_leave_nothing_shared(new_machine, disk, mode):
    """Shared granules are back where they were, by the guest's account and the monitor's.

    The bounce pool may have grown or shrunk meanwhile, up to its size.
    """
    guest = new_machine(mode=mode, cpus=2).add_disk(disk).add_net().add_rng().add_balloon()
    seen = guest.run("rebind", timeout=240)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert len(seen.values["rebound"].split()) == 4
    # What each round loses would be 50; queues of the network are not always equally full. A block of small buffers has
    # 32 slots, and each size may have one more.
    assert seen.number("cells_after") < seen.number("cells_before") + 25
    assert seen.number("slots_after") <= seen.number("slots_before") + 3 * 32
    assert seen.values["after"] == seen.values["before"] != ""
    # In a realm the host's pages are in the ledger, and no hypercall shares them.
    unasked = sum(seen.owners().values()) - verdict.shared_by_call(seen)
    assert seen.phase(10)["shared"] == seen.number("before_shared") - unasked
    assert seen.phase(11)["shared"] == seen.number("after_shared") - unasked
    assert seen.owners()["bounce-pool"] * seen.monitor["granule"] <= seen.number("pool_bytes")
    assert seen.number("lost") == 0
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


BALLOON_MIB = 64


def squeeze(guest):
    """What a host does: ask for memory, and give it back a while after it came."""
    qmp = Qmp(guest.qmp)
    full = guest.memory_mib << 20
    console = guest.directory / "console.live"
    wait_for(console, "balloon ready")
    qmp.ask("balloon", value=full - (BALLOON_MIB << 20))
    wait_for(console, "balloon inflated")
    qmp.ask("balloon", value=full)


def wait_for(path, text, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if path.exists() and text in path.read_text():
            return
        time.sleep(0.1)


def test_balloon_memory_is_relinquished_first(new_machine, disk):
    """Android's ABI asks for MEM_RELINQUISH before a page is given away: one for each."""
    guest = new_machine(mode="pkvm-android", ram_mib=256).add_disk(disk).add_balloon().add_qmp()
    with open(guest.directory / "console.live", "w", buffering=1) as live:
        seen = guest.run("balloon", during=squeeze, live=lambda line: print(line, file=live))
    assert_clean(seen)
    assert seen.hypercalls["MEM_RELINQUISH"] >= (BALLOON_MIB - 16) << 20 >> 12
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


def squeeze_often(guest):
    """Half of the time the host wants memory of the guest's."""
    qmp = Qmp(guest.qmp)
    full = guest.memory_mib << 20
    console = guest.directory / "console.live"
    wait_for(console, "cycles begin", 1200)
    while "cycles end" not in console.read_text():
        for target in (full - (BALLOON_MIB << 20), full):
            qmp.ask("balloon", value=target)
            time.sleep(2)


# KiB of free memory that a boot may miss in the end: a page for every other cycle would be found.
LEAK_KIB = 2048


@pytest.mark.matrix
@pytest.mark.parametrize("mode", PROTECTED)
def test_mixed_cycles_end_where_they_began(new_machine, disk, tmp_path, mode):
    """Drivers, modules and CPUs go and come 1000 times, with I/O and a balloon: all counts are as before.

    Memory goes by the balloon alone: arm64 takes none offline that was there at boot, and this machine gets no other.
    PGUEST_CYCLES and PGUEST_SEED are other numbers; the seed is in the log.
    """
    cycles = int(os.environ.get("PGUEST_CYCLES") or 1000)
    seed = int(os.environ.get("PGUEST_SEED") or random.randrange(1 << 31))
    print(f"seed {seed}, {cycles} cycles")
    busy = make_disk(tmp_path / "busy.img", mib=32, ext4=False)
    guest = new_machine(image="test", mode=mode, cpus=3, ram_mib=768, parallel=True, secret=SECRET,
                        initrd=guest_build.initramfs(paths.kernel_name("test")),
                        append=[f"pguest_cycles={cycles}", f"pguest_seed={seed}"])
    guest.add_disk(disk).add_disk(busy).add_net().add_rng().add_balloon().add_qmp()
    # Of 6.12 and 7.x: a CPU that goes offline counts its fair server, which is no task, as one that is still there.
    with open(guest.directory / "console.live", "w", buffering=1) as live:
        seen = guest.run("cycles", during=squeeze_often, live=lambda line: print(line, file=live),
                         timeout=300 + 5 * cycles, allow=[r"WARNING: .* sched_cpu_dying\+"])
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert all(map(int, seen.values["kinds"].split()))
    assert seen.values["after"] == seen.values["before"] != ""
    assert seen.number("free_after") > seen.number("free_before") - LEAK_KIB
    assert seen.number("lost") == 0
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]

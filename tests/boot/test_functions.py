# SPDX-License-Identifier: GPL-2.0-only
"""What is counted by function (tests/plugin, for `make bench-cost`) adds up to what the monitor counts."""

import pytest

from pguest import bench_pkvm as pkvm, functions, machine, paths

DIRECT = pkvm.FIRST_MARK + 2 * pkvm.PIECES.index("read_4096_direct")


def test_functions_add_up_to_what_the_monitor_counts(new_machine, tmp_path):
    guest = new_machine(mode="plain", cpus=1, ram_mib=512, icount=True, append=["nokaslr"])
    guest.add_disk(machine.make_disk(tmp_path / "disk.img", ext4=False)).add_net()
    guest.devices += functions.words(tmp_path, paths.MONITOR / "monitor.elf")
    seen = guest.run("peers")
    assert not seen.failed_checks()
    before, after = (seen.phase(mark) for mark in (DIRECT, DIRECT + 1))
    window = [phase["id"] for phase in seen.monitor["phases"]].index(DIRECT + 1)
    counted = functions.count(tmp_path / f"window.{window}", functions.symbols(paths.OUT / paths.kernel_name("guest") / "vmlinux"))
    assert sum(counted.values()) == pytest.approx(after["instructions"] - before["instructions"], rel=0.002)
    kernel = sum(counted.values()) - counted[functions.ELSEWHERE]
    assert kernel < after["el1_instructions"] - before["el1_instructions"] < 1.1 * kernel
    # A direct read has four mappings, and each of these functions more than ten instructions.
    assert counted["dma_map_page_attrs"] > 4 * 4096 * 10 and counted["virtqueue_add_split"] > 4096 * 10

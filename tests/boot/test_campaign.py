# SPDX-License-Identifier: GPL-2.0-only
"""A share of the fault campaign (scripts/hostile): answers of the hypervisor that are not as they should be."""

import os
import random

import pytest

from pguest import campaign, coverage, cycles, device_campaign, guest, paths, races
from pguest.machine import Seen

SEED = int(os.environ.get("PGUEST_SEED", "1"))
CASES = 3


@pytest.mark.parametrize("mode", campaign.MODES)
def test_altered_answers_break_nothing(built, tmp_path, mode):
    """PGUEST_SEED=N takes other cases."""
    print(f"seed {SEED}: scripts/hostile --modes {mode} --cases {CASES} --seed {SEED} --states 1")
    done = campaign.run(tmp_path, [mode], CASES, SEED, states=1, image=built("guest"))
    assert len(done.cases) == CASES
    assert not done.broken
    assert any(case.outcome != "not reached" for case in done.cases)
    # Calls for the pool come from few places, and are most.
    places, chosen = done.places[mode]
    assert 10 < places < 100 and chosen == CASES


def seen(exit="off", summary="5 passed, 0 failed", console=(), **monitor):
    made = Seen(console=list(console), summary=summary)
    made.monitor = {"secrets_found": 0, "blocked": {"dma": 0, "its": 0}, "page_tables": {"outside": 0}, "altered": "MEM_SHARE", "exit": exit, **monitor}
    return made


SHARE = "[    1.2] pguest: cannot share 1 pages for coherent-dma: -22"


@pytest.mark.parametrize("boot, outcome", [
    (seen(), "works"),
    (seen(console=["[    0.0] pguest: pKVM"]), "works"),
    (seen(console=[SHARE]), "refuses something and works"),
    (seen("reset", "", [SHARE]), "ends with a line"),
    (seen("reset", "", ["[    0.1] Unable to handle kernel paging request"]), "ends without a line"),
    (seen("timeout", "", [SHARE]), "stands still with a line"),
    (seen("timeout", ""), "hang"),
    (seen("timeout", "", blocked={"dma": 0, "its": 1}), campaign.DENIED),
    (seen("reset", "", blocked={"dma": 0, "its": 1}), "ends without a line"),
    (seen(secrets_found=1), "leak"),
    (seen(page_tables={"outside": 1}), "leak"),
    (seen(console=["[    2.0] BUG: KASAN: use-after-free in x"]), "sanitizer report"),
])
def test_what_counts_as_what(boot, outcome):
    assert campaign.judge(boot, {"pguest: pKVM"})[0] == outcome


def test_data_that_come_back_wrong_are_corruption():
    boot = seen()
    boot.checks["disk_reads_back"], boot.reasons["disk_reads_back"] = False, "the data read is not the data written"
    assert campaign.judge(boot, set())[0] == "corruption"
    boot.monitor["blocked"]["dma"] = 3
    assert campaign.judge(boot, set())[0] == campaign.DENIED


def test_a_device_that_stands_still_behind_a_blocked_dma():
    boot = seen(summary="0 passed, 1 failed", blocked={"dma": 512, "its": 0})
    boot.checks["work_ends"] = False
    assert campaign.judge(boot, set())[0] == campaign.DENIED
    boot.monitor["blocked"]["dma"] = 0
    assert campaign.judge(boot, set())[0] == "ends without a line"


def test_same_seed_takes_the_same_cases():
    recorded = campaign.Recorded("pkvm", [["FEATURES", 1], ["MEM_SHARE", 500], ["MEM_UNSHARE", 2], ["PSCI_SYSTEM_OFF", 1]])
    one, other = (campaign.choose(recorded, 20, random.Random("1 pkvm")) for _ in range(2))
    assert one == other and len(one) == 20
    assert {recorded.name_of(case.call) for case in one} == {"FEATURES", "MEM_SHARE", "MEM_UNSHARE"}


def test_a_stride_takes_every_answer_and_all_of_rare_calls():
    recorded = campaign.Recorded("pkvm", [["FEATURES", 1], ["MEM_SHARE", 500], ["MEM_UNSHARE", 2], ["PSCI_SYSTEM_OFF", 1]])
    chosen = campaign.every(recorded, 50, random.Random("1 pkvm"))
    assert len(chosen) == (1 + 2 + 500 / 50) * len(campaign.ANSWERS)
    shares = [case for case in chosen if recorded.name_of(case.call) == "MEM_SHARE"]
    assert {case.answer for case in shares} == set(campaign.ANSWERS)
    assert len(campaign.every(recorded, 1, random.Random(1))) == 503 * len(campaign.ANSWERS)


def test_early_calls_are_taken_with_all_answers():
    recorded = campaign.Recorded("pkvm", [["MEM_SHARE", 100], ["MEM_UNSHARE", 100]], user_space=60)
    chosen = campaign.every(recorded, 10 * len(campaign.ANSWERS), random.Random("1 pkvm"), early=True)
    assert [case.call for case in chosen[:60 * len(campaign.ANSWERS)]] == [
        call for call in range(1, 61) for _ in campaign.ANSWERS]
    assert len(chosen) == 60 * len(campaign.ANSWERS) + 140 / 10


def test_a_guest_is_mute_without_a_line_and_a_page():
    boot = seen(console=["monitor: reset: 16 calls"], shared={"peak": 0})
    assert campaign.is_mute(boot)
    boot.console.append("[    0.000000] Booting Linux")
    assert not campaign.is_mute(boot)
    assert not campaign.is_mute(seen(shared={"peak": 1}))


def test_of_each_place_the_first_and_the_last_call_are_taken():
    recorded = campaign.Recorded("pkvm", [["FEATURES", 1], ["MEM_SHARE", 5], ["MEM_UNSHARE", 2], ["PSCI_SYSTEM_OFF", 1]],
                                 places=[10, 20, 20, 30, 20, 20, 40, 50, 60])
    chosen = campaign.of_each_place(recorded)
    assert sorted({case.call for case in chosen}) == [1, 2, 4, 6, 7, 8]
    assert len(chosen) == 6 * len(campaign.ANSWERS)
    assert campaign.how_many_places(recorded) == 5


RING = "[    6.9]     # hostile_disks: {} ring: 10 devices, {} lies, seed 5"
RAN = "[    7.1] ok 1 pguest_device_fuzz"


def test_lies_are_counted_by_device_and_ring():
    tried = device_campaign.Result()
    for lies in (30, 12):
        tried.add([RING.format("split", lies), RING.format("packed", 2 * lies)])
    assert tried.devices == {("disks", "split"): 20, ("disks", "packed"): 20}
    assert tried.lies == {("disks", "split"): 42, ("disks", "packed"): 84}


OBJECT = """
  [ 1] .text             PROGBITS        0000000000000000 000040 000140 00  AX  0   0  1
  [ 2] .rela.text        RELA            0000000000000000 0002d0 0000c0 18   I 10   1  8
  [ 3] .init.text        PROGBITS        0000000000000000 000180 000040 00  AX  0   0  1
Relocation section '.rela.text' at offset 0x2d0 contains 4 entries:
0000000000000014  0000000c0000011b R_AARCH64_CALL26       0000000000000000 __sanitizer_cov_trace_pc + 0
0000000000000020  0000000d0000011b R_AARCH64_CALL26       0000000000000000 kfree + 0
000000000000003c  0000000c0000011b R_AARCH64_CALL26       0000000000000000 __sanitizer_cov_trace_pc + 0
0000000000000108  0000000c0000011b R_AARCH64_CALL26       0000000000000000 __sanitizer_cov_trace_pc + 0
Relocation section '.rela.init.text' at offset 0x3d0 contains 1 entry:
0000000000000010  0000000c0000011b R_AARCH64_CALL26       0000000000000000 __sanitizer_cov_trace_pc + 0
    11: 0000000000000000   256 FUNC    GLOBAL DEFAULT    1 first
    12: 0000000000000100    64 FUNC    LOCAL  DEFAULT    1 second.part.0
    13: 0000000000000000    64 FUNC    LOCAL  DEFAULT    3 started
"""


def test_blocks_are_counted_by_driver():
    blocks = {"disks": coverage.blocks_of(OBJECT)}
    assert blocks["disks"] == {"first": {0x18, 0x40}, "second.part.0": {0xc}, "started": {0x14}}
    tried = device_campaign.Result()
    for line in ("reached first 0x18", "reached first 0x40 0x44", "reached other 0x10", "reached second.part.0", "first 0x18", "[   10.1] reached first 0x4c"):
        tried.add([line])
    assert coverage.of_all(blocks, tried.reached) == {"disks": (2, 4)}
    assert coverage.never_reached(blocks["disks"], tried.reached) == ["second.part.0", "started"]


def test_races_are_counted_by_who_has_them():
    report = "[    4.1] BUG: KCSAN: data-race in {}"
    seen = races.reports_in([report.format("put / get"), report.format("get / put"), report.format("vring_interrupt / take"),
                             report.format("tick"), "[    4.2]  get+0x10/0x20"])
    assert seen == {("get", "put"): 2, ("take", "vring_interrupt"): 1, ("tick",): 1}
    owned = {"get": "layer", "take": "disks"}
    result = races.Result(reports=seen)
    assert races.faults(result, owned) == [("get", "put")]
    assert races.wrong_in(Seen(console=["[    5.1]     ok 1 put"])) == ""
    assert "get" in races.wrong_in(Seen(console=["[    5.1]     ok 1 put", "[    5.2]     not ok 2 get"]))
    assert dict(races.table(result, owned)[:3]) == {
        "get / put": "   2  layer", "take / vring_interrupt": "   1  disks, harmless", "tick": "   1  the kernel's own"}


@pytest.mark.parametrize("console, wrong", [
    ([RAN + " # SKIP ", RAN, RAN], ""),
    ([RAN + " # SKIP ", RAN], "the suite ran 1 times"),
    ([RAN, RAN, "[    7.0]     not ok 5 hostile_balloons", RAN], "not ok 5"),
    ([RAN, "[    7.0]     ok 7 hostile_inputs # SKIP pguest.devices=+virtio:virtio_input allows them", RAN], "allows them"),
])
def test_a_suite_that_fails_or_does_not_run_is_wrong(console, wrong):
    found = device_campaign.wrong_in(Seen(console=console), seeds=2)
    assert wrong in found and bool(wrong) == bool(found)


def weighed(phase=100, **after):
    """What is wrong with a boot after which some values are others than before."""
    values = {"shared": "100", "pool": "262144 1572864", "slots": "1", "cells": "70", "free": "200000", "kept": "4000",
              "owners": "other=0"}
    seen = Seen(values={f"before_{name}": value for name, value in values.items()})
    seen.values |= {f"after_{name}": value for name, value in (values | after).items()}
    seen.values |= {"status_granule": "4096", "lost": "0"}
    seen.monitor = {"granule": 4096, "secrets_found": 0, "blocked": {"dma": 0},
                    "phases": [{"id": 10, "shared": 100}, {"id": 11, "shared": phase}]}
    done = cycles.Balance("pkvm", 1000, seen)
    cycles.weigh(done)
    return " ".join(done.wrong)


@pytest.mark.parametrize("changed, wrong", [
    ({}, ""),
    ({"free": "198000", "kept": "6000"}, ""),
    ({"free": "198000"}, "memory that is free"),
    ({"shared": "101"}, "shared outside of the bounce pool"),
    ({"phase": 101}, "by the monitor's account"),
    ({"slots": "140"}, "slots of it in use"),
    ({"cells": "100"}, "small buffers in use"),
    ({"owners": "other=1"}, "owners"),
    ({"pool": "262144 4194304", "free": "197440"}, "KiB of the bounce pool"),
])
def test_what_does_not_come_back_is_wrong(changed, wrong):
    found = weighed(**changed)
    assert wrong in found and bool(wrong) == bool(found)


@pytest.mark.matrix
def test_layer_has_no_data_races(tmp_path, built):
    """KCSAN, with the suites of KUnit's, disk, network and console, and what comes and goes; all modes: scripts/hostile --races."""
    name = paths.kernel_name("test-kcsan")
    done = races.run(tmp_path / "races", ["pkvm"], built("test-kcsan"), guest.initramfs(name))
    assert not done.broken
    assert not races.faults(done, races.owners(paths.OUT / name))

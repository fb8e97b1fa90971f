# SPDX-License-Identifier: GPL-2.0-only
"""Probes and the function tracer in the layer's own functions, while devices work.

A probe is a breakpoint, and runs the instruction that it replaces elsewhere. Neither may happen where a call
to the hypervisor is, nor where the fault of one ends.
"""

import pytest
from test_io import PROTECTED, assert_clean, assert_ledger_is_true

from pguest.machine import SECRET, sha256_in_disk

# Closed to probes: the two calls, what a fault of one comes to, and the reading of ID registers.
CLOSED = ["__pguest_hvc", "__pguest_smc", "pguest_call_fixup", "__pkvm_read_id_regs"]
CORE = ["pguest_space_share", "pguest_space_unshare", "__pguest_bounce_ready", "swiotlb_tbl_map_single"]
BACKEND = {"pkvm": "pkvm", "pkvm-android": "pkvm", "cca": "rsi"}


@pytest.mark.parametrize("mode", PROTECTED)
def test_layer_under_kprobes_and_the_function_tracer(new_machine, disk, mode):
    """Each function of the layer's has a probe at its entry and at its return; data and ledger are right."""
    guest = new_machine(image="test", mode=mode, cpus=2, secret=SECRET, append=["pguest_rng_kib=16"])
    seen = guest.add_disk(disk).add_rng().run("traced", timeout=300)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]
    assert {name: seen.values[f"probed_{name}"] for name in CLOSED} == dict.fromkeys(CLOSED, "no")
    assert seen.values["probed_pguest_space_share"] == "yes"
    backend = BACKEND[mode]
    for function in [*CORE, f"{backend}_share", f"{backend}_unshare"]:
        assert seen.number(f"hits_{function}") > 0, function
    assert seen.number("traced") > 0

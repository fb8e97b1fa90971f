# SPDX-License-Identifier: GPL-2.0-only
"""The host looks for what it must not see."""

import pytest
from test_io import PROTECTED, assert_clean

from pguest.machine import SECRET
from pguest.verdict import EFAULT


@pytest.mark.parametrize("mode", PROTECTED)
def test_secrets_never_show_in_shared_granules(new_machine, disk, mode):
    """Held, cached and freed secrets stay private while every device works over them."""
    guest = new_machine(mode=mode, cpus=2, ram_mib=128, secret=SECRET).add_disk(disk).add_net()
    seen = guest.run("secrets")
    assert_clean(seen)
    assert seen.values["scan_found"] == "0x0"
    assert seen.monitor["secrets_found"] == 0


@pytest.mark.parametrize("mode", PROTECTED)
def test_host_reads_shared_granules_alone(new_machine, disk, mode):
    """A peek at a private page is refused and counted; at a shared one it succeeds."""
    seen = new_machine(mode=mode, secret=SECRET).add_disk(disk).run("peeks")
    assert_clean(seen)
    assert seen.values["peek_private"] == EFAULT
    assert seen.values["peek_shared"] == "allowed"
    assert seen.blocked["host_read"] == 1


def test_scan_finds_what_is_there(new_machine, disk):
    """The scan can find something: written to the disk, the pattern went through the pool."""
    guest = new_machine(mode="pkvm", secret=SECRET).add_disk(disk)
    seen = guest.run("confess")
    assert int(seen.values["scan_found"], 0) > 0
    assert seen.monitor["secrets_found"] > 0

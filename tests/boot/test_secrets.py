# SPDX-License-Identifier: GPL-2.0-only
"""The host looks for what it must not see."""

import pytest
from test_io import PROTECTED, assert_clean

from pguest import cpio, paths
from pguest.machine import SECRET
from pguest.verdict import EFAULT


def with_secret(initramfs, place):
    """An initramfs with the secret in one more file, as a firmware could hand it over."""
    archive = cpio.Archive()
    archive.file("planted", int(SECRET, 0).to_bytes(8, "little") * (64 << 10))
    place.write_bytes(initramfs.read_bytes() + archive.finish())
    return place


@pytest.mark.parametrize("mode", PROTECTED)
def test_secrets_never_show_in_shared_granules(new_machine, tmp_path, disk, mode):
    """Secrets in memory of all kinds, held and freed, stay private while every device works over them."""
    initrd = with_secret(paths.INITRAMFS, tmp_path / "initrd")
    guest = new_machine(mode=mode, cpus=2, ram_mib=128, secret=SECRET, initrd=initrd).add_disk(disk).add_net()
    seen = guest.run("secrets")
    assert_clean(seen)
    assert seen.values["scan_found"] == "0x0"
    assert seen.monitor["secrets_found"] == 0, seen.monitor["secret"]
    assert seen.monitor["secret"]["looks"] > 1000


@pytest.mark.parametrize("mode", PROTECTED)
def test_host_reads_shared_granules_alone(new_machine, disk, mode):
    """A peek at a private page is refused and counted; at a shared one it succeeds."""
    seen = new_machine(mode=mode, secret=SECRET).add_disk(disk).run("peeks")
    assert_clean(seen)
    assert seen.values["peek_private"] == EFAULT
    assert seen.values["peek_shared"] == "allowed"
    assert seen.blocked["host_read"] == 1


def test_scan_finds_what_is_there(new_machine, disk):
    """The scan can find something: written to the disk, the pattern went through the pool, and was seen on its way."""
    guest = new_machine(mode="pkvm", secret=SECRET).add_disk(disk)
    seen = guest.run("confess")
    assert int(seen.values["scan_found"], 0) > 0
    assert seen.monitor["secrets_found"] > 0
    assert seen.monitor["secret"]["notified"] > 0

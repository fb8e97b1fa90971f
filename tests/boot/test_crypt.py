# SPDX-License-Identifier: GPL-2.0-only
"""Disks that dm-crypt encrypts: their ciphertext is in shared memory from the start, if the cipher allows it."""

import pytest
from test_io import assert_clean, assert_ledger_is_true

from pguest.machine import make_disk

DATA = 2 << 20
# It is written twice and read twice.
MOVED = 4 * DATA


@pytest.mark.parametrize("mode, image", [
    ("pkvm", "guest-6.1"),
    ("pkvm-android", "guest"),
    ("cca", "guest-7.x"),
    pytest.param("pkvm", "guest", marks=pytest.mark.matrix),
    pytest.param("cca", "guest", marks=pytest.mark.matrix),
])
def test_ciphertext_is_not_copied(new_machine, tmp_path, mode, image):
    """A cipher that writes nothing but its result works on pages of the pool; of another one each byte is copied."""
    disks = [make_disk(tmp_path / name, mib=4, ext4=False) for name in ("one", "other")]
    guest = new_machine(image=image, mode=mode, cpus=2, ram_mib=256)
    for disk in disks:
        guest.add_disk(disk)
    seen = guest.run("crypt", timeout=400)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.values["ciphertext"] == "hidden"
    assert seen.number("bounced_template") >= MOVED
    # Headers and tables; and data as well for as long as the pool has no pages to spare, before it has grown.
    assert seen.number("bounced_instructions") < MOVED / 2

# SPDX-License-Identifier: GPL-2.0-only
"""The host looks for what it must not see."""

import pytest
from test_io import PROTECTED, assert_clean

from pguest import leaks, verdict
from pguest.machine import SECRET, SECRET_BYTES
from pguest.verdict import EFAULT


@pytest.fixture
def new_guest(new_machine, tmp_path, disk):
    def new(mode, append=()):
        return leaks.guest_with_secrets(new_machine, tmp_path, mode, disk, append)

    return new


@pytest.mark.parametrize("mode, append", [
    *((mode, ()) for mode in PROTECTED),
    pytest.param("pkvm", ("init_on_alloc=0",), id="pkvm-uncleared"),
])
def test_secrets_never_show_in_shared_granules(new_guest, tmp_path, mode, append):
    """Secrets in memory of all kinds, held and freed, stay private while every device works over them.

    Without init_on_alloc=1, which is the layer's default, memory of the kernel's keeps what it had when it is freed.
    """
    secrets, guest = new_guest(mode, append)
    seen = guest.run(leaks.SCENARIO)
    assert not seen.leaks()
    assert_clean(seen)
    assert not any(secrets.found(seen).values())
    assert seen.values["scan_found"] == "0x0"
    assert seen.monitor["secrets_found"] == 0
    assert seen.monitor["secret"]["looks"] > 1000
    assert bool(seen.token) == (mode in verdict.PKVM)
    # The control of what dm-crypt has been asked to hide: it is there for whom has the key.
    assert secrets.decrypted(tmp_path / "encrypted") == secrets.plaintext * leaks.COPIES


def test_all_secrets_are_there(new_guest):
    """The control: of an unprotected guest the host sees all memory, and finds each of them, of the file more than once."""
    secrets, guest = new_guest("plain")
    seen = guest.run(leaks.SCENARIO)
    found = secrets.found(seen)
    assert found["planted"] * 8 > 2 << 20
    assert found["text"] * 8 >= 3 * SECRET_BYTES
    assert found["key"] and found["plaintext"]


@pytest.mark.parametrize("mode", PROTECTED)
def test_host_reads_shared_granules_alone(new_machine, disk, mode):
    """A peek at a private page is refused and counted; at a shared one it succeeds."""
    seen = new_machine(mode=mode, secret=SECRET).add_disk(disk).run("peeks")
    assert_clean(seen)
    assert seen.values["peek_private"] == EFAULT
    assert seen.values["peek_shared"] == "allowed"
    assert seen.blocked["host_read"] == 1


@pytest.mark.parametrize("mode", PROTECTED)
def test_scan_finds_what_is_there(new_guest, mode):
    """Written to the disk, secrets go through the pool: they are seen on their way, and the ledger says whose that is."""
    secrets, guest = new_guest(mode)
    seen = guest.run("confess")
    assert int(seen.values["scan_found"], 0) > 0
    assert seen.monitor["secret"]["notified"] > 0
    found = secrets.found(seen)
    written = [found.pop(name) for name in ("planted", "key", "plaintext")]
    assert all(written)
    assert sum(written) == seen.monitor["secrets_found"] + int(seen.values["scan_found"], 0)
    assert not any(found.values())
    assert seen.leaks() and all("of bounce-pool" in leak for leak in seen.leaks())

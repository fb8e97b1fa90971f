from pguest import host_verdict
from pguest.machine import sha256_in_disk
# SPDX-License-Identifier: GPL-2.0-only
"""What tests of a real host assert of most guests."""


def assert_clean(seen):
    """It worked and powered off, gave no private address away, and left nothing behind."""
    assert not seen.failed_checks()
    assert not [name for name, ok in host_verdict.host_checks(seen).items() if not ok]
    assert seen.monitor["secrets_found"] == 0


def assert_ledger_is_true(seen):
    assert not [name for name, ok in host_verdict.ledger_checks(seen).items() if not ok], seen.owners()


def assert_disk_is_right(seen, disk):
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]

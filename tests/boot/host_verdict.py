# SPDX-License-Identifier: GPL-2.0-only
"""What must be true after a boot of the io scenario on a pKVM host.

The host is asked what it could read and what it was given; it cannot count the
hypercalls of a protected VM, since they never reach it.
"""

import verdict
from verdict import EFAULT, MARK_DONE


def judge(seen, guest, disk):
    """All checks of one boot as {name: true or false}."""
    checks = dict(seen.checks)
    checks.update(verdict.data_checks(seen, guest, disk))
    checks.update(host_checks(seen))
    checks.update(protected_checks(seen) if guest.mode == "pkvm" else plain_checks(seen))
    if guest.mode == "pkvm":
        checks["features_match"] = verdict.features_match(seen, guest.cpus)
    return checks


def host_checks(seen):
    report = seen.monitor
    return {
        "powered_off": seen.exit == "off",
        "vmm_content": not report.get("failures"),
        "no_private_address_given": not report.get("private_addresses", True),
        "nothing_locked_at_end": report.get("locked_kib_at_end") == 0,
    }


def protected_checks(seen):
    done = seen.phase(MARK_DONE) or {}
    owners = seen.owners()
    return {
        "backend_is_pkvm": seen.values.get("status_backend") == "pKVM",
        "ledger_is_what_host_could_read":
            sum(owners.values()) == int(seen.values.get("shared_now", -1)) == done.get("shared"),
        "nothing_unexplained": owners.get("other") == 0 and bool(owners),
        "private_peek_refused": seen.values.get("peek_private") == EFAULT,
        "shared_peek_allowed": seen.values.get("peek_shared") == "allowed",
        "no_secrets_found": seen.monitor.get("secrets_found") == 0,
        "host_read_counted": seen.monitor.get("host_reads_refused") == 1,
        "memory_was_locked": done.get("locked_kib", 0) > 0,
    }


def plain_checks(seen):
    return {
        "backend_is_none": seen.values.get("status_backend") == "none",
        "nothing_bounced": int(seen.values.get("bytes_bounced", 0)) == 0,
        "features_not_looked_at": "features_beyond" not in seen.values,
    }

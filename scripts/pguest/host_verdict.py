from pguest import verdict
from pguest.verdict import EFAULT, MARK_DONE
# SPDX-License-Identifier: GPL-2.0-only
"""What must be true after a boot of the io scenario on a pKVM host.

The host is asked what it could read and what it was given; it cannot count the
hypercalls of a protected VM, since they never reach it.
"""


def judge(seen, guest, disk):
    """All checks of one boot as {name: true or false}."""
    checks = dict(seen.checks)
    checks.update(verdict.data_checks(seen, guest, disk))
    checks.update(host_checks(seen))
    checks.update(time_checks(seen, guest))
    checks.update(protected_checks(seen) if guest.mode == "pkvm" else plain_checks(seen))
    if guest.mode == "pkvm":
        checks["features_match"] = verdict.features_match(seen, guest.cpus)
    return checks


def left_nothing(report):
    """After the end nothing is locked, nothing is pinned, and KVM has no VM."""
    before, after = report["host"]["before"], report["host"]["after"]
    return not any(report["locked_kib_after"]) and report["locked_kib_at_end"] == 0 and \
        after["pinned"] == before["pinned"] and after["vms"] == 0


def host_checks(seen):
    report = seen.monitor
    return {
        "powered_off": seen.exit == "off",
        "vmm_content": not report.get("failures"),
        "no_private_address_given": not report.get("private_addresses", True),
        "nothing_locked_at_end": bool(report) and left_nothing(report),
    }


# Seconds between a reading in the guest and its line here; the host's own clock is that of QEMU.
CLOCK_OFF = 5


def time_checks(seen, guest):
    """What the VMM offers has to be there, and true: the guest compares, we know the time."""
    checks = {}
    if "--steal" in guest.words:
        checks["steal_time"] = bool(seen.checks.get("steal_time"))
    if "--vmclock" in guest.words:
        off = int(seen.values.get("clock_ns", 0)) / 1e9 - seen.told_at.get("clock_ns", 0)
        checks["clock"] = bool(seen.checks.get("clock")) and abs(off) < CLOCK_OFF
        # Once may be in the moment between the page being the guest's and being shared.
        checks["clock_page_is_shared"] = seen.monitor.get("clock", {}).get("refused", 2) <= 1
    return checks


# Slots of their own: the VMM looks at RAM.
HOST_PAGES = ("steal-time", "clock")


def ledger_checks(seen):
    """What the guest's ledger has open is what the host can read, to the granule."""
    done = seen.phase(MARK_DONE) or {}
    owners = seen.owners()
    of_ram = sum(count for name, count in owners.items() if name not in HOST_PAGES)
    return {
        "backend_is_pkvm": seen.values.get("status_backend") == "pKVM",
        "ledger_is_what_host_could_read": of_ram == done.get("shared") and
            sum(owners.values()) == int(seen.values.get("shared_now", -1)),
        "nothing_unexplained": owners.get("other") == 0 and bool(owners),
    }


def protected_checks(seen):
    done = seen.phase(MARK_DONE) or {}
    return {
        **ledger_checks(seen),
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

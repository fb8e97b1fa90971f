# SPDX-License-Identifier: GPL-2.0-only
"""What must be true after a boot of the io scenario in a realm whose RMM is not ours.

Our host is asked what it has shared and what it could not read; it cannot know the calls
that the RMM answers, nor the registers in a token. Those are expected, and not looked up:
the initial measurement is worked out from the files, and the first register from the challenge.
"""

import hashlib
import os

from pguest import description, rim, verdict
from pguest.verdict import EFAULT, MARK_DONE

CPAK = os.environ.get("CPAK")
GRANULE = 4096
NOT_VERIFIED = "not verified: CPAK=key.pem names no platform key"


def judge(seen, guest, disk):
    """All checks of one boot as {name: true or false}."""
    checks = dict(seen.checks)
    checks.update(verdict.data_checks(seen, guest, disk))
    checks.update(host_checks(seen))
    checks.update(protected_checks(seen))
    checks.update(attestation_checks(seen, guest))
    return checks


def host_checks(seen):
    granules = seen.monitor.get("granules_read", {})
    return {
        "powered_off": seen.exit == "off",
        "host_content": not seen.monitor.get("failures"),
        "no_mmio_blocked": seen.blocked.get("mmio") == 0,
        "realm_is_out_of_reach": granules.get("tried", 0) > 0 and granules["tried"] == granules["refused"],
    }


def ledger_is_true(seen):
    """The ledger is in granules of the guest's, which may be several of the RMM's."""
    done = seen.phase(MARK_DONE) or {}
    granule = int(seen.values.get("status_granule", 0))
    return sum(seen.owners().values()) == int(seen.values.get("shared_now", -1)) and \
        verdict.shared_by_call(seen) * granule == done.get("shared", -1) * GRANULE


def protected_checks(seen):
    owners = seen.owners()
    return {
        "backend_is_cca": seen.values.get("status_backend") == "CCA realm",
        "ledger_is_what_host_saw": ledger_is_true(seen),
        "nothing_unexplained": owners.get("other") == 0 and bool(owners),
        "private_peek_refused": seen.values.get("peek_private") == EFAULT,
        "shared_peek_allowed": seen.values.get("peek_shared") == "allowed",
        "no_secrets_found": seen.monitor.get("secrets_found") == 0,
        "host_read_counted": seen.blocked.get("host_read") == 1,
    }


def expected_registers(seen, guest):
    """[RIM, REM 1 to 4] in hexadecimal, by what the machine was started with."""
    algorithm = seen.realm["hash"]
    initial = rim.compute(algorithm.replace("sha", "sha-"), guest.image.read_bytes(), guest.initrd.read_bytes(),
                          rim.Shape.of_report(seen.monitor))
    empty = "00" * hashlib.new(algorithm).digest_size
    described = description.register_of(algorithm, guest.tree.read_bytes(), guest.command_line)
    return [initial.hex(), verdict.rem_after(algorithm, guest.challenge), empty, described.hex(), empty]


def attestation_checks(seen, guest):
    """The registers that the guest shows, and where the platform's key is known, the report."""
    registers = expected_registers(seen, guest)
    shown = [seen.values.get(name) for name in ("rim", "rem1", "rem2", "rem3", "rem4")]
    checks = {"measurements": shown == registers}
    if not CPAK:
        return checks
    seen.realm["rem"] = registers[1:]
    seen.attested, refusal = verdict.verify(seen, guest, cpak=CPAK)
    if refusal:
        seen.reasons["attestation_report"] = refusal
    return {**checks, "attestation_report": not refusal}

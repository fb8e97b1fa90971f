# SPDX-License-Identifier: GPL-2.0-only
"""What must be true after a boot of the io scenario, and who says so.

A check is true because the host or the monitor saw it, or because the guest
and one of them agree. What the guest alone says is listed under its own name.
"""

import hashlib
import json
import secrets
import subprocess
import sys
import time

from pguest import description, machine, paths

MARK_USER_SPACE = 1
MARK_DONE = 2
EFAULT = "refused -14"

# What a guest may ask before it knows where it is, by the monitor's names.
PROBE_CALLS = {"UID": 2, "FEATURES": 2, "MEMINFO": 1, "RSI_VERSION": 1}


def is_ours(call):
    """PSCI, SMCCC, TRNG and stolen-time calls are any kernel's. The rest is the layer's."""
    return not call.startswith(("PSCI_", "SMCCC_", "TRNG_", "PV_TIME_"))


def judge(seen, guest, disk):
    """All checks of one boot as {name: true or false}."""
    checks = dict(seen.checks)
    checks.update(data_checks(seen, guest, disk))
    checks.update(monitor_checks(seen))
    checks.update(time_checks(seen, guest))
    checks.update(plain_checks(seen) if guest.mode == "plain" else protected_checks(seen))
    if guest.mode in PKVM:
        checks["features_match"] = features_match(seen, guest.cpus)
    if guest.mode == "cca":
        checks.update(attestation_checks(seen, guest))
    if guest.options.get("handover"):
        checks.update(dice_checks(seen, guest))
    return checks


def data_checks(seen, guest, disk):
    on_disk = machine.sha256_in_disk(disk, "/data")
    return {
        "disk_sha256": on_disk == seen.values.get("disk_sha256"),
        "net_up_sha256": guest.peer.got_sha256 == seen.values.get("net_up_sha256"),
        "net_down_sha256": guest.peer.gift_sha256 == seen.values.get("net_down_sha256"),
        "console_arrived": guest.hvc0.read_text().startswith("pguest console "),
    }


PKVM = ("pkvm", "pkvm-android")


def features_match(seen, cpus):
    """Every CPU shows what pKVM shows and no more, and the boot line says so too."""
    return seen.values.get("features_beyond") == "0" and \
        seen.values.get("features_cpus_differ") == "0" and \
        seen.values.get("features_cpus") == str(cpus) and \
        bool(seen.lines("pguest: .*features as pKVM shows them"))


# Where the monitor's host offers steal time. A clock it has for all.
HAVE_STEAL_TIME = ("pkvm", "plain")


def time_checks(seen, guest):
    """The guest has compared what it accounts for with what the monitor took; we, the clock."""
    off = abs(int(seen.values.get("clock_ns", 0)) / 1e9 - time.time())
    checks = {"clock": bool(seen.checks.get("clock")) and off < seen.seconds + 2}
    if guest.mode in HAVE_STEAL_TIME:
        checks["steal_time"] = bool(seen.checks.get("steal_time")) and \
            all(seen.monitor.get("stolen_ns", [0])) == bool(guest.options.get("steal"))
    return checks


def monitor_checks(seen):
    return {
        "powered_off": seen.exit == "off",
        "no_dma_blocked": seen.blocked.get("dma") == 0,
        "no_its_blocked": seen.blocked.get("its") == 0,
        "no_mmio_blocked": seen.blocked.get("mmio") == 0,
        "nothing_strayed": not seen.realm.get("strayed"),
        "monitor_content": not seen.monitor.get("failures"),
    }


# What the host supplies. A realm finds it in the unprotected half and shares nothing for it.
HOST_PAGES = ("steal-time", "clock", "generation-id")


def shared_by_call(seen):
    """Granules of the ledger that the hypervisor was asked to share."""
    owners = seen.owners()
    kept = HOST_PAGES if seen.monitor.get("mode") == "cca" else ()
    return sum(count for name, count in owners.items() if name not in kept)


def protected_checks(seen):
    done = seen.phase(MARK_DONE) or {}
    owners = seen.owners()
    return {
        "ledger_is_what_monitor_saw":
            sum(owners.values()) == int(seen.values.get("shared_now", -1)) and
            shared_by_call(seen) == done.get("shared"),
        "no_ram_shared_by_host_name": seen.monitor.get("ram_shared_by_host_name") == 0,
        "nothing_unexplained": owners.get("other") == 0 and bool(owners),
        "private_peek_refused": seen.values.get("peek_private") == EFAULT,
        "shared_peek_allowed": seen.values.get("peek_shared") == "allowed",
        "no_secrets_found": seen.monitor.get("secrets_found") == 0,
        "host_read_counted": seen.blocked.get("host_read") == 1,
    }


def plain_checks(seen):
    """The same Image, unprotected: it asks once, and then we are not there."""
    start, done = seen.phase(MARK_USER_SPACE), seen.phase(MARK_DONE)
    ours = {name: count for name, count in seen.hypercalls.items() if is_ours(name)}
    return {
        "only_the_probe_called": all(count <= PROBE_CALLS.get(name, 0)
                                     for name, count in ours.items()),
        "no_calls_after_probe": bool(start and done) and start["hypercalls"] == done["hypercalls"],
        "nothing_shared": seen.shared.get("peak") == 0,
        "nothing_bounced": int(seen.values.get("bytes_bounced", 0)) == 0,
        "features_not_looked_at": "features_beyond" not in seen.values,
    }


CHALLENGE_BYTES = 64
CPAK = paths.MONITOR / "cpak.pem"
DICE_ROOT = paths.MONITOR / "dice-root.pem"
VERIFIER = paths.ROOT / "scripts" / "verify-report"


def new_challenge():
    return secrets.token_bytes(CHALLENGE_BYTES).hex()


def attestation_checks(seen, guest):
    """A report for our challenge that holds, and registers that are what the RMM has in it."""
    realm = seen.realm
    registers = [realm.get("rim"), *realm.get("rem", [])]
    told = [seen.values.get(name) for name in ("rim", "rem1", "rem2", "rem3", "rem4")]
    extended = rem_after(realm["hash"], guest.challenge)
    seen.attested, refusal = verify(seen, guest)
    if refusal:
        seen.reasons["attestation_report"] = refusal
    return {
        "attestation_report": not refusal,
        "measurements": all(told) and told == registers and registers[1] == extended,
    }


def dice_checks(seen, guest):
    """A report for our challenge that holds, by a kernel and an initramfs that are those that it was started with."""
    seen.attested, refusal = verify_dice(seen, guest)
    if refusal:
        seen.reasons["attestation_report"] = refusal
    return {"attestation_report": not refusal}


def verify_dice(seen, guest, *words):
    """What scripts/verify-report reads in the report of a pKVM guest, and why it refuses it, if it does."""
    token, chain = guest.directory / "report.cbor", guest.directory / "chain.cbor"
    token.write_bytes(seen.token)
    chain.write_bytes(seen.chain)
    if not seen.token or not seen.chain:
        return {}, "the guest gave no report, or no chain"
    return run_verifier([token, "--json", "--challenge", guest.challenge, "--chain", chain,
                         "--roots", DICE_ROOT, "--image", guest.image, "--initrd", guest.initrd,
                         "--avb-key", paths.MONITOR / "dice-avb-key", "--security-version", "1", *words])


def run_verifier(words):
    done = subprocess.run([sys.executable, str(VERIFIER), *map(str, words)], text=True, capture_output=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        return {}, said[-1] if said else f"verify-report ended with {done.returncode}"
    return json.loads(done.stdout), ""


def rem_after(algorithm, value):
    """A register that was extended once, by as much of `value` as the hash is long."""
    digest = hashlib.new(algorithm)
    digest.update(bytes(digest.digest_size) + bytes.fromhex(value)[:digest.digest_size])
    return digest.hexdigest()


def verify(seen, guest, cpak=CPAK, measures_description=True):
    """What scripts/verify-report reads in the guest's token, and why it refuses it, if it does.

    The RIM is worked out anew from the files that the machine was started with, for the
    generation of RMM that the host's report names; and REM 3 from the device tree and the command
    line that the guest was given, if its kernel measures these. @cpak is the platform's public key.
    """
    token = guest.directory / "token.cbor"
    token.write_bytes(seen.token)
    if not seen.token:
        return {}, "the guest gave no token"
    command = [token, "--json", "--challenge", guest.challenge,
               "--cpak", cpak, "--image", guest.image, "--initrd", guest.initrd,
               "--machine", guest.report, "--rpv", seen.realm["rpv"]]
    # A host that is not the monitor need not have kept the tree.
    measures_description = measures_description and guest.tree.exists()
    for number, value in enumerate(seen.realm["rem"], 1):
        if number != description.REGISTER or not measures_description:
            command += ["--rem", f"{number}={value}"]
    if measures_description:
        command += ["--dtb", guest.tree, "--cmdline", guest.command_line]
    return run_verifier(command)

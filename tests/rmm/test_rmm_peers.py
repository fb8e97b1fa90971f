# SPDX-License-Identifier: GPL-2.0-only
"""Upstream's newest kernel, which is a realm's guest by itself, and ours of the same version, on the same host.

Each case is one boot of both. What upstream's cannot do is written down here, so that a newer one that can
is noticed; ours has to do all of it. Upstream's gets the pool that ours has; with its own, of a thousandth of RAM,
it does no I/O here. The figures go to rmm-peers/ in the build directory, and from there into
Documentation/rmm-host.rst.
"""

import json

import pytest
from test_rmm_realms import TIMEOUT

from pguest import paths, rmm_verdict, verdict
from pguest.machine import PL011_BASE, SECRET, BootFail, Seen, make_disk, sha256_in_disk

pytestmark = pytest.mark.matrix

OURS, UPSTREAM = "guest-7.x", "newest"
POOL = "swiotlb=16384"
EMPTY = ["00" * 32] * 4
# case: (what the host does, devices of which not all are a disk)
CASES = {
    "1 CPU, 33 bits": ({"ipa_bits": 33}, 1),
    "4 CPUs, 48 bits": ({"ipa_bits": 48}, 4),
    "pages of the host: 64 KiB": ({"alignment": 65536}, 1),
    "no host call": ({"host_call": "none"}, 1),
    "progress in steps of 16 granules": ({"set_progress": "16"}, 1),
    "no progress, 7 times": ({"set_stall": 7}, 1),
    "one change of RAM refused": ({"reject_set": 1, "set_when": "empty"}, 1),
    "queues of 1024": ({"queue": 1024}, 1),
}
# Of these, what upstream's guest does not survive: it shares single granules, which such a host cannot give.
UPSTREAM_FAILS = {"pages of the host: 64 KiB"}


def boot(new_realm, image, host, cpus, append=()):
    guest = new_realm(image=image, cpus=cpus, secret=SECRET, early=True, host={"timeout": 200, **host},
                      challenge=verdict.new_challenge(), append=append)
    guest.earlycon = guest.shared_half + PL011_BASE if image == UPSTREAM else PL011_BASE
    disk = make_disk(guest.directory / "disk.img")
    guest.add_all(disk)
    reason = ""
    try:
        seen = guest.run("upstream-realm", timeout=TIMEOUT)
    except BootFail as failure:
        seen, reason = failure.seen or Seen(), f"{type(failure).__name__}: {failure.text}"
    return guest, disk, seen, reason


def outcome(image, guest, disk, seen, reason):
    """{what: did it work}, of one boot that may have ended anywhere."""
    done = bool(seen.summary)
    verified = False
    if done and seen.token and rmm_verdict.CPAK:
        seen.realm["rem"] = EMPTY
        _, why = verdict.verify(seen, guest, cpak=rmm_verdict.CPAK, measures_description=image == OURS)
        verified, reason = not why, reason or why
    return {
        "boots": done,
        "disk": done and sha256_in_disk(disk, "/data") == seen.values.get("disk_sha256"),
        "network": done and not {"net_sends", "net_receives"} & set(seen.failed_checks()),
        "report": verified,
        "shared": seen.shared.get("peak", 0),
        "ripas_changes": seen.hypercalls.get("RSI_IPA_STATE_SET", 0),
        "exits": sum(seen.monitor.get("exits", {}).values()),
        "boot_ms": seen.boot_ms,
        "secrets_found": seen.monitor.get("secrets_found", -1),
        "reason": reason,
    }


def keep(case, image, figures):
    directory = paths.BUILD / "rmm-peers"
    directory.mkdir(exist_ok=True)
    (directory / f"{image} {case}.json").write_text(json.dumps(figures, indent=2) + "\n")


def works(figures):
    """A report counts where it could be verified."""
    return all(figures[what] for what in ("boots", "disk", "network")) and \
        (figures["report"] or not rmm_verdict.CPAK)


@pytest.mark.parametrize("image", [OURS, UPSTREAM])
@pytest.mark.parametrize("case", CASES)
def test_same_host(new_realm, case, image):
    host, cpus = CASES[case]
    append = [POOL] if image == UPSTREAM else []
    guest, disk, seen, reason = boot(new_realm, image, host, cpus, append)
    figures = outcome(image, guest, disk, seen, reason)
    keep(case, image, figures)
    assert works(figures) == (image == OURS or case not in UPSTREAM_FAILS), figures


def test_upstream_as_it_comes(new_realm):
    """Its pool is too small for the buffers of console and network, and requests are repeated for ever."""
    guest, disk, seen, reason = boot(new_realm, UPSTREAM, {"ipa_bits": 33, "timeout": 60}, 1)
    figures = outcome(UPSTREAM, guest, disk, seen, reason)
    keep("as it comes", UPSTREAM, figures)
    assert not works(figures)
    assert seen.lines("swiotlb buffer is full")

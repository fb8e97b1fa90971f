# SPDX-License-Identifier: GPL-2.0-only
"""Attestation of a pKVM guest by DICE: the launcher plays its firmware, and scripts/verify-report the relying party.

What is left of the firmware's secret is the monitor's account: it looks through all of the guest's memory that was
touched, when the run ends.
"""

import base64
import hashlib
import re

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from dicesearch import CONTROL, parameters, found
from test_attestation import assert_interface, records
from test_io import assert_clean
from test_kernels import OTHERS
from test_kexec import put
from tree import Patch

from pguest import dice, dicereport, paths, verdict
from pguest.machine import GUEST_BASE, make_disk

MODES = verdict.PKVM
RAM_MIB = 256
# One page of 64 KiB at the end of RAM: tests/monitor/handover.c
REGION = GUEST_BASE + (RAM_MIB << 20) - 0x10000
# Where the monitor's option look finds 8 bytes of CDI_Attest
AT = 8
MIB = 1 << 20


def of_files(guest, **changes):
    return dice.for_guest(paths.MONITOR, paths.monitor_image(), guest.image, guest.initrd, **changes)


@pytest.fixture
def new_guest(new_machine):
    """A guest that is given a handover, and asked for a report if it has one to give."""
    def new(mode="pkvm", data=None, monitor=None, **options):
        guest = new_machine(mode=mode, ram_mib=RAM_MIB, challenge=verdict.new_challenge(), monitor=monitor, **options)
        guest.whole = of_files(guest)
        return guest.hand_over(guest.whole.data if data is None else data)

    return new


def blob(pieces):
    return b"".join(map(base64.b64decode, pieces))


def gave_a_report(guest, seen, *words):
    assert_clean(seen)
    assert seen.values["provider"] == "pkvm_guest"
    assert len(seen.lines("pkvm_guest: reports by DICE.*rooted in the host's word unless a verifier knows its root")) == 1
    report, refusal = verdict.verify_dice(seen, guest, *words)
    assert not refusal
    assert report["compared"] == ["challenge", "code", "authority", "security version"]
    return report


def gave_none(seen, why):
    assert_clean(seen)
    assert seen.values["provider"] == "none"
    assert not seen.lines("reports by DICE")
    if why:
        assert len(seen.lines(re.escape(f"pkvm_guest: no attestation: {why}"))) == 1
    else:
        assert not seen.lines("pkvm_guest: ")


def eight_bytes(cdi):
    """As the monitor shows what is at the region's address AT."""
    return int.from_bytes(cdi[AT - 4:AT + 4], "little")


@pytest.mark.parametrize("mode", MODES)
def test_a_report_and_no_secret_left(new_guest, mode):
    """The report verifies; the region has the next layer's secret, and this layer's is nowhere in memory."""
    secret = b"CDI:of-this-layer,to-be-hidden.."
    guest = new_guest(mode, monitor={"find_text": secret[:16].decode(), "look": REGION + AT})
    whole = of_files(guest)
    layer = dice.Layer(code=dice.code_hash(guest.image.read_bytes(), guest.initrd.read_bytes()),
                       authority=hashlib.sha512((paths.MONITOR / "dice-avb-key").read_bytes()).digest())
    signed = dice.add(dice.begin((paths.MONITOR / "dice-uds").read_bytes()), layer, dice.key_of(secret))
    given = dice.Handover((secret, whole.cdis[1]), signed.elements, signed.root, signed.signer)
    guest.hand_over(given.data)
    seen = guest.run("dice")
    assert gave_a_report(guest, seen)["region"] == 2
    assert seen.monitor["text_found"] == 0
    above = dice.add(given, dice.Layer(name=dice.USER_SPACE))
    assert int(str(seen.monitor["look"]), 0) == eight_bytes(above.cdis[0])


@pytest.mark.parametrize("series", OTHERS)
def test_every_kernel_reports(new_guest, series):
    """By Android's interface; test_kernels.py has mainline's."""
    guest = new_guest("pkvm-android", image=paths.kernel_name("guest", series))
    assert gave_a_report(guest, guest.run("dice"))["region"] == 2


def secrets_of(guest):
    """CDI_Attest of the kernel's layer, and of the next one."""
    return guest.whole.cdis[0], dice.add(guest.whole, dice.Layer(name=dice.USER_SPACE)).cdis[0]


SEARCHED = [("pkvm", paths.KERNEL), ("pkvm-android", paths.KERNEL), *(("pkvm", series) for series in OTHERS)]


@pytest.mark.parametrize("mode, series", SEARCHED)
def test_root_finds_no_secret(new_guest, mode, series):
    """Neither CDI_Attest nor the seed of its key. The kernel's key is in one page, which only /dev/mem shows here.

    These kernels are built without CONFIG_STRICT_DEVMEM, so that a search can find it; with that it is not mapped.
    """
    guest = new_guest(mode, image=paths.kernel_name("guest", series))
    guest.append += ["pguest.devices=+platform:open-dice", *parameters(guest, *secrets_of(guest))]
    seen = guest.run("dice", timeout=400)
    gave_a_report(guest, seen)
    in_memory, in_kcore, in_dice = (found(seen, f"in_{where}") for where in ("mem", "kcore", "dice"))
    assert in_memory.mib == RAM_MIB and in_kcore.mib > RAM_MIB - 16
    assert in_memory == {"secret": 0, "seed": 0, "scalar": 1, "prefix": 1, "next": 1, CONTROL: in_memory[CONTROL]}
    assert in_kcore == {"secret": 0, "seed": 0, "scalar": 0, "prefix": 0, "next": 0, CONTROL: in_kcore[CONTROL]}
    assert in_dice == {"secret": 0, "seed": 0, "scalar": 0, "prefix": 0, "next": 1, CONTROL: 0}
    assert in_memory[CONTROL] and in_kcore[CONTROL]


@pytest.mark.matrix
def test_a_strict_dev_mem_does_not_show_the_key(new_guest):
    """With CONFIG_STRICT_DEVMEM, as distributions have it, /dev/mem maps the region, and not the page of the key."""
    guest = new_guest(image="guest-strict")
    guest.append += parameters(guest, *secrets_of(guest))
    seen = guest.run("dice", timeout=400)
    gave_a_report(guest, seen)
    in_memory = found(seen, "in_mem")
    assert in_memory == {"secret": 0, "seed": 0, "scalar": 0, "prefix": 0, "next": 1, CONTROL: 0}
    assert in_memory.mib < 16 and found(seen, "in_kcore")[CONTROL]


def test_the_search_finds_a_secret_that_is_kept(new_guest):
    guest = new_guest()
    guest.append += ["pkvm_guest.region=keep", "pguest.devices=+platform:open-dice",
                     *parameters(guest, *secrets_of(guest))]
    seen = guest.run("dice", timeout=400)
    assert gave_a_report(guest, seen)["region"] == 0
    assert [found(seen, f"in_{where}")["secret"] for where in ("mem", "kcore", "dice")] == [1, 0, 1]


def test_a_chain_by_ecdsa(new_guest, tmp_path):
    """A root on P-384 and firmware on P-256: the kernel uses the last certificate alone."""
    guest = new_guest()
    root, firmware = (ec.generate_private_key(curve) for curve in (ec.SECP384R1(), ec.SECP256R1()))
    before = dice.add(dice.begin(b"u" * 32, root), dice.Layer(name="monitor"), firmware)
    layer = dice.Layer(code=dice.code_hash(guest.image.read_bytes(), guest.initrd.read_bytes()),
                       authority=hashlib.sha512((paths.MONITOR / "dice-avb-key").read_bytes()).digest())
    seen = guest.hand_over(dice.add(before, layer).data).run("dice")
    (tmp_path / "roots").write_bytes(root.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert len(gave_a_report(guest, seen, "--roots", tmp_path / "roots")["layers"]) == 2


@pytest.mark.parametrize("word, region", [("wipe", 1), ("keep", 0)])
def test_what_becomes_of_the_region(new_guest, word, region):
    """keep: the search of the test above can find something."""
    guest = new_guest(monitor={"look": REGION + AT}, append=[f"pkvm_guest.region={word}"])
    seen = guest.run("dice")
    assert gave_a_report(guest, seen)["region"] == region
    assert int(str(seen.monitor["look"]), 0) == (eight_bytes(guest.whole.cdis[0]) if word == "keep" else 0)


HANDOVERS = {
    "no chain": ("there is no chain", lambda whole: b"\xa2" + whole.data[1:71]),
    "one element": ("the chain has no certificate", lambda whole: with_chain(whole, whole.elements[:1])),
    "cut": ("the chain is malformed", lambda whole: whole.data[:80]),
    "keys out of order": ("the handover is malformed", lambda whole: b"\xa3\x02" + whole.data[2:]),
    "indefinite": ("the handover is malformed", lambda whole: b"\xbf" + whole.data[1:] + b"\xff"),
    "another secret": ("the last certificate is not that of the secret",
                       lambda whole: whole.data.replace(whole.cdis[0], bytes(32))),
    "a leaf on P-384": ("the last certificate's key is not one for Ed25519",
                        lambda whole: dice.add(whole, dice.Layer(), ec.generate_private_key(ec.SECP384R1())).data),
    "nothing": ("the handover is malformed", lambda whole: b""),
}


def with_chain(whole, elements):
    return dice.Handover(whole.cdis, elements, whole.root, whole.signer).data


@pytest.mark.parametrize("name", HANDOVERS)
def test_a_handover_that_cannot_be_used(new_guest, name):
    """One line says why, no provider registers, and the region is as it was."""
    why, make = HANDOVERS[name]
    guest = new_guest(monitor={"look": REGION + AT})
    data = make(guest.whole)
    seen = guest.hand_over(data).run("dice")
    gave_none(seen, why)
    assert int(str(seen.monitor["look"]), 0) == int.from_bytes(data[AT:AT + 8].ljust(8, b"\0"), "little")


DICE = "/reserved-memory/dice"
TREES = {
    "outside of RAM": lambda tree: tree.u64("reg", "ram_end+0x10000000", 0x10000),
    "not whole pages": lambda tree: tree.u64("reg", "handover+0x10", 0x10000 - 0x20),
    "empty": lambda tree: tree.u64("reg", "handover", 0),
    "over the kernel": lambda tree: tree.u64("reg", "image", 0x10000),
    "over the initramfs": lambda tree: tree.u64("reg", "initrd", 0x10000),
    "in the linear map": lambda tree: tree.drop("no-map"),
    "too large": lambda tree: tree.u64("reg", "handover-0x200000", 0x210000),
    "two ranges": lambda tree: tree.append("reg", "handover-0x100000", 0x10000),
    "without an address": lambda tree: tree.drop("reg").u64("size", 0x10000),
    "a pool too": lambda tree: tree.raw("compatible", b"restricted-dma-pool\0google,open-dice\0"),
}


@pytest.mark.parametrize("name", TREES)
def test_a_region_that_the_audit_refuses(new_guest, name, tmp_path):
    tree = TREES[name](Patch().node(DICE))
    seen = new_guest(monitor={**tree.option(tmp_path)}).run("dice")
    gave_none(seen, None)
    assert len(seen.lines("pguest: ignored: dice")) == 1


def test_a_second_region_is_refused(new_guest, tmp_path):
    tree = Patch().node("/reserved-memory/later").u64("reg", "handover-0x100000", 0x10000)
    tree.text("compatible", "google,open-dice").empty("no-map")
    guest = new_guest(monitor=tree.option(tmp_path))
    seen = guest.run("dice")
    refused = seen.lines("pguest: ignored: (dice|later) is no handover")
    assert len(refused) == 1
    # libfdt adds a node in front of the others; the first one counts, and that has nothing in it.
    assert seen.values["provider"] == ("none" if "dice" in refused[0] else "pkvm_guest")


@pytest.mark.parametrize("mode", MODES)
def test_a_region_that_the_host_sees_is_refused(new_guest, mode):
    """It is private afterwards; its secret is no secret any more."""
    seen = new_guest(mode, monitor={"handover_shared": 1}).run("dice")
    gave_none(seen, "it is not in private memory of its own")
    assert seen.monitor["shared"]["peak"] >= 16 and not seen.monitor["failures"]


def test_without_a_region_nothing_is_different(new_machine):
    guest = new_machine(mode="pkvm", ram_mib=RAM_MIB, challenge=verdict.new_challenge())
    gave_none(guest.run("dice"), None)


def test_the_next_kernel_is_another_layer(new_guest, built, tmp_path):
    """Behind kexec a kernel reports as what this one handed on to, and not as this one: it finds neither key nor secret."""
    disk = make_disk(tmp_path / "disk.img")
    put(disk, paths.INITRAMFS, "initramfs")
    put(disk, built("guest"), "Image2")
    guest = new_guest()
    guest.append += parameters(guest, *secrets_of(guest))
    seen = guest.add_disk(disk).run("dice", timeout=600)
    assert_clean(seen)
    for where in ("mem", "kcore"):
        in_second = found(seen, f"in_{where}2")
        assert in_second == {"secret": 0, "seed": 0, "scalar": 0, "prefix": 0, "next": 0, CONTROL: in_second[CONTROL]}
        assert in_second[CONTROL]
    assert (seen.values["provider"], seen.values["provider2"]) == ("pkvm_guest", "pkvm_guest")
    first, second = guest.whole, dice.add(guest.whole, dice.Layer(name=dice.USER_SPACE))
    assert blob(seen.chain_pieces) == first.chain + second.chain
    report = blob(seen.token_pieces[1:])
    roots = [first.root]
    with pytest.raises(dicereport.Refused, match="userspace"):
        dicereport.verify(report, second.chain, roots)
    with pytest.raises(dicereport.Refused, match="signature"):
        dicereport.verify(report, first.chain, roots)
    dicereport.verify(report, second.chain, roots, dicereport.Expected(component=dice.USER_SPACE))


# --- the interface: the same rules, clients and scenarios as those of a realm's provider (test_attestation.py) ------


def no_check_failed(seen):
    assert not seen.failed_checks()
    assert seen.checks


def verified(guest, token, challenge=None):
    expected = dicereport.Expected(challenge or bytes.fromhex(guest.challenge))
    return dicereport.verify(token, guest.whole.chain, [guest.whole.root], expected)


def test_errno_of_every_file(new_guest):
    seen = new_guest().run("report-errno")
    no_check_failed(seen)
    assert_interface(seen.values, "pkvm_guest", ["auxblob", "generation", "inblob", "outblob", "provider"])


@pytest.mark.parametrize("scenario", ["report-shell", "report-shared"])
def test_clients_of_realms(new_guest, scenario):
    """The shell alone; readers of one entry, and a writer."""
    guest = new_guest(cpus=4, parallel=True)
    seen = guest.run(scenario)
    no_check_failed(seen)
    assert verified(guest, seen.token)


def test_two_tasks_read_200_reports(new_guest):
    """tests/guest/report.c, as in a realm: all of them verify, and none comes twice."""
    guest = new_guest(cpus=4, parallel=True, append=["pguest_reports=100"])
    disks = [make_disk(guest.directory / f"tokens{number}", mib=64, ext4=False) for number in (0, 1)]
    for disk in disks:
        guest.add_disk(disk)
    seen = guest.run("report-many", timeout=900)
    no_check_failed(seen)
    pairs = [pair for disk in disks for pair in records(disk.read_bytes())]
    assert len({challenge for challenge, _ in pairs}) == len(pairs) == 200
    for challenge, token in pairs:
        verified(guest, token, challenge)


def test_readers_that_are_killed(new_guest):
    """They die at once, whether they sign or wait for the key, and the next reader gets a report."""
    guest = new_guest(cpus=4, parallel=True)
    seen = guest.run("dice-killed")
    no_check_failed(seen)
    assert seen.number("killed") == 32
    assert verified(guest, seen.token)

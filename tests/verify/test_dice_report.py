# SPDX-License-Identifier: GPL-2.0-only
"""scripts/pguest/dicereport.py and scripts/verify-report: reports and chains of a pKVM guest that are not what they
say. The reports are the layer's own."""

import ctypes
import hashlib
import subprocess
import sys

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from dicelayer import CHAIN_AT, CHALLENGE, DICE_ENTRY_MAX, key_of_cdi, new_handover, parse, report_of, written

from pguest import dice, dicereport, paths


# --- reports and chains -------------------------------------------------------------


@pytest.fixture
def good(layer):
    """(report, chain, roots) that verify."""
    handover = new_handover()
    return report_of(layer, key_of_cdi(layer, handover.cdis[0])), handover.chain, [handover.root]


def expected(**changes):
    return dicereport.Expected(**{"challenge": CHALLENGE, "code": b"c" * 64, "authority": b"a" * 64,
                                  "security_version": 1, **changes})


def refused(report, chain, roots, want=None):
    with pytest.raises(dicereport.Refused) as why:
        dicereport.verify(report, chain, roots, want or expected())
    return str(why.value)


def test_a_report_of_the_layers_verifies(good):
    report = dicereport.verify(*good, expected())
    assert report.compared == ["challenge", "code", "authority", "security version"]
    assert [layer.name for layer in report.layers] == ["firmware 0", dice.KERNEL]
    assert report.region == 2


CURVES = [ec.SECP256R1, ec.SECP384R1]


@pytest.fixture(params=CURVES)
def mixed(request, layer):
    """(report, chain, roots): a root and firmware on a curve for ECDSA, below a kernel on Ed25519."""
    def key():
        return ec.generate_private_key(request.param())

    before = dice.begin(b"u" * 32, key())
    for number in range(2):
        before = dice.add(before, dice.Layer(name=f"firmware {number}"), key())
    handover = dice.add(before, dice.Layer(code=b"c" * 64, authority=b"a" * 64))
    return report_of(layer, key_of_cdi(layer, handover.cdis[0])), handover.chain, [handover.root]


def test_a_chain_by_ecdsa(mixed):
    assert len(dicereport.verify(*mixed, expected()).layers) == 3


def test_each_byte_of_a_chain_by_ecdsa_counts(mixed):
    report, chain, roots = mixed
    for other in flips(chain):
        refused(report, other, roots)


@pytest.mark.parametrize("curve", CURVES)
def test_the_kernels_certificate_by_ecdsa_is_refused(layer, good, curve):
    """The layer signs by Ed25519 alone; a leaf on another curve has another key than the report's."""
    handover = dice.add(new_handover(), dice.Layer(), ec.generate_private_key(curve()))
    assert "Ed25519" in refused(good[0], handover.chain, [handover.root])


def flips(data):
    for at in range(len(data)):
        yield data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1:]


def test_each_byte_of_a_report_counts(good):
    report, chain, roots = good
    for other in flips(report):
        refused(other, chain, roots)


def test_each_byte_of_a_chain_counts(good):
    report, chain, roots = good
    for other in flips(chain):
        refused(report, other, roots)


def test_cut_and_longer_ones_are_refused(good):
    report, chain, roots = good
    for size in range(len(report)):
        refused(report[:size], chain, roots)
    for size in range(len(chain)):
        refused(report, chain[:size], roots)
    refused(report + b"\0", chain, roots)
    refused(report, chain + b"\0", roots)


@pytest.mark.parametrize("what, changes", [
    ("challenge", {"challenge": bytes(64)}), ("code", {"code": bytes(64)}), ("authority", {"authority": bytes(64)}),
    ("security version", {"security_version": 2}), ("last certificate", {"component": "other"})])
def test_another_expectation_is_refused(good, what, changes):
    assert what in refused(*good, expected(**changes))


def report_for(layer, handover):
    return report_of(layer, key_of_cdi(layer, handover.cdis[0]))


@pytest.mark.parametrize("mode", [0, 2, 3, 77])
def test_another_mode_is_refused(layer, mode):
    handover = new_handover(mode=mode)
    assert "mode" in refused(report_for(layer, handover), handover.chain, [handover.root])


def test_an_unknown_root_is_refused(layer, good):
    report, chain, _ = good
    assert "root" in refused(report, chain, [dice.key_of(bytes(32)).public_key()])


def test_a_chain_without_its_middle_is_refused(layer):
    handover = new_handover(layers=3)
    report = report_for(layer, handover)
    elements = handover.elements
    assert dicereport.verify(report, handover.chain, [handover.root], expected())
    for left in range(1, len(elements)):
        cut = dice.array_of(elements[:left] + elements[left + 1:])
        refused(report, cut, [handover.root])
    refused(report, dice.array_of(elements[:1]), [handover.root])


def test_the_layer_above_cannot_report_as_the_kernel(layer):
    """A kernel behind kexec has the key of what this one handed on."""
    handover = new_handover()
    _, parsed = parse(layer, handover.data)
    key = key_of_cdi(layer, handover.cdis[0])
    got = written(parsed.size + DICE_ENTRY_MAX, layer.dice_next_handover, ctypes.byref(parsed), ctypes.byref(key))
    error, above = parse(layer, got)
    assert error == 0
    further = report_of(layer, key_of_cdi(layer, ctypes.string_at(above.cdi_attest, 32)))
    assert "last certificate" in refused(further, got[CHAIN_AT:], [handover.root])
    assert "signature" in refused(further, handover.chain, [handover.root])


def test_a_report_is_no_certificate_and_a_certificate_no_report(layer, good):
    report, chain, roots = good
    elements = new_handover().elements
    assert "certificate" in refused(report, dice.array_of([*elements, report]), roots)
    # A certificate that the kernel's key has signed, for the layer above it
    above = dice.add(new_handover(), dice.Layer(name=dice.USER_SPACE)).elements[-1]
    assert "report" in refused(above, chain, roots)


CLAIMS = {
    "unknown": {-4670999: 1}, "usage": {dice.USAGE: b"\x80"}, "hash of": {dice.CONFIG_HASH: bytes(64)},
    "profile": {dice.PROFILE: "android.13"}, "older": {dice.PROFILE: "android.14"}, "name": {1: "0" * 40},
    "names": {2: "0" * 40}, "no hash": {dice.CODE: bytes(20)}, "no number": {dice.MODE: b"\1\1"},
    "key": {dice.KEY: b"\xa0"},
}


@pytest.mark.parametrize("name", CLAIMS)
def test_claims_that_are_not_the_profiles(layer, name):
    before = new_handover(layers=1)
    payload = cbor2.loads(dice.Layer(profile="android.16").payload(
        before.signer.public_key(), dice.key_of(b"k" * 32).public_key())) | CLAIMS[name]
    chain = dice.array_of([*before.elements, dice.sign1(before.signer, cbor2.dumps(payload))])
    report = report_of(layer, key_of_cdi(layer, b"k" * 32))
    assert "certificate 2" in refused(report, chain, [before.root])


# --- the program --------------------------------------------------------------


@pytest.fixture
def files(tmp_path, layer):
    """A report, its chain, roots, and what was measured, in files."""
    (tmp_path / "Image").write_bytes(b"kernel")
    (tmp_path / "initrd").write_bytes(b"initrd")
    handover = dice.add(dice.begin(b"u" * 32), dice.Layer(code=dice.code_hash(b"kernel", b"initrd"),
                                                          authority=hashlib.sha512(b"key").digest()))
    (tmp_path / "report").write_bytes(report_for(layer, handover))
    (tmp_path / "chain").write_bytes(handover.chain)
    (tmp_path / "avb").write_bytes(b"key")
    other = dice.key_of(bytes(32)).public_key()
    (tmp_path / "roots").write_bytes(b"".join(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
                                              for key in (other, handover.root)))
    return tmp_path


def program(files, *words, challenge=CHALLENGE):
    return subprocess.run([sys.executable, paths.ROOT / "scripts/verify-report", files / "report", "--chain",
                           files / "chain", "--roots", files / "roots", "--challenge", challenge.hex(), *words],
                          capture_output=True, text=True, check=False)


def test_the_program_says_what_it_compared(files):
    done = program(files, "--image", files / "Image", "--initrd", files / "initrd", "--avb-key", files / "avb")
    assert done.returncode == 0, done.stderr
    assert "compared: challenge, code, authority" in done.stdout.splitlines()[-1]
    done = program(files)
    assert done.returncode == 0
    assert "NOT compared: code, authority" in done.stdout.splitlines()[-1]


def test_the_program_refuses(files):
    for words in (["--image", files / "initrd"], ["--image", files / "Image"], ["--avb-key", files / "Image"],
                  ["--security-version", "2"], ["--component", "x"]):
        done = program(files, *words)
        assert done.returncode == 1 and "refused: " in done.stderr
    assert program(files, challenge=bytes(64)).returncode == 1
    (files / "roots").write_bytes(b"nothing")
    assert "refused: " in program(files).stderr

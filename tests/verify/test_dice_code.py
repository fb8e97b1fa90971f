# SPDX-License-Identifier: GPL-2.0-only
"""The layer's own C for DICE against python3-cryptography and the known answers of the Open Profile."""

import ctypes
import hashlib
import hmac
import random
import re
import subprocess

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from dicelayer import (
    CHAIN_AT, DICE_ENTRY_MAX, NextLayer, Piece, key_of_cdi, make, new_handover, new_key, parse, written,
)

from pguest import dice, dicereport

SEED = 20261128
ORDER = (1 << 252) + 27742317777372353535851937790883648493

# Known answers of the Open Profile for DICE (open-dice, known_test_values.h): all inputs zero
ZERO = {
    "public": "6ee9a71fd3c398e6253aae6d812007675760ecf90d2d43db0d3c76087ba1daec",
    "id": "7a06eee41b789f4863d86b8778b1a201a6fedd56",
    "attest": "fbfc679771342eeacb908659ce49d6b63b4535da2c51433d7f04efa6319e0c19",
    "seal": "8ff8b22571325e7defefbfea8df1c9f34bf4d9ee03b75b788219c6b1ef49bdc5",
    "subject": "0d14e5de292eb1c8b31beae43ab55d8e9dc014b73eaa83b925a0788cc62e5c8d",
    "subject_id": "67c22a8859062b986818e8e72b0bcd9f59349c89",
}


# --- Ed25519 ------------------------------------------------------------------

# RFC 8032, 7.1: seed, public key, message, signature
RFC8032 = [
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
     "d25bf5f0595bbe24655141438e7a100b"),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
     "387b2eaeb4302aeeb00d291612bb0c00"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
     "4a7c15e9716ed28dc027beceea1ec40a"),
    ("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
     "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf", hashlib.sha512(b"abc").hexdigest(),
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
     "3dca179c138ac17ad9bef1177331a704"),
]


def signature_of(layer, key, message):
    cut = len(message) // 3
    pieces = (Piece * 2)(Piece(message[:cut], cut), Piece(message[cut:], len(message) - cut))
    signature = ctypes.create_string_buffer(64)
    assert layer.ed25519_sign(ctypes.byref(key), pieces, 2, signature) == 0
    return signature.raw


@pytest.mark.parametrize("seed, public, message, signature", RFC8032)
def test_vectors_of_rfc_8032(layer, seed, public, message, signature):
    key = new_key(layer, bytes.fromhex(seed))
    assert bytes(key.public).hex() == public
    assert signature_of(layer, key, bytes.fromhex(message)).hex() == signature


def test_a_thousand_keys_and_messages(layer):
    """Each key and each signature is that of python3-cryptography, to the byte."""
    chance = random.Random(SEED)
    for _ in range(1000):
        seed, message = chance.randbytes(32), chance.randbytes(chance.randrange(300))
        theirs = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
        ours = new_key(layer, seed)
        assert bytes(ours.public) == dice.raw(theirs.public_key())
        assert signature_of(layer, ours, message) == theirs.sign(message)


def test_numbers_around_the_group_order(layer):
    """Products and sums of scalars end up around multiples of it."""
    chance = random.Random(SEED)
    numbers = [0, 1, (1 << 512) - 1, (1 << 511), *(chance.randrange(1 << 512) for _ in range(500))]
    numbers += [most * ORDER + off for most in (1, 2, 3, 15, 16, (1 << 512) // ORDER - 1, (1 << 512) // ORDER)
                for off in (-2, -1, 0, 1, 2)]
    numbers += [(1 << bit) + off for bit in range(250, 512, 7) for off in (-1, 0, 1)]
    out = ctypes.create_string_buffer(32)
    for number in numbers:
        if number < 1 << 512:
            layer.ed25519_scalar_mod(out, number.to_bytes(64, "little"))
            assert int.from_bytes(out.raw, "little") == number % ORDER


def test_no_branch_and_no_address_depends_on_a_secret(tmp_path):
    """memcheck finds a branch on the key that is there on purpose, and none without it."""
    program = make("poisoned")
    (tmp_path / "handover").write_bytes(new_handover().data)

    def run(word):
        return subprocess.run(["valgrind", "--error-exitcode=9", "-q", program, word], capture_output=True, text=True,
                              check=False)

    clean = run(tmp_path / "handover")
    assert clean.returncode == 0, clean.stderr
    assert re.search(r"a report of \d{3} bytes\n\d{4} bytes for the next layer", clean.stdout)
    leak = run("leak")
    assert leak.returncode == 9
    assert "depends on uninitialised value" in leak.stderr


def test_the_parser_under_libfuzzer(tmp_path):
    """20000 cases from good handovers; make -C tests/dice, and build/dice/fuzz DIRECTORY -runs=N for more."""
    for name, chain in seeds():
        (tmp_path / name).write_bytes(chain)
    done = subprocess.run([make("fuzz"), tmp_path, "-runs=20000", f"-seed={SEED}", "-max_len=4096"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Done 20000 runs" in done.stderr


# --- what the profile derives -------------------------------------------------


def test_known_answers_by_both(layer):
    cdi, nothing = bytes(32), bytes(64)
    for public in (bytes(key_of_cdi(layer, cdi).public), dice.raw(dice.key_of(cdi).public_key())):
        assert public.hex() == ZERO["public"]
    key_id = ctypes.create_string_buffer(20)
    assert layer.dice_key_id(key_id, bytes.fromhex(ZERO["public"])) == 0
    assert key_id.raw.hex() == dice.key_id(dice.key_of(cdi).public_key()) == ZERO["id"]

    attest, seal = ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
    inputs = NextLayer(nothing, nothing, nothing, nothing, 0)
    assert layer.dice_next_cdis(attest, seal, cdi, cdi, ctypes.byref(inputs)) == 0
    ours = dice.next_cdis((cdi, cdi), dice.Layer(mode=0, inline=nothing))
    assert (attest.raw, seal.raw) == ours
    assert [value.hex() for value in ours] == [ZERO["attest"], ZERO["seal"]]
    subject = dice.key_of(ours[0]).public_key()
    assert (dice.raw(subject).hex(), dice.key_id(subject)) == (ZERO["subject"], ZERO["subject_id"])


# SHA-256 of kExpectedCborEd25519Cert_ZeroInput and ..._AndroidZeroInput, by the name of the profile in them
KNOWN_CERTIFICATES = {
    None: (441, "72bb7e57eb7f5f302489c67f1f08dc4ccf12d3c569955eb3698c09aea898b369"),
    "android.18": (457, "99712a5de7da5c1981f00d313feb0c479289bbf67e0869197d0d1b357481b849"),
}


def zero_payload(issuer, subject, profile):
    return dice.Layer(mode=0, inline=bytes(64), profile=profile).payload(issuer, subject)


@pytest.mark.parametrize("profile", KNOWN_CERTIFICATES)
def test_the_known_certificates(profile):
    """All inputs zero: signatures by Ed25519 are deterministic, so that each byte is known."""
    entry = dice.add(dice.begin(bytes(32)), dice.Layer(mode=0, inline=bytes(64), profile=profile)).elements[1]
    assert (len(entry), hashlib.sha256(entry).hexdigest()) == KNOWN_CERTIFICATES[profile]


def drbg(seed):
    """HMAC-DRBG by SHA-512 with the seed as its only input, as RFC 6979 3.2 has it from b to h."""
    def mac(key, data):
        return hmac.digest(key, data, "sha512")

    key, value = bytes(64), b"\1" * 64
    for separator in (b"\0", b"\1"):
        key = mac(key, value + separator + seed)
        value = mac(key, value)
    while True:
        value = mac(key, value)
        yield value
        key = mac(key, value + b"\0")
        value = mac(key, value)


def ec_key(cdi, curve):
    """The key pair that the Open Profile derives for a layer on P-256 or P-384."""
    size = curve.key_size // 8
    seed = dice.kdf(32, cdi, dice.KEY_SALT, b"Key Pair")
    for candidate in drbg(seed):
        try:
            return ec.derive_private_key(int.from_bytes(candidate[:size], "big"), curve)
        except ValueError:
            continue


# kExpectedCborP256Cert_ZeroInput and the like: the issuer's ID, and by profile the signature
KNOWN_EC = {
    ec.SECP256R1: ("672d0053ae4513fbb3bac8209daeb3e8897681cd", {
        "opendice.example":
            "4b7c6b09a214a878ec96731aec1cf6e1672d44dbbb9d42fe5564700a822de99e"
            "429236a9b8a676ffd6d72f5cffeb02852c336964539df4ee8c22e8cd8c9f1c10",
        "android.18":
            "3775fee4c52ea580289b16bd2cf408f207ba0928af2e33350f707172607893618"
            "f6db6456de52251f8ddb2cd7aebc694f44efa305cb90d52e83d4d1ceb0a1982"}),
    ec.SECP384R1: ("04c265fe06ff230e39b6322eea9e010711fb66b4", {
        "opendice.example":
            "290aa00838e0655217b20f502d68567d8817c09f473b012a685138ca035eede8cb1fa2fe1905351e76c2ae9e11e5fa43"
            "052b54971ff9e0c3cf4da66ac467e96e1c8e3591a65e8e5e8b54f8b06961559103a434fe84a5f70102ac1bb035e20623",
        "android.18":
            "e5a841fae5261254a97940a6a1605bc71345dbdffab7fcebcc21477d39e145a8f0038cfa15ad1cbdd40edba7bc2c80f6"
            "df8e340f77c782e1354e9cb501b717bbedd91cea367cb53ce61c51d463b3e66fa2fe4f8e0f741257dd93ded143a00158"}),
}


@pytest.mark.parametrize("profile", ["opendice.example", "android.18"])
@pytest.mark.parametrize("curve", KNOWN_EC)
def test_known_certificates_by_ecdsa(curve, profile):
    """All inputs zero: what this side writes is what the known signature is of."""
    key_id, signatures = KNOWN_EC[curve]
    attest, _ = dice.next_cdis((bytes(32), bytes(32)), dice.Layer(mode=0, inline=bytes(64)))
    issuer, subject = ec_key(bytes(32), curve()), ec_key(attest, curve())
    assert dice.key_id(issuer.public_key()) == key_id
    payload = zero_payload(issuer.public_key(), subject.public_key(), profile)
    protected, _, _, _ = cbor2.loads(dice.sign1(issuer, payload))
    entry = [protected, {}, payload, bytes.fromhex(signatures[profile])]
    assert dicereport.check_sign1(entry, issuer.public_key(), "certificate", "its issuer") == payload
    with pytest.raises(dicereport.Refused):
        dicereport.check_sign1(entry, subject.public_key(), "certificate", "another")


def test_a_known_signature(layer):
    """Key of CDI_Attest 0, payload of 68 bytes."""
    payload = b"\x82\x58\x40" + bytes(range(64)) + b"\x40"
    want = ("46059f6a61f49db29c9c14e14dd1fc952eb9ad98a74bbf954b62b5ddfda10690"
            "366e923b2ad9d80515d7bd4c007d268c90b78dbed15c5df96f5a95a415765107")
    message = dice.to_be_signed(b"\xa1\x01\x27", payload)
    assert signature_of(layer, key_of_cdi(layer, bytes(32)), message).hex() == want
    assert dice.sign1(dice.key_of(bytes(32)), payload)[-64:].hex() == want


# --- the handover -------------------------------------------------------------


def seeds():
    return [("two", new_handover().data), ("old", new_handover(profile=None, layers=1).data),
            ("padded", new_handover(layers=3).data + bytes(64)),
            ("p256", new_handover(root=ec.generate_private_key(ec.SECP256R1())).data)]


@pytest.mark.parametrize("layers", [1, 2, 22, 23])
@pytest.mark.parametrize("profile", [None, "android.16"])
def test_a_good_handover_and_the_next(layer, layers, profile):
    """What the layer hands on is what this side derives, to the byte; 23 and 24 elements have heads of two sizes."""
    handover = new_handover(layers=layers, profile=profile)
    error, parsed = parse(layer, handover.data + b"\xff" * 100)
    assert error == 0 and parsed.size == len(handover.data) and parsed.nr == layers + 1
    key = key_of_cdi(layer, handover.cdis[0])
    assert ctypes.string_at(parsed.leaf, 32) == bytes(key.public)

    got = written(parsed.size + DICE_ENTRY_MAX, layer.dice_next_handover, ctypes.byref(parsed), ctypes.byref(key))
    further = dice.add(handover, dice.Layer(name=dice.USER_SPACE, profile=profile))
    assert got == further.data
    assert parse(layer, got)[0] == 0
    assert handover.cdis[0] not in got


def test_each_truncation_is_refused(layer):
    data = new_handover().data
    for size in range(len(data)):
        error, parsed = parse(layer, data[:size])
        assert error < 0 and parsed.why
    assert parse(layer, data)[0] == 0


def test_a_buffer_too_small_for_the_next_layer(layer):
    handover = new_handover()
    _, parsed = parse(layer, handover.data)
    key = key_of_cdi(layer, handover.cdis[0])
    for size in range(0, len(handover.data), 37):
        assert written(size, layer.dice_next_handover, ctypes.byref(parsed), ctypes.byref(key)) < 0


def changed(find, put):
    data = new_handover().data
    assert data.count(find) >= 1
    return data.replace(find, put, 1)


HANDOVERS = {
    "no chain": ("no chain", lambda: b"\xa2" + new_handover().data[1:CHAIN_AT - 1]),
    "one element": ("no certificate", lambda: dice.begin(b"u" * 32).data),
    "no elements": ("no certificate", lambda: new_handover().data[:CHAIN_AT] + b"\x80"),
    "keys out of order": ("handover", lambda: b"\xa3\x02" + new_handover().data[2:]),
    "four keys": ("handover", lambda: b"\xa4" + new_handover().data[1:] + b"\x04\x00"),
    "an indefinite map": ("handover", lambda: b"\xbf" + new_handover().data[1:] + b"\xff"),
    "an indefinite chain": ("chain", lambda: with_head(b"\x9f") + b"\xff"),
    "a tag": ("chain", lambda: with_head(b"\xd2\x83")),
    "a long head": ("chain", lambda: with_head(b"\x98\x03")),
    "an element too many": ("chain", lambda: with_head(b"\x84")),
    "a short secret": ("handover", lambda: b"\xa3\x01\x58\x1f" + new_handover().data[4:]),
    "a huge length": ("handover", lambda: b"\xa3\x01\x5b" + b"\xff" * 8 + new_handover().data[3:]),
    "a leaf on P-384": ("Ed25519", lambda: dice.add(new_handover(), dice.Layer(),
                                                    ec.generate_private_key(ec.SECP384R1())).data),
    "a root that is no map": ("chain", lambda: changed(b"\xa5\x01\x01\x03\x27", b"\x85\x01\x01\x03\x27")),
    "nothing": ("handover", lambda: b""),
    "zeroes": ("handover", lambda: bytes(4096)),
    "ones": ("handover", lambda: b"\xff" * 4096),
}


def with_head(head):
    data = new_handover().data
    assert data[CHAIN_AT] == 0x83
    return data[:CHAIN_AT] + head + data[CHAIN_AT + 1:]


@pytest.mark.parametrize("name", HANDOVERS)
def test_a_bad_handover_is_refused(layer, name):
    why, data = HANDOVERS[name]
    error, parsed = parse(layer, data())
    assert error < 0 and why in parsed.why.decode()
    assert (error == -95) == (name == "a leaf on P-384")

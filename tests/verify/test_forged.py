# SPDX-License-Identifier: GPL-2.0-only
"""What somebody without the keys may try: nothing of it is accepted, and nothing of it is a crash."""

from random import Random

import cbor2
import pytest
from reports import CHALLENGE, REGISTERS
from cryptography.hazmat.primitives.asymmetric import ec
from forge import Forge

from pguest import ccatoken

TOKENS = ["cca-token-01", "cca-token-draft-ffm-00", "tag 907", "tag 399", "oldest", "TF-RMM's pair"]


def refusal(data, anchors, expected=None):
    """Why it is refused, or None."""
    try:
        ccatoken.verify(data, anchors, expected)
    except ccatoken.Refused as reason:
        return str(reason)
    return None


@pytest.mark.parametrize("name, mask", [*((name, mask) for name in TOKENS for mask in (0x01, 0xff)),
                                        *(("tag 907", 1 << bit) for bit in range(1, 8))])
def test_any_byte_flipped(any_token, name, mask):
    """Nothing is compared here but what is in the token itself."""
    data, anchors = any_token(name)
    assert refusal(data, anchors) is None
    accepted = []
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= mask
        if refusal(bytes(changed), anchors) is None:
            accepted.append(at)
    assert accepted == []


@pytest.mark.parametrize("name", TOKENS)
def test_cut_off_anywhere(any_token, name):
    data, anchors = any_token(name)
    for size in range(len(data)):
        assert "not well-formed" in refusal(data[:size], anchors)


@pytest.mark.parametrize("more", [b"\0", b"\xf6", b"\xff", bytes(2908)], ids=["0", "null", "break", "zeros"])
@pytest.mark.parametrize("name", TOKENS)
def test_bytes_behind_the_end(any_token, name, more):
    data, anchors = any_token(name)
    assert "behind the end" in refusal(data + more, anchors)
    assert "behind the end" in refusal(data + data, anchors)


def mutated(data, random):
    """Bytes taken out, put in, doubled, moved or overwritten, once to three times."""
    for _ in range(random.randint(1, 3)):
        a, b = sorted(random.randrange(len(data) + 1) for _ in range(2))
        c = random.randrange(len(data) + 1)
        piece = data[a:min(b, a + 64)]
        data = random.choice([
            data[:a] + data[a + len(piece):],
            data[:c] + piece + data[c:],
            data[:c] + random.randbytes(len(piece)) + data[c + len(piece):],
            data[:c] + piece + data[c + len(piece):],
            data[:c] + bytes([random.choice((0xa0, 0xbf, 0x9f, 0x5f, 0xd9, 0xfb, 0x1b, 0xff, 0xf5))]) + data[c + 1:],
        ])
    return data


@pytest.mark.parametrize("name", TOKENS)
def test_any_mutation(any_token, name):
    """The same 600 each time: refused in one line unless nothing has changed."""
    data, anchors = any_token(name)
    random = Random(name)
    for _ in range(600):
        changed = mutated(data, random)
        why = refusal(changed, anchors)
        assert (why is None) == (changed == data)
        assert why is None or "\n" not in why


@pytest.mark.parametrize("name", TOKENS)
def test_another_key(any_token, name):
    data, _ = any_token(name)
    other = ccatoken.Anchor(ec.generate_private_key(ec.SECP384R1()).public_key())
    assert refusal(data, [other]) == "platform: the signature is not one by the platform's key"


def test_a_key_of_another_curve(new_token):
    other = ccatoken.Anchor(ec.generate_private_key(ec.SECP256R1()).public_key())
    assert "does not say ES256" in refusal(new_token(), [other])


def test_no_key(new_token):
    assert "no trusted key" in refusal(new_token(), [])


def test_trust_anchors_of_another_platform(any_token, public):
    """ta.json has the key of neither token."""
    data, _ = any_token("cca-token-01")
    assert "no trusted key" in refusal(data, ccatoken.anchors_of((public / "ta.json").read_bytes()))


@pytest.mark.parametrize("instance, implementation, good", [
    (None, None, True), (b"\1" + bytes(32), bytes(32), True), (b"\1" + bytes(32), None, True),
    (b"\1" + b"\2" * 32, bytes(32), False), (b"\1" + bytes(32), b"\2" * 32, False)])
def test_anchors_are_chosen_by_both_identifiers(instance, implementation, good):
    forge = Forge()
    anchor = ccatoken.Anchor(forge.cpak.public, instance, implementation)
    assert (refusal(forge.bytes(), [anchor]) is None) == good


def test_parts_of_two_tokens(new_token, monitor_anchors):
    """Each part is good; the platform vouches for another realm key."""
    ours, forge = cbor2.loads(new_token()), Forge()
    theirs = cbor2.loads(forge.bytes())
    mixed = cbor2.dumps(cbor2.CBORTag(907, {44234: ours.value[44234], 44241: theirs.value[44241]}))
    assert refusal(mixed, monitor_anchors) == "binding: the platform's token is for another realm key"
    exchanged = cbor2.dumps(cbor2.CBORTag(907, {44234: theirs.value[44241], 44241: theirs.value[44234]}))
    assert refusal(exchanged, forge.anchors())


def test_an_older_report(new_token, monitor_anchors):
    assert refusal(new_token(), monitor_anchors, ccatoken.Expected(b"\x77" * 64)).startswith("challenge: is")


@pytest.mark.parametrize("expected, what", [
    (ccatoken.Expected(rim=b"\1" * 32), "RIM"),
    (ccatoken.Expected(rim=b""), "RIM"),
    (ccatoken.Expected(rim=REGISTERS[0][:31]), "RIM"),
    (ccatoken.Expected(rim=REGISTERS[0]), "RIM"),
    (ccatoken.Expected(rim=lambda name: name.encode()), "RIM"),
    (ccatoken.Expected(rems={1: REGISTERS[2][:32]}), "REM 1"),
    (ccatoken.Expected(rems={1: REGISTERS[1][:32], 4: REGISTERS[3][:32]}), "REM 4"),
    (ccatoken.Expected(rpv=b"another realm"), "RPV"),
    (ccatoken.Expected(challenge=CHALLENGE[:32]), "challenge"),
    (ccatoken.Expected(challenge=CHALLENGE + b"\0"), "challenge"),
])
def test_values_that_are_not_expected(new_token, monitor_anchors, expected, what):
    assert refusal(new_token(), monitor_anchors, expected).startswith(f"{what}: is ")


# --- CBOR that can be read in two ways ------------------------------------------


def raw_map(*pairs):
    return bytes([0xa0 + len(pairs)]) + b"".join(cbor2.dumps(key) + value for key, value in pairs)


def test_a_part_that_comes_twice(new_token, monitor_anchors):
    parts = cbor2.loads(new_token()).value
    platform, realm = (cbor2.dumps(parts[key]) for key in (44234, 44241))
    good = b"\xd9\x03\x8b" + raw_map((44234, platform), (44241, realm))
    assert refusal(good, monitor_anchors) is None
    twice = b"\xd9\x03\x8b" + raw_map((44234, platform), (44241, realm), (44241, realm))
    assert "a key that comes twice" in refusal(twice, monitor_anchors)


@pytest.mark.parametrize("part", ["platform", "realm"])
def test_a_claim_that_comes_twice(part):
    """Even when it is signed: which of both counts, another verifier may see otherwise."""
    forge = Forge()

    def twice(claims):
        body = cbor2.dumps(claims)
        return bytes([body[0] + 1]) + body[1:] + cbor2.dumps(10) + cbor2.dumps(bytes(64))

    forge.realm.setdefault(10, bytes(64))
    forge.dumps[part] = twice
    assert refusal(forge.bytes(), forge.anchors()) \
        .startswith(f"{part}: claims: not well-formed: a key that comes twice")


@pytest.mark.parametrize("data, why", [
    (b"", "cut off"),
    (b"\xd9\x03\x8b\xbf\xff", "indefinite"),
    (b"\xd9\x03\x8b\x9f\xff", "indefinite"),
    (b"\xd9\x03\x8b\x5f\x41a\xff", "indefinite"),
    (b"\xda\x00\x00\x03\x8b\xa0", "shortest form"),
    (b"\xd9\x03\x8b\xb8\x00", "shortest form"),
    (b"\xd9\x03\x8b\xb9\x00\x02", "shortest form"),
    (b"\xd9\x03\x8b\xd9\x03\x8b\xa0", "tag 907"),
    (b"\xd9\xd9\xf7\xa0", "tag 55799"),
    (b"\xc2\x41\x01", "tag 2"),
    (b"\xc0\x61a", "tag 0"),
    (b"\xd9\x03\x8b\xa1\xf9\x00\x00\x00", "no number and no text"),
    (b"\xd9\x03\x8b\xa1\x80\x00", "no number and no text"),
    (b"\xd9\x03\x8b\xa1\xf6\x00", "no number and no text"),
    (b"\xd9\x03\x8b\xa1\x01\xf9\x00\x00", "float"),
    (b"\xd9\x03\x8b\xa1\x01\xf7", "simple"),
    (b"\xd9\x03\x8b\xa1\x01\xf8\x20", "simple"),
    (b"\xd9\x03\x8b\xa1\x01\x1c", "reserved"),
    (b"\xd9\x03\x8b\xa1\x61\xff\x01", "codec can't decode"),
    (b"\xd9\x03\x8b\xbb" + b"\xff" * 8, "cut off"),
    (b"\xd9\x03\x8b\x5b" + b"\xff" * 8, "cut off"),
    (b"\xd9\x03\x8b" + b"\x81" * 100 + b"\x00", "too deep"),
    (b"\xd9\x03\x8b\x99\xff\xff" + bytes(65535), "too many items"),
    (b"\xd9\x03\x8b\x5a\x00\x20\x00\x00" + bytes(1 << 21), "are too many"),
])
def test_cbor_that_is_refused(monitor_anchors, data, why):
    assert "token: not well-formed" in refusal(data, monitor_anchors)
    assert why in refusal(data, monitor_anchors)


SIGN1 = [b"", {}, b"", b""]
UNSIGNED = "not a tagged COSE_Sign1"


def sign1(parts):
    return cbor2.dumps(cbor2.CBORTag(18, parts))


@pytest.mark.parametrize("value, why", [
    (None, "no tag"), (0, "no tag"), ("", "no tag"), (b"", "no tag"), ([], "no tag"), ({}, "no tag"),
    (cbor2.CBORTag(18, []), "tag 18, not 907"),
    (cbor2.CBORTag(907, 1), "part is missing"),
    (cbor2.CBORTag(907, {}), "part is missing"),
    (cbor2.CBORTag(907, {44234: [263, b""]}), "part is missing"),
    (cbor2.CBORTag(907, {44234: b"", 44241: b""}), "not of the media type"),
    (cbor2.CBORTag(907, {44234: [True, b""], 44241: [263, b""]}), "not of the media type"),
    (cbor2.CBORTag(907, {44234: [263, 1], 44241: [263, b""]}), "no byte string"),
    (cbor2.CBORTag(399, {44234: [263, b""], 44241: [263, b""]}), "no byte string"),
    *((cbor2.CBORTag(907, {44234: record, 44241: [263, b""]}), "not of the media type")
      for record in ([263], [263, b"", 1], ["application/eat+cwt", b""], [601, b""], {0: 263, 1: b""})),
    (cbor2.CBORTag(907, {44234: [263, "text"], 44241: [263, b""]}), "no byte string"),
    (cbor2.CBORTag(399, {44234: "text", 44241: b""}), "no byte string"),
    (cbor2.CBORTag(399, {44234: b"", 44241: b""}), "platform: not well-formed"),
    (cbor2.CBORTag(399, {44234: b"\x80", 44241: b"\x80"}), "platform: not a tagged COSE_Sign1"),
    *((cbor2.CBORTag(399, {44234: sign1([*SIGN1[:at], 1, *SIGN1[at + 1:]]), 44241: b""}), why)
      for at, why in enumerate((UNSIGNED, "unprotected", UNSIGNED, UNSIGNED))),
    (cbor2.CBORTag(399, {44234: sign1(SIGN1[:3]), 44241: b""}), UNSIGNED),
    (cbor2.CBORTag(399, {44234: cbor2.dumps(SIGN1), 44241: b""}), UNSIGNED),
    (cbor2.CBORTag(399, {44234: cbor2.dumps(cbor2.CBORTag(399, SIGN1)), 44241: b""}), UNSIGNED),
])
def test_cbor_that_is_no_token(monitor_anchors, value, why):
    assert why in refusal(cbor2.dumps(value), monitor_anchors)


@pytest.mark.parametrize("tag", [None, 18, 907])
def test_good_parts_in_another_envelope(new_token, monitor_anchors, tag):
    """Parts that are byte strings are what tag 399 has."""
    value = cbor2.loads(new_token(envelope=399)).value
    assert refusal(cbor2.dumps(cbor2.CBORTag(tag, value) if tag else value), monitor_anchors)
    assert refusal(cbor2.dumps(cbor2.CBORTag(399, value)), monitor_anchors) is None


def test_records_of_a_media_type_in_the_older_envelope(new_token, monitor_anchors):
    """TF-RMM's DOWNREV_CCA_TOKEN_TOP_FORMAT changes the tag and the parts together, and so does every draft."""
    value = cbor2.loads(new_token()).value
    assert refusal(cbor2.dumps(cbor2.CBORTag(399, value)), monitor_anchors) == "platform: its part is no byte string"


@pytest.mark.parametrize("change", [lambda s: s + b"\0", lambda s: b"\0" + s, lambda s: s[:-1], lambda s: b""])
@pytest.mark.parametrize("part", [44234, 44241])
def test_signatures_of_another_length(new_token, monitor_anchors, part, change):
    token = cbor2.loads(new_token())
    signed = cbor2.loads(token.value[part][1])
    signed.value[3] = change(signed.value[3])
    token.value[part][1] = cbor2.dumps(signed)
    assert "a signature of " in refusal(cbor2.dumps(token), monitor_anchors)

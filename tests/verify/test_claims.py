# SPDX-License-Identifier: GPL-2.0-only
"""Tokens whose signatures are good and whose content is not: one change each, and the reason it must give."""

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from forge import Forge, Key

from pguest import ccatoken


def change(part, key, value):
    return lambda forge: getattr(forge, part).update({key: value})


def drop(part, key):
    return lambda forge: getattr(forge, part).pop(key)


def platform(key, value):
    return change("platform", key, value)


def realm(key, value):
    return change("realm", key, value)


def components(value):
    return platform(2399, [value])


def bare_point(forge):
    forge.platform[265] = "http://arm.com/CCA-SSD/1.0.0"
    del forge.realm[265]


def off_the_curve(forge):
    key = cbor2.loads(forge.realm[44237])
    key[-3] = bytes(48)
    forge.realm[44237] = cbor2.dumps(key)


def cose_key(**changes):
    def apply(forge):
        key = cbor2.loads(forge.realm[44237])
        key.update({{"kty": 1, "crv": -1, "x": -2, "y": -3, "alg": 3, "more": 2}[name]: value
                    for name, value in changes.items()})
        forge.realm[44237] = cbor2.dumps(key)
    return apply


def another_rak(forge):
    forge.rak = Key()


def not_bound(forge):
    forge.platform[10] = bytes(32)


def two_bindings(forge):
    forge.platform[2408] = bytes(32)


def no_binding(forge):
    forge.bind = False


def of_2026(apply=None):
    def change_it(forge):
        forge.be(PAIR_2026)
        if apply:
            apply(forge)
    return change_it


def of_2023(apply):
    def change_it(forge):
        forge.be(ccatoken.PAIRS[1])
        apply(forge)
    return change_it


def untagged(forge):
    forge.tagged = False


def header(part, value):
    return lambda forge: forge.headers.update({part: value})


def unprotected(part, value):
    return lambda forge: forge.unprotected.update({part: value})


def payload(part, value):
    return lambda forge: forge.dumps.update({part: lambda claims: cbor2.dumps(value)})


def media_type(value):
    return lambda forge: setattr(forge, "media_type", value)


def tag(value):
    return lambda forge: setattr(forge, "tag", value)


PAIR_2026 = next(pair for pair in ccatoken.PAIRS if pair.platform == "tag:arm.com,2026:cca_platform#2.0.0")

CASES = {
    "tag 400": (tag(400), "tag 400"),
    "media type": (media_type(264), "not of the media type"),
    "media type is true": (media_type(True), "not of the media type"),
    "platform: other algorithm": (header("platform", {1: -7}), "does not say ES384 alone"),
    "platform: no algorithm": (header("platform", {}), "does not say ES384 alone"),
    "platform: more headers": (header("platform", {1: -35, 4: b"key"}), "does not say ES384 alone"),
    "realm: other algorithm": (header("realm", {1: -7}), "does not say ES384 alone"),
    "platform: algorithm is true": (header("platform", {1: True}), "does not say ES384 alone"),
    "a COSE_Sign1 without its tag": (untagged, "not a tagged COSE_Sign1"),
    "platform: unprotected": (unprotected("platform", {1: -35}), "unprotected"),
    "realm: unprotected": (unprotected("realm", {4: b"key"}), "unprotected"),
    "platform: claims are a list": (payload("platform", [1]), "the claims are no map"),
    "realm: claims are a list": (payload("realm", [1]), "the claims are no map"),
    "realm: claims have a tag": (payload("realm", cbor2.CBORTag(18, {10: 1})), "the claims are no map"),
    "no platform profile": (drop("platform", 265), "claim 265 is missing"),
    "unknown platform profile": (platform(265, "tag:arm.com,2030:cca_platform#9"), "unknown profile"),
    "platform profile is no text": (platform(265, 1), "claim 265 is no str"),
    "unknown realm profile": (realm(265, "tag:arm.com,2030:realm#9"), "does not go with"),
    "realm of another generation": (realm(265, "tag:arm.com,2023:realm#1.0.0"), "does not go with"),
    "realm profile dropped": (drop("realm", 265), "does not go with"),
    "realm profile is no text": (realm(265, b"tag:arm.com,2024:realm#2.0.0"), "claim 265 is no str"),
    "realm newer than the platform": (realm(265, "tag:arm.com,2026:realm#2.0.0"), "does not go with"),
    "a platform that nothing says the realm of": (
        platform(265, "tag:arm.com,2024:cca_platform#1.1.0"), "no draft says which realm's profile"),
    "the direct model": (platform(265, "tag:arm.com,2024:cca_platform#2.0.0;direct"), "the direct model"),
    "the direct model of 2026": (
        of_2026(platform(265, "tag:arm.com,2026:cca_platform#2.1.0;direct")), "the direct model"),
    "a realm's key that stays in the platform": (
        of_2026(platform(265, "tag:arm.com,2026:cca_platform#2.0.0;HESRAK")), "no firmware makes such a token"),
    "a mode of another generation": (
        platform(265, "tag:arm.com,2024:cca_platform#2.0.0;delegated"), "unknown profile"),
    "a mode that does not exist": (of_2026(
        platform(265, "tag:arm.com,2026:cca_platform#2.0.0;DELEGATED")), "unknown profile"),
    "2026: bound by the challenge": (
        of_2026(lambda forge: setattr(forge, "binding", 10)), "claim 2408 is missing"),
    "2026: a challenge beside the binding": (of_2026(platform(10, bytes(32))), "which must not be there"),
    "2026: bound to another key": (of_2026(platform(2408, bytes(32))), "for another realm key"),
    "2026: no instance of the realm": (of_2026(drop("realm", 256)), "claim 256 is missing"),
    "2026: no policy of encryption": (of_2026(drop("realm", 44243)), "claim 44243 is missing"),
    "a COSE_Key where there are no profiles": (bare_point, "is not a point on P-384"),
    "no instance": (drop("platform", 256), "claim 256 is missing"),
    "short instance": (platform(256, b"\1" + bytes(31)), "claim 256 has 32 bytes"),
    "instance of another type": (platform(256, b"\2" + bytes(32)), "type 1"),
    "no implementation": (drop("platform", 2396), "claim 2396 is missing"),
    "no configuration": (drop("platform", 2401), "claim 2401 is missing"),
    "no lifecycle": (drop("platform", 2395), "claim 2395 is missing"),
    "lifecycle is true": (platform(2395, True), "claim 2395 is no int"),
    "lifecycle: test": (platform(2395, 0x1000), "assembly and test, not secured"),
    "lifecycle: debug": (platform(2395, 0x4001), "debug"),
    "lifecycle: decommissioned": (platform(2395, 0x6000), "decommissioned"),
    "lifecycle: between": (platform(2395, 0x3100), "no state that is known"),
    "lifecycle: negative": (platform(2395, -1), "not secured"),
    "lifecycle: beyond": (platform(2395, 0x13003), "not secured"),
    "another client": (platform(2394, 2), "client 2"),
    "client is true": (platform(2394, True), "claim 2394 is no int"),
    "no client": (drop("platform", 2394), "claim 2394 is missing"),
    "hash of the platform": (platform(2402, "md5"), "2402"),
    "no components": (platform(2399, []), "no software components"),
    "component is no map": (components(1), "is no map"),
    "component without measurement": (components({1: "BL", 5: bytes(32)}), "no measurement"),
    "component with a short measurement": (components({2: bytes(31), 5: bytes(32)}), "no measurement"),
    "component without signer": (components({2: bytes(32)}), "no signer"),
    "component with another hash": (components({2: bytes(32), 5: bytes(32), 6: "sha-1"}), "names no hash"),
    "component whose version is a number": (components({2: bytes(32), 5: bytes(32), 4: 1}), "is no text"),
    "component whose measurement has another length than its hash": (
        components({2: bytes(48), 5: bytes(32)}), "a measurement of 48 bytes by sha-256"),
    "component with a measurement by its own hash": (
        components({2: bytes(32), 5: bytes(32), 6: "sha-384"}), "a measurement of 32 bytes by sha-384"),
    "component whose hash is a number": (components({2: bytes(32), 5: bytes(32), 6: -16}), "is no text"),
    "component that may be replaced, by a number": (
        components({2: bytes(32), 5: bytes(32), 7: 1}), "neither true nor false"),
    "component with no more signers": (components({2: bytes(32), 5: bytes(32), 8: []}), "no list of signers"),
    "component with a signer that is text": (
        components({2: bytes(32), 5: bytes(32), 8: ["me"]}), "no list of signers"),
    "bound to nothing": (no_binding, "claim 10 is missing"),
    "bound to another key": (not_bound, "for another realm key"),
    "bindings that differ": (two_bindings, "for another realm key"),
    "hash of the key is missing": (drop("realm", 44240), "claim 44240 is missing"),
    "hash of the key is unknown": (realm(44240, "sha-1"), "44240 names no hash"),
    "signed by another realm key": (another_rak, "not one by the realm's key"),
    "point off the curve": (off_the_curve, "not on the curve"),
    "short coordinate": (cose_key(x=bytes(47)), "coordinates"),
    "compressed point": (cose_key(y=True), "coordinates"),
    "unknown curve": (cose_key(crv=8), "not a COSE_Key"),
    "not EC2": (cose_key(kty=1), "not a COSE_Key"),
    "key for another algorithm": (cose_key(alg=-7), "for another algorithm"),
    "curve is true": (cose_key(crv=True), "not a COSE_Key"),
    "more in the key": (cose_key(more=b"id"), "not a COSE_Key"),
    "key is no CBOR": (realm(44237, b"\xff"), "not well-formed"),
    "key is text": (realm(44237, cbor2.dumps("key")), "not a COSE_Key"),
    "no challenge": (drop("realm", 10), "claim 10 is missing"),
    "short challenge": (realm(10, bytes(32)), "claim 10 has 32 bytes"),
    "no RPV": (drop("realm", 44235), "claim 44235 is missing"),
    "hash of the realm": (realm(44236, "sha-224"), "44236 names no hash"),
    "RIM of another length": (realm(44238, bytes(48)), "claim 44238 has 48 bytes"),
    "RIM is text": (realm(44238, "0" * 32), "claim 44238 is no bytes"),
    "three REMs": (realm(44239, [bytes(32)] * 3), "not four measurements"),
    "five REMs": (realm(44239, [bytes(32)] * 5), "not four measurements"),
    "a REM of another length": (realm(44239, [bytes(32)] * 3 + [bytes(48)]), "not four measurements"),
    "a REM that is text": (realm(44239, [bytes(32)] * 3 + ["0" * 32]), "not four measurements"),
    "instance of the realm": (realm(256, b"\1"), "claim 256 has 1 bytes"),
    "instance of the realm is of another type": (realm(256, b"\2" + bytes(32)), "type 1"),
    "encryption that does not exist": (realm(44243, 2), "44243 is 2, neither 0 nor 1"),
    "encryption in the words of 2023": (realm(44243, "shared"), "44243 is no int"),
    "encryption in 2023, by number": (of_2023(realm(44243, 0)), "44243 is no str"),
    "encryption that does not exist in 2023": (
        of_2023(realm(44243, "none")), "44243 is 'none', neither 'shared' nor 'private'"),
    "encryption is true": (realm(44243, True), "claim 44243 is no int"),
    "firmware updates that do not exist": (realm(44244, -1), "44244 is -1, neither 0 nor 1"),
    "hash of devices is short": (realm(44257, bytes(31)), "claim 44257 has 31 bytes"),
}


@pytest.mark.parametrize("name", CASES)
def test_refused_though_signed(name):
    apply, why = CASES[name]
    forge = Forge()
    apply(forge)
    data = forge.bytes()
    with pytest.raises(ccatoken.Refused) as refused:
        ccatoken.verify(data, forge.anchors())
    assert why in str(refused.value)


# --- each claim of each other's type --------------------------------------------

ODD = [None, False, True, 0, 1, -1, 1 << 63, "", "sha-256", b"", bytes(32), b"\1" + bytes(32), bytes(48), bytes(64),
       [], [bytes(32)] * 4, [{}], {}, {1: 2}]
PLATFORM = [10, 256, 265, 2394, 2395, 2396, 2399, 2400, 2401, 2402, 2408]
REALM = [10, 256, 265, 44235, 44236, 44237, 44238, 44239, 44240, 44243, 44244, 44257]

# Values of ODD that a claim may well have; a hash that fits nothing else in the token is not among them.
FITTING = {
    ("platform", 256): [b"\1" + bytes(32)], ("platform", 2394): [1], ("platform", 2396): [bytes(32)],
    ("platform", 2400): ["", "sha-256"], ("platform", 2402): ["sha-256"],
    ("platform", 2401): [value for value in ODD if isinstance(value, bytes)],
    ("realm", 10): [bytes(64)], ("realm", 256): [b"\1" + bytes(32)], ("realm", 44235): [bytes(64)],
    ("realm", 44236): ["sha-256"], ("realm", 44238): [bytes(32)], ("realm", 44239): [[bytes(32)] * 4],
    ("realm", 44240): ["sha-256"], ("realm", 44243): [0, 1], ("realm", 44244): [0, 1],
    ("realm", 44257): [bytes(32), bytes(48), bytes(64)],
}


@pytest.mark.parametrize("part, key", [*(("platform", key) for key in PLATFORM), *(("realm", key) for key in REALM)])
def test_a_claim_has_its_type_and_nothing_else(part, key):
    """Refused in words, or one of the values that fit: nothing between, and never an error of the program's."""
    accepted = []
    for value in ODD:
        forge = Forge()
        change(part, key, value)(forge)
        try:
            ccatoken.verify(forge.bytes(), forge.anchors())
        except ccatoken.Refused as reason:
            assert "\n" not in str(reason)
        else:
            accepted.append(value)
    fitting = FITTING.get((part, key), [])
    assert [(type(value), value) for value in accepted] == \
        [(type(value), value) for value in ODD if any(type(value) is type(fit) and value == fit for fit in fitting)]


@pytest.mark.parametrize("text, why", [
    (b"", "no PEM, no JWK"), (b"{}", "no PEM, no JWK"), (b"[1]", "no PEM, no JWK"), (b"\xff\xfe", "no PEM, no JWK"),
    (b"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n", "no public key in PEM"),
    (b'{"kty": "RSA", "crv": "P-384", "x": "", "y": ""}', "P-256, P-384 or P-521"),
    (b'{"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}', "coordinates"),
    (b'{"kty": "EC", "crv": "P-256", "x": "%s", "y": "%s"}' % (b"A" * 43, b"A" * 43), "not on the curve"),
])
def test_key_files_that_are_refused(text, why):
    with pytest.raises(ccatoken.Refused, match=why):
        ccatoken.anchors_of(text)


@pytest.mark.parametrize("new", [lambda: rsa.generate_private_key(65537, 2048),
                                 lambda: ec.generate_private_key(ec.SECP256K1())], ids=["RSA", "P-256K"])
def test_keys_that_no_token_is_signed_with(new):
    text = new().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(ccatoken.Refused, match="no key on P-256, P-384 or P-521"):
        ccatoken.anchors_of(text)

# SPDX-License-Identifier: GPL-2.0-only
"""Tokens that must be accepted, and what is read in them: the public ones, and the monitor's."""

import hashlib

import cbor2
import pytest
from reports import CHALLENGE, REGISTERS, RPV, TF_RMM
from forge import Forge

from pguest import ccatoken

HASHES = ["sha256", "sha384", "sha512"]
FOX = (b"The quick brown fox jumps over 13 lazy dogs." * 2)[:64]


def test_the_oldest_public_token(any_token):
    """Bare point, no profile of the realm, tag 399."""
    data, anchors = any_token("cca-token-01")
    token = ccatoken.verify(data, anchors, ccatoken.Expected(
        b"\xab" * 64, bytes(32), {number: bytes(32) for number in (1, 2, 3, 4)}, FOX))
    assert token.compared == ["challenge", "RIM", "REM 1", "REM 2", "REM 3", "REM 4", "RPV"]
    assert token.platform[265] == "http://arm.com/CCA-SSD/1.0.0"
    assert 265 not in token.realm
    assert (token.tag, token.platform_algorithm, token.realm_algorithm) == (399, "ES384", "ES384")


def test_the_public_token_with_profiles(any_token):
    data, anchors = any_token("cca-token-draft-ffm-00")
    token = ccatoken.verify(data, anchors, ccatoken.Expected(rpv=FOX))
    assert token.realm[265] == "tag:arm.com,2023:realm#1.0.0"
    assert hashlib.sha256(token.rak).hexdigest() == \
        "0d22e08a98469058486318283489bdb36f09dbefeb1864df433fa6e54ea2d711"
    assert [component[1] for component in token.platform[2399]][-5:] == [
        "RMM", "HW_CONFIG", "FW_CONFIG", "TB_FW_CONFIG", "SOC_FW_CONFIG"]


@pytest.mark.parametrize("profile", [0, 1, 2])
@pytest.mark.parametrize("envelope", [907, 399])
@pytest.mark.parametrize("name", HASHES)
def test_the_monitors_tokens(new_token, monitor_anchors, name, envelope, profile):
    size = hashlib.new(name).digest_size
    rim, *rems = (register[:size] for register in REGISTERS)
    token = ccatoken.verify(new_token(name, envelope, profile), monitor_anchors, ccatoken.Expected(
        CHALLENGE, rim, dict(enumerate(rems, 1)), RPV))
    assert len(token.compared) == 7
    assert token.tag == envelope


@pytest.mark.parametrize("name, today, first", [("sha256", 632, 590), ("sha384", 712, 670),
                                                ("sha512", 792, 750)])
def test_realm_parts_are_as_long_as_those_of_a_real_rmm(new_token, name, today, first):
    """spec/attestation.rst: same claims, same encodings, same lengths."""
    assert len(cbor2.loads(new_token(name)).value[44241][1]) == today
    assert len(cbor2.loads(new_token(name, 399, 1)).value[44241]) == first


@pytest.mark.parametrize("size", [1155, 1188, 1189, 1400, 1401, *range(4090, 4101), 12287, 12288, 12289, 50000])
def test_a_token_of_any_size(new_token, monitor_anchors, size):
    data = new_token(size=size)
    assert len(data) == size
    ccatoken.verify(data, monitor_anchors)


@pytest.mark.parametrize("start", range(1155, 1655, 50))
def test_no_size_is_left_out(new_token, start):
    """Lengths of lengths change at 24 and at 256 bytes."""
    for size in range(start, start + 50):
        assert len(new_token(size=size)) == size


@pytest.mark.parametrize("size", [1, 1154, 1 << 20])
def test_sizes_that_no_token_has(new_token, size):
    with pytest.raises(RuntimeError, match="no token has that size"):
        new_token(size=size)


def test_the_same_challenge_gives_the_same_token(new_token):
    """RFC 6979: which is why the monitor need not sign it twice."""
    assert new_token() == new_token()


# --- what other generators may do ---------------------------------------------


def accept(forge, **expected):
    return ccatoken.verify(forge.bytes(), forge.anchors(), ccatoken.Expected(**expected))


def test_a_forged_token_is_good_as_it_comes():
    """The base of all that test_claims.py refuses."""
    assert accept(Forge(), challenge=b"\0").compared == ["challenge"]


@pytest.mark.parametrize("algorithm, name", [(-7, "ES256"), (-35, "ES384"), (-36, "ES512")])
def test_other_curves(algorithm, name):
    assert accept(Forge(platform_algorithm=algorithm)).platform_algorithm == name
    assert accept(Forge(realm_algorithm=algorithm)).realm_algorithm == name


@pytest.mark.parametrize("name", ["sha-256", "sha-384", "sha-512"])
def test_other_hashes_of_the_key(name):
    forge = Forge()
    forge.realm[44240] = name
    accept(forge)


def test_claims_and_parts_that_nobody_knows_are_accepted():
    """As every draft wants it (EAT: a receiver must not fail on a claim that it does not understand)."""
    forge = Forge()
    forge.platform[-70000] = "?"
    forge.realm[99999] = [1, {"a": None}]
    forge.more_parts = {44256: b"log"}
    token = accept(forge)
    assert token.realm[99999] == [1, {"a": None}]
    assert token.more_parts == [44256]


@pytest.mark.parametrize("part, claims", [
    ("platform", {2400: "https://verifier.invalid", 2403: b"line 4", 2404: [{2: bytes(32)}], 2405: [{1: "CM"}],
                  2406: [b"peer"], 2407: b"tpm"}),
    ("platform", {2399: [{2: bytes(48), 5: bytes(64), 6: "sha-384", 7: True, 8: [bytes(32), bytes(48)]}]}),
    ("realm", {256: b"\1" + bytes(32), 44243: 1, 44244: 0, 44257: bytes(48)}),
])
def test_claims_that_a_draft_has_and_nothing_compares(part, claims):
    forge = Forge()
    getattr(forge, part).update(claims)
    token = accept(forge)
    assert {key: getattr(token, part)[key] for key in claims} == claims


def test_a_key_that_names_its_algorithm():
    """RFC 9052, 7.1: alg of a COSE_Key restricts the key to it."""
    forge = Forge()
    forge.realm[44237] = cbor2.dumps({**cbor2.loads(forge.realm[44237]), 3: -35})
    accept(forge)


def test_the_order_of_claims_is_free():
    forge = Forge()
    forge.platform = dict(reversed(forge.platform.items()))
    forge.realm = dict(reversed(forge.realm.items()))
    accept(forge)


# --- pairs of profiles --------------------------------------------------------

PLATFORMS = {pair.platform for pair in ccatoken.PAIRS}
REALMS = {pair.realm for pair in ccatoken.PAIRS}
BY_NAME = {(pair.platform, pair.realm): pair for pair in ccatoken.PAIRS}


@pytest.mark.parametrize("tag", [399, 907])
@pytest.mark.parametrize("name", HASHES)
@pytest.mark.parametrize("pair", ccatoken.PAIRS, ids=lambda pair: f"{pair.platform} {pair.realm}")
def test_every_pair(pair, name, tag):
    """Each hash of the registers, and either envelope: no draft ties that to a profile."""
    forge = Forge(pair=pair)
    size = hashlib.new(name).digest_size
    forge.tag = tag
    forge.realm.update({44236: f"{name[:3]}-{name[3:]}", 44238: bytes(size), 44239: [bytes(size)] * 4})
    token = accept(forge, profiles=(pair.platform, pair.realm))
    assert token.pair is pair and token.tag == tag
    assert token.compared == ["profiles"]
    assert pair.why


@pytest.mark.parametrize("name, size", [("sha-256", 632), ("sha-384", 712), ("sha-512", 792)])
def test_a_realm_part_as_tf_rmm_makes_it_beside_tf_as_sample(name, size):
    """TF-RMM 9a7f8ef4: its claims in its order, in 632 to 792 bytes, and a platform part of 2023."""
    forge = Forge(pair=TF_RMM)
    wide = ccatoken.HASHES[name]().digest_size
    forge.realm = {10: CHALLENGE, 256: b"\1" + bytes(range(32)), 44235: bytes(64), 44237: forge.rak.cose_key(),
                   44236: name, 44240: "sha-256", 44243: 0, 265: "tag:arm.com,2024:realm#2.0.0",
                   44238: bytes(wide), 44239: [bytes(wide)] * 4}
    data = forge.bytes()
    assert data.startswith(bytes.fromhex("d9038ba2" "19acca82190107"))
    assert len(cbor2.loads(data).value[44241][1]) == size
    assert list(forge.platform)[0] == 265 and forge.platform[265] == "tag:arm.com,2023:cca_platform#1.0.0"
    assert accept(forge, challenge=CHALLENGE).pair is TF_RMM


@pytest.mark.parametrize("policy", ["shared", "private", None])
def test_a_realm_part_as_tf_rmm_made_it_before(policy):
    """v0.8.0 and v0.9.0: 2023's profile, and the encryption policy in words; before that without one."""
    forge = Forge(pair=ccatoken.PAIRS[1])
    forge.realm[44243] = policy
    if policy is None:
        del forge.realm[44243]
    assert accept(forge).realm.get(44243) == policy


def test_no_pair_is_there_twice():
    assert len(BY_NAME) == len(ccatoken.PAIRS)
    assert not PLATFORMS & set(ccatoken.REFUSED)


@pytest.mark.parametrize("realm", sorted(REALMS, key=str), ids=str)
@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_no_other_pair(platform, realm):
    """Two generations that are each known do not go together unless the table says so."""
    forge = Forge(pair=BY_NAME.get((platform, realm)) or
                  next(pair for pair in ccatoken.PAIRS if pair.platform == platform))
    forge.realm[265] = realm
    if realm is None:
        del forge.realm[265]
    forge.realm[44237] = forge.rak.point() if realm is None else forge.rak.cose_key()
    if (platform, realm) in BY_NAME:
        assert accept(forge).pair is BY_NAME[platform, realm]
        return
    with pytest.raises(ccatoken.Refused, match="which does not go with the platform's"):
        accept(forge)


def test_only_the_pair_that_was_asked_for():
    other = ccatoken.PAIRS[1]
    with pytest.raises(ccatoken.Refused, match="are accepted, and not what was asked for"):
        accept(Forge(pair=TF_RMM), profiles=(other.platform, other.realm))


def test_expected_measurements_may_be_worked_out():
    """From the name of the hash, which only the token says."""
    forge = Forge()
    forge.realm[44239] = [hashlib.sha256(bytes([n])).digest() for n in range(4)]
    rems = {n + 1: lambda name, n=n: hashlib.new(name.replace("-", ""), bytes([n])).digest() for n in range(4)}
    assert accept(forge, rems=rems).compared == ["REM 1", "REM 2", "REM 3", "REM 4"]
    with pytest.raises(ccatoken.Differs, match="REM 2: is "):
        accept(forge, rems={2: rems[1]})


def test_a_short_challenge_is_padded_with_zeros(new_token, monitor_anchors):
    """As the driver does it, so that a nonce and itself with zeros behind it are one."""
    forge = Forge()
    forge.realm[10] = b"\x11" * 32 + bytes(32)
    assert accept(forge, challenge=b"\x11" * 32).compared == ["challenge"]
    assert accept(forge, challenge=b"\x11" * 32 + bytes(32)).compared == ["challenge"]

# SPDX-License-Identifier: GPL-2.0-only
"""Tokens that must be accepted, and what is read in them: the public ones, and the monitor's."""

import hashlib

import cbor2
import ccatoken
import pytest
from reports import CHALLENGE, REGISTERS, RPV
from forge import Forge

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
    """rsi.md 14.3: same claims, same encodings, same lengths."""
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


def test_a_sign1_without_its_tag():
    forge = Forge()
    forge.tagged = False
    accept(forge)


def test_claims_and_parts_that_nobody_knows_are_ignored():
    forge = Forge()
    forge.platform[-70000] = "?"
    forge.realm[99999] = [1, {"a": None}]
    forge.more_parts = {1: b"what"}
    accept(forge)


def test_the_order_of_claims_is_free():
    forge = Forge()
    forge.platform = dict(reversed(forge.platform.items()))
    forge.realm = dict(reversed(forge.realm.items()))
    accept(forge)


def test_a_profile_with_a_mode():
    forge = Forge()
    forge.platform[265] = "tag:arm.com,2024:cca_platform#2.0.0;delegated"
    accept(forge)


@pytest.mark.parametrize("with_10", [False, True])
def test_the_new_claim_of_the_binding(with_10):
    forge = Forge()
    forge.bind = False
    forge.platform[265] = "tag:arm.com,2026:cca_platform#2.0.0"
    forge.platform[2408] = hashlib.sha256(forge.realm[44237]).digest()
    if with_10:
        forge.platform[10] = forge.platform[2408]
    accept(forge)


def test_a_short_challenge_is_padded_with_zeros(new_token, monitor_anchors):
    """As the driver does it, so that a nonce and itself with zeros behind it are one."""
    forge = Forge()
    forge.realm[10] = b"\x11" * 32 + bytes(32)
    assert accept(forge, challenge=b"\x11" * 32).compared == ["challenge"]
    assert accept(forge, challenge=b"\x11" * 32 + bytes(32)).compared == ["challenge"]

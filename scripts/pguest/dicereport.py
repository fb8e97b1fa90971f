# SPDX-License-Identifier: GPL-2.0-only
"""Verify a report of a pKVM guest and its DICE chain, strictly and in this order:

 1. the chain is one well-formed item, and begins with a root that the caller trusts;
 2. each certificate is signed by the key of the one before, names both keys, and has
    the claims that its profile demands and no unknown ones;
 3. every layer runs in normal mode;
 4. the last certificate is that of the kernel, as the caller expects it;
 5. the report is signed by the last key, and its payload is [challenge, claims];
 6. the challenge, then the claims.

Nothing is believed before a signature covers it. Formats: Open Profile for DICE 2.6 and its Android profile.
"""

import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from pguest import dice, strictcbor

CHALLENGE_BYTES = 64
NAME, REGION = 1, 2
PROVIDER = "pkvm_guest"
REGIONS = ("left to user space", "wiped", "rewritten for the next layer")
PROFILES = ("android.14", "android.15", "android.16")
MODES = {0: "not configured", 1: "normal", 2: "debug", 3: "recovery"}
DIGESTS = (32, 48, 64)

REQUIRED = {1, 2, dice.CODE, dice.CONFIG, dice.AUTHORITY, dice.MODE, dice.KEY, dice.USAGE}
# The descriptors of code and authority may be there and are not used.
KNOWN = REQUIRED | {dice.CONFIG_HASH, dice.PROFILE, -4670546, -4670550}

# A root is trusted by one of these; a chain has the same ones in it.
CURVES = {1: (ec.SECP256R1, 32), 2: (ec.SECP384R1, 48)}


class Refused(Exception):
    """Why the report is not to be trusted, in one line."""


@dataclass
class Expected:
    """What the caller knows; None is not compared, and the result says so."""
    challenge: bytes = None
    code: bytes = None
    authority: bytes = None
    security_version: int = None
    component: str = dice.KERNEL


@dataclass
class Layer:
    """A certificate that has passed."""
    name: str
    version: int            # the security version, or None
    code: bytes
    authority: bytes
    key: object


@dataclass
class Report:
    """A report that has passed."""
    size: int
    root: object
    layers: list
    challenge: bytes
    region: int
    compared: list


def need(holds, why):
    if not holds:
        raise Refused(why)


def decode(data, what):
    try:
        tag, value = strictcbor.decode(data)
    except strictcbor.Malformed as error:
        raise Refused(f"{what}: not well-formed: {error}") from error
    need(tag is None, f"{what}: it has a tag")
    return value


def is_number(value, number):
    """Python takes True for 1."""
    return type(value) is int and value == number


# --- keys -----------------------------------------------------------------------


def roots_of(text):
    """The public keys of a PEM file."""
    keys = []
    for part in text.split(b"-----BEGIN ")[1:]:
        try:
            keys.append(load_pem_public_key(b"-----BEGIN " + part))
        except (ValueError, UnsupportedAlgorithm) as error:
            raise Refused("the file of roots has something else than public keys in PEM") from error
    need(keys and all(isinstance(key, ed25519.Ed25519PublicKey) or
                      isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in dice.EC for key in keys),
         "the file of roots has no key, or one that is not on Ed25519, P-256 or P-384")
    return keys


def key_of(value, what):
    """A COSE_Key, decoded."""
    need(isinstance(value, dict) and {1, -1, -2} <= set(value) <= {1, 3, 4, -1, -2, -3}, f"{what} is not a COSE_Key")
    need(value.get(4, [2]) in ([2], [1, 2], [2, 1]), f"{what} is not for verifying")
    x, y = value[-2], value.get(-3)
    if is_number(value[1], 1):
        need(is_number(value[-1], 6) and is_number(value.get(3, -8), -8) and y is None
             and isinstance(x, bytes) and len(x) == 32, f"{what} is not one for Ed25519")
        return ed25519.Ed25519PublicKey.from_public_bytes(x)
    need(is_number(value[1], 2) and type(value[-1]) is int and value[-1] in CURVES, f"{what} is of an unknown kind")
    curve, size = CURVES[value[-1]]
    need(isinstance(x, bytes) and isinstance(y, bytes) and len(x) == len(y) == size,
         f"{what} has coordinates that are not {size} bytes each")
    try:
        key = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), curve()).public_key()
    except ValueError as error:
        raise Refused(f"{what} is not on its curve") from error
    need(is_number(value.get(3, dice.algorithm_of(key)), dice.algorithm_of(key)), f"{what} is for another algorithm")
    return key


# --- COSE_Sign1 -----------------------------------------------------------------


def check_sign1(value, key, what, whose):
    """The payload of a COSE_Sign1 that was signed with that key."""
    need(isinstance(value, list) and len(value) == 4, f"{what}: not a COSE_Sign1")
    protected, unprotected, payload, signature = value
    need(all(isinstance(part, bytes) for part in (protected, payload, signature)), f"{what}: not a COSE_Sign1")
    need(unprotected == {}, f"{what}: unprotected headers, which no signature covers")
    header = decode(protected, f"{what}: protected header")
    need(isinstance(header, dict) and set(header) == {1} and is_number(header[1], dice.algorithm_of(key)),
         f"{what}: its protected header is not that of {whose}")
    try:
        verify_with(key, signature, dice.to_be_signed(protected, payload))
    except InvalidSignature as error:
        raise Refused(f"{what}: the signature is not one by {whose}") from error
    return payload


def verify_with(key, signature, message):
    if isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(signature, message)
        return
    size = (key.curve.key_size + 7) // 8
    if len(signature) != 2 * size:
        raise InvalidSignature
    r, s = (int.from_bytes(half, "big") for half in (signature[:size], signature[size:]))
    key.verify(encode_dss_signature(r, s), message, ec.ECDSA(dice.EC[key.curve.name][2]()))


# --- the chain ------------------------------------------------------------------


def mode_of(claims, what):
    value = claims[dice.MODE]
    if isinstance(value, bytes) and len(value) == 1:
        value = value[0]
    need(type(value) is int, f"{what}: its mode is no number")
    need(value == dice.NORMAL, f"{what}: its mode is {MODES.get(value, value)}, and not normal")


def config_of(claims, what, profile):
    """(name, security version) of the descriptor; 64 bytes inline have neither."""
    descriptor = claims[dice.CONFIG]
    need(isinstance(descriptor, bytes), f"{what}: its configuration is no byte string")
    if dice.CONFIG_HASH not in claims:
        need(len(descriptor) == 64, f"{what}: its configuration has no hash, and is not 64 bytes")
        need(profile != "android.16", f"{what}: no security version, which {profile} demands")
        return None, None
    need(claims[dice.CONFIG_HASH] == hashlib.sha512(descriptor).digest(), f"{what}: the hash of its configuration")
    config = decode(descriptor, f"{what}: configuration")
    need(isinstance(config, dict), f"{what}: its configuration is no map")
    name, version = config.get(dice.NAME), config.get(dice.SECURITY_VERSION)
    need(name is None or isinstance(name, str), f"{what}: its name is no text")
    need(version is None or type(version) is int and version >= 0, f"{what}: its security version is no number")
    need(version is not None or profile != "android.16", f"{what}: no security version, which {profile} demands")
    return name, version


def check_entry(value, issuer, what, least):
    """(the Layer of a certificate, the rank of its profile)"""
    payload = check_sign1(value, issuer, what, "the key before it")
    claims = decode(payload, what)
    need(isinstance(claims, dict), f"{what}: its payload is not that of a certificate")
    missing, unknown = REQUIRED - set(claims), set(claims) - KNOWN
    need(not missing, f"{what}: claims {sorted(missing)} are missing")
    need(not unknown, f"{what}: unknown claims: {len(unknown)}")
    profile = claims.get(dice.PROFILE, PROFILES[0])
    need(profile in PROFILES, f"{what}: its profile is unknown")
    need(PROFILES.index(profile) >= least, f"{what}: its profile is older than the one before")
    need(isinstance(claims[dice.KEY], bytes), f"{what}: its key is no byte string")
    key = key_of(decode(claims[dice.KEY], f"{what}: key"), f"{what}: its key")
    need(claims[1] == dice.key_id(issuer) and claims[2] == dice.key_id(key), f"{what}: it does not name its keys")
    need(claims[dice.USAGE] == dice.CERT_SIGN, f"{what}: its key is not for signing certificates")
    for label, name in ((dice.CODE, "code"), (dice.AUTHORITY, "authority")):
        need(isinstance(claims[label], bytes) and len(claims[label]) in DIGESTS, f"{what}: its {name} is no hash")
    mode_of(claims, what)
    name, version = config_of(claims, what, profile)
    return Layer(name, version, claims[dice.CODE], claims[dice.AUTHORITY], key), PROFILES.index(profile)


def check_chain(data, roots):
    """(the root, its Layers)"""
    elements = decode(data, "chain")
    need(isinstance(elements, list) and len(elements) >= 2, "chain: a root and a certificate at least")
    root = key = key_of(elements[0], "chain: the root")
    need(any(dice.raw(root) == dice.raw(trusted) and dice.algorithm_of(root) == dice.algorithm_of(trusted)
             for trusted in roots), f"chain: its root is none of the trusted ones ({dice.key_id(root)})")
    layers, least = [], 0
    for number, entry in enumerate(elements[1:], 1):
        layer, least = check_entry(entry, key, f"certificate {number}", least)
        layers.append(layer)
        key = layer.key
    return root, layers


# --- the report -----------------------------------------------------------------


def read_payload(payload):
    """(challenge, claims)"""
    value = decode(payload, "report: payload")
    need(isinstance(value, list) and len(value) == 2 and all(isinstance(part, bytes) for part in value),
         "report: its payload is not that of a report")
    challenge, claims = value[0], decode(value[1], "report: claims")
    need(len(challenge) == CHALLENGE_BYTES, f"report: a challenge of {len(challenge)} bytes")
    need(isinstance(claims, dict) and set(claims) == {NAME, REGION} and claims[NAME] == PROVIDER,
         "report: its claims are not those of the provider pkvm_guest")
    need(type(claims[REGION]) is int and 0 <= claims[REGION] < len(REGIONS), "report: claim 2 is unknown")
    return challenge, claims


def compare(leaf, challenge, expected):
    need(leaf.name == expected.component, f"the last certificate is that of {leaf.name!r}, not of {expected.component!r}")
    compared = []
    for name, is_, want in (("challenge", challenge, expected.challenge and
                             expected.challenge.ljust(CHALLENGE_BYTES, b"\0")),
                            ("code", leaf.code, expected.code), ("authority", leaf.authority, expected.authority)):
        if want is not None:
            need(is_ == want, f"{name}: is {is_.hex()}, not {want.hex()}")
            compared.append(name)
    if expected.security_version is not None:
        need(leaf.version is not None and leaf.version >= expected.security_version,
             f"security version: is {leaf.version}, less than {expected.security_version}")
        compared.append("security version")
    return compared


def verify(data, chain, roots, expected=None):
    """The Report in `data`, or Refused."""
    root, layers = check_chain(chain, roots)
    leaf = layers[-1]
    need(isinstance(leaf.key, ed25519.Ed25519PublicKey), "the last certificate's key is not one for Ed25519")
    payload = check_sign1(decode(data, "report"), leaf.key, "report", "the last certificate's key")
    challenge, claims = read_payload(payload)
    compared = compare(leaf, challenge, expected or Expected())
    return Report(len(data), root, layers, challenge, claims[REGION], compared)

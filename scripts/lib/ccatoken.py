# SPDX-License-Identifier: GPL-2.0-only
"""Verify a CCA attestation token (rsi.md 14), strictly and in this order:

 1. one well-formed item, tag 907 or 399, with the two parts;
 2. the platform's signature, by a key that the caller trusts, then its claims;
 3. the realm's key is the one that the platform vouches for;
 4. the realm's signature by that key, then its claims;
 5. the challenge, then measurements, against what the caller expects.

No key, algorithm or name of a hash is believed before a signature covers it;
the platform's identifiers choose among keys that are all trusted already.
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_public_key

import strictcbor

PLATFORM, REALM = 44234, 44241
EAT_CWT = 263
COSE_SIGN1 = 18
CHALLENGE_BYTES = 64

HASHES = {"sha-256": hashlib.sha256, "sha-384": hashlib.sha384, "sha-512": hashlib.sha512}
DIGESTS = (32, 48, 64)

# COSE algorithm: (its name, curve, bytes of a coordinate, hash), and the curve's number in a COSE_Key
ALGORITHMS = {
    -7: ("ES256", ec.SECP256R1, 32, hashes.SHA256),
    -35: ("ES384", ec.SECP384R1, 48, hashes.SHA384),
    -36: ("ES512", ec.SECP521R1, 66, hashes.SHA512),
}
COSE_CURVES = {1: -7, 2: -35, 3: -36}
JWK_CURVES = {"P-256": -7, "P-384": -35, "P-521": -36}

# Which realm goes with which platform; None is the oldest, which does not say.
GENERATIONS = {
    "http://arm.com/CCA-SSD/1.0.0": (None,),
    "tag:arm.com,2023:cca_platform#1.0.0": ("tag:arm.com,2023:realm#1.0.0",),
    "tag:arm.com,2024:cca_platform#1.1.0": ("tag:arm.com,2023:realm#1.0.0",
                                            "tag:arm.com,2024:realm#2.0.0"),
    "tag:arm.com,2024:cca_platform#2.0.0": ("tag:arm.com,2024:realm#2.0.0",),
    "tag:arm.com,2026:cca_platform#2.0.0": ("tag:arm.com,2024:realm#2.0.0",
                                            "tag:arm.com,2026:realm#2.0.0"),
    "tag:arm.com,2026:cca_platform#2.1.0": ("tag:arm.com,2026:realm#2.0.0",),
}

LIFECYCLES = {
    0x00: "unknown", 0x10: "assembly and test", 0x20: "provisioning", 0x30: "secured",
    0x40: "debug of something else than the platform's root of trust",
    0x50: "recoverable debug of the platform", 0x60: "decommissioned",
}


class Refused(Exception):
    """Why the token is not to be trusted, in one line."""


@dataclass
class Anchor:
    """A platform key that the caller trusts, for one platform or for any."""
    key: ec.EllipticCurvePublicKey
    instance: bytes = None
    implementation: bytes = None


@dataclass
class Expected:
    """What the caller knows; None is not compared, and the result says so."""
    challenge: bytes = None
    rim: object = None          # bytes, or a function of the name of the hash that gives them
    rems: dict = field(default_factory=dict)
    rpv: bytes = None


@dataclass
class Token:
    """A token that has passed."""
    size: int
    tag: int
    platform: dict
    realm: dict
    platform_algorithm: str
    realm_algorithm: str
    rak: bytes
    compared: list


def need(holds, why):
    if not holds:
        raise Refused(why)


def well_formed(data, what):
    try:
        return strictcbor.decode(data)
    except strictcbor.Malformed as error:
        raise Refused(f"{what}: not well-formed: {error}") from error


# --- keys -----------------------------------------------------------------------


def algorithm_of(key):
    return next(number for number, (_, curve, _, _) in ALGORITHMS.items()
                if isinstance(key.curve, curve))


def public_key(algorithm, x, y, what):
    """A key of two coordinates; refuses a point that is not on the curve."""
    _, curve, size, _ = ALGORITHMS[algorithm]
    need(isinstance(x, bytes) and isinstance(y, bytes) and len(x) == len(y) == size,
         f"{what}: coordinates are not {size} bytes each")
    try:
        return ec.EllipticCurvePublicNumbers(
            int.from_bytes(x, "big"), int.from_bytes(y, "big"), curve()).public_key()
    except ValueError as error:
        raise Refused(f"{what}: the point is not on the curve") from error


def anchors_of(text):
    """The keys in a PEM file, a JWK, or a list of trust anchors with their platforms."""
    if b"-----BEGIN" in text:
        return [Anchor(pem_key(text))]
    try:
        found = json.loads(text)
        if isinstance(found, dict):
            return [Anchor(jwk_key(found))]
        return [Anchor(jwk_key(item["pkey"]), unbase64(item["instance-id"]),
                       unbase64(item["implementation-id"])) for item in found]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("the key file is no PEM, no JWK and no list of trust anchors") from error


def pem_key(text):
    try:
        key = load_pem_public_key(text)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Refused("the key file is no public key in PEM") from error
    need(isinstance(key, ec.EllipticCurvePublicKey)
         and isinstance(key.curve, tuple(curve for _, curve, _, _ in ALGORITHMS.values())),
         "the key file has no key on P-256, P-384 or P-521")
    return key


def jwk_key(jwk):
    need(jwk["kty"] == "EC" and jwk["crv"] in JWK_CURVES, "the JWK has no key on P-256, P-384 or P-521")
    return public_key(JWK_CURVES[jwk["crv"]], unbase64(jwk["x"]), unbase64(jwk["y"]), "the JWK")


def unbase64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def realm_key(claim, profile):
    """The key of claim 44237: an encoded COSE_Key, or a bare point where there are no profiles."""
    what = "realm: its key (44237)"
    if profile is None:
        need(len(claim) == 97 and claim[0] == 4, f"{what} is not a point on P-384")
        return public_key(-35, claim[1:49], claim[49:], what)
    tag, key = well_formed(claim, what)
    need(tag is None and isinstance(key, dict) and set(key) == {1, -1, -2, -3} and key[1] == 2
         and key[-1] in COSE_CURVES, f"{what} is not a COSE_Key on P-256, P-384 or P-521")
    return public_key(COSE_CURVES[key[-1]], key[-2], key[-3], what)


# --- COSE_Sign1 -----------------------------------------------------------------


@dataclass
class Signed:
    what: str
    protected: bytes
    payload: bytes
    signature: bytes
    claims: dict        # not to be believed before check()

    def check(self, key, whose):
        algorithm = algorithm_of(key)
        name, _, size, digest = ALGORITHMS[algorithm]
        tag, header = well_formed(self.protected, f"{self.what}: protected header")
        need(tag is None and header == {1: algorithm},
             f"{self.what}: its protected header does not say {name} alone, which is what {whose} signs with")
        need(len(self.signature) == 2 * size, f"{self.what}: a signature of {len(self.signature)} bytes")
        r, s = (int.from_bytes(half, "big") for half in (self.signature[:size], self.signature[size:]))
        try:
            key.verify(encode_dss_signature(r, s), self.signed_bytes(), ec.ECDSA(digest()))
        except InvalidSignature as error:
            raise Refused(f"{self.what}: the signature is not one by {whose}") from error
        return name

    def signed_bytes(self):
        return strictcbor.cbor2.dumps(["Signature1", self.protected, b"", self.payload])


def parse_signed(data, what):
    tag, parts = well_formed(data, what)
    need(tag in (COSE_SIGN1, None) and isinstance(parts, list) and len(parts) == 4,
         f"{what}: not a COSE_Sign1")
    protected, unprotected, payload, signature = parts
    need(all(isinstance(part, bytes) for part in (protected, payload, signature)),
         f"{what}: not a COSE_Sign1")
    need(unprotected == {}, f"{what}: unprotected headers, which anybody may write")
    tag, claims = well_formed(payload, f"{what}: claims")
    need(tag is None and isinstance(claims, dict), f"{what}: the claims are no map")
    return Signed(what, protected, payload, signature, claims)


def parse_envelope(data):
    tag, parts = well_formed(data, "token")
    need(tag in (907, 399), f"token: tag {tag}, not 907 or 399" if tag else "token: no tag")
    need(isinstance(parts, dict) and PLATFORM in parts and REALM in parts,
         "token: the platform's or the realm's part is missing")
    return tag, *(unwrap(parts[key], tag, what)
                  for key, what in ((PLATFORM, "platform"), (REALM, "realm")))


def unwrap(part, tag, what):
    if tag == 907:
        need(isinstance(part, list) and len(part) == 2 and type(part[0]) is int and part[0] == EAT_CWT,
             f"{what}: not of the media type application/eat+cwt")
        part = part[1]
    need(isinstance(part, bytes), f"{what}: its part is no byte string")
    return part


# --- claims ---------------------------------------------------------------------


def get(signed, key, kind, sizes=None, optional=False):
    """A claim, of the type and length that it must have."""
    name = f"{signed.what}: claim {key}"
    if key not in signed.claims:
        need(optional, f"{name} is missing")
        return None
    value = signed.claims[key]
    need(type(value) is kind, f"{name} is no {kind.__name__}")
    need(sizes is None or len(value) in sizes, f"{name} has {len(value) if sizes else 0} bytes")
    return value


def platform_anchor(signed, anchors):
    """The trusted key for this platform."""
    instance = get(signed, 256, bytes, (33,))
    implementation = get(signed, 2396, bytes, (32,))
    need(instance[0] == 1, "platform: claim 256 is no identifier of type 1")
    for anchor in anchors:
        if anchor.instance in (None, instance) and anchor.implementation in (None, implementation):
            return anchor.key
    raise Refused(f"platform: no trusted key for instance {instance.hex()}, "
                  f"implementation {implementation.hex()}")


def platform_claims(signed):
    profile = get(signed, 265, str).split(";")[0]
    need(profile in GENERATIONS, f"platform: unknown profile {profile!r}")
    lifecycle = get(signed, 2395, int)
    need(lifecycle >> 8 == 0x30, f"platform: lifecycle {lifecycle:#x} is {lifecycle_name(lifecycle)}, not secured")
    get(signed, 2401, bytes)
    need(get(signed, 2402, str) in HASHES, "platform: claim 2402 names no hash that is known")
    get(signed, 2400, str, optional=True)
    client = get(signed, 2394, int, optional=True)
    need(client in (None, 1), f"platform: client {client} is not the realm world")
    components = get(signed, 2399, list)
    need(components, "platform: no software components")
    for component in components:
        component_claims(component)
    return profile


def component_claims(component):
    what = "platform: a software component (2399)"
    need(isinstance(component, dict), f"{what} is no map")
    for key in (2, 5):
        need(isinstance(component.get(key), bytes) and len(component[key]) in DIGESTS,
             f"{what} has no {'measurement' if key == 2 else 'signer'}")
    for key in (1, 4, 6):
        need(isinstance(component.get(key, ""), str), f"{what}: its key {key} is no text")
    need(component.get(6, "sha-256") in HASHES, f"{what} names no hash that is known")


def lifecycle_name(value):
    return LIFECYCLES.get(value >> 8, "no state that is known")


def check_binding(platform, realm):
    """The platform vouches for the realm's key: the only link between the two parts."""
    key = get(realm, 44237, bytes)
    algorithm = get(realm, 44240, str)
    need(algorithm in HASHES, "realm: claim 44240 names no hash that is known")
    digest = HASHES[algorithm](key).digest()
    nonce = get(platform, 10, bytes, DIGESTS, optional=2408 in platform.claims)
    binding = get(platform, 2408, bytes, DIGESTS, optional=True)
    need(all(value in (None, digest) for value in (nonce, binding)),
         "binding: the platform's token is for another realm key")


def realm_claims(realm, profile):
    said = get(realm, 265, str, optional=True)
    need(said in GENERATIONS[profile],
         f"realm: its profile is {said!r}, which does not go with the platform's {profile!r}")
    get(realm, 10, bytes, (CHALLENGE_BYTES,))
    get(realm, 44235, bytes, (64,))
    get(realm, 256, bytes, (33,), optional=True)
    get(realm, 44243, int, optional=True)
    algorithm = get(realm, 44236, str)
    need(algorithm in HASHES, "realm: claim 44236 names no hash that is known")
    size = HASHES[algorithm]().digest_size
    get(realm, 44238, bytes, (size,))
    rems = get(realm, 44239, list)
    need(len(rems) == 4 and all(type(rem) is bytes and len(rem) == size for rem in rems),
         f"realm: claim 44239 is not four measurements of {size} bytes")


def compare(realm, expected):
    """The claims against what the caller knows; returns the names of what was compared."""
    compared = []

    def same(name, is_, want):
        need(is_ == want, f"{name}: is {is_.hex()}, not {want.hex()}")
        compared.append(name)

    if expected.challenge is not None:
        same("challenge", realm[10], expected.challenge.ljust(CHALLENGE_BYTES, b"\0"))
    if expected.rim is not None:
        want = expected.rim(realm[44236]) if callable(expected.rim) else expected.rim
        same("RIM", realm[44238], want)
    for number, want in sorted(expected.rems.items()):
        same(f"REM {number}", realm[44239][number - 1], want)
    if expected.rpv is not None:
        same("RPV", realm[44235], expected.rpv.ljust(64, b"\0"))
    return compared


def verify(data, anchors, expected=None):
    """The Token in `data`, or Refused."""
    tag, *parts = parse_envelope(data)
    platform, realm = (parse_signed(part, what) for part, what in zip(parts, ("platform", "realm")))
    platform_algorithm = platform.check(platform_anchor(platform, anchors), "the platform's key")
    profile = platform_claims(platform)
    check_binding(platform, realm)
    rak = get(realm, 44237, bytes)
    realm_algorithm = realm.check(realm_key(rak, realm.claims.get(265)), "the realm's key")
    realm_claims(realm, profile)
    compared = compare(realm.claims, expected or Expected())
    return Token(len(data), tag, platform.claims, realm.claims, platform_algorithm, realm_algorithm,
                 rak, compared)

# SPDX-License-Identifier: GPL-2.0-only
"""Verify a CCA attestation token, strictly and in this order:

 1. one well-formed item, tag 907 or 399, with the two parts;
 2. the platform's signature, by a key that the caller trusts, then its claims;
 3. the realm's key is the one that the platform vouches for;
 4. the realm's signature by that key, then its claims;
 5. the challenge, then measurements, against what the caller expects.

No key, algorithm or name of a hash is believed before a signature covers it;
the platform's identifiers choose among keys that are all trusted already.

Claims and forms are those of draft-ffm-rats-cca-token-00 to -04 and of DEN0137
A7.2 in 1.0-rel0 and 2.0 beta. Where a draft contradicts itself, the comment at
the place says what was taken.
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

from pguest import strictcbor

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


@dataclass(frozen=True)
class Pair:
    """Profiles of a platform's and a realm's part that go together, and who says so.

    @binding: the platform's claim that holds the hash of the realm's key
    @client: the platform must say which client asked for its part (2394)
    @instance: the realm must have an identifier and an encryption policy (256, 44243)
    @policies: what that policy may be: memory that shares its key, or has one of its own
    """
    platform: str
    realm: str              # None: the realm's part has no profile, and its key is a bare point
    why: str
    binding: int = 10
    client: bool = False
    instance: bool = False
    policies: tuple = (0, 1)


# draft-00's CDDL; TF-RMM v0.8.0 and v0.9.0, with 2023's profile and the number that 2024's has
TEXTS = ("shared", "private")

PAIRS = (
    Pair("http://arm.com/CCA-SSD/1.0.0", None,
         "before there were drafts: TF-RMM up to v0.5.0, TF-A up to v2.11; "
         "veraison/rust-ccatoken, testdata/cca-token-01", policies=TEXTS),
    Pair("tag:arm.com,2023:cca_platform#1.0.0", "tag:arm.com,2023:realm#1.0.0",
         "draft-ffm-rats-cca-token-00 and -01, DEN0137 1.0-rel0; TF-RMM v0.6.0 to v0.9.0, TF-A since v2.12",
         policies=TEXTS),
    # In no document: the two parts come from two firmwares, and TF-A's sample for platforms
    # without a root of trust that could attest (QEMU, FVP) has stayed what it was in 2024.
    Pair("tag:arm.com,2023:cca_platform#1.0.0", "tag:arm.com,2024:realm#2.0.0",
         "TF-RMM since 72aea692 (2026-05-22) with the sample platform token of TF-A up to 6a164dda7 (2026-08-20)"),
    Pair("tag:arm.com,2024:cca_platform#2.0.0", "tag:arm.com,2024:realm#2.0.0",
         "draft-ffm-rats-cca-token-03, DEN0137 2.0 beta (A7.2.3.1.2, A7.2.3.3.1)", client=True),
    *(Pair(f"tag:arm.com,2026:cca_platform#{version}{mode}", "tag:arm.com,2026:realm#2.0.0",
           "draft-ffm-rats-cca-token-04 (4.5.1, 4.8.2)", binding=2408, client=True, instance=True)
      for version in ("2.0.0", "2.1.0") for mode in ("", ";delegated")),
)

# Platforms that a draft names and that are refused all the same.
DIRECT = "no key of the realm's signs its claims there (the direct model)"
HESRAK = "the challenge stands in the platform's part there, and no firmware makes such a token"
REFUSED = {
    "tag:arm.com,2024:cca_platform#1.1.0": "no draft says which realm's profile goes with it",
    "tag:arm.com,2024:cca_platform#2.0.0;direct": DIRECT,
    **{f"tag:arm.com,2026:cca_platform#{version};{mode}": why
       for version in ("2.0.0", "2.1.0") for mode, why in (("direct", DIRECT), ("HESRAK", HESRAK))},
}

# Claims that have a meaning here or in a draft. Others are shown by number.
PLATFORM_CLAIMS = {
    10: "challenge", 256: "instance", 265: "profile", 2394: "client", 2395: "lifecycle", 2396: "implementation",
    2399: "components", 2400: "verification service", 2401: "configuration", 2402: "hash",
    2403: "manufacturing", 2404: "extensions", 2405: "trusted boot keys", 2406: "peer signers",
    2407: "TPM binding", 2408: "workload binding",
}
REALM_CLAIMS = {
    10: "challenge", 256: "instance", 265: "profile", 44235: "RPV", 44236: "hash", 44237: "key", 44238: "RIM",
    44239: "REMs", 44240: "hash of the key", 44243: "memory encryption", 44244: "firmware updates",
    44257: "devices",
}

LIFECYCLES = {
    0x00: "unknown", 0x10: "assembly and test", 0x20: "provisioning", 0x30: "secured",
    0x40: "debug of something else than the platform's root of trust",
    0x50: "recoverable debug of the platform", 0x60: "decommissioned",
}


class Refused(Exception):
    """Why the token is not to be trusted, in one line."""


class Differs(Refused):
    """A good token that holds another value than the caller expects."""

    def __init__(self, name, is_, want):
        super().__init__(f"{name}: is {is_.hex()}, not {want.hex()}")
        self.name, self.is_ = name, is_


@dataclass
class Anchor:
    """A platform key that the caller trusts, for one platform or for any."""
    key: ec.EllipticCurvePublicKey
    instance: bytes = None
    implementation: bytes = None


@dataclass
class Expected:
    """What the caller knows; None is not compared, and the result says so.

    A measurement is bytes, or a function of the name of the hash that gives them.
    """
    challenge: bytes = None
    rim: object = None
    rems: dict = field(default_factory=dict)
    rpv: bytes = None
    profiles: tuple = None      # the only (platform's, realm's) that will do


@dataclass
class Token:
    """A token that has passed."""
    size: int
    tag: int
    pair: Pair
    more_parts: list            # keys in the envelope that no signature covers
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
    need(tag is None and isinstance(key, dict) and set(key) - {3} == {1, -1, -2, -3} and is_number(key[1], 2)
         and type(key[-1]) is int and key[-1] in COSE_CURVES,
         f"{what} is not a COSE_Key on P-256, P-384 or P-521")
    algorithm = COSE_CURVES[key[-1]]
    need(is_number(key.get(3, algorithm), algorithm), f"{what} is for another algorithm than its curve's")
    return public_key(algorithm, key[-2], key[-3], what)


def is_number(value, number):
    """Python takes True for 1; no other reader of the token does."""
    return type(value) is int and value == number


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
        need(tag is None and isinstance(header, dict) and set(header) == {1} and is_number(header[1], algorithm),
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
    need(tag == COSE_SIGN1 and isinstance(parts, list) and len(parts) == 4,
         f"{what}: not a tagged COSE_Sign1")
    protected, unprotected, payload, signature = parts
    need(all(isinstance(part, bytes) for part in (protected, payload, signature)),
         f"{what}: not a tagged COSE_Sign1")
    need(unprotected == {}, f"{what}: unprotected headers, which no signature covers")
    tag, claims = well_formed(payload, f"{what}: claims")
    need(tag is None and isinstance(claims, dict), f"{what}: the claims are no map")
    return Signed(what, protected, payload, signature, claims)


def parse_envelope(data):
    tag, parts = well_formed(data, "token")
    need(tag in (907, 399), f"token: tag {tag}, not 907 or 399" if tag else "token: no tag")
    need(isinstance(parts, dict) and PLATFORM in parts and REALM in parts,
         "token: the platform's or the realm's part is missing")
    more = [key for key in parts if key not in (PLATFORM, REALM)]
    return tag, more, *(unwrap(parts[key], tag, what)
                        for key, what in ((PLATFORM, "platform"), (REALM, "realm")))


def unwrap(part, tag, what):
    """A part as the tag's generation has it: bytes, or a CMW record of a media type's number and bytes."""
    if tag == 907:
        need(isinstance(part, list) and len(part) == 2 and is_number(part[0], EAT_CWT),
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


def pair_of(platform, realm, only):
    """The two parts' profiles, which must be an accepted pair, and the caller's if there is one.

    The realm's is not signed for yet: it chooses among what is required of both parts.
    """
    names = get(platform, 265, str), get(realm, 265, str, optional=True)
    need(names[0] not in REFUSED, f"platform: its profile is {names[0]!r}: {REFUSED.get(names[0])}")
    need(names[0] in {pair.platform for pair in PAIRS}, f"platform: unknown profile {names[0]!r}")
    for pair in PAIRS:
        if (pair.platform, pair.realm) == names:
            need(only in (None, names),
                 "profiles: {!r} and {!r} are accepted, and not what was asked for".format(*names))
            return pair
    raise Refused("realm: its profile is {1!r}, which does not go with the platform's {0!r}".format(*names))


def platform_claims(signed, pair):
    lifecycle = get(signed, 2395, int)
    need(lifecycle >> 8 == 0x30, f"platform: lifecycle {lifecycle:#x} is {lifecycle_name(lifecycle)}, not secured")
    get(signed, 2401, bytes)
    need(get(signed, 2402, str) in HASHES, "platform: claim 2402 names no hash that is known")
    get(signed, 2400, str, optional=True)
    client = get(signed, 2394, int, optional=not pair.client)
    need(client in (None, 1), f"platform: client {client} is not the realm world")
    components = get(signed, 2399, list)
    need(components, "platform: no software components")
    for component in components:
        component_claims(component, signed.claims[2402])


def component_claims(component, algorithm):
    what = "platform: a software component (2399)"
    need(isinstance(component, dict), f"{what} is no map")
    for key in (2, 5):
        need(isinstance(component.get(key), bytes) and len(component[key]) in DIGESTS,
             f"{what} has no {'measurement' if key == 2 else 'signer'}")
    for key in (1, 4, 6):
        need(isinstance(component.get(key, ""), str), f"{what}: its key {key} is no text")
    algorithm = component.get(6, algorithm)
    need(algorithm in HASHES, f"{what} names no hash that is known")
    need(len(component[2]) == HASHES[algorithm]().digest_size,
         f"{what} has a measurement of {len(component[2])} bytes by {algorithm}")
    need(isinstance(component.get(7, False), bool), f"{what}: its key 7 is neither true nor false")
    more = component.get(8, [b""])
    need(isinstance(more, list) and more and all(isinstance(signer, bytes) for signer in more),
         f"{what}: its key 8 is no list of signers")


def lifecycle_name(value):
    return LIFECYCLES.get(value >> 8, "no state that is known")


def check_binding(platform, realm, pair):
    """The platform vouches for the realm's key: the only link between the two parts.

    draft-04 says in 4.3.3 that the challenge (10) holds the hash in 2026's profiles, in 4.3.1
    and in its CDDL and examples that the workload binding (2408) does, and in 4.3.3.10 that
    there must be no challenge. Taken: the last two.
    """
    key = get(realm, 44237, bytes)
    algorithm = get(realm, 44240, str)
    need(algorithm in HASHES, "realm: claim 44240 names no hash that is known")
    digest = HASHES[algorithm](key).digest()
    need(get(platform, pair.binding, bytes, DIGESTS) == digest and platform.claims.get(2408, digest) == digest,
         "binding: the platform's token is for another realm key")
    need(pair.binding == 10 or 10 not in platform.claims,
         "platform: a challenge (10), which must not be there beside claim 2408")


def realm_claims(realm, pair):
    get(realm, 10, bytes, (CHALLENGE_BYTES,))
    get(realm, 44235, bytes, (64,))
    instance = get(realm, 256, bytes, (33,), optional=not pair.instance)
    need(instance is None or instance[0] == 1, "realm: claim 256 is no identifier of type 1")
    policy = get(realm, 44243, type(pair.policies[0]), optional=not pair.instance)
    need(policy is None or policy in pair.policies,
         "realm: claim 44243 is {!r}, neither {!r} nor {!r}".format(policy, *pair.policies))
    updates = get(realm, 44244, int, optional=True)
    need(updates in (None, 0, 1), f"realm: claim 44244 is {updates}, neither 0 nor 1")
    get(realm, 44257, bytes, DIGESTS, optional=True)
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
        want = want(realm[44236]) if callable(want) else want
        if is_ != want:
            raise Differs(name, is_, want)
        compared.append(name)

    if expected.challenge is not None:
        same("challenge", realm[10], expected.challenge.ljust(CHALLENGE_BYTES, b"\0"))
    if expected.rim is not None:
        same("RIM", realm[44238], expected.rim)
    for number, want in sorted(expected.rems.items()):
        same(f"REM {number}", realm[44239][number - 1], want)
    if expected.rpv is not None:
        same("RPV", realm[44235], expected.rpv.ljust(64, b"\0"))
    return compared


def verify(data, anchors, expected=None):
    """The Token in `data`, or Refused."""
    expected = expected or Expected()
    tag, more, *parts = parse_envelope(data)
    platform, realm = (parse_signed(part, what) for part, what in zip(parts, ("platform", "realm")))
    platform_algorithm = platform.check(platform_anchor(platform, anchors), "the platform's key")
    pair = pair_of(platform, realm, expected.profiles)
    platform_claims(platform, pair)
    check_binding(platform, realm, pair)
    rak = get(realm, 44237, bytes)
    realm_algorithm = realm.check(realm_key(rak, pair.realm), "the realm's key")
    realm_claims(realm, pair)
    compared = compare(realm.claims, expected)
    if expected.profiles:
        compared.append("profiles")
    return Token(len(data), tag, pair, more, platform.claims, realm.claims, platform_algorithm,
                 realm_algorithm, rak, compared)

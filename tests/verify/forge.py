# SPDX-License-Identifier: GPL-2.0-only
"""Tokens of any shape with signatures that are good, by keys made here.

What a forger without the keys can do is in test_forged.py; this is for what
even the owner of the keys must not get away with, or may well do.
"""

import hashlib

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from pguest import ccatoken

DIGESTS = {-7: hashes.SHA256, -35: hashes.SHA384, -36: hashes.SHA512}
CURVES = {-7: (ec.SECP256R1, 1, 32), -35: (ec.SECP384R1, 2, 48), -36: (ec.SECP521R1, 3, 66)}


class Key:
    def __init__(self, algorithm=-35):
        self.algorithm = algorithm
        curve, self.number, self.size = CURVES[algorithm]
        self.private = ec.generate_private_key(curve())
        self.public = self.private.public_key()

    def cose_key(self):
        point = self.public.public_numbers()
        return cbor2.dumps({1: 2, -1: self.number, -2: point.x.to_bytes(self.size, "big"),
                            -3: point.y.to_bytes(self.size, "big")})

    def point(self):
        point = self.public.public_numbers()
        return b"\4" + point.x.to_bytes(self.size, "big") + point.y.to_bytes(self.size, "big")

    def sign(self, data):
        r, s = decode_dss_signature(self.private.sign(data, ec.ECDSA(DIGESTS[self.algorithm]())))
        return r.to_bytes(self.size, "big") + s.to_bytes(self.size, "big")


class Forge:
    """A token in the making: change what you like, then take bytes()."""

    def __init__(self, platform_algorithm=-35, realm_algorithm=-35, pair=None):
        self.cpak, self.rak = Key(platform_algorithm), Key(realm_algorithm)
        self.platform = {
            265: "tag:arm.com,2024:cca_platform#2.0.0", 2396: bytes(32), 256: b"\1" + bytes(32),
            2401: b"", 2395: 0x3003, 2402: "sha-256", 2394: 1,
            2399: [{1: "BL", 2: bytes(32), 5: bytes(32)}],
        }
        self.realm = {
            10: bytes(64), 265: "tag:arm.com,2024:realm#2.0.0", 44235: bytes(64), 44236: "sha-256",
            44237: self.rak.cose_key(), 44238: bytes(32), 44239: [bytes(32)] * 4, 44240: "sha-256",
        }
        self.headers = {"platform": {1: self.cpak.algorithm}, "realm": {1: self.rak.algorithm}}
        self.unprotected = {"platform": {}, "realm": {}}
        self.bind = True
        self.binding = 10
        self.tagged = True
        self.dumps = {"platform": cbor2.dumps, "realm": cbor2.dumps}
        self.media_type = 263
        self.tag = 907
        self.more_parts = {}
        if pair:
            self.be(pair)

    def be(self, pair):
        """No claim that the pair's generation does not have, and the older envelope before 2024."""
        self.platform[265], self.realm[265] = pair.platform, pair.realm
        if not pair.client:
            del self.platform[2394]
        if pair.realm is None:
            del self.realm[265]
            self.realm[44237] = self.rak.point()
        if pair.instance or pair.realm == "tag:arm.com,2024:realm#2.0.0":
            self.realm.update({256: b"\1" + bytes(range(32)), 44243: 1})
        else:
            self.tag = 399
            self.realm[44243] = pair.policies[1]
        self.binding = pair.binding

    def anchors(self):
        return [ccatoken.Anchor(self.cpak.public)]

    def sign1(self, part, claims, key):
        protected, payload = cbor2.dumps(self.headers[part]), self.dumps[part](claims)
        signature = key.sign(cbor2.dumps(["Signature1", protected, b"", payload]))
        signed = [protected, self.unprotected[part], payload, signature]
        return cbor2.dumps(cbor2.CBORTag(18, signed) if self.tagged else signed)

    def bytes(self):
        key = self.realm.get(44237)
        if self.bind and isinstance(key, bytes):
            name = {"sha-256": "sha256", "sha-384": "sha384"}.get(str(self.realm.get(44240)), "sha512")
            self.platform.setdefault(self.binding, hashlib.new(name, key).digest())
        parts = {44234: self.sign1("platform", self.platform, self.cpak),
                 44241: self.sign1("realm", self.realm, self.rak)}
        if self.tag == 907:
            parts = {number: [self.media_type, part] for number, part in parts.items()}
        return cbor2.dumps(cbor2.CBORTag(self.tag, {**parts, **self.more_parts}))

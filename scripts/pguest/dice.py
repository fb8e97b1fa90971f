# SPDX-License-Identifier: GPL-2.0-only
"""DICE as a pKVM guest's firmware does it: derivations, certificates, and the handover.

Formats are those of the Open Profile for DICE 2.6 and its Android profile; what is
measured and how a layer is named are pvmfw's. The launcher makes a whole handover
here, since it has all that such a firmware would measure, and the monitor puts it into the guest's memory.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEY_SALT = bytes.fromhex(
    "63b6a04d2c077fc10f639f21da793844356cc2b0b441b3a77124035c03f8e1be"
    "6035d31f282821a7450a02222ab1b3cff1679b05ab1ca5d1affb789ccd2b0b3b")
ID_SALT = bytes.fromhex(
    "dbdbaebc8020da9ff0dd5a24c83aa5a54286dfc263031e329b4da148430659fe"
    "62cdb5b7e1e00fc680306711eb444af77209359496fcff1db9520ba51c7b29ea")

CODE, CONFIG_HASH, CONFIG, AUTHORITY = -4670545, -4670547, -4670548, -4670549
MODE, KEY, USAGE, PROFILE = -4670551, -4670552, -4670553, -4670554
NAME, VERSION, SECURITY_VERSION = -70002, -70003, -70005
NORMAL, DEBUG = 1, 2
CERT_SIGN = b"\x20"

# The kernel of the VM, by the name that pvmfw gives its certificate
KERNEL = "vm_entry"
# That of what the kernel hands on to user space
USER_SPACE = "userspace"


def kdf(length, ikm, salt, info):
    return HKDF(hashes.SHA512(), length, salt, info).derive(ikm)


def key_of(cdi_attest):
    """The key pair of a layer."""
    return ed25519.Ed25519PrivateKey.from_private_bytes(kdf(32, cdi_attest, KEY_SALT, b"Key Pair"))


def raw(public):
    """A public key as its ID is made of: an Ed25519 key, or both coordinates of a point."""
    if isinstance(public, ed25519.Ed25519PublicKey):
        return public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]


def key_id(public):
    value = bytearray(kdf(20, raw(public), ID_SALT, b"ID"))
    value[0] &= 0x7f
    return bytes(value).hex()


# COSE's algorithm, curve and hash of a key on a curve (RFC 9053, 2.1)
EC = {"secp256r1": (-7, 1, hashes.SHA256), "secp384r1": (-35, 2, hashes.SHA384)}


def algorithm_of(public):
    return -8 if isinstance(public, ed25519.Ed25519PublicKey) else EC[public.curve.name][0]


def cose_key(public):
    point = raw(public)
    if algorithm_of(public) == -8:
        return cbor2.dumps({1: 1, 3: -8, 4: [2], -1: 6, -2: point})
    algorithm, curve, _ = EC[public.curve.name]
    half = len(point) // 2
    return cbor2.dumps({1: 2, 3: algorithm, 4: [2], -1: curve, -2: point[:half], -3: point[half:]})


def to_be_signed(protected, payload):
    """Sig_structure (RFC 9052, 4.4)"""
    return cbor2.dumps(["Signature1", protected, b"", payload])


def sign1(private, payload):
    """A COSE_Sign1 without a tag."""
    protected = cbor2.dumps({1: algorithm_of(private.public_key())})
    message = to_be_signed(protected, payload)
    if isinstance(private, ed25519.Ed25519PrivateKey):
        signature = private.sign(message)
    else:
        size = (private.curve.key_size + 7) // 8
        pair = decode_dss_signature(private.sign(message, ec.ECDSA(EC[private.curve.name][2]())))
        signature = b"".join(number.to_bytes(size, "big") for number in pair)
    return cbor2.dumps([protected, {}, payload, signature])


def padded(digest):
    return digest.ljust(64, b"\0")


def next_cdis(cdis, layer):
    """(CDI_Attest, CDI_Seal) of a layer, from those of the one below."""
    tail = padded(layer.authority) + bytes([layer.mode]) + padded(layer.hidden)
    inputs = padded(layer.code) + layer.config_input() + tail
    return (kdf(32, cdis[0], hashlib.sha512(inputs).digest(), b"CDI_Attest"),
            kdf(32, cdis[1], hashlib.sha512(tail).digest(), b"CDI_Seal"))


@dataclass
class Layer:
    """What a layer is measured as."""
    name: str = KERNEL
    code: bytes = bytes(64)
    authority: bytes = bytes(64)
    hidden: bytes = bytes(64)
    mode: int = NORMAL
    security_version: int = 1
    profile: str = "android.16"
    inline: bytes = None            # 64 bytes, instead of a descriptor
    more: dict = field(default_factory=dict)    # further entries of the descriptor

    def descriptor(self):
        if self.inline is not None:
            return self.inline
        return cbor2.dumps({NAME: self.name, SECURITY_VERSION: self.security_version, **self.more})

    def config_input(self):
        return self.inline if self.inline is not None else hashlib.sha512(self.descriptor()).digest()

    def payload(self, issuer, subject):
        """The certificate's claims, in the order of open-dice."""
        claims = {1: key_id(issuer), 2: key_id(subject), CODE: self.code, CONFIG: self.descriptor()}
        if self.inline is None:
            claims[CONFIG_HASH] = self.config_input()
        claims |= {AUTHORITY: self.authority, MODE: bytes([self.mode]), KEY: cose_key(subject), USAGE: CERT_SIGN}
        if self.profile:
            claims[PROFILE] = self.profile
        return cbor2.dumps(claims)


@dataclass
class Handover:
    """What a layer is given, and what a test needs to know of it."""
    cdis: tuple
    elements: list          # of the chain, encoded
    root: ed25519.Ed25519PublicKey      # the key that a verifier has to trust
    signer: ed25519.Ed25519PrivateKey   # of the last element

    @property
    def chain(self):
        return array_of(self.elements)

    @property
    def data(self):
        return (b"\xa3\x01" + cbor2.dumps(self.cdis[0]) + b"\x02" + cbor2.dumps(self.cdis[1])
                + b"\x03" + self.chain)


def array_of(items):
    """An array of items that are encoded already."""
    count = len(items)
    return (bytes([0x80 | count]) if count < 24 else b"\x98" + bytes([count])) + b"".join(items)


def begin(uds, private=None):
    """The root: a device secret, and the key pair of it or another one."""
    private = private or key_of(uds)
    return Handover((uds, uds), [cose_key(private.public_key())], private.public_key(), private)


def add(before, layer, private=None):
    """The handover of the next layer; its key is that of its CDI_Attest unless another one is given."""
    cdis = next_cdis(before.cdis, layer)
    private = private or key_of(cdis[0])
    payload = layer.payload(before.signer.public_key(), private.public_key())
    return Handover(cdis, [*before.elements, sign1(before.signer, payload)], before.root, private)


# --- as pvmfw measures ------------------------------------------------------------


def code_hash(kernel, initrd=b"", kernel_salt=b"", initrd_salt=b""):
    """Of both AVB hash descriptors' digests; 32 zeros stand for an initrd that is not there."""
    digest = hashlib.sha256(initrd_salt + initrd).digest() if initrd else bytes(32)
    return hashlib.sha512(hashlib.sha256(kernel_salt + kernel).digest() + digest).digest()


def hidden_input(instance_id, rkp_vm=False, deferred=False):
    salt = hashlib.sha512(b"InstanceId:" + instance_id).digest()
    return hashlib.sha512(bytes([rkp_vm]) + salt + bytes([deferred])).digest()


def for_guest(keys, firmware, image, initrd, **changes):
    """The handover of a VM: the firmware measured by the root, the kernel and the initrd by the firmware.

    @keys: the directory with the device's secret and the owner's key, as tests/monitor/make-keys has made them
    """
    layers = [Layer(name="monitor", code=hashlib.sha512(Path(firmware).read_bytes()).digest()),
              Layer(code=code_hash(Path(image).read_bytes(), Path(initrd).read_bytes()),
                    authority=hashlib.sha512((keys / "dice-avb-key").read_bytes()).digest(),
                    hidden=hidden_input(bytes(64)), **changes)]
    handover = begin((keys / "dice-uds").read_bytes())
    for layer in layers:
        handover = add(handover, layer)
    return handover

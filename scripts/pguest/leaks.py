# SPDX-License-Identifier: GPL-2.0-only
"""The leak scanner: what is in a guest's memory and for nobody else, put there for the monitor to look for."""

import hashlib
import os
import random
import string

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from pguest import cpio, dice, paths, verdict
from pguest.machine import PLANTED, SECRET_BYTES, make_disk

SCENARIO = "secrets"
COPIES = 8 << 10
SECTOR = 512


def key_material(cdi):
    """By name: a layer's CDI_Attest, and all that its key is made of (RFC 8032, 5.1.5), 32 bytes each."""
    seed = dice.kdf(32, cdi, dice.KEY_SALT, b"Key Pair")
    expanded = bytearray(hashlib.sha512(seed).digest())
    expanded[0] &= 0xf8
    expanded[31] = expanded[31] & 0x7f | 0x40
    return {"secret": cdi, "seed": seed, "scalar": bytes(expanded[:32]), "prefix": bytes(expanded[32:])}


class Secrets:
    """By name. None of it is the same in two boots."""

    def __init__(self):
        self.planted = os.urandom(SECRET_BYTES)
        self.text = "".join(random.SystemRandom().choices(string.ascii_letters + string.digits, k=SECRET_BYTES))
        # Of the keyring and of dm-crypt; and what is written through that
        self.key, self.plaintext = os.urandom(SECRET_BYTES), os.urandom(SECRET_BYTES)
        self.all = {"planted": self.planted, "text": self.text.encode(), "key": self.key, "plaintext": self.plaintext}

    def initrd(self, directory):
        """An initramfs with those of files in it, as a firmware could hand it over."""
        archive = cpio.Archive()
        for name, secret in ((PLANTED[1:], self.planted), ("key", self.key), ("plaintext", self.plaintext)):
            archive.file(name, secret * COPIES)
        place = directory / "initrd"
        place.write_bytes(paths.INITRAMFS.read_bytes() + archive.finish())
        return place

    def words(self):
        """The command line lies in the device tree, in __initdata, and in memory of the kernel's and of init's."""
        return [f"pguest_text={self.text}"]

    def hand_over(self, guest):
        """What a pKVM guest makes its reports with."""
        whole = dice.for_guest(paths.MONITOR, paths.monitor_image(), guest.image, guest.initrd)
        above = dice.add(whole, dice.Layer(name=dice.USER_SPACE))
        guest.hand_over(whole.data)
        self.all |= key_material(whole.cdis[0]) | {"sealing": whole.cdis[1], "next": above.cdis[0],
                                                   "next sealing": above.cdis[1]}

    def decrypted(self, disk):
        """What dm-crypt makes of the disk's start with the key: aes-xts-plain64, where an IV is a sector's number."""
        with open(disk, "rb") as file:
            sectors = iter(lambda: file.read(SECTOR), b"")
            return b"".join(Cipher(algorithms.AES(self.key), modes.XTS(number.to_bytes(16, "little"))).decryptor().update(data)
                            for number, data in zip(range(len(self.plaintext) * COPIES // SECTOR), sectors))

    def found(self, seen):
        """How many words of each the host has found."""
        return dict(zip(self.all, seen.monitor["secret"]["of"], strict=True))


def guest_with_secrets(make, directory, mode, disk, append=(), **options):
    """(secrets, guest): a machine that has them, and one more disk to encrypt; `make` is Machine, or makes one."""
    secrets = Secrets()
    guest = make(mode=mode, cpus=2, ram_mib=128, initrd=secrets.initrd(directory), append=[*secrets.words(), *append],
                 challenge=verdict.new_challenge(), **options)
    if mode in verdict.PKVM:
        secrets.hand_over(guest)
    guest.look_for(secrets.all.values())
    return secrets, guest.add_disk(disk).add_disk(make_disk(directory / "encrypted", mib=4, ext4=False)).add_net()

# SPDX-License-Identifier: GPL-2.0-only
"""The initial measurement of a realm under the test monitor, worked out from what was loaded.

Written from rsi.md 12.1 and tests/monitor/README.rst, and not from the
monitor's code: two readings that meet in the same 32 bytes.
"""

import hashlib
import struct
from dataclasses import dataclass

PAGE = 4096
BLOCK = 2 << 20
ALGORITHMS = {"sha-256": (hashlib.sha256, 0), "sha-512": (hashlib.sha512, 1), "sha-384": (hashlib.sha384, 2)}

DATA, REC, RIPAS = range(3)
MEASURED = RUNNABLE = 1


@dataclass
class Shape:
    """The machine, as far as it is measured. Addresses and sizes in bytes."""
    ipa_bits: int
    ram: tuple          # (start, size) that the device tree has
    initrd: int         # where it starts; of no meaning without one
    dtb: tuple
    cpus: int
    measured: bool = True

    @classmethod
    def of_report(cls, report):
        """Of the monitor's report."""
        realm = report["realm"]

        def span(name):
            return int(realm[name]["start"], 16), realm[name]["size"]

        return cls(realm["ipa_bits"], span("described"), span("initrd")[0], span("dtb"),
                   report["cpus"], bool(realm["measured"]))


class Rim:
    def __init__(self, algorithm, ipa_bits):
        self.new, number = ALGORITHMS[algorithm]
        # flags, s2sz, sve_vl, num_bps, num_wps, pmu_num_ctrs, hash_algo
        self.value = self.hash(struct.pack("<7Q", 0, ipa_bits, 0, 0, 0, 0, number).ljust(PAGE, b"\0"))

    def hash(self, data):
        return self.new(data).digest()

    def extend(self, kind, rest):
        head = struct.pack("<2Q", kind, 0x100)
        self.value = self.hash((head + self.value.ljust(64, b"\0") + rest).ljust(0x100, b"\0"))

    def ripas(self, base, top):
        self.extend(RIPAS, struct.pack("<2Q", base, top))

    def page(self, ipa, content):
        if content is None:
            self.extend(DATA, struct.pack("<2Q", ipa, 0))
        else:
            self.extend(DATA, struct.pack("<2Q", ipa, MEASURED) + self.hash(content))

    def rec(self, flags, pc, x0):
        parameters = bytearray(PAGE)
        struct.pack_into("<Q", parameters, 0, flags)
        struct.pack_into("<Q", parameters, 0x200, pc)
        struct.pack_into("<8Q", parameters, 0x300, x0, *[0] * 7)
        self.extend(REC, self.hash(bytes(parameters)))


def image_size(image):
    """What an arm64 Image takes in memory: more than the file, for the rest starts as zeros."""
    if image[0x38:0x3c] != b"ARM\x64":
        raise ValueError("not an arm64 Image")
    return struct.unpack_from("<Q", image, 16)[0]


def compute(algorithm, image, initrd, shape):
    start, size = shape.ram
    rim = Rim(algorithm, shape.ipa_bits)
    for base in range(start, start + size, BLOCK):
        rim.ripas(base, min(base + BLOCK, start + size))
    load(rim, start, image.ljust(image_size(image), b"\0"), shape.measured)
    load(rim, shape.initrd, initrd, shape.measured)
    load(rim, shape.dtb[0], bytes(shape.dtb[1]), False)
    for number in range(shape.cpus):
        if number:
            rim.rec(0, 0, 0)
        else:
            rim.rec(RUNNABLE, start, shape.dtb[0])
    return rim.value


def load(rim, at, content, measured):
    for offset in range(0, len(content), PAGE):
        page = content[offset:offset + PAGE].ljust(PAGE, b"\0")
        rim.page(at + offset, page if measured else None)

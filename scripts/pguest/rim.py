# SPDX-License-Identifier: GPL-2.0-only
"""The initial measurement of a realm, worked out from the files that its host has loaded.

The steps are those of DEN0137 1.0-rel0 (B4.3.9.4 parameters, B4.3.18.4 RIPAS,
B4.3.1.4 data, B4.3.12.4 RECs; layouts: C1.11 to C1.13), and what later RMMs
leave out. It is written from that text and from tests/monitor/README.rst, and
not from the monitor's code: two readings that meet in the same bytes.
"""

import hashlib
import struct
from dataclasses import dataclass

PAGE = 4096
BLOCK = 2 << 20
ALGORITHMS = {"sha-256": (hashlib.sha256, 0), "sha-512": (hashlib.sha512, 1), "sha-384": (hashlib.sha384, 2)}

DATA, REC, RIPAS = range(3)
MEASURED = RUNNABLE = 1


@dataclass(frozen=True)
class Rmm:
    """What a generation of RMM measures besides data and RECs."""
    parameters: bool    # the realm's parameters start the RIM; without them it starts as zeros
    ripas: bool         # RMI_RTT_INIT_RIPAS is a step
    where: str


RMMS = {
    "1.0": Rmm(True, True, "DEN0137 1.0-rel0; TF-RMM up to v0.8.0"),
    "2.0": Rmm(True, False, "TF-RMM v0.9.0 and later, up to 9a7f8ef4 (2026-07-22)"),
    "2.0-bet3": Rmm(False, False, "DEN0137 2.0, beta; in no firmware that was seen"),
}


class Unfit(Exception):
    """Why a description of a machine is none, in one line."""


@dataclass(frozen=True)
class Shape:
    """The machine, as far as it is measured. Addresses and sizes in bytes."""
    ipa_bits: int
    ram: tuple              # (start, size) that is made RIPAS RAM
    initrd: int             # where it starts; of no meaning without one
    dtb: tuple
    measured: bool = True
    rmm: str = "1.0"
    image: tuple = None     # (start, size) that was loaded; None: from RAM's start, as long as its header says
    entry: int = None       # PC of the boot REC; None: where the Image starts
    ripas_step: int = BLOCK
    # as they stand in RmiRealmParams
    flags: int = 0
    sve_vl: int = 0
    num_bps: int = 0
    num_wps: int = 0
    pmu_num_ctrs: int = 0

    @classmethod
    def of_report(cls, report):
        """Of a host's report.json: Documentation/attestation.rst, "The machine's description"."""
        realm = Fields(report, "the report").part("realm")
        if realm.text("rmm", "1.0") not in RMMS:
            raise Unfit(f"realm.rmm is none of {', '.join(RMMS)}")
        span = {name: realm.part(name).span() for name in ("described", "initrd", "dtb")}
        more = {name: realm.number(name, 0, top) for name, top in PARAMETERS.items()}
        image = realm.part("image").span() if realm.has("image") else None
        return cls(realm.number("ipa_bits", top=64), span["described"], span["initrd"][0], span["dtb"],
                   bool(realm.number("measured", top=1)), realm.text("rmm", "1.0"), image,
                   realm.address("entry") if realm.has("entry") else None,
                   realm.number("ripas_step", BLOCK), **more)

    def __post_init__(self):
        image = [self.image[0]] if self.image else []
        if any(at % PAGE for at in (*self.ram, *image, self.initrd, self.dtb[0])):
            raise Unfit("something starts in the middle of a page")
        if self.ripas_step < PAGE or self.ripas_step & self.ripas_step - 1:
            raise Unfit("realm.ripas_step is no power of two from 4096 upwards")
        pages = self.dtb[1] + (self.image[1] if self.image else 0)
        if self.ram[1] // self.ripas_step > MAX_STEPS or pages // PAGE > MAX_STEPS:
            raise Unfit("more steps than any host takes")


PARAMETERS = {"flags": (1 << 64) - 1, "sve_vl": 0xff, "num_bps": 0xff, "num_wps": 0xff, "pmu_num_ctrs": 0xff}
MAX_STEPS = 1 << 20
MISSING = object()


class Fields:
    """An object of a report, with the type and range that each of its fields must have."""

    def __init__(self, fields, name):
        if not isinstance(fields, dict):
            raise Unfit(f"{name} is no object")
        self.fields, self.name = fields, name

    def has(self, key):
        return key in self.fields

    def path(self, key):
        return key if self.name == "the report" else f"{self.name}.{key}"

    def get(self, key, kind, default):
        value = self.fields.get(key, default)
        if value is MISSING:
            raise Unfit(f"{self.path(key)} is missing")
        if type(value) is not kind:
            raise Unfit(f"{self.path(key)} is no {NAMES[kind]}")
        return value

    def part(self, key):
        return Fields(self.get(key, dict, MISSING), self.path(key))

    def text(self, key, default=MISSING):
        return self.get(key, str, default)

    def number(self, key, default=MISSING, top=(1 << 52)):
        value = self.get(key, int, default)
        if not 0 <= value <= top:
            raise Unfit(f"{self.path(key)} is {value}, not 0 to {top}")
        return value

    def address(self, key):
        try:
            value = int(self.text(key), 16)
        except ValueError:
            raise Unfit(f"{self.path(key)} is no hexadecimal number") from None
        if not 0 <= value < 1 << 52:
            raise Unfit(f"{self.path(key)} is no address")
        return value

    def span(self):
        return self.address("start"), self.number("size")


NAMES = {dict: "object", str: "text", int: "number"}


class Rim:
    def __init__(self, algorithm, shape):
        self.new, number = ALGORITHMS[algorithm]
        parameters = struct.pack("<7Q", shape.flags, shape.ipa_bits, shape.sve_vl, shape.num_bps,
                                 shape.num_wps, shape.pmu_num_ctrs, number).ljust(PAGE, b"\0")
        if RMMS[shape.rmm].parameters:
            self.value = self.hash(parameters)
        else:
            self.value = bytes(self.new().digest_size)

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

    def runnable_rec(self, pc, x0):
        """The boot CPU's. A REC that is not runnable is no step, and no MPIDR is in any."""
        parameters = bytearray(PAGE)
        struct.pack_into("<Q", parameters, 0, RUNNABLE)
        struct.pack_into("<Q", parameters, 0x200, pc)
        struct.pack_into("<8Q", parameters, 0x300, x0, *[0] * 7)
        self.extend(REC, self.hash(bytes(parameters)))


def image_size(image):
    """What an arm64 Image takes in memory: more than the file, for the rest starts as zeros."""
    if image[0x38:0x3c] != b"ARM\x64":
        raise Unfit("not an arm64 Image")
    size = struct.unpack_from("<Q", image, 16)[0]
    if size // PAGE > MAX_STEPS:
        raise Unfit("the Image's header wants more memory than any host has for it")
    return size


def compute(algorithm, image, initrd, shape):
    """What a realm of that shape has as its RIM once those files are loaded."""
    start, size = shape.image or (shape.ram[0], image_size(image))
    if size < len(image):
        raise Unfit(f"only {size} of the Image's {len(image)} bytes were loaded")
    rim = Rim(algorithm, shape)
    if RMMS[shape.rmm].ripas:
        ripas(rim, *shape.ram, shape.ripas_step)
    load(rim, start, image.ljust(size, b"\0"), shape.measured)
    load(rim, shape.initrd, initrd, shape.measured)
    load(rim, shape.dtb[0], bytes(shape.dtb[1]), False)
    rim.runnable_rec(start if shape.entry is None else shape.entry, shape.dtb[0])
    return rim.value


def ripas(rim, start, size, step):
    for base in range(start, start + size, step):
        rim.ripas(base, min(base + step, start + size))


def load(rim, at, content, measured):
    for offset in range(0, len(content), PAGE):
        page = content[offset:offset + PAGE].ljust(PAGE, b"\0")
        rim.page(at + offset, page if measured else None)

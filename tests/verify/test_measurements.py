# SPDX-License-Identifier: GPL-2.0-only
"""Registers: the monitor's C against vectors, and against Python that was written from the text alone."""

import hashlib
import random
import struct
from dataclasses import replace

import pytest
import rim

NAMES = {"sha256": "sha-256", "sha384": "sha-384", "sha512": "sha-512"}

# rsi.md 12.3
VECTORS = [
    ("sha256", b"\x11" * 32, "8878b15a7d6a3a4f464e8f9f42591dbc0cf4bedea0ec309003d2b2ee53655ef8"),
    ("sha256", b"\x11" * 64, "105ac8f015a5694f8717482d0e09766b2919256b0fa79a98179daf94be39d212"),
    ("sha256", b"", "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"),
    ("sha384", b"\x11" * 48, "c7304e0aec48bbbc703c099b425485b7a60e19b6a83630b0fb558ce2f02ec41e"
                             "4cdf205335b4b613b3537ad83eb62262"),
    ("sha512", b"\x11" * 64, "9e79d4ba0dbf4caabcd559e34d620f90d3a13411edfd801996e66819260fdc0a"
                             "29182e7ffef267464c52933528f52172aefc5c4bede5a02ba383f85b2dbebe82"),
]


@pytest.mark.parametrize("name, value, want", VECTORS)
def test_vectors_of_an_extend(maketoken, name, value, want):
    assert maketoken("extend", name, "", value.hex()).hex() == want


@pytest.mark.parametrize("name", NAMES)
def test_extends_of_every_size(maketoken, name):
    """From a register that is not zero any more; nothing is padded."""
    register = bytes(hashlib.new(name).digest_size)
    for size in range(65):
        value = bytes(range(size))
        want = hashlib.new(name, register + value).digest()
        register = maketoken("extend", name, register.hex(), value.hex())
        assert register == want


SHAPE = rim.Shape(40, (0x42000000, 5 << 20), 0x42100000, (0x42300000, 0x3000), 3)


def make_image(size, in_memory, seed=1):
    image = bytearray(random.Random(seed).randbytes(size))
    struct.pack_into("<Q", image, 16, in_memory)
    image[0x38:0x3c] = b"ARM\x64"
    return bytes(image)


IMAGE = make_image(3 * 4096, 5 * 4096 + 8)
INITRD = random.Random(2).randbytes(2 * 4096 + 1)


def by_monitor(maketoken, tmp_path, name, image, initrd, shape):
    """The steps as the monitor takes them, spelled out; pages past the Image's file are zeros."""
    files = {"image": image.ljust(rim.image_size(image) + 4096, b"\0"), "initrd": initrd + bytes(4096)}
    for file, content in files.items():
        (tmp_path / file).write_bytes(content)
    start, size = shape.ram
    flags = 1 if shape.measured else 0
    words = ["create", shape.ipa_bits]
    for base in range(start, start + size, 2 << 20):
        words += ["ripas", base, min(base + (2 << 20), start + size)]
    for file, at, length in (("image", start, rim.image_size(image)), ("initrd", shape.initrd, len(initrd))):
        for offset in range(0, length, 4096):
            words += ["data", at + offset, flags, tmp_path / file, offset]
    for offset in range(0, shape.dtb[1], 4096):
        words += ["data", shape.dtb[0] + offset, 0, tmp_path / "image", 0]
    words += ["rec", 1, start, shape.dtb[0]]
    words += ["rec", 0, 0, 0] * (shape.cpus - 1)
    return maketoken("rim", name, *words)


@pytest.mark.parametrize("shape", [SHAPE, replace(SHAPE, measured=False), replace(SHAPE, cpus=1, ipa_bits=33)])
@pytest.mark.parametrize("name", NAMES)
def test_two_readings_of_the_initial_measurement(maketoken, tmp_path, name, shape):
    assert by_monitor(maketoken, tmp_path, name, IMAGE, INITRD, shape) == \
        rim.compute(NAMES[name], IMAGE, INITRD, shape)


def computed(image=IMAGE, initrd=INITRD, **shape):
    return rim.compute("sha-256", image, initrd, replace(SHAPE, **shape))


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def test_the_initial_measurement_is_of_all_that_it_should_be():
    different = {
        "as it is": computed(),
        "image": computed(image=flipped(IMAGE, 5000)),
        "image, last byte": computed(image=flipped(IMAGE, len(IMAGE) - 1)),
        "image, size": computed(image=make_image(3 * 4096, 6 * 4096 + 8)),
        "initrd": computed(initrd=flipped(INITRD, 0)),
        "initrd, last byte": computed(initrd=flipped(INITRD, len(INITRD) - 1)),
        "initrd, longer": computed(initrd=INITRD + bytes(4096)),
        "initrd, none": computed(initrd=b""),
        "initrd, elsewhere": computed(initrd=INITRD, **{"dtb": (0x42304000, 0x3000)}),
        "RAM": computed(ram=(0x42000000, 6 << 20)),
        "CPUs": computed(cpus=4),
        "width": computed(ipa_bits=41),
        "tree, size": computed(dtb=(0x42300000, 0x4000)),
        "nothing measured": computed(measured=False),
    }
    assert len(set(different.values())) == len(different)


def test_what_is_loaded_unmeasured_does_not_count():
    assert computed(measured=False) == computed(measured=False, image=flipped(IMAGE, 5000))


def test_an_image_that_is_none():
    with pytest.raises(ValueError, match="not an arm64 Image"):
        rim.compute("sha-256", bytes(4096), b"", SHAPE)

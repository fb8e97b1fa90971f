# SPDX-License-Identifier: GPL-2.0-only
"""Registers: scripts/pguest/rim.py against the monitor's C, a reading of its own here, and public vectors."""

import ctypes
import hashlib
import random
import struct
from dataclasses import replace

import pytest

from pguest import rim

NAMES = {"sha256": "sha-256", "sha384": "sha-384", "sha512": "sha-512"}

# SHA-2 of a register of zeros and what extends it, by hand
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


SHAPE = rim.Shape(40, (0x42000000, 5 << 20), 0x42100000, (0x42300000, 0x3000))


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
    return maketoken("rim", name, *words)


@pytest.mark.parametrize("shape", [SHAPE, replace(SHAPE, measured=False), replace(SHAPE, ipa_bits=33)])
@pytest.mark.parametrize("name", NAMES)
def test_two_readings_of_the_initial_measurement(maketoken, tmp_path, name, shape):
    assert by_monitor(maketoken, tmp_path, name, IMAGE, INITRD, shape) == \
        rim.compute(NAMES[name], IMAGE, INITRD, shape)


# --- the structures of DEN0137, by name -----------------------------------------


def structure(size, **at):
    """A little-endian structure of so many bytes with fields (type, offset), zeros between them."""
    fields, end = [], 0
    for name, (kind, offset) in at.items():
        fields += [(f"before_{name}", ctypes.c_uint8 * (offset - end)), (name, kind)]
        end = offset + ctypes.sizeof(kind)
    fields.append(("after", ctypes.c_uint8 * (size - end)))
    return type("Structure", (ctypes.LittleEndianStructure,), {"_pack_": 1, "_fields_": fields})


U8, U64, HASH = ctypes.c_uint8, ctypes.c_uint64, ctypes.c_uint8 * 64
RealmParams = structure(0x1000, flags=(U64, 0), s2sz=(U8, 8), sve_vl=(U8, 0x10), num_bps=(U8, 0x18),
                        num_wps=(U8, 0x20), pmu_num_ctrs=(U8, 0x28), hash_algo=(U8, 0x30))
RecParams = structure(0x1000, flags=(U64, 0), pc=(U64, 0x200), gprs=(U64 * 8, 0x300))
DataStep = structure(0x100, desc_type=(U8, 0), len=(U64, 8), rim=(HASH, 0x10), ipa=(U64, 0x50), flags=(U64, 0x58),
                     content=(HASH, 0x60))
RecStep = structure(0x100, desc_type=(U8, 0), len=(U64, 8), rim=(HASH, 0x10), content=(HASH, 0x50))
RipasStep = structure(0x100, desc_type=(U8, 0), len=(U64, 8), rim=(HASH, 0x10), base=(U64, 0x50), top=(U64, 0x58))
HASH_ALGO = {"sha256": 0, "sha512": 1, "sha384": 2}


def wide(digest):
    return HASH(*digest.ljust(64, b"\0"))


def steps(name, shape, image, initrd):
    """What a host has the RMM measure after the realm's creation, one structure for each step."""
    def digest(data):
        return wide(hashlib.new(name, data).digest())

    if shape.rmm == "1.0":
        top = sum(shape.ram)
        for base in range(shape.ram[0], top, shape.ripas_step):
            yield RipasStep(desc_type=2, base=base, top=min(base + shape.ripas_step, top))
    at, size = shape.image or (shape.ram[0], struct.unpack_from("<Q", image, 16)[0])
    for start, content, size in ((at, image, size), (shape.initrd, initrd, len(initrd))):
        for offset in range(0, size, 4096):
            page = content[offset:offset + 4096].ljust(4096, b"\0")
            yield DataStep(ipa=start + offset, flags=1, content=digest(page)) if shape.measured else \
                DataStep(ipa=start + offset)
    for offset in range(0, shape.dtb[1], 4096):
        yield DataStep(ipa=shape.dtb[0] + offset)
    pc = at if shape.entry is None else shape.entry
    yield RecStep(desc_type=1, content=digest(RecParams(flags=1, pc=pc, gprs=(U64 * 8)(shape.dtb[0]))))


def read_again(name, shape, image=IMAGE, initrd=INITRD):
    """The initial measurement by the structures above."""
    parameters = hashlib.new(name, RealmParams(
        flags=shape.flags, s2sz=shape.ipa_bits, sve_vl=shape.sve_vl, num_bps=shape.num_bps,
        num_wps=shape.num_wps, pmu_num_ctrs=shape.pmu_num_ctrs, hash_algo=HASH_ALGO[name])).digest()
    value = bytes(len(parameters)) if shape.rmm == "2.0-bet3" else parameters
    for step in steps(name, shape, image, initrd):
        step.len, step.rim = 0x100, wide(value)
        value = hashlib.new(name, step).digest()
    return value


SHAPES = {
    "as it is": SHAPE,
    "unmeasured": replace(SHAPE, measured=False),
    "SVE, PMU, LPA2": replace(SHAPE, ipa_bits=52, flags=7, sve_vl=3, pmu_num_ctrs=6),
    "QEMU's": replace(SHAPE, ipa_bits=33, num_bps=15, num_wps=15),
    "pages": replace(SHAPE, ripas_step=4096, ram=(0x42000000, 2 << 20)),
    "image above RAM's start": replace(SHAPE, image=(0x42200000, 4 * 4096), entry=0x42200040),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("rmm", rim.RMMS)
@pytest.mark.parametrize("name", NAMES)
def test_each_generation_of_rmm(name, rmm, shape):
    shape = replace(shape, rmm=rmm)
    assert rim.compute(NAMES[name], IMAGE, INITRD, shape) == read_again(name, shape)


# veraison/cca-realm-measurements 08aaf5a, src/realm_config.rs: a realm of 48 bits with 2 breakpoints and watchpoints
# (each number less one is what the RMM is given), and nothing in it yet
EMPTY_REALM = {
    "sha-256": "6739dfb22b75ee1268d08dfa8369f501bc0b066243553f069f560d1fa1172973",
    "sha-512": "799e434048fb57eb9d4f0e2a2b98158720377252deab2bdfcd69b5a8f82237f4"
               "34bd6bb1c75bf160a2d49382f733b3439a3ff769e4ea5dd9a6f72239d44bbbab",
}


@pytest.mark.parametrize("name", EMPTY_REALM)
def test_public_vectors_of_a_realms_parameters(name):
    shape = rim.Shape(48, (0, 0), 0, (0, 0), num_bps=1, num_wps=1)
    assert rim.Rim(name, shape).value.hex() == EMPTY_REALM[name]


# What TF-RMM's own code (rim.c of each release, built for the host) makes of SHAPES["QEMU's"], its steps taken in
# the order above
BY_TF_RMM = [
    ("9a7f8ef4", "2.0", "sha-256", "a557a1fe181b98599de20d2beb07d88df514a21e4e6e31e419b42d3f5456323e"),
    ("9a7f8ef4", "2.0", "sha-384", "c142e534d3b6484cd6b63147a466b3d54c4322169568cc3af2f8e3bfeea6f50b"
                                   "193f7ea20b33c773efa63e7a7ed3b160"),
    ("9a7f8ef4", "2.0", "sha-512", "0c5acebf7340eec01085ea9210948ca6d2667d7e2f71fa9e7a66694868f2bf05"
                                   "ecf24f84495719a2d0894991ff9e89571e4832dc07160ead12df25415dd7ac7c"),
    ("v0.8.0", "1.0", "sha-256", "0551bd9150f2a11812bb8e1e65086c2c5b20f4f4fe94692d30a4cec7a026e2ea"),
    ("v0.8.0", "1.0", "sha-512", "74aac519dc76411eb90724f42e85fde46767b1a361581705c3a581b77f3ea10e"
                                 "0a87a6f598bf0acb592ffbe46b4c9f918b370ba33e68f76c68b6a2ba777e1dc2"),
]


@pytest.mark.parametrize("release, rmm, name, value", BY_TF_RMM)
def test_what_tf_rmm_makes_of_it(release, rmm, name, value):
    assert rim.compute(name, IMAGE, INITRD, replace(SHAPES["QEMU's"], rmm=rmm)).hex() == value


# --- what counts ------------------------------------------------------------------


def computed(image=IMAGE, image_span=None, initrd_at=SHAPE.initrd, **shape):
    """With another Image, or another shape; the spans have names of their own, as the files have theirs."""
    return rim.compute("sha-256", image, INITRD, replace(SHAPE, image=image_span, initrd=initrd_at, **shape))


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


PARAMETERS = {"ipa_bits": 41, "flags": 4, "sve_vl": 1, "num_bps": 5, "num_wps": 5, "pmu_num_ctrs": 5}


def in_turn(rmm):
    """The measurement with one thing changed at a time, by what it is."""
    def value(image=IMAGE, initrd=INITRD, **shape):
        return rim.compute("sha-256", image, initrd, replace(SHAPE, rmm=rmm, **shape))

    always = {
        "as it is": value(),
        "Image": value(flipped(IMAGE, 5000)),
        "Image, last byte": value(flipped(IMAGE, len(IMAGE) - 1)),
        "Image, size": value(make_image(3 * 4096, 6 * 4096 + 8)),
        "initrd": value(initrd=flipped(INITRD, 0)),
        "initrd, last byte": value(initrd=flipped(INITRD, len(INITRD) - 1)),
        "initrd, longer": value(initrd=INITRD + bytes(4096)),
        "initrd, none": value(initrd=b""),
        "fewer zeros behind the Image": computed(rmm=rmm, image_span=(0x42000000, 4 * 4096)),
        "Image, elsewhere": computed(rmm=rmm, image_span=(0x42200000, 6 * 4096)),
        "initrd, elsewhere": computed(rmm=rmm, initrd_at=0x42180000),
        "tree, elsewhere": value(dtb=(0x42304000, 0x3000)),
        "tree, size": value(dtb=(0x42300000, 0x4000)),
        "entry": value(entry=0x42000040),
        "nothing measured": value(measured=False),
    }
    return (always, {name: value(**{name: changed}) for name, changed in PARAMETERS.items()},
            {"RAM": value(ram=(0x42000000, 6 << 20)), "entries": value(ripas_step=4096)})


@pytest.mark.parametrize("rmm", rim.RMMS)
def test_the_initial_measurement_is_of_all_that_it_should_be(rmm):
    always, parameters, ram = in_turn(rmm)
    counts = dict(always)
    for changed, is_measured in ((parameters, rim.RMMS[rmm].parameters), (ram, rim.RMMS[rmm].ripas)):
        if is_measured:
            counts.update(changed)
        else:
            assert set(changed.values()) == {always["as it is"]}
    assert len(set(counts.values())) == len(counts)


def test_generations_of_rmm_differ():
    assert len({computed(rmm=rmm) for rmm in rim.RMMS}) == len(rim.RMMS)


def test_what_is_loaded_unmeasured_does_not_count():
    assert computed(measured=False) == computed(flipped(IMAGE, 5000), measured=False)


@pytest.mark.parametrize("change, why", [
    ({"image": bytes(4096)}, "not an arm64 Image"),
    ({"image": b""}, "not an arm64 Image"),
    ({"image": make_image(4096, 1 << 60)}, "more memory than any host has"),
    ({"image_span": (0x42000000, 2 * 4096)}, "only 8192 of the Image's 12288 bytes were loaded"),
    ({"ripas_step": 2048}, "no power of two"),
    ({"ripas_step": 3 << 20}, "no power of two"),
    ({"ram": (0x42000800, 2 << 20)}, "in the middle of a page"),
    ({"image_span": (0x42000800, 1 << 20)}, "in the middle of a page"),
    ({"initrd_at": 0x42100001}, "in the middle of a page"),
    ({"dtb": (0x42300008, 0x3000)}, "in the middle of a page"),
    ({"ram": (0, 1 << 52), "ripas_step": 4096}, "more steps than any host takes"),
    ({"dtb": (0, 1 << 40)}, "more steps than any host takes"),
    ({"image_span": (0, 1 << 40)}, "more steps than any host takes"),
])
def test_machines_that_cannot_be(change, why):
    with pytest.raises(rim.Unfit, match=why):
        computed(**change)


# --- the machine's description ------------------------------------------------------


def report(**more):
    """Of SHAPE, as the monitor writes it; what else there is in one does not matter."""
    return {"exit": "off", "cpus": 3, "realm": {
        "ipa_bits": 40, "hash": "sha256", "measured": 1, "rim": "00",
        "described": {"start": "0x42000000", "size": 5 << 20},
        "image": {"start": "0x42000000", "size": rim.image_size(IMAGE)},
        "initrd": {"start": "0x42100000", "size": len(INITRD)},
        "dtb": {"start": "0x42300000", "size": 0x3000}, **more}}


def of(**more):
    return rim.compute("sha-256", IMAGE, INITRD, rim.Shape.of_report(report(**more)))


COUNTERS = {"rmm": "2.0", "num_bps": 15, "num_wps": 14, "flags": 4, "pmu_num_ctrs": 6, "sve_vl": 2,
            "ripas_step": 4096}


def test_a_report_is_read():
    assert of() == computed()
    assert of(**COUNTERS, entry="0x42000040", measured=0) == \
        computed(**COUNTERS, entry=0x42000040, measured=False)
    assert of(image={"start": "0x42200000", "size": 1 << 16}) == computed(image_span=(0x42200000, 1 << 16))


def test_a_report_without_an_image_has_it_where_ram_starts():
    given = report()
    del given["realm"]["image"]
    assert rim.compute("sha-256", IMAGE, INITRD, rim.Shape.of_report(given)) == computed()


@pytest.mark.parametrize("key", ["ipa_bits", "measured", "described", "initrd", "dtb"])
def test_a_report_that_lacks_something(key):
    given = report()
    del given["realm"][key]
    with pytest.raises(rim.Unfit, match=f"^realm.{key} is missing$"):
        rim.Shape.of_report(given)


@pytest.mark.parametrize("more, why", [
    ({"rmm": "3.0"}, "realm.rmm is none of 1.0, 2.0, 2.0-bet3"),
    ({"rmm": 2.0}, "realm.rmm is no text"),
    ({"ipa_bits": "40"}, "realm.ipa_bits is no number"),
    ({"ipa_bits": True}, "realm.ipa_bits is no number"),
    ({"ipa_bits": 65}, "realm.ipa_bits is 65, not 0 to 64"),
    ({"num_bps": -1}, "realm.num_bps is -1, not 0 to 255"),
    ({"flags": 1 << 64}, "realm.flags is"),
    ({"dtb": []}, "realm.dtb is no object"),
    ({"dtb": {"start": 0x42300000, "size": 1}}, "realm.dtb.start is no text"),
    ({"dtb": {"start": "tree", "size": 1}}, "realm.dtb.start is no hexadecimal number"),
    ({"dtb": {"start": "-1", "size": 1}}, "realm.dtb.start is no address"),
    ({"dtb": {"start": "0x0"}}, "realm.dtb.size is missing"),
    ({"dtb": {"start": "0x0", "size": "1"}}, "realm.dtb.size is no number"),
    ({"entry": 1}, "realm.entry is no text"),
])
def test_reports_that_make_no_sense(more, why):
    with pytest.raises(rim.Unfit, match=f"^{why}"):
        rim.Shape.of_report(report(**more))


@pytest.mark.parametrize("given", [None, [], "realm", {}, {"realm": None}, {"realm": []}])
def test_reports_that_are_none(given):
    with pytest.raises(rim.Unfit, match="is no object|is missing"):
        rim.Shape.of_report(given)

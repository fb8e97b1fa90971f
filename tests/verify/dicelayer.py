# SPDX-License-Identifier: GPL-2.0-only
"""The layer's own C for DICE, built for this machine (tests/dice) and called by ctypes."""

import ctypes

from pguest import dice, paths, shell

BUILT = paths.BUILD / "dice"
CHALLENGE = bytes(range(64))
DICE_ENTRY_MAX = 768
# Of a handover with a chain, whose key is the byte before
CHAIN_AT = 72


class Piece(ctypes.Structure):
    _fields_ = [("data", ctypes.c_char_p), ("len", ctypes.c_size_t)]


class Key(ctypes.Structure):
    _fields_ = [("scalar", ctypes.c_ubyte * 32), ("prefix", ctypes.c_ubyte * 32), ("public", ctypes.c_ubyte * 32)]


class Out(ctypes.Structure):
    _fields_ = [("at", ctypes.c_void_p), ("end", ctypes.c_void_p), ("full", ctypes.c_bool)]


class Parsed(ctypes.Structure):
    _fields_ = [("cdi_attest", ctypes.c_void_p), ("cdi_seal", ctypes.c_void_p), ("chain", Piece), ("elements", Piece),
                ("nr", ctypes.c_uint64), ("profile", Piece), ("leaf", ctypes.c_void_p), ("mode", ctypes.c_ubyte),
                ("size", ctypes.c_size_t), ("why", ctypes.c_char_p)]


class NextLayer(ctypes.Structure):
    _fields_ = [("code", ctypes.c_char_p), ("config", ctypes.c_char_p), ("authority", ctypes.c_char_p),
                ("hidden", ctypes.c_char_p), ("mode", ctypes.c_ubyte)]


def make(target):
    shell.run(["make", "-C", paths.ROOT / "tests" / "dice", f"O={BUILT}", BUILT / target], "dice.log",
              f"building tests/dice: {target}")
    return BUILT / target


def new_key(layer, seed):
    key = Key()
    assert layer.ed25519_key_init(ctypes.byref(key), seed) == 0
    return key


def key_of_cdi(layer, cdi):
    key = Key()
    assert layer.dice_key(ctypes.byref(key), cdi) == 0
    return key


def written(size, function, *args):
    """What a function of the layer writes into a buffer of that size, or its error."""
    buffer = ctypes.create_string_buffer(size)
    start = ctypes.addressof(buffer)
    out = Out(start, start + size, False)
    error = function(ctypes.byref(out), *args)
    return error or buffer.raw[:out.at - start]


def report_of(layer, key, challenge=CHALLENGE, region=2):
    return written(256, layer.dice_report, ctypes.byref(key), challenge, region)


def parse(layer, data):
    parsed = Parsed()
    parsed.data = data          # what it points into
    return layer.dice_parse(ctypes.byref(parsed), data, len(data)), parsed


def new_handover(mode=dice.NORMAL, profile="android.16", root=None, layers=2, **changes):
    handover = dice.begin(b"u" * 32, root)
    for number in range(layers - 1):
        handover = dice.add(handover, dice.Layer(name=f"firmware {number}", code=b"f" * 64, profile=profile))
    return dice.add(handover, dice.Layer(code=b"c" * 64, authority=b"a" * 64, mode=mode, profile=profile,
                                         hidden=b"h" * 64, **changes))

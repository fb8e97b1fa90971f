# SPDX-License-Identifier: GPL-2.0-only
"""CBOR of which there is one reading: cbor2 decodes it, and this refuses the rest first.

One item and nothing behind it; definite lengths; every head in its shortest
form; keys that are numbers or texts and come once; no floats, no tags but one
at the very top; nothing deep or huge. Two decoders cannot disagree on that,
so that what was signed and what is read are the same.
"""

import cbor2

MAX_BYTES = 1 << 20
MAX_DEPTH = 8
MAX_ITEMS = 4096
TAGS = (18, 399, 907)       # a token's; of some others cbor2 makes something else

UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE = range(8)
FALSE, TRUE, NULL = 20, 21, 22


class Malformed(Exception):
    """What is wrong with the bytes, and where."""


def decode(data):
    """(tag or None, value) of one item."""
    if len(data) > MAX_BYTES:
        raise Malformed(f"{len(data)} bytes are too many")
    end = Scan(data).item(0, 0)
    if end != len(data):
        raise Malformed(f"{len(data) - end} bytes behind the end, at {end}")
    try:
        value = cbor2.loads(data)
    except (cbor2.CBORDecodeError, ValueError) as error:
        raise Malformed(str(error)) from error
    return (value.tag, value.value) if isinstance(value, cbor2.CBORTag) else (None, value)


class Scan:
    """One walk over the heads of an item."""

    def __init__(self, data):
        self.data = data
        self.items = 0

    def item(self, at, depth):
        """Where the item at `at` ends."""
        self.items += 1
        if depth > MAX_DEPTH or self.items > MAX_ITEMS:
            raise Malformed(f"too deep or too many items, at {at}")
        major, value, then = self.head(at)
        if major in (BYTES, TEXT):
            return self.skip(then, value)
        if major == ARRAY:
            return self.array(then, value, depth)
        if major == MAP:
            return self.map(then, value, depth)
        if major == TAG:
            if depth or value not in TAGS:
                raise Malformed(f"tag {value}, at {at}")
            return self.item(then, depth + 1)
        if major == SIMPLE and value not in (FALSE, TRUE, NULL):
            raise Malformed(f"a float or a simple value, at {at}")
        return then

    def head(self, at):
        """(major type, value, where what follows starts)"""
        first = self.byte(at)
        major, info = first >> 5, first & 31
        if info < 24:
            return major, info, at + 1
        if info > 27:
            raise Malformed(f"an indefinite or reserved length, at {at}")
        size = 1 << info - 24
        value = int.from_bytes(self.data[at + 1:self.skip(at + 1, size)], "big")
        if major == SIMPLE:
            raise Malformed(f"a float or a simple value, at {at}")
        if value < (24 if size == 1 else 1 << 4 * size):
            raise Malformed(f"a number that is not in its shortest form, at {at}")
        return major, value, at + 1 + size

    def byte(self, at):
        self.skip(at, 1)
        return self.data[at]

    def skip(self, at, size):
        if at + size > len(self.data):
            raise Malformed(f"cut off: {at + size - len(self.data)} bytes are missing")
        return at + size

    def array(self, at, count, depth):
        for _ in range(count):
            at = self.item(at, depth + 1)
        return at

    def map(self, at, pairs, depth):
        seen = set()
        for _ in range(pairs):
            end = self.key(at, depth)
            if self.data[at:end] in seen:
                raise Malformed(f"a key that comes twice, at {at}")
            seen.add(self.data[at:end])
            at = self.item(end, depth + 1)
        return at

    def key(self, at, depth):
        if self.byte(at) >> 5 not in (UNSIGNED, NEGATIVE, TEXT):
            raise Malformed(f"a key that is no number and no text, at {at}")
        return self.item(at, depth + 1)

# SPDX-License-Identifier: GPL-2.0-only
"""What REM 3 of a realm is when it has measured its device tree and its command line.

Documentation/attestation.rst, "The device tree and the command line". This is
written from that page and shares nothing with the kernel's code.
"""

import hashlib
import struct

REGISTER = 3
TREE, COMMAND_LINE = b"pguest.tree.1", b"pguest.cmdline.1"

MAGIC = 0xd00dfeed
BEGIN_NODE, END_NODE, PROP, NOP, END = 1, 2, 3, 4, 9
CHOSEN = ["", "chosen"]
SEEDS = ("kaslr-seed", "rng-seed")


def register_of(algorithm, tree, command_line=None):
    """REM 3 by the name of the realm's hash; the command line is the tree's own, if none is given."""
    line = bootargs(tree) if command_line is None else command_line.encode()
    value = bytes(hashlib.new(algorithm).digest_size)
    for digest in (record(TREE, canonical(tree)), record(COMMAND_LINE, line)):
        value = hashlib.new(algorithm, value + digest).digest()
    return value


def record(label, data):
    return hashlib.sha256(label.ljust(16, b"\0") + data).digest()


def canonical(tree):
    """What the tree says, without how it is laid out and without the random numbers of /chosen."""
    data = b""
    for token, path, name, value in items(tree):
        if token == PROP and path == CHOSEN and name in SEEDS:
            continue
        data += word(token)
        if token in (BEGIN_NODE, PROP):
            data += name.encode("latin-1") + b"\0"
        if token == PROP:
            data += word(len(value)) + value
    return data + reservations(tree)


def word(value):
    return struct.pack(">I", value)


def reservations(tree):
    """As they stand there, without the pair of zeros that ends them."""
    start = at = struct.unpack_from(">I", tree, 16)[0]
    while struct.unpack_from(">QQ", tree, at)[1]:
        at += 16
    return tree[start:at]


def bootargs(tree):
    for token, path, name, value in items(tree):
        if token == PROP and path == CHOSEN and name == "bootargs":
            return value.rstrip(b"\0")
    return b""


def total_size(tree):
    if len(tree) < 40 or struct.unpack_from(">I", tree)[0] != MAGIC:
        raise ValueError("this is no flattened device tree")
    size = struct.unpack_from(">I", tree, 4)[0]
    if not 40 <= size <= len(tree):
        raise ValueError(f"a device tree of {size} bytes in {len(tree)}")
    return size


def items(tree):
    """(token, path, name, value) of nodes and properties, in order."""
    total_size(tree)
    at, strings = struct.unpack_from(">II", tree, 8)
    path = []
    while True:
        token, = struct.unpack_from(">I", tree, at)
        at += 4
        name, value = "", b""
        if token == BEGIN_NODE:
            name = text(tree, at)
            path.append(name)
            at += len(name) + 1
        elif token == PROP:
            length, offset = struct.unpack_from(">II", tree, at)
            name, value = text(tree, strings + offset), bytes(tree[at + 8:at + 8 + length])
            if len(value) < length:
                raise ValueError("a property that does not end")
            at += 8 + length
        elif token not in (END_NODE, NOP, END):
            raise ValueError(f"a device tree with a token {token}")
        if token != NOP:
            yield token, path, name, value
        if token == END_NODE:
            path.pop()
        if token == END:
            return
        at += -at % 4


def text(tree, at):
    return bytes(tree[at:tree.index(b"\0", at)]).decode("latin-1")

# SPDX-License-Identifier: GPL-2.0-only
"""REM 3 of a device tree and a command line, and scripts/verify-report --dtb.

The tree here is one that dtc has made; the digest of it is in tests/kunit/measure_kunit.c, too, where the kernel
comes to the same.
"""

import hashlib

import pytest
from test_program import CHALLENGED, KEY
from reports import CHALLENGE, REGISTERS, RPV

from pguest import description

# / { chosen { bootargs = "quiet"; kaslr-seed = <1 2>; rng-seed = [01 02 03 04 05]; linux,initrd-start = <7>; }; };
TREE = bytes.fromhex("""
d00dfeed000000d400000038000000a4000000280000001100000010000000000000 00300000006c00000000000000000000000000000000
000000010000000000000001 63686f73656e0000 0000000300000006 00000000 7175696574000000 0000000300000008 00000009
0000000100000002 0000000300000005 00000014 0102030405000000 0000000300000004 0000001d 00000007 00000002 00000002
00000009 626f6f746172677300 6b61736c722d7365656400 726e672d7365656400 6c696e75782c696e697472642d737461727400""")

LINE = "quiet console=a"
TREE_DIGEST = "79548d726d6cd00d647310cd490197f86fe0038a8203ac5f89f07b1654a3d8d1"
LINE_DIGEST = "1371cd283b21c0ed5355b02ad4c6a6efd9dbe736aab2436f4d367861f8ce4796"
KASLR, RNG = TREE.index(b"\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03"), TREE.index(b"\x01\x02\x03\x04\x05")


@pytest.fixture
def file(tmp_path):
    def make(data):
        (tmp_path / "tree.dtb").write_bytes(data)
        return tmp_path / "tree.dtb"

    return make


def changed(at, data):
    return TREE[:at] + data + TREE[at + len(data):]


def digest(tree):
    return description.record(description.TREE, description.canonical(tree)).hex()


def test_digests():
    assert digest(TREE) == TREE_DIGEST
    assert description.record(description.COMMAND_LINE, LINE.encode()).hex() == LINE_DIGEST
    assert description.bootargs(TREE) == b"quiet"


@pytest.mark.parametrize("name", ["sha256", "sha384", "sha512"])
def test_the_register(name):
    """Extended twice, from zeros."""
    value = bytes(hashlib.new(name).digest_size)
    for added in (TREE_DIGEST, LINE_DIGEST):
        value = hashlib.new(name, value + bytes.fromhex(added)).digest()
    assert description.register_of(name, TREE, LINE) == value
    assert description.register_of(name, TREE) == description.register_of(name, TREE, "quiet") != value


def test_the_two_seeds_do_not_count():
    assert digest(changed(KASLR, b"\xff" * 8)) == digest(changed(RNG, b"\xff" * 5)) == TREE_DIGEST


def test_layout_does_not_count():
    """What is behind a value or the tree, and FDT_NOP in place of a seed."""
    assert digest(changed(RNG + 5, b"\xff" * 3)) == digest(TREE + b"more") == TREE_DIGEST
    assert digest(changed(RNG - 12, description.word(description.NOP) * 5)) == TREE_DIGEST


def test_all_else_counts():
    """Bytes whose change is not seen: both seeds, and 9 of padding."""
    same = 0
    for at in range(56, len(TREE)):
        try:
            same += digest(changed(at, bytes([TREE[at] ^ 1]))) == TREE_DIGEST
        except (ValueError, IndexError, description.struct.error):
            pass
    assert same == 8 + 5 + 9


def test_reservations_count():
    """At the end, where there is room for one."""
    moved = TREE + bytes(4 + 16)
    moved = moved[:4] + len(moved).to_bytes(4, "big") + moved[8:16] + (216).to_bytes(4, "big") + moved[20:]
    assert digest(moved) == TREE_DIGEST
    more = moved[:216] + (1 << 32).to_bytes(8, "big") + (4096).to_bytes(8, "big") + bytes(16)
    more = more[:4] + len(more).to_bytes(4, "big") + more[8:]
    assert digest(more) != TREE_DIGEST


def token_with(maketoken, register):
    registers = [value[:32].hex() for value in REGISTERS]
    registers[description.REGISTER] = register.hex()
    return maketoken("token", "sha256", 907, 0, 0, CHALLENGE.hex(), RPV.hex(), *registers)


def test_a_report_of_that_tree(verify, maketoken, file):
    token = token_with(maketoken, description.register_of("sha256", TREE, LINE))
    done = verify(*CHALLENGED, "--dtb", file(TREE), "--cmdline", LINE, token=token)
    assert done.returncode == 0, done.stderr
    assert f"REM {description.REGISTER}" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("tree, words", [
    pytest.param(TREE, ["--cmdline", f"{LINE} init=/bin/sh"], id="more-words"),
    pytest.param(TREE, [], id="the-trees-words"),
    pytest.param(TREE.replace(b"quiet", b"Quiet"), ["--cmdline", LINE], id="another-tree")])
def test_a_report_of_another(verify, maketoken, file, tree, words):
    token = token_with(maketoken, description.register_of("sha256", TREE, LINE))
    done = verify(*CHALLENGED, "--dtb", file(tree), *words, token=token)
    assert done.returncode == 1
    assert f"refused: REM {description.REGISTER}: is" in done.stderr


@pytest.mark.parametrize("data", [b"", b"\0" * 40, TREE[:39], TREE[:-1], TREE[:160], changed(4, b"\0\0\0\x20"),
                                  changed(56, b"\7"), changed(8, b"\xff\xff\xff\xff")],
                         ids=["empty", "zeros", "short", "cut", "half", "small", "token", "offset"])
def test_what_is_no_tree(verify, file, data):
    done = verify(*KEY, "--dtb", file(data))
    assert done.returncode == 1
    assert done.stderr.startswith("pguest: cannot work out REM 3: ") and done.stderr.count("\n") == 1


def test_words_that_do_not_go_together(verify, file):
    assert verify(*KEY, "--cmdline", LINE).returncode == 2
    assert verify(*KEY, "--dtb", file(TREE), "--rem", "3=00").returncode == 2

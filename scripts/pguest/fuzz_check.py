# SPDX-License-Identifier: GPL-2.0-only
"""A second opinion on device trees: what would Linux do with this one, and is that safe?

Written from the flattened format (Devicetree Specification 0.4, chapter 5) and from what
Linux reads, and not from arch/arm64/mm/check_devicetree.c, which it judges. It has a parser of its own.
"""

import struct
import subprocess
from collections import Counter

BEGIN_NODE, END_NODE, PROP, NOP = 1, 2, 3, 4
TEXTS = {"compatible", "device_type", "status", "method", "enable-method", "model"}
CHOSEN = {"linux,initrd-start", "linux,initrd-end", "linux,stdout-path", "linux,elfcorehdr",
          "linux,usable-memory-range", "linux,pci-probe-only", "linux,booted-from-kexec",
          "linux,uefi-system-table", "linux,uefi-mmap-start", "linux,uefi-mmap-size",
          "linux,uefi-mmap-desc-size", "linux,uefi-mmap-desc-ver", "linux,uefi-secure-boot"}
POOL_FLAGS = {"no-map", "reusable", "linux,cma-default", "linux,dma-default"}
MOST_RAM, MOST_REGIONS, MOST_DYNAMIC, MOST_MEMRESERVE, MOST_POOLS = 64, 64, 16, 32, 16
MOST_NODES, MOST_DEPTH, MOST_REGS = 4096, 32, 8
SMALLEST_POOL = 256 << 10
LARGEST_HANDOVER = 1 << 20
LAST = (1 << 64) - 1


class Broken(Exception):
    """No tree that can be read."""


class Node:
    __slots__ = ("name", "props", "children")

    def __init__(self, name):
        self.name, self.props, self.children = name, {}, []

    def child(self, name):
        for child in self.children:
            if child.name == name or child.name.startswith(name + b"@"):
                return child
        return None


def parse(blob):
    """The root node, and the reservation block."""
    (magic, total, at_struct, at_strings, at_rsv, version, _, _, size_strings,
     size_struct) = struct.unpack_from(">10I", blob)
    if magic != 0xd00dfeed or total != len(blob) or version < 17 or at_rsv % 8 or at_struct % 4:
        raise Broken("header")
    reservations = parse_reservations(blob, at_rsv)
    if not 40 <= at_rsv <= at_rsv + 16 * reservations + 16 <= at_struct <= at_struct + size_struct <= at_strings:
        raise Broken("order")
    return parse_structure(blob, at_struct, at_struct + size_struct, at_strings, at_strings + size_strings), \
        reservations


def parse_reservations(blob, at):
    entries = 0
    while True:
        if at + 16 > len(blob):
            raise Broken("reservations")
        if not struct.unpack_from(">Q", blob, at + 8)[0]:
            return entries
        entries += 1
        at += 16


def parse_structure(blob, at, end, strings, strings_end):
    word = struct.Struct(">I").unpack_from
    header = struct.Struct(">II").unpack_from
    names = {}
    root, path, nodes = None, [], 0
    while True:
        if at + 4 > end:
            raise Broken("structure")
        tag, = word(blob, at)
        at += 4
        if tag == PROP:
            if at + 8 > end or not path:
                raise Broken("property")
            size, offset = header(blob, at)
            at += 8
            if at + size > end:
                raise Broken("value")
            name = names.get(offset)
            if name is None:
                stop = blob.find(b"\0", strings + offset, strings_end)
                if stop < 0 or strings + offset >= strings_end:
                    raise Broken("name")
                name = names[offset] = blob[strings + offset:stop].decode("latin-1")
            value = blob[at:at + size]
            if name in TEXTS and (not value or value[-1]):
                raise Broken("text")
            path[-1].props.setdefault(name, value)
            at += size + 3 & ~3
        elif tag == BEGIN_NODE:
            stop = blob.find(b"\0", at, end)
            if stop < 0:
                raise Broken("node name")
            node = Node(blob[at:stop])
            nodes += 1
            if (node.name == b"") != (not path) or nodes > MOST_NODES or len(path) > MOST_DEPTH:
                raise Broken("nodes")
            if path:
                path[-1].children.append(node)
            else:
                root = node
            path.append(node)
            at = stop + 4 & ~3
        elif tag == END_NODE:
            if not path:
                raise Broken("end")
            path.pop()
            if not path:
                return root
        elif tag != NOP:
            raise Broken("tag")


def number(value):
    return int.from_bytes(value, "big")


def word_of(node, name):
    value = node.props.get(name)
    return number(value) if value is not None and len(value) in (4, 8) else None


def is_available(node):
    status = node.props.get("status")
    return status is None or status.split(b"\0")[0] in (b"ok", b"okay")


def is_compatible(node, wanted):
    return wanted in node.props.get("compatible", b"").lower().split(b"\0")[:-1]


def pages_of(start, end, page):
    return start // page * page, min(-(-end // page) * page, LAST)


def overlap(a, b):
    return a[0] < b[1] and b[0] < a[1]


def inside(ranges, one):
    return any(start <= one[0] and one[1] <= end for start, end in ranges)


def union(ranges):
    merged = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return [tuple(each) for each in merged]


class Judge:
    """The problems of one tree. `ram` is what the kernel uses instead of what the tree lists, if it does."""

    def __init__(self, facts, blob, ram=None):
        self.image, self.tree, self.end, self.page = facts
        self.problems = []
        try:
            self.root, self.reservations = parse(blob)
            self.read(ram)
        except Broken as why:
            self.problems = [f"broken: {why}"]

    def say(self, what):
        self.problems.append(what)

    def entries(self, value):
        """(start, end) of each entry; sizes that go over the last address end there."""
        cells = self.cells
        each = 4 * sum(cells)
        for at in range(0, len(value) - each + 1, each):
            start = number(value[at:at + 4 * cells[0]])
            size = number(value[at + 4 * cells[0]:at + each])
            yield start, min(start + size, LAST)

    def read(self, ram):
        self.cells = [number(self.root.props.get(name, b"")) if len(self.root.props.get(name, b"")) == 4 else 0
                      for name in ("#address-cells", "#size-cells")]
        if not set(self.cells) <= {1, 2}:
            raise Broken("cells")
        if self.reservations > MOST_MEMRESERVE:
            self.say("reservations")
        self.chosen = self.root.child(b"chosen")
        self.read_words()
        self.efi = self.read_efi()
        self.read_ram(ram)
        self.uses = [("image", self.image), ("tree", self.tree)]
        if self.tree[1] > self.end or overlap(self.image, self.tree):
            self.say("tree")
        for name, use in self.uses:
            if not self.in_ram(use):
                self.say(f"{name} is not in RAM")
        if self.chosen:
            self.read_initrd()
            self.read_corehdr()
        self.read_reserved()
        self.compare_uses()

    def in_ram(self, one):
        return self.efi or inside(self.usable, one)

    def read_words(self):
        for node in self.root.children:
            if node.name.split(b"@")[0] == b"chosen":
                for name in node.props:
                    if name.startswith("linux,") and name not in CHOSEN:
                        self.say(name)
            if node.name.split(b"@")[0] == b"hypervisor" and \
                    (is_compatible(node, b"xen,xen") or node.child(b"uefi")):
                self.say("Xen")

    def read_efi(self):
        if not self.chosen or "linux,uefi-system-table" not in self.chosen.props:
            return False
        table, start, size, each = (word_of(self.chosen, f"linux,uefi-{word}") for word in
                                    ("system-table", "mmap-start", "mmap-size", "mmap-desc-size"))
        good = None not in (table, start, size, each) and 40 <= each <= 512 and 0 < size <= 512 << 10 and \
            not size % each and 0 < table < self.end and start + size <= self.end and \
            not overlap((start, start + size), self.image) and not self.image[0] <= table < self.image[1]
        if not good:
            self.say("EFI")
        return good

    def listed_ram(self):
        for node in self.root.children:
            if node.props.get("device_type", b"").split(b"\0")[0] != b"memory" or not is_available(node):
                continue
            value = node.props.get("linux,usable-memory", node.props.get("reg"))
            for start, end in self.entries(value or b""):
                if start < end:
                    yield start, end

    def read_ram(self, ram):
        page = self.page
        listed = list(self.listed_ram())
        trimmed = [(-(-start // page) * page, end // page * page) for start, end in listed]
        trimmed = union([each for each in trimmed if each[0] < each[1]])
        if ram is None:
            ram = trimmed
            if any(end > self.end for _, end in listed):
                self.say("RAM outside")
        elif not all(inside(trimmed, each) for each in ram):
            self.say("RAM that is not listed")
        if any(end > self.end or start % page or end % page for start, end in ram):
            self.say("RAM outside")
        if len(union(ram)) > MOST_RAM:
            self.say("ranges of RAM")
        self.usable = union(ram)
        if self.chosen and "linux,usable-memory-range" in self.chosen.props:
            self.cap_ram()

    def cap_ram(self):
        value = self.chosen.props["linux,usable-memory-range"]
        ranges = list(self.entries(value))
        if not ranges or len(ranges) > 2 or len(value) != len(ranges) * 4 * sum(self.cells) or \
                not all(start < end <= self.end and self.in_ram((start, end)) for start, end in ranges) or \
                not all(inside(union(ranges), use) for use in (self.image, self.tree)):
            self.say("usable range")
            return
        self.usable = union(ranges)

    def read_initrd(self):
        if not {"linux,initrd-start", "linux,initrd-end"} <= set(self.chosen.props):
            return
        start, end = word_of(self.chosen, "linux,initrd-start"), word_of(self.chosen, "linux,initrd-end")
        if start is None or end is None:
            self.say("initrd")
        elif start != end:
            if start > end or end > self.end or not self.in_ram(pages_of(start, end, self.page)):
                self.say("initrd")
            else:
                self.uses.append(("initrd", (start, end)))

    def read_corehdr(self):
        value = self.chosen.props.get("linux,elfcorehdr")
        if value is None:
            return
        if len(value) != 4 * sum(self.cells) or "linux,usable-memory-range" not in self.chosen.props:
            self.say("core header")
            return
        start, end = next(self.entries(value))
        if not start < end <= self.end or end - start > 1 << 20 or not self.in_ram((start, end)):
            self.say("core header")
        else:
            self.uses.append(("core header", (start, end)))

    def read_reserved(self):
        root = self.root.child(b"reserved-memory")
        self.regions = self.dynamic = self.nr_dynamic = self.pools = self.handovers = 0
        if not root or "ranges" not in root.props or any(
                root.props.get(name) != cells.to_bytes(4, "big")
                for name, cells in zip(("#address-cells", "#size-cells"), self.cells)):
            return
        for node in root.children:
            if is_available(node):
                self.read_region(node)
        if self.handovers > 1:
            self.say("handovers")
        if self.regions > MOST_REGIONS or self.nr_dynamic > MOST_DYNAMIC or self.pools > MOST_POOLS:
            self.say("too many regions")
        if not self.efi and self.dynamic > sum(end - start for start, end in self.usable) // 2:
            self.say("large regions")

    def read_region(self, node):
        pool = is_compatible(node, b"restricted-dma-pool")
        handover = is_compatible(node, b"google,open-dice")
        used = pool or handover or "reusable" in node.props
        if pool and POOL_FLAGS & set(node.props) and {"reg", "size"} & set(node.props):
            self.say("pool's flags")
        value = node.props.get("reg")
        if value is None:
            if "size" in node.props:
                self.read_dynamic(node, pool)
                if handover:
                    self.say("handover without an address")
            return
        ranges = list(self.entries(value))
        if not ranges or len(value) != len(ranges) * 4 * sum(self.cells) or len(ranges) > MOST_REGS or \
                (used and len(ranges) > 1):
            self.say("region's ranges")
            return
        self.pools += pool
        self.handovers += handover
        if handover and (pool or "reusable" in node.props or "no-map" not in node.props):
            self.say("handover's flags")
        for one in ranges:
            if one[0] == one[1] and not used:
                continue
            self.regions += 1
            if (pool or handover) and (one[0] % self.page or one[1] % self.page):
                self.say("pool's pages")
            if handover and one[1] - one[0] > LARGEST_HANDOVER:
                self.say("large handover")
            if used:
                one = pages_of(*one, self.page)
            if not one[0] < one[1] <= self.end:
                self.say("region outside")
            elif used and not self.in_ram(one):
                self.say("region is not in RAM")
            elif pool and one[1] - one[0] < SMALLEST_POOL:
                self.say("small pool")
            else:
                self.uses.append((node.name.decode("latin-1"), one))

    def read_dynamic(self, node, pool):
        size, align = node.props["size"], node.props.get("alignment")
        if len(size) != 4 * self.cells[1] or align is not None and len(align) != 4 * self.cells[0]:
            self.say("dynamic")
            return
        size, align = number(size), 1 if align is None else number(align)
        if not size or align & align - 1 or align > 1 << 30 or pool and size < SMALLEST_POOL:
            self.say("dynamic")
        self.dynamic += size
        self.nr_dynamic += 1

    def compare_uses(self):
        uses = sorted(self.uses, key=lambda use: use[1])
        farthest = None
        for name, one in uses:
            if farthest and one[0] < farthest[1][1]:
                self.say(f"{name} overlaps {farthest[0]}")
            if not farthest or one[1] > farthest[1][1]:
                farthest = name, one


RECORD = struct.Struct("<7Q8I")


def records(stream):
    while head := stream.read(RECORD.size):
        (case, image, image_end, tree, tree_end, end, page, stopped, size, changed, ram_refused, _,
         nr_ram, refused, _) = RECORD.unpack(head)
        flat = struct.unpack(f"<{2 * nr_ram}Q", stream.read(16 * nr_ram))
        before = stream.read(size)
        after = stream.read(size) if changed else before
        facts = (image, image_end), (tree, tree_end), end, page
        yield case, facts, stopped, refused, \
            list(zip(flat[::2], flat[1::2])) if ram_refused else None, before, after


def main(program, first, count):
    """Judge cases of `treefuzz run` and print the figures; 1 if the check let something through, or refused what is in order."""
    figures, reasons = Counter(), Counter()
    wrong = []
    with subprocess.Popen([program, "run", first, count], stdout=subprocess.PIPE, bufsize=1 << 20) as fuzz:
        for case, facts, stopped, refused, ram, before, after in records(fuzz.stdout):
            figures["cases"] += 1
            doubts = Judge(facts, before).problems
            reasons.update({doubt.split(" overlaps ")[-1] if " overlaps " in doubt else doubt for doubt in doubts})
            if stopped or refused:
                figures["stopped" if stopped else "changed"] += 1
                if not doubts:
                    wrong.append(f"case {case}: refused, but nothing is wrong with it")
            else:
                figures["accepted as it was"] += 1
            if not stopped:
                left = Judge(facts, after, ram).problems if refused else doubts
                if left:
                    wrong.append(f"case {case}: accepted with {', '.join(left)}")
    for line in wrong[:40]:
        print(line)
    if fuzz.returncode:
        wrong.append("the program failed")
    print(f"treefuzz: {figures['cases']} cases: {figures['accepted as it was']} accepted as they were, "
          f"{figures['changed']} with parts refused, {figures['stopped']} stopped; "
          f"{len(wrong)} that the check judges otherwise"
          + (f"; the program ended with {fuzz.returncode}" if fuzz.returncode else ""))
    print("what was wrong with them: "
          + ", ".join(f"{reason} {times}" for reason, times in reasons.most_common(30)))
    return 1 if wrong or figures["cases"] != int(count, 0) else 0

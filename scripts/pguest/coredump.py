# SPDX-License-Identifier: GPL-2.0-only
"""A dump of a kernel that crashed: an ELF core file, as /proc/vmcore is one."""

import re
import struct

PAGE = 4096
MIB = 1 << 20


class Dump:
    """An ELF core file of 64 bits: the memory of its PT_LOADs by physical address, and its notes."""

    def __init__(self, path, size):
        self.file, self.size = open(path, "rb"), size
        header = self.at(0, 64)
        assert header[:6] == b"\x7fELF\x02\x01" and struct.unpack_from("<HH", header, 16) == (4, 183)
        offset, = struct.unpack_from("<Q", header, 32)
        count, = struct.unpack_from("<H", header, 56)
        programs = [struct.unpack("<IIQQQQQQ", self.at(offset + 56 * i, 56)) for i in range(count)]
        self.loads = [(paddr, file, size) for kind, _, file, _, paddr, size, _, _ in programs if kind == 1]
        self.notes = b"".join(self.at(file, size) for kind, _, file, _, _, size, _, _ in programs if kind == 4)

    def at(self, offset, size):
        self.file.seek(offset)
        data = self.file.read(size)
        assert len(data) == size and offset + size <= self.size
        return data

    def memory(self, address, size):
        return next(self.at(file + address - start, size) for start, file, length in self.loads
                    if start <= address and address + size <= start + length)

    def has(self, address):
        return any(start <= address < start + length for start, _, length in self.loads)

    def holes(self, start, end, but):
        """MiB of that memory that are neither in the dump nor in one of the ranges `but`, nor right below one."""
        return [at for at in range(start, end, MIB) if not self.has(at) and
                not any(low - PAGE <= at < high for low, high in but)]

    def count(self, pattern):
        """Of pages that have nothing else in them."""
        full = pattern * (PAGE // len(pattern))
        return sum(self.at(file + at, PAGE) == full for start, file, size in self.ram()
                   for at in range(0, size, PAGE))

    def pieces(self):
        """All memory, range by range."""
        return (self.at(file, size) for _, file, size in self.ram())

    def ram(self):
        """Without the kernel's image, which has a load of its own and is in that of its RAM as well."""
        return [load for load in self.loads if not any(
            other != load and other[0] <= load[0] and load[0] + load[2] <= other[0] + other[2] for other in self.loads)]


def ranges(text):
    """Of /proc/iomem."""
    return [(int(start, 16), int(end, 16) + 1) for start, end in re.findall(r"([0-9a-f]+)-([0-9a-f]+)", text)]

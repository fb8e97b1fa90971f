# SPDX-License-Identifier: GPL-2.0-only
"""A lie in the device tree, as the lines that the monitor's option fdt_patch= reads.

    patch = Patch().node("/memory@42000000").append("reg", "half+ram", "0x1000000")
    new_machine(monitor={**patch.option(tmp_path)})

A value is a number or an expression of the monitor's symbols: see tests/monitor/README.rst.
"""

ROOT_CELLS = 2


class Patch:
    def __init__(self):
        self.lines = []

    def say(self, *words):
        self.lines.append(" ".join(f"{word:#x}" if isinstance(word, int) else word for word in words))
        return self

    def node(self, path):
        return self.say("node", path)

    def find(self, compatible):
        return self.say("find", compatible)

    def u32(self, name, *values):
        return self.say("u32", name, *values)

    def u64(self, name, *values):
        return self.say("u64", name, *values)

    def append(self, name, *values):
        return self.say("append", name, *values)

    def again(self, name, *values):
        return self.say("again", name, *values)

    def raw(self, name, data):
        return self.say("hex", name, data.hex())

    def text(self, name, text):
        return self.raw(name, text.encode() + b"\0")

    def empty(self, name):
        return self.raw(name, b"")

    def drop(self, name):
        return self.say("drop", name)

    def delete(self):
        return self.say("delete")

    def reserve(self, start, size):
        return self.say("reserve", start, size)

    def byte(self, offset, value):
        return self.say("byte", offset, value)

    def more_memory(self, start, size):
        """A second range of RAM."""
        return self.node("/memory@42000000").append("reg", start, size)

    def reserved(self, name, start=None, size=0, compatible=None, phandle=None, flags=()):
        """A node of /reserved-memory."""
        self.node("/reserved-memory").u32("#address-cells", ROOT_CELLS).u32("#size-cells", ROOT_CELLS)
        self.empty("ranges").node(f"/reserved-memory/{name}")
        if start is None:
            self.u64("size", size)
        else:
            self.u64("reg", start, size)
        if compatible:
            self.text("compatible", compatible)
        if phandle:
            self.u32("phandle", phandle)
        for flag in flags:
            self.empty(flag)
        return self

    def pool(self, start, size, phandle=0x5001, name="pool@1"):
        """A restricted-dma-pool where the host wants it, for all that is behind PCI."""
        self.reserved(name, start, size, "restricted-dma-pool", phandle)
        return self.find("pci-host-ecam-generic").u32("memory-region", phandle)

    def option(self, directory):
        file = directory / "fdt.patch"
        file.write_text("".join(f"{line}\n" for line in self.lines))
        return {"fdt_patch": file}

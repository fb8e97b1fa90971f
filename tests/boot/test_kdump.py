# SPDX-License-Identifier: GPL-2.0-only
"""A kernel crashes, and a crash kernel saves what it knew: all of it, from where it is.

The dump is on the second disk. What the host could see when is the monitor's account.
"""

import re
import struct

import pytest
from test_kexec import put

from pguest import paths
from pguest.machine import GUEST_BASE, SECRET, make_disk

MIB = 1 << 20
RAM_MIB = 256
CRASH_MIB = 96
PATTERN = struct.pack("<Q", int(SECRET, 16))
PAGE = 4096


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

    def count(self, pattern):
        """Of pages that have nothing else in them."""
        full = pattern * (PAGE // len(pattern))
        return sum(self.at(file + at, PAGE) == full for start, file, size in self.ram()
                   for at in range(0, size, PAGE))

    def ram(self):
        """Without the kernel's image, which has a load of its own and is in that of its RAM as well."""
        return [load for load in self.loads if not any(
            other != load and other[0] <= load[0] and load[0] + load[2] <= other[0] + other[2] for other in self.loads)]


def ranges(text):
    """Of /proc/iomem."""
    return [(int(start, 16), int(end, 16) + 1) for start, end in re.findall(r"([0-9a-f]+)-([0-9a-f]+)", text)]


@pytest.fixture
def crash(new_machine, tmp_path, built):
    """crash("sysrq", mode=...): a machine whose kernel crashes and leaves a dump, and what came of it."""
    def run(how="sysrq", mode="pkvm", cpus=4, image="guest", after=2000, append=(), monitor=None, allow=(), **expected):
        disk, kept = make_disk(tmp_path / "disk.img"), tmp_path / "dump.img"
        put(disk, paths.INITRAMFS, "initramfs")
        put(disk, built("guest"), "Image2")
        with open(kept, "wb") as file:
            file.truncate(RAM_MIB * MIB)
        guest = new_machine(image=image, mode=mode, cpus=cpus, ram_mib=RAM_MIB, secret=SECRET, monitor=monitor,
                            append=[f"crashkernel={CRASH_MIB}M", f"pguest_crash={how}", f"pguest_after={after}", *append])
        guest.add_disk(disk).add_disk(kept).add_net()
        # On a busy host a CPU may not stop within the second that the tree gives it; it does a little later.
        late = [r"WARNING: .* machine_kexec\+", "failed to stop secondary CPUs"]
        seen = guest.run("kdump", timeout=900, allow=["Kernel panic", "Internal error", "sysrq: Trigger a crash",
                                                      "Unable to handle kernel", *late, *allow], **expected)
        seen.dump = Dump(kept, int(seen.values["dump_bytes"])) if int(seen.values["dump_bytes"]) else None
        seen.crash_memory = ranges(seen.values["crash_memory"])
        return seen

    return run


def assert_private(seen):
    """When the crash kernel starts the host has seen no secret; of its memory it then sees the pool alone."""
    first, second = seen.monitor["kernels"]
    # Not at the end: the dump has the secret, and is written in the clear here.
    assert second["secrets"] == 0
    done = next(phase for phase in seen.monitor["phases"] if phase["id"] == 2)
    inside = outside = 0
    for start, size in done["seen"]:
        start = int(start, 16) if isinstance(start, str) else start
        mine = sum(max(0, min(start + size, high) - max(start, low)) for low, high in seen.crash_memory)
        inside += mine
        outside += size - mine
    assert done["seen_left_out"] == 0
    assert first["shared"] == 0
    assert 0 < inside < 16 * MIB
    return outside // PAGE


def assert_complete(seen):
    """All RAM but the crash kernel's; the secret where it was; what was shared, read from the shared pages."""
    dump = seen.dump
    ram = (GUEST_BASE, GUEST_BASE + RAM_MIB * MIB)
    holes = [at for at in range(*ram, MIB) if not dump.has(at) and
             not any(low - PAGE <= at < high for low, high in seen.crash_memory)]
    assert not holes
    assert dump.memory(int(seen.values["private_page"], 16), PAGE) == PATTERN * (PAGE // 8)
    assert dump.count(PATTERN) >= 2 * MIB // PAGE
    assert b"VMCOREINFO" in dump.notes and b"OSRELEASE=" in dump.notes
    shared = [(int(start, 16) if isinstance(start, str) else start, size)
              for start, size in seen.monitor["phases"][1]["seen"]]
    assert any(dump.memory(start, size).strip(b"\0") for start, size in shared if dump.has(start))


@pytest.mark.parametrize("mode", ["pkvm", "pkvm-android", "cca"])
def test_a_crash_during_io_leaves_a_complete_dump(crash, mode):
    seen = crash(mode=mode)
    assert seen.checks["dump_is_saved"], seen.reasons
    assert len(seen.monitor["kernels"]) == 2
    assert_complete(seen)
    assert_private(seen)


@pytest.mark.parametrize("mode", ["pkvm", "cca"])
def test_a_crash_inside_of_a_share(crash, mode):
    """The ledger's lock is held, and the granules in question are the host's already."""
    seen = crash("share", mode=mode, cpus=2, image="test")
    assert seen.lines("Kernel panic - not syncing: TEST: a crash in the middle of a share")
    assert seen.checks["dump_is_saved"], seen.reasons
    assert_complete(seen)
    assert_private(seen)


@pytest.mark.parametrize("mode", ["pkvm", "cca"])
def test_the_owner_refuses_dumps(crash, mode):
    seen = crash(mode=mode, cpus=1, append=["pguest.vmcore=off"])
    assert seen.lines("pguest: vmcore: there is none: the owner refuses it")
    assert seen.dump is None
    assert seen.monitor["secrets_found"] == 0
    assert_private(seen)

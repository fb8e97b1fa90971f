# SPDX-License-Identifier: GPL-2.0-only
"""A host that lies about the machine in its device tree, on the command line or in EFI's tables.

What does not fit is left out, with a line, and the machine works; or the VM ends with a
reason. The monitor says who could write the page tables, and whether a secret got out.
"""

import re
import subprocess

import pytest
from test_io import assert_clean, assert_ledger_is_true
from tree import Patch

from pguest import fuzz, fuzz_boot, fuzz_check, paths
from pguest.machine import GUEST_BASE, SECRET, sha256_in_disk

PROTECTED = ["pkvm", "pkvm-android", "cca"]
MIB = 1 << 20
PANIC = ["Kernel panic", "end Kernel panic"]
# Longer than what QEMU's virt has, and a node each.
MANY = 1000


def machine(new_machine, directory, patch, mode, ram_mib=256, monitor=None, **options):
    options.setdefault("secret", SECRET)
    unmeasured = {"measure": 0} if mode == "cca" else {}
    return new_machine(mode=mode, ram_mib=ram_mib,
                       monitor={"timeout": 60, **unmeasured, **(monitor or {}),
                                **patch.option(directory)}, **options)


def assert_out_of_reach(seen):
    assert seen.monitor["page_tables"]["all"] > 0
    assert seen.monitor["page_tables"]["outside"] == 0
    assert seen.monitor["secrets_found"] == 0


def works(guest, disk, *lines, scenario="disk"):
    """The lie is ignored, with a line for each part of it, and all else is as ever."""
    seen = guest.add_disk(disk).run(scenario)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert_out_of_reach(seen)
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]
    for line in lines:
        assert seen.lines(rf"pguest: ignored: .*{line}"), (line, seen.lines("pguest: "))
    return seen


def stops(guest, reason):
    """The VM ends before it has page tables of its own, and shows the host why."""
    seen = guest.run("nothing", allow=PANIC)
    # Android's pKVM has no call that would take a word.
    assert f"pguest: {reason}" in seen.monitor["last_words"] or guest.mode == "pkvm-android"
    assert not seen.summary
    assert seen.shared["peak"] == 0
    assert seen.monitor["page_tables"]["outside"] == 0
    return seen


# --- RAM that is not ours (a realm's page tables were the host's to write) -----------------------

@pytest.mark.parametrize("start, size", [
    pytest.param("half+ram_end", 16 * MIB, id="upper-alias-of-hidden-ram"),
    pytest.param("half+ram", 16 * MIB, id="upper-alias-of-ram"),
    pytest.param("half", 1 << 44, id="all-of-the-upper-half"),
    pytest.param("0xfffffffffff00000", 2 * MIB, id="over-the-last-address"),
])
def test_ram_above_the_shared_bit_is_not_used(new_machine, disk, tmp_path, start, size):
    """The host has memory there, and the tree says that it is RAM."""
    guest = machine(new_machine, tmp_path, Patch().more_memory(start, size), "cca",
                    monitor={"hidden_ram": 16})
    works(guest, disk, "RAM is outside of what is protected")


def test_ram_node_of_its_own_above_the_shared_bit(new_machine, disk, tmp_path):
    """Another node, and the property that Linux reads before reg."""
    patch = Patch().node("/memory@1").text("device_type", "memory")
    patch.u64("reg", "ram", 16 * MIB).u64("linux,usable-memory", "half+ram_end", 16 * MIB)
    guest = machine(new_machine, tmp_path, patch, "cca", monitor={"hidden_ram": 16})
    works(guest, disk, "RAM is outside of what is protected")


def test_ram_that_the_rmm_refuses_in_many_places(new_machine, tmp_path):
    """More holes than are kept out one by one: nothing behind them is used. Then a panic says so."""
    patch = Patch()
    for hole in range(24):
        patch.more_memory(f"ram_end+{hole * 2 * MIB:#x}", MIB)
    guest = machine(new_machine, tmp_path, patch, "cca")
    seen = guest.run("nothing", allow=PANIC, ends=("reset",))
    assert_out_of_reach(seen)
    assert seen.lines(r"Kernel panic - not syncing: pguest: RAM at .* is not there")


def test_ram_in_a_hundred_pieces(new_machine, disk, tmp_path):
    """memblock has 128 entries at boot; with more of them Linux ends before anything of ours runs."""
    patch = Patch().node("/memory@42000000").u64("reg", "ram", 192 * MIB)
    for piece in range(100):
        patch.append("reg", f"ram+{192 * MIB + piece * 0x20000:#x}", 0x10000)
    guest = machine(new_machine, tmp_path, patch, "pkvm", ram_mib=512)
    works(guest, disk, "RAM is one range too many")


@pytest.mark.parametrize("mode", PROTECTED)
def test_ram_without_the_kernel_in_it(new_machine, tmp_path, mode):
    patch = Patch().node("/memory@42000000").u64("reg", "image_end+0x1000000", "ram_end-image_end-0x1000000")
    stops(machine(new_machine, tmp_path, patch, mode), "the kernel is not in what is said to be RAM")


# --- restricted pools over memory that has another use ----------------------------------------------

@pytest.fixture
def padded(tmp_path):
    """An initrd with 8 MiB of zeroes behind it, which the kernel skips: a file, and where they begin."""
    whole = paths.INITRAMFS.read_bytes()
    start = len(whole) + 2 * MIB - 1 & ~(2 * MIB - 1)
    file = tmp_path / "padded.cpio"
    file.write_bytes(whole + bytes(start + 8 * MIB - len(whole)))
    return file, f"initrd+{start:#x}"


def pool_ignored(guest, disk):
    seen = works(guest, disk, "pool@1 overlaps what is in use")
    assert seen.owners()["restricted-pool"] == 0
    assert seen.owners()["bounce-pool"] > 0
    return seen


@pytest.mark.parametrize("mode", PROTECTED)
def test_pool_in_the_padding_of_the_initrd(new_machine, disk, tmp_path, padded, mode):
    """The initrd is freed to the page allocator: with the pool in it, so were pages that the host reads."""
    file, start = padded
    pool_ignored(machine(new_machine, tmp_path, Patch().pool(start, 4 * MIB), mode, initrd=file), disk)


@pytest.mark.parametrize("where", ["image+0x200000", "image_end-0x100000", "dtb-0x100000",
                                   "initrd+0x100000", "initrd+LAST", "initrd-0x3ff000"])
def test_pool_over_what_was_loaded(new_machine, disk, tmp_path, where):
    """The kernel's text and init part, the tree itself, the initrd's contents and both of its ends."""
    last_page = paths.INITRAMFS.stat().st_size - 1 & ~0xfff
    patch = Patch().pool(where.replace("LAST", f"{last_page:#x}"), 4 * MIB)
    pool_ignored(machine(new_machine, tmp_path, patch, "pkvm"), disk)


def test_pool_over_a_pool(new_machine, disk, tmp_path):
    """The first one is used; the second would have the same slots."""
    patch = Patch().reserved("pool@2", "ram+0x8200000", 4 * MIB, "Restricted-DMA-Pool", 0x5002)
    patch.pool("ram+0x8000000", 4 * MIB)
    seen = works(machine(new_machine, tmp_path, patch, "pkvm"), disk, "pool@2 overlaps what is in use")
    assert 0 < seen.owners()["restricted-pool"] <= 4 * MIB >> 12


@pytest.mark.parametrize("start, size, why", [
    ("half+ram_end", 4 * MIB, "is outside of what is protected"),
    ("0x20000000", 4 * MIB, "is not in RAM"),
    ("ram+0x8000000", 0x3f000, "is no pool that can be used"),
    ("ram+0x8000800", 4 * MIB, "is not made of whole pages"),
    ("ram+0x8000000", 0, "is outside of what is protected"),
    ("0xffffffffffff0000", 0x20000, "is not made of whole pages"),
])
def test_pool_that_cannot_be(new_machine, disk, tmp_path, start, size, why):
    guest = machine(new_machine, tmp_path, Patch().pool(start, size), "cca", monitor={"hidden_ram": 16})
    works(guest, disk, f"pool@1 {why}")


@pytest.mark.parametrize("mode, unit", [("pkvm", "granule"), ("pkvm-android", "granule"), ("cca", "alignment")])
def test_pool_that_is_not_aligned_loses_its_edges_alone(new_machine, disk, tmp_path, mode, unit):
    """What is left of a granule at each end is not the pool's alone, and stays private."""
    patch = Patch().pool("ram+0x8001000", 4 * MIB)
    guest = machine(new_machine, tmp_path, patch, mode, monitor={unit: 16384})
    seen = works(guest, disk)
    assert not seen.lines("pguest: ignored")
    pool = [line.split()[0] for line in seen.ledger if "restricted-pool" in line]
    start = int(pool[0].split("-")[0], 16)
    assert start == GUEST_BASE + 0x8004000
    assert 0 < seen.owners()["restricted-pool"] < 4 * MIB >> 14


# --- devices that are RAM ---------------------------------------------------------------------------

def constant_of(image):
    """An address in the kernel where an early console would find its transmitter ready, and what is there.

    PL011's flags are the word at 0x18: neither BUSY nor TXFF may be set there, or it waits for ever.
    """
    symbols = dict(reversed(line.split()[::2]) for line in
                   (image.parents[3] / "System.map").read_text().splitlines())
    text, names = (int(symbols[name], 16) for name in ("_text", "kallsyms_names"))
    code = image.read_bytes()
    for offset in range((names - text + 0xfff) & ~0xfff, len(code), 0x1000):
        if not code[offset + 0x18] & 0x28 and code[offset] not in (0, 10, 13):
            return GUEST_BASE + offset, int.from_bytes(code[offset:offset + 8], "little")
    raise AssertionError("no such place in the kernel")


def untouched(guest, disk, value):
    seen = guest.add_disk(disk).run("disk")
    assert_clean(seen)
    assert int(seen.monitor["look"], 16) == value
    return seen


@pytest.mark.parametrize("mode", PROTECTED)
def test_early_console_in_the_kernel(new_machine, built, disk, tmp_path, mode):
    """Each character would be written into the kernel's constants. The console does nothing instead."""
    address, value = constant_of(built("guest"))
    guest = machine(new_machine, tmp_path, Patch(), mode, earlycon=address, monitor={"look": f"{address:#x}"})
    untouched(guest, disk, value)


def test_early_console_of_the_tree_in_the_kernel(new_machine, built, disk, tmp_path):
    """The same by stdout-path and the device's own node, which is no word of the command line."""
    address, value = constant_of(built("guest"))
    patch = Patch().node(f"/pl011@{address:x}").raw("compatible", b"arm,pl011\0").u64("reg", address, 0x1000)
    patch.node("/chosen").text("stdout-path", f"/pl011@{address:x}")
    guest = machine(new_machine, tmp_path, patch, "pkvm", monitor={"look": f"{address:#x}"})
    words = guest.kernel_command_line
    guest.kernel_command_line = lambda scenario: re.sub("earlycon=[^ ]*", "earlycon", words(scenario))
    untouched(guest, disk, value)


def test_ports_of_pci_in_ram(new_machine, built, disk, tmp_path):
    """A host bridge whose I/O window is the kernel: it is not mapped, and the devices do without."""
    address, value = constant_of(built("guest"))
    patch = Patch().find("pci-host-ecam-generic")
    patch.u32("ranges", 0x1000000, 0, 0, 0, address & ~0xffff, 0, 0x10000,
              0x2000000, 0, 0x10000000, 0, 0x10000000, 0, 0x2eff0000)
    guest = machine(new_machine, tmp_path, patch, "pkvm", monitor={"look": f"{address:#x}"})
    untouched(guest, disk, value)


# --- the rest of what a tree can say ----------------------------------------------------------------

def test_reserved_memory_over_what_is_in_use(new_machine, disk, tmp_path):
    """no-map over the kernel or the tree, and regions that overlap, or go over the last address."""
    patch = Patch().reserved("kernel@1", "image", 2 * MIB, flags=["no-map"])
    patch.reserved("tree@1", "dtb", 0x1000, flags=["no-map"])
    patch.reserved("first@1", "ram+0x8000000", MIB).reserved("second@1", "ram+0x80ff000", MIB, flags=["no-map"])
    patch.reserved("last@1", "0xfffffffffffff000", 0x2000)
    patch.reserved("cma@1", "initrd+0x10000", 4 * MIB, "shared-dma-pool", flags=["reusable"])
    lines = [f"{name}@1 overlaps what is in use" for name in ("kernel", "tree", "first", "cma")]
    works(machine(new_machine, tmp_path, patch, "pkvm"), disk, *lines,
          "last@1 is outside of what is protected")


def test_reserved_memory_of_a_thousand_nodes(new_machine, disk, tmp_path):
    patch = Patch()
    for node in range(MANY):
        patch.reserved(f"r@{node:x}", f"ram+{96 * MIB + node * 0x10000:#x}", 0x1000, flags=["no-map"][:node % 2])
    for entry in range(100):
        patch.reserve(f"ram+{64 * MIB + entry * 0x10000:#x}", 0x1000)
    seen = works(machine(new_machine, tmp_path, patch, "pkvm"), disk, "is one too many",
                 "/memreserve/ has entries too many", r"\d+ more parts of the device tree")
    assert len(seen.lines("pguest: ignored")) < 12


def test_reserved_memory_of_half_the_machine_or_more(new_machine, disk, tmp_path):
    patch = Patch().reserved("large@1", None, 1 << 40).reserved("nothing@1", None, 0)
    patch.reserved("odd@1", None, MIB).u64("alignment", 0x3000)
    works(machine(new_machine, tmp_path, patch, "pkvm"), disk, "large@1 is too large", "nothing@1 has no size",
          "odd@1 has no size")


@pytest.mark.parametrize("mode", PROTECTED)
def test_words_of_chosen(new_machine, disk, tmp_path, mode):
    """EFI without a memory map, headers of a crash that was none, memory of another kernel's, Xen."""
    patch = Patch().node("/chosen").u64("linux,uefi-system-table", "image")
    patch.u64("linux,elfcorehdr", "image", 0x1000).u64("linux,usable-memory-range", 0, 0x1000)
    patch.u64("linux,ima-kexec-buffer", "ram+0x8000000", 0x1000)
    patch.node("/hypervisor").text("compatible", "xen,xen")
    works(machine(new_machine, tmp_path, patch, mode), disk, "linux,uefi-system-table", "linux,elfcorehdr",
          "linux,usable-memory-range", "linux,ima-kexec-buffer is not known", "/hypervisor is Xen's")


@pytest.mark.parametrize("mode", PROTECTED)
def test_first_tree_of_a_crash_kernel(new_machine, disk, tmp_path, mode):
    """All fits, but no kernel has run in this VM: its dump would be memory that the host has filled."""
    patch = Patch().node("/chosen").u64("linux,usable-memory-range", "ram", "ram_end-ram-0x1000000")
    patch.u64("linux,elfcorehdr", "ram_end-0x1100000", 0x1000)
    works(machine(new_machine, tmp_path, patch, mode), disk,
          "linux,usable-memory-range is not from a kernel that has run before",
          "linux,elfcorehdr is not that of a crash kernel")


def test_crash_dump_of_the_command_line(new_machine, disk, tmp_path):
    """elfcorehdr= is read after the tree."""
    guest = machine(new_machine, tmp_path, Patch(), "pkvm", append=[f"elfcorehdr=4K@{GUEST_BASE + 192 * MIB:#x}"])
    works(guest, disk, "there is no crash dump")


@pytest.mark.parametrize("start, end", [
    pytest.param("image", "image+0x100000", id="the-kernel"),
    pytest.param("dtb", "dtb+0x1000", id="the-tree"),
    pytest.param("half+ram_end", "half+ram_end+0x100000", id="outside"),
    pytest.param("ram_end-0x1000", "ram_end+0x1000", id="over-the-end"),
])
def test_initrd_that_is_something_else(new_machine, tmp_path, start, end):
    """It would be freed to the page allocator, and made RAM before. There is none, and so no root."""
    patch = Patch().node("/chosen").u64("linux,initrd-start", start).u64("linux,initrd-end", end)
    guest = machine(new_machine, tmp_path, patch, "cca", secret=None, monitor={"hidden_ram": 16})
    seen = guest.run("nothing", allow=PANIC, ends=("reset",))
    assert seen.lines("pguest: ignored: the initrd")
    assert seen.lines("Kernel panic - not syncing: (VFS|No working init)")
    assert seen.monitor["page_tables"]["outside"] == 0


def test_initrd_of_the_command_line(new_machine, tmp_path):
    """initrdmem= is read after the tree."""
    guest = machine(new_machine, tmp_path, Patch(), "pkvm", secret=None,
                    append=[f"initrdmem={GUEST_BASE:#x},0x100000"])
    seen = guest.run("nothing", allow=PANIC, ends=("reset",))
    assert seen.lines("pguest: ignored: the initrd")


# --- trees that are none ------------------------------------------------------------------------------

@pytest.mark.parametrize("mode", PROTECTED)
@pytest.mark.parametrize("patch, reason", [
    pytest.param(Patch().node("/").u32("#size-cells", 3), "the device tree's addresses", id="cells"),
    pytest.param(Patch().find("arm,pl011").raw("compatible", b"arm,pl011"), "the device tree is broken",
                 id="text-without-an-end"),
    pytest.param(Patch().node("/a" * 40), "the device tree is too large", id="depth"),
])
def test_tree_that_is_broken(new_machine, tmp_path, patch, reason, mode):
    """It is not read any further: the VM ends at once, and shows the host why."""
    stops(machine(new_machine, tmp_path, patch, mode), reason)


# --- what the kernel cannot do without -----------------------------------------------------------------

@pytest.mark.parametrize("mode", PROTECTED)
@pytest.mark.parametrize("patch", [
    pytest.param(Patch().find("arm,gic-v3").text("compatible", "none,of-it"), id="interrupts"),
    pytest.param(Patch().find("arm,armv8-timer").drop("interrupts"), id="timer"),
])
def test_tree_without_a_tick(new_machine, tmp_path, patch, mode):
    """Linux goes on from either, and would wait for ever where it first waits."""
    seen = machine(new_machine, tmp_path, patch, mode).run("nothing", allow=[".*"], ends=("reset",))
    assert seen.lines("Kernel panic - not syncing: pguest: no timer interrupt in ")
    assert_out_of_reach(seen)


def test_realm_without_a_tick_and_a_console(new_machine, tmp_path):
    """As when the RMM refuses to say where both devices are: the host is told by a call."""
    patch = Patch().find("arm,gic-v3").text("compatible", "none,of-it")
    seen = machine(new_machine, tmp_path, patch, "cca", earlycon=False).run("nothing", ends=("reset",))
    assert seen.monitor["last_words"].startswith("Kernel panic: pguest: no timer interrupt in ")
    assert seen.shared["peak"] == 0
    assert_out_of_reach(seen)


# --- lies that nobody has thought of ----------------------------------------------------------------

SAMPLE = 20_000


@pytest.fixture(scope="session")
def treefuzz(built):
    return fuzz.program()


def test_trees_by_chance_are_judged_as_the_second_opinion_does(treefuzz, capsys):
    """A sample of `make fuzz-description`: no tree is accepted that fuzz_check.py refuses, nor the reverse."""
    status = fuzz_check.main(treefuzz, "0", str(SAMPLE))
    printed = capsys.readouterr().out
    assert status == 0, printed
    assert f"{SAMPLE} cases" in printed


@pytest.mark.parametrize("mode", PROTECTED)
def test_trees_by_chance_open_nothing(new_machine, treefuzz, tmp_path, mode):
    """Some that are booted: whatever comes of them, it is nothing for the host.

    Cases 0 and 1 have no tree that Linux would look at: it spins before pguest_probe().
    """
    for case in range(2, 6):
        lines = subprocess.run([treefuzz, "show", str(case)], check=True, capture_output=True, text=True).stdout
        how, problem = fuzz_boot.judge(fuzz_boot.boot(tmp_path, mode, lines, new_machine))
        assert not problem, (case, how, problem)

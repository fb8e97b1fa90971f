# SPDX-License-Identifier: GPL-2.0-only
"""A kernel crashes, and a crash kernel saves what it knew: all of it, from where it is.

The dump is on the second disk. What the host could see when is the monitor's account.
"""

import os
import random
import re
import struct
import subprocess

import pytest
from dicesearch import CONTROL, found, parameters, patterns

from pguest import crashtools, dice, ioboot, paths, trees, verdict
from pguest.coredump import MIB, PAGE, Dump, ranges
from pguest.machine import GUEST_BASE, SECRET, make_disk, put_in_disk

RAM_MIB = 256
CRASH_MIB = 96
CRASHES = 20
MODES = ["pkvm", "pkvm-android", "cca"]
OTHERS = [paths.kernel_name("guest", series) for series in trees.series_to_test() if series != paths.DEFAULT]
# Android's hypervisor shows no pages of 16 KiB.
LARGER_PAGES = [("guest-16k-odd", "pkvm"), ("guest-16k-odd", "cca"), ("guest-64k", "pkvm"), ("guest-64k", "cca"),
                ("guest-64k", "pkvm-android")]
OFTEN = [("guest-6.1", "pkvm"), ("guest-7.x", "cca")]
matrix = pytest.mark.matrix
PATTERN = struct.pack("<Q", int(SECRET, 16))


def hand_over(guest):
    """A secret, of which both kernels search what they can read."""
    guest.whole = dice.for_guest(paths.MONITOR, paths.monitor_image(), guest.image, guest.initrd)
    guest.secrets = guest.whole.cdis[0], dice.add(guest.whole, dice.Layer(name=dice.USER_SPACE)).cdis[0]
    guest.challenge = verdict.new_challenge()
    guest.append += [f"pguest_challenge={guest.challenge}", *parameters(guest, *guest.secrets)]
    guest.hand_over(guest.whole.data)


@pytest.fixture
def crash(new_machine, tmp_path, built):
    """crash("sysrq", mode=...): a machine whose kernel crashes and leaves a dump, and what came of it."""
    def run(how="sysrq", mode="pkvm", cpus=4, image="guest", crash_image="guest", after=2000, append=(),
            ram_mib=RAM_MIB, crash_mib=CRASH_MIB, monitor=None, allow=(), initrd=paths.INITRAMFS, firmware=False, **expected):
        disk, kept = make_disk(tmp_path / "disk.img"), tmp_path / "dump.img"
        put_in_disk(disk, initrd, "initramfs")
        put_in_disk(disk, built(crash_image), "Image2")
        with open(kept, "wb") as file:
            file.truncate(ram_mib * MIB)
        words = [f"crashkernel={crash_mib}M", f"pguest_crash={how}", f"pguest_after={after}", *append]
        guest = new_machine(image=image, mode=mode, cpus=cpus, ram_mib=ram_mib, secret=SECRET, monitor=monitor,
                            initrd=initrd, append=words)
        guest.add_disk(disk).add_disk(kept).add_net()
        if firmware:
            hand_over(guest)
        # On a busy host a CPU may not stop within the second that the tree gives it; it does a little later.
        late = [r"WARNING: .* machine_kexec\+", "failed to stop secondary CPUs"]
        seen = guest.run("kdump", timeout=900, allow=["Kernel panic", "Internal error", "sysrq: Trigger a crash",
                                                      "Unable to handle kernel", *late, *allow], **expected)
        seen.dump = Dump(kept, int(seen.values["dump_bytes"])) if int(seen.values["dump_bytes"]) else None
        seen.crash_memory = ranges(seen.values["crash_memory"])
        seen.guest = guest
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
    assert not dump.holes(GUEST_BASE, GUEST_BASE + seen.guest.ram_mib * MIB, seen.crash_memory)
    assert dump.memory(int(seen.values["private_page"], 16), PAGE) == PATTERN * (PAGE // 8)
    assert dump.count(PATTERN) >= 2 * MIB // PAGE
    assert b"VMCOREINFO" in dump.notes and b"OSRELEASE=" in dump.notes
    shared = [(int(start, 16) if isinstance(start, str) else start, size)
              for start, size in seen.monitor["phases"][1]["seen"]]
    was_shared = [dump.memory(start, size) for start, size in shared if dump.has(start)]
    assert any(memory.strip(b"\0") for memory in was_shared)
    assert not any(PATTERN in memory for memory in was_shared)


def assert_dumped(seen):
    assert seen.checks["dump_is_saved"], seen.reasons
    assert len(seen.monitor["kernels"]) == 2
    assert_complete(seen)
    assert_private(seen)


@pytest.mark.parametrize("mode", MODES)
def test_a_crash_during_io_leaves_a_complete_dump(crash, mode):
    assert_dumped(crash(mode=mode))


@pytest.mark.parametrize("image, mode", [
    pytest.param(image, mode, marks=[] if (image, mode) in OFTEN else [matrix]) for image in OTHERS for mode in MODES])
def test_other_versions(crash, image, mode):
    """Each version saves its own dump."""
    seen = crash(mode=mode, image=image, crash_image=image)
    assert_dumped(seen)
    assert f"OSRELEASE={seen.values['life2']}".encode() in seen.dump.notes


@matrix
@pytest.mark.parametrize("image, mode", LARGER_PAGES)
def test_larger_pages(crash, image, mode):
    """A crash kernel with pages of 64 KiB needs twice the memory."""
    assert_dumped(crash(mode=mode, image=image, crash_image=image, ram_mib=768, crash_mib=224,
                        monitor=ioboot.pages_shown(image, mode)))


@matrix
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("image, crash_image", [("guest-6.1", "guest-7.x"), ("guest-7.x", "guest-6.1")])
def test_a_kernel_of_another_version_saves_the_dump(crash, image, crash_image, mode):
    seen = crash(mode=mode, image=image, crash_image=crash_image)
    assert_dumped(seen)
    assert f"OSRELEASE={seen.values['life2']}".encode() not in seen.dump.notes


@matrix
@pytest.mark.parametrize("mode", MODES)
def test_crashes_at_random_moments(crash, mode):
    """PGUEST_SEED=N repeats a run, and PGUEST_CRASHES=N is for fewer; the seed is printed, and on the command line."""
    seed = int(os.environ.get("PGUEST_SEED") or random.randrange(1 << 32))
    chance = random.Random(seed)
    for number in range(int(os.environ.get("PGUEST_CRASHES") or CRASHES)):
        after = chance.randrange(100, 4000)
        print(f"seed {seed}, {mode}, crash {number} after {after} ms")
        assert_dumped(crash(mode=mode, after=after, append=[f"pguest_seed={seed}"]))


@pytest.mark.parametrize("mode", ["pkvm", *(pytest.param(mode, marks=matrix) for mode in ("pkvm-android", "cca"))])
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


@pytest.mark.parametrize("mode", ["pkvm", pytest.param("pkvm-android", marks=matrix)])
def test_neither_a_dump_nor_a_crash_kernel_has_the_key_of_attestation(crash, mode):
    """The page of the key is in no dump, and is overwritten before the crash kernel, which can read all memory, starts."""
    seen = crash(mode=mode, cpus=2, firmware=True)
    _, refusal = verdict.verify_dice(seen, seen.guest)
    assert not refusal
    assert seen.checks["dump_is_saved"], seen.reasons
    in_dump = {name: sum(piece.count(value) for piece in seen.dump.pieces())
               for name, value in patterns(*seen.guest.secrets).items()}
    assert in_dump[CONTROL] > 0
    assert {name: count for name, count in in_dump.items() if count} == {CONTROL: in_dump[CONTROL]}
    in_memory = found(seen, "in_mem2")
    assert in_memory.mib == RAM_MIB
    # The first kernel has handed on to the next layer, and the crash kernel leaves that alone.
    assert in_memory == {"secret": 0, "seed": 0, "scalar": 0, "prefix": 0, "next": 1, CONTROL: in_memory[CONTROL]}
    assert seen.values["provider2"] == "none"


def gdb(image, dump, *commands):
    """What Debian's gdb says of a dump, with the symbols of its kernel."""
    offset = re.search(rb"KERNELOFFSET=([0-9a-f]+)", dump.notes)[1].decode()
    vmlinux = image.parents[3] / "vmlinux"
    words = [word for command in [f"symbol-file -o 0x{offset} {vmlinux}", f"core-file {dump.file.name}", *commands]
             for word in ("-ex", command)]
    return subprocess.run(["gdb-multiarch", "-batch", "-nx", *words], check=True, capture_output=True, text=True).stdout


@matrix
@pytest.mark.parametrize("mode", MODES)
def test_programs_of_debian_read_the_dump(crash, built, tmp_path, mode):
    """makedumpfile and gdb find the log and a structure of the first kernel.

    makedumpfile runs in the crash kernel, as kdump-tools has it; what it makes, it reads again.
    """
    marker = f"marker-{random.randrange(1 << 64):x}"
    seen = crash(mode=mode, append=["pguest_tools=debian", f"pguest_marker={marker}"],
                 initrd=crashtools.initramfs(tmp_path))
    assert_dumped(seen)
    for check in ("log_in_dump", "small_dump_is_made", "log_in_small_dump"):
        assert seen.checks[check], seen.reasons
    assert 0 < seen.number("small_bytes") < seen.number("dump_bytes") // 2
    log = tmp_path / "log"
    said = gdb(built("guest"), seen.dump, "x/s (char *)&init_uts_ns + 2 * 65",
               f"dump binary memory {log} *(char**)&log_buf *(char**)&log_buf+*(unsigned*)&log_buf_len")
    # struct new_utsname: sysname, nodename, release, 65 bytes each.
    assert f'"{seen.values["life2"]}"' in said
    assert f"@@ {marker} @@".encode() in log.read_bytes()


@matrix
@pytest.mark.parametrize("image, mode", [
    *(("guest-sleep", mode) for mode in MODES),
    *((f"{image}-sleep", mode) for image in OTHERS for mode in ("pkvm", "cca"))])
def test_a_crash_kernel_loaded_by_debians_kexec(crash, tmp_path, image, mode):
    """kexec_load(): the crash kernel's device tree is a program's, and it finds the mark all the same."""
    assert_dumped(crash(mode=mode, image=image, crash_image=image, append=["pguest_loader=debian"],
                        initrd=crashtools.initramfs(tmp_path)))

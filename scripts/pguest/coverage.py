# SPDX-License-Identifier: GPL-2.0-only
"""Which blocks of the drivers the devices that lie have reached, of all that the compiler has made.

Test kernels are built so that each block of these objects calls tests/kunit/device_plan.c.
"""

import re
import subprocess
from collections import defaultdict

FLAG = "-fsanitize-coverage=trace-pc"
CALLED = "__sanitizer_cov_trace_pc"
# A driver in words, and its objects.
DRIVERS = {
    "rings (virtio_ring)": ["drivers/virtio/virtio_ring.o"],
    "virtio devices": ["drivers/virtio/virtio.o"],
    "disks": ["drivers/block/virtio_blk.o"],
    "networks": ["drivers/net/virtio_net.o"],
    "consoles": ["drivers/char/virtio_console.o"],
    "random sources": ["drivers/char/hw_random/virtio-rng.o"],
    "balloons": ["drivers/virtio/virtio_balloon.o"],
    "input devices": ["drivers/virtio/virtio_input.o"],
    "sockets": ["net/vmw_vsock/virtio_transport.o", "net/vmw_vsock/virtio_transport_common.o"],
    "shares (9P)": ["net/9p/trans_virtio.o", "net/9p/client.o", "net/9p/protocol.o"],
    "file systems": ["fs/fuse/virtio_fs.o"],
    "SCSI hosts": ["drivers/scsi/virtio_scsi.o"],
    "displays": [f"drivers/gpu/drm/virtio/virtgpu_{name}.o" for name in (
        "display", "drv", "fence", "gem", "ioctl", "kms", "object", "plane", "prime", "submit", "trace_points", "vq", "vram")],
}
HEADER = re.compile(r"^\s*\[\s*(\d+)\] (\.\S+)")
SECTION = re.compile(r"^Relocation section '\.rela(\.\S+)'")
CALL = re.compile(rf"^([0-9a-f]+)\s.*\b{CALLED} ")
SYMBOL = re.compile(r"^\s*\d+: ([0-9a-f]+)\s+(\w+) FUNC\s.*\s(\d+) (\S+)$")
FUNCTION = re.compile(r"\breached ([\w.$]+)((?: 0x[0-9a-f]+)+)$")


def words():
    """For make: the Makefiles give none of these objects flags of their own."""
    names = sorted({name.rsplit("/", 1)[1] for objects in DRIVERS.values() for name in objects})
    return [f"CFLAGS_{name}={FLAG}" for name in names]


def blocks_of(text):
    """{function: where its blocks return to} by `readelf -rsSW` of an object."""
    sections, where, calls, found = {}, "", defaultdict(list), {}
    for line in text.splitlines():
        if match := HEADER.match(line):
            sections[match[1]] = match[2]
        elif match := SECTION.match(line):
            where = match[1]
        elif match := CALL.match(line):
            calls[where].append(int(match[1], 16) + 4)
        elif match := SYMBOL.match(line):
            start, size, within = int(match[1], 16), int(match[2], 0), calls[sections.get(match[3])]
            if inside := {at - start for at in within if start < at <= start + size}:
                found[match[4]] = inside
    return found


def all_blocks(out):
    """{driver: {function: blocks}} of the kernel in `out`, with no entry for a driver that it does not have."""
    found = {}
    for driver, objects in DRIVERS.items():
        for path in (out / name for name in objects if (out / name).exists()):
            text = subprocess.run(["aarch64-linux-gnu-readelf", "-rsSW", path], check=True, capture_output=True, text=True).stdout
            found.setdefault(driver, {}).update(blocks_of(text))
    return found


def reached_in(console):
    """{function: blocks} by what tests/kunit/device_plan.c shows in debugfs."""
    found = defaultdict(set)
    for match in filter(None, map(FUNCTION.search, console)):
        found[match[1]] |= {int(word, 16) for word in match[2].split()}
    return found


def of_all(blocks, reached):
    """{driver: (reached, all)}."""
    return {driver: (sum(len(inside & reached.get(name, set())) for name, inside in functions.items()), sum(map(len, functions.values())))
            for driver, functions in blocks.items()}


def never_reached(functions, reached):
    """Functions of a driver of which no block was reached, the largest first."""
    return sorted((name for name in functions if name not in reached), key=lambda name: -len(functions[name]))

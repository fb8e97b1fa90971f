# SPDX-License-Identifier: GPL-2.0-only
"""What a kernel executes by function: the blocks that a plugin of QEMU's counts, between the marks of the guest's doorbell."""

import bisect
import subprocess
from collections import Counter

from pguest import paths, shell

SOURCE = paths.ROOT / "tests" / "plugin" / "functions.c"
# The monitor notes a mark of the guest in this function.
AT_MARK = "report_phase"
# User space, and the monitor
ELSEWHERE = "(not the kernel)"


def plugin():
    """The plugin, for this machine."""
    made = paths.BUILD / "functions.so"
    shell.run(["gcc", "-O2", "-Wall", "-shared", "-fPIC", "-fvisibility=hidden", "-o", made, SOURCE],
              "functions-plugin.log", "the plugin of QEMU's")
    return made


def symbols(elf):
    """[(address, name, size)] of an ELF's functions, by their addresses. A size is 0 where assembly does not say it."""
    said = subprocess.run(["aarch64-linux-gnu-nm", "-S", elf], text=True, capture_output=True, check=True).stdout
    found = []
    for line in said.splitlines():
        address, *size, kind, name = line.split()
        # $x and $d say what is code and what is data.
        if kind in "tTwW" and not name.startswith("$"):
            found.append((int(address, 16), name, int(size[0], 16) if size else 0))
    return sorted(found)


def words(directory, monitor):
    """What QEMU is to be given: the windows are directory/window.0 and so on."""
    mark = next(address for address, name, _ in symbols(monitor) if name == AT_MARK)
    return ["-plugin", f"{plugin()},mark={mark:#x},out={directory}/window"]


def count(window, functions):
    """{function: instructions} of a file that the plugin wrote. `functions` are those of symbols()."""
    starts = [address for address, _, _ in functions]
    counted = Counter()
    for line in window.read_text().splitlines():
        address, instructions, times = line.split()
        address = int(address, 16)
        # The kernel is in the upper half.
        name = functions[bisect.bisect_right(starts, address) - 1][1] if address >> 63 else ELSEWHERE
        counted[name] += int(instructions) * int(times)
    return counted


def changed(without, with_it):
    """Functions that one of two kernels does not have, or has with another size. Static ones may share a name."""
    def sizes(functions):
        of = {}
        for _, name, size in functions:
            of.setdefault(name, []).append(size)
        return {name: sorted(found) for name, found in of.items()}

    before, after = sizes(without), sizes(with_it)
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}

# SPDX-License-Identifier: GPL-2.0-only
"""Build the program that makes device trees which lie: tests/fuzz."""

from pguest import paths, shell, source


def program(root=paths.ROOT, out=paths.BUILD / "fuzz"):
    """treefuzz of the layer in `root`, with the libfdt of the kernel tree that is built anyway."""
    with shell.lock("fuzz"):
        shell.run(["make", "-C", root / "tests" / "fuzz", f"LINUX={source.integrated_tree()}", f"O={out}"],
                  "fuzz.log", "building the fuzzer")
    return out / "treefuzz"

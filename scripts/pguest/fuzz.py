# SPDX-License-Identifier: GPL-2.0-only
"""Build the program that makes device trees which lie: tests/fuzz."""

from pguest import paths, shell, source


def program():
    """treefuzz, with the libfdt of the kernel tree that is built anyway."""
    out = paths.BUILD / "fuzz"
    with shell.lock("fuzz"):
        shell.run(["make", "-C", paths.ROOT / "tests" / "fuzz", f"LINUX={source.integrated_tree()}", f"O={out}"],
                  "fuzz.log", "building the fuzzer")
    return out / "treefuzz"

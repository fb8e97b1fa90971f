# SPDX-License-Identifier: GPL-2.0-only
"""Functions of a tree's own backends, which are not built: what the tree still calls comes from compat/, and once.

A stand-in tree has the files that compat/Makefile looks into, each with the definitions that a series of Linux
has there. The objects are those that make finds.
"""

import re
import subprocess

import pytest
from trees import REPO, write

HAS = "bool cc_platform_has(enum cc_attr attr)\n{\n\treturn false;\n}\n"
SERIES = {
    "6.12": {"arch/arm64/mm/init.c": "\n"},
    "6.13 to 7.2": {"arch/arm64/mm/init.c": "\n", "arch/arm64/kernel/rsi.c": HAS},
    "7.3": {"arch/arm64/mm/init.c": HAS, "arch/arm64/kernel/rsi.c": "\n"},
}
# hooks/11-pkvm-out and 12-realm-out take them out of the build.
LEFT_OUT = ("arch/arm64/kernel/rsi.c", "arch/arm64/mm/mem_encrypt.c")


def compat_objects(tree):
    """The sources in compat/ that a tree gets, with the layer configured."""
    (tree / "pguest").symlink_to(REPO)
    rules = f"srctree := {tree}\nCONFIG_PGUEST := y\nall:\n\t@echo $(obj-y)\ninclude {REPO}/compat/Makefile\n"
    done = subprocess.run(["make", "--no-print-directory", "-f", "-", "all"], input=rules, cwd=tree, text=True,
                          capture_output=True, check=True)
    return [REPO / "compat" / name.replace(".o", ".c") for name in done.stdout.split()]


def definitions(text, name):
    return len(re.findall(rf"^\w[\w \*]*\b{name}\([^;{{]*\)\n\{{", text, re.MULTILINE))


@pytest.mark.parametrize("series", SERIES)
def test_the_attributes_of_a_guest_are_defined_once(tmp_path, series):
    files = SERIES[series]
    write(tmp_path, files)
    built = [text for path, text in files.items() if path not in LEFT_OUT]
    built += [path.read_text() for path in compat_objects(tmp_path)]
    assert sum(definitions(text, "cc_platform_has") for text in built) == 1


@pytest.mark.parametrize("series", SERIES)
def test_only_one_backend_answers_the_tree(tmp_path, series):
    write(tmp_path, SERIES[series])
    names = {path.name for path in compat_objects(tmp_path)}
    assert len(names & {"protected.c", "names.c"}) == 1

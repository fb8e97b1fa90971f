# SPDX-License-Identifier: GPL-2.0-only
"""Functions of a tree's own backends, which are not built: what the tree still calls comes from compat/, and once.

A stand-in tree has the files that compat/Makefile looks into, each with the definitions that a series of Linux
has there. The objects are those that make finds.
"""

import re
import subprocess

import pytest
from trees import REPO, write

from hookfile import load_hooks, select

HAS = "bool cc_platform_has(enum cc_attr attr)\n{\n\treturn false;\n}\n"
FORCE = """static inline bool force_dma_unencrypted(struct device *dev)
{{
	return {};
}}

#define dma_addr_unencrypted(x)		((x) | PROT_NS_SHARED)

#define dma_addr_canonical(x)		((x) & ~PROT_NS_SHARED)
"""
HEADER = "arch/arm64/include/asm/mem_encrypt.h"
SERIES = {
    "6.12": {"arch/arm64/mm/init.c": "\n"},
    "7.2": {"arch/arm64/mm/init.c": "\n", "arch/arm64/kernel/rsi.c": HAS, HEADER: FORCE.format("is_realm_world()")},
    "7.3": {"arch/arm64/mm/init.c": HAS, "arch/arm64/kernel/rsi.c": "\n",
            HEADER: FORCE.format("is_realm_world() || is_protected_kvm_guest()")},
}
# hooks/11-pkvm-out and 12-realm-out take them out of the build.
LEFT_OUT = ("arch/arm64/kernel/rsi.c", "arch/arm64/mm/mem_encrypt.c")


def compat_objects(tree):
    """The sources in compat/ that a tree gets, with the layer and its tests configured."""
    (tree / "pguest").symlink_to(REPO)
    rules = f"srctree := {tree}\nCONFIG_PGUEST := y\nCONFIG_PGUEST_KUNIT_TEST := y\nall:\n\t@echo $(obj-y)\ninclude {REPO}/compat/Makefile\n"
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
def test_coherent_memory_is_shared_by_one_function(tmp_path, series):
    """In the tree's header or in compat/, and never by one that knows realms alone."""
    files = dict(SERIES[series])
    for hook in select(load_hooks(REPO / "hooks"), series, files.__contains__):
        if HEADER in hook.paths():
            files[HEADER] = hook.apply(HEADER, files[HEADER], tmp_path)
    tree = tmp_path / "tree"
    write(tree, files)
    seen = subprocess.run(["cpp", "-P", "-DCONFIG_PGUEST", "-"], input=files.get(HEADER, ""), text=True, capture_output=True,
                          check=True).stdout
    built = [path.read_text() for path in compat_objects(tree)]
    assert len(re.findall(r"is_protected_kvm_guest\(\)", seen)) + sum(definitions(text, "force_dma_unencrypted") for text in built) == 1
    assert "return is_realm_world();" not in seen


@pytest.mark.parametrize("series", SERIES)
def test_a_tree_with_a_backend_gets_its_names(tmp_path, series):
    write(tmp_path, SERIES[series])
    assert ("names.c" in {path.name for path in compat_objects(tmp_path)}) == (series != "6.12")


@pytest.mark.parametrize("main, starts", [
    ("\tdo_basic_setup();\n\n\tkunit_run_all_tests();\n", True),
    ("\n", False),
    ("#if defined(CONFIG_KUNIT) && defined(CONFIG_UML)\n\tkunit_run_all_tests();\n#endif\n", False),
])
def test_suites_are_started_once(tmp_path, main, starts):
    """Trees of Android 14 and 15 build KUnit and start no suite that is built in."""
    write(tmp_path, {"arch/arm64/mm/init.c": "\n", "init/main.c": main})
    texts = [path.read_text() for path in compat_objects(tmp_path)]
    assert sum(text.count("kunit_run_all_tests();") for text in texts) == (not starts)

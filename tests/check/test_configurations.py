# SPDX-License-Identifier: GPL-2.0-only
"""Steps of scripts/check that compare configurations: what they find, with objects of a few lines."""

import importlib.machinery
import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

from pguest import paths

REPO = Path(__file__).resolve().parents[2]
HOOK = """\
// SPDX-License-Identifier: GPL-2.0-only
/// Do one thing.
///
// Why:     because.
// Where:   lib/{name}.c, f(): 1 match
// Trees:   6.12
// Outside: nothing.
{off}
@@
@@
- a
+ b
"""
COMPILER = {"arm64": "aarch64-linux-gnu-gcc", "x86": "x86_64-linux-gnu-gcc"}

pytestmark = pytest.mark.skipif(not all(map(shutil.which, (*COMPILER.values(), "ccache"))), reason="a compiler is missing")


@pytest.fixture
def check(tmp_path, monkeypatch):
    """A Check of which the hooks are for lib/plain.c and lib/said.c, the second of which says Off:."""
    loader = importlib.machinery.SourceFileLoader("check_program", str(REPO / "scripts/check"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_program", loader))
    loader.exec_module(module)
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks/10-plain.cocci").write_text(HOOK.format(name="plain", off=""))
    (tmp_path / "hooks/20-said.cocci").write_text(HOOK.format(name="said", off="// Off:     the same.\n"))
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "OUT", tmp_path / "out")
    monkeypatch.setattr(module.trees, "series_of", lambda _: "6.12")
    monkeypatch.setattr(module.source, "pristine_tree", lambda _: tmp_path / "pristine")
    one = module.Check()
    one.found_tree = tmp_path / "hooked"
    one.failed, one.code_of, one.with_equal_lines = module.Failed, module.code_of, module.with_equal_lines
    return one


def compile_as(check, codes, monkeypatch):
    """Objects of {(arch, which tree): {name: code}}."""
    def hooked_objects(_, name, *__):
        arch, which = name.split("-")[2:]
        for one, code in codes(arch, which).items():
            file = check.place(name) / "lib" / f"{one}.o"
            file.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run([COMPILER[arch], "-O2", "-g", "-x", "c", "-c", "-o", file, "-"], input=code, text=True, check=True)
        return {f"lib/{one}.o" for one in codes(arch, which)}
    monkeypatch.setattr(check, "hooked_objects", hooked_objects)
    # Other lines are of no use here: nothing has been written down of how an object was made.
    monkeypatch.setattr(check, "is_same", lambda one, _, names, arch: check.code_of(check.place(names[0]) / one, arch)
                        == check.code_of(check.place(names[1]) / one, arch))


# Lines that move, and local names with other numbers, are no difference.
SAME = {"pristine": "static int x; int f(void) { return x++; }", "hooked": "\n\n#define y 1\nstatic int x; int f(void) { return x++; }"}
OTHER = {"pristine": "int f(void) { return 1; }", "hooked": "int f(void) { return 2; }"}


def test_objects_that_are_the_same_pass(check, monkeypatch):
    compile_as(check, lambda arch, which: {"plain": SAME[which], "said": OTHER[which]}, monkeypatch)
    assert check.off() == "the same: 1 of 2 of arm64, 1 of 2 of x86"


def test_another_object_is_found_on_either_architecture(check, monkeypatch):
    compile_as(check, lambda arch, which: {"plain": (OTHER if arch == "x86" else SAME)[which], "said": OTHER[which]}, monkeypatch)
    with pytest.raises(check.failed) as failure:
        check.off()
    assert failure.value.args == ("x86: lib/plain.o: is another object than without hooks, and no hook says Off:",)


def test_a_hook_that_says_off_for_nothing_is_found(check, monkeypatch):
    compile_as(check, lambda arch, which: {"plain": SAME[which], "said": SAME[which]}, monkeypatch)
    with pytest.raises(check.failed) as failure:
        check.off()
    assert failure.value.args == ("hooks/20-said.cocci: says Off:, and each object is the one that it is without hooks",)


def test_an_object_of_one_tree_only_is_found(check, monkeypatch):
    compile_as(check, lambda arch, which: {"said": OTHER[which], **({"plain": SAME[which]} if which == "hooked" else {})}, monkeypatch)
    with pytest.raises(check.failed) as failure:
        check.off()
    assert failure.value.args == ("arm64: lib/plain.o: is built of one of the trees only", "x86: lib/plain.o: is built of one of the trees only")


def test_texts_get_the_same_lines(check):
    old = "#include <a.h>\n\nint f(void)\n{\n\ta();\n\tb();\n\tc();\n}\n"
    new = "#include <a.h>\n#include <b.h>\n\nint f(void)\n{\n\tx();\n\ty();\n\tb();\n}\n"
    texts = check.with_equal_lines(old, new)
    assert [text.split("\n").index("\tb();") for text in texts] == [7, 7]
    assert [text.split("\n").index("}") for text in texts] == [9, 9]
    assert [text.replace("\n", "") for text in texts] == [old.replace("\n", ""), new.replace("\n", "")]

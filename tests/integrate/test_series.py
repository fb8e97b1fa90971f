# SPDX-License-Identifier: GPL-2.0-only
"""scripts/try-series: what it finds in a series, on the small tree, with a make that only copies."""

import importlib.machinery
import importlib.util

import pytest
from trees import HOOKS, REPO, commit_all, git, write

from pguest import paths, ui


@pytest.fixture
def program(repo, tree, tmp_path, monkeypatch):
    loader = importlib.machinery.SourceFileLoader("series_program", str(REPO / "scripts/try-series"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("series_program", loader))
    loader.exec_module(module)
    commit_all(repo)
    git(repo, "config", "user.name", "Ann Maintainer")
    git(repo, "config", "user.email", "ann@example.org")
    for name, value in (("ROOT", repo), ("BUILD", tmp_path / "build"), ("LOGS", tmp_path / "build/logs")):
        monkeypatch.setattr(paths, name, value)
    monkeypatch.setattr(module, "PLACE", tmp_path / "build/series")
    monkeypatch.setattr(module.kernel, "configure", lambda *_: None)
    monkeypatch.setattr(module.kernel, "make", copy_objects)
    monkeypatch.setattr(module, "LOCAL", {"arch/arm64/mm/ioremap.c": "\treturn;\n"})
    return module


def copy_objects(place, out, *words, log, what):
    """Objects that are the texts; a file with the word BROKEN has none."""
    assert (log, what) != ("", "")
    named = [place / f"{word[:-2]}.c" for word in words if word.endswith(".o")]
    for file in named + list((place / "pguest").rglob("*.c") if "pguest/" in words else []):
        if "BROKEN" in file.read_text():
            raise ui.Refusal("make failed")
        name = file.relative_to(place).with_suffix(".o")
        write(out, {str(name): file.read_text(), str(name.with_name(f".{name.name}.cmd")): "deps := /include/linux/mm.h "})


def run(program, monkeypatch, *words):
    monkeypatch.setattr("sys.argv", ["try-series", *words])
    return program.main()


def test_a_series_is_applied_compiled_compared_and_taken_back(program, tree, tmp_path, monkeypatch, capsys):
    assert run(program, monkeypatch, "--keep", f"a vendor's/tree={tree}") == 0
    said = capsys.readouterr().out
    assert "2 objects of files with hooks; not configured: none" in said and "5 patches, 2 objects" in said and "3 files of the build compared" in said
    assert said.splitlines()[-1] == "series: a vendor's/tree: 0 problems"
    made = tmp_path / "build/series/a_vendor_s_tree/linux"
    # scripts/integrate had it last; the history is that of the tree before.
    assert git(made, "log", "--format=%s").split("\n")[0] == "Linux as it came"
    assert not (tree / ".git").exists() and not (tree / "pguest").exists()
    (tree / "Makefile").unlink()
    assert run(program, monkeypatch, "--again", f"a vendor's/tree={tree}") == 0
    assert not made.exists()
    with pytest.raises(ui.Refusal, match="--again: .* is not there"):
        run(program, monkeypatch, "--again", f"a vendor's/tree={tree}")


def test_the_head_of_a_repository_is_taken(program, tree, tmp_path, monkeypatch):
    write(tmp_path / "all/kernel", {str(path.relative_to(tree)): path.read_text() for path in tree.rglob("*") if path.is_file()})
    commit_all(tmp_path / "all")
    assert run(program, monkeypatch, f"{tmp_path}/all:kernel") == 0
    # And goes when it has been tried.
    assert not [path for path in (tmp_path / "build/series").iterdir() if not path.name.startswith(".")]


MEND = """\
// SPDX-License-Identifier: GPL-2.0-only
/// Mend what the hook before it has broken.
///
// Why:     because.
// Where:   arch/arm64/mm/init.c, early_one(): 1 match
// Trees:   6.12
// Outside: nothing.

@@
@@
-	BROKEN();
+	pguest_early();
"""


def test_a_snapshot_without_its_largest_file_is_taken(program, tree, tmp_path, monkeypatch, capsys):
    write(tree, {"drivers/gpu/large.h": "large\n"})
    commit_all(tree)
    blob = git(tree, "rev-parse", "HEAD:drivers/gpu/large.h").strip()
    (tree / ".git/objects" / blob[:2] / blob[2:]).unlink()
    assert run(program, monkeypatch, str(tree / ".git")) == 0
    assert "lacks 1 files: " in capsys.readouterr().out


def test_a_step_that_does_not_compile_is_named(program, repo, tree, monkeypatch, capsys):
    write(repo / "hooks", {"10-early.cocci": HOOKS["10-early.cocci"].replace("pguest_early();", "BROKEN();"), "15-mend.cocci": MEND})
    assert run(program, monkeypatch, str(tree)) == 1
    said = capsys.readouterr().out
    assert "  0002-look-for-the-hypervisor-before-memory-is-given-out.patch: does not compile: " in said
    assert "  0003" not in said and said.splitlines()[-1] == "series: linux: 1 problems"


def test_what_integrate_makes_otherwise_is_named(program, tree, monkeypatch, capsys):
    integrate = program.source.integrate

    def other(place, *options):
        if options:
            integrate(place, *options)
            file = place / "arch/arm64/mm/init.c"
            file.write_text(file.read_text() + "int other;\n")
    monkeypatch.setattr(program.source, "integrate", other)
    assert run(program, monkeypatch, str(tree)) == 1
    said = capsys.readouterr().out
    assert "  arch/arm64/mm/init.c: is not what scripts/integrate makes of it\n" in said
    assert "  arch/arm64/mm/init.o: is another one than of scripts/integrate\n" in said


@pytest.mark.parametrize("local, said", [
    ({"arch/arm64/mm/init.c": "\tdepth = 1;\n"}, "series: linux: 0 problems"),
    ({"scripts/Kbuild.include": "# none\n"}, "the local lines are not in the context of three patches")])
def test_a_change_of_the_tree_s_own_is_next_to_hooks(program, tree, monkeypatch, capsys, local, said):
    monkeypatch.setattr(program, "LOCAL", local)
    assert run(program, monkeypatch, "--local", str(tree)) == ("0 problems" not in said)
    assert said in capsys.readouterr().out


def test_a_change_of_its_own_needs_its_place(program, tree, monkeypatch):
    with pytest.raises(ui.Refusal, match="arch/arm64/mm/ioremap.c has 'return;' 0 times"):
        run(program, monkeypatch, "--local", str(tree))


@pytest.mark.parametrize("spoil, because", [(lambda tree: (tree / "Makefile").unlink(), "no kernel tree there"),
                                            (lambda tree: (tree / "pguest").mkdir(), "has the layer already")])
def test_a_tree_that_cannot_be_is_refused(program, tree, monkeypatch, spoil, because):
    spoil(tree)
    with pytest.raises(ui.Refusal, match=because):
        run(program, monkeypatch, str(tree))

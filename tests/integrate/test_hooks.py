# SPDX-License-Identifier: GPL-2.0-only
"""The repository's own hooks: what their headers say, and whether they fit the real trees."""

import concurrent.futures
import os
import re
import shutil
import subprocess

import pytest
from trees import REPO, Integrate, contents, write

from hookfile import SERIES, Hook, HookError, lines_twice, load_hooks, select, too_many_copies
from kerneltree import Tree, decode

from pguest import paths, trees

FILES = sorted(file for file in (REPO / "hooks").iterdir() if file.suffix in (".cocci", ".lines"))


def test_there_are_hooks():
    assert FILES


def test_every_file_is_a_hook_or_explains_them():
    assert {file.name for file in (REPO / "hooks").iterdir()} - {file.name for file in FILES} == {"README.rst"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_hook_explains_itself(file):
    hook = Hook(file)
    assert re.fullmatch(r"\d\d-[a-z0-9-]+(-\d+\.\d+)?\.(cocci|lines)", hook.name)
    assert hook.text.splitlines()[0].endswith("SPDX-License-Identifier: GPL-2.0-only")
    for tag in ("Why", "Trees", "Outside"):
        assert hook.tags.get(tag), f"{tag}: is missing"
    assert hook.tags.get("Where") or hook.tags.get("File")
    assert hook.summary, "a /// or ## line says what it does"
    # A subject of a commit, with patchseries.PREFIX, has at most 75 characters.
    assert len(hook.summary.rstrip(".")) <= 60, "too long for the subject of a patch"


def test_two_hooks_share_a_number_only_for_different_trees():
    """NN-what-6.1.cocci is what NN-what.cocci is on other trees. A vendor's tree may take all of them."""
    seen = {}
    for hook in load_hooks(REPO / "hooks"):
        for version in hook.trees:
            key = (hook.name[:2], version)
            assert key not in seen, f"{hook.name} and {seen[key]} are both for {version}"
            seen[key] = hook.name


def test_hooks_are_for_series_that_are_known():
    assert {version for hook in load_hooks(REPO / "hooks") for version in hook.trees} == set(SERIES)


def test_few_lines_stand_twice():
    assert too_many_copies(REPO / "hooks") == []


def test_a_copy_is_found(tmp_path):
    """As hooks were before there were alternatives: a copy for a version, and a block of another hook's."""
    text = "@@\n@@\n f(...)\n {\n a();\n\n b();\n ...\n c();\n d();\n two();\n three();\n four();\n }\n"
    write(tmp_path, {"10-a.cocci": f"// Why: a.\n{text}", "10-b.cocci": f"// Why: b.\n{text.replace('two', 'deux')}",
                     "20-c.lines": "+ a\n+ b\n+ c\n+ d\n", "30-d.lines": "- x\n+ a\n+ b\n\n+ c\n+ d\n"})
    # a() to d() again, without the frame around and between them; three() and four() are too few.
    assert lines_twice(sorted(tmp_path.iterdir())) == {"10-b.cocci": [6, 8, 10, 11], "30-d.lines": [2, 3, 5, 6]}
    assert too_many_copies(tmp_path, most=8) == []
    assert too_many_copies(tmp_path, most=7) == [
        "hooks: 8 lines stand twice, not at most 7: alternatives in one hook, or a name in compat/",
        "hooks/10-b.cocci:6: 4 lines stand elsewhere, too", "hooks/30-d.lines:2: 4 lines stand elsewhere, too"]


@pytest.fixture(scope="module", params=trees.known_series())
def real(request, tmp_path_factory):
    """Those files of the real tree that hooks touch as they came, and what makes it a tree."""
    there = [tree for tree in (paths.pristine(request.param), paths.tree(request.param)) if tree.exists()]
    if not there:
        pytest.skip(f"no tree of Linux {request.param} in {paths.BUILD}")
    tree = Tree(there[0])
    top = tmp_path_factory.mktemp("real") / "linux"
    names = {"Makefile", "Kbuild", "Kconfig", "arch/arm64/Makefile", "scripts/Kbuild.include"}
    names |= {path for hook in select(load_hooks(REPO / "hooks"), tree.version, tree.has) for path in [*hook.paths(), *hook.needs]}
    for name in names:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(tree.original(name))
        shutil.copymode(there[0] / name, top / name)
    return top


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    """The hooks as they are now: somebody may be at work on them."""
    top = tmp_path_factory.mktemp("ours")
    for name in ("hooks", "scripts"):
        shutil.copytree(REPO / name, top / name, ignore=shutil.ignore_patterns("__pycache__"))
    return top


def test_all_hooks_fit_the_real_tree_as_does_their_diff_and_can_be_reverted(real, ours, tmp_path):
    """One test, as each call applies all hooks: half a minute."""
    for name in ("linux", "patched"):
        shutil.copytree(real, tmp_path / name)
    integrate = Integrate(ours, tmp_path / "linux")
    before = contents(integrate.tree)
    subprocess.run(["patch", "-p1", "-s", "-d", tmp_path / "patched"], input=integrate("--diff"), text=True, check=True)
    assert contents(integrate.tree) == before
    assert "is integrated" in integrate()
    assert contents(tmp_path / "patched") == {name: entry for name, entry in contents(integrate.tree).items()
                                              if not name.startswith((".pguest", "pguest"))}
    assert "nothing to do" in integrate()
    integrate("--revert")
    assert contents(integrate.tree) == before


def test_each_hook_includes_what_it_calls(real, tmp_path):
    """A series has a patch for each, and each step compiles: a header that a later hook brings is too late."""
    tree = Tree(real)
    hooks = select(load_hooks(REPO / "hooks"), tree.version, tree.has)

    def too_early(path):
        text, found = decode((real / path).read_bytes()), []
        for hook in (hook for hook in hooks if path in hook.paths()):
            workdir = tmp_path / path.replace("/", "_") / hook.name
            workdir.mkdir(parents=True)
            text = hook.apply(path, text, workdir)
            if re.search(r"\bpguest_\w+\(", text) and not re.search(r"^#include .*pguest", text, re.MULTILINE):
                found.append(f"{path}: {hook.name}")
        return found
    names = sorted({path for hook in hooks for path in hook.paths() if path.endswith(".c")})
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        assert [line for lines in pool.map(too_early, names) for line in lines] == []


@pytest.mark.parametrize("line, where", [("6.12: another object.", ["6.12"]), ("6.1, 6.12: another object.", ["6.1", "6.12"]),
                                         ("another object.", ["6.1", "6.12", "7.3"])])
def test_what_changes_without_the_layer_may_be_so_in_some_versions(tmp_path, line, where):
    file = tmp_path / "10-one.cocci"
    file.write_text(f"/// One.\n// Why:     because.\n// Where:   a/b.c: 1 match\n// Trees:   6.1, 6.12, 7.3\n// Off:     {line}\n\n@@\n@@\n")
    hook = Hook(file)
    assert {version: hook.on(version).off for version in hook.trees} == {
        version: "another object." if version in where else "" for version in hook.trees}


def test_what_changes_without_the_layer_is_of_a_version_of_the_hook(tmp_path):
    file = tmp_path / "10-one.cocci"
    file.write_text("/// One.\n// Why:     because.\n// Where:   a/b.c: 1 match\n// Trees:   6.1\n// Off:     7.3: another.\n\n@@\n@@\n")
    with pytest.raises(HookError, match="'Off:' is for a version"):
        Hook(file)

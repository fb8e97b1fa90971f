# SPDX-License-Identifier: GPL-2.0-only
"""The repository's own hooks: what their headers say, and whether they fit the real trees."""

import re
import shutil
import subprocess

import pytest
from trees import REPO, Integrate, contents

from hookfile import Hook, load_hooks
from kerneltree import Tree

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


def test_two_hooks_share_a_number_only_for_different_trees():
    """NN-what-6.1.cocci is what NN-what.cocci is on other trees."""
    seen = {}
    for hook in load_hooks(REPO / "hooks"):
        for version in hook.trees:
            key = (hook.name[:2], version)
            assert key not in seen, f"{hook.name} and {seen[key]} are both for {version}"
            seen[key] = hook.name


@pytest.fixture(scope="module", params=trees.known_series())
def real(request, tmp_path_factory):
    """Those files of the real tree that hooks touch as they came, and what makes it a tree."""
    there = [tree for tree in (paths.pristine(request.param), paths.tree(request.param)) if tree.exists()]
    if not there:
        pytest.skip(f"no tree of Linux {request.param} in {paths.BUILD}")
    tree = Tree(there[0])
    top = tmp_path_factory.mktemp("real") / "linux"
    names = {"Makefile", "Kbuild", "Kconfig", "arch/arm64/Makefile", "scripts/Kbuild.include"}
    names |= {place.path for hook in load_hooks(REPO / "hooks") if tree.version in hook.trees for place in hook.places}
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


def test_all_hooks_fit_the_real_tree_and_can_be_reverted(real, ours, tmp_path):
    shutil.copytree(real, tmp_path / "linux")
    integrate = Integrate(ours, tmp_path / "linux")
    before = contents(integrate.tree)
    assert "would be integrated" in integrate("--check")
    assert "is integrated" in integrate()
    assert "nothing to do" in integrate()
    integrate("--revert")
    assert contents(integrate.tree) == before


def test_the_diff_makes_the_same_real_tree(real, ours, tmp_path):
    for name in ("linux", "patched"):
        shutil.copytree(real, tmp_path / name)
    integrate = Integrate(ours, tmp_path / "linux")
    subprocess.run(["patch", "-p1", "-s", "-d", tmp_path / "patched"], input=integrate("--diff"), text=True, check=True)
    integrate()
    after = contents(integrate.tree)
    assert contents(tmp_path / "patched") == {name: entry for name, entry in after.items()
                                              if not name.startswith((".pguest", "pguest"))}

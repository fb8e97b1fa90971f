# SPDX-License-Identifier: GPL-2.0-only
"""Fixtures. What tests import by name is in trees.py: there is more than one conftest.py."""

import shutil

import pytest
from trees import HOOKS, OURS, REPO, TREE, Integrate, age, write


@pytest.fixture
def repo(tmp_path):
    """A repository with three hooks and a few files."""
    top = tmp_path / "repo"
    for name in ("integrate", "hookfile.py", "kerneltree.py", "patchseries.py", "treefit.py"):
        (top / "scripts").mkdir(parents=True, exist_ok=True)
        shutil.copy(REPO / "scripts" / name, top / "scripts" / name)
    write(top, OURS)
    write(top / "hooks", HOOKS)
    return top


@pytest.fixture
def tree(tmp_path):
    """A kernel tree of eight files."""
    top = tmp_path / "linux"
    write(top, TREE)
    age(top)
    return top


@pytest.fixture
def integrate(repo, tree):
    return Integrate(repo, tree)

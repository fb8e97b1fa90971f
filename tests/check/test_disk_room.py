# SPDX-License-Identifier: GPL-2.0-only
"""A run of the tests does not fill the disk: what passed is removed, what failed stays, and too little room is said at once."""

import shutil
import subprocess
import sys

import pytest

from pguest import paths, shell, ui

TESTS = """
import pytest

def test_good(tmp_path):
    (tmp_path / "file").write_text("x")

def test_bad(tmp_path):
    (tmp_path / "file").write_text("x")
    assert not tmp_path

@pytest.fixture
def broken(tmp_path):
    yield (tmp_path / "file").write_text("x")
    assert not tmp_path

def test_bad_afterwards(broken):
    assert broken

def test_without():
    assert True
"""


def test_only_what_failed_stays(tmp_path):
    shutil.copy(paths.ROOT / "tests/conftest.py", tmp_path)
    (tmp_path / "test_some.py").write_text(TESTS)
    done = subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--basetemp", tmp_path / "made", "test_some.py"],
                          cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "1 failed, 3 passed, 1 error" in done.stdout
    assert sorted({file.resolve().parent.name for file in tmp_path.glob("made/*/file")}) == ["test_bad0", "test_bad_afterwards0"]


def test_too_little_room_is_refused_with_what_moves_it(tmp_path):
    with pytest.raises(ui.Refusal, match=r"not enough disk for a: .* are needed \(TMPDIR=/elsewhere moves them\)"):
        shell.need_space(1 << 60, "a", tmp_path / "not" / "there", "TMPDIR=/elsewhere moves them")
    shell.need_space(1, "a", tmp_path)

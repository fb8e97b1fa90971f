# SPDX-License-Identifier: GPL-2.0-only
"""The layer and its KUnit suites compile on each kernel: make test boots the suites on one of them alone."""

import os
import subprocess

import pytest

from pguest import paths, trees

# With KERNEL= or LINUX= all tests run on that one, whose suites are built as a kernel.
OTHERS = [] if paths.LINUX else [series for series in trees.series_to_test() if series != paths.KERNEL]


# Of the others the oldest, which differs most, is for make test.
@pytest.mark.parametrize("series", [pytest.param(series, marks=pytest.mark.matrix if nth else [])
                                    for nth, series in enumerate(sorted(OTHERS))])
def test_layer_and_suites_compile_without_a_warning(series):
    done = subprocess.run([paths.ROOT / "scripts/check", "gcc"], env={**os.environ, "KERNEL": series}, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "objects" in done.stdout

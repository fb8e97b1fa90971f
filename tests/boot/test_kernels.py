# SPDX-License-Identifier: GPL-2.0-only
"""The other kernels: each boots protected each way, and does what `make run` shows.

This is a part of `make matrix`.
"""

import pytest

from pguest import ioboot, paths, trees

# With KERNEL= or LINUX= all tests run on that one, and this is one of them.
OTHERS = [series for series in trees.series_to_test() if series != paths.DEFAULT or paths.LINUX]


ROWS = [("pkvm", {}), ("cca", {}), ("cca", {"rmm": "tf"})]


def rows():
    """All of them; make test has one mode for each kernel, in turn."""
    for nth, series in enumerate(OTHERS):
        for row, (mode, options) in enumerate(ROWS):
            yield pytest.param(series, mode, options, id=f"{series}-{'-'.join([mode, *options.values()])}",
                               marks=[] if row == nth % 2 else pytest.mark.matrix)


@pytest.mark.parametrize("series, mode, options", rows())
def test_every_kernel_does_the_same(built, tmp_path, series, mode, options):
    """All devices, whole data, no access blocked, the ledger is the monitor's count."""
    assert not ioboot.boot(tmp_path, built(paths.kernel_name("guest", series)), mode, monitor=options).failures

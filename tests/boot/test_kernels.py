# SPDX-License-Identifier: GPL-2.0-only
"""The other kernels: each boots protected each way, and does what `make run` shows.

This is the part of `make matrix` that make test has time for.
"""

import pytest

from pguest import ioboot, paths, trees

# With KERNEL= or LINUX= all tests run on that one, and this is one of them.
OTHERS = [series for series in trees.series_to_test() if series != paths.DEFAULT or paths.LINUX]


@pytest.mark.parametrize("mode, options", [
    ("pkvm", {}),
    ("cca", {}),
    pytest.param("cca", {"rmm": "tf"}, id="cca-tf"),
])
@pytest.mark.parametrize("series", OTHERS)
def test_every_kernel_does_the_same(built, tmp_path, series, mode, options):
    """All devices, whole data, no access blocked, the ledger is the monitor's count."""
    assert not ioboot.boot(tmp_path, built(paths.kernel_name("guest", series)), mode, monitor=options).failures

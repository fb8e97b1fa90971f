# SPDX-License-Identifier: GPL-2.0-only
"""The monitor is held to the specification by a guest of its own: what it enforces, it enforces."""

import re
import subprocess

from pguest import guest as guest_build, paths, source


def test_monitor_does_what_the_specification_says(built):
    """Every mode, granule and width, each lie of an RMM once; what it must refuse to start, too."""
    guest_build.make_monitor(source.integrated_tree(), paths.MONITOR / "selftest.img")
    done = subprocess.run([paths.ROOT / "tests/monitor/selftest/run", paths.monitor_image(),
                           paths.MONITOR / "selftest.img"], text=True, capture_output=True,
                          check=False, timeout=300)
    assert done.returncode == 0, done.stdout
    results = re.findall(r"^SUMMARY: (\d+) passed, (\d+) failed", done.stdout, re.M)
    assert len(results) > 10
    assert all(failed == "0" for _, failed in results), done.stdout

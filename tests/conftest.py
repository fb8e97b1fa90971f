# SPDX-License-Identifier: GPL-2.0-only
"""What a test that passed has written is removed: disks of a whole run are several GiB, and pytest keeps three runs."""

import shutil

import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    item.has_failed = report.failed or getattr(item, "has_failed", False)
    if report.when == "teardown" and not item.has_failed and (directory := getattr(item, "funcargs", {}).get("tmp_path")):
        shutil.rmtree(directory, ignore_errors=True)

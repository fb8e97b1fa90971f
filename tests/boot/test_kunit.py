# SPDX-License-Identifier: GPL-2.0-only
"""The KUnit suites of tests/kunit, run in a guest, each case a test of its own here.

The names come from the sources and the results from the guest's log: a case
that was compiled out, or never ran, is missing there and fails here.
"""

import re

import pytest
from paths import ROOT

from machine import make_disk

pytestmark = pytest.mark.xdist_group("kunit")

CASE = re.compile(r"\bKUNIT_CASE(?:_PARAM|_SLOW|_ATTR|_PARAM_ATTR)?\(\s*(\w+)")
SUITE = re.compile(r'\.name\s*=\s*"(pguest_\w+)"')
SUBTEST = re.compile(r"# Subtest: (\w+)$")
RESULT = re.compile(r"\]\s+(ok|not ok) \d+ ([\w-]+)(?:\s+#\s*(\w+.*))?$")


def cases_in_sources():
    names = []
    for source in sorted((ROOT / "tests" / "kunit").glob("*_kunit.c")):
        text = source.read_text()
        names += [f"{SUITE.search(text)[1]}.{case}" for case in CASE.findall(text)]
    return names


@pytest.fixture(scope="module")
def boot(tmp_path_factory, built):
    """One boot of the test Image for all cases."""
    from machine import Machine
    directory = tmp_path_factory.mktemp("kunit")
    guest = Machine(directory, image=built("test"), mode="pkvm", cpus=2)
    guest.add_disk(make_disk(directory / "disk.img"))
    # KUnit prints "# ... WARNING" only where a case provokes one on purpose.
    return guest.run("disk", timeout=240, allow=[r"^\[.*\]\s+# "])


@pytest.fixture(scope="module")
def results(boot):
    """{"suite.case": ("ok" or "not ok", what stands behind "#")}, from the log's KTAP."""
    suites = {name.split(".")[0] for name in cases_in_sources()}
    found, suite = {}, ""
    for line in boot.console:
        if (match := SUBTEST.search(line)) and match[1] in suites:
            suite = match[1]
        elif match := RESULT.search(line):
            found[f"{suite}.{match[2]}"] = (match[1], match[3] or "")
    return found


@pytest.mark.parametrize("name", cases_in_sources())
def test_kunit(results, name):
    assert name in results, f"{name} did not run"
    verdict, note = results[name]
    assert verdict == "ok" and "SKIP" not in note, f"{name}: {verdict} {note}"


def test_kernel_with_all_checkers_is_clean(boot):
    """Lockdep, DMA debugging and list debugging watch the test Image do I/O: no complaint."""
    assert boot.blocked["dma"] == 0
    assert not boot.failed_checks()


def test_no_kunit_suite_failed(boot):
    assert not boot.lines(r"\]\s*not ok ")
    assert boot.lines(r"\]\s*ok \d+ pguest"), "no suite of ours ran"

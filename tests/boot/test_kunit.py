# SPDX-License-Identifier: GPL-2.0-only
"""The KUnit suites of tests/kunit, run in a guest, each case a test of its own here.

The names come from the sources and the results from the guest's log: a case
that was compiled out, or never ran, is missing there and fails here. There are
two guests, since a case may be about realms or about what is none: skipped in
both, it fails.
"""

import re

import pytest

from pguest import device_campaign, guest as guest_build, paths
from pguest.machine import Machine, make_disk


pytestmark = pytest.mark.xdist_group("kunit")

CASE = re.compile(r"\bKUNIT_CASE(?:_PARAM|_SLOW|_ATTR|_PARAM_ATTR)?\(\s*(\w+)")
SUITE = re.compile(r'\.name\s*=\s*"(pguest_\w+)"')
SUBTEST = re.compile(r"# Subtest: (\w+)$")
RESULT = re.compile(r"\]\s+(ok|not ok) \d+ (?:- )?([\w-]+)(?:\s+#\s*(\w+.*))?$")


# Suites for what a tree may have itself, and then has no use for ours: not built from that version on.
THEIRS_SINCE = {"tsm_mr_kunit.c": (6, 16)}
# Skips its cases unless it is asked to run; built since 6.11.
ON_REQUEST = ("device_fuzz_kunit.c",)


def cases_in_sources():
    names = []
    for source in sorted((paths.ROOT / "tests" / "kunit").glob("*_kunit.c")):
        if source.name in ON_REQUEST or paths.version_of(paths.KERNEL) >= THEIRS_SINCE.get(source.name, (99,)):
            continue
        text = source.read_text()
        names += [f"{SUITE.search(text)[1]}.{case}" for case in CASE.findall(text)]
    return names


# The realm has a block of RAM that its device tree does not tell of: some is plugged in.
HIDDEN_MIB = 160
GUESTS = {
    "pkvm": {"mode": "pkvm", "parallel": True},
    "cca": {"mode": "cca", "monitor": {"hidden_ram": HIDDEN_MIB},
            "append": ["pguest_test.hidden_ram"]},
}


@pytest.fixture(scope="module")
def boots(tmp_path_factory, built):
    """A boot of the test Image for all cases, in each kind of guest."""
    return {name: boot(tmp_path_factory.mktemp(f"kunit-{name}"), built("test"), options)
            for name, options in GUESTS.items()}


def boot(directory, image, options, allow=()):
    guest = Machine(directory, image=image, cpus=2, **options)
    # Linux 7.x runs them when it is asked to; older ones always do, and ignore the word.
    guest.append.append("kunit.autorun=1")
    guest.add_disk(make_disk(directory / "disk.img"))
    # KUnit prints "# ... WARNING" only where a case provokes one on purpose.
    return guest.run("disk", timeout=240, allow=[r"^\[.*\]\s+# ", *allow])


@pytest.fixture(scope="module")
def results(boots):
    return results_of(boots.values())


def results_of(boots):
    """{"suite.case": [("ok" or "not ok", what stands behind "#")]}, from the logs' KTAP."""
    suites = {name.split(".")[0] for name in cases_in_sources()}
    found, suite = {}, ""
    for line in (line for seen in boots for line in seen.console):
        if (match := SUBTEST.search(line)) and match[1] in suites:
            suite = match[1]
        elif match := RESULT.search(line):
            found.setdefault(f"{suite}.{match[2]}", []).append((match[1], match[3] or ""))
    return found


@pytest.mark.parametrize("name", cases_in_sources())
def test_kunit(results, name):
    assert len(results.get(name, [])) == len(GUESTS), f"{name} did not run"
    assert all(verdict == "ok" for verdict, _ in results[name]), f"{name}: {results[name]}"
    assert any("SKIP" not in note for _, note in results[name]), f"{name}: {results[name]}"


@pytest.mark.parametrize("name", GUESTS)
def test_kernel_with_all_checkers_is_clean(boots, name):
    """Lockdep, DMA debugging and list debugging watch the test Image do I/O: no complaint."""
    assert boots[name].blocked["dma"] == 0
    assert not boots[name].failed_checks()


@pytest.mark.parametrize("name", GUESTS)
def test_no_kunit_suite_failed(boots, name):
    assert not boots[name].lines(r"\]\s*not ok ")
    assert boots[name].lines(r"\]\s*ok \d+ (- )?pguest"), "no suite of ours ran"


# Memory is plugged in by blocks, and those are larger there: 512 MiB.
BLOCK_OF_64K = {"ram_mib": 1536, "monitor": {"hidden_ram": 1056}}


@pytest.mark.matrix
@pytest.mark.parametrize("name", GUESTS)
def test_kunit_with_pages_of_64_kib(tmp_path, built, name):
    """The same suites where a page is sixteen granules."""
    options = {**GUESTS[name], **(BLOCK_OF_64K if name == "cca" else {})}
    seen = boot(tmp_path, built("test-64k"), options)
    results = results_of([seen])
    assert not {case for case, found in results.items() if found[0][0] != "ok"}
    assert not set(cases_in_sources()) - set(results)


# Drivers that wait for an answer, or drop what they send, whether it was added to a queue or not
WAIT = ("random_source_waits_for_room", "console_waits_for_room", "socket_waits_for_room", "share_waits_for_room",
        "removal_waits_for_no_answer", "mount_waits_for_its_ring")


def test_what_drivers_wait_for(tmp_path, built):
    """A device comes, or is used, while the bounce pool is full: what its driver sends is there when the pool has room.

    And a random source is removed whose host answers at that moment, and never again; a mount of 9P ends while its host
    answers, or still has requests.
    """
    allowed = [f"pguest.devices=+virtio:{driver}" for driver in ("vmw_vsock_virtio_transport", "9pnet_virtio")]
    seen = boot(tmp_path, built("test"), {"mode": "pkvm", "append": [
        "kunit.filter_glob=pguest_device_fuzz.*_waits_for_*", "device_fuzz_kunit.cases=1", "device_room.room=1",
        "device_share.ends=1", *allowed]})
    # The suite is not one of cases_in_sources(): its results have no name in front.
    results = results_of([seen])
    assert [name for name in WAIT if results.get(f".{name}") != [("ok", "")]] == []
    # 9P says so, and nothing else, of a request that nobody puts.
    assert not seen.lines("still in use")


@pytest.mark.matrix
@pytest.mark.parametrize("mode", device_campaign.MODES)
def test_devices_that_lie(tmp_path, built, mode):
    """Drivers of the list, and those that its owner can allow. How much a device lies depends on the host's load."""
    image, modules = built("test"), guest_build.initramfs(paths.kernel_name("test"))
    seen = device_campaign.boot(tmp_path, mode, image, modules, seeds=1, devices=10)
    assert not device_campaign.wrong_in(seen, seeds=1)
    tried = device_campaign.Result()
    tried.add(seen.console)
    assert {kind for kind, _ in tried.devices} == set(device_campaign.KINDS) - set(device_campaign.WITH_KASAN_ALONE)
    assert all(tried.devices.values()) and all(tried.lies.values())

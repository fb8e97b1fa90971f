# SPDX-License-Identifier: GPL-2.0-only
"""A kernel whose addresses have tags: KASAN_SW_TAGS, which checks each access against the tag of its memory.

KASAN_HW_TAGS has the same addresses and lets the CPU check. That takes MTE, which a protected VM has not: pKVM and
RMMs hide it.
"""

import pytest
import test_kunit

from pguest import ioboot

# A kernel of its own, for which make test has no time.
pytestmark = pytest.mark.matrix

IMAGE = "guest-tags"
BAD_ACCESS = "BUG: KASAN: "
# Each access is a call here, so that a case takes a minute on a machine with other work to do.
STALL = "rcupdate.rcu_cpu_stall_timeout=120"


@pytest.mark.parametrize("mode", ["pkvm", "pkvm-android", "cca", "plain"])
def test_devices_of_a_kernel_with_tags(built, tmp_path, mode):
    """What `make run` does, and no access with the wrong tag."""
    outcome = ioboot.boot(tmp_path, built(IMAGE), mode, append=["kunit.enable=0", STALL], timeout=480)
    assert not outcome.failures
    assert outcome.seen.lines("kasan: KernelAddressSanitizer initialized .sw-tags")
    assert not outcome.seen.lines(BAD_ACCESS)


@pytest.mark.parametrize("name", test_kunit.GUESTS)
def test_kunit_with_tags(tmp_path, built, name):
    """The suites, on allocations that have a tag each."""
    options = {**test_kunit.GUESTS[name]}
    # Those parameters, and plugging memory in, are for the test kernel.
    options["append"] = [STALL]
    results = test_kunit.results_of([test_kunit.boot(tmp_path, built(IMAGE), options)])
    assert not {case for case, found in results.items() if found[0][0] != "ok"}
    assert results["pguest_memory.tags_in_an_address_do_not_count"] == [("ok", "")]

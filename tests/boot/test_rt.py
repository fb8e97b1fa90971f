# SPDX-License-Identifier: GPL-2.0-only
"""A PREEMPT_RT guest with lockdep and DEBUG_ATOMIC_SLEEP: a lock of ours that must not sleep is told."""

import pytest

from pguest import ioboot


pytestmark = pytest.mark.matrix


@pytest.mark.parametrize("mode", ("pkvm", "pkvm-android", "cca"))
@pytest.mark.parametrize("name", ("test-rt", "test-7.x-rt"))
def test_no_lock_sleeps_where_nobody_may(built, tmp_path, name, mode):
    """The I/O of `make run`; a splat of lockdep's is a line that no console may have."""
    outcome = ioboot.boot(tmp_path, built(name), mode, timeout=600,
                          append=["kunit.enable=0"])
    assert not outcome.failures
    assert outcome.seen.lines(r"Linux version .* PREEMPT_RT ")

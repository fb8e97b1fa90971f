# SPDX-License-Identifier: GPL-2.0-only
"""A PREEMPT_RT guest with lockdep and DEBUG_ATOMIC_SLEEP: a lock of ours that must not sleep is told.

By hand, as it costs a build of twenty minutes: whoever wants it builds it first.
"""

import pytest

import ioboot
import paths

IMAGES = {name: paths.image(name) for name in ("test-rt", "test-7.x-rt")}


@pytest.mark.parametrize("mode", ("pkvm", "pkvm-android", "cca"))
@pytest.mark.parametrize("name", IMAGES)
def test_no_lock_sleeps_where_nobody_may(tmp_path, name, mode):
    """The I/O of `make run`; a splat of lockdep's is a line that no console may have."""
    if not IMAGES[name].exists():
        pytest.skip(f"no {name} kernel: kernel.build(\"{name}\") of scripts/lib makes it")
    outcome = ioboot.boot(tmp_path, IMAGES[name], mode, timeout=600)
    assert not outcome.failures
    assert outcome.seen.lines(r"Linux version .* PREEMPT_RT ")

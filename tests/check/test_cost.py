# SPDX-License-Identifier: GPL-2.0-only
"""`make bench-cost` finds the difference of two kernels among boots that differ by more than that."""

import random

import pytest

from pguest import bench_cost

# Instructions of an interrupt, a switch and an access to a device
EVENTS = (700, 1800, 90)


def boots(number, base, seed):
    """Boots whose events differ by a fifth of all instructions, and a little besides."""
    rnd = random.Random(seed)
    made = []
    for _ in range(number):
        events = [4000 + rnd.randrange(200), 4000 + rnd.randrange(4000), 4096]
        made.append((base + sum(map(int.__mul__, EVENTS, events)) + rnd.randrange(-20_000, 20_000), events))
    return made


@pytest.mark.parametrize("more", [0, 100_000, -250_000])
def test_difference_for_the_same_events(more):
    found, error = bench_cost.compare(boots(15, 30_000_000, 1), boots(15, 30_000_000 + more, 2))
    base = 30_000_000 + sum(map(int.__mul__, EVENTS, (4100, 6000, 4096)))
    assert abs(found - 100 * more / base) <= 2 * error
    assert 0.005 < error < 0.1


def test_raw_means_would_not_do():
    """The same kernel twice, of which the second went idle more often: without its events it looks dearer."""
    once, again = boots(15, 30_000_000, 3), [(count + 1000 * EVENTS[1], [first, switches + 1000, last])
                                             for count, (first, switches, last) in boots(15, 30_000_000, 4)]
    found, error = bench_cost.compare(once, again)
    bare, _ = bench_cost.compare([(count, []) for count, _ in once], [(count, []) for count, _ in again])
    assert abs(found) <= 2 * error and bare > 2


def test_boots_that_are_too_few_have_no_error():
    found, error = bench_cost.compare([(1000, [])], [(1010, [])])
    assert error is None and found == pytest.approx(1.0)

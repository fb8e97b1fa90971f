# SPDX-License-Identifier: GPL-2.0-only
"""The rows of parametrized tests that make test has time for.

Of a test with several parameters those rows are kept that have each value of each parameter at least once: three modes
and six attacks are six boots and not eighteen. The others are for `-m matrix`, as those are that are marked so.
"""

from collections import defaultdict


def values_of(item):
    return {(name, repr(value)) for name, value in item.callspec.params.items()}


def spare_rows(items):
    """The items without which each value still has a row."""
    tests = defaultdict(list)
    for item in items:
        if hasattr(item, "callspec") and len(item.callspec.params) > 1:
            tests[item.nodeid.split("[")[0]].append(item)
    return [row for rows in tests.values() for row in spare_of(rows)]


def spare_of(rows):
    rest = list(rows)
    missing = set().union(*map(values_of, rows))
    while missing:
        # The first of those that add most: a diagonal of the table.
        best = max(rest, key=lambda row: len(values_of(row) & missing))
        rest.remove(best)
        missing -= values_of(best)
    return rest

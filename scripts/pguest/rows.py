# SPDX-License-Identifier: GPL-2.0-only
"""The rows of parametrized boot tests that make test has time for; the others are for `-m matrix`.

Of a test with several parameters those rows stay that have each value of each parameter at least once: three modes and
six attacks are three boots and not eighteen, since of a longer list the first, the middle and the last value are enough.
Of a test with one parameter the first and the last row stay; if it is the mode, one, so that the tests take each in turn.
"""

import zlib
from collections import defaultdict

MODE = "mode"
LONG = 2
LONG_OF_SEVERAL = 3


def values_of(item):
    return {(name, repr(value)) for name, value in item.callspec.params.items()}


def spare_rows(items):
    """The rows that make test does without."""
    tests = defaultdict(list)
    for item in items:
        if hasattr(item, "callspec"):
            tests[item.nodeid.split("[")[0]].append(item)
    return [row for name, rows in tests.items() for row in spare_of(name, rows)]


def spare_of(name, rows):
    parameters = rows[0].callspec.params
    if len(parameters) > 1:
        return beside_diagonal(rows)
    if MODE in parameters:
        return [row for row in rows if row is not rows[zlib.crc32(name.encode()) % len(rows)]]
    if len(rows) > LONG:
        return rows[1:-1]
    return []


def wanted(rows):
    """The values that have a row."""
    values = defaultdict(dict)
    for row in rows:
        for name, value in row.callspec.params.items():
            values[name][repr(value)] = None
    for name, all_of_them in values.items():
        several = list(all_of_them)
        if len(several) > LONG_OF_SEVERAL:
            several = [several[0], several[len(several) // 2], several[-1]]
        yield from ((name, value) for value in several)


def beside_diagonal(rows):
    """The rows without which each value that is wanted still has one."""
    rest = list(rows)
    missing = set(wanted(rows))
    while missing:
        # The first of those that add most
        best = max(rest, key=lambda row: len(values_of(row) & missing))
        rest.remove(best)
        missing -= values_of(best)
    return rest

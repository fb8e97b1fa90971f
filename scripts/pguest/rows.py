# SPDX-License-Identifier: GPL-2.0-only
"""The rows of parametrized boot tests that make test has time for; the others are for `-m matrix`.

Of a test with several parameters those rows stay that have each value of each parameter at least once: three modes and
six attacks are six boots and not eighteen. Of a longer list of values the first, the middle and the last stay, and of the
three modes two, so that the tests leave each of them out in turn.
"""

import zlib
from collections import defaultdict

MODE, MODES = "mode", 3
LONG = 3


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
    if len(rows) > LONG:
        return [row for row in rows if row not in (rows[0], rows[len(rows) // 2], rows[-1])]
    if MODE in parameters and len(rows) == MODES:
        return [rows[zlib.crc32(name.encode()) % MODES]]
    return []


def beside_diagonal(rows):
    """The rows without which each value still has one."""
    rest = list(rows)
    missing = set().union(*map(values_of, rows))
    while missing:
        # The first of those that add most
        best = max(rest, key=lambda row: len(values_of(row) & missing))
        rest.remove(best)
        missing -= values_of(best)
    return rest

# SPDX-License-Identifier: GPL-2.0-only
"""The rows that make test leaves to -m matrix: each value of each parameter still has one."""

from itertools import product
from types import SimpleNamespace

import pytest

from pguest import rows


def items_of(test, *parameters):
    return [SimpleNamespace(nodeid=f"{test}[{number}]", callspec=SimpleNamespace(params=dict(enumerate(values))))
            for number, values in enumerate(product(*parameters))]


@pytest.mark.parametrize("parameters, kept", [
    (["abc", "uvwxyz"], 6),
    (["ab", "uv", "xyz"], 3),
    (["abcde"], 5),
])
def test_each_value_has_a_row(parameters, kept):
    items = items_of("test", *parameters)
    spare = rows.spare_rows(items)
    left = [item for item in items if item not in spare]
    assert len(left) == kept
    assert set().union(*map(rows.values_of, left)) == set().union(*map(rows.values_of, items))


def test_one_test_is_no_row_of_another():
    assert not rows.spare_rows(items_of("one", "a", "u") + items_of("other", "a", "u"))

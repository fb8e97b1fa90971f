# SPDX-License-Identifier: GPL-2.0-only
"""The rows that make test leaves to -m matrix, and what is left then."""

from itertools import product
from types import SimpleNamespace

import pytest

from pguest import rows


def items_of(test, *parameters, names="abc"):
    return [SimpleNamespace(nodeid=f"{test}[{number}]", callspec=SimpleNamespace(params=dict(zip(names, values))))
            for number, values in enumerate(product(*parameters))]


def left(items):
    spare = rows.spare_rows(items)
    return [item for item in items if item not in spare]


@pytest.mark.parametrize("parameters, kept", [
    (["abc", "uvw"], 3),
    (["ab", "uv", "xyz"], 3),
    (["ab"], 2),
])
def test_each_value_has_a_row(parameters, kept):
    items = items_of("test", *parameters)
    assert len(left(items)) == kept
    assert set().union(*map(rows.values_of, left(items))) == set().union(*map(rows.values_of, items))


def test_a_long_list_beside_another_has_ends_and_middle():
    kept = [item.callspec.params for item in left(items_of("test", "ab", "uvwxyz"))]
    assert {params["a"] for params in kept} == set("ab")
    assert sorted(params["b"] for params in kept) == ["u", "x", "z"]


def test_a_long_list_has_its_ends():
    assert [item.callspec.params["a"] for item in left(items_of("test", "uvwxyz"))] == ["u", "z"]


def test_each_mode_is_that_of_some_tests():
    modes = ["pkvm", "pkvm-android", "cca"]
    kept = [tuple(item.callspec.params["mode"] for item in left(items_of(f"test{number}", modes, names=["mode"])))
            for number in range(30)]
    assert len(set(kept)) == 3 and all(len(modes) == 1 for modes in kept)


def test_one_test_is_no_row_of_another():
    items = items_of("one", "a", "u") + items_of("other", "a", "u")
    assert left(items) == items

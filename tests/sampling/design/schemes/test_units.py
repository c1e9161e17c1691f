from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.design.schemes.units import (
    Unit,
    checked_units,
    equal_sizes,
    select_beside_certain,
    target_probabilities,
)
from sampling.design.selection import SelectionError


def test_targets_by_hand():
    """100 of 115 is certain for two; then one of 15 is wanted."""
    assert target_probabilities([100, 6, 5, 4], 2) == [1, Fraction(6, 15), Fraction(5, 15), Fraction(4, 15)]


@settings(derandomize=True)
@given(st.lists(st.integers(1, 5_000), min_size=1, max_size=40), st.integers(0, 50))
def test_targets_add_up_to_the_sample_size(sizes: list[int], n: int):
    targets = target_probabilities(sizes, n)
    assert sum(targets) == min(n, len(sizes))
    assert all(0 <= target <= 1 for target in targets)


@pytest.mark.parametrize(
    ("units", "n", "words"),
    [
        ([Unit("a")], -1, "0 or more, got -1"),
        ([Unit("a"), Unit("b"), Unit("a")], 1, "once, got 'a' again"),
        ([Unit("a", 0)], 1, "got 0 for unit 'a'"),
        ([Unit("a", -3)], 1, "got -3 for unit 'a'"),
        ([Unit("a", 2.5)], 1, "got 2.5 for unit 'a'"),
        ([Unit("a", 1, (1,)), Unit("b", 1, ())], 1, "1 balancing variables"),
    ],
)
def test_impossible_units_are_named(units: Any, n: int, words: str):
    with pytest.raises(SelectionError, match=words):
        checked_units(units, n)


def test_no_units_are_no_error():
    assert checked_units([], 3) == []
    assert target_probabilities([], 3) == []


def test_the_drawing_function_sees_the_rest_sorted_by_id():
    seen: list[str] = []

    def draw(rest: Any, wanted: int) -> list[int]:
        seen.extend([*(unit.id for unit in rest), str(wanted)])
        return [2]

    units = [Unit("c", 5), Unit("a", 5), Unit("big", 90), Unit("b", 5)]
    selected = select_beside_certain(units, 2, draw, is_approximate=True)
    assert seen == ["a", "b", "c", "1"]
    assert [(one.index, one.probability, one.is_certainty, one.is_approximate) for one in selected] == [
        (0, Fraction(1, 3), False, True),
        (2, 1, True, False),
    ]


def test_equal_sizes_forget_the_size_only():
    assert equal_sizes([Unit("a", 9, (4,))]) == [Unit("a", 1, (4,))]

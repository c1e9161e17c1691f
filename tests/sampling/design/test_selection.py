from collections import Counter
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.design import selection
from sampling.design.selection import SelectionError, pps_systematic, simple_random, split_certainty_units

sizes = st.lists(st.integers(1, 5_000), min_size=1, max_size=40)
counts = st.integers(0, 12)


@settings(derandomize=True)
@given(sizes, counts)
def test_exactly_n_different_units_are_selected(units: Any, n: int):
    selected = pps_systematic(units, n, "seed")
    assert len(selected) == len({unit.index for unit in selected}) == min(n, len(units))


def inclusion_probabilities(units: Any, n: int):
    """Return the probability of every unit, selected or not."""
    certain, rest = split_certainty_units(units, n)
    total = sum(units[index] for index in rest)
    shares = {index: Fraction((n - len(certain)) * units[index], total) for index in rest}
    return dict.fromkeys(certain, Fraction(1)) | shares


@settings(derandomize=True)
@given(sizes, counts)
def test_inclusion_probabilities_add_up_to_n(units: Any, n: int):
    probabilities = inclusion_probabilities(units, n)
    assert sum(probabilities.values()) == min(n, len(units))
    assert all(0 <= probability <= 1 for probability in probabilities.values())
    for unit in pps_systematic(units, n, "seed"):
        assert unit.probability == probabilities[unit.index]


@settings(derandomize=True, max_examples=40)
@given(st.lists(st.integers(1, 30), min_size=2, max_size=12), st.integers(1, 5))
def test_going_through_every_start_gives_exactly_the_stated_probabilities(units: Any, n: int):
    certain, rest = split_certainty_units(units, n)
    wanted = n - len(certain)
    total = sum(units[index] for index in rest)
    if not wanted or not rest:
        assert len(certain) == min(n, len(units))
        return
    hits = Counter(
        unit.index for start in range(total) for unit in selection._systematic(units, rest, wanted, start)
    )
    assert {index: Fraction(hits[index], total) for index in rest} == {
        index: Fraction(wanted * units[index], total) for index in rest
    }


def test_frequencies_over_many_seeds_match_the_probabilities():
    units = [400, 250, 150, 100, 60, 40]
    draws = 4_000
    hits = Counter(unit.index for seed in range(draws) for unit in pps_systematic(units, 2, str(seed)))
    for index, probability in inclusion_probabilities(units, 2).items():
        standard_error = (draws * float(probability) * (1 - float(probability))) ** 0.5
        assert abs(hits[index] - draws * float(probability)) < 4 * standard_error


def test_certainty_units_are_taken_out_until_none_is_left():
    units = [1_000, 300, 40, 30, 30]
    assert split_certainty_units(units, 3) == ([0, 1], [2, 3, 4])
    assert [unit.is_certainty for unit in pps_systematic(units, 3, "seed")] == [True, True, False]


def test_fewer_units_than_wanted_are_all_certain():
    selected = pps_systematic([5, 1, 3], 6, "seed")
    assert [(unit.index, unit.probability, unit.is_certainty) for unit in selected] == [
        (0, 1, True),
        (1, 1, True),
        (2, 1, True),
    ]


def test_sizes_beyond_floating_point_stay_exact():
    units = [2**70 + step for step in range(5)]
    for unit in pps_systematic(units, 2, "seed"):
        assert unit.probability == Fraction(2 * units[unit.index], sum(units))


def test_neighbours_on_the_line_follow_the_interval():
    units = [10] * 30
    places = [unit.index for unit in pps_systematic(units, 5, "seed")]
    assert [later - earlier for earlier, later in pairwise(places)] == [6] * 4
    assert list(accumulate(units))[-1] == 300


@pytest.mark.parametrize(("units", "message"), [([3, 0], "place 2"), ([-1], "place 1"), ([1.5], "1.5")])
def test_sizes_that_cannot_be_are_refused(units: Any, message: str):
    with pytest.raises(SelectionError, match=message):
        pps_systematic(units, 1, "seed")


def test_negative_sample_sizes_are_refused():
    with pytest.raises(SelectionError, match="got -1"):
        pps_systematic([1], -1, "seed")
    with pytest.raises(SelectionError, match="got -1"):
        simple_random(["a"], -1, "seed")


def test_simple_random_sample_and_reserve_follow_one_order():
    units = [f"{number:03d}" for number in range(100)]
    sample = simple_random(units, 31, "seed", "v", n_reserve=10)
    longer = simple_random(units, 41, "seed", "v")
    assert sample.main + sample.reserve == longer.main
    assert sample.probability == Fraction(31, 100)


def test_small_register_is_taken_whole():
    sample = simple_random(["a", "b"], 31, "seed", n_reserve=10)
    assert sorted(sample.main) == ["a", "b"]
    assert sample.reserve == ()
    assert sample.probability == 1


def test_every_adult_is_drawn_equally_often():
    units = list("abcdefgh")
    draws = 4_000
    hits = Counter(unit for seed in range(draws) for unit in simple_random(units, 3, str(seed)).main)
    standard_error = (draws * 3 / 8 * 5 / 8) ** 0.5
    assert all(abs(hits[unit] - draws * 3 / 8) < 4 * standard_error for unit in units)


def test_register_with_a_number_twice_is_refused():
    with pytest.raises(SelectionError, match="'b' again"):
        simple_random(["a", "b", "b"], 1, "seed")


def test_empty_register_is_refused():
    with pytest.raises(SelectionError, match="empty list"):
        simple_random([], 1, "seed")

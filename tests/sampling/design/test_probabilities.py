import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.design.probabilities import ProbabilityError, checked_probabilities, inclusion_probabilities
from sampling.design.selection import pps_systematic

sizes_and_n = st.lists(st.integers(1, 5_000), min_size=1, max_size=25).flatmap(
    lambda sizes: st.tuples(st.just(sizes), st.integers(0, len(sizes)))
)


@given(sizes_and_n)
def test_probabilities_add_up_to_the_sample_size(given_sizes: tuple[list[int], int]):
    sizes, n = given_sizes
    pi = inclusion_probabilities(sizes, n)
    assert pi.sum() == pytest.approx(n)
    assert ((pi >= 0) & (pi <= 1)).all()


@given(sizes_and_n)
def test_units_left_to_chance_are_proportional_to_size(given_sizes: tuple[list[int], int]):
    sizes, n = given_sizes
    pi = inclusion_probabilities(sizes, n)
    chance = pi < 1
    ratios = pi[chance] / np.array(sizes)[chance]
    assert np.ptp(ratios) <= 1e-12 if ratios.size else n == len(sizes)


@given(sizes_and_n)
def test_probabilities_are_those_of_the_systematic_draw(given_sizes: tuple[list[int], int]):
    sizes, n = given_sizes
    pi = inclusion_probabilities(sizes, n)
    for unit in pps_systematic(sizes, n, "seed"):
        assert float(unit.probability) == pytest.approx(pi[unit.index], rel=1e-12)
        assert unit.is_certainty == (pi[unit.index] == 1)


def test_certainty_is_found_in_several_rounds():
    assert inclusion_probabilities([1000, 100, 10, 10], 3).tolist() == [1, 1, 0.5, 0.5]


def test_unit_without_size_is_never_drawn():
    assert inclusion_probabilities([0, 3, 3], 2).tolist() == [0, 1, 1]


def test_expected_size_may_be_a_fraction():
    assert inclusion_probabilities([1, 1, 2], 1.5).sum() == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("sizes", "n", "words"),
    [
        ([1, -2], 1, "-2.0 at place 2"),
        ([1, float("nan")], 1, "nan at place 2"),
        ([1, 0], 2, "from 0 to 1"),
        ([1, 1], -1, "got -1"),
        ([], 0, "one size per unit"),
        ([[1, 2]], 1, "one size per unit"),
    ],
)
def test_impossible_sizes_are_named(sizes: list[float], n: int, words: str):
    with pytest.raises(ProbabilityError, match=words):
        inclusion_probabilities(sizes, n)


@pytest.mark.parametrize(
    ("pi", "words"),
    [
        ([0.5, 0.7], "whole number"),
        ([0.5, 1.5], "from 0 to 1"),
        ([], "per unit"),
        ([np.nan, 1], "from 0 to 1"),
    ],
)
def test_probabilities_of_no_fixed_size_are_refused(pi: list[float], words: str):
    with pytest.raises(ProbabilityError, match=words):
        checked_probabilities(pi)

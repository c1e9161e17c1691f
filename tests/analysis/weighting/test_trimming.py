"""Trimming: limits hold, the sum stays, nothing depends on rounding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.weighting import BoundsError, WeightingError, trim, trimming_limit


@settings(max_examples=60, deadline=None)
@given(
    weights=st.lists(st.floats(0.1, 100), min_size=3, max_size=60),
    below=st.floats(0.05, 0.99),
    above=st.floats(1.01, 5),
)
def test_trimming_keeps_the_sum_within_the_limits(weights: list[float], below: float, above: float):
    start = np.array(weights)
    lower, upper = start.mean() * below, start.mean() * above
    trimmed = start * trim(start, lower=lower, upper=upper).factor
    assert trimmed.sum() == pytest.approx(start.sum())
    assert trimmed.min() >= lower * (1 - 1e-8)
    assert trimmed.max() <= upper * (1 + 1e-8)


def test_what_is_pushed_over_a_limit_is_cut_in_the_next_round():
    weights = np.array([1.0, 1.0, 3.9, 10.0])
    once = trim(weights, upper=4.0, is_strict=False)
    strict = trim(weights, upper=4.0)
    assert (weights * once.factor).tolist() == pytest.approx([3.0, 3.0, 5.9, 4.0])
    assert (weights * strict.factor).tolist() == pytest.approx([3.95, 3.95, 4.0, 4.0])
    assert (strict.n_cut, strict.n_raised) == (2, 0)


def test_weights_at_a_limit_but_for_rounding_are_not_beyond_it():
    weights = np.array([1.0, 1.0 - 1e-13, 2.0, 8.0])
    trimmed = weights * trim(weights, lower=1.0, upper=6.0).factor
    assert trimmed == pytest.approx([5 / 3, 5 / 3, 8 / 3, 6.0])


def test_where_no_weight_is_free_those_at_the_other_limit_take_the_surplus():
    weights = np.array([1.0, 1.0, 11.0])
    trimmed = weights * trim(weights, lower=2.0, upper=7.0).factor
    assert trimmed == pytest.approx([3.0, 3.0, 7.0])


def test_weights_within_the_limits_stay():
    trimming = trim(np.array([1.0, 2.0]), lower=1.0, upper=2.0)
    assert trimming.factor.tolist() == [1.0, 1.0]
    assert trimming.n_cut == 0


@pytest.mark.parametrize(("lower", "upper"), [(2.0, 1.0), (5.0, np.inf), (0.0, 1.5)])
def test_limits_that_the_sum_does_not_allow_are_refused(lower: float, upper: float):
    with pytest.raises(BoundsError, match="both sides of the mean weight, 2"):
        trim(np.array([1.0, 3.0]), lower=lower, upper=upper)


def test_limits_come_from_named_rules():
    weights = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    assert trimming_limit(weights) == pytest.approx(3 + 6 * 2)
    assert trimming_limit(weights, rule="median", multiple=2) == pytest.approx(6)
    with pytest.raises(WeightingError, match="median_iqr, median; got 'guess'"):
        trimming_limit(weights, rule="guess")
    with pytest.raises(WeightingError, match="multiple above 0"):
        trimming_limit(weights, multiple=0)

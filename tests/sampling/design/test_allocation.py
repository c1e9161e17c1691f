from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.design.allocation import (
    AllocationError,
    equal,
    fixed_per_unit,
    optimal,
    power,
    proportional,
    round_allocation,
)

SIZES = np.array([3000, 1000, 6000, 400])
SD = np.array([0.4, 0.5, 0.3, 0.45])
COSTS = np.array([1.0, 2.0, 1.5, 4.0])

real_sizes = st.lists(st.floats(0, 500, allow_subnormal=False), min_size=1, max_size=20)


def variance(allocation: np.ndarray) -> float:
    return float((SIZES**2 * SD**2 / allocation).sum())


@pytest.mark.parametrize(
    "allocation",
    [
        equal(4, 100),
        proportional(SIZES, 100),
        optimal(SIZES, SD, 100),
        optimal(SIZES, SD, 100, COSTS),
        power(SIZES, SD, 100, 0.5),
    ],
)
def test_allocation_adds_up(allocation: np.ndarray):
    assert allocation.sum() == pytest.approx(100)
    assert (allocation > 0).all()


def test_neyman_has_the_least_variance():
    best = optimal(SIZES, SD, 100)
    for other in (equal(4, 100), proportional(SIZES, 100), power(SIZES, SD, 100, 0.5)):
        assert variance(best) < variance(other)


def test_cost_optimal_has_the_least_variance_for_its_money():
    best = optimal(SIZES, SD, 100, COSTS)
    money = float(COSTS @ best)
    for shares in (np.ones(4), SIZES, SIZES * SD):
        other = shares * money / float(COSTS @ shares)
        assert variance(best) < variance(other)


def test_equal_costs_and_spreads_give_simpler_rules():
    np.testing.assert_allclose(optimal(SIZES, np.ones(4), 50, np.full(4, 7.0)), proportional(SIZES, 50))
    np.testing.assert_allclose(power(SIZES, SD, 50, 1), optimal(SIZES, SD, 50))
    np.testing.assert_allclose(power(SIZES, np.ones(4), 50, 0), equal(4, 50))


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda: equal(0, 5), "at least 1 stratum"),
        (lambda: proportional([1, -1], 5), "got -1.0 in stratum 2"),
        (lambda: proportional([0, 0], 5), "at least one stratum"),
        (lambda: proportional([1], -5), "got -5"),
        (lambda: optimal([1, 1], [1, np.nan], 5), "standard deviation .* got nan"),
        (lambda: optimal([1, 1], [1, 1], 5, [1, 0]), "costs above 0"),
        (lambda: power([1], [1], 5, 1.5), "exponent from 0 to 1"),
    ],
)
def test_impossible_requests_are_named(attempt: Any, words: str):
    with pytest.raises(AllocationError, match=words):
        attempt()


@given(real_sizes)
def test_rounding_keeps_the_total(sizes: list[float]):
    rounded = round_allocation(sizes)
    assert rounded.sum() == round(sum(sizes))
    assert (np.abs(rounded - np.array(sizes)) <= 1.5).all()


@given(real_sizes, st.integers(0, 3))
def test_limits_are_kept(sizes: list[float], minimum: int):
    n = round(sum(sizes))
    limits = {"minimum": minimum, "maximum": minimum + 300}
    if len(sizes) * minimum <= n <= len(sizes) * (minimum + 300):
        rounded = round_allocation(sizes, **limits)
        assert rounded.sum() == n
        assert rounded.min() >= minimum
        assert rounded.max() <= minimum + 300
    else:
        with pytest.raises(AllocationError, match=f"sample size {n}"):
            round_allocation(sizes, **limits)


def test_whole_sizes_stay_as_they_are():
    assert round_allocation([2, 3, 5]).tolist() == [2, 3, 5]


def test_largest_remainders_are_rounded_up_and_ties_go_to_the_first():
    assert round_allocation([1.2, 2.7, 3.1]).tolist() == [1, 3, 3]
    assert round_allocation([1.5, 1.5]).tolist() == [2, 1]


def test_stratum_taken_whole_hands_the_rest_on_in_proportion():
    assert round_allocation([60, 20, 20], maximum=[30, 100, 100]).tolist() == [30, 35, 35]


def test_stratum_without_share_is_used_only_when_the_others_are_full():
    assert round_allocation([0, 10], maximum=[10, 10]).tolist() == [0, 10]
    assert round_allocation([0, 10], maximum=[10, 7]).tolist() == [3, 7]


@pytest.mark.parametrize("limits", [{"minimum": 6}, {"maximum": 4}, {"minimum": [3, 0], "maximum": [2, 9]}])
def test_impossible_limits_are_named(limits: Any):
    with pytest.raises(AllocationError, match="sample size 10"):
        round_allocation([5, 5], **limits)


def test_every_unit_of_a_kind_gets_the_same():
    kinds = ["xã", "phường", "xã", "thị trấn"]
    assert fixed_per_unit(kinds, {"xã": 150, "phường": 200}, otherwise=180).tolist() == [150, 200, 150, 180]
    with pytest.raises(AllocationError, match="none for thị trấn"):
        fixed_per_unit(kinds, {"xã": 150, "phường": 200})
    with pytest.raises(AllocationError, match=r"got -1\.0 in stratum 1"):
        fixed_per_unit(["xã"], {"xã": -1})

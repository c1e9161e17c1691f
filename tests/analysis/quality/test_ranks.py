"""Rank sets and simulated ranks: limits, identities and what they refuse."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.estimation import Estimate
from analysis.index import compare_pairs
from analysis.quality import (
    RankError,
    fit_fay_herriot,
    interval_rank_sets,
    joint_rank_sets,
    observed_ranks,
    simulate_ranks,
)
from tests.analysis.quality.makers import make_areas, make_estimate

METHODS = ("differences", "max_t", "bonferroni", "sidak")
SPREAD = [90.0, 87.0, 86.5, 80.0, 71.0]


@pytest.mark.parametrize("method", ["bonferroni", "sidak"])
def test_sets_from_published_figures_are_those_of_the_estimates(method: str):
    estimates = make_estimate(SPREAD, [1.0, 0.5, 2.0, 1.5, 0.4])
    low, high = interval_rank_sets(estimates.value, estimates.standard_error, adjustment=method)
    sets = joint_rank_sets(estimates, method=method)
    assert (sets.rank_low.tolist(), sets.rank_high.tolist()) == (low.tolist(), high.tolist())


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=2, max_size=8), st.floats(0.1, 10))
def test_sets_from_intervals_hold_the_rank(values: list[float], error: float):
    ranks = observed_ranks(np.array(values))
    low, high = interval_rank_sets(np.array(values), np.full(len(values), error))
    assert (low <= ranks).all()
    assert (ranks <= high).all()


def test_an_unknown_rank_adjustment_is_refused():
    with pytest.raises(RankError, match="'guess'"):
        interval_rank_sets(np.array([1.0]), np.array([1.0]), adjustment="guess")


def test_ranks_print_as_a_table_of_domains():
    estimates = make_estimate(SPREAD)
    sets, simulated = joint_rank_sets(estimates, method="sidak"), simulate_ranks(estimates, n_simulations=100)
    assert repr(sets).startswith("<RankSets of 5 domains by sidak at 0.95>\n")
    assert repr(simulated).startswith("<RankDistribution of 5 domains, 100 simulations>\n")
    assert "array(" not in repr(sets) + repr(simulated)


def test_simulated_level_of_independent_estimates_is_that_of_sidak():
    sets = joint_rank_sets(make_estimate(SPREAD), method="max_t", n_simulations=40_000)
    assert sets.alpha_each == pytest.approx(1 - 0.95 ** (1 / 5), rel=0.08)


def test_perfectly_correlated_estimates_need_no_adjustment():
    sets = joint_rank_sets(make_estimate(SPREAD, covariance=np.ones((5, 5))), method="max_t")
    assert sets.alpha_each == pytest.approx(0.05, rel=0.1)


def test_simulated_level_of_two_is_that_of_one_difference():
    sets = joint_rank_sets(make_estimate([1.0, 2.0]), n_simulations=40_000)
    assert sets.alpha_each == pytest.approx(0.05, rel=0.08)


def test_simulated_level_of_all_differences_is_tukeys():
    sets = joint_rank_sets(make_estimate(SPREAD), n_simulations=40_000)
    tukey = stats.studentized_range.ppf(0.95, 5, np.inf) / np.sqrt(2)
    assert stats.norm.isf(sets.alpha_each / 2) == pytest.approx(tukey, rel=0.01)


def test_correlation_that_differences_cancel_tells_more_apart():
    shared = np.eye(5) + 24 * np.ones((5, 5))
    together = joint_rank_sets(make_estimate(SPREAD, covariance=shared))
    assert together.is_higher.sum() == joint_rank_sets(make_estimate(SPREAD)).is_higher.sum()
    assert together.is_higher.sum() > joint_rank_sets(make_estimate(SPREAD, 5.0)).is_higher.sum()


def test_few_degrees_of_freedom_of_one_domain_do_not_widen_the_others():
    estimates = make_estimate(SPREAD, df=[np.inf, np.inf, np.inf, np.inf, 2])
    certain = joint_rank_sets(make_estimate(SPREAD[:4]))
    assert joint_rank_sets(estimates).is_higher[:4, :4].tolist() == certain.is_higher.tolist()


@pytest.mark.parametrize("method", METHODS)
def test_distant_values_have_their_rank_and_equal_ones_have_all(method: str):
    distant = joint_rank_sets(make_estimate([10.0, 30.0, 20.0], 0.01, df=9), method=method)
    assert distant.rank_low.tolist() == distant.rank_high.tolist() == [3, 1, 2]
    equal = joint_rank_sets(make_estimate([5.0, 5.0, 5.0], df=9), method=method)
    assert equal.rank_low.tolist() == [1, 1, 1]
    assert equal.rank_high.tolist() == [3, 3, 3]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=2, max_size=8), st.floats(0.1, 20), st.sampled_from(METHODS))
def test_sets_hold_the_observed_rank(values: list[float], error: float, method: str):
    frame = joint_rank_sets(make_estimate(values, error, df=6), method=method, n_simulations=200).to_frame()
    assert (frame["rank_low"] <= frame["rank"]).all()
    assert (frame["rank"] <= frame["rank_high"]).all()


def test_simulated_level_tells_apart_all_that_holm_does():
    estimates = make_estimate(SPREAD)
    holm = compare_pairs(estimates, adjustment="bonferroni", degrees_of_freedom=np.inf).is_higher
    assert not (holm & ~joint_rank_sets(estimates).is_higher).any()


def test_probabilities_of_ranks_add_up():
    ranks = simulate_ranks(make_estimate(SPREAD, 3.0, df=5), n_simulations=2_000)
    np.testing.assert_allclose(ranks.probability.sum(axis=0), 1)
    np.testing.assert_allclose(ranks.probability.sum(axis=1), 1)
    assert ranks.top(3).sum() == pytest.approx(3)
    assert ranks.top(5).tolist() == pytest.approx([1] * 5)
    assert ranks.expected_rank.sum() == pytest.approx(15)


def test_probability_of_two_is_that_of_the_normal_difference():
    covariance = np.array([[2.0, 0.5], [0.5, 1.0]])
    ranks = simulate_ranks(make_estimate([1.0, 0.0], covariance=covariance), n_simulations=40_000)
    assert ranks.top(1)[0] == pytest.approx(stats.norm.cdf(1 / np.sqrt(2)), abs=0.01)


def test_distant_values_always_take_their_rank():
    ranks = simulate_ranks(make_estimate([10.0, 30.0, 20.0], 0.01), n_simulations=500)
    low, high = ranks.interval()
    assert low.tolist() == high.tolist() == [3, 1, 2]


def test_interval_leaves_out_the_tails():
    low, high = simulate_ranks(make_estimate([0.0] * 10), n_simulations=5_000).interval(0.5)
    assert low.min() >= 3
    assert high.max() <= 8


def test_a_seed_gives_the_same_ranks_again():
    estimates = make_estimate(SPREAD, 3.0)
    first, second = (simulate_ranks(estimates, n_simulations=600).to_frame() for _turn in range(2))
    assert first.equals(second)
    other = simulate_ranks(estimates, n_simulations=600, seed=2).to_frame()
    assert not first["expected_rank"].equals(other["expected_rank"])


def test_ties_share_the_better_rank():
    assert observed_ranks(np.array([5.0, 7.0, 5.0, 1.0])).tolist() == [2, 1, 2, 4]


@pytest.mark.parametrize("rank", [simulate_ranks, joint_rank_sets])
def test_experimental_estimates_are_never_ranked(rank: Callable[[Any], object]):
    areas = fit_fay_herriot(*make_areas(12, spread=5))
    with pytest.raises(RankError, match="never ranked"):
        rank(areas)


@pytest.mark.parametrize(
    "estimates",
    [
        make_estimate([1.0, np.nan]),
        make_estimate([1.0, 2.0], [1.0, 0.0]),
        make_estimate([1.0, 2.0], df=[5, 0]),
    ],
)
def test_domains_without_a_figure_or_an_error_are_refused(estimates: Estimate):
    with pytest.raises(RankError, match="1 such domains of 2"):
        simulate_ranks(estimates)


def test_an_unknown_method_is_refused():
    with pytest.raises(RankError, match="differences, max_t"):
        joint_rank_sets(make_estimate(SPREAD), method="guess")

"""Competition ranks, ties, and what the sample can tell apart."""

import numpy as np
import pytest

from analysis.par import (
    Comparison,
    ParError,
    RankedEstimate,
    competition_ranks,
    pairwise_comparisons,
    rank_intervals,
)


def make_estimates(*values: float, variance: float = 1.0, df: float | None = None) -> list[RankedEstimate]:
    return [RankedEstimate(f"{number:02}", value, variance, df) for number, value in enumerate(values)]


def test_equal_values_share_the_better_rank():
    ranks = competition_ranks({"a": "90", "b": "91", "c": "90", "d": "89"})

    assert [(rank.unit, rank.rank, rank.is_tied) for rank in ranks] == [
        ("b", 1, False),
        ("a", 2, True),
        ("c", 2, True),
        ("d", 4, False),
    ]


def test_values_that_print_alike_are_ranked_apart_but_flagged():
    first, second, third = competition_ranks({"a": "90.104", "b": "90.101", "c": "90.09"})

    assert (first.rank, second.rank) == (1, 2)
    assert not first.is_tied
    assert first.is_tied_as_shown
    assert second.is_tied_as_shown
    assert not third.is_tied_as_shown


def test_units_without_a_value_are_listed_last_without_rank():
    ranks = competition_ranks({"a": None, "b": 80})

    assert [(rank.unit, rank.rank) for rank in ranks] == [("b", 1), ("a", None)]


def test_far_values_are_told_apart_and_near_ones_are_not():
    near, far, _ = pairwise_comparisons(make_estimates(90, 89.5, 70))

    assert not near.is_distinguishable
    assert far.is_distinguishable


def test_the_standard_error_of_a_difference_adds_the_variances():
    [pair] = pairwise_comparisons(make_estimates(90, 80, variance=2))

    assert (pair.difference, pair.standard_error) == (10, 2)


def test_few_degrees_of_freedom_widen_the_test():
    [normal] = pairwise_comparisons(make_estimates(90, 87))
    [student] = pairwise_comparisons(make_estimates(90, 87, df=2))

    assert student.p_value > normal.p_value


def test_many_pairs_at_once_need_stronger_evidence_than_one():
    estimates = make_estimates(*np.linspace(95, 62, 34), variance=0.25)

    together = sum(pair.is_distinguishable for pair in pairwise_comparisons(estimates))
    alone = sum(pair.is_distinguishable for pair in pairwise_comparisons(estimates, is_simultaneous=False))

    assert 0 < together < alone < 34 * 33 / 2


def test_values_without_variance_are_apart_unless_equal():
    same, different, _ = pairwise_comparisons(make_estimates(90, 90, 89, variance=0))

    assert not same.is_distinguishable
    assert different.is_distinguishable


def test_a_rank_interval_counts_only_what_is_told_apart():
    intervals = rank_intervals(pairwise_comparisons(make_estimates(90, 89.5, 70)))

    assert (intervals["00"].best, intervals["00"].worst) == (1, 2)
    assert (intervals["01"].best, intervals["01"].worst) == (1, 2)
    assert (intervals["02"].best, intervals["02"].worst) == (3, 3)


def test_comparisons_made_elsewhere_are_accepted():
    given = Comparison("a", "b", difference=-1, standard_error=0.1, p_value=0.0, is_distinguishable=True)

    assert rank_intervals([given])["a"].best == 2


def test_rank_intervals_need_every_pair():
    with pytest.raises(ParError) as caught:
        rank_intervals(pairwise_comparisons(make_estimates(90, 80, 70))[:2])

    assert caught.value.code == "incomplete_comparisons"


def test_joint_rank_intervals_cover_all_true_ranks_together():
    rng = np.random.default_rng(20251001)
    truth = np.array([90.0, 88, 87.5, 87.4, 85, 80])
    true_rank = 1 + np.arange(len(truth))
    n_covered = 0
    for _ in range(60):
        drawn = truth + rng.normal(0, 1, len(truth))
        intervals = rank_intervals(pairwise_comparisons(make_estimates(*drawn))).values()
        n_covered += all(
            one.best <= rank <= one.worst for one, rank in zip(intervals, true_rank, strict=True)
        )

    assert n_covered >= 54

"""One rule: a variance of 0 says nothing, so nothing is tested by it."""

import numpy as np
import pytest

from analysis.estimation import (
    NOT_COMPARABLE,
    Estimate,
    SurveyDesign,
    change,
    compare_pairs,
    compare_with_zero,
    difference,
    difference_test,
    mean_test,
    minus_overall,
    rank_test,
)
from analysis.estimation.results.combined_limits import combine_limits

N_EACH, N_PSU = 60, 12
DOMAIN = np.repeat(["A", "B"], N_EACH)
SOME = (np.random.default_rng(0).random(N_EACH) < 0.8).astype(float)
ALL, NONE = np.ones(N_EACH), np.zeros(N_EACH)
MARGIN = 1 - 0.05 ** (1 / N_EACH)
PAIRS = {"all and none": (ALL, NONE), "all and some": (ALL, SOME), "all and all": (ALL, ALL)}


def make_design() -> SurveyDesign:
    psu = np.repeat(np.arange(N_PSU), 2 * N_EACH // N_PSU)
    return SurveyDesign.from_arrays(np.ones(2 * N_EACH), clusters=psu, strata=DOMAIN)


def make_shares(pair: str) -> Estimate:
    return make_design().proportion(np.concatenate(PAIRS[pair]), by=DOMAIN)


@pytest.mark.parametrize("pair", PAIRS)
def test_a_difference_keeps_the_flags_of_its_parts_and_has_no_test(pair: str) -> None:
    found = difference(make_shares(pair), "A", "B")
    assert {"at_bound", "zero_variance"} <= set(found.flags[0])
    tested = compare_with_zero(found)
    assert tested["p_value"].isna().all()
    assert tested["group"].tolist() == [NOT_COMPARABLE]


@pytest.mark.parametrize("pair", PAIRS)
def test_pairs_with_such_a_part_are_not_comparable(pair: str) -> None:
    pairs = compare_pairs(make_shares(pair))
    assert pairs.to_frame()["group"].tolist() == [NOT_COMPARABLE]
    assert not pairs.is_distinguishable.any()
    assert pairs.rank_intervals()["rank_high"].tolist() == [2, 2]


@pytest.mark.parametrize("pair", PAIRS)
def test_the_t_test_of_two_groups_has_no_p_value(pair: str) -> None:
    test = difference_test(make_design(), np.concatenate(PAIRS[pair]), DOMAIN)
    assert np.isnan([test.p_value, test.statistic]).all()
    assert "zero_variance" in test.estimate.flags[0]


def test_ranks_of_a_group_that_are_all_alike_have_no_p_value() -> None:
    test = rank_test(make_design(), np.concatenate([5 * ALL, SOME]), DOMAIN, scores="median")
    assert np.isnan(test.p_value)


def test_the_t_test_of_a_mean_has_no_p_value() -> None:
    test = mean_test(make_design(), np.ones(2 * N_EACH), 0.5)
    assert np.isnan([test.p_value, test.statistic]).all()


def test_a_domain_without_variance_is_not_compared_with_the_whole() -> None:
    shares = make_design().proportion(np.concatenate(PAIRS["all and some"]), by=DOMAIN, overall=True)
    tested = compare_with_zero(minus_overall(shares)).set_index("domain")
    assert tested.loc["A", "group"] == NOT_COMPARABLE
    assert np.isfinite(tested.loc["B", "p_value"])


def test_flags_stay_with_the_contrasts_that_are_chosen() -> None:
    shares = make_shares("all and some")
    both = shares.contrast([[0, 1], [1, -1]], ["B", "A minus B"])
    assert both.is_testable.tolist() == [True, False]
    assert both.select([1]).is_testable.tolist() == [False]


@pytest.mark.parametrize(
    ("pair", "low", "high"),
    [
        ("all and none", 1 - np.hypot(MARGIN, MARGIN), 1.0),
        ("all and all", -MARGIN, MARGIN),
    ],
)
def test_a_difference_of_certain_shares_has_the_limits_of_its_parts(
    pair: str, low: float, high: float
) -> None:
    limits = difference(make_shares(pair), "A", "B").interval()
    np.testing.assert_allclose([limits.low.item(), limits.high.item()], [low, high])


def test_one_certain_part_widens_the_difference_to_its_side() -> None:
    shares = make_shares("all and some")
    low, high = (limit.item() for limit in difference(shares, "A", "B").interval())
    other = shares.select([1]).interval()
    gap = shares.value[0] - shares.value[1]
    assert low == pytest.approx(gap - np.hypot(MARGIN, other.high.item() - shares.value[1]))
    assert high == pytest.approx(1 - other.low.item())


def test_a_change_of_a_province_that_is_all_satisfied_in_both_rounds_is_not_exactly_0() -> None:
    found = change(make_design(), np.ones(2 * N_EACH), np.resize([2024, 2025], 2 * N_EACH), by=DOMAIN)
    margin = 1 - 0.05 ** (2 / N_EACH)
    limits = found.to_frame()
    np.testing.assert_allclose(limits["low"], -margin)
    np.testing.assert_allclose(limits["high"], margin)
    assert found.standard_error.tolist() == [0.0, 0.0]


def test_limits_in_per_cent_and_of_contrasts_of_contrasts_follow() -> None:
    shares = make_shares("all and none")
    plain = difference(shares, "A", "B")
    in_percent = difference(shares.scaled(100, bounds=(0, 100)), "A", "B").interval()
    np.testing.assert_allclose(plain.scaled(100).interval(), in_percent)
    again = shares.contrast([[1, -1], [0, 1]], ["gap", "B"]).contrast([[1, 0]], ["gap"])
    np.testing.assert_allclose(again.interval(), plain.interval())


def test_means_of_a_constant_have_unknown_limits_unless_their_bounds_are_given() -> None:
    answers, rounds = np.full(2 * N_EACH, 5.0), np.resize([2024, 2025], 2 * N_EACH)
    unknown = change(make_design(), answers, rounds)
    assert np.isnan(unknown.interval()).all()
    assert unknown.flags == (("zero_variance",),)
    low, high = change(make_design(), answers, rounds, bounds=(1, 5)).interval()
    assert low.item() < 0 < high.item()


def test_the_interval_of_a_t_test_is_not_too_short_either() -> None:
    values = np.concatenate(PAIRS["all and some"])
    test = difference_test(make_design(), values, DOMAIN)
    by_shares = difference(make_design().proportion(values, by=DOMAIN), "B", "A").interval()
    np.testing.assert_allclose(test.estimate.interval(), by_shares)


@pytest.mark.parametrize("weights", [[1, -1], [0.25, 0.75], [-2, -3]])
def test_symmetric_limits_of_parts_give_the_usual_interval(weights: list[float]) -> None:
    values = np.concatenate([SOME, SOME[::-1]])
    means = make_design().mean(values, by=np.resize(["A", "B"], 2 * N_EACH))
    usual = means.contrast([weights], ["x"]).interval(method="wald")
    found = combine_limits(
        means.value, means.interval(method="wald"), means.covariance, np.array(weights, dtype=float)
    )
    np.testing.assert_allclose(np.ravel(found), np.ravel(usual))

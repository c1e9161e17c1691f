"""One rule: a variance of 0 says nothing, so nothing is tested by it."""

import numpy as np
import pytest

from analysis.estimation import (
    NOT_COMPARABLE,
    Estimate,
    SurveyDesign,
    compare_pairs,
    compare_with_zero,
    difference,
    difference_test,
    mean_test,
    minus_overall,
    rank_test,
)

N_EACH, N_PSU = 60, 12
DOMAIN = np.repeat(["A", "B"], N_EACH)
SOME = (np.random.default_rng(0).random(N_EACH) < 0.8).astype(float)
ALL, NONE = np.ones(N_EACH), np.zeros(N_EACH)
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

"""Points from the satisfaction index, with standard error and interval, for every candidate input."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import isclose
from typing import Any

import pytest
from scipy import stats

from analysis.methods import criteria_set
from analysis.par import CriteriaSet, ParError, SipasEstimate, SipasScore, score_sipas, sipas_points
from analysis.par.points import INCOMPLETE

COVARIANCES = {("index", "index"): "2.25", ("P", "P"): 4.0, ("S", "S"): "1.44", ("P", "S"): 0.5}


def make_estimate(unit: str = "58", **changes: Any) -> SipasEstimate:
    values = {"index": "81.83", "P": 81.4, "S": "82.3"}
    return SipasEstimate(**({"unit": unit, "values": values, "covariances": COVARIANCES} | changes))


def score_one(criteria: CriteriaSet, estimate: SipasEstimate, candidate: str = "headline") -> SipasScore:
    return score_sipas(criteria, [estimate])[candidate][0]


def make_mixed_set() -> CriteriaSet:
    criteria = criteria_set("876-2022").parsed
    halves = {"P": Fraction(1, 2), "S": Fraction(1, 2)}
    candidates = tuple(replace(candidate, weights=halves) for candidate in criteria.sipas.candidate_inputs)
    return replace(criteria, sipas=replace(criteria.sipas, candidate_inputs=candidates))


@pytest.fixture
def set_876() -> CriteriaSet:
    return criteria_set("876-2022").parsed


def test_points_are_the_share_of_the_maximum_and_stay_unrounded():
    assert sipas_points("91.17", 10) == Decimal("9.117")


@pytest.mark.parametrize("value", ["-0.1", "100.1"])
def test_refuses_what_is_no_percentage(value: str):
    with pytest.raises(ParError) as caught:
        sipas_points(value, 10)

    assert caught.value.code == "percent_out_of_range"


def test_both_candidate_inputs_are_scored_headline_first(set_876: CriteriaSet):
    scores = score_sipas(set_876, [make_estimate()])

    assert list(scores) == ["headline", "service"]
    assert scores["headline"][0].points == Decimal("8.183")
    assert scores["service"][0].points == Decimal("8.23")


def test_standard_errors_scale_with_the_maximum(set_876: CriteriaSet):
    assert score_one(set_876, make_estimate()).standard_error == Decimal("0.15")
    assert score_one(set_876, make_estimate(), "service").standard_error == Decimal("0.12")


def test_the_interval_is_student_t_around_the_points(set_876: CriteriaSet):
    low, high = score_one(set_876, make_estimate(df=15)).interval

    reach = 0.15 * stats.t.isf(0.025, 15)
    assert isclose(float(low), 8.183 - reach, rel_tol=1e-12)
    assert isclose(float(high), 8.183 + reach, rel_tol=1e-12)


def test_the_interval_never_passes_the_maximum(set_876: CriteriaSet):
    values = {"index": "99.9", "S": "0.1"}
    estimate = make_estimate(values=values)

    assert score_one(set_876, estimate).interval[1] == 10
    assert score_one(set_876, estimate, "service").interval[0] == 0


def test_an_interval_given_with_the_estimate_is_kept(set_876: CriteriaSet):
    estimate = make_estimate(intervals={"index": ("78.5", "84.9")})

    assert score_one(set_876, estimate).interval == (Decimal("7.85"), Decimal("8.49"))


def test_a_mix_of_contents_uses_variances_and_covariance():
    score = score_one(make_mixed_set(), make_estimate())

    assert score.percent == Decimal("81.85")
    assert score.standard_error == ((Decimal(4) + Decimal("1.44") + 2 * Decimal("0.5")) / 400).sqrt()


def test_a_mix_without_its_covariance_is_refused():
    estimate = make_estimate(covariances={("P", "P"): 4, ("S", "S"): 1})

    with pytest.raises(ParError) as caught:
        score_sipas(make_mixed_set(), [estimate])

    assert caught.value.code == "missing_covariance"


def test_a_missing_estimate_leaves_the_province_incomplete(set_876: CriteriaSet):
    estimate = make_estimate(values={"index": None, "S": "82.3"})

    headline = score_one(set_876, estimate)

    assert headline.status == INCOMPLETE
    assert headline.points is None
    assert score_one(set_876, estimate, "service").points == Decimal("8.23")


def test_refuses_a_province_given_twice(set_876: CriteriaSet):
    with pytest.raises(ParError) as caught:
        score_sipas(set_876, [make_estimate(), make_estimate()])

    assert caught.value.code == "duplicate_unit"


def test_refuses_a_set_without_satisfaction_item():
    with pytest.raises(ParError) as caught:
        score_sipas(criteria_set("1294-2012").parsed, [make_estimate()])

    assert caught.value.code == "no_sipas_item"


def test_shares_are_taken_over_as_percent(set_876: CriteriaSet):
    covariances = {("index", "index"): 0.000225, ("S", "S"): 0.000144}
    intervals = {"index": (0.785, 0.849)}
    estimate = SipasEstimate.from_shares(
        "58", {"index": 0.8183, "S": 0.823}, covariances, intervals=intervals, df=15
    )

    assert score_one(set_876, estimate).points == Decimal("8.183")
    assert score_one(set_876, estimate).interval == (Decimal("7.85"), Decimal("8.49"))
    assert score_one(set_876, estimate, "service").standard_error == Decimal("0.12")


def test_a_share_that_could_not_be_estimated_is_missing(set_876: CriteriaSet):
    nan = float("nan")
    estimate = SipasEstimate.from_shares(
        "58", {"index": nan}, {("index", "index"): nan}, intervals={"index": (nan, nan)}
    )

    assert score_one(set_876, estimate).status == INCOMPLETE

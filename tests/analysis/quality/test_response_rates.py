"""Outcome rates by hand."""

import math

import numpy as np
import pytest

from analysis.quality import (
    OUTCOME_RATES,
    DispositionCounts,
    DispositionError,
    count_dispositions,
    estimate_eligibility,
    outcome_rates,
)

COUNTS = DispositionCounts(
    complete=50,
    partial=10,
    refusal=15,
    non_contact=10,
    other=5,
    unknown_household=6,
    unknown_other=4,
    not_eligible=30,
)
BY_HAND = {
    "RR1": 50 / 100,
    "RR2": 60 / 100,
    "RR3": 50 / 97.5,
    "RR4": 60 / 97.5,
    "RR5": 50 / 90,
    "RR6": 60 / 90,
    "COOP1": 50 / 80,
    "COOP2": 60 / 80,
    "COOP3": 50 / 75,
    "COOP4": 60 / 75,
    "REF1": 15 / 100,
    "REF2": 15 / 97.5,
    "REF3": 15 / 90,
    "CON1": 80 / 100,
    "CON2": 80 / 97.5,
    "CON3": 80 / 90,
}
CODES = {
    "1.1": "complete",
    "2.11": "refusal",
    "2.12": "refusal",
    "3.0": "unknown_other",
    "4.0": "not_eligible",
}


@pytest.mark.parametrize("name", OUTCOME_RATES)
def test_rates_by_hand(name: str):
    assert estimate_eligibility(COUNTS) == 90 / 120
    assert outcome_rates(COUNTS, eligibility=0.75)[name] == pytest.approx(BY_HAND[name])


def test_counting_every_unknown_case_makes_the_third_rate_the_first():
    rates = outcome_rates(COUNTS)
    assert rates["RR3"] == rates["RR1"]
    assert outcome_rates(COUNTS, eligibility=0)["RR3"] == rates["RR5"]


def test_a_rate_without_cases_is_missing():
    assert math.isnan(outcome_rates(DispositionCounts(complete=0, unknown_other=3))["RR5"])


def test_without_resolved_cases_all_may_be_eligible():
    assert estimate_eligibility(DispositionCounts(complete=0, unknown_other=3)) == 1.0


def test_cases_are_counted_or_weighted_by_code():
    codes = ["1.1", "2.11", "2.12", "3.0", "4.0"]
    assert count_dispositions(codes, CODES) == DispositionCounts(
        complete=1, refusal=2, unknown_other=1, not_eligible=1
    )
    weighted = count_dispositions(codes, CODES, weights=[6.0, 1.0, 2.0, 3.0, 100.0])
    assert outcome_rates(weighted)["RR1"] == pytest.approx(6 / 12)


def test_equal_weights_do_not_change_rates():
    codes = ["1.1", "1.1", "2.11", "3.0"]
    plain = outcome_rates(count_dispositions(codes, CODES))
    weighted = outcome_rates(count_dispositions(codes, CODES, weights=np.full(4, 7.5)))
    assert weighted == pytest.approx(plain, nan_ok=True)


@pytest.mark.parametrize("counts", [{"complete": -1}, {"complete": 0}, {"complete": 0, "not_eligible": 5}])
def test_impossible_counts_are_refused(counts: dict[str, int]):
    with pytest.raises(DispositionError, match="at least one case"):
        DispositionCounts(**counts)


@pytest.mark.parametrize(
    ("codes", "weights"), [(["9.9"], None), (["1.1"], [1.0, 2.0]), (["1.1"], [-1.0]), (["1.1"], [math.nan])]
)
def test_unknown_codes_and_wrong_weights_are_refused(codes: list[str], weights: list[float] | None):
    with pytest.raises(DispositionError, match="weights of at least 0"):
        count_dispositions(codes, CODES, weights=weights)


def test_an_eligibility_above_one_is_refused():
    with pytest.raises(DispositionError, match="between 0 and 1"):
        outcome_rates(COUNTS, eligibility=1.5)

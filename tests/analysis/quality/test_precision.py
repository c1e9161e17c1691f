"""Precision bands: every rule at its limit."""

import numpy as np
import pytest

from analysis.quality import (
    POLICIES,
    PUBLISH,
    WITH_CARE,
    WITHHELD,
    PrecisionError,
    assess_precision,
    measure_precision,
)
from analysis.quality.precision import BANDS, TESTS
from tests.analysis.quality.makers import make_estimate


def band(policy: str, share: float, error: float, **changes: object) -> str:
    settings = {"df": 60, "n": 1_000, "bounds": (0.0, 1.0)} | changes
    return assess_precision(make_estimate([share], error, **settings), policy)["band"].item()


@pytest.mark.parametrize(
    ("share", "error", "changes", "expected"),
    [
        (0.5, 0.02, {}, PUBLISH),
        (0.5, 0.02, {"n": 29}, WITHHELD),
        (0.5, 0.02, {"n": 100, "deff": 4.0}, WITHHELD),
        (0.5, 0.02, {"df": 7}, WITH_CARE),
        (0.5, 0.09, {"n": 40, "deff": 1.2}, WITHHELD),
        (0.02, 0.02, {"n": 60}, WITHHELD),
        (0.98, 0.02, {"n": 60}, WITH_CARE),
        (0.01, 0.003, {}, PUBLISH),
        (1.0, 0.0, {}, WITH_CARE),
    ],
)
def test_nchs_standards(share: float, error: float, changes: dict[str, object], expected: str):
    assert band("nchs_proportions", share, error, **changes) == expected


@pytest.mark.parametrize(
    ("cv", "expected"), [(0.16, PUBLISH), (0.17, WITH_CARE), (0.33, WITH_CARE), (0.34, WITHHELD)]
)
def test_bands_by_coefficient_of_variation(cv: float, expected: str):
    assert band("statcan_cv", 0.4, 0.4 * cv) == expected


@pytest.mark.parametrize(
    ("share", "error", "changes", "expected"),
    [
        (0.8, 0.02, {}, PUBLISH),
        (0.8, 0.04, {}, WITH_CARE),
        (0.8, 0.02, {"df": 5}, WITH_CARE),
        (0.8, 0.12, {}, WITHHELD),
        (0.8, 0.02, {"df": 0}, WITHHELD),
        (0.8, 0.02, {"n": 9}, WITHHELD),
    ],
)
def test_bands_of_the_index(share: float, error: float, changes: dict[str, object], expected: str):
    assert band("satisfaction_index", share, error, **changes) == expected


def test_per_cents_and_shares_get_the_same_band():
    share = measure_precision(make_estimate([0.8], 0.03, df=20, bounds=(0.0, 1.0)))
    per_cent = measure_precision(make_estimate([80.0], 3.0, df=20, bounds=(0.0, 100.0)))
    np.testing.assert_allclose(share.to_numpy(), per_cent.to_numpy())


def test_reasons_are_named():
    judged = assess_precision(make_estimate([0.8], 0.01, df=5, n=9, bounds=(0.0, 1.0)))
    assert judged["reasons"].item() == "n below 10; effective_n below 30; df below 8"


def test_a_missing_value_is_withheld():
    judged = assess_precision(make_estimate([np.nan], 0.02, df=20, bounds=(0.0, 1.0)), "statcan_cv")
    assert judged[["band", "reasons"]].to_numpy().tolist() == [["withheld", "no_estimate"]]


def test_an_unbounded_estimate_has_no_complement():
    assert np.isnan(measure_precision(make_estimate([80.0], 3.0))["complement_relative_width"].item())


@pytest.mark.parametrize("name", POLICIES)
def test_policies_name_their_source_and_known_measures(name: str):
    columns = set(measure_precision(make_estimate([0.5], 0.1, bounds=(0.0, 1.0))).columns)
    assert POLICIES[name].source
    assert {rule.measure for rule in POLICIES[name].rules} <= columns
    assert {rule.test for rule in POLICIES[name].rules} <= TESTS.keys()
    assert {rule.band for rule in POLICIES[name].rules} <= set(BANDS[1:])


def test_an_unknown_policy_is_refused():
    with pytest.raises(PrecisionError, match="nchs_proportions"):
        assess_precision(make_estimate([0.5], 0.1), "guess")


UNBOUNDED = {"bounds": None}
NOT_MEASURABLE = {
    "nobody of five": (0.0, 0.0, {"n": 5}),
    "no variance and no degrees of freedom": (0.4, 0.0, {"n": 3, "df": 0, "deff": 0.0}),
    "all PSUs alike": (0.4, 0.0, {"n": 300, "deff": 0.0}),
    "a variance that is not known": (0.4, np.nan, {"n": 300, "deff": np.nan}),
    "a mean without a variance": (3.0, np.nan, UNBOUNDED | {"deff": np.nan}),
    "a mean of PSUs that are all alike": (3.0, 0.0, UNBOUNDED | {"df": 0}),
    "one PSU": (0.5, 0.01, {"df": 0}),
}


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("case", NOT_MEASURABLE)
def test_what_cannot_be_measured_is_withheld(policy: str, case: str):
    share, error, changes = NOT_MEASURABLE[case]
    assert band(policy, share, error, **changes) == WITHHELD


def test_a_measure_that_a_rule_needs_is_named_where_it_is_not_defined():
    normalised = make_estimate([0.5], 0.065, df=20, n=60, deff=np.nan, bounds=(0.0, 1.0))
    assert assess_precision(normalised, "nchs_proportions")["reasons"].item() == "effective_n not measurable"
    assert assess_precision(normalised, "statcan_cv")["band"].item() == PUBLISH


@pytest.mark.parametrize("share", [0.0, 1.0, 1 - 1e-15])
def test_shares_of_nobody_and_all_are_left_to_policies_that_have_a_rule_for_them(share: float):
    assert band("nchs_proportions", share, 0.0, deff=np.nan) == WITH_CARE
    assert band("statcan_cv", share, 0.0, deff=np.nan) == WITHHELD


def test_nchs_shares_are_never_more_precise_than_a_simple_random_sample():
    lucky = {"df": 60, "n": 100, "bounds": (0.0, 1.0)}
    judged = assess_precision(make_estimate([0.4], 0.001, deff=0.1, **lucky), "nchs_proportions")
    plain = assess_precision(make_estimate([0.4], np.sqrt(0.24 / 100), **lucky), "nchs_proportions")
    assert judged["effective_n"].item() == 100
    assert judged["width"].item() == pytest.approx(plain["width"].item())

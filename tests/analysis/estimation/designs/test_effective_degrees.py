"""Degrees of freedom that carry a variance: strata that add little to it count little."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import COUNTED, EFFECTIVE, DesignError, Estimate, Overton, SurveyDesign

N_DRAWS = 800
COMMUNES, ISLAND = 6, 31
"""Communes of a stratum, and adults of the only village of an island that was certain."""


def make_province(seed: int) -> pd.DataFrame:
    """Six communes of 20 people, and an island whose people are primary units; the mean is 0."""
    chance = np.random.default_rng(seed)
    commune = np.repeat(np.arange(COMMUNES), 20)
    mainland = chance.normal(0, 1, COMMUNES)[commune] + chance.normal(0, 2, len(commune))
    return pd.DataFrame(
        {
            "y": np.append(mainland, chance.normal(0, 2, ISLAND)),
            "psu": np.append(commune, 100 + np.arange(ISLAND)),
            "stratum": np.repeat(["mainland", "island"], [len(commune), ISLAND]),
            "weight": np.repeat([100.0, 5.0], [len(commune), ISLAND]),
        }
    )


def mean_of(rows: pd.DataFrame, degrees: str, **options: Any) -> Estimate:
    design = SurveyDesign.from_frame(
        rows, weight="weight", strata="stratum", clusters="psu", degrees=degrees, **options
    )
    return design.mean(rows["y"], by=rows["stratum"], overall=True)


def covers(estimate: Estimate) -> bool:
    limits = estimate.interval(0.95, "t")
    return bool(limits.low[0] <= 0 <= limits.high[0])


def test_certain_units_do_not_make_up_for_few_communes() -> None:
    rows = make_province(1)
    counted, effective = (mean_of(rows, degrees) for degrees in (COUNTED, EFFECTIVE))
    assert counted.degrees_of_freedom.tolist() == [COMMUNES + ISLAND - 2, ISLAND - 1, COMMUNES - 1]
    assert effective.degrees_of_freedom.tolist() == [5, ISLAND - 1, COMMUNES - 1]
    assert "few_df" in effective.flags[0]
    assert "few_df" not in counted.flags[0]
    assert effective.standard_error.tolist() == counted.standard_error.tolist()


def test_intervals_cover_the_mean_of_a_province_with_a_certain_unit() -> None:
    found = [
        [covers(mean_of(make_province(seed), rule)) for rule in (COUNTED, EFFECTIVE)]
        for seed in range(N_DRAWS)
    ]
    counted, effective = np.mean(found, axis=0)
    error = 2.576 * np.sqrt(0.95 * 0.05 / N_DRAWS)
    assert effective > 0.95 - error > counted


def test_strata_alike_keep_what_is_counted() -> None:
    values = np.tile([1.0, 2.0, 4.0, 8.0], 3)
    design = SurveyDesign.from_arrays(np.ones(12), strata=np.repeat([1, 2, 3], 4), degrees=EFFECTIVE)
    assert design.mean(values).degrees_of_freedom.tolist() == [9.0]


def test_two_strata_have_the_degrees_of_welch() -> None:
    """Written out: (V₁ + V₂)² / (V₁² / (d₁ + 2) + V₂² / (d₂ + 2)) − 2, rounded down."""
    first, second = np.array([1.0, 5.0, 9.0, 2.0]), np.array([3.0, 4.0, 3.5, 3.0, 4.5])
    design = SurveyDesign.from_arrays(np.ones(9), strata=np.repeat([1, 2], [4, 5]), degrees=EFFECTIVE)
    one, two = len(first) * first.var(ddof=1), len(second) * second.var(ddof=1)
    expected = (one + two) ** 2 / (one**2 / 5 + two**2 / 6) - 2
    found = design.total(np.append(first, second)).degrees_of_freedom
    assert 3 < expected < 7
    assert found.tolist() == [np.floor(expected)]


def test_successive_differences_have_parts_of_strata_too() -> None:
    rows = make_province(2).assign(place=lambda frame: frame["psu"])
    found = mean_of(rows, EFFECTIVE, systematic_order="place")
    assert 3 < found.degrees_of_freedom[0] < 8


def test_what_has_no_parts_of_strata_is_counted() -> None:
    rows = make_province(3).assign(chance=0.5)
    found = mean_of(rows, EFFECTIVE, fpc="chance", pps=Overton())
    assert found.degrees_of_freedom[0] == COMMUNES + ISLAND - 2


def test_domain_without_spread_keeps_what_is_counted() -> None:
    rows = make_province(5).assign(y=1.0)
    assert mean_of(rows, EFFECTIVE).degrees_of_freedom[0] == COMMUNES + ISLAND - 2


def test_unknown_rule_is_named() -> None:
    with pytest.raises(DesignError, match="counted, effective"):
        SurveyDesign.from_arrays(np.ones(2), degrees="guessed")

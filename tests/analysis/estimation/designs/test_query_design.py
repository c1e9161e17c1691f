"""Designs that sums by group know as well as rows do: calibration, certainty units, systematic order."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import (
    DesignError,
    EstimandError,
    QueryCalibration,
    QueryDesign,
    SumQuery,
    SurveyDesign,
)
from tests.analysis.estimation.designs.test_sum_query import ONE_STAGE, assert_same, make_rows, run

MARGINS = ("sex", "age")


def make_calibrated(seed: int = 5) -> pd.DataFrame:
    """Rows with cells of margins, auxiliary numbers and weights before and after (of any calibration)."""
    rng = np.random.default_rng(seed)
    rows = make_rows()
    n = len(rows)
    sex = rng.choice(["f", "m"], n)
    return rows.assign(
        base=rng.uniform(1, 9, n),
        sex=sex,
        age=np.char.add(rows["province"].to_numpy(dtype=str), rng.choice(["young", "old"], n)),
        household=rng.integers(1, 8, n).astype(float),
        income=rng.normal(0, 2, n),
        is_certain=rows["commune"] % 6 == 0,
        place=rows["commune"] * 10.0,
    )


def calibrated(rows: pd.DataFrame, known: QueryCalibration, **options: str | tuple[str, ...]) -> SurveyDesign:
    columns = {"strata": "province", "clusters": "commune"} | options
    design = SurveyDesign.from_frame(rows, weight="weight", single_psu="average", **columns)
    base = np.ones(len(rows)) if known.base_weight is None else rows[known.base_weight].to_numpy()
    return design.with_calibration(
        base,
        [rows[margin] for margin in known.margins],
        numbers=rows[list(known.numbers)] if known.numbers else None,
        n_sweeps=known.n_sweeps,
    )


CALIBRATIONS = {
    "margins": QueryCalibration("base", MARGINS),
    "one margin": QueryCalibration("base", ("age",)),
    "margins and numbers": QueryCalibration("base", MARGINS, ("household", "income")),
    "numbers": QueryCalibration("base", (), ("household", "income")),
    "sweeps over margins": QueryCalibration(None, MARGINS, n_sweeps=10),
}


@pytest.mark.parametrize("name", CALIBRATIONS)
def test_shares_by_domain_have_the_errors_of_residuals(name: str) -> None:
    rows, known = make_calibrated(), CALIBRATIONS[name]
    query = SumQuery(replace(ONE_STAGE, calibration=known), ("score",), by=("area",), at_least=4)
    expected = calibrated(rows, known).proportion(rows["score"], at_least=4, by=rows["area"], overall=True)
    assert_same(query.estimate(run(query, rows), overall=True, single_psu="average"), expected)


@pytest.mark.parametrize("name", CALIBRATIONS)
def test_ratios_and_totals_have_the_errors_of_residuals(name: str) -> None:
    rows, known = make_calibrated(), CALIBRATIONS[name]
    design, columns = calibrated(rows, known), replace(ONE_STAGE, calibration=known)
    ratio = SumQuery(columns, ("fee",), denominators=("visits",), by=("province",))
    total = SumQuery(columns, ("score", "fee"), is_total=True)
    mean = SumQuery(columns, ("score", "fee"), by=("sex",))
    found = (query.estimate(run(query, rows), single_psu="average") for query in (ratio, total, mean))
    expected = (
        design.ratio(rows["fee"], rows["visits"], by=rows["province"]),
        design.total(rows[["score", "fee"]]),
        design.mean(rows[["score", "fee"]], by=rows["sex"]),
    )
    for left, right in zip(found, expected, strict=True):
        assert_same(left, right)


def test_calibration_takes_its_total_out_of_the_variance() -> None:
    rows = make_calibrated().assign(one=1.0, weight=2.0)
    query = SumQuery(
        replace(ONE_STAGE, calibration=QueryCalibration("base", ("sex",))), ("one",), ("sex",), is_total=True
    )
    errors = query.estimate(run(query, rows), single_psu="average").standard_error
    assert errors.tolist() == [0.0, 0.0]


def test_certainty_communes_become_strata_of_their_villages() -> None:
    rows = make_calibrated()
    columns = replace(ONE_STAGE, clusters=("commune", "village"), certainty="is_certain")
    query = SumQuery(columns, ("score",), by=("province",))
    design = SurveyDesign.from_frame(
        rows,
        weight="weight",
        strata="province",
        clusters=["commune", "village"],
        certainty="is_certain",
        single_psu="remove",
    )
    expected = design.mean(rows[["score"]], by=rows["province"], overall=True)
    assert_same(query.estimate(run(query, rows), overall=True, single_psu="remove"), expected)


def test_neighbours_of_a_systematic_draw_are_compared() -> None:
    rows, known = make_calibrated(), CALIBRATIONS["margins"]
    for calibration in (None, known):
        columns = replace(ONE_STAGE, systematic_order="place", calibration=calibration)
        query = SumQuery(columns, ("score", "fee"), by=("area",))
        plain = SurveyDesign.from_frame(
            rows,
            weight="weight",
            strata="province",
            clusters="commune",
            systematic_order="place",
            single_psu="average",
        )
        design = plain if calibration is None else calibrated(rows, known, systematic_order="place")
        expected = design.mean(rows[["score", "fee"]], by=rows["area"])
        assert_same(query.estimate(run(query, rows), single_psu="average"), expected)


WRONG = {
    "a base weight below 0": ("base", -1.0, "before the calibration"),
    "a missing base weight": ("base", np.nan, "before the calibration"),
    "a missing cell": ("age", None, "category in every margin"),
    "a missing number": ("household", np.nan, "finite auxiliary numbers"),
    "an infinite number": ("household", np.inf, "finite auxiliary numbers"),
    "a place that differs inside a commune": ("place", -1.0, "place in the draw"),
}


def test_a_doubtful_mark_of_certainty_is_named_with_its_commune() -> None:
    rows = make_calibrated().assign(is_certain=0)
    rows.loc[rows["commune"] == 7, "is_certain"] = 2
    columns = replace(ONE_STAGE, clusters=("commune", "village"), certainty="is_certain")
    query = SumQuery(columns, ("score",))
    with pytest.raises(DesignError, match="got 2 in province p1, commune 7"):
        query.estimate(run(query, rows))


@pytest.mark.parametrize("denominators", [(), ("visits",)])
@pytest.mark.parametrize("column", ["fee", "visits"])
def test_an_infinite_number_is_refused_wherever_it_stands(column: str, denominators: tuple[str, ...]) -> None:
    rows = make_rows()
    rows.loc[[0, 9], column] = -np.inf
    query = SumQuery(ONE_STAGE, ("fee" if denominators else column,), denominators=denominators)
    with pytest.raises(EstimandError, match=f"missing ones in {column}; got 2 rows with an infinite value"):
        query.estimate(run(query, rows), single_psu="remove")


@pytest.mark.parametrize("mistake", WRONG)
def test_what_sums_would_hide_is_refused(mistake: str) -> None:
    column, value, message = WRONG[mistake]
    rows = make_calibrated()
    rows.loc[7, column] = value
    known = QueryCalibration("base", MARGINS, ("household",))
    design = QueryDesign("weight", ("commune",), ("province",), systematic_order="place", calibration=known)
    query = SumQuery(design, ("score",))
    with pytest.raises(DesignError, match=message):
        query.estimate(run(query, rows), single_psu="remove")

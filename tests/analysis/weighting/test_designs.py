"""Designs whose errors know the totals that their weights meet."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import Calibration, DesignError, SurveyDesign
from analysis.weighting import (
    KnownTotal,
    Margin,
    calibrate_design,
    cross_labels,
    poststratify,
    poststratify_design,
    rake,
    rake_design,
    weighted_design,
)
from analysis.weighting.steps import start_weighting

N_ROWS = 300


def make_frame(seed: int = 11) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "weight": rng.uniform(20, 60, N_ROWS),
            "stratum": np.repeat(["a", "b", "c"], N_ROWS // 3),
            "commune": np.repeat(np.arange(30), N_ROWS // 30),
            "sex": rng.choice(["f", "m"], N_ROWS),
            "age": rng.choice(["young", "old"], N_ROWS),
            "income": rng.lognormal(3, 0.4, N_ROWS),
            "score": rng.normal(60, 12, N_ROWS),
        }
    )


def make_design(frame: pd.DataFrame) -> SurveyDesign:
    return SurveyDesign.from_frame(frame, weight="weight", strata="stratum", clusters="commune")


def make_margin(frame: pd.DataFrame, name: str, factor: float = 1.1) -> Margin:
    totals = (frame["weight"] * factor).groupby(frame[name]).sum()
    return Margin(name, frame[name], totals.to_dict())


def make_income(frame: pd.DataFrame) -> KnownTotal:
    return KnownTotal("income", frame["income"], float(1.15 * (frame["weight"] @ frame["income"])))


def residual_error(frame: pd.DataFrame, design: SurveyDesign, x: np.ndarray) -> float:
    """Standard error of the total of the score from residuals, written out row by row."""
    root = np.sqrt(frame["weight"].to_numpy())
    slope = np.linalg.lstsq(x * root[:, None], frame["score"] * root, rcond=None)[0]
    residual = frame["score"] - x @ slope
    fixed = SurveyDesign.from_frame(
        frame.assign(weight=design.weights), weight="weight", strata="stratum", clusters="commune"
    )
    return fixed.total(residual).standard_error.item()


def test_errors_are_those_of_regression_residuals():
    frame = make_frame()
    design = calibrate_design(make_design(frame), [make_margin(frame, "sex"), make_income(frame)])
    x = np.column_stack([frame["sex"] == "f", frame["sex"] == "m", frame["income"]]).astype(float)
    got = design.total(frame["score"]).standard_error.item()
    assert got == pytest.approx(residual_error(frame, design, x), rel=1e-10)


def test_numbers_without_a_margin_are_not_centred():
    frame = make_frame()
    design = calibrate_design(make_design(frame), [make_income(frame)])
    x = frame[["income"]].to_numpy()
    got = design.total(frame["score"]).standard_error.item()
    assert got == pytest.approx(residual_error(frame, design, x), rel=1e-10)


@pytest.mark.parametrize(
    ("method", "bounds"), [("linear", None), ("raking", None), ("logit", (0.5, 2.0)), ("linear", (0.9, 1.4))]
)
def test_known_totals_are_known_exactly(method: str, bounds: tuple[float, float] | None):
    frame = make_frame()
    known = [make_margin(frame, "sex"), make_margin(frame, "age"), make_income(frame)]
    design = calibrate_design(make_design(frame), known, method=method, bounds=bounds)
    income = design.total(frame["income"])
    women = design.total(frame["sex"] == "f")
    assert income.value.item() == pytest.approx(known[2].total, rel=1e-10)
    assert income.standard_error.item() == pytest.approx(0, abs=1e-7 * known[2].total)
    assert women.value.item() == pytest.approx(known[0].totals["f"], rel=1e-10)
    assert women.standard_error.item() == pytest.approx(0, abs=1e-7 * known[0].totals["f"])


def test_post_strata_are_one_crossed_margin():
    frame = make_frame()
    frame["cell"] = cross_labels(frame[["sex", "age"]])
    margin = make_margin(frame, "cell")
    assert sorted(margin.totals) == ["f/old", "f/young", "m/old", "m/young"]
    design = poststratify_design(make_design(frame), margin)
    assert design.weights == pytest.approx(frame["weight"] * poststratify(frame["weight"], margin).factor)
    x = (np.asarray(frame["cell"])[:, None] == np.array(sorted(margin.totals))).astype(float)
    got = design.total(frame["score"]).standard_error.item()
    assert got == pytest.approx(residual_error(frame, design, x), rel=1e-10)
    same = calibrate_design(make_design(frame), [margin])
    assert same.mean(frame["score"]).standard_error == pytest.approx(
        design.mean(frame["score"]).standard_error, rel=1e-9
    )


def test_domains_of_a_calibrated_design_share_a_covariance_with_the_whole():
    frame = make_frame()
    design = calibrate_design(make_design(frame), [make_margin(frame, "sex"), make_income(frame)])
    estimate = design.total(frame["score"], by=frame["age"], overall=True)
    contrast = estimate.contrast([[1, -1, -1]], ["rest"])
    assert contrast.value.item() == pytest.approx(0, abs=1e-9 * estimate.value[0])
    assert contrast.standard_error.item() == pytest.approx(0, abs=1e-6 * estimate.standard_error[0])


def test_sweeps_converge_to_the_unweighted_regression():
    frame = make_frame()
    margins = [make_margin(frame, "sex"), make_margin(frame, "age")]
    base = make_design(frame)
    few = rake_design(base, margins, n_sweeps=1)
    many = rake_design(base, margins, n_sweeps=50)
    before = replace(many, calibration=None)
    exact = before.with_calibration(np.ones(N_ROWS), [frame["sex"], frame["age"]])
    score = frame["score"]
    assert many.weights == pytest.approx(frame["weight"] * rake(frame["weight"], margins).factor)
    assert many.mean(score).standard_error == pytest.approx(exact.mean(score).standard_error, rel=1e-12)
    assert few.mean(score).standard_error != pytest.approx(exact.mean(score).standard_error, rel=1e-9)


def test_a_number_that_hangs_together_with_a_margin_changes_nothing():
    frame = make_frame()
    margin = make_margin(frame, "sex")
    women = KnownTotal("women", (frame["sex"] == "f").to_numpy(dtype=float), margin.totals["f"])
    once = calibrate_design(make_design(frame), [margin]).mean(frame["score"])
    twice = calibrate_design(make_design(frame), [margin, women]).mean(frame["score"])
    assert twice.standard_error == pytest.approx(once.standard_error, rel=1e-9)


def test_scores_of_any_estimand_see_the_numbers():
    frame = make_frame()
    design = calibrate_design(make_design(frame), [make_margin(frame, "sex"), make_income(frame)])
    scores = design.sum_scores(frame[["score"]].to_numpy())
    expected = design.total(frame["score"]).standard_error.item()
    assert np.sqrt(design.covariance(scores)).item() == pytest.approx(expected)


def test_a_weighting_makes_the_design_that_its_steps_make():
    frame = make_frame()
    known = [make_margin(frame, "sex"), make_income(frame)]
    weighting = start_weighting(frame["weight"].to_numpy()).then_calibrate(known)
    made = weighted_design(make_design(frame), weighting)
    expected = calibrate_design(make_design(frame), known)
    assert made.mean(frame["score"]).to_frame().equals(expected.mean(frame["score"]).to_frame())


@pytest.mark.parametrize(
    "numbers", [lambda: np.array([1.0, np.nan]), lambda: np.array([1.0]), lambda: [[1.0], [np.inf]]]
)
def test_auxiliary_numbers_must_be_known_for_every_row(numbers: Callable[[], np.ndarray]):
    with pytest.raises(DesignError, match="finite auxiliary numbers in 2 rows"):
        Calibration.from_labels(np.ones(2), [], n_rows=2, numbers=numbers())


def test_rows_without_weight_change_no_error():
    frame = make_frame()
    known = [make_margin(frame, "sex"), make_income(frame)]
    expected = calibrate_design(make_design(frame), known).total(frame["score"]).standard_error
    idle = frame.iloc[:20].assign(weight=0.0, income=1e6)
    both = pd.concat([frame, idle], ignore_index=True)
    more = [
        Margin("sex", both["sex"], known[0].totals),
        KnownTotal("income", both["income"], known[1].total),
    ]
    got = calibrate_design(make_design(both), more).total(both["score"]).standard_error
    assert got == pytest.approx(expected, rel=1e-9)

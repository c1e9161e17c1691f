"""Changes against zero: the t test of each, adjusted for their number."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.estimation import (
    HIGHER,
    LOWER,
    NOT_COMPARABLE,
    NOT_DISTINGUISHABLE,
    EstimandError,
    Estimate,
    SurveyDesign,
    adjust_p_values,
    change,
    compare_with_zero,
)

SHIFTS = {"a": 2.0, "b": -2.0, "c": 0.0}


def make_change() -> Estimate:
    place = np.arange(240)
    frame = pd.DataFrame(
        {
            "commune": place // 8,
            "domain": np.array(list("abc"))[place // 80],
            "round": 2024 + place % 2,
            "score": np.random.default_rng(3).normal(0, 1, 240),
        }
    )
    scores = frame["score"] + frame["domain"].map(SHIFTS) * (frame["round"] == 2025)
    design = SurveyDesign.from_frame(frame.assign(weight=1.0), weight="weight", clusters="commune")
    return change(design, scores, frame["round"], by=frame["domain"])


def make_differences(df: list[float], error: float = 1.0) -> Estimate:
    k = len(df)
    return Estimate(
        ("x",) * k,
        tuple(range(k)),
        np.full(k, 2.0),
        np.eye(k) * error,
        np.array(df),
        np.full(k, 50),
        np.ones(k),
    )


def test_changes_are_shown_where_there_are_any():
    table = compare_with_zero(make_change()).set_index("domain")
    assert table["group"].to_dict() == {"a": HIGHER, "b": LOWER, "c": NOT_DISTINGUISHABLE}


@pytest.mark.parametrize("adjustment", ["holm", "bh", "holm_directional", "none"])
def test_every_test_is_students_with_its_own_degrees_of_freedom(adjustment: str):
    changes = make_change()
    table = compare_with_zero(changes, adjustment=adjustment)
    t = np.abs(changes.value) / changes.standard_error
    expected = 2 * stats.t.sf(t, changes.degrees_of_freedom)
    np.testing.assert_allclose(table["p_value"], expected)
    np.testing.assert_allclose(table["p_adjusted"], adjust_p_values(expected, adjustment))


def test_infinite_degrees_of_freedom_are_those_of_the_normal_distribution():
    p_values = compare_with_zero(make_differences([np.inf, 30.0]))["p_value"]
    assert p_values[0] == pytest.approx(2 * stats.norm.sf(2))
    assert p_values[1] > p_values[0]


@pytest.mark.parametrize(("df", "error"), [(0.0, 1.0), (30.0, 0.0)])
def test_nothing_is_shown_without_degrees_of_freedom_or_variance(df: float, error: float):
    table = compare_with_zero(make_differences([df], error))
    assert table["p_value"].isna().all()
    assert table["group"].tolist() == [NOT_COMPARABLE]


def test_an_unknown_adjustment_is_refused():
    with pytest.raises(EstimandError, match="'guess'"):
        compare_with_zero(make_change(), adjustment="guess")

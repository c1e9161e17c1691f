"""Errors of calibrated designs where it is easy to go wrong: single PSUs, weights below 0, calibrating twice.

The standard errors come from R 4.2 with survey 4.1.1: ``svydesign(ids=~1, strata=~st, weights=~w)`` (in the
second sample ``ids=~k`` and no strata), ``calibrate`` and ``postStratify``, ``options(survey.lonely.psu)`` as
named, and ``subset`` for domains.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import DesignError, EstimandError, SurveyDesign, population_covariances, regress
from analysis.weighting import (
    KnownTotal,
    Margin,
    calibrate,
    calibrate_design,
    poststratify_design,
    rake_design,
    with_known_totals,
)
from analysis.weighting.steps import start_weighting

BY_POLICY = {
    # policy: total and mean in the domain and total of all, calibrated; mean in the domain, post-stratified
    "remove": (74.46091252269, 1.41743428741, 81.30234288894, 1.35105434827),
    "certainty": (74.46091252269, 1.41743428741, 81.30234288894, 1.35105434827),
    "adjust": (76.08891328144, 1.41817354091, 85.62485050388, 1.35708636956),
    "average": (91.19562073130, 1.73599537404, 99.57462748535, 1.65469688401),
}


def make_single() -> pd.DataFrame:
    """Three strata, the last with one unit; the domain is in the first only."""
    return pd.DataFrame(
        {
            "stratum": list("aaaabbbbc"),
            "y": [3.0, 5, 4, 8, 2, 6, 1, 9, 7],
            "x": [1.0, 2, 4, 3, 2, 5, 1, 3, 2],
            "domain": [1.0, np.nan, 1, 1, *[np.nan] * 5],
        }
    )


def make_negative() -> tuple[pd.DataFrame, SurveyDesign]:
    """A sample with one large unit, calibrated to so small a total that this unit's weight falls below 0."""
    frame = pd.DataFrame(
        {
            "x": [1.0, 2, 3, 4, 5, 40, 2, 3],
            "y": [2.0, 1, 4, 4, 6, 30, 3, 2],
            "psu": np.repeat([1, 2, 3, 4], 2),
        }
    )
    return frame, calibrate_design(
        SurveyDesign.from_arrays(np.full(8, 10.0), clusters=frame["psu"]), make_totals(frame)
    )


def make_totals(frame: pd.DataFrame) -> list[KnownTotal]:
    return [KnownTotal("people", np.ones(8), 80.0), KnownTotal("x", frame["x"], 200.0)]


@pytest.mark.parametrize("scope", ["domain", "design"])
@pytest.mark.parametrize("in_domain", [False, True])
@pytest.mark.parametrize("policy", BY_POLICY)
def test_residuals_outside_the_domain_count_under_every_policy(policy: str, scope: str, *, in_domain: bool):
    frame = make_single()
    design = SurveyDesign.from_arrays(
        np.full(9, 10.0),
        strata=frame["stratum"],
        single_psu=policy,
        single_scope=scope,
        single_in_domain=in_domain,
    )
    known = [KnownTotal("people", np.ones(9), 100.0), KnownTotal("x", frame["x"], 270.0)]
    linear = calibrate_design(design, known)
    strata = poststratify_design(design, Margin("high", frame["x"] > 2, {False: 50.0, True: 45.0}))
    found = [
        linear.total(frame["y"], by=frame["domain"]),
        linear.mean(frame["y"], by=frame["domain"]),
        linear.total(frame["y"]),
        strata.mean(frame["y"], by=frame["domain"]),
    ]
    assert [one.standard_error.item() for one in found] == pytest.approx(BY_POLICY[policy], rel=1e-11)
    assert found[0].degrees_of_freedom.item() == 2
    missing = linear.total(frame["y"].where(frame["domain"].notna()))
    assert missing.standard_error == pytest.approx(found[0].standard_error)
    assert np.sqrt(found[0].covariance.item()) == pytest.approx(found[0].standard_error.item())


def test_the_centre_of_a_stratum_that_is_not_single_stays():
    design = SurveyDesign.from_arrays(np.ones(5), strata=list("aabbc"), single_psu="adjust")
    scores = np.array([[1.0], [3.0], [4.0], [4.0], [0.0]])
    is_present = np.array([[True], [True], [False], [False], [False]])
    assert design.covariance(scores, is_present).item() == pytest.approx(2 * 2 * 1.0)


def test_weights_below_zero_count_in_errors_of_totals():
    frame, design = make_negative()
    assert (design.weights < 0).sum() == 1
    assert design.total(frame["x"]).value.item() == pytest.approx(200)
    columns = np.column_stack([np.ones(8), frame["x"]])
    assert design.total(columns).standard_error.tolist() == [0, 0]
    assert design.mean(frame["x"]).standard_error.item() == 0
    assert design.total(frame["y"]).standard_error.item() == pytest.approx(28.029670053594, rel=1e-11)
    mean = design.mean(frame["y"])
    assert mean.standard_error.item() == pytest.approx(0.350370875670, rel=1e-11)
    assert (mean.n.item(), mean.degrees_of_freedom.item()) == (8, 3)
    domain = design.mean(frame["y"], by=(frame["x"] > 2).where(frame["x"] > 2))
    assert domain.value.item() == pytest.approx(3.574768089054, rel=1e-11)
    assert domain.standard_error.item() == pytest.approx(0.690132556633, rel=1e-11)


def test_a_psu_with_nothing_but_a_weight_below_zero_counts_in_the_degrees_of_freedom():
    frame, _ = make_negative()
    everybody = calibrate_design(SurveyDesign.from_arrays(np.full(8, 10.0)), make_totals(frame))
    assert everybody.degrees_of_freedom == 7
    assert everybody.mean(frame["y"]).degrees_of_freedom.item() == 7
    assert population_covariances(everybody, frame[["y"]]).n.item() == 8


def test_weights_below_zero_are_told():
    frame, design = make_negative()
    factors = calibrate(np.full(8, 10.0), make_totals(frame))
    assert factors.n_negative == 1
    assert factors.note.startswith("1 respondents have a weight below 0")
    weighting = start_weighting(np.full(8, 10.0)).then_calibrate(make_totals(frame))
    assert weighting.notes == (factors.note,)
    assert calibrate(np.full(8, 10.0), make_totals(frame), method="raking").note == ""
    with pytest.raises(EstimandError, match=r"1 below 0.*raking"):
        regress(design, frame, "y ~ x")


MARGIN = Margin("sex", ["f", "f", "m", "m"], {"f": 6.0, "m": 4.0})
PEOPLE = KnownTotal("people", np.ones(4), 10.0)
AGAIN: dict[str, Callable[[SurveyDesign], SurveyDesign]] = {
    "poststratify": lambda design: poststratify_design(design, MARGIN),
    "rake": lambda design: rake_design(design, [MARGIN]),
    "calibrate": lambda design: calibrate_design(design, [PEOPLE]),
    "factors": lambda design: with_known_totals(design, np.ones(4), [PEOPLE]),
    "method": lambda design: design.with_calibration(np.ones(4), [MARGIN.labels]),
}


@pytest.mark.parametrize("first", AGAIN)
@pytest.mark.parametrize("second", AGAIN)
def test_a_second_calibration_is_refused(first: str, second: str):
    calibrated = AGAIN[first](SurveyDesign.from_arrays(np.ones(4)))
    with pytest.raises(DesignError, match="Calibrate in one step with all totals"):
        AGAIN[second](calibrated)

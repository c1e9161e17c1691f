"""What cannot be meant is refused before any weight changes."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import SurveyDesign
from analysis.quality import DispositionCounts, fit_propensities
from analysis.quality.errors import DispositionError, RepresentativityError
from analysis.weighting import (
    BoundsError,
    Margin,
    MarginError,
    PropensityError,
    WeightingError,
    adjust_nonresponse,
    calibrate,
    poststratify,
    rake,
    trim,
    trimming_limit,
    weight_respondents,
)
from analysis.weighting.margins import encode_margin
from analysis.weighting.propensity import adjust_by_propensity, fit_propensity

ONES = np.ones(6)
SEX, AREA = list("fffmmm"), list("ururur")
ANSWERED = np.array([1, np.nan, 1, 1, 0, 1])
NOTHING = pd.DataFrame(index=range(6))


def make_margins(off: float) -> list[Margin]:
    return [Margin("sex", SEX, {"f": 50.0, "m": 50.0}), Margin("area", AREA, {"u": 50.0, "r": 50.0 + off})]


RESPONSES: dict[str, tuple[type[Exception], Callable[[], object]]] = {
    "classes": (WeightingError, lambda: adjust_nonresponse(ONES, ANSWERED, SEX, psu=SEX)),
    "all steps": (WeightingError, lambda: weight_respondents(ONES, ANSWERED, SEX, psu=SEX)),
    "model": (PropensityError, lambda: fit_propensity(ANSWERED, NOTHING)),
    "division": (
        PropensityError,
        lambda: adjust_by_propensity(fit_propensity(np.array([1, 0] * 3), NOTHING), ANSWERED),
    ),
    "representativity": (
        RepresentativityError,
        lambda: fit_propensities(SurveyDesign.from_arrays(ONES), ANSWERED, pd.DataFrame({"sex": SEX})),
    ),
}


@pytest.mark.parametrize("where", RESPONSES)
def test_a_response_that_is_missing_is_no_response(where: str) -> None:
    error, function = RESPONSES[where]
    with pytest.raises(error, match="nan in row 2"):
        function()


@pytest.mark.parametrize("limits", [{"upper": np.nan}, {"lower": np.nan}])
def test_limits_of_weights_are_numbers(limits: dict[str, float]) -> None:
    with pytest.raises(BoundsError, match="nan"):
        trim(np.array([1.0, 2.0, 3.0]), **limits)


@pytest.mark.parametrize("rule", ["median", "median_iqr"])
def test_a_limit_needs_every_weight(rule: str) -> None:
    with pytest.raises(WeightingError, match="1 others among 2"):
        trimming_limit(np.array([1.0, np.nan]), rule=rule)


@pytest.mark.parametrize("count", [np.nan, np.inf, -1.0])
def test_dispositions_are_counted_in_numbers(count: float) -> None:
    with pytest.raises(DispositionError, match="finite counts"):
        DispositionCounts(complete=5, partial=count, refusal=2)


@pytest.mark.parametrize("function", [rake, calibrate])
def test_margins_that_differ_by_more_than_rounding_are_refused_at_once(
    function: Callable[..., object],
) -> None:
    with pytest.raises(MarginError, match="margin area to add up to 100"):
        function(ONES, make_margins(4e-5))


@pytest.mark.parametrize("function", [rake, calibrate])
def test_margins_that_differ_by_rounding_are_met(function: Callable[..., object]) -> None:
    margins = make_margins(5e-8)
    factors = function(ONES, margins)
    assert factors.n_iterations < 10
    assert factors.factor[1::2].sum() == pytest.approx(50.0, rel=1e-8)


@pytest.mark.parametrize("function", [rake, calibrate])
def test_a_first_margin_without_people_is_refused(function: Callable[..., object]) -> None:
    nobody = Margin("sex", SEX, {"f": 0.0, "m": 0.0})
    with pytest.raises(MarginError, match="totals above 0"):
        function(ONES, [nobody, *make_margins(0.0)])


@pytest.mark.parametrize("function", [rake, calibrate, lambda w, margins: poststratify(w, margins[0])])
def test_text_is_no_weight(function: Callable[..., object]) -> None:
    with pytest.raises(WeightingError, match="numbers as weights"):
        function(np.array(list("abcdef")), make_margins(0.0))


def test_labels_of_another_type_than_the_totals_are_said_to_be() -> None:
    margin = Margin("age group", [1, 2, 1], {"1": 10.0, "2": 20.0})
    with pytest.raises(MarginError, match="none for 1, 2, which are int, while '1' is str"):
        encode_margin(margin, np.ones(3))

"""What cannot be meant is refused, with what was expected and what came."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import (
    AnalysisError,
    DesignError,
    EstimandError,
    Estimate,
    IntervalError,
    ReplicateDesign,
    SurveyDesign,
    fit_response,
    quantile,
    standardised_mean,
)
from analysis.estimation.arrays import as_floats, as_truth
from analysis.estimation.designs.query_design import QueryDesign
from analysis.estimation.designs.sum_query import SumQuery

ONES = np.ones(4)
STAGES = pd.DataFrame({"commune": [1, 1, 2, 2], "village": [1, 2, 3, 4]})


def make_shares() -> Estimate:
    return SurveyDesign.from_arrays(ONES).proportion([1, 0, 1, 1])


def refuse(error: type[AnalysisError], function: Callable[[], object], *words: str) -> None:
    with pytest.raises(error) as raised:
        function()
    for word in words:
        assert word in str(raised.value)


@pytest.mark.parametrize("values", [[1, 0, np.nan], [True, None, False], ["True", "", "x"], [1, 0, 2]])
def test_truth_values_are_true_or_false(values: list[object]) -> None:
    refuse(EstimandError, lambda: as_truth(values, "responses", EstimandError), "True or False", "responses")


@pytest.mark.parametrize(
    "values",
    [
        np.array([True, False]),
        [1, 0],
        [1.0, 0.0],
        np.array([True, False], dtype=object),
        pd.array([1, 0], dtype="boolean"),
    ],
)
def test_truth_values_come_in_several_types(values: object) -> None:
    assert as_truth(values, "responses", EstimandError).tolist() == [True, False]


def test_a_nullable_truth_value_that_is_missing_is_refused() -> None:
    values = pd.Series([True, None], dtype="boolean")
    refuse(EstimandError, lambda: as_truth(values, "responses", EstimandError), "in row 2 (1 such row)")


def test_nullable_numbers_may_be_missing() -> None:
    found = as_floats(pd.Series([1.5, None], dtype="Float64"), "weights", EstimandError)
    np.testing.assert_array_equal(found, [1.5, np.nan])


def test_a_certainty_that_is_missing_is_refused() -> None:
    marks = [1, 1, np.nan, np.nan]
    refuse(
        DesignError,
        lambda: SurveyDesign.from_arrays(ONES, clusters=STAGES, certainty=marks),
        "marks of certainty",
        "nan in row 3",
    )


def test_a_response_that_is_missing_is_refused() -> None:
    design, responded = SurveyDesign.from_arrays(ONES), np.array([1, 0, np.nan, 1])
    refuse(EstimandError, lambda: fit_response(design, responded, STAGES[[]]), "responses")


def test_an_unknown_scope_is_refused() -> None:
    refuse(DesignError, lambda: SurveyDesign.from_arrays(ONES, single_scope="whole design"), "domain, design")


@pytest.mark.parametrize("level", [95, 1.0, 0, -0.5, np.nan])
def test_levels_lie_between_0_and_1(level: float) -> None:
    design = SurveyDesign.from_arrays(ONES)
    replicates = ReplicateDesign.from_design(design, "jk1")
    refuse(IntervalError, lambda: make_shares().interval(level), "0.95", f"{level}")
    refuse(IntervalError, lambda: quantile(design, ONES, [0.5], level=level), "0.95")
    refuse(IntervalError, lambda: replicates.quantile(ONES, [0.5], level=level), "0.95")


@pytest.mark.parametrize("at_least", [np.nan, np.inf])
def test_the_limit_of_a_share_is_a_number(at_least: float) -> None:
    design, columns = SurveyDesign.from_arrays(ONES), QueryDesign("w", clusters=("c",))
    replicates = ReplicateDesign.from_design(design, "jk1")
    refuse(EstimandError, lambda: design.proportion([1, 2, 3, 4], at_least=at_least), "at_least")
    refuse(EstimandError, lambda: replicates.proportion([1, 2, 3, 4], at_least=at_least), "at_least")
    refuse(EstimandError, lambda: SumQuery(columns, ("q",), at_least=at_least), "at_least")


def test_a_population_below_its_sample_is_named_with_both_numbers() -> None:
    refuse(
        DesignError,
        lambda: SurveyDesign.from_arrays(ONES, strata=["a", "a", "b", "b"], fpc=[9, 9, 1, 1]),
        "got 1 for 2 in the sample of stratum b",
    )


def test_a_population_that_is_missing_is_named_by_its_row() -> None:
    fpc = [9.0, 9.0, np.nan, 9.0]
    refuse(DesignError, lambda: SurveyDesign.from_arrays(ONES, fpc=fpc), "a missing one in row 3")


@pytest.mark.parametrize("arguments", [{"weights": list("abcd")}, {"weights": ONES, "fpc": list("abcd")}])
def test_text_is_no_number(arguments: dict[str, list[str]]) -> None:
    refuse(DesignError, lambda: SurveyDesign.from_arrays(**arguments), "numbers as", "'a'")


def test_a_domain_whose_rows_have_no_answer_stays() -> None:
    means = SurveyDesign.from_arrays(ONES).mean([1.0, 2.0, np.nan, np.nan], by=list("aabb"))
    assert means.domains == ("a", "b")
    assert means.n.tolist() == [2, 0]
    assert "no_answers" in means.flags[1]


def test_marks_of_certainty_that_differ_within_a_psu_are_explained_as_such() -> None:
    refuse(
        DesignError,
        lambda: SurveyDesign.from_arrays(ONES, clusters=STAGES, certainty=[1, 0, 0, 0]),
        "one mark of certainty in all rows of a unit",
        "Mark all rows of a PSU",
    )


def test_places_that_differ_within_a_psu_are_explained_as_such() -> None:
    refuse(
        DesignError,
        lambda: SurveyDesign.from_arrays(ONES, clusters=[1, 1, 2, 2], systematic_order=[1, 2, 3, 3]),
        "one place in the draw",
        "Repeat the place of a PSU",
    )


def test_classes_of_another_type_than_the_population_are_said_to_be() -> None:
    population = {"1": 10.0, "2": 20.0}
    refuse(
        EstimandError,
        lambda: standardised_mean(SurveyDesign.from_arrays(ONES), ONES, [1, 1, 2, 2], population),
        "none for 1, 2, which are int, while '1' is str",
    )

"""A domain without rows is refused with its name, whatever is estimated and in whatever form it comes."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import (
    DomainError,
    Domains,
    Estimate,
    ReplicateDesign,
    SurveyDesign,
    change,
    cross_table,
    population_covariances,
    quantile,
    standardised_mean,
)
from analysis.estimation.quantiles.result import QuantileEstimate

DESIGN = SurveyDesign.from_arrays(np.ones(4))
REPLICATES = ReplicateDesign.from_weights(np.ones(4), np.full((4, 2), [2.0, 0.0]), scale=0.5)
ANSWERS = [1.0, 2.0, 4.0, 5.0]
ROUNDS = [2025, 2026, 2025, 2026]

type Estimator = Callable[[pd.Series], Estimate | QuantileEstimate]

ESTIMATORS: dict[str, Estimator] = {
    "mean": lambda by: DESIGN.mean(ANSWERS, by=by),
    "mean with the whole": lambda by: DESIGN.mean(ANSWERS, by=by, overall=True),
    "total": lambda by: DESIGN.total(ANSWERS, by=by),
    "proportion": lambda by: DESIGN.proportion(ANSWERS, at_least=4, by=by),
    "proportions": lambda by: DESIGN.proportions(list("xyxy"), by=by),
    "ratio": lambda by: DESIGN.ratio(ANSWERS, ANSWERS, by=by),
    "quantile": lambda by: quantile(DESIGN, ANSWERS, 0.5, by=by),
    "variance": lambda by: population_covariances(DESIGN, ANSWERS, by=by),
    "standardised mean": lambda by: standardised_mean(DESIGN, ANSWERS, ["x"] * 4, {"x": 1}, by=by),
    "change": lambda by: change(DESIGN, ANSWERS, ROUNDS, by=by),
    "mean of replicates": lambda by: REPLICATES.mean(ANSWERS, by=by),
}


def declare(labels: list[str | None], categories: str) -> pd.Series:
    return pd.Series(pd.Categorical(labels, categories=list(categories)), name="province")


@pytest.mark.parametrize("estimator", ESTIMATORS.values(), ids=ESTIMATORS)
def test_a_declared_category_without_a_row_is_named(estimator: Estimator) -> None:
    with pytest.raises(DomainError) as raised:
        estimator(declare(["a", "a", "b", "b"], "zabc"))
    assert raised.value.expected == "a row in every declared category of the domains (province)"
    assert raised.value.got == "none in 'z', 'c'"
    assert "remove_unused_categories()" in raised.value.hint


@pytest.mark.parametrize("estimator", ESTIMATORS.values(), ids=ESTIMATORS)
def test_categories_that_all_have_rows_are_domains(estimator: Estimator) -> None:
    assert set(estimator(declare(["a", "a", "b", "b"], "ba")).domains) >= {"a", "b"}


def test_bare_categories_are_checked_too_and_many_are_not_all_listed() -> None:
    by = pd.Categorical(["a"] * 4, categories=list("abcdefgh"))
    with pytest.raises(DomainError, match=r"domains; got none in 'b', 'c', 'd', 'e', 'f' and 2 more\."):
        DESIGN.mean(ANSWERS, by=by)


def test_bare_ordered_categories_keep_their_order() -> None:
    by = pd.Categorical(["low", "high", "low", "high"], categories=["low", "high"], ordered=True)
    assert DESIGN.mean(ANSWERS, by=by).domains == ("low", "high")


@pytest.mark.parametrize(
    "by", [[None] * 4, np.where(np.zeros(4, dtype=bool), "x", None), declare([None] * 4, "a")]
)
def test_a_mask_that_leaves_no_row_is_refused(by: pd.Series) -> None:
    with pytest.raises(DomainError, match="a domain with at least one row"):
        DESIGN.mean(ANSWERS, by=by)


def test_crossed_columns_are_checked_one_by_one() -> None:
    crossed = pd.DataFrame({"sex": list("fmfm"), "province": declare(["a", "a", "b", "b"], "abc")})
    with pytest.raises(DomainError, match=r"\(province\); got none in 'c'"):
        DESIGN.mean(ANSWERS, by=crossed)


def test_a_combination_that_no_row_has_is_no_domain() -> None:
    crossed = pd.DataFrame(
        {"sex": declare(list("fmff"), "fm"), "province": declare(["a", "a", "b", "b"], "ab")}
    )
    assert DESIGN.mean(ANSWERS, by=crossed).domains == (("f", "a"), ("f", "b"), ("m", "a"))


def test_a_variable_may_have_a_category_that_nobody_chose() -> None:
    answers = declare(["a", "a", "b", "b"], "abc")
    assert DESIGN.proportions(answers).names == ("a", "b")
    assert REPLICATES.proportions(answers).names == ("a", "b")
    assert list(cross_table(DESIGN, answers, list("xyxy")).counts.index) == ["a", "b"]


def test_rounds_that_are_left_out_may_stay_declared() -> None:
    rounds = pd.Series(pd.Categorical(ROUNDS, categories=[2024, 2025, 2026], ordered=True))
    assert change(DESIGN, ANSWERS, rounds).value.tolist() == [1.0]


def test_margins_of_a_calibration_may_have_a_category_without_rows() -> None:
    calibrated = DESIGN.with_calibration(np.ones(4), [declare(["a", "a", "b", "b"], "abc")])
    assert calibrated.mean(ANSWERS).value.tolist() == [3.0]


def test_labels_that_occur_can_be_taken_alone() -> None:
    assert Domains.from_observed(declare(["a", None, "a", None], "abc"), n_rows=4).labels == ("a",)

"""Response propensity: model, factors, classes."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.weighting import (
    BoundsError,
    CellMinimum,
    PropensityError,
    adjust_by_propensity,
    adjust_by_propensity_classes,
    adjust_nonresponse,
    fit_propensity,
)

ANY_SIZE = CellMinimum(answers=1, psus=1)


def make_sample(seed: int = 1, n: int = 800) -> tuple[np.ndarray, pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    covariates = pd.DataFrame(
        {
            "area": rng.choice(["rural", "urban"], n),
            "age": rng.integers(18, 90, n),
            "group": rng.choice(["a", "b", "c"], n),
        }
    )
    logit = 0.4 + 0.015 * (covariates["age"] - 50) - 0.7 * (covariates["area"] == "urban")
    return rng.random(n) < 1 / (1 + np.exp(-logit)), covariates, rng.uniform(10, 50, n)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_without_covariates_everybody_has_the_overall_rate(seed: int):
    responded, covariates, weights = make_sample(seed, 100)
    model = fit_propensity(responded, covariates[[]], weights=weights)
    rate = weights[responded].sum() / weights.sum()
    assert model.propensity == pytest.approx(np.full(100, rate))
    adjusted = weights[responded] * adjust_by_propensity(model, responded).factor
    assert adjusted.sum() == pytest.approx(weights.sum())


@pytest.mark.parametrize("is_weighted", [True, False])
def test_the_model_is_the_logistic_regression_of_statsmodels(*, is_weighted: bool):
    responded, covariates, weights = make_sample()
    used = weights if is_weighted else np.ones(len(weights))
    model = fit_propensity(responded, covariates, weights=weights if is_weighted else None)
    terms = pd.DataFrame(
        {"constant": 1.0, "area urban": covariates["area"] == "urban", "age": covariates["age"]}
    )
    terms = terms.assign(**{f"group {name}": covariates["group"] == name for name in "bc"}).astype(float)
    reference = sm.GLM(
        responded.astype(float), terms, family=sm.families.Binomial(), freq_weights=used / used.mean()
    ).fit(tol=1e-12)
    assert list(model.coefficients.index) == list(terms.columns)
    assert model.coefficients.to_numpy() == pytest.approx(reference.params.to_numpy(), rel=1e-8)
    assert model.propensity == pytest.approx(reference.fittedvalues.to_numpy(), rel=1e-8)


def test_a_covariate_of_classes_gives_the_rates_of_the_classes():
    responded, covariates, weights = make_sample()
    model = fit_propensity(responded, covariates[["group"]], weights=weights)
    by_model = adjust_by_propensity(model, responded).factor
    by_class = adjust_nonresponse(weights, responded, covariates["group"], psu=np.arange(800)).factor
    assert by_model == pytest.approx(by_class)
    classes = adjust_by_propensity_classes(model, weights, responded, psu=np.arange(800), n_classes=800)
    assert classes.factor == pytest.approx(by_class)


def test_quintile_classes_keep_the_sum_of_the_weights():
    responded, covariates, weights = make_sample()
    model = fit_propensity(responded, covariates, weights=weights)
    adjustment = adjust_by_propensity_classes(
        model, weights, responded, psu=np.arange(800) // 10, minimum=ANY_SIZE
    )
    assert (weights[responded] * adjustment.factor).sum() == pytest.approx(weights.sum())
    assert len(np.unique(adjustment.factor)) == 5
    order = np.argsort(model.propensity[responded])
    assert adjustment.factor[order[0]] == adjustment.factor.max()


def test_limits_keep_factors_small_and_are_counted():
    responded, covariates, _ = make_sample()
    model = fit_propensity(responded, covariates)
    adjustment = adjust_by_propensity(model, responded, limits=(0.5, 0.7))
    assert adjustment.factor.max() == pytest.approx(2)
    assert adjustment.factor.min() == pytest.approx(1 / 0.7)
    outside = (model.propensity < 0.5) | (model.propensity > 0.7)
    assert adjustment.n_limited == (outside & responded).sum()
    with pytest.raises(BoundsError, match="got 0 and 1"):
        adjust_by_propensity(model, responded, limits=(0, 1))


def test_terms_that_say_the_same_are_refused_by_name():
    responded, covariates, _ = make_sample()
    doubled = covariates.assign(months=covariates["age"] * 12)
    with pytest.raises(PropensityError, match="'months'"):
        fit_propensity(responded, doubled)


def test_a_covariate_with_one_value_is_refused():
    responded, covariates, _ = make_sample()
    with pytest.raises(PropensityError, match="'year'"):
        fit_propensity(responded, covariates[["area"]].assign(year=2025))


def test_a_category_in_which_everybody_answered_is_refused_by_name():
    responded, covariates, _ = make_sample()
    with pytest.raises(PropensityError, match="0% in is_seen False"):
        fit_propensity(responded, pd.DataFrame({"is_seen": responded, "age": covariates["age"]}))


@pytest.mark.parametrize(
    ("responded", "covariates", "message"),
    [
        ([True, False], pd.DataFrame({"age": [30.0, None]}), "missing ones in age"),
        ([True, False], pd.DataFrame({"age": [30.0]}), "lengths 1, 2"),
        ([True, True], pd.DataFrame({"age": [30.0, 40.0]}), "2 respondents among 2"),
    ],
)
def test_samples_without_a_model_are_refused(responded: list[bool], covariates: pd.DataFrame, message: str):
    with pytest.raises(PropensityError, match=message):
        fit_propensity(np.array(responded), covariates)

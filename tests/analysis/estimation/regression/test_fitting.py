"""Regressions are other ways to the numbers of simpler estimators."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import DomainError, EstimandError, SurveyDesign, regress
from tests.analysis.estimation.survey_samples import DESIGNS, make_calibrated_design, make_design, make_sample


@pytest.mark.parametrize("make", DESIGNS)
def test_the_slope_of_a_dummy_is_the_difference_of_two_domain_means(
    make: Callable[[pd.DataFrame], SurveyDesign],
):
    frame = make_sample()
    design = make(frame)
    model = regress(design, frame, "score ~ area")
    difference = design.mean(frame["score"], by=frame["area"]).contrast([[-1, 1]], ["difference"])
    np.testing.assert_allclose(model.coefficients.value[1], difference.value)
    np.testing.assert_allclose(model.coefficients.standard_error[1], difference.standard_error)


def test_a_regression_without_intercept_gives_the_domain_means_and_their_covariance():
    frame = make_sample()
    design = make_design(frame)
    model = regress(design, frame, "score ~ group - 1")
    means = design.mean(frame["score"], by=frame["group"])
    np.testing.assert_allclose(model.coefficients.value, means.value)
    np.testing.assert_allclose(model.coefficients.covariance, means.covariance, atol=1e-12)


def test_a_logistic_intercept_is_the_logit_of_the_proportion():
    frame = make_sample()
    design = make_design(frame)
    model = regress(design, frame, "satisfied ~ 1", family="quasibinomial")
    share = design.proportion(frame["satisfied"])
    np.testing.assert_allclose(model.coefficients.value, np.log(share.value / (1 - share.value)))
    error = share.standard_error / (share.value * (1 - share.value))
    np.testing.assert_allclose(model.coefficients.standard_error, error)


def test_a_poisson_slope_is_the_log_of_a_ratio_of_means():
    frame = make_sample()
    design = make_design(frame)
    model = regress(design, frame, "visits ~ sex", family="poisson")
    women, men = design.mean(frame["visits"], by=frame["sex"]).value
    np.testing.assert_allclose(model.coefficients.value[1], np.log(men / women))


def test_rows_with_a_missing_variable_are_a_domain():
    frame = make_sample()
    design = make_design(frame)
    complete = frame["score"].notna().to_numpy()
    by_missing = regress(design, frame, "score ~ age")
    by_domain = regress(design, frame.fillna({"score": 0.0}), "score ~ age", within=complete)
    np.testing.assert_array_equal(by_missing.coefficients.covariance, by_domain.coefficients.covariance)
    assert by_missing.coefficients.n.tolist() == [complete.sum()] * 2


def test_residual_degrees_of_freedom_are_psus_minus_strata_plus_1_minus_coefficients():
    frame = make_sample(n_strata=5, n_psu=4)
    model = regress(make_design(frame), frame, "score ~ age + sex + group")
    assert model.residual_df == 20 - 5 + 1 - 5


def test_the_test_of_one_coefficient_is_its_t_squared():
    frame = make_sample()
    model = regress(make_design(frame), frame, "score ~ age + sex")
    test = model.term_test("age")
    assert test.statistic == pytest.approx(model.t_statistic[1] ** 2)
    assert test.p_value == pytest.approx(model.p_value[1])


def test_a_term_test_does_not_depend_on_the_coding():
    frame = make_sample()
    design = make_design(frame)
    coded = frame.assign(group=frame["group"].map({"a": "z", "b": "b", "c": "c"}))
    tests = [regress(design, data, "score ~ age + group").term_test("group") for data in (frame, coded)]
    assert tests[0].statistic == pytest.approx(tests[1].statistic)
    assert tests[0].numerator_df == 2


def test_terms_are_tested_together_and_found_in_any_order():
    frame = make_sample()
    model = regress(make_design(frame), frame, "score ~ area * sex")
    assert model.term_test("sex:area").statistic == model.term_test("area:sex").statistic
    assert model.term_test("area", "sex", "area:sex").numerator_df == 3
    with pytest.raises(EstimandError, match="a term of"):
        model.term_test("age")


def test_calibration_explains_the_coefficients_of_its_margins():
    frame = make_sample()
    error = regress(
        make_calibrated_design(frame), frame.assign(man=(frame["sex"] == "M").astype(float)), "man ~ 1"
    ).coefficients
    assert error.standard_error.item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("family", ["gaussian", "quasibinomial", "quasipoisson"])
def test_both_convergences_agree_to_some_millionths(family: str):
    frame = make_sample()
    design = make_design(frame)
    full, like_r = (
        regress(design, frame, "satisfied ~ age + group", family=family, convergence=convergence)
        for convergence in ("full", "r")
    )
    np.testing.assert_allclose(full.coefficients.value, like_r.coefficients.value, rtol=1e-6)
    np.testing.assert_allclose(full.coefficients.covariance, like_r.coefficients.covariance, rtol=1e-3)


def test_the_scale_of_the_weights_does_not_matter():
    frame = make_sample()
    one, many = (
        regress(
            make_design(frame.assign(weight=frame["weight"] * scale)), frame, "satisfied ~ age", family=family
        )
        for scale, family in ((1, "binomial"), (1e6, "quasibinomial"))
    )
    np.testing.assert_allclose(one.coefficients.covariance, many.coefficients.covariance)


def test_a_model_prints_its_coefficients():
    frame = make_sample()
    text = str(regress(make_design(frame), frame, "score ~ age"))
    assert "linear regression score ~ age" in text
    assert "p_value" in text


def test_the_odds_ratio_is_that_of_the_table():
    frame = make_sample()
    design = make_design(frame)
    women, men = design.proportion(frame["satisfied"], by=frame["sex"]).value
    ratios = regress(design, frame, "satisfied ~ sex", family="binomial").ratios()
    assert ratios["ratio"][1] == pytest.approx(men / (1 - men) / (women / (1 - women)))
    assert ratios["low"][1] < ratios["ratio"][1] < ratios["high"][1]
    with pytest.raises(EstimandError, match="a logistic or Poisson regression"):
        regress(design, frame, "score ~ sex").ratios()


def test_collinear_terms_are_named():
    frame = make_sample()
    frame["twice"] = 2 * frame["age"] + 1
    with pytest.raises(EstimandError, match="'twice', which follows from the terms before it"):
        regress(make_design(frame), frame, "score ~ age + twice + sex")


def test_more_columns_than_rows_are_collinear():
    design = SurveyDesign.from_arrays(np.ones(3))
    frame = pd.DataFrame(
        {"y": [1.0, 2.0, 4.0], "a": [1.0, 2.0, 5.0], "b": [3.0, 1.0, 1.0], "c": [0.0, 1.0, 1.0]}
    )
    with pytest.raises(EstimandError, match="do not determine each other"):
        regress(design, frame, "y ~ a + b + c")


@pytest.mark.parametrize("convergence", ["full", "r"])
def test_a_category_that_separates_the_responses_is_refused(convergence: str):
    frame = make_sample()
    frame.loc[frame["group"] == "b", "satisfied"] = 1.0
    with pytest.raises(EstimandError, match="a logistic regression that converges"):
        regress(make_design(frame), frame, "satisfied ~ group", family="binomial", convergence=convergence)


def test_a_number_that_separates_the_responses_is_refused():
    frame = make_sample()
    frame["satisfied"] = (frame["age"] > 50).astype(float)
    with pytest.raises(EstimandError, match="a logistic regression that converges"):
        regress(make_design(frame), frame, "satisfied ~ age", family="binomial")


@pytest.mark.parametrize(
    ("formula", "family", "message"),
    [
        ("score ~ age", "binomial", "responses between 0 and 1"),
        ("always ~ age", "binomial", "responses that differ"),
        ("never ~ age", "poisson", "responses that differ"),
        ("score ~ age", "gamma", "a family among gaussian"),
    ],
)
def test_a_response_must_fit_its_family(formula: str, family: str, message: str):
    frame = make_sample().assign(always=1.0, never=0.0)
    with pytest.raises(EstimandError, match=message):
        regress(make_design(frame), frame, formula, family=family)


def test_the_rows_are_those_of_the_design():
    frame = make_sample()
    with pytest.raises(EstimandError, match="one per row of the design"):
        regress(make_design(frame), frame.head(10), "score ~ age")
    with pytest.raises(EstimandError, match="a convergence among full, r"):
        regress(make_design(frame), frame, "score ~ age", convergence="soon")
    with pytest.raises(DomainError, match="at least one row"):
        regress(make_design(frame), frame, "score ~ age", within=np.zeros(len(frame), dtype=bool))

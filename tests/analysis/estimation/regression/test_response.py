"""The model of response: rates of classes, and who cannot be modelled."""

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import EstimandError, SurveyDesign, fit_response, regress


def make_sample(n: int = 400) -> tuple[SurveyDesign, np.ndarray, pd.DataFrame]:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"area": rng.choice(["rural", "urban"], n), "age": rng.integers(18, 90, n)})
    design = SurveyDesign.from_arrays(rng.uniform(1, 4, n), clusters=np.arange(n) // 10)
    return design, rng.random(n) < 0.4 + 0.3 * (frame["area"] == "urban"), frame


def test_the_model_is_the_logistic_regression_with_its_design_based_covariance():
    design, responded, frame = make_sample()
    model = fit_response(design, responded, frame)
    fit = regress(design, frame.assign(answered=responded), "answered ~ area + age", family="logistic")
    np.testing.assert_allclose(model.coefficients, fit.coefficients.value)
    np.testing.assert_allclose(model.covariance, fit.coefficients.covariance)
    assert model.names == ("constant", "area urban", "age")


def test_categories_alone_give_their_response_rates():
    design, responded, frame = make_sample()
    model = fit_response(design, responded, frame[["area"]])
    rates = design.mean(responded, by=frame["area"])
    expected = rates.value[(frame["area"] == "urban").astype(int)]
    np.testing.assert_allclose(model.propensity, expected)


def test_the_gradient_is_the_derivative_of_the_propensity():
    design, responded, frame = make_sample()
    model = fit_response(design, responded, frame)
    linear = model.matrix @ model.coefficients.to_numpy() + 1e-6 * model.matrix[:, 1]
    np.testing.assert_allclose(
        (1 / (1 + np.exp(-linear)) - model.propensity) / 1e-6, model.gradient[:, 1], atol=1e-6
    )


def test_a_category_without_nonrespondents_is_named():
    design, responded, frame = make_sample()
    everybody = responded | (frame["area"] == "urban").to_numpy()
    with pytest.raises(EstimandError, match="100% in area urban"):
        fit_response(design, everybody, frame)

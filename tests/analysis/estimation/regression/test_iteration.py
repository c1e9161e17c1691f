"""The iteration ends where the estimating equations are solved."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimation import EstimandError
from analysis.estimation.regression.families import FAMILIES, LINEAR, LOGISTIC, POISSON, Family, find_family
from analysis.estimation.regression.iteration import fit_fully, fit_like_r


def make_rows(seed: int, n: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), random.normal(size=n)])
    weights = random.uniform(0.2, 3, n)
    return x, random.uniform(size=n), weights / weights.mean()


def response(family: Family, x: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    mean = family.mean(x @ np.array([0.3, 0.5]))
    counts = np.floor(mean + 2 * uniform)
    return {"linear": mean + uniform, "logistic": (uniform < mean).astype(float), "Poisson": counts}[
        family.name
    ]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from([LINEAR, LOGISTIC, POISSON]))
def test_weighted_residuals_are_orthogonal_to_the_columns(seed: int, family: Family):
    x, uniform, weights = make_rows(seed)
    fit = fit_fully(family, x, response(family, x, uniform), weights)
    np.testing.assert_allclose(x.T @ (weights * fit.residual), 0, atol=1e-8)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6), st.sampled_from([LINEAR, LOGISTIC, POISSON]))
def test_r_stops_close_by(seed: int, family: Family):
    x, uniform, weights = make_rows(seed)
    y = response(family, x, uniform)
    ours, theirs = fit_fully(family, x, y, weights), fit_like_r(family, x, y, weights)
    np.testing.assert_allclose(ours.coefficients, theirs.coefficients, atol=1e-5)


@pytest.mark.parametrize("family", [LINEAR, LOGISTIC, POISSON])
def test_the_deviance_is_zero_where_the_mean_is_the_response(family: Family):
    y = np.array([0.25, 0.5, 0.75])
    np.testing.assert_allclose(family.deviance(y, y), 0, atol=1e-15)
    assert (family.deviance(y, y + 0.1) > 0).all()
    np.testing.assert_allclose(family.mean(family.link(y)), y)


def test_a_column_that_separates_the_responses_diverges():
    x = np.column_stack([np.ones(20), np.arange(20) >= 10]).astype(float)
    with pytest.raises(EstimandError, match="that converges"):
        fit_fully(LOGISTIC, x, x[:, 1], np.ones(20))


def test_quasi_families_are_the_same_as_the_others():
    assert find_family("quasipoisson") is find_family("poisson")
    with pytest.raises(EstimandError, match="a family among"):
        find_family("gamma")
    assert "gaussian" in FAMILIES


@pytest.mark.parametrize(("plain", "name"), [("linear", "gaussian"), ("logistic", "quasibinomial")])
def test_families_have_plain_names(plain: str, name: str):
    assert find_family(plain) is find_family(name)

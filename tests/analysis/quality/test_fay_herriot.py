"""Area models against their equations, written out with full matrices, and at their limits."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.quality import SmallAreaError, SmallAreaEstimates, estimate_model_variance, fit_fay_herriot
from tests.analysis.quality.makers import make_areas

METHODS = ("reml", "ml", "fh")


def equation(method: str, direct: np.ndarray, variance: np.ndarray, x: np.ndarray, spread: float) -> float:
    """The estimating equation of a method by plain matrix algebra; 0 at the solution."""
    inverse = np.diag(1 / (spread + variance))
    projection = inverse - inverse @ x @ np.linalg.inv(x.T @ inverse @ x) @ x.T @ inverse
    if method == "fh":
        return float(direct @ projection @ direct) - (len(direct) - x.shape[1])
    trace = np.trace(projection if method == "reml" else inverse)
    return float(direct @ projection @ projection @ direct - trace)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n_auxiliaries", [0, 1, 3])
def test_model_variance_solves_its_equation(method: str, n_auxiliaries: int):
    direct, variance, auxiliaries = make_areas(34, spread=8, n_auxiliaries=n_auxiliaries)
    x = np.column_stack([np.ones(34), auxiliaries])
    found = estimate_model_variance(direct, variance, x, method=method)
    assert found.value > 0
    assert equation(method, direct, variance, x, found.value) == pytest.approx(0, abs=1e-8)


def test_equal_variances_give_the_classical_estimator():
    direct = np.array([70.0, 74.0, 81.0, 90.0, 85.0])
    found = estimate_model_variance(direct, np.full(5, 4.0), np.ones((5, 1)), method="reml")
    assert found.value == pytest.approx(direct.var(ddof=1) - 4)


@pytest.mark.parametrize("method", METHODS)
def test_areas_that_do_not_differ_get_the_synthetic_estimate(method: str):
    _direct, variance, auxiliaries = make_areas(12, spread=0)
    exact = 80 + 3 * auxiliaries[:, 0]
    areas = fit_fay_herriot(exact, variance, auxiliaries, method=method)
    assert areas.model.is_variance_zero
    np.testing.assert_allclose(areas.value, areas.synthetic)
    np.testing.assert_allclose(areas.shrinkage, 0)


def test_areas_that_differ_hugely_keep_their_direct_estimate():
    direct, variance, auxiliaries = make_areas(30, spread=1e8)
    areas = fit_fay_herriot(direct, variance, auxiliaries)
    np.testing.assert_allclose(areas.value, direct, rtol=1e-4)
    np.testing.assert_allclose(areas.mse, variance, rtol=1e-3)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 500), st.sampled_from(METHODS), st.floats(0.01, 50))
def test_estimates_lie_between_direct_and_synthetic(seed: int, method: str, spread: float):
    direct, variance, auxiliaries = make_areas(20, spread=spread, seed=seed)
    areas = fit_fay_herriot(direct, variance, auxiliaries, method=method)
    low, high = np.minimum(direct, areas.synthetic), np.maximum(direct, areas.synthetic)
    assert ((areas.value >= low - 1e-9) & (areas.value <= high + 1e-9)).all()
    assert (areas.mse > 0).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 500), st.floats(0.001, 1000), st.floats(-50, 50))
def test_units_and_origin_do_not_matter(seed: int, factor: float, shift: float):
    direct, variance, auxiliaries = make_areas(15, spread=5, seed=seed)
    plain = fit_fay_herriot(direct, variance, auxiliaries)
    moved = fit_fay_herriot(shift + factor * direct, factor**2 * variance, 3 * auxiliaries - 1)
    np.testing.assert_allclose(moved.value, shift + factor * plain.value, rtol=1e-6, atol=1e-6 * factor)
    np.testing.assert_allclose(moved.mse, factor**2 * plain.mse, rtol=1e-5)


def test_an_area_without_an_estimate_is_the_limit_of_a_huge_variance():
    direct, variance, auxiliaries = make_areas(20, spread=5)
    without, huge = direct.copy(), variance.copy()
    without[3], huge[3] = np.nan, 1e12
    for method in METHODS:
        limit = estimate_model_variance(
            np.delete(direct, 3),
            np.delete(variance, 3),
            np.column_stack([np.ones(19), np.delete(auxiliaries, 3, axis=0)]),
            method=method,
        )
        areas = fit_fay_herriot(without, variance, auxiliaries, method=method)
        assert areas.model.variance == limit
        assert areas.is_synthetic.tolist() == [place == 3 for place in range(20)]
        assert areas.value[3] == areas.synthetic[3]
    reml = fit_fay_herriot(without, variance, auxiliaries)
    nearly = fit_fay_herriot(direct, huge, auxiliaries)
    assert reml.value[3] == pytest.approx(nearly.value[3], rel=1e-6)
    assert reml.mse[3] == pytest.approx(nearly.mse[3], rel=1e-6)


def test_mean_squared_error_by_its_formula():
    direct, variance, auxiliaries = make_areas(25, spread=5)
    x = np.column_stack([np.ones(25), auxiliaries])
    for method, error in (("reml", 2.0), ("ml", 2.0), ("fh", None)):
        areas = fit_fay_herriot(direct, variance, auxiliaries, method=method)
        spread = areas.model.variance.value
        weights = 1 / (spread + variance)
        covariance = np.linalg.inv((x * weights[:, None]).T @ x)
        rest, squares = variance * weights, (weights**2).sum()
        asymptotic = error / squares if error else 2 * 25 / weights.sum() ** 2
        bias = {
            "reml": 0.0,
            "ml": -np.trace(covariance @ (x * (weights**2)[:, None]).T @ x) / squares,
            "fh": 2 * (25 * squares - weights.sum() ** 2) / weights.sum() ** 3,
        }[method]
        expected = (
            spread * rest
            + rest**2 * np.einsum("ij,jk,ik->i", x, covariance, x)
            + 2 * rest**2 * asymptotic * weights
            - bias * rest**2
        )
        np.testing.assert_allclose(areas.mse, expected, rtol=1e-9)


def test_result_is_marked_and_described():
    direct, variance, auxiliaries = make_areas(10, spread=5)
    frame = pd.DataFrame(auxiliaries, columns=["poverty"])
    areas = fit_fay_herriot(direct, variance, frame, areas=[f"{place:02d}" for place in range(10)])
    assert areas.is_experimental
    assert areas.to_frame()["is_experimental"].all()
    assert areas.to_frame()["area"].tolist() == list(areas.areas)
    assert areas.model.to_frame()["name"].tolist() == ["intercept", "poverty"]
    assert areas.interval().low[0] == pytest.approx(areas.value[0] - 1.959964 * areas.standard_error[0])
    assert areas.model.aic == pytest.approx(6 - 2 * areas.model.log_likelihood)


def test_communes_need_auxiliaries():
    direct, variance, auxiliaries = make_areas(10, spread=5)
    with pytest.raises(SmallAreaError, match="auxiliaries for every commune"):
        fit_fay_herriot(direct, variance, level="commune")
    assert fit_fay_herriot(direct, variance, auxiliaries, level="commune").level == "commune"


def refused(**changes: object) -> SmallAreaEstimates:
    direct, variance, auxiliaries = make_areas(10, spread=5)
    arguments = {"direct": direct, "sampling_variance": variance, "auxiliaries": auxiliaries} | changes
    return fit_fay_herriot(**arguments)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sampling_variance": np.zeros(10)}, "variance above 0"),
        ({"sampling_variance": np.ones(9)}, "10 sampling variances"),
        ({"auxiliaries": np.full((10, 1), np.nan)}, "none in area 0"),
        ({"auxiliaries": np.ones((10, 1))}, "none follows from the others"),
        ({"auxiliaries": np.random.default_rng(1).normal(size=(10, 8))}, "at least 11 areas"),
        ({"areas": ["01"]}, "10 labels"),
        ({"level": "village"}, "Model provinces first"),
        ({"method": "bayes"}, "a method among reml, ml, fh"),
    ],
)
def test_what_cannot_be_modelled_is_refused(changes: dict[str, object], message: str):
    with pytest.raises(SmallAreaError, match=message):
        refused(**changes)

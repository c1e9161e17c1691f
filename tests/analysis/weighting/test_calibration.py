"""Calibration by distance: totals are met, factors are as near to 1 as the distance allows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from analysis.weighting import (
    BoundsError,
    ConvergenceError,
    KnownTotal,
    Margin,
    MarginError,
    WeightingError,
    calibrate,
    find_distance,
    rake,
)

N_ROWS = 240
WIDE = (0.3, 3.0)
METHODS = [("linear", None), ("linear", WIDE), ("raking", None), ("raking", WIDE), ("logit", WIDE)]


def make_known(seed: int, spread: float = 0.15) -> tuple[np.ndarray, list[Margin | KnownTotal]]:
    """Weights and the totals of a population in which the true factors are 1 give or take a spread."""
    rng = np.random.default_rng(seed)
    weights = rng.uniform(20, 60, N_ROWS)
    true = weights * rng.uniform(1 - spread, 1 + spread, N_ROWS)
    labels = {"sex": rng.choice(["f", "m"], N_ROWS), "age": rng.choice(["young", "middle", "old"], N_ROWS)}
    margins = [
        Margin(name, values, {value: float(true[values == value].sum()) for value in np.unique(values)})
        for name, values in labels.items()
    ]
    income = rng.lognormal(9, 0.5, N_ROWS)
    return weights, [*margins, KnownTotal("income", income, float(true @ income))]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), method=st.sampled_from(METHODS))
def test_calibrated_weights_meet_every_total(seed: int, method: tuple[str, tuple[float, float] | None]):
    weights, (sex, age, income) = make_known(seed)
    name, bounds = method
    result = calibrate(weights, [sex, age, income], method=name, bounds=bounds)
    calibrated = weights * result.factor
    for margin in (sex, age):
        for category, total in margin.totals.items():
            assert calibrated[margin.labels == category].sum() == pytest.approx(total, rel=1e-10)
    assert calibrated @ income.values == pytest.approx(income.total, rel=1e-10)
    assert result.largest_difference <= 1e-10
    if bounds:
        assert result.factor.min() >= bounds[0] - 1e-12
        assert result.factor.max() <= bounds[1] + 1e-12


def test_one_constant_makes_a_ratio_adjustment():
    weights = np.array([1.0, 2.0, 5.0])
    for method, bounds in METHODS:
        factor = calibrate(
            weights, [KnownTotal("people", np.ones(3), 10.0)], method=method, bounds=bounds
        ).factor
        assert factor == pytest.approx(np.full(3, 10 / 8))


def test_one_number_makes_the_ratio_estimator_under_a_variance_in_proportion():
    """With x > 0 the linear factor is 1 + x λ, where λ = (T - Σ w x) / Σ w x²."""
    weights, x = np.array([1.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0])
    factor = calibrate(weights, [KnownTotal("x", x, 12.0)]).factor
    assert factor == pytest.approx(1 + x * (12 - 9) / (1 + 4 + 18))


def test_linear_calibration_is_the_regression_estimator():
    weights, (sex, _, income) = make_known(3)
    y = np.random.default_rng(4).normal(50, 10, N_ROWS)
    x = np.column_stack([sex.labels == "f", sex.labels == "m", income.values]).astype(float)
    totals = np.array([sex.totals["f"], sex.totals["m"], income.total])
    slope = np.linalg.lstsq(x * np.sqrt(weights)[:, None], y * np.sqrt(weights), rcond=None)[0]
    expected = weights @ y + (totals - weights @ x) @ slope
    assert (weights * calibrate(weights, [sex, income]).factor) @ y == pytest.approx(expected, rel=1e-12)


def test_the_exponential_distance_is_iterative_proportional_fitting():
    weights, (sex, age, _) = make_known(5)
    raked = rake(weights, [sex, age], tolerance=1e-13).factor
    assert calibrate(weights, [sex, age], method="raking").factor == pytest.approx(raked, rel=1e-9)


def test_truncated_linear_factors_are_the_nearest_within_the_bounds():
    rng = np.random.default_rng(6)
    weights, x = rng.uniform(1, 3, 30), rng.uniform(1, 5, 30)
    known = [KnownTotal("people", np.ones(30), weights.sum() * 1.1), KnownTotal("x", x, weights @ x * 1.13)]
    got = calibrate(weights, known, bounds=(0.97, 1.17)).factor
    best = optimize.minimize(
        lambda factor: weights @ (factor - 1) ** 2,
        x0=np.full(30, 1.1),
        jac=lambda factor: 2 * weights * (factor - 1),
        bounds=[(0.97, 1.17)] * 30,
        constraints=[
            {
                "type": "eq",
                "fun": lambda factor, one=one: (weights * factor) @ one.values - one.total,
                "jac": lambda _, one=one: weights * one.values,
            }
            for one in known
        ],
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert np.isclose(got, 1.17).any()
    assert got == pytest.approx(best.x, abs=1e-5)


@pytest.mark.parametrize(("method", "bounds"), METHODS)
def test_totals_that_are_met_change_nothing(method: str, bounds: tuple[float, float] | None):
    weights, auxiliaries = make_known(7, spread=0.0)
    result = calibrate(weights, auxiliaries, method=method, bounds=bounds)
    assert result.factor == pytest.approx(np.ones(N_ROWS))


@pytest.mark.parametrize(("method", "bounds"), METHODS)
def test_slopes_and_integrals_belong_to_the_factors(method: str, bounds: tuple[float, float] | None):
    distance = find_distance(method, bounds)
    u = np.array([-3.0, -0.5, -0.1, 0.0, 0.2, 0.9, 3.0])
    step = 1e-6
    slope = (distance.factor(u + step) - distance.factor(u - step)) / (2 * step)
    factor = (distance.integral(u + step) - distance.integral(u - step)) / (2 * step)
    assert distance.slope(u) == pytest.approx(slope, abs=1e-6)
    assert distance.factor(u) == pytest.approx(factor, abs=1e-6)
    assert distance.factor(np.zeros(1)).item() == pytest.approx(1)
    assert distance.slope(np.zeros(1)).item() == pytest.approx(1)


def test_variables_that_say_the_same_change_nothing():
    weights, (sex, age, income) = make_known(8)
    thousands = KnownTotal("income in thousands", income.values / 1000, income.total / 1000)
    people = KnownTotal("people", np.ones(N_ROWS), sex.total)
    once = calibrate(weights, [sex, age, income]).factor
    assert calibrate(weights, [sex, age, income, thousands, people]).factor == pytest.approx(once, rel=1e-9)


def test_variables_that_hang_together_need_totals_that_do():
    weights, (sex, _, income) = make_known(9)
    double = KnownTotal("double", 2 * np.asarray(income.values), 2.1 * income.total)
    with pytest.raises(MarginError, match="contradiction"):
        calibrate(weights, [sex, income, double])
    with pytest.raises(MarginError, match=r"contradiction.* people"):
        calibrate(weights, [sex, KnownTotal("people", np.ones(N_ROWS), 5.0)])


@pytest.mark.parametrize("method", ["linear", "raking", "logit"])
def test_bounds_that_cannot_be_met_name_the_farthest_total(method: str):
    margin = Margin("sex", ["f"] * 3 + ["m"] * 3, {"f": 12.0, "m": 6.3})
    with pytest.raises(
        BoundsError, match=r"factors from 0.9 to 1.5; got .* in sex f, the farthest"
    ) as caught:
        calibrate(np.full(6, 2.0), [margin], method=method, bounds=(0.9, 1.5))
    assert "Widen the bounds" in caught.value.hint


def test_a_total_that_positive_weights_cannot_meet_is_refused():
    with pytest.raises(ConvergenceError, match="income, the farthest"):
        calibrate(np.ones(2), [KnownTotal("income", [1.0, 2.0], -5.0)], method="raking")


@pytest.mark.parametrize(
    ("method", "bounds", "error", "message"),
    [
        ("chi", None, WeightingError, "linear, raking, logit; got 'chi'"),
        ("logit", None, BoundsError, "two finite bounds"),
        ("linear", (1.1, 2.0), BoundsError, "below 1 and an upper bound above 1"),
        ("raking", (0.5, 0.9), BoundsError, r"got 0.5 and 0.9"),
    ],
)
def test_unknown_distances_and_odd_bounds_are_refused(
    method: str, bounds: tuple[float, float] | None, error: type[WeightingError], message: str
):
    with pytest.raises(error, match=message):
        calibrate(np.ones(2), [KnownTotal("people", np.ones(2), 3.0)], method=method, bounds=bounds)


@pytest.mark.parametrize(
    ("auxiliary", "message"),
    [
        (KnownTotal("income", [1.0], 5.0), "one number per row in known total income"),
        (KnownTotal("income", [1.0, np.nan], 5.0), "finite number in every row"),
        (KnownTotal("income", [1.0, 2.0], np.inf), "a finite total"),
        (Margin("sex", ["f", None], {"f": 2.0}), "none for a missing label"),
        (Margin("sex", ["f", "f"], {"f": 2.0, "m": 2.0}), "none in m"),
    ],
)
def test_totals_that_do_not_fit_the_answers_are_refused(auxiliary: Margin | KnownTotal, message: str):
    with pytest.raises(MarginError, match=message):
        calibrate(np.ones(2), [auxiliary])


def test_margins_of_populations_of_different_size_are_refused():
    margins = [Margin("sex", ["f", "m"], {"f": 5.0, "m": 5.0}), Margin("age", ["a", "a"], {"a": 11.0})]
    with pytest.raises(MarginError, match="add up to 10, as sex does; got 11"):
        calibrate(np.ones(2), margins)


def test_weights_must_not_be_below_zero_and_totals_given():
    with pytest.raises(WeightingError, match="none below 0 and some above; got 1 others among 2"):
        calibrate(np.array([1.0, -1.0]), [KnownTotal("people", np.ones(2), 3.0)])
    with pytest.raises(WeightingError, match="got none above 0"):
        calibrate(np.zeros(2), [KnownTotal("people", np.ones(2), 3.0)])
    with pytest.raises(MarginError, match="at least one margin or known total"):
        calibrate(np.ones(2), [])

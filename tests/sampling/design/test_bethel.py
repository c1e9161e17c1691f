from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from sampling.design.allocation import AllocationError, optimal
from sampling.design.bethel import PrecisionTarget, allocate

STRATA = 8
SIZES = np.array([3000, 1200, 9600, 3900, 800, 2500, 4400, 1000])
COSTS = np.array([1.5, 1.8, 2.2, 2.0, 1.1, 2.9, 1.0, 1.7])
MEANS = np.array([[0.82, 0.75, 0.74, 0.88, 0.6, 0.7, 0.66, 0.9], [83, 56, 65, 79, 60, 70, 75, 58]])
SDS = np.array([np.sqrt(MEANS[0] * (1 - MEANS[0])), [8, 16, 8, 21, 15, 12, 9, 18]])
HALF = np.arange(STRATA) % 2 == 0


def targets(*cvs: float) -> list[PrecisionTarget]:
    """Two variables, each for all strata and for both halves."""
    kinds = [(variable, domain) for variable in (0, 1) for domain in (None, HALF, ~HALF)]
    return [
        PrecisionTarget.of(f"v{variable}", MEANS[variable], SDS[variable], cv, domain)
        for (variable, domain), cv in zip(kinds, cvs, strict=True)
    ]


some_cvs = st.tuples(*[st.floats(0.004, 0.08)] * 6)


@given(some_cvs, st.booleans())
def test_every_target_is_met_and_the_cost_cannot_be_lower(cvs: Any, fpc: Any):
    got = allocate(SIZES, targets(*cvs), costs=COSTS, fpc=fpc, maximum=np.inf)
    assert (got.cv <= np.array(cvs) * (1 + 1e-9)).all()
    assert got.load.max() == pytest.approx(1, abs=1e-9)
    assert got.multipliers.sum() == pytest.approx(1)
    coefficients = np.stack([target.coefficients(SIZES.astype(float), fpc=fpc) for target in targets(*cvs)])
    bound = np.sqrt(COSTS * (got.multipliers @ coefficients)).sum() ** 2
    assert got.cost == pytest.approx(bound, rel=1e-9)


@given(some_cvs)
def test_targets_with_room_to_spare_cost_nothing(cvs: Any):
    got = allocate(SIZES, targets(*cvs), costs=COSTS)
    assert (got.multipliers * (1 - got.load) < 1e-9).all()


def test_one_target_gives_the_cost_optimal_allocation():
    got = allocate(SIZES, targets(*[0.02] * 6)[:1], costs=COSTS)
    best = optimal(SIZES, SDS[0], got.sizes.sum(), COSTS)
    np.testing.assert_allclose(got.sizes, best, rtol=1e-9)
    assert got.cv[0] == pytest.approx(0.02)


def test_general_optimiser_finds_nothing_cheaper():
    wanted = targets(0.02, 0.02, 0.03, 0.01, 0.02, 0.012)
    got = allocate(SIZES, wanted, costs=COSTS)
    coefficients = np.stack([target.coefficients(SIZES.astype(float), fpc=True) for target in wanted])
    other = minimize(
        lambda logs: float(COSTS @ np.exp(logs)),
        np.log(got.sizes * 1.3),
        jac=lambda logs: COSTS * np.exp(logs),
        constraints={"type": "ineq", "fun": lambda logs: 1 - coefficients @ np.exp(-logs)},
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 500},
    )
    assert got.cost == pytest.approx(other.fun, rel=1e-6)
    np.testing.assert_allclose(got.sizes, np.exp(other.x), rtol=1e-3)


def test_same_target_twice_changes_nothing():
    wanted = targets(0.02, 0.03, 0.03, 0.01, 0.02, 0.02)
    once, twice = (allocate(SIZES, wanted * times, costs=COSTS) for times in (1, 2))
    np.testing.assert_allclose(once.sizes, twice.sizes, rtol=1e-8)


def test_limits_of_a_stratum_are_kept():
    wanted = targets(*[0.02] * 6)
    free = allocate(SIZES, wanted, costs=COSTS)
    low = np.where(np.arange(STRATA) == 4, free.sizes[4] * 2, 2)
    high = np.where(np.arange(STRATA) == 3, free.sizes[3] * 0.8, SIZES)
    got = allocate(SIZES, wanted, costs=COSTS, minimum=low, maximum=high)
    assert got.sizes[4] == pytest.approx(low[4])
    assert got.sizes[3] == pytest.approx(high[3])
    assert (got.cv <= 0.02 * (1 + 1e-9)).all()
    assert got.cost > free.cost


def test_nothing_beyond_the_population_is_asked_under_fpc():
    got = allocate([50, 5000], [PrecisionTarget.of("y", [100, 1], [90, 1], 0.01)])
    assert got.sizes[0] == pytest.approx(50)
    lifted = allocate([50, 5000], [PrecisionTarget.of("y", [100, 1], [90, 1], 0.01)], maximum=np.inf)
    assert lifted.sizes[0] > 50


def test_stratum_without_spread_gets_its_minimum():
    target = PrecisionTarget.of("y", [1, 2, 3], [0, 1, 1], 0.02)
    got = allocate([100, 100, 100], [target], minimum=2)
    assert got.sizes[0] == 2
    assert np.isfinite(got.cv).all()


def test_whole_sizes_above_meet_the_targets():
    got = allocate(SIZES, targets(*[0.02] * 6), costs=COSTS)
    for target in targets(*[0.02] * 6):
        assert target.reached(SIZES.astype(float), np.ceil(got.sizes), fpc=True) <= 0.02


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"targets": []}, "at least one precision target"),
        ({"sizes": [1, 0]}, "above 0 per stratum"),
        ({"costs": [1, 0]}, "costs above 0"),
        ({"minimum": 5, "maximum": 4}, "minimum ≤ maximum"),
        ({"sizes": [1, 2, 3]}, "'y': expected values of 3 strata, got 2"),
        ({"maximum": 1}, "'y', missed even with the most"),
    ],
)
def test_impossible_requests_are_named(changes: Any, words: str):
    values = {"sizes": [100, 100], "targets": [PrecisionTarget.of("y", [1, 1], [1, 1], 0.05)]} | changes
    with pytest.raises(AllocationError, match=words):
        allocate(values.pop("sizes"), values.pop("targets"), **values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (([1, 1], [1], 0.1), "one length"),
        (([1, 1], [1, -1], 0.1), "0 or more"),
        (([1, 1], [1, 1], 0), "above 0, got 0"),
    ],
)
def test_impossible_targets_are_named(values: Any, words: str):
    with pytest.raises(AllocationError, match=words):
        PrecisionTarget.of("y", *values)


@pytest.mark.parametrize("sd", [0, 1])
def test_target_without_total_is_named(sd: float):
    with pytest.raises(AllocationError, match="total other than 0"):
        allocate([10, 10], [PrecisionTarget.of("y", [1, -1], [sd, sd], 0.1)])

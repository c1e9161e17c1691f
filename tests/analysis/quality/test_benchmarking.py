"""Benchmarked areas add up, and the better ones move less."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.quality import BENCHMARKS, SmallAreaError, benchmark, fit_fay_herriot
from tests.analysis.quality.makers import make_areas


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 200), st.sampled_from(sorted(BENCHMARKS)), st.floats(50, 110))
def test_benchmarked_estimates_add_up(seed: int, method: str, target: float):
    areas = fit_fay_herriot(*make_areas(12, spread=5, seed=seed))
    population = np.random.default_rng(seed).uniform(1, 100, 12)
    national = benchmark(areas, target, population, method=method)
    assert np.average(national.value, weights=population) == pytest.approx(target)
    np.testing.assert_allclose(national.value, areas.value + national.adjustment)
    assert (national.mse >= areas.mse).all()


def test_a_target_that_is_met_changes_nothing():
    areas = fit_fay_herriot(*make_areas(12, spread=5))
    for method in BENCHMARKS:
        same = benchmark(areas, float(areas.value.mean()), np.ones(12), method=method)
        np.testing.assert_allclose(same.value, areas.value)


def test_ratio_multiplies_and_difference_adds():
    areas = fit_fay_herriot(*make_areas(12, spread=5))
    target = float(areas.value.mean()) * 1.1
    ratio = benchmark(areas, target, np.ones(12), method="ratio")
    difference = benchmark(areas, target, np.ones(12), method="difference")
    np.testing.assert_allclose(ratio.value, areas.value * 1.1)
    np.testing.assert_allclose(difference.adjustment, difference.adjustment[0])


def test_with_mse_the_better_estimates_move_less():
    areas = fit_fay_herriot(*make_areas(12, spread=5))
    moved = benchmark(areas, float(areas.value.mean()) + 1, np.ones(12), method="mse").adjustment
    assert np.argsort(moved).tolist() == np.argsort(areas.mse).tolist()


@pytest.mark.parametrize("weights", [np.zeros(12), np.ones(11), -np.ones(12), np.full(12, np.nan)])
def test_unusable_weights_are_refused(weights: np.ndarray):
    with pytest.raises(SmallAreaError, match="12 finite weights"):
        benchmark(fit_fay_herriot(*make_areas(12, spread=5)), 80.0, weights)


def test_an_unknown_method_is_refused():
    with pytest.raises(SmallAreaError, match="ratio, difference, mse"):
        benchmark(fit_fay_herriot(*make_areas(12, spread=5)), 80.0, np.ones(12), method="guess")

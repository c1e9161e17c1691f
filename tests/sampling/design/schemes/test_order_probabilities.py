from itertools import permutations

import numpy as np
import pytest

from sampling.design.probabilities import ProbabilityError, inclusion_probabilities
from sampling.design.schemes.order_probabilities import ORDERS, nearness_of_targets, order_probabilities


@pytest.mark.parametrize("method", ORDERS)
def test_probabilities_add_up_to_the_sample_size(method: str):
    pi = inclusion_probabilities(np.linspace(1, 5, 30), 7)
    true = order_probabilities(pi, method)
    assert true.sum() == pytest.approx(7, abs=1e-9)
    assert np.abs(true - pi).max() < 0.02


@pytest.mark.parametrize("method", ORDERS)
def test_equal_targets_are_met(method: str):
    np.testing.assert_allclose(order_probabilities([0.4] * 5, method), 0.4, rtol=1e-12)


def test_two_units_by_hand():
    """u/π smaller for the first of π = 1/4, 3/4: P(3 u1 < u2) = 1/6."""
    np.testing.assert_allclose(order_probabilities([0.25, 0.75], "sequential_poisson"), [1 / 6, 5 / 6])


def test_pareto_agrees_with_many_draws():
    pi = np.array([0.2, 0.35, 0.5, 0.95])
    u = np.random.default_rng(1).random((200_000, 4))
    order = np.argsort(u / (1 - u) * (1 - pi) / pi, axis=1)[:, :2]
    frequencies = np.bincount(order.ravel(), minlength=4) / len(u)
    np.testing.assert_allclose(order_probabilities(pi, "pareto"), frequencies, atol=0.005)


def test_pareto_is_closer_to_its_targets():
    pi = inclusion_probabilities([9, 7, 5, 3, 3, 2, 1, 1], 3)
    distances = {method: np.abs(order_probabilities(pi, method) - pi).max() for method in ORDERS}
    assert distances["pareto"] < distances["sequential_poisson"]


def test_order_of_units_is_irrelevant():
    pi = np.array([0.3, 0.5, 0.5, 0.7])
    true = order_probabilities(pi, "pareto")
    for at in map(list, permutations(range(4))):
        np.testing.assert_allclose(order_probabilities(pi[at], "pareto"), true[at], rtol=1e-9)


@pytest.mark.parametrize(
    ("targets", "method", "words"),
    [
        ([0.5, 0.5], "sampford", "pareto, sequential_poisson"),
        ([1.0, 0.5, 0.5], "pareto", "certain units out"),
    ],
)
def test_impossible_requests_are_named(targets: list[float], method: str, words: str):
    with pytest.raises(ProbabilityError, match=words):
        order_probabilities(targets, method)


@pytest.mark.parametrize("method", ORDERS)
def test_nearness_is_the_largest_error_over_all_strata(method: str):
    strata = {
        "small": ([9, 8, 7, 5, 5, 4, 3, 2, 1], 3),
        "large": (list(range(1, 31)), 9),
        "whole": ([4, 2], 2),
    }
    found = nearness_of_targets(strata, method)
    errors = {}
    for stratum in ("small", "large"):
        sizes, n = strata[stratum]
        pi = inclusion_probabilities(sizes, n)
        pi = pi[pi < 1]
        errors[stratum] = float(np.abs(pi / order_probabilities(pi, method) - 1).max())
    assert (found.stratum, found.n_known, found.n_strata) == ("small", 2, 2)
    assert errors["small"] > errors["large"]
    assert found.largest == pytest.approx(errors["small"])


def test_strata_that_cost_too_much_are_left_out():
    found = nearness_of_targets({"few": ([3, 2, 1], 1), "many": (list(range(1, 900)), 90)}, "pareto")
    assert (found.stratum, found.n_known, found.n_strata) == ("few", 1, 2)

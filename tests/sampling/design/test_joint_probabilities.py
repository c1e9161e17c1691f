from itertools import combinations, permutations
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.design.joint_probabilities import METHODS, conditional_poisson, joint_probabilities
from sampling.design.poisson_binomial import count_distribution, weigh_without_pairs, without_each
from sampling.design.probabilities import ProbabilityError, inclusion_probabilities

APPROXIMATE = ("hajek", "hartley_rao")
EXACT = sorted(set(METHODS) - {*APPROXIMATE, "poisson", "simple_random"})
PI = np.array([0.2, 0.35, 0.5, 0.55, 0.6, 0.8])
N_DRAWN = 3

probabilities = st.lists(st.integers(1, 400), min_size=3, max_size=12).flatmap(
    lambda sizes: st.integers(1, len(sizes) - 1).map(lambda n: inclusion_probabilities(sizes, n))
)


def from_samples(weights: dict[tuple[int, ...], float]) -> np.ndarray:
    """Joint probabilities of a design given as samples with weights."""
    joint = np.zeros((PI.size, PI.size))
    for sample, weight in weights.items():
        joint[np.ix_(sample, sample)] += weight / sum(weights.values())
    return joint


@pytest.mark.parametrize("method", EXACT)
@given(pi=probabilities)
def test_rows_add_up_to_what_a_fixed_size_demands(method: str, pi: np.ndarray):
    joint = joint_probabilities(pi, method)
    np.testing.assert_allclose(joint, joint.T, atol=1e-12)
    np.testing.assert_allclose(np.diag(joint), pi)
    np.testing.assert_allclose(joint.sum(axis=1), round(pi.sum()) * pi, atol=1e-9)
    upper = np.minimum.outer(pi, pi)
    lower = np.maximum(np.add.outer(pi, pi) - 1, 0)
    assert (joint <= upper + 1e-9).all()
    assert (joint >= lower - 1e-9).all()


@pytest.mark.parametrize("method", ["sampford", "tille", "midzuno", "max_entropy"])
@given(pi=probabilities)
def test_yates_grundy_variance_is_never_negative(method: str, pi: np.ndarray):
    assert (joint_probabilities(pi, method) <= np.outer(pi, pi) + np.diag(pi) + 1e-9).all()


@pytest.mark.parametrize("method", ["sampford", "tille", "midzuno", "max_entropy"])
def test_equal_probabilities_give_simple_random_sampling(method: str):
    joint = joint_probabilities(np.full(8, 3 / 8), method)
    np.testing.assert_allclose(joint[~np.eye(8, dtype=bool)], 3 * 2 / (8 * 7))


def test_sampford_agrees_with_all_its_samples():
    weights = {
        sample: prod(PI[k] / (1 - PI[k]) for k in sample) * sum(1 - PI[k] for k in sample)
        for sample in combinations(range(PI.size), N_DRAWN)
    }
    np.testing.assert_allclose(joint_probabilities(PI, "sampford"), from_samples(weights), rtol=1e-12)


def test_max_entropy_agrees_with_all_its_samples():
    joint = joint_probabilities(PI, "max_entropy")
    log_odds = np.log(PI / (1 - PI))
    for _step in range(200):
        log_odds += PI - conditional_poisson(log_odds, N_DRAWN)
    odds = np.exp(log_odds)
    weights = {sample: prod(odds[k] for k in sample) for sample in combinations(range(PI.size), N_DRAWN)}
    np.testing.assert_allclose(joint, from_samples(weights), rtol=1e-8)


def test_tille_agrees_with_all_ways_of_elimination():
    weights: dict[tuple[int, ...], float] = {}
    for removed in permutations(range(PI.size), PI.size - N_DRAWN):
        weight, larger, left = 1.0, np.ones(PI.size), set(range(PI.size))
        for size, unit in zip(range(PI.size - 1, N_DRAWN - 1, -1), removed, strict=True):
            smaller = inclusion_probabilities(PI, size)
            chances = {k: 1 - smaller[k] / larger[k] for k in left}
            weight *= chances[unit] / sum(chances.values())
            larger = smaller
            left.remove(unit)
        sample = tuple(sorted(left))
        weights[sample] = weights.get(sample, 0.0) + weight
    np.testing.assert_allclose(np.diag(from_samples(weights)), PI, rtol=1e-10)


def test_systematic_agrees_with_many_starts():
    ends = np.concatenate([[0], np.cumsum(PI)])
    starts = (np.arange(20_000) + 0.5) / 20_000
    selected = np.diff(np.floor(ends[None, :] - starts[:, None] + 1e-12), axis=1)
    np.testing.assert_allclose(
        joint_probabilities(PI, "systematic"), selected.T @ selected / 20_000, atol=1e-4
    )


def test_hartley_rao_is_close_to_systematic_selection_in_random_order():
    pi = inclusion_probabilities(np.linspace(3, 6, 30), 3)
    mean = np.zeros((30, 30))
    source = np.random.default_rng(1)
    for _order in range(2_000):
        at = source.permutation(30)
        mean[np.ix_(at, at)] += joint_probabilities(pi[at], "systematic") / 2_000
    joint = joint_probabilities(pi, "hartley_rao")
    np.testing.assert_allclose(joint.sum(axis=1), 3 * pi, rtol=1e-3)
    assert np.abs(joint / mean - 1)[~np.eye(30, dtype=bool)].mean() < 0.15
    halves = np.arange(30) < 15
    np.testing.assert_allclose(joint[halves][:, ~halves].sum(), mean[halves][:, ~halves].sum(), rtol=0.01)


@pytest.mark.parametrize("method", EXACT)
def test_certain_and_impossible_units_are_apart(method: str):
    pi = np.array([1.0, 0.5, 0.0, 0.75, 0.75])
    joint = joint_probabilities(pi, method)
    np.testing.assert_allclose(joint[0], pi)
    assert not joint[2].any()
    inner = joint_probabilities(pi[[1, 3, 4]], method)
    np.testing.assert_allclose(joint[np.ix_([1, 3, 4], [1, 3, 4])], inner)


@pytest.mark.parametrize("method", METHODS)
def test_census_and_empty_sample(method: str):
    assert joint_probabilities([1.0, 1.0], method).tolist() == [[1, 1], [1, 1]]
    assert joint_probabilities([0.0, 0.0], method).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("method", EXACT)
def test_one_drawn_unit_is_alone(method: str):
    np.testing.assert_allclose(
        joint_probabilities([0.2, 0.3, 0.5], method), np.diag([0.2, 0.3, 0.5]), atol=1e-12
    )


def test_simple_random_pairs_are_counted():
    joint = joint_probabilities(np.full(8, 3 / 8), "simple_random")
    np.testing.assert_allclose(joint[~np.eye(8, dtype=bool)], 3 * 2 / (8 * 7))
    assert joint_probabilities([0.5, 1.0, 0.5], "simple_random")[0].tolist() == [0.5, 0.5, 0.0]


def test_independent_units_may_have_any_expected_number():
    joint = joint_probabilities([0.5, 0.25, 0.9], "poisson")
    np.testing.assert_allclose(joint, [[0.5, 0.125, 0.45], [0.125, 0.25, 0.225], [0.45, 0.225, 0.9]])


def test_hajek_is_close_to_the_design_of_largest_entropy():
    pi = inclusion_probabilities(np.linspace(3, 6, 60), 20)
    exact, near = (joint_probabilities(pi, method) for method in ("max_entropy", "hajek"))
    np.testing.assert_allclose(near, exact, rtol=2e-3)


def test_large_and_extreme_strata_keep_their_digits():
    sizes = np.random.default_rng(1).lognormal(4, 1.5, 120)
    pi = inclusion_probabilities(sizes, 60)
    joint = joint_probabilities(pi, "sampford")
    np.testing.assert_allclose(joint.sum(axis=1), 60 * pi, rtol=1e-10)


@pytest.mark.parametrize(
    ("pi", "method", "words"),
    [
        ([0.5, 0.5], "pareto", "sampford, tille"),
        ([0.5, 0.6], "tille", "whole"),
        ([2, 1], "tille", "from 0 to 1"),
        ([[0.5]], "tille", "shape"),
        ([1.5, 0.2], "poisson", "from 0 to 1"),
        ([0.25, 0.75], "simple_random", "equal probabilities"),
    ],
)
def test_impossible_requests_are_named(pi: Any, method: str, words: str):
    with pytest.raises(ProbabilityError, match=words):
        joint_probabilities(pi, method)


@given(st.lists(st.floats(0.001, 0.999), min_size=2, max_size=10))
def test_taking_a_unit_out_undoes_adding_it(chances: list[float]):
    p = np.array(chances)
    rest = without_each(count_distribution(p), p)
    for k in range(p.size):
        np.testing.assert_allclose(rest[k], count_distribution(np.delete(p, k)), atol=1e-10)


def test_pairs_are_taken_out_one_after_the_other():
    weights = np.array([[0.0, 1.0, 2.0, 0.0, 0.5]])
    sums = weigh_without_pairs(PI, count_distribution(PI), weights)
    for k, other in combinations(range(PI.size), 2):
        expected = weights @ count_distribution(np.delete(PI, [k, other]))
        np.testing.assert_allclose(sums[:, k, other], expected)

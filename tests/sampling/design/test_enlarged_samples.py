from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest

from sampling.design.enlarged_samples import enlarged_probabilities, first_probabilities
from sampling.design.selection import SelectionError, select_systematic, split_certainty_units

SIZES = [90, 60, 30, 20, 15, 15]


def test_nothing_added_leaves_the_probabilities_of_the_draw():
    certain, rest = split_certainty_units(SIZES, 3)
    total = sum(SIZES[place] for place in rest)
    expected = [
        1.0 if place in certain else float(Fraction((3 - len(certain)) * size, total))
        for place, size in enumerate(SIZES)
    ]
    assert enlarged_probabilities(SIZES, 3, 0) == pytest.approx(expected, abs=1e-14)


def test_first_of_equal_units_are_a_simple_random_sample():
    assert first_probabilities([7] * 5, 2) == pytest.approx([0.4] * 5, abs=1e-14)


def test_smaller_of_two_comes_first_as_the_integral_says():
    assert first_probabilities([10, 90], 1)[0] == pytest.approx(10 / 90 / 2, abs=1e-14)


def exact_first(sizes: list[int]) -> list[float]:
    """Integrate the polynomial for one unit of three by hand, with fractions."""
    found = []
    for place, size in enumerate(sizes):
        others = [other for index, other in enumerate(sizes) if index != place]
        top = Fraction(1, max(sizes))
        a, b = others
        # x * integral over (1 - a t)(1 - b t) from 0 to 1 / max
        found.append(float(size * (top - (a + b) * top**2 / 2 + a * b * top**3 / 3)))
    return found


@pytest.mark.parametrize("sizes", list(permutations([30, 20, 5])))
def test_first_of_three_agrees_with_the_polynomial(sizes: tuple[int, ...]):
    assert first_probabilities(list(sizes), 1) == pytest.approx(exact_first(list(sizes)), abs=1e-13)


@pytest.mark.parametrize(("n", "n_added"), [(1, 1), (1, 3), (2, 1), (2, 2), (3, 1), (3, 3), (4, 5), (6, 1)])
def test_probabilities_add_up_to_what_was_released(n: int, n_added: int):
    found = enlarged_probabilities(SIZES, n, n_added)
    assert found.sum() == pytest.approx(min(n + n_added, len(SIZES)), abs=1e-10)
    assert found.min() > 0
    assert found.max() <= 1


def frequencies(sizes: list[int], n: int, n_added: int, trials: int) -> np.ndarray:
    """Draw and add many times."""
    chance = np.random.default_rng(20260301)
    _certain, rest = split_certainty_units(sizes, n)
    total = sum(sizes[place] for place in rest)
    table = np.zeros((total, len(sizes)), dtype=bool)
    for start in range(total):
        table[start, [unit.index for unit in select_systematic(sizes, n, start)]] = True
    is_in = table[chance.integers(total, size=trials)]
    ranks = np.where(is_in, np.inf, chance.random((trials, len(sizes))) / sizes)
    is_in[np.arange(trials)[:, None], np.argsort(ranks, axis=1)[:, :n_added]] = True
    return is_in.mean(axis=0)


@pytest.mark.parametrize(("n", "n_added"), [(1, 1), (2, 1), (2, 2), (3, 2)])
def test_frequencies_of_many_draws_confirm_the_probabilities(n: int, n_added: int):
    trials = 20_000
    expected = enlarged_probabilities(SIZES, n, n_added)
    errors = np.sqrt(expected * (1 - expected) / trials)
    # Bonferroni over 6 units and 4 designs at 0.1 %: 4.1 standard errors
    assert np.all(np.abs(frequencies(SIZES, n, n_added, trials) - expected) <= 4.1 * errors + 1e-12)


def test_large_stratum_is_computed_to_the_last_places():
    sizes = np.random.default_rng(3).integers(3_000, 40_000, 60).tolist()
    assert enlarged_probabilities(sizes, 6, 2).sum() == pytest.approx(8, abs=1e-9)


def test_fewer_than_none_cannot_be_added():
    with pytest.raises(SelectionError):
        enlarged_probabilities(SIZES, 1, -1)

from itertools import combinations

import numpy as np
import pytest

from analysis.weighting import WeightingError, share_weights, start_weighting, weight_respondents

PERSON_OF = np.array([0, 0, 0, 1, 2, 2])
"""Six dossiers of three persons: three of the first, one of the second, two of the third."""
DOSSIERS = np.bincount(PERSON_OF)
SATISFIED = np.array([1.0, 0.0, 1.0])
AGE = np.array([30.0, 50.0, 70.0])


def totals(drawn: tuple[int, ...], weight: float) -> tuple[float, float]:
    """Estimate the number of persons, and the sum of their ages, from drawn dossiers."""
    people = PERSON_OF[list(drawn)]
    shared = weight * share_weights(DOSSIERS[people])
    return float(shared.sum()), float((shared * AGE[people]).sum())


def test_over_all_samples_of_two_dossiers_persons_are_counted_without_bias():
    found = [totals(drawn, 6 / 2) for drawn in combinations(range(6), 2)]
    assert np.mean(found, axis=0) == pytest.approx([3, AGE.sum()], abs=1e-12)


def test_dossiers_alone_would_count_the_frequent_too_often():
    found = [(6 / 2) * SATISFIED[PERSON_OF[list(drawn)]].sum() for drawn in combinations(range(6), 2)]
    assert np.mean(found) == pytest.approx(5)


def test_example_by_hand():
    """Dossiers 1 and 4 of six were drawn: persons of 3 and 1 dossiers, weight 3 each, so 1 and 3."""
    weighting = start_weighting(np.array([3.0, 3.0])).then_share(np.array([3.0, 1.0]))
    assert weighting.weights.tolist() == [1.0, 3.0]
    assert [step.name for step in weighting.steps] == ["design", "multiplicity"]
    assert weighting.steps[1].factor == pytest.approx([1 / 3, 1])
    assert (weighting.steps[1].deff_before, weighting.steps[1].deff_after) == (1.0, 1.25)


def test_unequal_probabilities_stay_unbiased_in_many_draws():
    chance = np.random.default_rng(20260301)
    n_persons, trials = 60, 3_000
    dossiers = chance.integers(1, 5, n_persons)
    person_of = np.repeat(np.arange(n_persons), dossiers)
    values = chance.normal(10, 2, n_persons)
    probability = chance.uniform(0.2, 0.6, len(person_of))
    shared = share_weights(dossiers[person_of]) / probability * values[person_of]
    drawn = chance.random((trials, len(person_of))) < probability
    estimates = drawn @ shared
    error = estimates.std() / np.sqrt(trials)
    assert abs(estimates.mean() - values.sum()) < 4 * error


def test_nonresponse_is_adjusted_after_the_weight_is_shared():
    dossiers = np.tile([1.0, 2.0], 100)
    answered = np.arange(200) % 4 < 2
    started = start_weighting(np.full(200, 10.0)).then_share(dossiers)
    weighting = weight_respondents(started, answered, np.repeat("all", 200), psu=np.arange(200).astype(str))
    assert [step.name for step in weighting.steps] == ["design", "multiplicity", "nonresponse"]
    assert weighting.weights.sum() == pytest.approx(100 * 10 + 100 * 5)
    assert weighting.steps[0].weights_sum == pytest.approx(100 * 10)


@pytest.mark.parametrize("counts", [[0.0], [1.5], [-1.0, 2.0]])
def test_impossible_numbers_of_dossiers_are_refused(counts: list[float]):
    with pytest.raises(WeightingError):
        share_weights(counts)

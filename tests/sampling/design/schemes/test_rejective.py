from collections import Counter
from itertools import combinations
from math import prod

from sampling.design.schemes import Unit, sampford, target_probabilities

SIZES = (1, 2, 3, 4)


def test_samples_are_as_frequent_as_the_formula_says():
    """Every sample of two out of four, against the sum of products of odds in Sampford's paper."""
    pi = [float(target) for target in target_probabilities(SIZES, 2)]
    weights = {
        pair: sum(pi[k] for k in pair if k != other) * pi[other] / (1 - pi[other])
        + pi[other] * prod(pi[k] / (1 - pi[k]) for k in pair if k != other)
        for pair in combinations(range(4), 2)
        for other in pair[1:]
    }
    n_draws = 3_000
    units = [Unit(str(place), size) for place, size in enumerate(SIZES)]
    drawn = Counter(tuple(one.index for one in sampford(units, 2, str(seed))) for seed in range(n_draws))
    for pair, weight in weights.items():
        chance = weight / sum(weights.values())
        assert abs(drawn[pair] / n_draws - chance) < 4 * (chance * (1 - chance) / n_draws) ** 0.5


def test_large_samples_come_to_an_end():
    units = [Unit(str(place), 50 + place % 7) for place in range(200)]
    assert len(sampford(units, 100, "seed")) == 100


def test_one_unit_is_drawn_by_size():
    units = [Unit("a", 1), Unit("b", 9)]
    drawn = Counter(sampford(units, 1, str(seed))[0].index for seed in range(500))
    assert 20 < drawn[0] < 85

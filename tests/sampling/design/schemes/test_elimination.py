from itertools import combinations

import pytest

from sampling.design.joint_probabilities import joint_probabilities
from sampling.design.schemes import Unit, target_probabilities, tille
from tests.sampling.design.schemes.outcomes import all_outcomes, inclusion

TARGET = "sampling.design.schemes.elimination.uniform_below"


@pytest.mark.parametrize(
    ("sizes", "n"),
    [((1, 2, 3, 4), 2), ((1, 2, 3, 4), 1), ((3, 1, 1, 2), 3), ((2, 2, 2), 2), ((9, 1, 1, 2), 2), ((1, 5), 1)],
)
def test_trying_every_number_gives_exactly_the_promised_probabilities(
    sizes: tuple[int, ...], n: int, monkeypatch: pytest.MonkeyPatch
):
    units = [Unit(str(place), size) for place, size in enumerate(sizes)]
    outcomes = all_outcomes(lambda: tille(units, n, "seed"), monkeypatch, TARGET, "below")
    targets = target_probabilities(sizes, n)
    assert sum(outcomes.values()) == 1
    assert [inclusion(outcomes, place) for place in range(len(sizes))] == targets
    joint = joint_probabilities([float(target) for target in targets], "tille")
    for pair in combinations(range(len(sizes)), 2):
        assert float(inclusion(outcomes, *pair)) == pytest.approx(joint[pair], abs=1e-12)


def test_one_elimination_by_hand():
    """Two of three equal units: each is eliminated with probability 1/3, and the two others stay."""
    units = [Unit(letter) for letter in "abc"]
    samples = {tuple(one.index for one in tille(units, 2, str(seed))) for seed in range(40)}
    assert samples == {(0, 1), (0, 2), (1, 2)}

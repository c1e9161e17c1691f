from fractions import Fraction

import pytest

from sampling.design.selection import SelectionError
from sampling.design.stage_probabilities import overall_probability, pair_probability

HALF, THIRD, TENTH = Fraction(1, 2), Fraction(1, 3), Fraction(1, 10)


def test_stages_multiply():
    assert overall_probability([HALF, THIRD, TENTH]) == Fraction(1, 60)
    assert overall_probability([]) == 1


def test_pairs_part_at_one_stage():
    same_village = pair_probability([HALF, THIRD], TENTH, [], [])
    other_village = pair_probability([HALF], Fraction(1, 9), [TENTH], [THIRD])
    assert same_village == Fraction(1, 60)
    assert other_village == Fraction(1, 540)
    assert pair_probability([HALF], Fraction(0), [TENTH], [TENTH]) == 0


@pytest.mark.parametrize("wrong", [Fraction(0), Fraction(3, 2), Fraction(-1, 2)])
def test_impossible_probabilities_are_named(wrong: Fraction):
    with pytest.raises(SelectionError, match=f"at stage 2, got {wrong}"):
        overall_probability([HALF, wrong])
    with pytest.raises(SelectionError, match="up to 1"):
        pair_probability([HALF], THIRD, [wrong], [HALF])


def test_impossible_joint_probability_is_named():
    with pytest.raises(SelectionError, match="joint probability"):
        pair_probability([], Fraction(5, 4), [], [])

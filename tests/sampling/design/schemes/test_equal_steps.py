from fractions import Fraction
from itertools import pairwise

from sampling.design.schemes import Unit, systematic, systematic_by_size, systematic_in_random_order
from sampling.design.seeds import random_order
from sampling.design.selection import pps_systematic, select_systematic

UNITS = [Unit(letter, size) for letter, size in zip("abcdefg", (30, 20, 10, 40, 25, 15, 60), strict=True)]


def test_fractional_interval_by_hand():
    """Two of five: start r hits the units with 2k ≤ r < 2k + 2 and 2k ≤ r + 5 < 2k + 2."""
    samples = [[one.index for one in select_systematic([1] * 5, 2, start)] for start in range(5)]
    assert samples == [[0, 2], [0, 3], [1, 3], [1, 4], [2, 4]]


def test_sizes_do_not_count_where_probabilities_are_equal():
    selected = systematic(UNITS, 3, "seed", "label")
    assert [one.probability for one in selected] == [Fraction(3, 7)] * 3
    assert [one.index for one in selected] == [
        one.index for one in pps_systematic([1] * 7, 3, "seed", "label")
    ]


def test_list_order_matters_and_steps_are_even():
    indices = [one.index for one in systematic([Unit(f"{k:03}") for k in range(100)], 10, "seed")]
    assert {later - earlier for earlier, later in pairwise(indices)} == {10}


def test_by_size_is_the_selection_of_the_stages():
    assert systematic_by_size(UNITS, 3, "s", "x") == pps_systematic(
        [unit.size for unit in UNITS], 3, "s", "x"
    )


def test_random_order_comes_from_the_seed_and_the_ids():
    order = random_order("abcdefg", "seed", "x", "order")
    units = {unit.id: unit for unit in UNITS}
    expected = pps_systematic([units[letter].size for letter in order], 3, "seed", "x", "start")
    selected = systematic_in_random_order(UNITS, 3, "seed", "x")
    assert {UNITS[one.index].id for one in selected} == {order[one.index] for one in expected}
    assert [one.index for one in selected] == sorted(one.index for one in selected)

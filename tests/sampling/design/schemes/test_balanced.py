from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.design.schemes import Unit, balance_of, balanced_places, cube, target_probabilities
from sampling.design.seeds import uniform_numbers
from sampling.design.selection import SelectionError
from tests.sampling.design.schemes.outcomes import all_outcomes, inclusion

TARGET = "sampling.design.schemes.balanced.is_below"
HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("sizes", "variables", "n"),
    [
        ((1, 2, 3, 4, 2), ((1, 5), (0, 2), (1, 1), (0, 7), (1, 3)), 2),
        ((1, 1, 1, 1, 1, 1), ((1,), (2,), (3,), (3,), (2,), (1,)), 3),
        ((50, 3, 2, 1), ((4,), (4,), (1,), (9,)), 2),
        ((1, 2, 3), ((), (), ()), 1),
    ],
)
def test_trying_every_step_gives_exactly_the_promised_probabilities(
    sizes: tuple[int, ...],
    variables: tuple[tuple[int, ...], ...],
    n: int,
    monkeypatch: pytest.MonkeyPatch,
):
    units = [
        Unit(str(place), size, balance)
        for place, (size, balance) in enumerate(zip(sizes, variables, strict=True))
    ]
    outcomes = all_outcomes(lambda: cube(units, n, "seed"), monkeypatch, TARGET, "is_below")
    assert [inclusion(outcomes, place) for place in range(len(sizes))] == target_probabilities(sizes, n)
    assert {len(sample) for sample in outcomes} == {n}


@settings(derandomize=True, max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(1, 500), st.integers(0, 9), st.integers(-50, 50)), min_size=1, max_size=30
    ),
    st.integers(0, 10),
)
def test_sample_size_is_always_met(rows: list[tuple[int, int, int]], n: int):
    units = [Unit(f"{place:02}", size, (x, y)) for place, (size, x, y) in enumerate(rows)]
    assert len(cube(units, n, "seed")) == min(n, len(units))


def test_groups_that_can_be_met_exactly_are():
    """Four groups of ten with half of each wanted: indicators of three and the size fix the fourth."""
    groups = [place // 10 for place in range(40)]
    units = [
        Unit(f"{place:02}", 1, tuple(int(group == k) for k in range(3))) for place, group in enumerate(groups)
    ]
    for seed in range(20):
        drawn = Counter(groups[one.index] for one in cube(units, 20, str(seed)))
        assert drawn == {0: 5, 1: 5, 2: 5, 3: 5}


def test_estimated_totals_are_nearly_right_in_a_larger_frame():
    noise = uniform_numbers(map(str, range(600)), "noise")
    units = [
        Unit(str(place), 100 + number % 200, (number % 1_000, number >> 20 & 255))
        for place, number in enumerate(noise)
    ]
    balanced = [abs(one.relative_deviation) for one in balance_of(units, cube(units, 120, "seed"))]
    assert max(balanced) < 0.02


def test_the_last_variable_is_given_up_first():
    """Four variables in samples of twelve: one of them is met better in the first place than in the last."""
    noise = uniform_numbers(map(str, range(60)), "noise")
    rows = [[number >> shift & 127 for shift in (0, 7, 14, 21)] for number in noise]

    def mean_deviation(place: int) -> float:
        units = [
            Unit(str(k), 1, (*row[1 : place + 1], row[0], *row[place + 1 :])) for k, row in enumerate(rows)
        ]
        reports = [balance_of(units, cube(units, 12, str(seed)))[place] for seed in range(60)]
        return sum(abs(report.relative_deviation) for report in reports) / 60

    assert mean_deviation(0) < mean_deviation(3) < 0.2


def test_balance_by_hand():
    units = [Unit("a", 1, (3, 0)), Unit("b", 1, (5, 0))]
    report = balance_of(units, cube(units, 1, "seed"))
    drawn = cube(units, 1, "seed")[0].index
    assert report[0].total == 8
    assert report[0].estimate == 2 * units[drawn].balance[0]
    assert report[1].relative_deviation == 0
    assert balance_of([], []) == []


def test_any_probabilities_in_any_order():
    ids = [f"{place:02}" for place in range(12)]
    chances = [Fraction(place % 4, 3) for place in range(12)]
    variables = [(place,) for place in range(12)]
    places = balanced_places(ids, chances, variables, "seed")
    assert len(places) == sum(chances)
    assert {place for place in range(12) if chances[place] == 1} <= set(places)
    assert not {place for place in range(12) if not chances[place]} & set(places)
    turned = balanced_places(ids[::-1], chances[::-1], variables[::-1], "seed")
    assert sorted(ids[place] for place in places) == sorted(ids[::-1][place] for place in turned)


def test_a_sum_that_is_not_whole_gives_one_of_the_two_sizes():
    sizes = {len(balanced_places("abc", [HALF] * 3, [()] * 3, str(seed))) for seed in range(30)}
    assert sizes == {1, 2}


def test_no_units_give_no_sample():
    assert balanced_places([], [], [], "seed") == []


def test_impossible_probabilities_are_refused():
    with pytest.raises(SelectionError, match="from 0 to 1"):
        balanced_places("ab", [HALF, Fraction(3, 2)], [(), ()], "seed")

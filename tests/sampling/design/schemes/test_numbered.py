from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.design.schemes import Unit, bernoulli, pareto, poisson, sequential_poisson, simple
from sampling.design.schemes.numbered import draw_independently, draw_smallest, draw_smallest_odds
from sampling.design.seeds import NUMBER_BITS, uniform_numbers
from sampling.design.selection import simple_random

SPACE = 1 << NUMBER_BITS
UNITS = [Unit("a", 5), Unit("b", 3), Unit("c", 2)]


def at(*parts: str) -> list[int]:
    """Numbers at fractions of the range."""
    return [int(Fraction(part) * SPACE) for part in parts]


def test_independent_units_by_hand():
    """π = 1/2, 3/10, 1/5: a number below its π draws the unit."""
    assert draw_independently(UNITS, 1, at("0.49", "0.31", "0.19")) == [0, 2]
    assert draw_independently(UNITS, 1, at("0.5", "0.3", "0.2")) == [1, 2]
    assert draw_independently(UNITS, 1, [SPACE // 2, *at("0.9", "0.9")]) == []


def test_smallest_ratio_by_hand():
    """u / size: 0.1, 0.05, 0.15."""
    assert draw_smallest(UNITS, 1, at("0.5", "0.15", "0.3")) == [1]
    assert draw_smallest(UNITS, 2, at("0.5", "0.15", "0.3")) == [1, 0]


def test_smallest_odds_by_hand():
    """π = 1/2, 3/10, 1/5; odds of u over odds of π: 1, 7/3, 1/2 or 12/5."""
    assert draw_smallest_odds(UNITS, 1, at("0.5", "0.5", "1/9")) == [2]
    assert draw_smallest_odds(UNITS, 1, at("0.5", "0.5", "3/8")) == [0]


def test_ties_are_broken_by_id():
    units = [Unit("b"), Unit("c"), Unit("a")]
    assert draw_smallest(units, 2, [7, 7, 7]) == [2, 0]
    assert draw_smallest_odds(units, 2, [7, 7, 7]) == [2, 0]


@settings(derandomize=True)
@given(st.sets(st.text(max_size=5), min_size=1, max_size=30), st.integers(0, 30))
def test_simple_random_takes_what_the_random_order_begins_with(ids: set[str], n: int):
    units = [Unit(name, len(name) + 1) for name in sorted(ids)]
    drawn = {units[one.index].id for one in simple(units, n, "seed", "x")}
    assert drawn == set(simple_random(sorted(ids), n, "seed", "x").main)


def test_equal_sizes_make_every_ranking_simple_random():
    units = [Unit(f"{place:02}", 9) for place in range(30)]
    samples = [
        [one.index for one in scheme(units, 7, "seed")] for scheme in (simple, sequential_poisson, pareto)
    ]
    assert samples[0] == samples[1] == samples[2]
    assert [one.index for one in poisson(units, 7, "seed")] == [
        one.index for one in bernoulli(units, 7, "seed")
    ]


def test_larger_samples_contain_smaller_ones():
    units = [Unit(str(place)) for place in range(50)]
    samples = [{one.index for one in simple(units, n, "seed")} for n in (5, 10, 20)]
    assert samples[0] < samples[1] < samples[2]


def test_numbers_belong_to_ids_alone():
    assert uniform_numbers(["b"], "seed") == uniform_numbers(["a", "b", "c"], "seed")[1:2]


def test_only_rankings_are_approximate():
    assert not any(one.is_approximate for one in poisson(UNITS, 2, "seed"))
    assert {one.is_approximate for one in pareto([*UNITS, Unit("d", 90)], 2, "seed")} == {True, False}

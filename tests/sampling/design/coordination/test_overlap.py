from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.design.coordination import (
    CoordinationError,
    common_arc,
    expected_overlap,
    plan_round,
    ranked_share,
    select_coordinated,
    start_for_pairs,
    start_for_share,
)
from sampling.design.list_coordination import ListCoordination
from sampling.design.schemes import Unit
from tests.sampling.design.overlaps import CASES, overlap_deviation

KEY = "a long secret that lives for many rounds"
FRAME = [Unit(f"{place:03}", 1 + place % 9) for place in range(100)]
unit_interval = st.fractions(0, 1, max_denominator=50)


def planned(method: str, n: int, start: str, units: list[Unit] | None = None, key: str = KEY):
    return plan_round(
        method, FRAME if units is None else units, n, key, stage="village", start=Fraction(start)
    )


@settings(derandomize=True)
@given(unit_interval.filter(lambda x: x < 1), unit_interval, unit_interval)
def test_common_arc_counts_points_of_a_circle(distance: Fraction, first: Fraction, second: Fraction):
    grid = 2 * distance.denominator * first.denominator * second.denominator
    points = [Fraction(k, grid) for k in range(1, grid, 2)] if grid < 3_000 else []
    inside = sum(point < first and (point - distance) % 1 < second for point in points)
    assert not points or common_arc(distance, first, second) == Fraction(2 * inside, grid)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rounds_overlap_as_much_as_expected(case: tuple[str, str, str, int]):
    assert abs(overlap_deviation(*case, n_keys=300)) < 3.5


def test_two_units_by_hand():
    """One of two units twice, half a circle apart: the same one if none or both lie in between."""
    two = [Unit("a"), Unit("b")]
    overlap = expected_overlap(planned("simple_random", 1, "0", two), planned("simple_random", 1, "1/2", two))
    assert overlap.expected == pytest.approx(0.5)
    assert overlap.is_exact


def test_equal_starts_overlap_most_and_order_does_not_matter():
    first, second = planned("simple_random", 20, "1/7"), planned("simple_random", 35, "1/7")
    assert expected_overlap(first, second).expected == 20
    for method in ("simple_random", "poisson"):
        one, other = planned(method, 20, "1/7"), planned(method, 35, "1/4")
        there, back = expected_overlap(one, other).expected, expected_overlap(other, one).expected
        assert there == pytest.approx(back)


def test_a_start_left_to_the_seed_meets_as_many_as_the_mean_over_all_starts():
    eighth, n_keys = Fraction(1, 8), 60
    units = [Unit(str(place)) for place in range(80)]
    chosen = ListCoordination("ab" * 32).starting(eighth).spreading(Fraction(0), eighth)
    shown = 80 * ranked_share(chosen.start or eighth, eighth, eighth, 80, chosen.spread)
    n_common = 0
    for number in range(n_keys):
        starts = (Fraction(0), chosen.start_at(f"seed {number}"))
        one, other = (
            {unit.index for unit in select_coordinated("simple_random", units, 10, f"key {number}", **where)}
            for where in ({"stage": "village", "start": start} for start in starts)
        )
        n_common += len(one & other)
    assert shown < 80 * ranked_share(eighth, eighth, eighth, 80) / 10
    assert abs(n_common - n_keys * shown) <= 4 * (n_keys * shown) ** 0.5 + 1


@pytest.mark.parametrize(("distance", "spread"), [("1/4", "1/2"), ("0", "1/3"), ("3/10", "7/10")])
def test_the_mean_over_starts_is_that_of_single_starts(distance: str, spread: str):
    first, second, far = Fraction(3, 20), Fraction(1, 5), Fraction(spread)
    steps = [Fraction(distance) + far * Fraction(2 * step + 1, 800) for step in range(400)]
    single = sum(ranked_share(step, first, second, 40) for step in steps) / len(steps)
    assert ranked_share(Fraction(distance), first, second, 40, far) == pytest.approx(single, abs=1e-4)


def test_large_frames_are_no_trouble():
    units = [Unit(str(place)) for place in range(20_000)]
    rounds = [planned("simple_random", 2_000, start, units) for start in ("0", "1/20")]
    assert expected_overlap(*rounds).expected == pytest.approx(1_000, abs=20)


def test_only_common_units_count():
    later = [*FRAME[50:], *(Unit(f"new {place}", 3) for place in range(50))]
    first, second = planned("bernoulli", 20, "0"), planned("bernoulli", 20, "0", later)
    assert expected_overlap(first, second).expected == pytest.approx(50 * 0.2)
    assert expected_overlap(first, second).is_exact
    assert (
        expected_overlap(planned("bernoulli", 20, "0"), planned("bernoulli", 5, "0", later[50:])).expected
        == 0
    )


@pytest.mark.parametrize("methods", [("pareto", "pareto"), ("simple_random", "poisson")])
def test_rankings_are_approximate(methods: tuple[str, str]):
    first, second = (planned(method, 20, "0") for method in methods)
    assert not expected_overlap(first, second).is_exact


def test_changed_simple_frames_are_approximate():
    assert not expected_overlap(
        planned("simple_random", 20, "0"), planned("simple_random", 20, "0", FRAME[1:])
    ).is_exact


def test_other_stages_and_keys_are_refused():
    first = planned("poisson", 20, "0")
    with pytest.raises(CoordinationError, match="'village' and 'commune'"):
        expected_overlap(first, replace(first, stage="commune"))
    with pytest.raises(CoordinationError, match="two keys"):
        expected_overlap(first, planned("poisson", 20, "0", key="another"))


@settings(derandomize=True)
@given(
    unit_interval.filter(lambda x: x < 1),
    unit_interval.filter(bool),
    unit_interval.filter(bool),
    unit_interval,
)
def test_start_gives_exactly_the_wanted_share(
    start: Fraction, previous: Fraction, fraction: Fraction, wish: Fraction
):
    least = max(Fraction(0), previous + fraction - 1) / fraction
    most = min(previous, fraction) / fraction
    share = least + wish * (most - least)
    found = start_for_share(share, previous_start=start, previous_fraction=previous, fraction=fraction)
    assert 0 <= found < 1
    assert common_arc((found - start) % 1, previous, fraction) == share * fraction


@pytest.mark.parametrize(
    ("share", "previous", "fraction", "words"),
    [
        ("1", "1/10", "1/5", "from 0.0000 to 0.5000, got 1.0000"),
        ("0", "3/5", "3/5", "from 0.3333 to 1.0000, got 0.0000"),
        ("0", "0", "1/5", "previous fraction above 0"),
        ("0", "1/5", "6/5", "a fraction above 0 and up to 1, got 6/5"),
    ],
)
def test_impossible_shares_are_refused(share: str, previous: str, fraction: str, words: str):
    with pytest.raises(CoordinationError, match=words):
        start_for_share(
            Fraction(share),
            previous_start=Fraction(0),
            previous_fraction=Fraction(previous),
            fraction=Fraction(fraction),
        )


MOVED = {
    (Fraction(1, 10), Fraction(1, 20)): 400,
    (Fraction(1, 10), Fraction(1, 4)): 100,
    (Fraction(1, 3), Fraction(1, 20)): 70,
    (Fraction(1, 3), Fraction(1, 4)): 300,
}


@pytest.mark.parametrize("share", ["0", "1/10", "2/5", "3/4"])
def test_one_start_gives_the_share_among_all_who_moved(share: str):
    start = start_for_pairs(Fraction(share), previous_start=Fraction(9, 10), pairs=MOVED)
    distance = (start - Fraction(9, 10)) % 1
    common = sum(count * common_arc(distance, *pair) for pair, count in MOVED.items())
    assert common == Fraction(share) * sum(count * pair[1] for pair, count in MOVED.items())


def test_one_start_is_that_of_one_stratum_where_there_is_one():
    tenth = Fraction(1, 10)
    for share in (Fraction(0), Fraction(1, 3), Fraction(1)):
        known = start_for_share(share, previous_start=tenth, previous_fraction=tenth, fraction=tenth)
        assert start_for_pairs(share, previous_start=tenth, pairs={(tenth, tenth): 50}) == known


def test_one_start_without_common_units_stays():
    assert start_for_pairs(Fraction(0), previous_start=Fraction(1, 7), pairs={}) == Fraction(1, 7)


@pytest.mark.parametrize("share", ["0", "1"])
def test_shares_out_of_reach_for_one_start_are_refused_with_the_range(share: str):
    pairs = MOVED | {(Fraction(1), Fraction(1, 2)): 10}
    with pytest.raises(CoordinationError, match=r"share from 0\.0\d+ to 0\.\d+"):
        start_for_pairs(Fraction(share), previous_start=Fraction(0), pairs=pairs)

import itertools
import random

import pytest

from sampling.design.workloads import (
    Stop,
    WorkloadError,
    distance_km,
    hilbert_place,
    share_out,
    way_km,
)


def villages(n: int, seed: int = 1, cases: tuple[int, int] = (20, 35)) -> list[Stop]:
    pick = random.Random(seed)  # noqa: S311 - a test
    communes = [(20 + pick.random(), 105 + pick.random()) for _ in range(1 + n // 3)]
    return [Stop(f"v{place:03d}", *communes[place // 3], pick.randint(*cases)) for place in range(n)]


def test_distance_follows_the_globe():
    hanoi, saigon = Stop("a", 21.0285, 105.8542, 1), Stop("b", 10.7769, 106.7009, 1)
    assert distance_km(hanoi, saigon) == pytest.approx(1143, abs=2)
    assert distance_km(hanoi, saigon) == distance_km(saigon, hanoi)
    assert distance_km(hanoi, hanoi) == 0


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_curve_visits_every_cell_once_and_goes_to_neighbours(bits: int):
    side = 1 << bits
    cells = {hilbert_place(x, y, bits): (x, y) for x, y in itertools.product(range(side), repeat=2)}
    assert sorted(cells) == list(range(side * side))
    steps = [
        abs(cells[place][0] - cells[place + 1][0]) + abs(cells[place][1] - cells[place + 1][1])
        for place in range(side * side - 1)
    ]
    assert set(steps) == {1}


def test_every_village_goes_to_exactly_one_person():
    stops = villages(30)
    loads = share_out(stops, 6)
    assert sorted(stop.code for load in loads for stop in load.stops) == sorted(stop.code for stop in stops)
    assert [load.n_cases for load in loads] == [sum(stop.n_cases for stop in load.stops) for load in loads]
    assert [load.km for load in loads] == [way_km(load.stops) for load in loads]


def test_equal_villages_are_shared_out_equally():
    loads = share_out(villages(36, cases=(31, 31)), 6)
    assert {load.n_cases for load in loads} == {6 * 31}


@pytest.mark.parametrize("seed", range(5))
def test_no_load_is_larger_than_the_mean_and_one_village(seed: int):
    stops = villages(24, seed)
    loads = share_out(stops, 5)
    mean = sum(stop.n_cases for stop in stops) / 5
    assert max(load.n_cases for load in loads) <= mean + max(stop.n_cases for stop in stops)


def test_ways_are_much_shorter_than_those_of_chance():
    stops = villages(30, cases=(31, 31))
    pick = random.Random(7)  # noqa: S311 - a test
    mixed = [pick.sample(stops, len(stops)) for _ in range(20)]
    by_chance = [sum(way_km(order[start : start + 5]) for start in range(0, 30, 5)) for order in mixed]
    assert sum(load.km for load in share_out(stops, 6)) < min(by_chance) / 2


def test_order_of_the_villages_does_not_matter():
    stops = villages(18)
    assert share_out(stops, 4) == share_out(stops[::-1], 4)


def test_more_people_than_villages_leaves_some_without_work():
    loads = share_out(villages(2), 5)
    assert [len(load.stops) for load in loads] == [1, 1, 0, 0, 0]


def test_no_village_is_no_work():
    assert [load.n_cases for load in share_out([], 2)] == [0, 0]


@pytest.mark.parametrize(
    ("stops", "n", "words"),
    [
        (villages(2), 0, "at least one enumerator"),
        (villages(2) + villages(2), 1, "once"),
        ([Stop("a", float("nan"), 105, 1)], 1, "place"),
        ([Stop("a", 20, 105, 0)], 1, "case"),
    ],
)
def test_what_cannot_be_shared_out_is_named(stops: list[Stop], n: int, words: str):
    with pytest.raises(WorkloadError, match=words):
        share_out(stops, n)

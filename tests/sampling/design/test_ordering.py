from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.design.ordering import OrderedList, digest_of_random_order
from sampling.design.selection import SelectionError, pps_systematic, select_systematic
from sampling.design.stage_plans import StagePlan
from sampling.design.stages import (
    CommuneUnit,
    VillageUnit,
    draw_communes,
    draw_villages,
    drawn_units,
    order_communes,
    order_villages,
)

PLAN = StagePlan(communes=3, villages=2, persons=5)
COMMUNES = [
    CommuneUnit(f"{number:05d}", f"{number % 2}", ("phường", "xã")[number % 3 == 0], 50 + 7 * number)
    for number in range(1, 25)
]


def ordered(*sizes: int, wanted: int = 2, start: int | None = 3) -> OrderedList:
    return OrderedList("commune", "01", tuple("abcdefgh"[: len(sizes)]), sizes, wanted, start)


def test_selecting_from_the_order_gives_the_drawn_communes():
    lists = order_communes(COMMUNES, PLAN, "seed")
    assert [unit for each in lists for unit in drawn_units(each)] == draw_communes(COMMUNES, PLAN, "seed")


def test_every_commune_stands_in_its_list_once():
    lists = order_communes(COMMUNES, PLAN, "seed")
    assert [each.stratum for each in lists] == ["0", "1"]
    assert sorted(code for each in lists for code in each.codes) == [unit.code for unit in COMMUNES]


def test_selecting_from_the_order_gives_the_drawn_villages():
    villages = [VillageUnit(f"v{number}", "c", 10 + number) for number in range(9)]
    assert drawn_units(order_villages("c", villages, PLAN, "s")) == draw_villages("c", villages, PLAN, "s")


@given(st.lists(st.integers(1, 60), min_size=1, max_size=20), st.integers(0, 22), st.text(max_size=4))
def test_a_kept_start_replays_the_selection(sizes: list[int], n: int, seed: str):
    unit = CommuneUnit
    [kept] = order_communes(
        [unit(str(number), "s", "xã", size) for number, size in enumerate(sizes)],
        StagePlan(communes=n, villages=1, persons=1),
        seed,
    )
    assert kept.select() == pps_systematic(kept.sizes, n, seed, "commune", "start", "s")


def test_cumulated_sizes_pass_over_certain_units():
    listed = ordered(10, 90, 20, 10, start=0)
    assert list(listed.rows()) == [(1, "a", 10, 0), (2, "b", 90, None), (3, "c", 20, 10), (4, "d", 10, 30)]
    assert listed.total == 40


def test_unit_is_hit_where_its_cumulated_size_says():
    listed = ordered(30, 30, 30, 10, start=55)
    hits = [listed.start + step * listed.total for step in range(listed.wanted)]
    expected = [
        place - 1
        for place, _code, size, before in listed.rows()
        if any(listed.wanted * before <= hit < listed.wanted * (before + size) for hit in hits)
    ]
    assert [unit.index for unit in listed.select()] == expected == [0, 2]


@pytest.mark.parametrize(
    "change",
    [
        {"stage": "village"},
        {"stratum": "02"},
        {"codes": ("b", "a", "c", "d")},
        {"sizes": (30, 30, 29, 11)},
        {"wanted": 1},
        {"start": 4},
    ],
)
def test_digest_covers_everything(change: Any):
    listed = ordered(30, 30, 30, 10)
    assert replace(listed, **change).digest() != listed.digest()


def test_digest_of_a_random_order_covers_list_and_order():
    digests = {
        digest_of_random_order(*arguments)
        for arguments in [
            ("person", "v", 1, "ab"),
            ("person", "w", 1, "ab"),
            ("person", "v", 2, "ab"),
            ("person", "v", 1, "ba"),
        ]
    }
    assert len(digests) == 4


@pytest.mark.parametrize("start", [None, -1, 100])
def test_start_outside_the_list_is_refused(start: int | None):
    with pytest.raises(SelectionError, match="from 0 to 99"):
        select_systematic([30, 30, 30, 10], 2, start)

import random
from collections import Counter
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from sampling.design.households import (
    HouseholdStage,
    ListedHousehold,
    draw_households,
    household_rows,
    order_of_list,
    seal_of,
)
from sampling.design.selection import SelectionError
from sampling.design.stage_frames import STAGE_FORMAT, stage_design
from sampling.design.stage_plans import DesignError, StagePlan
from sampling.design.within_household import digest_of_seal, select_adult, selection_table
from sampling.proof import verify_draw
from tests.sampling.households import household_document, household_stages

WAYS = (("simple_random", "random"), ("systematic", "sorted"), ("systematic", "serpentine"))


def households(count: int = 20, groups: str = "ABC") -> list[ListedHousehold]:
    return [ListedHousehold(f"{n:02d}", groups[n % len(groups)], n) for n in range(count)]


def stage(way: tuple[str, str] = WAYS[0], **values: Any) -> HouseholdStage:
    return HouseholdStage(**({"wanted": 5, "reserves": 3} | values), selection=way[0], order=way[1])


@pytest.mark.parametrize("way", WAYS)
def test_main_list_reserve_and_rest_are_all_households_once(way: tuple[str, str]):
    drawn = draw_households("v", households(), stage(way), "2026")
    assert (len(drawn.main), len(drawn.reserve), drawn.probability) == (5, 3, Fraction(1, 4))
    assert sorted(drawn.main + drawn.reserve + drawn.rest) == [one.number for one in households()]


@pytest.mark.parametrize("way", WAYS)
def test_small_village_gives_all_its_households(way: tuple[str, str]):
    drawn = draw_households("v", households(4), stage(way), "2026")
    assert (len(drawn.main), drawn.reserve, drawn.probability) == (4, (), 1)


@pytest.mark.parametrize("way", WAYS)
def test_order_in_which_households_are_written_does_not_matter(way: tuple[str, str]):
    drawn = draw_households("v", households(), stage(way), "2026")
    again = draw_households("v", households()[::-1], stage(way), "2026")
    assert (again.main, again.reserve) == (drawn.main, drawn.reserve)


def test_systematic_sample_is_spread_along_the_way():
    ordered = order_of_list(households(), "sorted")
    drawn = draw_households("v", households(), stage(("systematic", "sorted")), "2026")
    places = [ordered.index(number) for number in drawn.main]
    assert {after - before for before, after in pairwise(places)} == {4}


def test_winding_road_turns_in_every_second_group():
    listed = [ListedHousehold(name, name[0], int(name[1])) for name in ("a1", "a2", "b1", "b2", "c1", "c2")]
    assert order_of_list(listed, "serpentine") == ["a1", "a2", "b2", "b1", "c1", "c2"]
    assert order_of_list(listed[::-1], "sorted") == ["a1", "a2", "b1", "b2", "c1", "c2"]


@pytest.mark.parametrize("way", WAYS)
def test_drawn_and_reserve_households_are_hit_equally_often(way: tuple[str, str]):
    listed, n = households(8), 3_000
    counts: Counter[str] = Counter()
    for seed in range(n):
        drawn = draw_households("v", listed, stage(way, wanted=2, reserves=2), str(seed))
        counts.update(drawn.main + drawn.reserve)
    expected, allowed = n / 2, 5 * (n / 4) ** 0.5
    assert all(abs(counts[one.number] - expected) < allowed for one in listed)


@pytest.mark.parametrize("way", WAYS)
def test_script_draws_the_same_households(way: tuple[str, str]):
    chance = random.Random(7)  # noqa: S311 - made-up lists
    for seed in range(60):
        count = chance.randint(1, 30)
        listed = [ListedHousehold(str(n), chance.choice("ABC"), chance.randint(0, 5)) for n in range(count)]
        each = stage(way, wanted=chance.randint(1, 9), reserves=chance.randint(0, 4))
        drawn = draw_households("v", listed, each, str(seed))
        rows = [
            ["v", number, place, place > len(drawn.main), digest_of_seal(seal_of(str(seed), "v", number)),
             str(drawn.probability)]
            for place, number in enumerate(drawn.main + drawn.reserve, start=1)
        ]  # fmt: skip
        design = {
            "format": STAGE_FORMAT,
            "stage": "household",
            "selection": way[0],
            "order": [way[1]],
            "n": each.wanted,
            "n_reserve": each.reserves,
        }
        frame = list(map(list, household_rows({"v": listed})))
        assert list(verify_draw.redraw(design, frame, str(seed))) == rows


def test_slip_says_for_every_number_of_adults_what_the_seal_says():
    number = seal_of("2026", "v", "01")
    row = selection_table(number)
    for adults, line in enumerate(row, start=1):
        lines = [str(each) for each in range(1, adults + 1)]
        assert int(select_adult(lines, number).adult) == line == verify_draw.chosen_adult(number, adults)


def test_plan_ends_with_households_of_which_one_adult_is_asked():
    plan = StagePlan.from_document(household_document())
    assert plan.codes == ("commune", "village", "household")
    assert (plan.persons, plan.reserves) == (4, 2)
    assert plan.households == HouseholdStage(4, 2, "systematic", "serpentine", "listed_adults")


def test_design_of_households_says_how_the_adult_is_chosen():
    design = stage_design(household_document(rule="last_birthday"), "household")
    assert design["within"] == {"stage": "person", "rule": "last_birthday"}
    assert "within" not in stage_design(household_document(), "village")


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        (0, {"selection": "pps_systematic"}),
        (0, {"order": ["sorted", "random"]}),
        (0, {"order": ["random"]}),
        (1, {"selection": "simple_random"}),
        (1, {"rule": "who opens the door"}),
        (1, {"n_units": 2}),
        (1, {"n_reserve": 1}),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(place: int, changes: dict[str, Any]):
    stages = household_stages()
    stages[place] |= changes
    with pytest.raises(DesignError, match="Expected one of"):
        StagePlan.from_document({"stages": [*household_document()["stages"][:2], *stages]})


def test_empty_and_double_lists_are_refused():
    with pytest.raises(SelectionError):
        draw_households("v", [], stage(), "2026")
    with pytest.raises(SelectionError):
        draw_households("v", [ListedHousehold("1"), ListedHousehold("1")], stage(WAYS[2]), "2026")

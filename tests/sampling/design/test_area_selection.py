"""How area stages may be selected, and what is refused."""

from fractions import Fraction
from typing import Any

import pytest

from sampling.design.area_selection import (
    AREA_METHODS,
    LARGEST_CHANCE_OF_NONE,
    AreaSelection,
    serpentine_codes,
)
from sampling.design.schemes import METHODS, Unit, select
from sampling.design.selection import SelectionError, pps_systematic, random_start
from sampling.design.stage_frames import SELECTION_FORMAT, STAGE_FORMAT, stage_design
from sampling.design.stage_plans import AreaStage, DesignError, StagePlan
from sampling.design.stages import AreaUnit, CommuneUnit, draw_communes, drawn_units, order_units
from tests.sampling.area_stages import area_stage

UNITS = [
    AreaUnit(f"{place:03d}", "01", 10 + place * 13 % 50, ("xã", "phường")[place % 2]) for place in range(24)
]


def selection_of(method: str, **changes: Any) -> AreaSelection:
    return AreaSelection.from_document(area_stage(method, **changes))


def test_every_method_of_the_registry_may_be_named():
    assert sorted(AREA_METHODS) == sorted(METHODS)


@pytest.mark.parametrize("method", [method for method in AREA_METHODS if not METHODS[method].uses_balance])
def test_a_stage_selects_what_its_method_selects(method: str):
    selection = selection_of(method)
    (ordered,) = order_units(AreaStage("commune", 7, selection=selection), UNITS, "2026")
    units = [Unit(code, size) for code, size in zip(ordered.codes, ordered.sizes, strict=True)]
    assert ordered.select() == select(method, units, 7, "2026", "commune", "start", "01")


def test_the_lists_of_the_first_format_stay_as_they_were():
    frame = [CommuneUnit(unit.code, unit.above, unit.unit_type, unit.size) for unit in UNITS]
    drawn = draw_communes(frame, StagePlan(communes=4, villages=1, persons=1), "2026")
    assert [(unit.code, unit.frame_order) for unit in drawn] == [
        ("019", 3),
        ("023", 8),
        ("002", 14),
        ("008", 21),
    ]


def test_the_design_of_a_stage_says_more_only_where_it_must():
    plain = stage_design({"stages": [area_stage("pps_systematic")]}, "commune")
    assert plain["format"] == STAGE_FORMAT
    assert "balance" not in plain
    winding = stage_design({"stages": [area_stage("cube", order=["serpentine", "size"])]}, "commune")
    assert winding["format"] == SELECTION_FORMAT
    assert (winding["measure_of_size"], winding["balance"]) == ("size", ["unit_type"])
    assert winding["type_order"][:2] == ["phường", "thị trấn"]


def test_equal_steps_have_a_start_among_the_units():
    (ordered,) = order_units(AreaStage("commune", 7, selection=selection_of("systematic")), UNITS, "2026")
    assert ordered.start == random_start([1] * 24, 7, "2026", "commune", "start", "01")
    assert ordered.total == 24
    assert [row[3] for row in ordered.rows()] == list(range(24))
    assert {unit.probability for unit in drawn_units(ordered)} == {Fraction(7, 24)}


def test_nothing_is_cumulated_where_selection_is_not_systematic():
    (ordered,) = order_units(AreaStage("commune", 7, selection=selection_of("tille")), UNITS, "2026")
    assert ordered.start is None
    assert {row[3] for row in ordered.rows()} == {None}


def test_the_proof_of_a_list_names_the_method():
    lists = [
        order_units(AreaStage("commune", 7, selection=selection_of(method)), UNITS, "2026")[0]
        for method in ("tille", "sampford", "simple_random")
    ]
    assert len({ordered.digest() for ordered in lists}) == 3


@pytest.mark.parametrize("method", ["pareto", "sequential_poisson"])
def test_approximate_probabilities_are_marked_but_for_certain_units(method: str):
    units = [*UNITS, AreaUnit("999", "01", 9000, "xã")]
    (ordered,) = order_units(AreaStage("commune", 7, selection=selection_of(method)), units, "2026")
    assert all(unit.is_approximate is not unit.is_certainty for unit in drawn_units(ordered))


def test_a_serpentine_order_turns_round_in_every_second_type():
    order = serpentine_codes(
        {unit.code: (unit.size, unit.unit_type) for unit in UNITS}, ["unit_type", "size"]
    )
    sizes = [next(unit.size for unit in UNITS if unit.code == code) for code in order]
    assert sizes[:12] == sorted(sizes[:12])
    assert sizes[12:] == sorted(sizes[12:], reverse=True)


def test_systematic_selection_follows_the_serpentine_order():
    selection = selection_of("pps_systematic", order=["serpentine", "unit_type", "size"])
    (ordered,) = order_units(AreaStage("commune", 7, selection=selection), UNITS, "2026")
    assert ordered.select() == pps_systematic(ordered.sizes, 7, "2026", "commune", "start", "01")
    assert ordered.codes[0] == min(UNITS[1::2], key=lambda unit: unit.size).code


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"selection": "lottery"}, "a selection out of pps_systematic"),
        ({"order": ["serpentine"]}, "serpentine followed by keys"),
        ({"order": ["serpentine", "size", "size"]}, "each once"),
        ({"order": ["size"]}, "serpentine followed by keys"),
        ({"order": []}, "got nothing"),
        ({"balance": ["size"]}, "a balance exactly when selection is cube"),
        ({"selection": "cube"}, "a balance exactly when selection is cube"),
        ({"selection": "cube", "balance": ["area"]}, "a balance of size, count, unit_type"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_what_is_expected(changes: dict[str, Any], expected: str):
    with pytest.raises(SelectionError, match=expected):
        AreaSelection.from_document(area_stage("pps_systematic") | changes)


@pytest.mark.parametrize("method", ["poisson", "bernoulli"])
def test_a_random_sample_size_is_for_the_first_stage_alone(method: str):
    stages = [
        area_stage(method),
        area_stage(method, "village"),
        {"code": "person", "selection": "simple_random", "n_units": 5},
    ]
    with pytest.raises(DesignError, match="at the first stage only"):
        StagePlan.from_document({"stages": stages})
    stages[1] = area_stage("sampford", "village")
    assert StagePlan.from_document({"stages": stages}).area("village").selection.method == "sampford"


def test_the_chance_of_an_empty_list_is_exact():
    assert selection_of("bernoulli").chance_of_none([5] * 10, 5) == Fraction(1, 2**10)
    assert selection_of("poisson").chance_of_none([90, 5, 5], 2) == 0
    assert selection_of("poisson").chance_of_none([2, 1, 1], 1) == Fraction(1, 2) * Fraction(3, 4) ** 2
    assert selection_of("sampford").chance_of_none([1, 1], 1) == 0
    assert selection_of("poisson").chance_of_none([1] * 100, 3) > LARGEST_CHANCE_OF_NONE

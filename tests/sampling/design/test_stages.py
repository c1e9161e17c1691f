import hashlib
from typing import Any

import pytest

from sampling.design.area_selection import TYPE_ORDER
from sampling.design.fingerprints import canonical_lines
from sampling.design.stage_plans import DesignError, StagePlan
from sampling.design.stages import CommuneUnit, VillageUnit, draw_communes, draw_persons, draw_villages

PLAN = StagePlan(communes=6, villages=3, persons=31, reserves=10, communes_in={"01": 12})


def frame():
    return [
        CommuneUnit(f"{stratum}{number:03d}", stratum, TYPE_ORDER[number % 3], 500 + 37 * number % 900)
        for stratum in ("01", "15", "80")
        for number in range(60)
    ]


def listed(drawn: Any):
    return canonical_lines(
        [unit.stratum, unit.code, unit.frame_order, unit.draw_order, unit.is_certainty, str(unit.probability)]
        for unit in drawn
    )


def test_list_is_the_same_byte_for_byte():
    digest = hashlib.sha256(listed(draw_communes(frame(), PLAN, "pinned seed"))).hexdigest()
    assert digest == "988336bf137f0be4c53a5471c3c2fdee0c8cafdb8f98a2bf5b3a124d0929732e"


def test_order_of_the_file_does_not_matter():
    shuffled = sorted(frame(), key=lambda commune: commune.code[::-1])
    assert listed(draw_communes(shuffled, PLAN, "seed")) == listed(draw_communes(frame(), PLAN, "seed"))


def test_another_seed_gives_another_list():
    assert listed(draw_communes(frame(), PLAN, "one")) != listed(draw_communes(frame(), PLAN, "two"))


def test_strata_get_the_number_of_the_plan():
    drawn = draw_communes(frame(), PLAN, "seed")
    by_stratum = {
        stratum: [unit for unit in drawn if unit.stratum == stratum] for stratum in ("01", "15", "80")
    }
    assert {stratum: len(units) for stratum, units in by_stratum.items()} == {"01": 12, "15": 6, "80": 6}
    assert [unit.draw_order for unit in by_stratum["15"]] == [1, 2, 3, 4, 5, 6]


def test_stratum_is_sorted_from_town_to_country():
    drawn = [unit for unit in draw_communes(frame(), PLAN, "seed") if unit.stratum == "15"]
    types = [TYPE_ORDER[int(unit.code[2:]) % 3] for unit in drawn]
    assert types == sorted(types, key=TYPE_ORDER.index)
    assert len(set(types)) == 3
    assert [unit.frame_order for unit in drawn] == sorted(unit.frame_order for unit in drawn)


def test_changing_one_stratum_leaves_the_others_alone():
    changed = [commune for commune in frame() if commune.code != "01005"]
    before = [unit for unit in draw_communes(frame(), PLAN, "seed") if unit.stratum != "01"]
    assert [unit for unit in draw_communes(changed, PLAN, "seed") if unit.stratum != "01"] == before


def test_small_stratum_is_taken_whole():
    few = [CommuneUnit(f"{number}", "99", "xã", 100) for number in range(4)]
    assert [unit.probability for unit in draw_communes(few, PLAN, "seed")] == [1] * 4
    assert all(unit.is_certainty for unit in draw_communes(few, PLAN, "seed"))


def test_three_villages_of_a_commune():
    villages = [VillageUnit(f"v{number}", "00004", 100 + number) for number in range(9)]
    drawn = draw_villages("00004", villages, PLAN, "seed")
    assert len(drawn) == 3
    assert {unit.stratum for unit in drawn} == {"00004"}


def test_village_with_fewer_adults_gives_all_of_them():
    sample = draw_persons("v1", [str(number) for number in range(20)], PLAN, "seed")
    assert len(sample.main) == 20
    assert not sample.reserve


def document(**changes: Any):
    stages = [
        {
            "code": "commune",
            "selection": "pps_systematic",
            "n_units": 6,
            "exceptions": [{"stratum": "01", "n_units": 12}],
        },
        {
            "code": "village",
            "selection": "pps_systematic",
            "n_units": 3,
            "exceptions": [],
            "order": ["random"],
        },
        {"code": "person", "selection": "simple_random", "n_units": 31, "exceptions": [], "n_reserve": 10},
    ]
    return {"stages": [stage | changes.get(stage["code"], {}) for stage in stages]}


def test_plan_is_read_from_a_template():
    plan = StagePlan.from_document(document())
    assert plan == PLAN
    assert (plan.communes_of("01"), plan.communes_of("02")) == (12, 6)


def test_unknown_selection_is_refused():
    with pytest.raises(DesignError, match="quota"):
        StagePlan.from_document(document(person={"selection": "quota"}))


def test_other_stages_are_refused():
    with pytest.raises(DesignError, match="village"):
        StagePlan.from_document({"stages": document()["stages"][:2]})

"""Rounds whose strata are regions, town and country or former provinces, their communes divided by rule."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from sampling.models import AdministrativeUnit, Draw, SampledUnit, SamplingTemplate, SurveyRound
from sampling.proof import verify_draw
from sampling.selectors import case_design_rows, stored_list_digests
from sampling.selectors.frames import StrataError, first_places
from sampling.selectors.planning import planning_basis
from sampling.services import DrawRefusedError, check_draw, draft_draw, draw_sample, verify_sample
from sampling.services.bundles import write_bundle
from sampling.services.draws import kept_registers
from tests.sampling.draws import checked, framed_round, walk
from tests.sampling.makers import load_frames, make_template, register

pytestmark = pytest.mark.django_db

STRATA: dict[str, tuple[list[str], set[str]]] = {
    "urban": (["urban"], {"urban", "rural"}),
    "region": (["region"], {"SE"}),
    "predecessor": (["predecessor"], {"72", "80"}),
    "province": (["province"], {"72", "80"}),
    "crossed": (["predecessor", "urban"], {"72|rural", "72|urban", "80|rural", "80|urban"}),
    "type": (["region", "unit_type"], {"SE|phường", "SE|xã"}),
}


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Any):
    settings.FRAME_ROOT = tmp_path / "frames"


def template(by: list[str], allocation: dict[str, Any] | None = None, communes: int = 2) -> SamplingTemplate:
    """A small template whose strata are attributes, and whose communes may be divided by rule."""
    made = make_template(communes=communes)
    made.document["strata"] |= {"by": by}
    if allocation is not None:
        made.document["stages"][0]["allocation"] = allocation
    made.save()
    return made


def drawn_by_stratum(survey_round: SurveyRound) -> dict[str, int]:
    units = SampledUnit.objects.filter(sample__round=survey_round, stage="commune")
    return dict(Counter(units.values_list("stratum", flat=True)))


def differences(draw: Draw) -> list[str]:
    path: Path = write_bundle(draw=draw)
    checks = verify_draw.verify(verify_draw.Bundle(path), draw.commitment_digest)
    return [what for what, expected, got in checks if expected != got]


@pytest.mark.parametrize("name", STRATA)
def test_a_round_stratified_by_attributes_is_drawn_and_proved(name: str):
    by, strata = STRATA[name]
    survey_round = walk(framed_round(template=template(by)))
    assert drawn_by_stratum(survey_round) == dict.fromkeys(strata, 2)
    draws = Draw.objects.filter(round=survey_round)
    assert {draw.stage: differences(draw) for draw in draws} == {"commune": [], "village": [], "person": []}
    assert draws.get(stage="commune").design["strata"] == by
    sample = survey_round.sample
    assert verify_sample(sample=sample, registers=kept_registers(survey_round)).differences == ()
    assert dict(stored_list_digests(sample)) == {
        (kept.stage, kept.stratum): kept.digest for kept in sample.lists.all()
    }


def test_cases_carry_the_stratum_into_estimation():
    survey_round = walk(framed_round(template=template(["predecessor", "urban"])))
    rows = list(case_design_rows(survey_round.sample))
    assert {row.stratum for row in rows} == STRATA["crossed"][1]
    assert all(row.variance_stratum.split("/")[0] == row.stratum for row in rows)
    assert all(row.is_urban == row.stratum.endswith("urban") for row in rows)
    assert {row.province for row in rows} == {"80"}


def test_strata_without_attributes_are_what_they_were():
    survey_round = framed_round()
    assert {place.stratum for place in first_places(survey_round).values()} == {"72", "80"}
    assert not {"strata", "allocation"} & checked(survey_round).design.keys()


@pytest.mark.parametrize(
    ("allocation", "total", "expected"),
    [
        ({"rule": "equal"}, 7, {"72": 4, "80": 3}),
        ({"rule": "proportional"}, 6, {"72": 3, "80": 3}),
        ({"rule": "neyman", "sd": {"72": "0.2", "80": "0.4"}}, 6, {"72": 2, "80": 4}),
        ({"rule": "power", "exponent": "0.5", "sd": {"72": "0.1", "*": "0.2"}}, 6, {"72": 2, "80": 4}),
        ({"rule": "cost_optimal", "cost": {"72": "1", "80": "4"}}, 6, {"72": 4, "80": 2}),
        ({"rule": "neyman", "sd": {"72": "0", "80": "1"}, "minimum": 1}, 7, {"72": 1, "80": 6}),
        ({"rule": "neyman", "sd": {"72": "1", "80": "9"}, "maximum": 4}, 7, {"72": 3, "80": 4}),
    ],
)
def test_a_total_is_divided_within_limits_drawn_and_proved(
    allocation: dict[str, Any], total: int, expected: dict[str, int]
):
    survey_round = walk(framed_round(template=template(["predecessor"], allocation, communes=total)))
    assert drawn_by_stratum(survey_round) == expected
    draw = Draw.objects.get(round=survey_round, stage="commune")
    assert (draw.design["n_by_stratum"], draw.design["allocation"]) == (expected, allocation)
    assert differences(draw) == []


def test_a_rehearsal_divides_the_total_too():
    survey_round = framed_round(template=template(["predecessor"], {"rule": "proportional"}, communes=6))
    load_frames(survey_round)
    draw_sample(round=survey_round, seed="seed", registers=register)
    assert drawn_by_stratum(survey_round) == {"72": 3, "80": 3}


def test_a_draw_follows_its_commitment_and_not_the_template():
    made = template(["predecessor"], {"rule": "equal"}, communes=6)
    survey_round = walk(framed_round(template=made))
    made.document["stages"][0]["allocation"] = {"rule": "neyman", "sd": {"72": "1", "80": "9"}}
    made.save()
    survey_round.refresh_from_db()
    assert differences(Draw.objects.get(round=survey_round, stage="commune")) == []


@pytest.mark.parametrize("total", [3, 13])
def test_a_total_that_does_not_fit_is_a_problem(total: int):
    survey_round = framed_round(template=template(["predecessor"], {"rule": "equal"}, communes=total))
    draw = draft_draw(round=survey_round, stage="commune")
    with translation.override("en"):
        (problem,) = check_draw(draw=draw).problems
    assert "between 4 and 12" in problem
    draw.delete()
    load_frames(survey_round)
    with translation.override("en"), pytest.raises(DrawRefusedError, match="between 4 and 12"):
        draw_sample(round=survey_round, seed="seed", registers=register)


def test_a_unit_without_the_attribute_is_named():
    survey_round = framed_round(template=template(["region"]))
    AdministrativeUnit.objects.filter(level="province").update(region="")
    with translation.override("en"), pytest.raises(StrataError, match="72001: Expected a value of region"):
        first_places(survey_round)


def test_another_number_of_strata_than_announced_is_said():
    made = template(["urban"])
    made.document["strata"] |= {"n_strata": 3}
    made.save()
    draw = draft_draw(round=framed_round(template=made), stage="commune")
    with translation.override("en"):
        assert "The frame has 2 strata; the template says 3." in check_draw(draw=draw).notes


def test_the_page_names_strata_in_words(client: Client, django_user_model: Any):
    survey_round = framed_round(template=template(["predecessor", "urban"]))
    draft_draw(round=survey_round, stage="commune")
    client.force_login(django_user_model.objects.create_superuser("root", password="x"))
    address = reverse("surveyround:stage", args=[survey_round.pk, "commune"])
    assert "72|rural Tây Ninh, " in client.get(address).content.decode()


def test_the_planner_knows_the_strata_and_the_division_of_a_template():
    survey_round = framed_round(template=template(["predecessor", "urban"], {"rule": "equal"}, communes=9))
    basis = planning_basis(survey_round.template, survey_round)
    assert basis.template_attribute == "predecessor_urban"
    assert basis.template_strata == sorted(STRATA["crossed"][1])
    assert sum(basis.takes_in(name)[0] for name in basis.template_strata) == 9

"""Rounds whose area stages are selected in every way a template may name, from the draft to the proof."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from sampling.design.area_selection import AREA_METHODS
from sampling.models import Draw, SampledUnit, SurveyRound
from sampling.proof import verify_draw
from sampling.selectors import case_design_rows, stored_list_digests
from sampling.services import check_draw, draft_draw, open_round, replace_unit, verify_sample
from sampling.services.bundles import write_bundle
from sampling.services.draws import kept_registers
from sampling.services.inclusion import unit_probability
from sampling.services.replacement_records import eligible_sizes, eligible_units
from tests.sampling.area_stages import STAGES
from tests.sampling.draws import framed_round, walk
from tests.sampling.makers import make_sample, make_template, register

pytestmark = pytest.mark.django_db

KEYS = ("selection", "order", "measure_of_size", "balance")
RANDOM_SIZE = ("poisson", "bernoulli")
WALKED = (
    *AREA_METHODS,
    "cube with equal probabilities",
    "systematic, serpentine unit_type size",
    "pps_systematic, serpentine size",
)


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Any):
    settings.FRAME_ROOT = tmp_path / "frames"


def template(name: str, **sizes: int) -> Any:
    """A small template whose communes, and where that may be villages, are selected in one way."""
    way = {key: STAGES[name][key] for key in KEYS if key in STAGES[name]}
    made = make_template(**sizes or {"communes": 5 if name in RANDOM_SIZE else 2})
    communes, villages, _persons = made.document["stages"]
    communes |= way
    if name not in RANDOM_SIZE:
        villages |= way
    made.save()
    return made


def differences(draw: Draw) -> list[str]:
    path: Path = write_bundle(draw=draw)
    checks = verify_draw.verify(verify_draw.Bundle(path), draw.commitment_digest)
    return [what for what, expected, got in checks if expected != got]


@pytest.mark.parametrize("name", WALKED)
def test_a_round_is_drawn_and_proved_with_every_method(name: str):
    survey_round = walk(framed_round(template=template(name)))
    draws = Draw.objects.filter(round=survey_round)
    assert {draw.stage: differences(draw) for draw in draws} == {"commune": [], "village": [], "person": []}
    sample = survey_round.sample
    assert verify_sample(sample=sample, registers=kept_registers(survey_round)).differences == ()
    assert dict(stored_list_digests(sample)) == {
        (kept.stage, kept.stratum): kept.digest for kept in sample.lists.all()
    }


@pytest.mark.parametrize("name", [*AREA_METHODS, "cube with equal probabilities"])
def test_probabilities_counted_again_are_those_of_the_draw(name: str):
    sample = make_sample(template=template(name))
    for unit in sample.units.all():
        assert float(unit_probability(unit)) == pytest.approx(unit.inclusion_probability)


@pytest.mark.parametrize("name", ["pareto", "sequential_poisson", "sampford", "pps_systematic"])
def test_units_with_approximate_probabilities_are_marked(name: str):
    sample = make_sample(template=template(name))
    marks = sample.units.filter(is_certainty=False).values_list("is_approximate", flat=True)
    assert set(marks) == {name in {"pareto", "sequential_poisson"}}


def test_equal_probabilities_do_not_look_at_the_size():
    sample = make_sample(template=template("simple_random"))
    of_stage = {
        stage: set(sample.units.filter(stage=stage).values_list("inclusion_probability", flat=True))
        for stage in ("commune", "village")
    }
    assert of_stage == {"commune": {2 / 6}, "village": {2 / 4}}
    rows = list(case_design_rows(sample))
    assert {row.commune_probability for row in rows} == {2 / 6}
    assert not any(row.is_certainty for row in rows)


def test_a_drawn_unit_exchanged_in_the_database_is_found_out():
    survey_round = walk(framed_round(template=template("tille")))
    first, second = SampledUnit.objects.filter(sample__round=survey_round, stage="commune").order_by("pk")[:2]
    first.frame_order, second.frame_order = second.frame_order, first.frame_order
    first.save()
    second.save()
    assert differences(Draw.objects.get(round=survey_round, stage="commune")) == ["list digest", "list"]
    found = verify_sample(sample=survey_round.sample, registers=kept_registers(survey_round))
    assert len(found.differences) == 1


def drafted(name: str, **sizes: int) -> Draw:
    survey_round: SurveyRound = framed_round(template=template(name, **sizes))
    return draft_draw(round=survey_round, stage="commune")


@pytest.mark.parametrize("method", RANDOM_SIZE)
def test_a_random_size_that_may_leave_a_stratum_empty_is_refused(method: str):
    draw = drafted(method, communes=2)
    (problem,) = check_draw(draw=draw).problems
    assert "72" in problem
    assert "0,1%" in problem
    draw.refresh_from_db()
    assert draw.status == "drafted"


def test_a_random_size_that_is_safe_is_not():
    assert check_draw(draw=drafted("bernoulli", communes=5)).problems == ()


def test_what_is_committed_says_everything_the_selection_looks_at():
    design = drafted("cube with equal probabilities").design
    assert design["format"] == "stage-design/2"
    assert (design["selection"], design["measure_of_size"]) == ("cube", None)
    assert design["balance"] == ["size", "unit_type"]
    assert design["type_order"]


def test_the_round_opens_with_a_sample_of_random_size():
    survey_round = walk(framed_round(template=template("bernoulli")))
    open_round(round=survey_round)
    assert survey_round.sample.n_communes == survey_round.sample.units.filter(stage="commune").count()


@pytest.mark.parametrize(
    ("name", "said"),
    [("sequential_poisson", "Warning: weights of"), ("pareto", "Weights differ from"), ("sampford", "")],
)
def test_the_check_says_how_far_weights_are_from_exact_ones(name: str, said: str):
    draw = draft_draw(round=framed_round(template=template(name)), stage="commune")
    with translation.override("en"):
        notes = [note for note in check_draw(draw=draw).notes if "differ from the exact" in note]
    assert [note.startswith(said) for note in notes] == [True] * bool(said)


@pytest.mark.parametrize("name", ["simple_random", "systematic", "sampford", "pareto"])
def test_a_replaced_village_counts_with_the_probabilities_of_its_stage(name: str):
    sample = make_sample(template=template(name))
    open_round(round=sample.round)
    village = sample.units.filter(stage="village").order_by("pk").first()
    replacement = replace_unit(unit=village, reason="lũ quét", register=register(""))
    beside = list(village.parent.children.all())
    assert replacement in beside
    assert all(unit.is_approximate for unit in beside)
    chances = sorted(unit.inclusion_probability for unit in beside)
    if name in {"simple_random", "systematic"}:
        assert chances == pytest.approx([3 / 4] * 3)
    else:
        assert chances[0] < chances[-1]


def test_a_replacement_in_a_list_of_equal_probabilities_does_not_look_at_the_size():
    sample = make_sample(template=template("simple_random"))
    open_round(round=sample.round)
    village = sample.units.filter(stage="village").order_by("pk").first()
    assert set(eligible_sizes(eligible_units(village)).values()) == {1}

"""Every method of lists from draft to proof, and lists that avoid or meet earlier ones."""

import json
import shutil
import zipfile
from collections.abc import Callable
from fractions import Fraction
from math import sqrt
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from wagtail.models import ModelLogEntry

from sampling.design.list_coordination import ListCoordination
from sampling.design.list_draws import PLACE
from sampling.engine.list_keys import person_keys
from sampling.models import Case, Draw, Objection, Sample, SamplingTemplate, SurveyRound
from sampling.proof import verify_draw, verify_rounds
from sampling.selectors.selections import selection_facts
from sampling.services import (
    DrawRefusedError,
    abandon_draw,
    carry_out_draw,
    check_draw,
    commit_draw,
    draft_draw,
)
from sampling.services.bundles import write_bundle
from sampling.services.draws import check_of
from sampling.services.draws.dossiers import list_design
from sampling.services.issuing import honour_objections
from tests.sampling.design.list_methods import METHODS
from tests.sampling.draws import SOURCE, later, tomorrow
from tests.sampling.engine.list_frames import make_design, make_rows
from tests.sampling.kept_lists import N_ROWS, keep_list
from tests.sampling.makers import MERGER, make_round, make_unit

pytestmark = pytest.mark.django_db
UNCOORDINATED = [
    "systematic, serpentine",
    "sizes by agency",
    "bernoulli",
    "poisson of persons",
    "sequential poisson",
    "pareto",
    "sampford",
    "tille",
]
FEW = [[["01"], 9], [["48"], 4], [["79"], 4]]
FEWER = [[["01"], 4], [["48"], 2], [["79"], 2]]
BY_SIZE: dict[str, Any] = {"measure_of_size": "size", "reserve_percent": 0, "sizes": FEWER}
COORDINATED: dict[str, dict[str, Any]] = {
    "simple_random": {"reserve_percent": 20, "sizes": FEW},
    "bernoulli": {"reserve_percent": 0, "sizes": FEW},
    "poisson": BY_SIZE,
    "pareto": BY_SIZE,
}


@pytest.fixture
def make_list(settings: Any, tmp_path: Path) -> Callable[[str], SurveyRound]:
    settings.FRAME_ROOT = tmp_path / "frames"
    for code in ("01", "48", "79"):
        make_unit("province", code, f"Tỉnh {code}", unit_type="tỉnh", valid_from=MERGER)

    def make(code: str) -> SurveyRound:
        template = SamplingTemplate.objects.first()
        survey_round = make_round(code=code, **({"template": template} if template else {}))
        keep_list(survey_round, settings.FRAME_ROOT)
        return survey_round

    return make


def checked(survey_round: SurveyRound, **changes: Any) -> Draw:
    draw = draft_draw(round=survey_round, stage="dossier", design=make_design(**changes).document())
    with translation.override("en"):
        assert check_draw(draw=draw).problems == ()
    return draw


def drawn(survey_round: SurveyRound, **changes: Any) -> Draw:
    draw = commit_draw(
        draw=checked(survey_round, **changes), public_source=SOURCE, public_value_due=tomorrow()
    )
    with later():
        return carry_out_draw(draw=draw, public_value="45021")


def failed(path: Path, published: str = "") -> list[str]:
    checks = verify_draw.verify(verify_draw.Bundle(path), published)
    return [what for what, expected, got in checks if expected != got]


def persons(draw: Draw, settings: Any, *, reserves: bool = False) -> set[str]:
    cases = Case.objects.filter(sample__round=draw.round)
    ids = (cases if reserves else cases.filter(is_reserve=False)).values_list("register_number", flat=True)
    keys = person_keys(Path(settings.FRAME_ROOT) / str(draw.frame and draw.frame.file), set(ids))
    return {keys.get(dossier, dossier) for dossier in ids}


def following(draw: Draw, share: str = "0") -> dict[str, Any]:
    return {
        "unit": "person",
        "sizes": FEW,
        "coordination": {"previous": draw.commitment_digest, "share": share},
    }


FIRST: dict[str, Any] = {"unit": "person", "coordination": {}, "sizes": FEW}


@pytest.mark.parametrize("name", UNCOORDINATED)
def test_a_list_of_every_method_is_drawn_and_proved(make_list: Any, name: str):
    draw = drawn(make_list("R1"), **METHODS[name])
    sample = Sample.objects.get(round=draw.round)
    assert sample.cases.count() == draw.n_drawn > 0
    assert failed(write_bundle(draw=draw), draw.commitment_digest) == []


@pytest.mark.parametrize("selection", COORDINATED)
def test_a_second_list_avoids_the_first_and_both_are_proved(make_list: Any, selection: str, settings: Any):
    further = {"selection": selection, **COORDINATED[selection]}
    first = drawn(make_list("R1"), **FIRST | further)
    second = drawn(make_list("R2"), **following(first) | further)
    paths = [write_bundle(draw=draw) for draw in (first, second)]
    assert [
        failed(path, draw.commitment_digest) for path, draw in zip(paths, (first, second), strict=True)
    ] == [
        [],
        [],
    ]
    checks = list(verify_rounds.verify(*map(verify_rounds.bundle, paths)))
    assert {what for what, _expected, _got in checks} == {"key", "chain", "numbers", "start", "spread"}
    assert [what for what, expected, got in checks if expected != got] == []
    edge = 0 if selection in {"poisson", "bernoulli"} else 6
    assert len(persons(first, settings, reserves=True) & persons(second, settings)) <= edge


def test_a_list_that_avoids_another_begins_where_the_public_value_says(make_list: Any):
    first = drawn(make_list("R1"), **FIRST)
    second = drawn(make_list("R2"), **following(first))
    coordination = list_design(second).coordination or ListCoordination()
    assert coordination.spread > Fraction(1, 4)
    begins = {coordination.start_at(seed) for seed in ("a", "b", second.seed)}
    assert len(begins) == 3
    before = (list_design(first).coordination or ListCoordination()).start_at(first.seed)
    nearest = ((coordination.start or Fraction(0)) - before) % 1
    for start in begins:
        assert nearest <= (start - before) % 1 <= nearest + coordination.spread < 1


def test_a_list_that_meets_people_again_says_that_it_was_determined_before(make_list: Any, capsys: Any):
    first = drawn(make_list("R1"), **FIRST)
    second = drawn(make_list("R2"), **following(first, share="0.5"))
    assert "spread" not in second.design["coordination"]
    path = write_bundle(draw=second)
    verify_draw.main([str(path), "--language", "en"])
    assert "leaves nothing to the public value" in capsys.readouterr().out
    with translation.override("en"):
        assert "before the public value existed" in selection_facts(second.design).follows
        assert selection_facts(first.design).follows == ""


def test_room_taken_from_the_public_value_is_found_out(make_list: Any, tmp_path: Path):
    first = drawn(make_list("R1"), **FIRST)
    second = drawn(make_list("R2"), **following(first))
    paths = [write_bundle(draw=draw) for draw in (first, second)]
    with zipfile.ZipFile(paths[1]) as archive:
        archive.extractall(tmp_path / "later")
    design = tmp_path / "later" / "design.json"
    document = json.loads(design.read_text(encoding="utf-8"))
    del document["coordination"]["spread"]
    design.write_text(json.dumps(document), encoding="utf-8")
    checks = verify_rounds.verify(verify_rounds.bundle(paths[0]), verify_rounds.bundle(tmp_path / "later"))
    assert [what for what, expected, got in checks if expected != got] == ["spread"]


def test_the_audit_log_says_that_permanent_numbers_went_out(make_list: Any):
    write_bundle(draw=drawn(make_list("R1"), **FIRST))
    data = ModelLogEntry.objects.get(action="sampling.export_bundle").data
    assert data == {"stage": "dossier", "permanent_numbers": True}


def test_a_first_list_begins_where_the_seed_says(make_list: Any):
    draw = checked(make_list("R1"), **FIRST)
    draw.refresh_from_db()
    assert draw.design["coordination"]["start"] == ""
    assert len(draw.design["coordination"]["numbers_sha256"]) == 64
    with translation.override("en"):
        assert any("The first list of a chain" in note for note in check_of(draw).notes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"selection": "pareto", **BY_SIZE}, "another kind of method"),
        ({"coordination": {"previous": "ab" * 32}}, "was drawn and not abandoned"),
    ],
)
def test_what_cannot_be_compared_is_refused(make_list: Any, changes: dict[str, Any], message: str):
    first = drawn(make_list("R1"), **FIRST)
    design = make_design(**{**following(first), **changes}).document()
    draw = draft_draw(round=make_list("R2"), stage="dossier", design=design)
    with translation.override("en"):
        (problem,) = check_draw(draw=draw).problems
    assert message in problem
    assert draw.status == "drafted"


@pytest.mark.parametrize(
    ("setting", "message"),
    [("COORDINATION_KEY", "another coordination key"), ("PERSON_KEY", "recognised by another key")],
)
def test_another_key_ends_a_chain(make_list: Any, settings: Any, setting: str, message: str):
    first = drawn(make_list("R1"), **FIRST)
    setattr(settings, setting, "another key, long enough to be one")
    design = make_design(**following(first)).document()
    draw = draft_draw(round=make_list("R2"), stage="dossier", design=design)
    with translation.override("en"):
        assert message in check_draw(draw=draw).problems[0]


def test_a_list_without_permanent_numbers_cannot_be_followed(make_list: Any):
    first = drawn(make_list("R1"), unit="person")
    draw = draft_draw(
        round=make_list("R2"), stage="dossier", design=make_design(**following(first)).document()
    )
    with translation.override("en"):
        assert "without permanent numbers" in check_draw(draw=draw).problems[0]


def test_a_share_that_the_fractions_do_not_allow_is_refused(make_list: Any):
    first = drawn(make_list("R1"), **FIRST)
    whole = {"sizes": [[["01"], 50], [["48"], 2], [["79"], 2]], "reserve_percent": 0}
    draw = draft_draw(
        round=make_list("R2"), stage="dossier", design=make_design(**following(first, "1") | whole).document()
    )
    with translation.override("en"):
        assert "Expected a share from" in check_draw(draw=draw).problems[0]


def test_a_list_changed_after_the_check_is_not_committed(make_list: Any, settings: Any):
    draw = checked(make_list("R1"), **FIRST)
    settings.COORDINATION_KEY = "another key, long enough to be one"
    with translation.override("en"), pytest.raises(DrawRefusedError, match="Check the draw again"):
        commit_draw(draw=draw, public_source=SOURCE, public_value_due=tomorrow())


def test_a_starting_point_cannot_be_chosen(make_list: Any):
    first = drawn(make_list("R1"), **FIRST)
    starts = []
    for start in ("1/3", "2/3"):
        wish = following(first)
        wish["coordination"]["start"] = start
        draw = checked(make_list(f"R2-{start[0]}"), **wish)
        draw.refresh_from_db()
        starts.append(draw.design["coordination"]["start"])
    assert starts[0] == starts[1]


def test_an_abandoned_list_cannot_be_followed(make_list: Any):
    first = drawn(make_list("R1"), **FIRST)
    wish = make_design(**following(first)).document()
    abandon_draw(draw=first, reason="Sai giá trị")
    draw = draft_draw(round=make_list("R2"), stage="dossier", design=wish)
    assert check_draw(draw=draw).problems


def test_the_page_shows_the_expected_overlap_before_the_commitment(make_list: Any, admin_client: Client):
    first = drawn(make_list("R1"), **FIRST)
    second = make_list("R2")
    draft_draw(round=second, stage="dossier", design=make_design(**following(first, "1/2")).document())
    admin_client.post(reverse("surveyround:draw_step", args=[second.pk, "dossier", "check"]))
    page = admin_client.get(reverse("surveyround:stage", args=[second.pk, "dossier"]))
    plan = page.context["check"].coordination
    assert [each.stratum for each in plan.overlaps] == ["01", "48", "79"]
    assert plan.expected == pytest.approx(17 / 2, abs=1)
    assert [name for name, _overlap in page.context["overlaps"]] == ["01 Tỉnh 01", "48 Tỉnh 48", "79 Tỉnh 79"]
    assert "overlap-head" in page.content.decode()


@pytest.mark.parametrize(("selection", "share"), [("poisson", "1/2"), ("simple_random", "1/3")])
def test_the_measured_overlap_lies_in_the_band_of_the_expected_one(
    make_list: Any, settings: Any, selection: str, share: str
):
    further = {"selection": selection, **COORDINATED[selection]}
    measured, expected, spread = [], [], 0.0
    for number in range(3):
        settings.COORDINATION_KEY = f"key number {number}, long enough to be one"
        first = drawn(make_list(f"A{number}"), **FIRST | further)
        second = drawn(make_list(f"B{number}"), **following(first, share) | further)
        plan = check_of(second).coordination
        assert plan is not None
        measured.append(len(persons(first, settings) & persons(second, settings)))
        expected.append(plan.expected)
        spread += plan.expected
    assert abs(sum(measured) - sum(expected)) <= 3.3 * sqrt(spread)


def tampered(path: Path, folder: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    (folder / name).write_bytes(change((folder / name).read_bytes()))
    return folder


def exchanged(content: bytes) -> bytes:
    """Give the first two persons each other's number."""
    first, second, *rest = [json.loads(line) for line in content.splitlines()]
    lines = [[first[0], second[1]], [second[0], first[1]], *rest]
    return b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines)


def test_exchanged_numbers_are_named(make_list: Any, tmp_path: Path):
    draw = drawn(make_list("R1"), **FIRST)
    folder = tampered(write_bundle(draw=draw), tmp_path / "bundle", "numbers.jsonl", exchanged)
    assert "numbers" in failed(folder)


def test_a_second_round_with_other_numbers_or_another_start_is_named(make_list: Any, tmp_path: Path):
    first = drawn(make_list("R1"), **FIRST)
    second = drawn(make_list("R2"), **following(first))
    earlier = verify_rounds.bundle(write_bundle(draw=first))
    path = write_bundle(draw=second)

    def wrong(name: str, change: Callable[[bytes], bytes]) -> list[str]:
        folder = tmp_path / name
        checks = verify_rounds.verify(earlier, verify_rounds.bundle(tampered(path, folder, name, change)))
        found = [what for what, expected, got in checks if expected != got]
        shutil.rmtree(folder)
        return found

    def another_start(content: bytes) -> bytes:
        design = json.loads(content)
        design["coordination"]["start"] = "1/3"
        return json.dumps(design).encode()

    assert wrong("numbers.jsonl", exchanged) == ["numbers"]
    assert wrong("design.json", another_start) == ["start"]


@pytest.mark.parametrize("selection", ["systematic", "pareto", "tille"])
def test_whoever_objected_is_drawn_and_left_in_peace(make_list: Any, selection: str):
    sizes = {} if selection == "systematic" else {"measure_of_size": "size"}
    draw = drawn(make_list("R1"), unit="person", selection=selection, reserve_percent=0, **sizes)
    sample = Sample.objects.get(round=draw.round)
    rows = {row[0]: row for row in make_rows(N_ROWS)}
    known = [case for case in sample.cases.all() if rows[case.register_number][PLACE["person_key"]]]
    Objection.objects.create(
        kind="person", key=rows[known[0].register_number][PLACE["person_key"]], note="điện thoại"
    )
    before = draw.n_drawn
    assert honour_objections(sample=sample) == 1
    known[0].refresh_from_db()
    assert known[0].disposition.startswith("2.11")
    assert sample.cases.count() == before


@pytest.mark.parametrize(
    ("selection", "n", "said"),
    [("sequential_poisson", 3, "Warning: weights of"), ("pareto", 30, "Weights differ"), ("sampford", 3, "")],
)
def test_check_says_how_far_weights_are_from_exact_ones(make_list: Any, selection: str, n: int, said: str):
    sizes = [[[province], n] for province in ("01", "48", "79")]
    design = make_design(**{**BY_SIZE, "selection": selection, "sizes": sizes})
    draw = draft_draw(round=make_list("R"), stage="dossier", design=design.document())
    with translation.override("en"):
        notes = [note for note in check_draw(draw=draw).notes if "differ from the exact" in note]
    assert [note.startswith(said) for note in notes] == [True] * bool(said)
    assert all("(computed in 3 of 3 strata" in note for note in notes)


@pytest.mark.parametrize(
    ("selection", "n", "is_warned"), [("bernoulli", 3, True), ("bernoulli", 20, False), ("pareto", 3, False)]
)
def test_check_says_how_easily_a_stratum_comes_out_empty(
    make_list: Any, selection: str, n: int, *, is_warned: bool
):
    sizes = [[["01"], 25], [["48"], n], [["79"], 25]]
    measure = "size" if selection == "pareto" else None
    draw = draft_draw(
        round=make_list("R"),
        stage="dossier",
        design=make_design(
            selection=selection, measure_of_size=measure, reserve_percent=0, sizes=sizes
        ).document(),
    )
    with translation.override("en"):
        notes = [note for note in check_draw(draw=draw).notes if "a stratum gives no unit" in note]
    assert bool(notes) is is_warned
    assert all("most easily 48" in note for note in notes)


def test_a_list_in_which_nobody_comes_is_drawn(make_list: Any):
    sizes = [[["01"], 1], [["48"], 0], [["79"], 0]]
    draws = [
        drawn(make_list(f"R{number}"), selection="bernoulli", reserve_percent=0, sizes=sizes)
        for number in range(2)
    ]
    assert min(draw.n_drawn for draw in draws) >= 0
    assert all(failed(write_bundle(draw=draw)) == [] for draw in draws)

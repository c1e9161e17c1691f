"""Rounds whose communes and villages permanent numbers select: avoided or met again, proved, and refused."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import translation

from sampling.design.coordination import permanent_numbers
from sampling.design.list_coordination import ListCoordination
from sampling.design.stages import drawn_units
from sampling.models import Draw, Sample, SampledUnit, SamplingTemplate, SurveyRound
from sampling.proof import verify_draw, verify_replacements, verify_rounds
from sampling.selectors import stored_list_digests
from sampling.selectors.orders import stored_lists
from sampling.selectors.steering import can_be_coordinated
from sampling.services import (
    DrawRefusedError,
    ReplacementError,
    abandon_draw,
    carry_out_draw,
    check_draw,
    commit_draw,
    draft_draw,
    issue_draw,
    open_round,
    receive_replacement_villages,
    replace_commune,
    verify_sample,
)
from sampling.services.bundles import is_public, write_bundle
from sampling.services.draws import kept_registers
from tests.sampling.draws import (
    SOURCE,
    VALUES,
    codes,
    framed_round,
    issued,
    later,
    send_registers,
    send_villages,
    tomorrow,
)
from tests.sampling.makers import (
    REFERENCE_DATE,
    commune_rows,
    load,
    make_round,
    make_template,
    village_rows,
)

pytestmark = pytest.mark.django_db

METHODS = ("simple_random", "pareto", "sequential_poisson")
SIZED = {"pareto", "sequential_poisson", "poisson", "sampford"}


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Any):
    settings.FRAME_ROOT = tmp_path / "frames"


def template(method: str, **sizes: int) -> SamplingTemplate:
    """A small template whose communes and villages are selected by a method."""
    made = make_template(**sizes or {"communes": 2})
    communes, villages, _persons = made.document["stages"]
    way = {"selection": method, "measure_of_size": "n_adults" if method in SIZED else None}
    communes |= way
    villages |= way if method not in {"poisson", "bernoulli"} else {}
    made.save()
    return made


def next_round(earlier: SurveyRound, code: str) -> SurveyRound:
    survey_round = make_round(code=code, template=earlier.template)
    load(survey_round, "commune", commune_rows())
    return survey_round


def coordinated(
    survey_round: SurveyRound, stage: str = "commune", value: str = "", **coordination: str
) -> Draw:
    """Draw and issue a stage with permanent numbers."""
    draw = draft_draw(round=survey_round, stage=stage, design={"coordination": coordination})
    assert check_draw(draw=draw).problems == ()
    commit_draw(draw=draw, public_source=SOURCE, public_value_due=tomorrow())
    with later():
        carry_out_draw(draw=draw, public_value=value or VALUES[stage])
    return issue_draw(draw=draw)


def start_of(draw: Draw) -> Fraction:
    """Where the permanent numbers of a drawn stage are counted from."""
    return ListCoordination.from_document(draw.design["coordination"]).start_at(draw.seed, draw.stage)


def differences(draw: Draw) -> list[str]:
    path: Path = write_bundle(draw=draw)
    checks = verify_draw.verify(verify_draw.Bundle(path), draw.commitment_digest)
    return [what for what, expected, got in checks if expected != got]


@pytest.mark.parametrize("method", METHODS)
def test_a_second_round_avoids_the_places_of_the_first_and_both_are_proved(method: str):
    first_round = framed_round(template=template(method))
    first = coordinated(first_round)
    second_round = next_round(first_round, "later")
    second = coordinated(second_round, previous=first.commitment_digest, share="0")
    assert [differences(draw) for draw in (first, second)] == [[], []]
    bundles = [verify_rounds.bundle(write_bundle(draw=draw)) for draw in (first, second)]
    checks = list(verify_rounds.verify(*bundles))
    assert {what for what, _expected, _got in checks} == {"key", "chain", "numbers", "start", "spread"}
    assert [what for what, expected, got in checks if expected != got] == []
    both = set(codes(first_round, "commune")) & set(codes(second_round, "commune"))
    assert len(both) <= 2


def test_the_public_value_decides_where_a_round_begins_that_avoids_another_one():
    first_round = framed_round(template=template("simple_random", communes=1))
    first = coordinated(first_round)
    asked = {"previous": first.commitment_digest, "share": "0"}
    found = {}
    for value in ("10001", "20002", "30003"):
        second = coordinated(next_round(first_round, value), value=value, **asked)
        fixed = second.design["coordination"]
        found[start_of(second)] = (fixed["start"], fixed["spread"])
        assert 0 < (start_of(second) - Fraction(fixed["start"])) % 1 <= Fraction(fixed["spread"])
        assert differences(second) == []
    assert len(found) == 3
    assert len(set(found.values())) == 1


def test_a_third_round_follows_from_where_the_public_value_put_the_second():
    first_round = framed_round(template=template("simple_random", communes=1))
    first = coordinated(first_round)
    second = coordinated(next_round(first_round, "later"), previous=first.commitment_digest, share="0")
    third = coordinated(next_round(first_round, "last"), previous=second.commitment_digest, share="1/2")
    assert "spread" not in third.design["coordination"]
    bundles = [verify_rounds.bundle(write_bundle(draw=draw)) for draw in (second, third)]
    assert [what for what, expected, got in verify_rounds.verify(*bundles) if expected != got] == []


def test_a_starting_point_that_leaves_nothing_to_the_public_value_is_found_out(tmp_path: Path):
    first_round = framed_round(template=template("simple_random", communes=1))
    first = coordinated(first_round)
    second = coordinated(next_round(first_round, "later"), previous=first.commitment_digest, share="0")
    folder = tmp_path / "bundle"
    verify_draw.zipfile.ZipFile(write_bundle(draw=second)).extractall(folder)
    design = json.loads((folder / "design.json").read_text())
    del design["coordination"]["spread"]
    (folder / "design.json").write_text(json.dumps(design))
    bundles = [verify_rounds.bundle(write_bundle(draw=first)), verify_rounds.bundle(folder)]
    assert [what for what, expected, got in verify_rounds.verify(*bundles) if expected != got] == ["spread"]


def test_a_share_of_all_draws_the_same_places_again():
    first_round = framed_round(template=template("simple_random"))
    first = coordinated(first_round)
    second_round = next_round(first_round, "later")
    coordinated(second_round, previous=first.commitment_digest, share="1")
    assert set(codes(first_round, "commune")) == set(codes(second_round, "commune"))


def test_villages_that_must_meet_again_cannot_be_avoided():
    first_round = framed_round(template=template("pareto"))
    first = coordinated(first_round)
    send_villages(first_round)
    villages = coordinated(first_round, "village")
    second_round = next_round(first_round, "later")
    coordinated(second_round, previous=first.commitment_digest, share="1")
    send_villages(second_round)
    asked = {"coordination": {"previous": villages.commitment_digest, "share": "0"}}
    draw = draft_draw(round=second_round, stage="village", design=asked)
    with translation.override("en"):
        (problem,) = check_draw(draw=draw).problems
    assert "allow no other" in problem


def test_all_stages_of_a_round_are_coordinated_and_proved():
    first_round = framed_round(template=template("pareto", communes=2, villages=1))
    chain = [coordinated(first_round)]
    send_villages(first_round)
    chain.append(coordinated(first_round, "village"))
    second_round = next_round(first_round, "later")
    communes = coordinated(second_round, previous=chain[0].commitment_digest, share="1")
    send_villages(second_round)
    villages = coordinated(second_round, "village", previous=chain[1].commitment_digest, share="0")
    send_registers(second_round)
    issued(second_round, "person")
    person = Draw.objects.get(round=second_round, stage="person")
    assert [differences(draw) for draw in (*chain, communes, villages, person)] == [[]] * 5
    sample = second_round.sample
    assert verify_sample(sample=sample, registers=kept_registers(second_round)).differences == ()
    assert dict(stored_list_digests(sample)) == {
        (kept.stage, kept.stratum): kept.digest for kept in sample.lists.all()
    }
    replayed = {unit.code for kept in stored_lists(sample) for unit in drawn_units(kept)}
    assert replayed == set(codes(second_round, "commune")) | set(codes(second_round, "village"))


def test_what_is_committed_fixes_numbers_key_and_start():
    first_round = framed_round(template=template("pareto"))
    first = coordinated(first_round)
    assert first.design["format"] == "stage-design/3"
    fixed = first.design["coordination"]
    assert fixed["previous"] == fixed["start"] == ""
    assert all(len(fixed[name]) == 64 for name in ("key_fingerprint", "numbers_sha256"))
    second = coordinated(next_round(first_round, "later"), previous=first.commitment_digest)
    assert 0 <= Fraction(second.design["coordination"]["start"]) < 1


def test_a_number_that_was_changed_is_named(tmp_path: Path):
    draw = coordinated(framed_round(template=template("simple_random")))
    folder = tmp_path / "bundle"
    verify_draw.zipfile.ZipFile(write_bundle(draw=draw)).extractall(folder)
    lines = (folder / "numbers.jsonl").read_text().splitlines(keepends=True)
    changed = [line.replace('","', '","0') if "72001" in line else line for line in lines]
    (folder / "numbers.jsonl").write_text("".join(changed))
    checks = verify_draw.verify(verify_draw.Bundle(folder), draw.commitment_digest)
    assert "numbers" in [what for what, expected, got in checks if expected != got]


def test_an_uncoordinated_draw_keeps_its_design():
    draw = draft_draw(round=framed_round(template=template("pareto")), stage="commune")
    assert draw.design["format"] == "stage-design/2"
    assert "coordination" not in draw.design


@pytest.mark.parametrize("method", ["systematic", "sampford", "tille", "cube", "pps_systematic"])
def test_a_method_without_numbers_is_refused(method: str):
    made = template("simple_random")
    way = {"selection": method, "measure_of_size": None if method == "systematic" else "n_adults"}
    made.document["stages"][0] |= way | ({"balance": ["count"]} if method == "cube" else {})
    made.save()
    survey_round = framed_round(template=made)
    assert not can_be_coordinated(survey_round, "commune")
    with translation.override("en"), pytest.raises(DrawRefusedError, match="one number per unit"):
        draft_draw(round=survey_round, stage="commune", design={"coordination": {}})


def test_persons_of_villages_are_not_coordinated():
    survey_round = framed_round(template=template("simple_random"))
    coordinated(survey_round)
    send_villages(survey_round)
    coordinated(survey_round, "village")
    send_registers(survey_round)
    with translation.override("en"), pytest.raises(DrawRefusedError, match="places in a list"):
        draft_draw(round=survey_round, stage="person", design={"coordination": {}})


def problem_of(survey_round: SurveyRound, **coordination: str) -> str:
    draw = draft_draw(round=survey_round, stage="commune", design={"coordination": coordination})
    with translation.override("en"):
        (problem,) = check_draw(draw=draw).problems
    return problem


def test_a_round_that_nobody_drew_cannot_be_followed():
    assert "Copy the digest" in problem_of(framed_round(template=template("pareto")), previous="ab" * 32)


def test_an_earlier_round_must_have_had_permanent_numbers():
    first_round = framed_round(template=template("pareto"))
    first = issued(first_round)
    problem = problem_of(next_round(first_round, "later"), previous=first.commitment_digest)
    assert "without permanent numbers" in problem


def test_another_key_ends_the_chain(settings: Any):
    first_round = framed_round(template=template("pareto"))
    first = coordinated(first_round)
    settings.COORDINATION_KEY = "another key"
    problem = problem_of(next_round(first_round, "later"), previous=first.commitment_digest)
    assert "another coordination key" in problem


def test_an_abandoned_round_cannot_be_followed():
    first_round = framed_round(template=template("pareto"))
    draw = draft_draw(round=first_round, stage="commune", design={"coordination": {}})
    check_draw(draw=draw)
    commit_draw(draw=draw, public_source=SOURCE, public_value_due=tomorrow())
    abandon_draw(draw=draw, reason="dàn mẫu sai")
    draw.refresh_from_db()
    assert "Copy the digest" in problem_of(next_round(first_round, "later"), previous=draw.commitment_digest)


def test_permanent_numbers_never_become_public():
    draw = coordinated(framed_round(template=template("pareto")))
    draw.status = "closed"
    assert not is_public(draw)
    draw.design = {key: value for key, value in draw.design.items() if key != "coordination"}
    assert is_public(draw)


def test_the_admin_offers_earlier_rounds_and_shows_the_overlap(client: Client, django_user_model: Any):
    first_round = framed_round(template=template("pareto"))
    first = coordinated(first_round)
    second_round = next_round(first_round, "later")
    user = django_user_model.objects.create_user("user", password="x")
    names = ("access_admin", "view_surveyround", "view_sample", "commit_draw", "change_surveyround")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    step = reverse("surveyround:draw_step", args=[second_round.pk, "commune", "draft"])
    form = client.get(step).context["form"]
    assert [value for value, _label in form.fields["chain"].choices] == ["", "first", first.commitment_digest]
    client.post(step, {"chain": first.commitment_digest, "again": "50"})
    draw = Draw.objects.get(round=second_round)
    assert draw.design["coordination"]["share"] == "1/2"
    page = client.get(reverse("surveyround:stage", args=[second_round.pk, "commune"]))
    assert page.context["plan"].expected == pytest.approx(2.0, abs=0.05)
    assert "sampling/draw_overlaps.html" in [used.name for used in page.templates]
    assert "72" in {each.stratum for each in page.context["plan"].overlaps}


def test_the_admin_offers_no_coordination_where_it_has_no_meaning(client: Client, django_user_model: Any):
    survey_round = framed_round()
    user = django_user_model.objects.create_superuser("root", password="x")
    client.force_login(user)
    step = reverse("surveyround:draw_step", args=[survey_round.pk, "commune", "draft"])
    assert "chain" not in client.get(step).context["form"].fields
    client.post(step)
    assert "coordination" not in Draw.objects.get(round=survey_round).design


def replaced_commune(survey_round: SurveyRound) -> SampledUnit:
    """Let a commune give way to another one, whose villages are listed and drawn."""
    sample = Sample.objects.get(round=open_round(round=survey_round))
    unit = sample.units.filter(stage="commune").order_by("pk").first()
    commune = replace_commune(unit=unit, reason="Lũ quét")
    rows = [row for row in village_rows() if row["parent_code"] == commune.frame_unit.code]
    receive_replacement_villages(
        commune=commune, rows=rows, source="Công an xã", reference_date=REFERENCE_DATE
    )
    return commune


def replacement_differences(path: Path) -> list[str]:
    bundle = verify_replacements.proof.Bundle(path)
    return [
        what
        for _name, checks in verify_replacements.verify(bundle)
        for what, expected, got in checks
        if expected != got
    ]


def coordinated_walk() -> tuple[SurveyRound, Draw]:
    """A round whose villages permanent numbers select, ready for fieldwork."""
    survey_round = framed_round(template=template("simple_random", communes=2, villages=1))
    issued(survey_round)
    send_villages(survey_round)
    villages = coordinated(survey_round, "village")
    send_registers(survey_round)
    issued(survey_round, "person")
    return survey_round, villages


def test_permanent_numbers_select_the_villages_of_a_commune_that_takes_the_place_of_another():
    survey_round, draw = coordinated_walk()
    commune = replaced_commune(survey_round)
    listed = [row["code"] for row in village_rows() if row["parent_code"] == commune.frame_unit.code]
    offset = start_of(draw) * (1 << 256)
    numbers = permanent_numbers(listed, settings.COORDINATION_KEY, "village")
    after_start = {(number - offset) % (1 << 256): code for code, number in zip(listed, numbers, strict=True)}
    (village,) = commune.children.all()
    assert village.frame_unit.code == after_start[min(after_start)]
    path = write_bundle(draw=draw)
    assert differences(draw) == replacement_differences(path) == []


def test_a_number_changed_below_a_replacement_is_found_out(tmp_path: Path):
    survey_round, draw = coordinated_walk()
    commune = replaced_commune(survey_round)
    folder = tmp_path / "bundle"
    verify_draw.zipfile.ZipFile(write_bundle(draw=draw)).extractall(folder)
    document = folder / "replacements.json"
    kept = json.loads(document.read_text())
    below = kept["replacements"][0]["below"]
    assert below["unit"] == commune.frame_unit.code
    chosen = below["list"][0][2]
    last = f"{(int(start_of(draw) * (1 << 256)) - 1) % (1 << 256):064x}"
    below["numbers"] = [[code, last if code == chosen else number] for code, number in below["numbers"]]
    document.write_text(json.dumps(kept))
    assert set(replacement_differences(folder)) == {"numbers", "list"}


def test_another_key_keeps_the_villages_of_a_replacement_undrawn(settings: Any):
    survey_round, _draw = coordinated_walk()
    settings.COORDINATION_KEY = "another key, long enough to be one"
    with translation.override("en"), pytest.raises(ReplacementError, match="coordination key"):
        replaced_commune(survey_round)


@pytest.mark.parametrize("status", ["issued", "closed"])
def test_the_public_page_says_why_a_coordinated_stage_has_no_public_bundle(client: Client, status: str):
    draw = coordinated(framed_round(template=template("simple_random")))
    Draw.objects.filter(pk=draw.pk).update(status=status)
    with translation.override("en"):
        address = reverse("sampling:verification_round", args=[draw.round.code])
        bundle = reverse("sampling:bundle", args=[draw.round.code, draw.pk])
    page = client.get(address)
    (facts,) = page.context["draws"]
    assert (facts.is_coordinated, facts.has_bundle, facts.seed) == (True, False, "")
    assert "neither before nor after the fieldwork is there a public bundle" in page.content.decode()
    assert client.get(bundle).status_code == 403

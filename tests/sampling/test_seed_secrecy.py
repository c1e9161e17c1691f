"""Seeds: from a seed follow the respondents, so no page of the admin names that of persons."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from wagtail.models import ModelLogEntry

from sampling.models import Draw, Sample, SurveyRound
from sampling.services import (
    carry_out_draw,
    check_draw,
    close_draw,
    close_round,
    commit_draw,
    draft_draw,
    open_round,
)
from tests.sampling.draws import SOURCE, framed_round, later, tomorrow, walk
from tests.sampling.engine.list_frames import make_design
from tests.sampling.kept_lists import keep_list
from tests.sampling.makers import MERGER, make_round, make_sample, make_unit

pytestmark = pytest.mark.django_db

SEE = ("access_admin", "view_surveyround", "view_sample", "view_samplingframe", "view_frameunit")
MAKE = (*SEE, "change_surveyround", "draw_sample", "commit_draw", "issue_draw", "view_draw")
AUDIT = (*SEE, "view_draw", "audit_draw")
ROLES = {"sees": SEE, "makes": MAKE, "audits": AUDIT}
STAGES = ("commune", "village", "person")


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Any):
    settings.FRAME_ROOT = tmp_path / "frames"


@pytest.fixture
def sign_in(client: Client, django_user_model: Any) -> Any:
    def make(*codenames: str) -> Client:
        user = django_user_model.objects.create_user("user", password="x")
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(user)
        return client

    return make


def pages(client: Client, survey_round: SurveyRound, stages: tuple[str, ...] = STAGES) -> str:
    """Everything that the admin shows of a round."""
    sample = Sample.objects.get(round=survey_round)
    urls = [
        reverse("surveyround:index"),
        reverse("surveyround:inspect", args=[survey_round.pk]),
        reverse("sample:index"),
        reverse("sample:inspect", args=[sample.pk]),
        reverse("sample:order", args=[sample.pk]),
        *(reverse("surveyround:stage", args=[survey_round.pk, stage]) for stage in stages),
        *(reverse("surveyround:lists", args=[survey_round.pk, stage]) for stage in stages[1:]),
    ]
    answers = [client.get(url) for url in urls]
    assert {answer.status_code for answer in answers} == {200}
    listing = client.get(reverse("sample:order", args=[sample.pk]), {"export": "csv"})
    sent = b"".join(listing.streaming_content).decode()
    return sent + "".join(answer.content.decode() for answer in answers)


def shown(client: Client, survey_round: SurveyRound) -> set[str]:
    """The stages whose seed is on a page."""
    text = pages(client, survey_round)
    return {draw.stage for draw in Draw.objects.filter(round=survey_round) if draw.seed in text}


def closed(survey_round: SurveyRound) -> SurveyRound:
    open_round(round=survey_round)
    close_round(round=survey_round)
    for draw in Draw.objects.filter(round=survey_round):
        close_draw(draw=draw)
    return survey_round


def drawn_list(folder: Any) -> Draw:
    """The draw of a transaction list."""
    for code in ("01", "48", "79"):
        make_unit("province", code, f"Tỉnh {code}", unit_type="tỉnh", valid_from=MERGER)
    survey_round = make_round()
    keep_list(survey_round, folder)
    draw = draft_draw(round=survey_round, stage="dossier", design=make_design().document())
    check_draw(draw=draw)
    commit_draw(draw=draw, public_source=SOURCE, public_value_due=tomorrow())
    with later():
        return carry_out_draw(draw=draw, public_value="45021")


@pytest.mark.parametrize("role", ["sees", "makes"])
def test_no_page_names_a_seed_before_the_draws_are_closed(sign_in: Any, role: str):
    survey_round = walk(framed_round())
    assert shown(sign_in(*ROLES[role]), survey_round) == set()


@pytest.mark.parametrize("role", ROLES)
def test_seeds_of_places_are_shown_once_their_draws_are_closed_that_of_persons_never(sign_in: Any, role: str):
    survey_round = closed(walk(framed_round()))
    assert shown(sign_in(*ROLES[role]), survey_round) == {"commune", "village"}


def test_an_auditor_sees_the_seeds_of_places_at_once(sign_in: Any):
    assert shown(sign_in(*AUDIT), walk(framed_round())) == {"commune", "village"}


@pytest.mark.parametrize("role", ROLES)
def test_the_seed_of_a_list_is_on_no_page(sign_in: Any, settings: Any, role: str):
    draw = drawn_list(settings.FRAME_ROOT)
    text = pages(sign_in(*ROLES[role]), draw.round, ("dossier",))
    assert draw.fingerprint in text
    assert draw.seed not in text


def test_the_seed_of_a_rehearsal_is_shown_to_those_who_rehearse(sign_in: Any):
    survey_round = make_sample().round
    Sample.objects.update(seed="a-seed-of-ones-own")
    url = reverse("surveyround:inspect", args=[survey_round.pk])
    client = sign_in(*SEE)
    assert "a-seed-of-ones-own" not in client.get(url).content.decode()
    user = client.get(url).wsgi_request.user
    user.user_permissions.add(Permission.objects.get(codename="draw_sample"))
    assert "a-seed-of-ones-own" in client.get(url).content.decode()


def test_the_audit_log_names_no_seed():
    survey_round = closed(walk(framed_round()))
    seeds = {draw.seed for draw in Draw.objects.filter(round=survey_round)}
    details = str(list(ModelLogEntry.objects.values_list("data", flat=True)))
    assert "commitment_sha256" in details
    assert not any(seed in details for seed in seeds)


def test_the_audit_log_names_no_seed_of_a_rehearsal():
    sample = make_sample()
    entries = ModelLogEntry.objects.filter(object_id=str(sample.pk), action__startswith="sampling.draw")
    assert entries.exists()
    assert not any("seed" in entry.data for entry in entries)

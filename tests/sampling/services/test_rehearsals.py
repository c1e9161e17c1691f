"""Rehearsals: whoever chooses the seed knows the sample, so a real round is never one."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sampling.models import Sample, SurveyRound
from sampling.services import (
    DrawRefusedError,
    RoundStateError,
    abandon_draw,
    draw_area_stages,
    draw_sample,
    open_round,
)
from tests.sampling.draws import committed, framed_round, issued, send_registers, send_villages, walk
from tests.sampling.makers import load, make_sample, register, village_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Any):
    settings.FRAME_ROOT = tmp_path / "frames"


@pytest.fixture
def in_production(settings: Any) -> None:
    settings.REHEARSALS_ALLOWED = False


def rehearsable(**changes: Any) -> SurveyRound:
    survey_round = framed_round(**changes)
    load(survey_round, "village", village_rows())
    return survey_round


@pytest.mark.usefixtures("in_production")
def test_a_real_round_is_not_rehearsed():
    survey_round = rehearsable()
    with pytest.raises(DrawRefusedError):
        draw_sample(round=survey_round, seed="mine", registers=register)
    with pytest.raises(DrawRefusedError):
        draw_area_stages(round=survey_round, seed="mine")
    assert not Sample.objects.exists()


def test_a_rehearsed_round_does_not_open_in_production(settings: Any):
    survey_round = make_sample().round
    settings.REHEARSALS_ALLOWED = False
    with pytest.raises(RoundStateError):
        open_round(round=survey_round)
    settings.REHEARSALS_ALLOWED = True
    assert open_round(round=survey_round).status == "open"


@pytest.mark.usefixtures("in_production")
def test_a_demonstration_is_rehearsed_and_opened():
    assert open_round(round=make_sample(is_demo=True).round).status == "open"


@pytest.mark.usefixtures("in_production")
def test_a_demonstration_cannot_become_real_before_it_opens():
    survey_round = make_sample(is_demo=True).round
    survey_round.is_demo = False
    survey_round.save()
    with pytest.raises(RoundStateError):
        open_round(round=survey_round)


@pytest.mark.usefixtures("in_production")
def test_a_round_drawn_with_commitments_opens():
    assert open_round(round=walk(framed_round())).status == "open"


@pytest.mark.parametrize("is_demo", [True, False])
def test_after_a_commitment_no_seed_of_ones_own_is_taken(*, is_demo: bool):
    survey_round = rehearsable(is_demo=is_demo)
    abandon_draw(draw=committed(survey_round), reason="Đổi nguồn công khai")
    with pytest.raises(DrawRefusedError):
        draw_sample(round=survey_round, seed="mine", registers=register)


def test_every_stage_needs_an_issued_draw_once_one_was_committed():
    survey_round = framed_round()
    issued(survey_round)
    send_villages(survey_round)
    issued(survey_round, "village")
    send_registers(survey_round)
    Sample.objects.update(fingerprint="0" * 64)
    with pytest.raises(RoundStateError, match="người"):
        open_round(round=SurveyRound.objects.get())


def test_an_abandoned_commitment_does_not_open_a_rehearsed_round():
    survey_round = make_sample().round
    survey_round.draws.create(
        stage="commune",
        design={},
        commitment_digest="0" * 64,
        status="abandoned",
        abandoned_reason="x",
    )
    with pytest.raises(RoundStateError):
        open_round(round=SurveyRound.objects.get(pk=survey_round.pk))


@pytest.fixture
def drawer(client: Client, django_user_model: Any) -> Client:
    user = django_user_model.objects.create_user("user", password="x")
    rights = ("access_admin", "view_surveyround", "change_surveyround", "draw_sample")
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(user)
    return client


def rehearse(client: Client, survey_round: SurveyRound) -> Any:
    file = SimpleUploadedFile("registers.csv", b"village,number,sex\nx,1,nam\n")
    url = reverse("surveyround:draw", args=[survey_round.pk])
    return client.post(url, {"seed": "mine", "registers": file})


@pytest.mark.usefixtures("in_production")
def test_the_form_names_no_village_of_a_real_round(drawer: Client):
    survey_round = rehearsable()
    url = reverse("surveyround:draw", args=[survey_round.pk])
    assert url not in drawer.get(reverse("surveyround:inspect", args=[survey_round.pk])).content.decode()
    answer = rehearse(drawer, survey_round)
    assert answer.context["form"].non_field_errors()
    assert "problems" not in answer.context


def test_the_form_names_no_village_of_a_committed_round(drawer: Client):
    survey_round = rehearsable()
    abandon_draw(draw=committed(survey_round), reason="x")
    url = reverse("surveyround:draw", args=[survey_round.pk])
    assert url not in drawer.get(reverse("surveyround:inspect", args=[survey_round.pk])).content.decode()
    answer = rehearse(drawer, survey_round)
    assert answer.context["form"].non_field_errors()
    assert "problems" not in answer.context

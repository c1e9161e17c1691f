from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sampling.models import Draw, ListSubmission, SurveyRound
from sampling.sealing import seed_of
from sampling.services.household_contacts import FOLDER
from tests.sampling.draws import codes, drawn, issued, send_villages
from tests.sampling.households import household_round

pytestmark = pytest.mark.django_db

RIGHTS = ("access_admin", "view_surveyround", "view_sample", "view_draw", "commit_draw")
HEADER = "village,number,group,position,head,address"


@pytest.fixture(autouse=True)
def own_frames(settings: Any, tmp_path: Any):
    settings.FRAME_ROOT = tmp_path / "frames"


@pytest.fixture
def statistician(client: Client, django_user_model: Any) -> Client:
    user = django_user_model.objects.create_user("statistician")
    user.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS))
    client.force_login(user)
    return client


def awaiting_round() -> SurveyRound:
    survey_round = household_round()
    issued(survey_round)
    send_villages(survey_round)
    issued(survey_round, "village")
    return survey_round


def url(survey_round: SurveyRound, page: str = "lists") -> str:
    return reverse(f"surveyround:{page}", args=[survey_round.pk, "household"])


def upload(client: Client, survey_round: SurveyRound, *rows: str) -> Any:
    file = SimpleUploadedFile("ho.csv", "\n".join((HEADER, *rows)).encode())
    return client.post(url(survey_round), {"registers": file})


def test_lists_of_households_are_awaited_and_taken_in(statistician: Client):
    survey_round = awaiting_round()
    village = codes(survey_round, "village")[0]
    assert village in statistician.get(url(survey_round)).content.decode()
    shown = upload(statistician, survey_round, f"{village},1,A,1,Nguyễn Văn An,Số 1", f"{village},2,A,2,,")
    assert not ListSubmission.objects.filter(stage="household").exists()
    statistician.post(url(survey_round), {"token": shown.context["token"]})
    submission = ListSubmission.objects.get(round=survey_round, stage="household")
    assert (submission.unit_code, submission.n_units) == (village, 2)
    [file] = (Path(configured.FRAME_ROOT) / survey_round.code / FOLDER).iterdir()
    assert "Nguyễn".encode() not in file.read_bytes()


def test_wrong_cells_and_undrawn_villages_are_named(statistician: Client):
    survey_round = awaiting_round()
    village = codes(survey_round, "village")[0]
    wrong = upload(statistician, survey_round, f"{village},1,A,x,,")
    assert "position" in wrong.content.decode()
    refused = upload(statistician, survey_round, "nowhere,1,A,1,,")
    assert "nowhere" in refused.content.decode()
    assert not ListSubmission.objects.filter(stage="household").exists()


def test_page_of_the_stage_shows_no_seed(statistician: Client):
    survey_round = awaiting_round()
    for village in codes(survey_round, "village"):
        shown = upload(statistician, survey_round, *(f"{village},{n},A,{n},," for n in range(1, 9)))
        statistician.post(url(survey_round), {"token": shown.context["token"]})
    drawn(survey_round, "household")
    draw = Draw.objects.get(round=survey_round, stage="household")
    shown = statistician.get(url(survey_round, "stage")).content.decode()
    assert draw.fingerprint in shown
    assert seed_of(draw) not in shown

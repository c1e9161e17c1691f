"""Importing a transaction list in the admin."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from wagtail.users.models import UserProfile

from sampling.models import FrameImport, SamplingFrame, SurveyRound
from sampling.models.imports import ImportStatus
from sampling.services import start_import
from sampling.viewsets.imports import percent_of
from tests.sampling.lists import row, rows, write_csv
from tests.sampling.makers import REFERENCE_DATE, make_round, make_units

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def survey_round(settings: Any, tmp_path: Path) -> Iterator[SurveyRound]:
    settings.FRAME_ROOT = tmp_path / "frames"
    make_units()
    with translation.override("en"):
        yield make_round()


@pytest.fixture
def admin_client(admin_client: Client, admin_user: Any) -> Client:
    UserProfile.objects.update_or_create(user=admin_user, defaults={"preferred_language": "en"})
    return admin_client


def url(name: str, survey_round: SurveyRound, *args: Any) -> str:
    return reverse(f"surveyround:{name}", args=[survey_round.pk, *args])


def upload(client: Client, survey_round: SurveyRound, folder: Path, lines: Any = None, **fields: Any) -> Any:
    content = write_csv(folder / "u.csv", lines or rows(3)).read_bytes()
    values = {
        "lists": [SimpleUploadedFile("list.csv", content)],
        "source": "Cổng dịch vụ công",
        "reference_date": "31/12/2026",
    }
    return client.post(url("import_start", survey_round), values | fields, follow=True)


def test_round_leads_to_the_upload(admin_client: Client, survey_round: SurveyRound) -> None:
    page = admin_client.get(url("inspect", survey_round)).content.decode()
    assert url("import_start", survey_round) in page
    assert admin_client.get(url("import_start", survey_round)).status_code == 200


def test_a_list_is_uploaded_checked_and_confirmed(
    admin_client: Client, survey_round: SurveyRound, tmp_path: Path
) -> None:
    page = upload(admin_client, survey_round, tmp_path)
    frame_import = FrameImport.objects.get()
    assert frame_import.status == ImportStatus.CHECKED
    assert "<progress" in page.content.decode()
    assert page.headers.get("Refresh") is None
    done = admin_client.post(url("import_step", survey_round, frame_import.pk, "confirm"), follow=True)
    assert "The list is the frame now" in done.content.decode()
    assert SamplingFrame.objects.get().n_units == 3


def test_problems_are_shown_by_row_and_downloaded(
    admin_client: Client, survey_round: SurveyRound, tmp_path: Path
) -> None:
    page = upload(admin_client, survey_round, tmp_path, [*rows(2), row(id="x", settled_on="31/02/2026")])
    text = page.content.decode()
    assert "31/02/2026" in text
    assert "Make this list the frame" not in text
    report = admin_client.get(url("import_report", survey_round, FrameImport.objects.get().pk))
    assert "list.csv,4,settled_on" in report.content.decode()
    assert "attachment" in report.headers["Content-Disposition"]


def test_a_file_that_is_no_list_is_told(
    admin_client: Client, survey_round: SurveyRound, tmp_path: Path
) -> None:
    files = [SimpleUploadedFile("list.pdf", b"%PDF")]
    assert "list.pdf" in upload(admin_client, survey_round, tmp_path, lists=files).content.decode()


def test_columns_may_be_named(admin_client: Client, survey_round: SurveyRound, tmp_path: Path) -> None:
    wrong = upload(admin_client, survey_round, tmp_path, columns="id")
    assert "Expected lines such as" in wrong.content.decode()
    upload(admin_client, survey_round, tmp_path, columns="id=id\r\nfield=Field\r\n")
    assert FrameImport.objects.get().options["columns"] == {"id": "id", "field": "Field"}


def test_agencies_may_be_limited(admin_client: Client, survey_round: SurveyRound, tmp_path: Path) -> None:
    agencies = SimpleUploadedFile("agencies.csv", "code,name\nH80.02,Sở\n".encode())
    page = upload(admin_client, survey_round, tmp_path, agencies=agencies)
    assert "an agency of the list of agencies" in page.content.decode()
    nothing = SimpleUploadedFile("agencies.csv", b"a,b\n1,2\n")
    page = upload(admin_client, survey_round, tmp_path, agencies=nothing)
    assert "Expected a table with the columns code and name" in page.content.decode()


def test_the_page_looks_again_while_somebody_works(
    admin_client: Client, survey_round: SurveyRound, tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "a.csv", rows(2))
    frame_import = start_import(round=survey_round, source="x", reference_date=REFERENCE_DATE, files=[file])
    page = admin_client.get(url("import", survey_round, frame_import.pk))
    assert page.headers["Refresh"] == "2"
    cancelled = admin_client.post(url("import_step", survey_round, frame_import.pk, "cancel"), follow=True)
    assert "nothing was kept" in cancelled.content.decode()


def test_an_interrupted_import_is_started_again(
    admin_client: Client, survey_round: SurveyRound, tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "a.csv", rows(2))
    frame_import = start_import(round=survey_round, source="x", reference_date=REFERENCE_DATE, files=[file])
    FrameImport.objects.update(status=ImportStatus.RUNNING)
    page = admin_client.get(url("import", survey_round, frame_import.pk))
    assert "interrupted" in page.content.decode()
    assert "Refresh" not in page.headers
    admin_client.post(url("import_step", survey_round, frame_import.pk, "check"))
    frame_import.refresh_from_db()
    assert frame_import.status == ImportStatus.CHECKED


@pytest.mark.parametrize(
    ("report", "done", "percent"),
    [
        ({}, 0, 0),
        ({"step": "reading"}, 50, 25),
        ({"step": "checking"}, 100, 50),
        ({"step": "hashing"}, 100, 85),
    ],
)
def test_tells_how_far_the_work_is(report: dict[str, str], done: int, percent: int) -> None:
    assert percent_of(FrameImport(n_bytes=100, n_bytes_done=done, report=report)) == percent


def test_an_import_belongs_to_its_round(
    admin_client: Client, survey_round: SurveyRound, tmp_path: Path
) -> None:
    file = write_csv(tmp_path / "a.csv", rows(2))
    frame_import = start_import(round=survey_round, source="x", reference_date=REFERENCE_DATE, files=[file])
    other = make_round(code="other", template=survey_round.template)
    assert admin_client.get(url("import", other, frame_import.pk)).status_code == 404

"""Recordings as browsers fetch them."""

from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from questionnaires.media import keep, path_of
from questionnaires.models import Questionnaire, Recording
from questionnaires.selectors.recordings import reference_of
from questionnaires.services import freeze_version, import_form
from survey_site.core.roles import ensure_roles
from tests.questionnaires.rounds import make_user, small_document
from tests.questionnaires.sounds import mp3, record, wav

pytestmark = pytest.mark.django_db

SEX = "question:SEX/text"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.RECORDING_ROOT = tmp_path / "recordings"


def recorded() -> tuple[Questionnaire, str]:
    """A draft with a recording, and the address of that."""
    questionnaire = import_form(small_document())
    [recording] = record(questionnaire, SEX)
    return questionnaire, f"/am-thanh/{recording.digest}.{recording.extension}"


def published() -> str:
    questionnaire, url = recorded()
    freeze_version(questionnaire=questionnaire)
    return url


def fetch(url: str, **headers: str) -> HttpResponse:
    return Client().get(url, headers=headers)


def test_a_published_recording_is_public_and_kept_for_good():
    response = fetch(published(), accept_encoding="gzip")
    assert response.content == wav(tone=1)
    assert response["Content-Type"] == "audio/wav"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Accept-Ranges"] == "bytes"
    assert "Content-Encoding" not in response.headers
    assert "Cookie" not in response.headers.get("Vary", "")
    assert not response.cookies


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [("bytes=0-1", 0, 2), ("bytes=10-", 10, 4044), ("bytes=-4", 4040, 4044), ("bytes=4000-9999", 4000, 4044)],
)
def test_a_part_is_sent_where_a_part_is_asked_for(wanted: str, start: int, stop: int):
    whole = wav(tone=1)
    response = fetch(published(), range=wanted, accept_encoding="gzip")
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {start}-{stop - 1}/{len(whole)}"
    assert response.content == whole[start:stop]


@pytest.mark.parametrize(
    "wanted", ["bytes=0-1,4-5", "bytes=5-2", "bytes=-", "lines=0-1", "bytes=a-b", f"bytes=0-{'9' * 5000}"]
)
def test_a_part_that_is_not_understood_gets_the_whole(wanted: str):
    response = fetch(published(), range=wanted)
    assert response.status_code == 200
    assert response.content == wav(tone=1)


@pytest.mark.parametrize("wanted", ["bytes=4044-", "bytes=99999-100000", "bytes=-0"])
def test_a_part_behind_the_end_is_refused(wanted: str):
    response = fetch(published(), range=wanted)
    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */4044"


def test_a_part_of_another_file_gets_the_whole_and_a_known_one_is_not_sent_again():
    url = published()
    tag = fetch(url)["ETag"]
    assert fetch(url, range="bytes=0-1", if_range='"other"').status_code == 200
    assert fetch(url, range="bytes=0-1", if_range=tag).status_code == 206
    known = fetch(url, if_none_match=tag)
    assert (known.status_code, known.content) == (304, b"")


def test_a_recording_of_a_draft_is_heard_by_authors_only():
    _questionnaire, url = recorded()
    assert fetch(url).status_code == 404
    client = Client()
    for role, status in (("editor", 200), ("statistician", 200), ("supervisor", 404), ("enumerator", 404)):
        user = make_user(f"a-{role}")
        user.groups.add(ensure_roles()[role])
        client.force_login(user)
        response = client.get(url)
        assert response.status_code == status, role
        if status == 200:
            assert response["Cache-Control"].startswith("private")


def test_files_that_nothing_refers_to_are_not_sent():
    questionnaire, url = recorded()
    freeze_version(questionnaire=questionnaire)
    left = keep(mp3(), "mp3")
    assert fetch(f"/am-thanh/{left.file_name}").status_code == 404
    assert fetch(url.replace(".wav", ".mp3")).status_code == 404
    assert fetch(f"/am-thanh/{'0' * 64}.exe").status_code == 404
    assert fetch("/am-thanh/../../settings.py").status_code == 404


def test_a_published_recording_is_still_heard_after_the_draft_lost_it():
    url = published()
    [recording] = Recording.objects.all()
    reference = reference_of(recording)
    recording.delete()
    assert fetch(url).status_code == 200
    path_of(reference).unlink()
    assert fetch(url).status_code == 404

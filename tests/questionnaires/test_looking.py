"""Pictures as browsers fetch them, and as the editor sends them."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from questionnaires.media import files
from questionnaires.services import freeze_version, import_form
from survey_site.core.roles import ensure_roles
from tests.questionnaires.pictures import first_question, photo, picture, pictured_document, stored
from tests.questionnaires.rounds import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.RECORDING_ROOT = tmp_path / "recordings"


def signed_in(role: str) -> Client:
    user = make_user(f"a-{role}")
    user.groups.add(ensure_roles()[role])
    client = Client()
    client.force_login(user)
    return client


def published() -> str:
    document = pictured_document()
    freeze_version(questionnaire=import_form(document))
    return f"/hinh/{first_question(document)['picture']['vi']}"


def send(client: Client, content: bytes) -> Any:
    file = SimpleUploadedFile("../../evil.php", content)
    with translation.override("en"):
        return client.post(reverse("questionnaires_picture"), {"picture": file})


def test_a_published_picture_is_public_and_kept_for_good(client: Client):
    url = published()
    response = client.get(url)
    assert response.content.startswith(b"RIFF")
    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies
    known = client.get(url, headers={"if-none-match": response["ETag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_a_picture_of_a_draft_is_seen_by_authors_only():
    url = f"/hinh/{stored()}"
    assert Client().get(url).status_code == 404
    assert signed_in("enumerator").get(url).status_code == 404
    response = signed_in("editor").get(url)
    assert response.status_code == 200
    assert response["Cache-Control"].startswith("private")


@pytest.mark.parametrize(
    "name", [f"{'0' * 64}-4x4.webp", f"{'0' * 64}-4x4.svg", "x.webp", "..%2fsettings.py"]
)
def test_what_is_not_stored_is_not_sent(client: Client, name: str):
    assert client.get(f"/hinh/{name}").status_code == 404
    assert signed_in("editor").get(f"/hinh/{name}").status_code == 404


def test_a_picture_that_a_version_shows_may_be_lost_without_a_fault(client: Client):
    url = published()
    for file in files():
        file.unlink()
    assert client.get(url).status_code == 404


def test_the_editor_sends_a_file_and_is_told_its_name_and_weight():
    answer = send(signed_in("editor"), picture((64, 48))).json()
    assert answer["name"].endswith("-64x48.webp")
    assert answer["words"] == "1 KB. Hãy lưu bản nháp để giữ hình."
    assert [file.name for file in files()] == [answer["name"]]
    assert "tải chậm khi đường truyền yếu" in send(signed_in("methodologist"), photo()).json()["words"]


def test_what_is_no_picture_is_refused_in_words_and_not_kept():
    response = send(signed_in("editor"), b"<script>alert(1)</script>")
    assert response.status_code == 422
    assert response.json()["error"].startswith("Cần một hình (JPEG, PNG hoặc WebP)")
    assert signed_in("methodologist").post(reverse("questionnaires_picture")).status_code == 422
    assert not list(files())


@pytest.mark.parametrize("role", ["statistician", "enumerator", "clerk"])
def test_who_writes_no_drafts_sends_no_pictures(role: str):
    assert send(signed_in(role), picture()).status_code in {302, 403}
    assert not list(files())

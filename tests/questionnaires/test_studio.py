"""The recording studio in the admin."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import clear_url_caches, reverse
from django.utils import translation
from wagtail.models import ModelLogEntry

from questionnaires.models import Questionnaire, Recording
from questionnaires.services import import_form
from survey_site.core.roles import ensure_roles
from tests.questionnaires.rounds import make_user, small_document, text
from tests.questionnaires.sounds import archive, mp3, record, wav

pytestmark = pytest.mark.django_db

SEX = "question:SEX/text"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> Any:
    settings.RECORDING_ROOT = tmp_path / "recordings"
    settings.WAGTAILADMIN_PERMITTED_LANGUAGES = [("en", "English")]
    settings.LANGUAGE_CODE = "en"
    clear_url_caches()
    yield
    clear_url_caches()


@pytest.fixture
def editor() -> Client:
    user = make_user("editor")
    user.groups.add(ensure_roles()["editor"])
    client = Client()
    client.force_login(user)
    with translation.override("en"):
        yield client


def drafted(**changes: Any) -> Questionnaire:
    return import_form(small_document(**changes))


def url_of(questionnaire: Questionnaire, name: str = "_language", language: str = "vi") -> str:
    return reverse(f"questionnaires_studio{name}", args=[questionnaire.pk, *([language] if name else [])])


def line(client: Client, url: str, key: str = SEX) -> str:
    """The part of the page that is about one text."""
    page = client.get(url).content.decode()
    return next(part for part in page.split('<li id="text-')[1:] if f"<code>{key}</code>" in part)


def shown(client: Client, url: str, key: str = SEX) -> str:
    return re.search(r'name="shown" value="([^"]+)"', line(client, url, key))[1]


def send(client: Client, url: str, content: bytes | None = None, **values: str) -> str:
    """Send what the page shows with a file; return what the next page says."""
    data: dict[str, Any] = {"shown": shown(client, url)} | values
    if content is not None:
        data["sound"] = SimpleUploadedFile("../../evil.php", content)
    return said(client, client.post(url, data))


def said(client: Client, response: Any) -> str:
    assert response.status_code == 302
    return client.get(response.url).content.decode()


def test_the_languages_are_listed_with_their_progress_in_words_and_as_a_bar(editor: Client):
    questionnaire = drafted()
    record(questionnaire, SEX, language="mtq")
    page = editor.get(url_of(questionnaire, "")).content.decode()
    assert "Tiếng Mường" in page
    assert "1 of 30 texts recorded (3%)." in page
    assert '<progress class="studio-bar" value="1" max="30"' in page
    chosen = editor.get(url_of(questionnaire, ""), {"language": "km"})
    assert chosen.url == url_of(questionnaire, language="km")


def test_a_file_is_saved_under_its_hash_whatever_it_is_called(editor: Client):
    questionnaire = drafted()
    assert "was saved" in send(editor, url_of(questionnaire), mp3())
    [recording] = Recording.objects.all()
    assert (recording.key, recording.extension, recording.spoken_text) == (SEX, "mp3", "Giới tính")
    assert recording.source == Recording.Source.UPLOAD
    assert recording.recorded_by.get_username() == "editor"
    assert f"/am-thanh/{recording.digest}.mp3" in line(editor, url_of(questionnaire))
    assert (
        ModelLogEntry.objects.filter(action="questionnaires.record", user=recording.recorded_by).count() == 1
    )


def test_what_was_recorded_in_the_page_is_called_so(editor: Client):
    questionnaire = drafted()
    send(editor, url_of(questionnaire), wav(), is_recorded_here="1")
    assert Recording.objects.get().source == Recording.Source.STUDIO


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"<script>", "Expected a recording"), (b"", "file is empty"), (None, "Choose a file")],
)
def test_a_file_that_is_no_recording_is_refused_kindly(editor: Client, content: bytes | None, words: str):
    questionnaire = drafted()
    assert words in send(editor, url_of(questionnaire), content)
    assert not Recording.objects.exists()


def test_a_recording_made_by_somebody_else_meanwhile_stays(editor: Client):
    questionnaire = drafted()
    url = url_of(questionnaire)
    before = shown(editor, url)
    record(questionnaire, SEX)
    [theirs] = Recording.objects.all()
    response = editor.post(url, {"shown": before, "sound": SimpleUploadedFile("x", mp3())})
    assert "were changed meanwhile" in said(editor, response)
    assert Recording.objects.get().digest == theirs.digest


def test_a_text_changed_while_it_was_recorded_makes_the_recording_out_of_date(editor: Client):
    questionnaire = drafted()
    url = url_of(questionnaire)
    before = shown(editor, url)
    sections = small_document()["sections"]
    sections[0]["questions"][0]["text"] = text("Ông hay Bà?")
    drafted(sections=sections)
    editor.post(url, {"shown": before, "sound": SimpleUploadedFile("x", mp3())})
    found = line(editor, url)
    assert "out of date" in found
    assert "<del>Giới tính</del>" in found
    assert "heard again" in send(editor, url, action="confirm")
    assert "out of date" not in line(editor, url)
    assert "was removed" in send(editor, url, action="remove")
    assert not Recording.objects.exists()


def test_what_is_not_ours_changes_nothing(editor: Client):
    questionnaire = drafted()
    english, vietnamese = url_of(questionnaire, language="en"), url_of(questionnaire)
    for value in ("", "x", shown(editor, english)):
        response = editor.post(vietnamese, {"shown": value, "sound": SimpleUploadedFile("x", mp3())})
        assert "too old" in said(editor, response)
    assert not Recording.objects.exists()


def test_only_texts_in_one_state_are_shown_on_demand(editor: Client):
    questionnaire = drafted()
    record(questionnaire, SEX)
    page = editor.get(url_of(questionnaire), {"state": "done"}).content.decode()
    assert page.count('<li id="text-') == 1
    assert SEX in page


def send_archive(client: Client, questionnaire: Questionnaire, content: bytes, seen: str = "") -> Any:
    page = client.get(url_of(questionnaire)).content.decode()
    seen = seen or re.search(r'name="seen" value="([^"]+)"', page)[1]
    file = SimpleUploadedFile("x.zip", content)
    return client.post(url_of(questionnaire, "_archive"), {"archive": file, "seen": seen})


def test_an_archive_is_taken_whole_or_its_faults_are_listed(editor: Client):
    questionnaire = drafted()
    good = {"question~SEX~text.mp3": mp3(), "question~USED~text.mp3": mp3(20)}
    response = send_archive(editor, questionnaire, archive({**good, "<b>.mp3": b"x"}))
    assert response.status_code == 422
    assert "&lt;b&gt;.mp3" in response.content.decode()
    assert not Recording.objects.exists()
    assert "2 recordings were saved" in said(editor, send_archive(editor, questionnaire, archive(good)))
    assert Recording.objects.count() == 2


def test_an_archive_does_not_overwrite_what_was_recorded_meanwhile(editor: Client):
    questionnaire = drafted()
    page = editor.get(url_of(questionnaire)).content.decode()
    before = re.search(r'name="seen" value="([^"]+)"', page)[1]
    record(questionnaire, SEX)
    response = send_archive(editor, questionnaire, archive({"question~SEX~text.mp3": mp3()}), before)
    assert "were changed meanwhile" in said(editor, response)
    assert "too old" in said(editor, send_archive(editor, questionnaire, b"x", "forged"))
    assert "Choose the archive" in said(editor, editor.post(url_of(questionnaire, "_archive"), {}))


def test_the_script_has_every_text_with_the_name_of_its_file(editor: Client):
    response = editor.get(url_of(drafted(), "_script", "mtq"))
    script = response.content.decode("utf-8-sig")
    assert response["Content-Disposition"] == 'attachment; filename="small-mtq.txt"'
    note = "(in Vietnamese, to be put into the language aloud)"
    assert f"[question~SEX~text]  (not recorded yet)\r\n{note}\r\nGiới tính" in script
    assert script.count("[") == 30


def test_pages_of_the_studio_let_recordings_be_played_before_they_are_sent(editor: Client):
    policy = editor.get(url_of(drafted()))["Content-Security-Policy"]
    assert "media-src 'self' blob:" in policy


def test_a_language_that_does_not_exist_has_no_page(editor: Client):
    assert editor.get(url_of(drafted(), language="xx")).status_code == 404


def test_the_listing_of_drafts_leads_to_the_studio(editor: Client):
    questionnaire = drafted()
    page = editor.get(reverse("wagtailsnippets_questionnaires_questionnaire:list")).content.decode()
    assert url_of(questionnaire, "") in page

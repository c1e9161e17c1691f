"""The pages that take forms over, send them out and translate them."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from wagtail.models import ModelLogEntry

from questionnaires.models import Questionnaire, QuestionnaireTranslation
from questionnaires.services import freeze_version, import_form, stored_translations, xlsform_of
from tests.questionnaires.rounds import make_user, small_document

pytestmark = pytest.mark.django_db

ACCESS = "wagtailadmin.access_admin"
VIEW = "questionnaires.view_questionnaire"
ADD = "questionnaires.add_questionnaire"
EDIT = "questionnaires.change_questionnaire"
SEX = "question:SEX/text"


def sign_in(client: Client, *permissions: str) -> None:
    client.force_login(make_user("staff", ACCESS, *permissions))


def upload(content: bytes, name: str = "form.xlsx") -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile(name, content)}


def begun(language: str = "tyz") -> tuple[Questionnaire, str]:
    questionnaire = import_form(small_document())
    return questionnaire, reverse("questionnaires_translation", args=[questionnaire.pk, language])


def test_a_form_is_taken_over_and_logged(client: Client):
    sign_in(client, ADD, EDIT)
    answer = client.post(reverse("questionnaires_import"), upload(xlsform_of(small_document())))
    draft = Questionnaire.objects.get()
    assert answer.status_code == 302
    assert f"/{draft.pk}/" in answer["Location"]
    assert ModelLogEntry.objects.filter(action="questionnaires.import").count() == 1


def test_problems_of_a_form_are_shown_with_their_cells_and_nothing_is_saved(client: Client):
    sign_in(client, ADD)
    book = openpyxl.Workbook()
    book.active.title = "survey"
    for row in (("type", "name", "label"), ("geopoint", "Q1", "x")):
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    page = client.post(reverse("questionnaires_import"), upload(target.getvalue())).content.decode()
    assert "<code>survey!A2</code>" in page
    assert "geopoint" in page
    assert not Questionnaire.objects.exists()


def test_replacing_a_draft_needs_a_tick_and_the_right_to_change(client: Client):
    import_form(small_document())
    content, url = xlsform_of(small_document()), reverse("questionnaires_import")
    sign_in(client, ADD)
    assert client.post(url, upload(content)).status_code == 200
    assert client.post(url, upload(content) | {"may_replace": "on"}).status_code == 200
    assert Questionnaire.objects.get().revisions.count() == 1
    client.force_login(make_user("editor", ACCESS, ADD, EDIT))
    assert client.post(url, upload(content) | {"may_replace": "on"}).status_code == 302
    assert Questionnaire.objects.get().revisions.count() == 2


@pytest.mark.parametrize(("file_format", "start"), [("xlsform", b"PK"), ("json", b"{")])
def test_drafts_and_versions_are_downloads(client: Client, file_format: str, start: bytes):
    questionnaire = import_form(small_document())
    version = freeze_version(questionnaire=questionnaire)
    sign_in(client, VIEW, "questionnaires.view_questionnaireversion")
    draft = client.get(reverse("questionnaires_export", args=[questionnaire.pk, file_format]))
    frozen = client.get(reverse("questionnaires_export_version", args=[version.pk, file_format]))
    assert draft.content.startswith(start)
    assert frozen.content.startswith(start)
    assert "small-v1" in frozen["Content-Disposition"]


def test_a_draft_without_questions_says_why_it_cannot_be_exported(client: Client):
    questionnaire = import_form(small_document(sections=[]))
    sign_in(client, VIEW)
    answer = client.get(reverse("questionnaires_export", args=[questionnaire.pk, "xlsform"]))
    assert answer.status_code == 409
    assert 'id="problems"' in answer.content.decode()


def test_unknown_formats_and_languages_are_not_found(client: Client):
    questionnaire, _url = begun()
    sign_in(client, VIEW, EDIT)
    assert client.get(reverse("questionnaires_export", args=[questionnaire.pk, "docx"])).status_code == 404
    assert client.get(reverse("questionnaires_translation", args=[questionnaire.pk, "vi"])).status_code == 404


def test_a_language_is_begun_and_its_completeness_listed(client: Client):
    questionnaire, _url = begun()
    sign_in(client, VIEW, EDIT)
    url = reverse("questionnaires_translations", args=[questionnaire.pk])
    assert client.post(url, {"language": "tyz"}).status_code == 302
    page = client.get(url).content.decode()
    assert "Tiếng Tày" in page
    assert QuestionnaireTranslation.objects.get().language == "tyz"


def test_texts_are_saved_from_the_page_and_logged(client: Client):
    questionnaire, url = begun()
    sign_in(client, EDIT)
    page = client.get(url)
    answer = client.post(url, {"seen": page.context["seen"], SEX: "Po mè"})
    assert answer.status_code == 302
    assert stored_translations(questionnaire)["tyz"][SEX].text == "Po mè"
    entry = ModelLogEntry.objects.get(action="questionnaires.translate")
    assert entry.data == {"language": "tyz", "texts": 1}


def test_a_page_opened_before_somebody_else_saved_does_not_overwrite(client: Client):
    questionnaire, url = begun()
    sign_in(client, EDIT)
    first, second = (client.get(url).context["seen"] for _ in range(2))
    client.post(url, {"seen": first, SEX: "Po mè"})
    page = client.post(url, {"seen": second, SEX: "Khác"})
    assert page.status_code == 200
    assert "Khác" in page.content.decode()
    assert stored_translations(questionnaire)["tyz"][SEX].text == "Po mè"


def test_forged_signatures_save_nothing(client: Client):
    questionnaire, url = begun()
    sign_in(client, EDIT)
    client.post(url, {"seen": "forged", SEX: "Po mè"})
    workbook_url = reverse("questionnaires_translation_workbook", args=[questionnaire.pk, "tyz"])
    client.post(workbook_url, {"changes": "forged", "take": SEX})
    assert not any(stored_translations(questionnaire).get("tyz", {}))


def test_a_workbook_shows_its_differences_before_they_count(client: Client):
    questionnaire, _url = begun()
    sign_in(client, EDIT)
    url = reverse("questionnaires_translation_workbook", args=[questionnaire.pk, "tyz"])
    book = openpyxl.load_workbook(io.BytesIO(client.get(url).content))
    rows = {row[0].value: row for row in book["tyz"].iter_rows()}
    rows[SEX][3].value = "Po mè"
    target = io.BytesIO()
    book.save(target)
    page = client.post(url, upload(target.getvalue()))
    assert "Po mè" in page.content.decode()
    assert not stored_translations(questionnaire).get("tyz")
    client.post(url, {"changes": page.context["changes"], "take": SEX})
    assert stored_translations(questionnaire)["tyz"][SEX].text == "Po mè"


def test_pages_need_their_rights(client: Client):
    questionnaire, url = begun()
    sign_in(client, VIEW)
    assert client.get(reverse("questionnaires_translations", args=[questionnaire.pk])).status_code == 200
    closed = [url, reverse("questionnaires_import")]
    assert {client.get(address).status_code for address in closed} <= {302, 403}
    assert client.post(url, {"seen": "", SEX: "x"}).status_code in {302, 403}
    assert not QuestionnaireTranslation.objects.exists()

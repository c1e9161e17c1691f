"""The preview beside the editor shows what citizens would see, unsaved changes included."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from questionnaires.models import Questionnaire
from questionnaires.services import import_form
from tests.questionnaires.rounds import make_user, small_document

pytestmark = pytest.mark.django_db

RIGHTS = ("wagtailadmin.access_admin", "questionnaires.change_questionnaire")


def preview_url(questionnaire: Questionnaire) -> str:
    return reverse("wagtailsnippets_questionnaires_questionnaire:preview_on_edit", args=[questionnaire.pk])


def author(client: Client) -> Client:
    client.force_login(make_user("author", *RIGHTS))
    return client


def page(client: Client, questionnaire: Questionnaire, **query: str) -> str:
    return client.get(preview_url(questionnaire), query).content.decode()


def test_each_page_of_a_draft_is_shown_in_both_languages(client: Client) -> None:
    questionnaire = import_form(small_document())
    author(client)
    assert "Tiêu chí 2" in page(client, questionnaire, mode="B")
    assert "Trước khi trả lời" in page(client, questionnaire, mode="_consent")
    assert "Thông tin chung" in page(client, questionnaire, mode="_review")
    assert '<html lang="en">' in page(client, questionnaire, mode="B", wording="en")
    assert '<html lang="en">' in page(client, questionnaire, mode="A")


def test_section_behind_a_condition_is_shown_with_a_note(client: Client) -> None:
    questionnaire = import_form(small_document())
    author(client)
    shown = page(client, questionnaire, mode="C", wording="en")
    assert "Tiêu chí riêng" in shown
    assert "This section comes only where its condition holds." in shown


def test_unknown_page_gives_the_first_section(client: Client) -> None:
    questionnaire = import_form(small_document())
    assert "Giới tính" in page(author(client), questionnaire, mode="GONE")


def test_preview_sends_nothing_and_may_stand_in_a_frame_of_the_admin(client: Client) -> None:
    questionnaire = import_form(small_document())
    response = author(client).get(preview_url(questionnaire), {"mode": "A"})
    assert "form-action 'none'" in response.content.decode()
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"


def form_data(client: Client, questionnaire: Questionnaire) -> dict[str, Any]:
    """What the editor would send for a draft as it is."""
    url = reverse("wagtailsnippets_questionnaires_questionnaire:edit", args=[questionnaire.pk])
    form = client.get(url).context["form"]
    plain = {name: form[name].value() for name in form.fields if not hasattr(form.fields[name], "block")}
    streams = {f"{name}-count": "0" for name in form.fields if hasattr(form.fields[name], "block")}
    return {name: value for name, value in plain.items() if value not in (None, False)} | streams


def test_unsaved_section_is_shown_and_nothing_is_saved(client: Client) -> None:
    questionnaire = import_form(small_document(sections=[], rules=[]))
    author(client)
    section = {"code": "NEW", "title_vi": "Mới thêm", "questions-count": "1", "rules-count": "0"}
    question = {
        "code": "N1",
        "kind": "yes_no",
        "text_vi": "Câu chưa lưu",
        "options-count": "0",
        "picture-further-count": "0",
    }
    sent = form_data(client, questionnaire) | {
        "sections-count": "1",
        "sections-0-type": "section",
        "sections-0-order": "0",
        "sections-0-deleted": "",
        "sections-0-id": "",
        **{f"sections-0-value-{name}": value for name, value in section.items()},
        "sections-0-value-questions-0-order": "0",
        "sections-0-value-questions-0-deleted": "",
        "sections-0-value-questions-0-id": "",
        **{f"sections-0-value-questions-0-value-{name}": value for name, value in question.items()},
    }
    assert client.post(preview_url(questionnaire), sent).json() == {"is_valid": True, "is_available": True}
    assert "Câu chưa lưu" in page(client, questionnaire)
    assert not Questionnaire.objects.get().sections


def test_draft_that_cannot_be_read_says_what_to_repair(client: Client) -> None:
    questionnaire = import_form(small_document(sections=[]))
    response = author(client).get(preview_url(questionnaire))
    assert response.status_code == 200
    assert 'class="card"' in response.content.decode()


def test_finding_leads_to_its_block_in_the_editor(client: Client) -> None:
    broken = small_document()
    broken["sections"][2]["visible_when"] = {"question": "NOWHERE", "equals": 1}
    questionnaire = import_form(broken)
    block = questionnaire.get_latest_revision_as_object().sections[2]
    assert f"#block-{block.id}-section" in page(author(client), questionnaire, mode="A")

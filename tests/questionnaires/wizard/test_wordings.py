"""Questions in a language of the version: chosen on the page, each text saying which it is in."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from questionnaires.exchange.translations import Translation
from questionnaires.models import Questionnaire, Response
from questionnaires.schema import RULE, AnswerError, Kind, LocalizedText, Question
from questionnaires.services import (
    assign_version_to_round,
    freeze_version,
    import_form,
    issue_codes,
    save_translations,
)
from questionnaires.wizard.messages import message_for
from sampling.models import Case
from tests.questionnaires.rounds import make_cases, make_round, make_village, small_document
from tests.questionnaires.sounds import record

pytestmark = pytest.mark.django_db

TEXTS = {
    "question:SEX/text": Translation("Po rụ mè", "Giới tính"),
    "question:SEX/option:1": Translation("Po", "Nam"),
    "consent/title": Translation("Cón tẻ tóp", "Trước khi trả lời"),
}


def case_in_tay() -> Case:
    questionnaire: Questionnaire = import_form(small_document())
    save_translations(questionnaire=questionnaire, language="tyz", texts=TEXTS)
    survey_round = make_round()
    assign_version_to_round(round=survey_round, version=freeze_version(questionnaire=questionnaire))
    return make_cases(make_village(survey_round))[0]


def enter(client: Client) -> str:
    case = case_in_tay()
    code = issue_codes(cases=[case])[case.pk]
    client.post(reverse("questionnaires:enter_code"), {"code": code})
    return reverse("questionnaires:consent")


def on_first_section(client: Client) -> str:
    consent = enter(client)
    client.post(consent, {"use": "on"})
    return client.get(reverse("questionnaires:continue"))["Location"]


def press(client: Client, url: str, code: str, **answers: str) -> None:
    prefix = f"r{Response.objects.get().pk.hex}"
    client.post(url, {f"{prefix}-current_step": "A", "move": f"language:{code}", **answers})


def test_consent_is_told_in_the_language_chosen(client: Client):
    consent = enter(client)
    assert "Tày" in client.get(consent).content.decode()
    client.post(consent, {"move": "language:tyz"})
    page = client.get(consent).content.decode()
    assert '<span lang="tyz">Cón tẻ tóp</span>' in page


def test_texts_say_their_language_and_fall_back_question_by_question(client: Client):
    url = on_first_section(client)
    press(client, url, "tyz")
    page = client.get(url).content.decode()
    assert 'lang="tyz">Po rụ mè</span>' in page
    assert 'id="USED-text">Đã dùng dịch vụ</span>' in page
    assert '<span class="option__label" lang="tyz">Po</span>' in page


def test_on_the_english_pages_vietnamese_words_say_that_they_are(client: Client):
    url = on_first_section(client)
    press(client, f"/en{url}", "tyz")
    page = client.get(f"/en{url}").content.decode()
    assert 'id="USED-text" lang="vi">Đã dùng dịch vụ</span>' in page


def test_rule_is_told_in_the_language_of_the_questions_and_says_which_it_is():
    rule = {"message": LocalizedText.of({"vi": "Xem lại hai số này.", "tyz": "Toọc dú soong số nẩy."})}
    question = Question("AGE", Kind.NUMBER, LocalizedText.of({"vi": "Tuổi"}))
    error = AnswerError("AGE", RULE, rule)
    with translation.override("vi"):
        told = message_for(error, question, 1, "tyz")
        assert (told, told.lang) == ("Toọc dú soong số nẩy.", "tyz")
        assert message_for(error, question, 1, "vi").lang == ""
    with translation.override("en"):
        assert (message_for(error, question, 1), message_for(error, question, 1).lang) == (
            rule["message"]["vi"],
            "vi",
        )


def test_changing_the_language_keeps_what_was_answered(client: Client):
    url = on_first_section(client)
    press(client, url, "tyz", SEX="1")
    draft = Response.objects.get()
    assert draft.answers == {"SEX": 1}
    assert draft.language == "tyz"


def test_a_language_the_version_has_not_is_ignored(client: Client):
    url = on_first_section(client)
    press(client, url, "tlh")
    assert 'lang="tlh"' not in client.get(url).content.decode()


def test_the_language_of_the_site_wins_once_it_is_changed(client: Client):
    url = on_first_section(client)
    press(client, url, "tyz")
    assert "Po rụ mè" not in client.get(f"/en{url}").content.decode()


def test_the_consent_and_the_first_heading_can_be_heard_where_they_were_recorded(
    client: Client, settings: Any, tmp_path: Path
):
    settings.RECORDING_ROOT = tmp_path
    questionnaire = import_form(small_document())
    record(questionnaire, "consent/title", "section:A")
    survey_round = make_round()
    assign_version_to_round(round=survey_round, version=freeze_version(questionnaire=questionnaire))
    case = make_cases(make_village(survey_round))[0]
    client.post(reverse("questionnaires:enter_code"), {"code": issue_codes(cases=[case])[case.pk]})
    consent = client.get(reverse("questionnaires:consent")).content.decode()
    assert consent.count("<audio ") == 1
    assert consent.count('<details class="audio"><summary>') == 1
    client.post(reverse("questionnaires:consent"), {"use": "on"})
    page = client.get(reverse("questionnaires:answer", args=["A"])).content.decode()
    assert page.count("<audio ") == 1
    assert page.index("<h1") < page.index("<audio ") < page.index("<fieldset")

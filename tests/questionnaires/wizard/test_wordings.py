"""Questions in a language of the version: chosen on the page, each text saying which it is in."""

import pytest
from django.test import Client
from django.urls import reverse

from questionnaires.exchange.translations import Translation
from questionnaires.models import Questionnaire, Response
from questionnaires.services import (
    assign_version_to_round,
    freeze_version,
    import_form,
    issue_codes,
    save_translations,
)
from sampling.models import Case
from tests.questionnaires.rounds import make_cases, make_round, make_village, small_document

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

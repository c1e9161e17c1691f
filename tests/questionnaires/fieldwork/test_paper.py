import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from questionnaires.models import Response, SeparatedResponse
from questionnaires.services import find_counted
from sampling.models import Case, SurveyRound
from sampling.models.rounds import RoundStatus
from tests.questionnaires.features.catalogue import load
from tests.questionnaires.rounds import (
    form_of,
    make_cases,
    make_round,
    make_user,
    make_village,
    publish,
    publish_sipas,
)

pytestmark = pytest.mark.django_db

KEYED = {"SEX": "2", "USED": "2", "B1": "4", "B2": "0", "AGE": "52", "CHANNELS": "13", "has_consent": "on"}


def clerk(client: Client) -> None:
    client.force_login(make_user("clerk", "questionnaires.key_paper_form"))


def form(client: Client) -> tuple[Case, str]:
    survey_round = make_round()
    publish(survey_round)
    [case] = make_cases(make_village(survey_round))
    clerk(client)
    return case, f"{reverse('questionnaires:key_form')}?number={case.number}"


def test_form_is_keyed_in_with_one_key_per_item(client: Client) -> None:
    case, url = form(client)
    assert 'maxlength="1"' in client.get(url).content.decode()
    done = client.post(url, KEYED, follow=True)
    response = Response.objects.get(case=case)
    [number] = re.findall(r"BN \w{5} \w{5}", done.content.decode())
    assert find_counted(number)
    assert (response.mode, response.recorded_by.username) == ("paper", "clerk")
    assert form_of(case).answers == {"SEX": 2, "USED": 0, "B1": 4, "B2": "na", "AGE": 52, "CHANNELS": [1, 3]}


def test_errors_are_shown_at_once_and_nothing_is_lost(client: Client) -> None:
    case, url = form(client)
    page = client.post(url, KEYED | {"SEX": "7", "AGE": "7"}).content.decode()
    assert page.count("field--error") == 2
    assert 'value="7"' in page
    assert 'value="13"' in page
    assert not Response.objects.filter(case=case).exists()


def test_round_that_closes_meanwhile_keeps_what_was_keyed(client: Client) -> None:
    case, url = form(client)
    client.get(url)
    SurveyRound.objects.update(status=RoundStatus.CLOSED)
    page = client.post(url, KEYED).content.decode()
    assert 'role="alert"' in page
    assert 'name="AGE" value="52"' in page
    assert not Response.objects.filter(case=case).exists()
    assert 'name="AGE"' not in client.get(url).content.decode()
    SurveyRound.objects.update(status=RoundStatus.OPEN)
    client.post(url, KEYED)
    assert form_of(case).answers["AGE"] == 52


def test_case_of_the_round_that_takes_answers_is_keyed_before_one_of_the_past(client: Client) -> None:
    past, _url = form(client)
    SurveyRound.objects.update(status=RoundStatus.CLOSED)
    survey_round = make_round("later")
    publish(survey_round)
    [case] = make_cases(make_village(survey_round))
    Case.objects.update(number=past.number)
    client.post(f"{reverse('questionnaires:key_form')}?number={past.number}", KEYED)
    assert Response.objects.get().case == case


def test_page_names_its_round_so_that_a_like_number_of_another_round_is_not_taken(client: Client) -> None:
    case, url = form(client)
    page = client.get(url).content.decode()
    address = f"?number={case.number}&amp;round={case.sample.round.pk}"
    assert f'action="{address}"' in page
    client.post(reverse("questionnaires:key_form") + address.replace("&amp;", "&"), KEYED)
    assert form_of(case).mode == "paper"


def test_form_without_consent_is_not_taken(client: Client) -> None:
    case, url = form(client)
    keyed = {code: key for code, key in KEYED.items() if code != "has_consent"}
    assert "question--error" in client.post(url, keyed).content.decode()
    assert not Response.objects.filter(case=case).exists()


def test_second_form_of_a_case_is_refused(client: Client) -> None:
    _case, url = form(client)
    client.post(url, KEYED)
    assert client.post(url, KEYED | {"SEX": "1"}).status_code == 409
    assert SeparatedResponse.objects.get().answers["SEX"] == 2


def test_unknown_number_says_so(client: Client) -> None:
    form(client)
    page = client.get(reverse("questionnaires:key_form"), {"number": "nobody"}).content.decode()
    assert "nobody" in page
    assert "error-message" in page


def test_keying_and_printing_need_a_permission(client: Client) -> None:
    survey_round = make_round()
    version = publish(survey_round)
    urls = [reverse("questionnaires:key_form"), reverse("questionnaires:paper_form", args=[version.pk])]
    assert [client.get(url).status_code for url in urls] == [302, 302]
    client.force_login(make_user("somebody"))
    assert [client.get(url).status_code for url in urls] == [403, 403]


@pytest.mark.parametrize(("language", "words"), [("vi", "Rất hài lòng"), ("en", "Very satisfied")])
def test_paper_form_prints_every_item_with_number_and_version(
    client: Client, language: str, words: str
) -> None:
    version = publish_sipas(make_round())
    clerk(client)
    url = reverse("questionnaires:paper_form", args=[version.pk])
    page = client.get(url, {"lang": language}).content.decode()
    assert words in page
    assert version.short_digest in page
    assert "mark-provisional" in page
    items: list[Any] = [item for section in version.document["sections"] for item in section["questions"]]
    missing = [item["code"] for item in items if item["kind"] != "note" and f">{item['code']}<" not in page]
    assert missing == []


def test_whole_sipas_form_has_a_keying_page(client: Client) -> None:
    survey_round = make_round()
    publish_sipas(survey_round)
    [case] = make_cases(make_village(survey_round))
    clerk(client)
    page = client.get(reverse("questionnaires:key_form"), {"number": case.number}).content.decode()
    assert page.count("<input") > 70
    assert 'name="A-PROVINCE"' not in page


def test_keying_page_explains_a_scale_once_per_section(client: Client) -> None:
    _case, url = form(client)
    sections_with_ratings = 2
    assert client.get(url).content.decode().count("Rất kém") == sections_with_ratings


def test_keying_error_lists_the_keys_with_commas(client: Client) -> None:
    _case, url = form(client)
    assert "1, 2" in client.post(url, KEYED | {"SEX": "7"}).content.decode()


def test_paper_form_keeps_questions_together_on_a_page(client: Client) -> None:
    version = publish_sipas(make_round())
    clerk(client)
    page = client.get(reverse("questionnaires:paper_form", args=[version.pk])).content.decode()
    assert "break-inside: avoid" in page
    assert '<div class="item">' in page
    assert '<span class="nowrap">' in page


def test_paper_form_says_when_a_question_is_asked(client: Client) -> None:
    version = publish(make_round(), dict(load("condition-question").questionnaire))
    clerk(client)
    url = reverse("questionnaires:paper_form", args=[version.pk])
    page = client.get(url, {"lang": "en"}).content.decode()
    codes = [code for code in load("condition-question").schema.questions if code.visible_when]
    assert page.count("Only if ") == len(codes) > 0


def test_paper_form_is_printed_in_every_language_of_its_questions(client: Client) -> None:
    feature = load("language-fallback")
    version = publish(make_round(), dict(feature.questionnaire))
    clerk(client)
    url = reverse("questionnaires:paper_form", args=[version.pk])
    [code] = {code for item in feature.schema.questions for code in item.text} - {"vi", "en"}
    page = client.get(url, {"lang": code}).content.decode()
    words = next(item.text[code] for item in feature.schema.questions if code in item.text)
    assert f'<table class="paper" lang="{code}">' in page
    assert words in page


def test_unit_of_a_number_stands_on_paper_and_beside_its_key(client: Client) -> None:
    survey_round = make_round()
    version = publish(survey_round, dict(load("number-unit").questionnaire))
    [case] = make_cases(make_village(survey_round))
    clerk(client)
    page = client.get(reverse("questionnaires:paper_form", args=[version.pk]), {"lang": "vi"})
    assert "____ phút" in page.content.decode()
    keying = client.get(reverse("questionnaires:key_form"), {"number": case.number})
    assert "(phút)" in keying.content.decode()

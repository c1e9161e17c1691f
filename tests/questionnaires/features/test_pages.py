import html
import re
import unicodedata
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from questionnaires.models import Response, SeparatedResponse
from questionnaires.schema import Kind, from_text, path, questions_by_code, validate
from questionnaires.services import issue_codes
from sampling.models import Case
from tests.questionnaires.features.catalogue import FEATURES, Feature, examples, load, store_pictures, typed
from tests.questionnaires.rounds import make_cases, make_round, make_village, publish

pytestmark = pytest.mark.django_db


def begin(client: Client, feature: Feature) -> Case:
    survey_round = make_round()
    store_pictures()
    publish(survey_round, dict(feature.questionnaire))
    [case] = make_cases(make_village(survey_round))
    code = issue_codes(cases=[case])[case.pk]
    client.post(reverse("questionnaires:enter_code"), {"code": code})
    client.post(reverse("questionnaires:consent"), {"use": "on"})
    return case


def address(step: str) -> str:
    is_review = step == "_review"
    return reverse("questionnaires:review") if is_review else reverse("questionnaires:answer", args=[step])


def send(client: Client, step: str, fields: dict[str, Any]) -> Any:
    prefix = f"r{Response.objects.get().pk.hex}"
    return client.post(address(step), {f"{prefix}-current_step": step, "move": "next", **fields})


def hidden_fields(page: str) -> dict[str, str]:
    """Return what the page sends along by itself, as a browser without scripts does."""
    inputs = re.findall(r'<input type="hidden" name="(reminded|rules)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in inputs}


def fields_of(feature: Feature, section: str, answers: dict[str, Any]) -> dict[str, Any]:
    asked = [question for question in feature.schema.section(section).questions if question.code in answers]
    return {
        name: value for question in asked for name, value in typed(question, answers[question.code]).items()
    }


def press_through(client: Client, section: str, fields: dict[str, Any]) -> tuple[Any, str]:
    """Send a page as often as it reminds; return the last response and everything that was shown."""
    shown = client.get(address(section)).content.decode()
    response = send(client, section, fields)
    for _press in range(2):
        if response.status_code == 200:
            page = response.content.decode()
            shown += page
            response = send(client, section, fields | hidden_fields(page))
    return response, shown


def slow_after_the_first(cases: list[tuple[str, int]]) -> list[Any]:
    """Leave further examples of one questionnaire to the long run."""
    marks = {0: ()}
    return [pytest.param(name, n, marks=marks.get(n, pytest.mark.slow)) for name, n in cases]


@pytest.mark.parametrize(("name", "number"), slow_after_the_first(examples("good")))
def test_answers_go_from_the_first_page_to_the_receipt(client: Client, name: str, number: int) -> None:
    feature = load(name)
    answers = feature.good[number]["answers"]
    case = begin(client, feature)
    way = path(feature.schema, answers, feature.attributes)
    shown = ""
    for section in way.sections:
        response, page = press_through(client, section, fields_of(feature, section, answers))
        assert response.status_code == 302, section
        shown += page
    shown += client.get(address("_review")).content.decode()
    assert send(client, "_review", {}).headers["Location"] == reverse("questionnaires:receipt")
    case.refresh_from_db()
    assert case.has_answered
    response = SeparatedResponse.objects.get()
    assert response.answers == {code: answers[code] for code in way.questions if code in answers}
    for text in feature.good[number].get("shown", ()):
        assert text in shown


@pytest.mark.parametrize("name", FEATURES)
def test_page_draws_one_labelled_card_per_question(client: Client, name: str) -> None:
    feature = load(name)
    begin(client, feature)
    section = feature.schema.sections[0]
    page = client.get(address(section.code)).content.decode()
    asked = [question for question in section.questions if question.kind is not Kind.NOTE]
    assert page.count("<fieldset") == len(asked)
    fields = set(re.findall(r'<(?:input|select|textarea)(?! type="hidden")[^>]* id="([^"]+)"', page))
    labelled = set(re.findall(r'<label for="([^"]+)"', page)) | set(
        re.findall(r'<label class="option[^>]*><input [^>]*id="([^"]+)"', page)
    )
    named = set(re.findall(r'id="([^"]+)"[^>]* aria-labelledby', page))
    assert fields
    assert fields <= labelled | named
    assert len(re.findall(r' id="', page)) == len(set(re.findall(r' id="([^"]+)"', page)))


@pytest.mark.parametrize(("name", "count"), [("likert-required", 1), ("likert-item", 0)])
def test_page_says_beforehand_what_needs_an_answer(client: Client, name: str, count: int) -> None:
    feature = load(name)
    begin(client, feature)
    with translation.override("en"):
        page = client.get(address(feature.schema.sections[0].code)).content.decode()
    assert page.count("needs an answer") == count


NAUGHTY = (
    unicodedata.normalize("NFD", "Thủ tục đất đai"),
    "<script>alert('x')</script>{{ 7|add:7 }}",
    "'; DROP TABLE x; --\x00\u202e",
    "ᨀᨁ ភាសាខ្មែរ\u200b \U0001f468\u200d\U0001f469",
    "-1e999",
    "x" * 100_000,
)


def fields_on(page: str) -> set[str]:
    named = re.findall(r'<(?:input|select|textarea)(?! type="hidden")[^>]* name="([^"]+)"', page)
    return set(map(html.unescape, named))


def texts_in(answer: Any) -> list[str]:
    parts = answer if isinstance(answer, list) else [answer]
    return [part for part in parts if isinstance(part, str)]


@pytest.mark.parametrize("language", ["vi", pytest.param("en", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", FEATURES)
def test_naughty_words_in_every_field_are_composed_or_refused_kindly(
    client: Client, name: str, language: str
) -> None:
    feature = load(name)
    begin(client, feature)
    section = feature.schema.sections[0].code
    with translation.override(language):
        names = fields_on(client.get(address(section)).content.decode())
        assert names
        for words in NAUGHTY:
            response = send(client, section, dict.fromkeys(names, words))
            assert response.status_code in {200, 302}
            if response.status_code == 200:
                page = response.content.decode()
                assert "error-summary" in page
                assert "<script>alert" not in page
    kept = [text for answer in Response.objects.get().answers.values() for text in texts_in(answer)]
    assert all(unicodedata.is_normalized("NFC", text) and "\x00" not in text for text in kept)


def as_sent(feature: Feature, answers: dict[str, Any]) -> dict[str, Any]:
    """Return what the fields of a page make of answers: texts are typed again, parts stay parts."""
    read = {}
    for code, answer in answers.items():
        question = feature.schema.question(code)
        if isinstance(answer, list) or question.kind is Kind.MULTIPLE:
            values = answer if isinstance(answer, list) else [answer]
            read[code] = [from_text(question, str(value)) for value in values]
        else:
            read[code] = answer if isinstance(answer, dict) else from_text(question, str(answer))
    return read


def can_be_sent(name: str, number: int) -> bool:
    """Tell whether a bad answer is still one after a browser has sent it: a page sends nothing but texts."""
    feature, example = load(name), load(name).bad[number]
    question = questions_by_code(feature.schema).get(example["question"])
    if question is None or question.kind is Kind.NOTE:
        return False
    sent = as_sent(feature, example["answers"])
    is_list = isinstance(sent.get(question.code), list)
    if is_list and question.kind is not Kind.MULTIPLE:
        return False
    found = validate(feature.schema, sent, feature.attributes, complete=True)
    return any(error.question == question.code for error in found.errors)


@pytest.mark.parametrize(
    ("name", "number"), slow_after_the_first([case for case in examples("bad") if can_be_sent(*case)])
)
def test_what_is_refused_stays_on_the_page_with_a_message(client: Client, name: str, number: int) -> None:
    feature, example = load(name), load(name).bad[number]
    answers, question = example["answers"], example["question"]
    begin(client, feature)
    for section in feature.schema.sections:
        fields = fields_of(feature, section.code, answers)
        response = send(client, section.code, fields)
        if any(asked.code == question for asked in section.questions):
            break
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count(f'id="{question}-error"') == 1
    assert f'href="#{question}' in page
    assert send(client, section.code, fields | {"reminded": section.code}).status_code == 200

"""Cards drawn from patterns: for every questionnaire of one feature, what the template draws anew."""

from typing import Any

import pytest
from django.utils import translation

from questionnaires.schema import Kind, Questionnaire, parse
from questionnaires.wizard import drawing
from questionnaires.wizard.cards import Telling, card_of, raw_of
from questionnaires.wizard.drawing import draw, is_fixed
from questionnaires.wizard.forms import SectionForm
from tests.questionnaires.features.catalogue import FEATURES, Feature, load

PAIRS = [("vi", "vi"), ("en", "en"), ("vi", "en")]
"""Languages of the questions and of the site around them."""


def form_of(schema: Questionnaire, section: str, answers: dict[str, Any], **attributes: Any) -> SectionForm:
    part = schema.section(section)
    return SectionForm(schema=schema, section=part, answers=answers, attributes=attributes)


def drawn_anew(form: SectionForm, language: str) -> str:
    """Draw the cards as if none had a pattern."""
    told = Telling(form.schema, form.answers, form.attributes, language)
    numbers = form.numbers
    cards = (card_of(item, numbers.get(item.code, 0), raw_of(form, item), told) for item in form.visible)
    return "\n".join(drawing.from_template(card, len(numbers)) for card in cards)


def choice(code: str, text: str, **further: Any) -> dict[str, Any]:
    options = [{"value": value, "label": {"vi": label}} for value, label in (("a", "Một"), ("b", "Hai"))]
    return {"code": code, "kind": "single", "text": {"vi": text}, "options": options} | further


def parsed(*questions: dict[str, Any]) -> Questionnaire:
    section = {"code": "S", "title": {"vi": "Phần"}, "questions": list(questions)}
    return parse(
        {"schema": 1, "code": "x", "title": {"vi": "Phiếu"}, "languages": ["vi"], "sections": [section]}
    )


@pytest.mark.parametrize(("words", "site"), PAIRS)
@pytest.mark.parametrize("name", FEATURES)
def test_pattern_gives_the_card_of_the_template(name: str, words: str, site: str):
    feature: Feature = load(name)
    schema = feature.schema
    given = [dict(example["answers"]) for example in feature.good]
    with translation.override(site):
        for answers in ({}, *given):
            for section in schema.sections:
                form = form_of(schema, section.code, answers, **feature.attributes)
                assert draw(form, words).markup == drawn_anew(form, words)


def test_only_what_is_chosen_is_marked():
    schema = parsed(choice("Q1", "Chọn gì?"), choice("Q2", "Chọn nữa?", kind="multiple"))
    page = draw(form_of(schema, "S", {"Q1": "b", "Q2": ["a", "b"]}), "vi").markup
    marked = [tag.rpartition("<input ")[2] for tag in page.split(" checked>")[:-1]]
    assert [tag.split('id="')[1] for tag in marked] == [
        'Q1-2" value="b"',
        'Q2-1" value="a"',
        'Q2-2" value="b"',
    ]
    assert drawing.PLACE not in page


def test_marks_of_one_respondent_do_not_stay_for_the_next():
    schema = parsed(choice("Q1", "Chọn gì?"))
    assert " checked>" in draw(form_of(schema, "S", {"Q1": "a"}), "vi").markup
    assert " checked>" not in draw(form_of(schema, "S", {}), "vi").markup


def test_earlier_answers_in_the_words_are_those_of_the_respondent():
    schema = parsed({"code": "Q1", "kind": "text", "text": {"vi": "Việc gì?"}}, choice("Q2", "Về {{Q1}}?"))
    pages = [draw(form_of(schema, "S", {"Q1": matter}), "vi").markup for matter in ("đất đai", "hộ tịch")]
    assert "Về đất đai?" in pages[0]
    assert "Về hộ tịch?" in pages[1]
    assert "đất đai" not in pages[1]
    assert not is_fixed(schema.question("Q2"))


def test_card_with_a_finding_is_drawn_for_the_respondent_only():
    schema = parsed(choice("Q1", "Chọn gì?", is_required=True))
    form = form_of(schema, "S", {})
    form.recheck()
    found = draw(form, "vi")
    assert "question--error" in found.markup
    assert [card.code for card in found.faulty] == ["Q1"]
    clean = draw(form_of(schema, "S", {}), "vi")
    assert "question--error" not in clean.markup
    assert not clean.faulty


def test_two_versions_do_not_share_their_cards():
    before, after = parsed(choice("Q1", "Trước?")), parsed(choice("Q1", "Sau?"))
    assert "Trước?" in draw(form_of(before, "S", {}), "vi").markup
    assert "Sau?" in draw(form_of(after, "S", {}), "vi").markup


def test_texts_of_the_author_are_escaped_in_patterns():
    schema = parsed(choice("Q1", 'Chọn <b>gì</b> & " checked>?'))
    page = draw(form_of(schema, "S", {}), "vi").markup
    assert "Chọn &lt;b&gt;gì&lt;/b&gt; &amp; &quot; checked&gt;?" in page


@pytest.mark.parametrize(
    ("kind", "expected"), [(Kind.SINGLE, True), (Kind.MULTIPLE, True), (Kind.RANKING, False)]
)
def test_what_is_only_chosen_from_has_a_pattern(kind: Kind, *, expected: bool):
    schema = parsed(choice("Q1", "Chọn gì?", kind=kind.value))
    assert is_fixed(schema.question("Q1")) is expected

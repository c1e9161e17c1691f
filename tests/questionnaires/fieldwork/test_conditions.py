from collections.abc import Iterator

import pytest
from django.utils import translation

from questionnaires.fieldwork.conditions import ANSWERED, JOINS, OPERATORS, in_words
from questionnaires.fieldwork.paper import PaperItem, paper_sections
from questionnaires.schema import Condition, Questionnaire, parse
from questionnaires.schema.conditions import COMBINATIONS, COMPARISONS
from tests.questionnaires.features.catalogue import FEATURES, load

QUESTIONS = [
    {"code": "Q1", "kind": "yes_no", "text": {"vi": "Đã nộp?", "en": "Filed?"}, "allows_no_answer": True},
    {"code": "Q2", "kind": "number", "text": {"vi": "Mấy lần?", "en": "How often?"}},
    {
        "code": "Q3",
        "kind": "multiple",
        "text": {"vi": "Kênh nào?", "en": "Which?"},
        "options": [
            {"value": 1, "label": {"vi": "Một cửa", "en": "Counter"}},
            {"value": 2, "label": {"vi": "Cổng", "en": "Portal"}},
        ],
    },
    {"code": "Q4", "kind": "date", "text": {"vi": "Ngày nào?", "en": "Which day?"}},
]


def form(condition: dict) -> Questionnaire:
    """Return a form whose last question is asked under a condition."""
    asked = {"code": "Q9", "kind": "note", "text": {"vi": "Hết", "en": "End"}, "visible_when": condition}
    section = {"code": "A", "title": {"vi": "Mở đầu", "en": "Start"}, "questions": [*QUESTIONS, asked]}
    return parse(
        {
            "schema": 1,
            "code": "x",
            "title": {"vi": "Phiếu", "en": "Form"},
            "languages": ["vi", "en"],
            "attributes": [{"code": "area", "label": {"vi": "khu vực", "en": "area"}}],
            "sections": [section],
        }
    )


def told(condition: dict, language: str = "en") -> str:
    schema = form(condition)
    read = schema.question("Q9").visible_when
    assert read is not None
    with translation.override(language):
        return in_words(read, schema, language)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"question": "Q1", "equals": 1}, "Q1 is “Yes”"),
        ({"question": "Q1", "equals": "no_answer"}, "Q1 is “Prefer not to say”"),
        ({"question": "Q1", "answered": False}, "Q1 is not answered"),
        ({"question": "Q2", "greater": 2}, "Q2 is more than 2"),
        ({"question": "Q2", "less": {"question": "Q3"}}, "Q2 is less than Q3"),
        ({"question": "Q3", "any_of": [1, 2]}, "Q3 holds “Counter” or “Portal”"),
        ({"question": "Q3", "all_of": [1, 2]}, "Q3 holds “Counter” and “Portal”"),
        ({"question": "Q3", "count_at_least": 2}, "at least 2 are chosen in Q3"),
        ({"question": "Q4", "before": "2026-09-02"}, "Q4 is before 02/09/2026"),
        ({"attribute": "area", "equals": "rural"}, "area is “rural”"),
        ({"not": {"question": "Q1", "equals": 1}}, "not (Q1 is “Yes”)"),
    ],
)
def test_condition_is_told_in_words(condition: dict, words: str) -> None:
    assert told(condition) == words


def test_nested_conditions_keep_their_brackets() -> None:
    inner = {"any": [{"question": "Q2", "less": 1}, {"question": "Q2", "greater": 5}]}
    condition = {"all": [{"question": "Q1", "equals": 1}, inner]}
    assert told(condition) == "Q1 is “Yes” and (Q2 is less than 1 or Q2 is more than 5)"


def test_lists_of_options_keep_their_brackets_among_others() -> None:
    condition = {"all": [{"question": "Q3", "any_of": [1, 2]}, {"question": "Q2", "greater": 1}]}
    assert told(condition) == "(Q3 holds “Counter” or “Portal”) and Q2 is more than 1"


def test_answers_stand_in_the_language_of_the_form() -> None:
    assert "“Có”" in told({"question": "Q1", "equals": 1}, "vi")


def test_every_operator_has_words() -> None:
    assert {*OPERATORS, "answered"} == COMPARISONS.keys()
    assert JOINS.keys() == COMBINATIONS.keys()
    assert ANSWERED.keys() == {True, False}


def conditions() -> Iterator[tuple[str, Questionnaire, Condition]]:
    for name in FEATURES:
        schema = load(name).schema
        for part in (*schema.sections, *schema.questions):
            if part.visible_when is not None:
                yield name, schema, part.visible_when


def test_conditions_of_all_features_are_told() -> None:
    found = [(name, in_words(condition, schema, "vi")) for name, schema, condition in conditions()]
    assert len({name for name, _words in found}) > 20
    assert [name for name, words in found if not words or "%(" in words] == []


def printed(condition: dict, attributes: dict | None = None) -> list[PaperItem]:
    [section] = paper_sections(form(condition), "en", attributes)
    return [item for block in section.blocks for item in block.items if item.question.code == "Q9"]


def test_question_for_some_of_the_sample_stands_on_the_blank_form() -> None:
    condition = {"attribute": "area", "equals": "rural"}
    [item] = printed(condition)
    assert item.when == "area is “rural”"
    assert printed(condition, {"area": "urban"}) == []
    assert printed(condition, {"area": "rural"})


def test_blank_form_tells_nothing_where_it_decides_itself() -> None:
    [item] = printed({"not": {"attribute": "area", "answered": True}})
    assert item.when == ""
    assert printed({"attribute": "area", "answered": True}) == []

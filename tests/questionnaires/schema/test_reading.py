from typing import Any

import pytest

from questionnaires.schema import Kind, SchemaError, parse
from tests.questionnaires.schema.makers import document, with_question


def problems(broken: Any):
    with pytest.raises(SchemaError) as caught:
        parse(broken)
    return {(problem.path, problem.expected, problem.got) for problem in caught.value.problems}


def test_reads_the_smallest_document():
    form = parse(document())
    assert (form.code, form.question("Q1").kind, form.section("A").title["vi"]) == ("x", Kind.SINGLE, "Phần")


def test_question_takes_the_options_of_its_scale():
    scale = {"code": "s", "options": [{"value": value, "label": {"vi": "Mức"}} for value in (1, 2, 3)]}
    changed = with_question(scale="s") | {"scales": [scale]}
    del changed["sections"][0]["questions"][0]["options"]
    assert [option.value for option in parse(changed).question("Q1").options] == [1, 2, 3]


def test_yes_no_has_options_of_its_own():
    changed = with_question(kind="yes_no")
    del changed["sections"][0]["questions"][0]["options"]
    assert [option.value for option in parse(changed).question("Q1").options] == [1, 0]


@pytest.mark.parametrize(
    ("changes", "path", "expected"),
    [
        ({"kind": "slider"}, "$.sections[0].questions[0].kind", "likert, single"),
        ({"text": "Câu hỏi"}, "$.sections[0].questions[0].text", "an object"),
        ({"text": {"vi": 3}}, "$.sections[0].questions[0].text.vi", "a text"),
        ({"text": {"Tiếng Việt": "a"}}, "$.sections[0].questions[0].text", "language codes"),
        ({"code": "1 câu"}, "$.sections[0].questions[0].code", "a code such as"),
        ({"is_required": 1}, "$.sections[0].questions[0].is_required", "true or false"),
        ({"max_length": True}, "$.sections[0].questions[0].max_length", "a whole number"),
        ({"minimum": "18"}, "$.sections[0].questions[0].minimum", "a number"),
        ({"shows": [1]}, "$.sections[0].questions[0].shows[0]", "a text"),
        ({"scale": "none"}, "$.sections[0].questions[0].scale", "a scale of this"),
        ({"kind": "text"}, "$.sections[0].questions[0].kind", "a kind with options"),
        ({"options": [{"label": {}}]}, "$.sections[0].questions[0].options[0].value", "a whole number"),
        (
            {"options": [{"value": True, "label": {}}]},
            "$.sections[0].questions[0].options[0].value",
            "a whole",
        ),
        (
            {"options": [{"value": "na", "label": {}}]},
            "$.sections[0].questions[0].options[0].value",
            "a code of",
        ),
        ({"compulsory": True}, "$.sections[0].questions[0].compulsory", "no such key"),
        ({"visible_when": {"question": "Q1"}}, "$.sections[0].questions[0].visible_when", "one of question"),
        ({"visible_when": {"all": []}}, "$.sections[0].questions[0].visible_when.all", "at least one"),
        (
            {"visible_when": {"not": {"question": "Q1", "in": 1}}},
            "$.sections[0].questions[0].visible_when.not.in",
            "a list of values",
        ),
        (
            {"visible_when": {"any": [{"attribute": "a", "greater": "1"}]}},
            "$.sections[0].questions[0].visible_when.any[0].greater",
            "a number",
        ),
        (
            {"visible_when": {"question": "Q1", "answered": 1}},
            "$.sections[0].questions[0].visible_when.answered",
            "true or false",
        ),
    ],
)
def test_error_names_the_place_and_what_was_expected(changes: dict[str, Any], path: str, expected: str):
    assert any(
        place == path and expected in wanted for place, wanted, _ in problems(with_question(**changes))
    )


def test_all_problems_are_reported_at_once():
    broken = with_question(kind="slider", is_required="yes") | {"languages": "vi"}
    assert len(problems(broken)) == 3


def test_missing_key_is_reported_as_nothing():
    broken = document()
    del broken["title"]
    assert ("$.title", "an object", "nothing") in problems(broken)


def test_hint_names_the_key_that_was_meant():
    with pytest.raises(SchemaError, match="Did you mean “is_required”"):
        parse(with_question(is_requird=True))


@pytest.mark.parametrize("version", [0, 2, "1", True])
def test_other_versions_of_the_format_are_refused(version: object):
    assert any(path == "$.schema" for path, _, _ in problems(document(schema=version)))


@pytest.mark.parametrize("nonsense", [None, [], "x", 3])
def test_a_document_that_is_no_object_is_refused(nonsense: object):
    assert ("$", "an object") in {(path, expected) for path, expected, _ in problems(nonsense)}


def test_long_values_are_shortened_in_messages():
    shown = max(len(got) for _, _, got in problems(with_question(kind="x" * 5_000)))
    assert shown <= 60

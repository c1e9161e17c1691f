from dataclasses import replace

import pytest

from questionnaires.schema import (
    Attribute,
    Kind,
    LocalizedText,
    Question,
    fill,
    lint,
    placeholders,
    without_places,
)
from tests.questionnaires.schema.makers import options, question, questionnaire, section, text


def words(vietnamese: str, **others: str) -> LocalizedText:
    return LocalizedText.of({"vi": vietnamese, **others})


def filled(asked: Question, answer: object, template: str = "{{Q1|đó}}", language: str = "vi") -> str:
    answers = {} if answer is None else {"Q1": answer}
    return fill(words(template), questionnaire(section(asked)), answers, language)


@pytest.mark.parametrize(
    ("asked", "answer", "expected"),
    [
        (question(kind=Kind.SINGLE), 2, "Mức 2"),
        (question(kind=Kind.MULTIPLE), [1, 3], "Mức 1, Mức 3"),
        (question(kind=Kind.RANKING, options=options(1, 2)), [2, 1], "Mức 2, Mức 1"),
        (question(kind=Kind.NUMBER), 3, "3"),
        (question(kind=Kind.NUMBER), 0, "0"),
        (question(kind=Kind.NUMBER), 1.5, "1,5"),
        (question(kind=Kind.DATE), "2026-09-02", "02/09/2026"),
        (question(kind=Kind.TEXT), "một\nhai  ba", "một hai ba"),
        (question(kind=Kind.TEXT), "{{Q1}}", "{{Q1}}"),
        (question(kind=Kind.TEXT), None, "đó"),
        (question(allows_not_applicable=True), "na", "đó"),
        (question(kind=Kind.MULTIPLE), [], "đó"),
    ],
)
def test_answer_stands_in_a_text_as_people_say_it(asked: Question, answer: object, expected: str):
    assert filled(asked, answer) == expected


def test_label_stands_in_the_language_of_the_respondent():
    asked = question(kind=Kind.SINGLE)
    assert filled(asked, 2, language="en") == "Level 2"
    assert filled(asked, 2, language="km") == "Mức 2"
    assert filled(question(kind=Kind.NUMBER), 1.5, language="en") == "1.5"


def test_long_answers_are_cut():
    assert len(filled(question(kind=Kind.TEXT), "a" * 500)) == 80


def test_attribute_of_the_sample_stands_in_a_text():
    assert fill(words("{{commune}}"), questionnaire(), {}, "vi", {"commune": "xã Mẫu"}) == "xã Mẫu"


def test_readers_without_answers_see_the_words_instead():
    assert without_places(words("Về {{Q1|dịch vụ}} và {{Q2}}"), "vi") == "Về dịch vụ và …"
    assert [place.code for place in placeholders("{{ S-1.1 | x }}")] == ["S-1.1"]


def found(*second: Question, **changes: object) -> list[str]:
    first = question("Q1", Kind.SINGLE, options=options(1, 2), **changes)
    shown = questionnaire(
        section(first), section(*second, code="B"), attributes=(Attribute("commune", text()),)
    )
    return [problem.code for problem in lint(shown)]


@pytest.mark.parametrize(
    ("vietnamese", "english", "expected"),
    [
        ("{{Q1}}?", "{{Q1|this}}?", []),
        ("{{commune}}?", "{{commune}}?", []),
        ("{{Q7}}?", "{{Q7}}?", ["dangling_place"]),
        ("{{Q2}}?", "{{Q2}}?", ["later_place"]),
        ("{{Q3}}?", "{{Q3}}?", ["later_place"]),
        ("{{N}}?", "{{N}}?", ["place_without_answer"]),
        ("{{Q1}}?", "This?", ["place_not_in_language"]),
        ("{{Q1}?", "{{Q1}}?", ["stray_braces", "place_not_in_language"]),
        ("{{Q 1}}?", "x", ["stray_braces"]),
    ],
)
def test_lint_names_places_that_cannot_be_filled(vietnamese: str, english: str, expected: list[str]):
    asked = question("Q2", Kind.YES_NO, text=text(vietnamese, english))
    assert found(asked, question("Q3", Kind.YES_NO), question("N", Kind.NOTE)) == expected


def test_lint_looks_at_help_and_options_too():
    asked = question("Q2", Kind.YES_NO, help=text("{{X}}", "{{X}}"))
    assert found(asked) == ["dangling_place"]


def test_sensitive_answers_are_better_not_repeated():
    asked = question("Q2", Kind.YES_NO, text=text("{{Q1}}", "{{Q1}}"))
    assert found(asked, is_sensitive=True, allows_no_answer=True) == ["sensitive_place"]


@pytest.mark.parametrize("key", ["title", "heading", "intro"])
@pytest.mark.parametrize(
    ("vietnamese", "expected"),
    [
        ("Về {{Q1}}", []),
        ("Về {{Q2}}", ["later_place"]),
        ("Về {{Q9}}", ["dangling_place"]),
        ("Về {{Q 1}}", ["stray_braces"]),
    ],
)
def test_lint_looks_at_what_stands_above_the_questions(key: str, vietnamese: str, expected: list[str]):
    above = {"heading": text(), "intro": text(), key: text(vietnamese, vietnamese)}
    part = replace(section(question("Q2", Kind.YES_NO), code="B"), **above)
    shown = questionnaire(section(question("Q1", Kind.SINGLE)), part)
    problems = lint(shown)
    assert list(dict.fromkeys(problem.code for problem in problems)) == expected
    assert all(problem.path.startswith(f"$.sections[1].{key}") for problem in problems)


def test_a_first_section_has_no_earlier_answers_above_it():
    part = replace(section(question("Q1", Kind.SINGLE)), heading=text("{{Q1}}", "{{Q1}}"))
    assert [problem.code for problem in lint(questionnaire(part))] == ["later_place"]

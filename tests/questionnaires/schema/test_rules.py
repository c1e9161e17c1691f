from typing import Any

import pytest

from questionnaires.schema import (
    Combination,
    Comparison,
    Condition,
    Kind,
    Problem,
    Reference,
    Rule,
    RuleSeverity,
    Subject,
    compile_validator,
    lint,
    subjects,
)
from tests.questionnaires.schema.makers import question, questionnaire, section, text


def compared(code: str, operator: str, value: Any) -> Comparison:
    return Comparison(Subject.QUESTION, code, operator, value)


def answered(code: str) -> Comparison:
    return Comparison(Subject.QUESTION, code, "answered", value=True)


FEWER = compared("WORKERS", "less_or_equal", Reference(Subject.QUESTION, "ADULTS"))
HARD, SOFT = RuleSeverity.HARD, RuleSeverity.SOFT


def rule(must: Condition = FEWER, severity: RuleSeverity = HARD, code: str = "R1") -> Rule:
    return Rule(code, must, text("Xem lại", "Look again"), severity)


def household(*rules: Rule, **changes: Any) -> Any:
    adults = question("ADULTS", Kind.NUMBER, allows_no_answer=True)
    workers = question("WORKERS", Kind.NUMBER, **changes)
    return questionnaire(section(adults), section(workers, code="B", rules=rules))


def errors(form: Any, answers: dict[str, Any], section_code: str = "B") -> list[tuple[str, str]]:
    result = compile_validator(form).validate_section(section_code, answers)
    return [(error.question, error.code) for error in result.errors]


def test_hard_rule_is_reported_at_the_question_asked_last_and_keeps_both_answers():
    result = compile_validator(household(rule())).validate({"ADULTS": 2, "WORKERS": 3})
    [error] = result.errors
    assert (error.question, error.code, error.params["rule"]) == ("WORKERS", "rule", "R1")
    assert error.params["message"]["vi"] == "Xem lại"
    assert result.answers == {"ADULTS": 2, "WORKERS": 3}


@pytest.mark.parametrize(
    "answers", [{}, {"WORKERS": 3}, {"ADULTS": "no_answer", "WORKERS": 3}, {"ADULTS": 3, "WORKERS": 3}]
)
def test_rule_is_silent_where_something_is_missing_or_it_holds(answers: dict[str, Any]):
    assert errors(household(rule()), answers) == []


def test_rule_about_an_invalid_answer_is_silent():
    assert errors(household(rule(), maximum=9), {"ADULTS": 2, "WORKERS": 10}) == [("WORKERS", "too_large")]


def test_rule_about_a_question_off_the_path_is_silent():
    hidden = household(rule(), visible_when=compared("ADULTS", "greater", 5))
    assert errors(hidden, {"ADULTS": 2, "WORKERS": 3}) == []


def test_soft_rule_reminds_on_its_own_page_only():
    form = household(rule(severity=SOFT))
    answers = {"ADULTS": 2, "WORKERS": 3}
    on_page = compile_validator(form).validate_section("B", answers)
    elsewhere = compile_validator(form).validate_section("A", answers)
    assert [(found.question, found.code) for found in on_page.reminders] == [("WORKERS", "rule")]
    assert on_page.is_valid
    assert elsewhere.reminders == []


def test_rule_about_being_answered_waits_for_its_page():
    either = Combination("any", (answered("ADULTS"), answered("WORKERS")))
    form = household(rule(either))
    assert errors(form, {}, "A") == []
    assert errors(form, {}, "B") == [("WORKERS", "rule")]


def test_rule_of_the_questionnaire_is_checked_where_its_last_question_is():
    adults, workers = question("ADULTS", Kind.NUMBER), question("WORKERS", Kind.NUMBER)
    form = questionnaire(section(adults), section(workers, code="B"), rules=(rule(),))
    assert errors(form, {"ADULTS": 1, "WORKERS": 2}) == [("WORKERS", "rule")]


def found(*rules: Rule) -> list[Problem]:
    return lint(household(*rules))


@pytest.mark.parametrize(
    ("must", "expected"),
    [
        (FEWER, []),
        (compared("WORKERS", "less", Reference(Subject.QUESTION, "NOBODY")), ["dangling_question"]),
        (compared("ADULTS", "greater", 1), ["rule_elsewhere"]),
        (
            Combination("all", (compared("WORKERS", "greater", 5), compared("WORKERS", "less", 2))),
            ["impossible_rule"],
        ),
        (compared("WORKERS", "after", "2026-01-01"), ["not_a_date_question", "impossible_rule"]),
        (compared("WORKERS", "count", 2), ["not_a_list_question", "impossible_rule"]),
        (compared("WORKERS", "contains", "x"), ["not_a_text_question", "impossible_rule"]),
    ],
)
def test_lint_names_rules_that_cannot_work(must: Condition, expected: list[str]):
    assert [problem.code for problem in found(rule(must))] == expected


def test_code_names_one_rule():
    assert [problem.code for problem in found(rule(), rule())] == ["duplicate_rule"]


def test_subjects_of_a_condition_are_both_sides():
    assert [item.code for item in subjects(Combination("not", (FEWER,)))] == ["WORKERS", "ADULTS"]

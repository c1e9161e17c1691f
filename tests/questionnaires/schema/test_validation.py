import json

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from questionnaires.schema import (
    AnswerError,
    Kind,
    Option,
    Question,
    Questionnaire,
    compile_validator,
    from_text,
    keep_on_path,
    path,
    validate,
)
from tests.questionnaires.schema.makers import equals, form, options, question, questionnaire, section, text
from tests.questionnaires.schema.strategies import codes, questionnaires, raw_answers


def codes_of(found: list[AnswerError]):
    return [(error.question, error.code) for error in found]


def outcome(asked: Question, raw: object):
    """Return the clean answer or the code of the error."""
    result = validate(form(asked), {asked.code: raw})
    return result.errors[0].code if result.errors else result.answers[asked.code]


@pytest.mark.parametrize("kind", [Kind.LIKERT, Kind.SINGLE])
@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (4, 4),
        (6, "not_an_option"),
        ("4", "not_an_option"),
        (4.0, "wrong_type"),
        (True, "wrong_type"),
        ([4], "wrong_type"),
        ({"a": 1}, "wrong_type"),
        ("na", "not_allowed"),
        ("no_answer", "not_allowed"),
    ],
)
def test_one_choice(kind: Kind, raw: object, expected: object):
    assert outcome(question(kind=kind), raw) == expected


def test_special_values_where_the_author_allows_them():
    asked = question(allows_not_applicable=True)
    assert outcome(asked, "na") == "na"
    assert outcome(asked, "no_answer") == "not_allowed"


@pytest.mark.parametrize(("raw", "expected"), [(1, 1), (0, 0), (True, "wrong_type"), (2, "not_an_option")])
def test_yes_no(raw: object, expected: object):
    assert outcome(question(kind=Kind.YES_NO), raw) == expected


NONE_OF_THEM = (*options(1, 2, 3), Option(9, text(), is_exclusive=True))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ([3, 1], [1, 3]),
        ((2,), [2]),
        ([9], [9]),
        ([9, 1], "exclusive_option"),
        ([1, 1], "duplicate_option"),
        ([1, 7], "not_an_option"),
        ([1, [2]], "wrong_type"),
        ([1, "no_answer"], "exclusive_option"),
        (1, "wrong_type"),
        ("no_answer", "no_answer"),
        ("na", "not_allowed"),
    ],
)
def test_several_choices(raw: object, expected: object):
    asked = question(kind=Kind.MULTIPLE, options=NONE_OF_THEM, allows_no_answer=True)
    assert outcome(asked, raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (18, 18),
        (18.0, 18),
        (18.5, "not_an_integer"),
        (17, "too_small"),
        (121, "too_large"),
        ("18", "wrong_type"),
        (True, "wrong_type"),
        (float("nan"), "wrong_type"),
        (float("inf"), "wrong_type"),
        (10**400, "too_large"),
        ("na", "na"),
    ],
)
def test_number(raw: object, expected: object):
    asked = question(kind=Kind.NUMBER, minimum=18, maximum=120, allows_not_applicable=True)
    assert outcome(asked, raw) == expected


def test_number_with_decimals():
    assert outcome(question(kind=Kind.NUMBER, is_integer=False), 2.5) == 2.5


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("  Xa\u0303  ", "Xã"),
        ("một\r\nhai\x00", "một\nhai"),
        ("na", "na"),
        ("a" * 11, "too_long"),
        ("a" * 1_000_000, "too_long"),
        (3, "wrong_type"),
    ],
)
def test_text(raw: object, expected: object):
    assert outcome(question(kind=Kind.TEXT, max_length=10), raw) == expected


def test_note_takes_no_answer():
    assert outcome(question(kind=Kind.NOTE), "x") == "takes_no_answer"


def test_unknown_question_is_an_error():
    assert validate(form(question()), {"Q2": 1}).errors == [AnswerError("Q2", "unknown_question")]


@pytest.mark.parametrize("empty", [None, "", []])
def test_empty_answers_are_not_kept(empty: object):
    result = validate(form(question()), {"Q1": empty})
    assert (result.answers, result.errors, result.dropped) == ({}, [], [])


def test_no_rating_is_compulsory():
    result = validate(form(question()), {}, complete=True)
    assert (result.is_valid, codes_of(result.reminders)) == (True, [("Q1", "unanswered")])


def test_nothing_is_missing_before_the_end():
    result = validate(form(question(is_required=True)), {})
    assert (result.errors, result.reminders) == ([], [])


def test_required_question_is_a_hard_rule():
    result = validate(form(question(is_required=True)), {}, complete=True)
    assert codes_of(result.errors) == [("Q1", "required")]


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.NOTE])
def test_texts_and_notes_are_not_reminded_of(kind: Kind):
    assert validate(form(question(kind=kind)), {}, complete=True).reminders == []


BRANCH = questionnaire(
    section(question("Q8", Kind.YES_NO), code="A"),
    section(question("S-1"), question("S-2", is_required=True), code="S", visible_when=equals("Q8", 1)),
)


def test_answers_off_the_path_are_dropped_and_named():
    result = validate(BRANCH, {"Q8": 0, "S-1": 4}, complete=True)
    assert (result.answers, result.dropped, result.is_valid) == ({"Q8": 0}, ["S-1"], True)


def test_questions_on_the_path_are_demanded():
    result = validate(BRANCH, {"Q8": 1}, complete=True)
    assert codes_of(result.errors) == [("S-2", "required")]
    assert codes_of(result.reminders) == [("S-1", "unanswered")]


def test_section_reports_only_what_is_missing_on_its_page():
    validator = compile_validator(BRANCH)
    assert codes_of(validator.validate_section("A", {}).reminders) == [("Q8", "unanswered")]
    assert codes_of(validator.validate_section("S", {"Q8": 1}).errors) == [("S-2", "required")]
    with pytest.raises(KeyError):
        validator.validate_section("X", {})


def test_answers_come_in_the_order_asked():
    assert list(validate(BRANCH, {"S-2": 1, "S-1": 2, "Q8": 1}).answers) == ["Q8", "S-1", "S-2"]


def test_a_questionnaire_is_compiled_once():
    questionnaire = form(question())
    assert compile_validator(questionnaire) is compile_validator(questionnaire)


def test_same_code_with_other_options_has_another_validator():
    assert compile_validator(form(question())) is not compile_validator(form(question(options=options(1, 2))))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(questionnaires(), st.data())
def test_any_answers_give_a_clean_result(asked: Questionnaire, data: st.DataObject):
    known = [found.code for found in asked.questions] or ["Q"]
    assume(len(set(known)) == len(known))
    answers = data.draw(st.dictionaries(st.sampled_from(known) | codes, raw_answers, max_size=6))
    result = validate(asked, answers, complete=True)
    assert set(result.answers) <= set(path(asked, result.answers).questions)
    assert keep_on_path(asked, result.answers) == result.answers
    again = validate(asked, json.loads(json.dumps(result.answers)))
    assert (again.answers, again.errors, again.dropped) == (result.answers, [], [])


@pytest.mark.parametrize(
    ("asked", "typed", "expected"),
    [
        (question(), "4", 4),
        (question(), " 4 ", 4),
        (question(), "9", "9"),
        (question(), "", None),
        (question(allows_not_applicable=True), "na", "na"),
        (question(kind=Kind.SINGLE, options=options("male", "female")), "male", "male"),
        (question(kind=Kind.NUMBER), "41", 41),
        (question(kind=Kind.NUMBER), "2,5", 2.5),
        (question(kind=Kind.NUMBER), "hai", "hai"),
        (question(kind=Kind.TEXT), "tốt", "tốt"),
    ],
)
def test_text_from_a_form_becomes_a_typed_answer(asked: Question, typed: str, expected: object):
    assert from_text(asked, typed) == expected

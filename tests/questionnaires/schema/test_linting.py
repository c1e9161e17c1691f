import string
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from questionnaires.schema import (
    Attribute,
    Combination,
    Comparison,
    Consent,
    Kind,
    LocalizedText,
    Question,
    Questionnaire,
    Scale,
    Severity,
    Subject,
    lint,
    parse,
)
from questionnaires.schema.wording import EXPECTED, FINDINGS, HINTS
from tests.questionnaires.schema.makers import (
    document,
    equals,
    form,
    options,
    question,
    questionnaire,
    section,
    text,
    with_question,
)
from tests.questionnaires.schema.strategies import questionnaires


def found(subject: Questionnaire | dict[str, Any]):
    return {(problem.code, problem.path) for problem in lint(subject)}


def codes(subject: Questionnaire | dict[str, Any]):
    return {problem.code for problem in lint(subject)}


def test_sound_questionnaire_has_no_problem():
    assert lint(form(question("Q1"), question("Q2", Kind.YES_NO), question("Q3", Kind.TEXT))) == []


def test_document_that_cannot_be_read_gives_reading_errors():
    problem = lint(with_question(kind="slider"))[0]
    assert (problem.code, problem.path) == ("unreadable", "$.sections[0].questions[0].kind")


def test_document_is_linted_like_the_questionnaire_it_stands_for():
    assert lint(document()) == lint(parse(document()))


def test_missing_translation_is_named():
    only_vietnamese = question(text=LocalizedText.of({"vi": "Câu hỏi"}))
    problem = lint(form(only_vietnamese))[0]
    assert (problem.code, problem.path) == ("missing_language", "$.sections[0].questions[0].text")
    assert problem.params == {"language": "en"}


def test_help_may_be_absent_but_not_half_translated():
    half = question(help=LocalizedText.of({"vi": "Gợi ý"}))
    assert found(form(half)) == {("missing_language", "$.sections[0].questions[0].help")}


def test_vietnamese_cannot_be_left_out():
    assert "default_language_missing" in codes(replace(form(question()), languages=("en",)))


@pytest.mark.parametrize("promise", ["Phiếu ẩn danh", "Nặc danh"])
def test_anonymity_is_never_promised(promise: str):
    assert codes(form(question(help=text(promise)))) == {"promises_anonymity"}


def test_duplicate_codes():
    twice = questionnaire(section(question("Q1"), question("Q1")), section(question("Q2")))
    assert codes(twice) == {"duplicate_question", "duplicate_section"}


def test_codes_that_would_share_a_column():
    assert found(form(question("P-A1"), question("p.a1"))) == {
        ("variable_collision", "$.sections[0].questions[1].code")
    }


def test_options_are_there_and_differ():
    assert codes(form(question(kind=Kind.SINGLE, options=options(1)))) == {"too_few_options"}
    assert codes(form(question(kind=Kind.SINGLE, options=options(1, 2, 1)))) == {"duplicate_option"}


def test_rating_without_five_points_is_a_warning():
    problem = lint(form(question(options=options(1, 2, 3))))[0]
    assert (problem.code, problem.severity) == ("likert_not_five", Severity.WARNING)


def test_unused_scale():
    idle = replace(form(question()), scales=(Scale("idle", options(1, 2)),))
    assert codes(idle) == {"unused_scale"}


def test_required_rating_is_a_warning():
    assert codes(form(question(is_required=True))) == {"required_rating"}
    assert codes(form(question(kind=Kind.SINGLE, is_required=True))) == set()


def test_sensitive_question_needs_a_way_out():
    assert codes(form(question(is_sensitive=True))) == {"sensitive_without_way_out"}
    assert codes(form(question(is_sensitive=True, allows_no_answer=True))) == set()


def test_empty_range():
    assert codes(form(question(kind=Kind.NUMBER, minimum=2, maximum=1))) == {"empty_range"}


def test_empty_questionnaire_and_section():
    assert codes(questionnaire()) == {"no_sections"}
    assert codes(questionnaire(section())) == {"empty_section"}


@pytest.mark.parametrize(("n_cards", "expected"), [(8, set()), (9, {"long_battery"})])
def test_battery_fits_a_phone(n_cards: int, expected: set[str]):
    cards = [question(f"Q{position}") for position in range(n_cards)]
    assert codes(form(*cards)) == expected


def test_consent_is_there_and_asked():
    assert codes(replace(form(question()), consent=None)) == {"consent_missing"}
    assert codes(replace(form(question()), consent=Consent("1", text()))) == {"consent_not_required"}


def test_provisional_questionnaire_says_why():
    assert codes(replace(form(question()), is_provisional=True)) == {"provisional_without_reason"}


def test_dangling_references():
    attribute = Comparison(Subject.ATTRIBUTE, "area", "equals", "urban")
    shown = question("N", Kind.NOTE, shows=("commune",))
    part = section(question("Q1", visible_when=equals("Q9", 1)), shown, code="B", visible_when=attribute)
    assert found(questionnaire(section(question("Q0")), part)) == {
        ("dangling_question", "$.sections[1].questions[0].visible_when"),
        ("dangling_attribute", "$.sections[1].visible_when"),
        ("dangling_attribute", "$.sections[1].questions[1].shows[0]"),
    }


def test_declared_attributes_are_known():
    area = Comparison(Subject.ATTRIBUTE, "area", "not_equals", "urban")
    sound = questionnaire(section(question(), visible_when=area), attributes=(Attribute("area", text()),))
    assert lint(sound) == []


@pytest.mark.parametrize("target", ["Q1", "Q2"])
def test_condition_on_itself_or_a_later_question(target: str):
    assert "later_question" in codes(form(question("Q1", visible_when=equals(target, 1)), question("Q2")))


def test_condition_on_the_same_page_is_a_warning():
    problem = lint(form(question("Q1"), question("Q2", visible_when=equals("Q1", 1))))[0]
    assert (problem.code, problem.severity) == ("same_section_condition", Severity.WARNING)


def after(first: Question, *conditions: Comparison):
    """Return a questionnaire whose second section hangs on the first question."""
    return questionnaire(
        section(first), section(question("Z"), code="B", visible_when=Combination("all", conditions))
    )


def test_comparison_with_what_is_no_option():
    assert codes(after(question("Q1"), equals("Q1", 7))) == {"impossible_value", "unreachable_section"}


def test_contradiction_makes_a_section_unreachable():
    assert found(after(question("Q1"), equals("Q1", 1), equals("Q1", 2))) == {
        ("unreachable_section", "$.sections[1]")
    }


def test_range_of_a_number_makes_a_section_unreachable():
    adult = question("AGE", Kind.NUMBER, minimum=18)
    under = Comparison(Subject.QUESTION, "AGE", "less", 18)
    assert codes(after(adult, under)) == {"unreachable_section"}
    assert codes(after(adult, Comparison(Subject.QUESTION, "AGE", "greater", 60))) == set()


def test_what_hangs_on_an_unreachable_question_is_unreachable():
    closed = section(
        question("Q2"), code="B", visible_when=Combination("all", (equals("Q1", 1), equals("Q1", 2)))
    )
    last = section(question("Q3", visible_when=equals("Q2", 1)), code="C")
    assert found(questionnaire(section(question("Q1")), closed, last)) == {
        ("unreachable_section", "$.sections[1]"),
        ("unreachable_question", "$.sections[2].questions[0]"),
    }


def test_several_choices_can_hold_together():
    several = question("Q1", Kind.MULTIPLE)
    both = Comparison(Subject.QUESTION, "Q1", "all_of", (1, 5))
    assert lint(after(several, both)) == []


def test_texts_and_notes_in_conditions():
    assert codes(after(question("Q1", Kind.TEXT), equals("Q1", "x"))) == set()
    assert "note_has_no_answer" in codes(after(question("Q1", Kind.NOTE), equals("Q1", "x")))
    ordered = Comparison(Subject.QUESTION, "Q1", "less", 3)
    assert "not_a_number_question" in codes(after(question("Q1", Kind.TEXT), ordered))
    assert codes(after(question("Q1"), ordered)) == set()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(questionnaires())
def test_every_problem_has_a_message(form_with_faults: Questionnaire):
    assert all(problem.message for problem in lint(form_with_faults))


def test_messages_name_their_parameters_once_and_end_as_sentences():
    for code, message in [*FINDINGS.items(), *HINTS.items(), *EXPECTED.items()]:
        fields = [name for _, name, _, _ in string.Formatter().parse(message) if name]
        assert len(fields) == len(set(fields)), code
    for code, message in [*FINDINGS.items(), *HINTS.items()]:
        assert message.endswith((".", "}", "?")), code


SIGN = LocalizedText.of({"vi": "sign.png"})
NO_WORDS = LocalizedText()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"picture": SIGN, "picture_alt": text("Biển", "A sign")}, []),
        ({"picture": SIGN}, ["picture_without_words"]),
        ({"picture": SIGN, "picture_alt": LocalizedText.of({"vi": "Biển"})}, ["missing_language"]),
        ({"picture_alt": text("Biển", "A sign")}, ["words_without_picture"]),
        (
            {"picture": LocalizedText.of({"en": "sign.png"}), "picture_alt": text("Biển", "A sign")},
            ["picture_not_in_language"],
        ),
    ],
)
def test_pictures_of_questions_are_told_in_words(changes: dict[str, Any], expected: list[str]):
    problems = lint(form(question(kind=Kind.SINGLE, **changes)))
    assert [problem.code for problem in problems] == expected
    assert all(problem.path.startswith("$.sections[0].questions[0].picture") for problem in problems)


def test_a_missing_text_of_a_picture_forbids_publication_a_missing_language_of_it_does_not():
    [silent] = lint(form(question(kind=Kind.SINGLE, picture=SIGN)))
    assert silent.severity is Severity.ERROR
    english = LocalizedText.of({"en": "sign.png"})
    [foreign] = lint(form(question(kind=Kind.SINGLE, picture=english, picture_alt=text())))
    assert foreign.severity is Severity.WARNING


def test_pictures_of_options_need_words_only_in_every_language_alike():
    shown = options(1, 2)
    half = replace(shown[0], picture=SIGN, picture_alt=LocalizedText.of({"vi": "Biển"}))
    assert (
        codes(form(question(kind=Kind.SINGLE, options=(replace(shown[0], picture=SIGN), shown[1])))) == set()
    )
    assert codes(form(question(kind=Kind.SINGLE, options=(half, shown[1])))) == {"missing_language"}

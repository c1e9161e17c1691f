import re

import pytest

from questionnaires import forms
from questionnaires.schema import (
    SPECIAL_VALUES,
    Kind,
    canonical_bytes,
    codebook,
    compile_validator,
    lint,
    parse,
    path,
    to_document,
)

SIPAS = parse(forms.load("sipas-m2023"))
PLACE = {"province": "Hà Nội", "commune": "Phường Ba Đình", "village": "Tổ dân phố 1"}
CRITERIA = {
    **{
        f"P-{element}{number}": f"P-{element}"
        for element, n in (("A", 2), ("B", 2), ("C", 8), ("D", 2))
        for number in range(1, n + 1)
    },
    **{
        f"S-{element}.{number}": f"S-{element}"
        for element, n in ((1, 4), (2, 4), (3, 5), (4, 3), (5, 3))
        for number in range(1, n + 1)
    },
}


@pytest.mark.parametrize("name", forms.names())
def test_form_lints_clean(name: str):
    assert lint(forms.load(name)) == []


@pytest.mark.parametrize("name", forms.names())
def test_form_is_written_as_it_stands(name: str):
    document = forms.load(name)
    assert canonical_bytes(to_document(parse(document))) == canonical_bytes(document)


def test_unknown_form_names_those_there_are():
    with pytest.raises(LookupError, match="sipas-m2023"):
        forms.load("sipas-m1999")


def test_sipas_has_the_33_known_criteria_in_their_elements():
    ratings = {
        question.code: section.code
        for section in SIPAS.sections
        for question in section.questions
        if question.kind is Kind.LIKERT
    }
    assert ratings == CRITERIA
    assert len(ratings) == 33


def test_sipas_ratings_share_the_official_scale_and_may_be_skipped():
    ratings = [question for question in SIPAS.questions if question.kind is Kind.LIKERT]
    labels = {tuple(option.label["vi"] for option in question.options) for question in ratings}
    assert labels == {("Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng")}
    assert all(question.allows_not_applicable and not question.is_required for question in ratings)


def test_sipas_asks_nine_policies_seven_experiences_and_nine_wishes():
    codes = [question.code for question in SIPAS.questions]
    counts = {stem: sum(code.startswith(stem) for code in codes) for stem in ("Q1.", "Q8.", "Q10.")}
    assert counts == {"Q1.": 9, "Q8.": 7, "Q10.": 9}
    assert "Q10.8" not in codes


def test_sipas_is_provisional_and_says_why():
    assert SIPAS.is_provisional
    assert "33" in SIPAS.provisional_reason["vi"]
    assert "1001/QĐ-BNV" in SIPAS.source["vi"]


@pytest.mark.parametrize("code", ["A-ETHNICITY", "Q4", "Q5"])
def test_sensitive_questions_may_be_declined(code: str):
    question = SIPAS.question(code)
    assert (question.is_sensitive, question.allows_no_answer) == (True, True)


def test_known_place_is_shown_and_not_asked():
    assert "A-PLACE" in path(SIPAS, {}, PLACE).questions
    assert "A-VILLAGE" not in path(SIPAS, {}, PLACE).questions
    assert "A-VILLAGE" in path(SIPAS, {}).questions


def test_no_question_asks_for_the_district():
    words = " ".join(question.text["vi"].lower() for question in SIPAS.questions)
    assert not re.search(r"\b(huyện|quận|thị xã)\b", words)


def test_every_option_can_be_answered():
    validator = compile_validator(SIPAS)
    for question in SIPAS.questions:
        for value in (*(option.value for option in question.options), *question.special_values):
            assert validator.validate({question.code: value}, PLACE).answers == {question.code: value}


def test_special_values_are_refused_where_not_offered():
    result = compile_validator(SIPAS).validate({"A-SEX": SPECIAL_VALUES[0]}, PLACE)
    assert [error.code for error in result.errors] == ["not_allowed"]


def test_empty_sipas_interview_is_valid_and_reminds_of_every_choice():
    result = compile_validator(SIPAS).validate({}, PLACE, complete=True)
    assert result.is_valid
    assert {error.question for error in result.reminders} == {
        question.code for question in SIPAS.questions if question.options
    }


@pytest.mark.parametrize("language", ["vi", "en"])
def test_citizens_read_no_abbreviations_and_are_addressed_formally(language: str):
    shown = " ".join(
        found[language]
        for section in SIPAS.sections
        for found in (section.title, section.heading, section.intro, *(q.text for q in section.questions))
        if found
    )
    assert not re.search(r"\b(TTHC|CBCCVC|CNTT|HĐLĐ|DVHCC)\b|\bbạn\b(?! bè)|!", shown)


def test_codebook_of_sipas_has_a_column_per_question():
    variables = [row.variable for row in codebook(SIPAS, "vi")]
    assert {"P_A1", "S_5_3", "Q8_4", "A_SEX"} <= set(variables)
    assert len(variables) == len(set(variables)) == len(SIPAS.questions) - 1

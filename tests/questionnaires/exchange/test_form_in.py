"""XLSForms from elsewhere: what is taken over, and how problems name cell, cause and fix."""

from collections.abc import Sequence
from typing import Any

import pytest

from questionnaires.exchange.form_in import FormReading, read_form
from questionnaires.exchange.form_out import write_form
from questionnaires.exchange.problems import FileProblemsError
from questionnaires.exchange.sheets import Sheet
from questionnaires.schema import to_document
from tests.questionnaires.exchange.makers import SETTINGS, form, sheet
from tests.questionnaires.schema.makers import form as asked
from tests.questionnaires.schema.makers import question

CHOICES = (("muc", "1", "Kém"), ("muc", "2", "Tốt"), ("muc", "na", "Không áp dụng"))
HEADINGS = ("type", "name", "label::Vietnamese (vi)")


def reading(survey: Sequence[Sequence[str]], **parts: Any) -> FormReading:
    return read_form(form(survey, **parts))


def questions(survey: Sequence[Sequence[str]], **parts: Any) -> list[dict[str, Any]]:
    return [
        question
        for section in reading(survey, **parts).document["sections"]
        for question in section["questions"]
    ]


def problems(sheets: dict[str, Sheet]) -> list[tuple[str, str]]:
    with pytest.raises(FileProblemsError) as raised:
        read_form(sheets)
    return [(problem.place, problem.code) for problem in raised.value.problems]


def problems_of(survey: Sequence[Sequence[str]], **parts: Any) -> list[tuple[str, str]]:
    return problems(form(survey, **parts))


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("text", "text"),
        ("integer", "number"),
        ("decimal", "number"),
        ("date", "date"),
        ("note", "note"),
        ("select_one muc", "single"),
        ("select one muc", "single"),
        ("select_multiple muc", "multiple"),
        ("rank muc", "ranking"),
    ],
)
def test_types_become_kinds(written: str, kind: str):
    found = questions([(written, "Q1", "Câu hỏi")], choices=CHOICES[:2])
    assert found[0]["kind"] == kind


def test_questions_outside_groups_get_a_section_with_the_title_of_the_form():
    found = reading([("text", "Q1", "Họ"), ("begin_group", "B", "Phần"), ("text", "Q2", "x"), ("end_group",)])
    codes = [section["code"] for section in found.document["sections"]]
    assert codes == ["S1", "B"]
    assert found.document["sections"][0]["title"] == {"vi": "Phiếu"}


def test_likert_and_multiline_appearances_count_and_others_are_named():
    headings = (*HEADINGS, "appearance")
    rows = [("select_one muc", "Q1", "a", "likert"), ("text", "Q2", "b", "multiline numbers")]
    found = reading(rows, choices=CHOICES[:2], headings=headings)
    first, second = found.document["sections"][0]["questions"]
    assert first["kind"] == "likert"
    assert second["is_multiline"]
    assert [(notice.place, notice.code) for notice in found.notices] == [("survey!D3", "unknown_appearance")]


def test_a_choice_called_na_is_a_way_out_and_no_option():
    found = questions([("select_one muc", "Q1", "a")], choices=CHOICES)[0]
    assert found["allows_not_applicable"]
    assert [option["value"] for option in found["options"]] == [1, 2]


def test_a_list_of_several_questions_becomes_a_scale():
    rows = [("select_one muc", "Q1", "a"), ("select_one muc", "Q2", "b")]
    document = reading(rows, choices=CHOICES[:2]).document
    assert [scale["code"] for scale in document["scales"]] == ["muc"]
    assert document["sections"][0]["questions"][1]["scale"] == "muc"


def test_or_other_adds_the_choice_and_asks_for_it():
    first, second = questions([("select_one muc or_other", "Q1", "a")], choices=CHOICES[:2])
    assert first["options"][-1]["value"] == "other"
    assert second["visible_when"] == {"question": "Q1", "equals": "other"}


def test_limits_become_limits_and_other_constraints_hard_rules():
    headings = (*HEADINGS, "constraint", "constraint_message::Vietnamese (vi)")
    rows = [
        ("integer", "ADULTS", "a", ". > 0 and . <= 20", ""),
        ("integer", "CHILDREN", "b", ". <= ${ADULTS}", "Xin xem lại số người."),
        ("date", "DAY", "c", ". <= today()", ""),
    ]
    section = reading(rows, headings=headings).document["sections"][0]
    assert (section["questions"][0]["minimum"], section["questions"][0]["maximum"]) == (1, 20)
    assert section["questions"][2]["latest"] == "today"
    assert section["rules"] == [
        {
            "code": "CHILDREN.rule",
            "must": {"question": "CHILDREN", "less_or_equal": {"question": "ADULTS"}},
            "message": {"vi": "Xin xem lại số người."},
            "severity": "hard",
        }
    ]


def test_an_exclusive_choice_is_recognised():
    headings = (*HEADINGS, "constraint")
    constraint = "not(selected(., '2') and count-selected(.) > 1)"
    found = questions(
        [("select_multiple muc", "Q1", "a", constraint)], choices=CHOICES[:2], headings=headings
    )
    assert [option.get("is_exclusive", False) for option in found[0]["options"]] == [False, True]


def test_media_and_languages_come_from_the_headings():
    headings = (
        "type",
        "name",
        "label::Tiếng Việt",
        "label::English (en)",
        "label::Tày (tyz)",
        "media::audio::Tày (tyz)",
    )
    row = ("text", "Q1", "Họ tên", "Name", "Chứ", "q1.mp3")
    found = questions([row], headings=headings)[0]
    assert found["text"] == {"vi": "Họ tên", "en": "Name", "tyz": "Chứ"}
    assert found["audio"] == {"tyz": "q1.mp3"}
    assert reading([row], headings=headings).document["languages"] == ["vi", "en"]


def test_answers_shown_in_texts_are_named_as_the_questionnaire_names_them():
    found = questions([("text", "NAME", "Tên"), ("note", "Q2", "Chào ${NAME}")])
    assert found[1]["text"] == {"vi": "Chào {{NAME}}"}


@pytest.mark.parametrize(
    ("row", "place", "code"),
    [
        (("", "Q1", "x"), "survey!A2", "missing_type"),
        (("txt", "Q1", "x"), "survey!A2", "unknown_type"),
        (("geopoint", "Q1", "x"), "survey!A2", "unsupported_type"),
        (("begin_repeat", "Q1", "x"), "survey!A2", "unsupported_type"),
        (("text", "", "x"), "survey!B2", "missing_name"),
        (("text", "Câu 1", "x"), "survey!B2", "form_of_name"),
        (("text", "Q1", ""), "survey!C2", "missing_label"),
        (("select_one muk", "Q1", "x"), "survey!A2", "missing_list_near"),
        (("select_one zzz", "Q1", "x"), "survey!A2", "missing_list"),
        (("text", "Q1", "x", "${Q9} = 1"), "survey!D2", "unknown_name_near"),
        (("text", "Q1", "x", "${XYZ} = 1"), "survey!D2", "unknown_name"),
        (("text", "Q1", "x", "${Q1} = ‘1’"), "survey!D2", "curly_quotes"),
        (("text", "Q1", "x", "${Q1} + 1 = 2"), "survey!D2", "expression_unreadable"),
        (("text", "Q1", "x", "pulldata('a', 'b')"), "survey!D2", "unknown_function"),
        (("text", "Q1", "x", "${Q1} = '1' and"), "survey!D2", "expression_unreadable"),
        (("text", "Q1", "x", "${Q1}"), "survey!D2", "no_comparison"),
        (("text", "Q1", "x", "${Q1} > 'a'"), "survey!D2", "no_number"),
        (("text", "Q1", "x", ". = 1"), "survey!D2", "no_self_here"),
        (("text", "Q1", "x", "", "regex(., '[0-9]')"), "survey!E2", "constraint_without_message"),
        (("text", "Q1", "Chào ${ABC}"), "survey!C2", "text_unknown_name"),
    ],
)
def test_problems_name_the_cell(row: Sequence[str], place: str, code: str):
    assert (place, code) in problems_of([row], choices=CHOICES[:2])


def test_problem_places_survive_empty_rows_above():
    rows = sheet("survey", HEADINGS, (), (), ("txt", "Q1", "x"))
    assert ("survey!A4", "unknown_type") in problems(form([]) | {"survey": rows})


def test_groups_must_open_and_close_and_not_lie_inside_each_other():
    nested = [("begin_group", "A", "a"), ("begin_group", "B", "b"), ("end_group",)]
    assert ("survey!A3", "nested_group") in problems_of(nested)
    assert ("survey!A2", "group_without_end") in problems_of([("begin_group", "A", "a")])
    assert ("survey!A2", "end_without_group") in problems_of([("end_group",)])


def test_names_and_choices_stand_once():
    assert ("survey!B3", "duplicate_name") in problems_of([("text", "Q1", "x"), ("text", "Q1", "y")])
    twice = (("muc", "1", "a"), ("muc", "1", "b"))
    assert ("choices!B3", "duplicate_choice") in problems_of([("select_one muc", "Q1", "x")], choices=twice)


def test_a_language_without_a_code_is_named_in_its_heading():
    headings = ("type", "name", "label::Klingon")
    assert ("survey!C1", "language_column") in problems_of([("text", "Q1", "x")], headings=headings)


def test_settings_are_needed():
    found = problems_of([("text", "Q1", "x")], settings=(("form_title",), ("",)))
    assert ("settings!A2", "missing_setting") in found
    odd = problems_of([("text", "Q1", "x")], settings=(SETTINGS[0], ("Phiếu", "phiếu số 1")))
    assert odd == [("settings!B2", "form_of_form_id")]


@pytest.mark.parametrize("column", ["calculation", "choice_filter", "default"])
def test_what_a_questionnaire_cannot_say_is_a_problem(column: str):
    found = problems_of([("text", "Q1", "x", "1 + 1")], headings=(*HEADINGS, column))
    assert found == [("survey!D2", "not_expressed")]


def test_every_problem_comes_with_a_cause_and_a_fix_in_whole_sentences():
    with pytest.raises(FileProblemsError) as raised:
        read_form(form([("geopoint", "Q1", "x"), ("text", "Q1", "x", "${Q7} = 1")]))
    for problem in raised.value.problems:
        assert problem.message.startswith(problem.place)
        assert problem.message.endswith((".", "?"))


def test_a_row_changed_after_the_export_follows_its_cells():
    document = to_document(asked(question("Q1", help=question().text), question("Q2")))
    document["sections"][0]["questions"][0]["visible_when"] = {"all": [{"question": "NOWHERE", "equals": 1}]}
    written = dict(write_form(document).sheets)
    survey = written["survey"]
    rows = tuple(
        type(row)(row.number, row.cells | {"label::English (en)": "Reworded"})
        if row.get("name") == "Q1"
        else row
        for row in survey.rows
    )
    written["survey"] = Sheet("survey", survey.headings, rows)
    found = read_form(written)
    changed = found.document["sections"][0]["questions"][0]
    assert changed["text"]["en"] == "Reworded"
    assert "visible_when" not in changed
    assert [notice.code for notice in found.notices] == ["changed_since_export"]

"""Texts in further languages: saved by key, published with a version, exchanged as workbooks."""

from typing import Any

import pytest

from questionnaires.exchange.problems import FileProblemsError
from questionnaires.exchange.sheets import sheet_of_table
from questionnaires.exchange.translations import (
    State,
    Translation,
    compare,
    completeness,
    entries,
    sheet_rows,
    with_translations,
)
from questionnaires.models import Questionnaire
from questionnaires.schema import parse
from questionnaires.services import (
    TextChangedError,
    UnknownLanguageError,
    compare_workbook,
    draft_to_document,
    freeze_version,
    import_form,
    latest_draft,
    save_translations,
    stored_translations,
    translation_entries,
    translation_workbook,
)
from tests.questionnaires.rounds import small_document, text

pytestmark = pytest.mark.django_db

SEX, USED = "question:SEX/text", "question:USED/text"


def drafted(**changes: Any) -> Questionnaire:
    return import_form(small_document(**changes))


def translated(questionnaire: Questionnaire, **texts: str) -> None:
    sources = {"SEX": "Giới tính", "USED": "Đã dùng dịch vụ"}
    save_translations(
        questionnaire=questionnaire,
        language="tyz",
        texts={f"question:{code}/text": Translation(words, sources[code]) for code, words in texts.items()},
    )


def words_of(document: dict[str, Any], code: str) -> dict[str, str]:
    questions = [question for section in document["sections"] for question in section["questions"]]
    return next(question["text"] for question in questions if question["code"] == code)


def test_a_published_version_has_the_texts_of_further_languages():
    questionnaire = drafted()
    translated(questionnaire, SEX="Po mè")
    document = freeze_version(questionnaire=questionnaire).document
    assert words_of(document, "SEX")["tyz"] == "Po mè"
    assert "tyz" not in words_of(document, "USED")
    assert document["languages"] == ["vi", "en"]


def test_missing_texts_fall_back_to_vietnamese_question_by_question():
    questionnaire = drafted()
    translated(questionnaire, SEX="Po mè")
    schema = parse(draft_to_document(latest_draft(questionnaire)))
    assert schema.question("SEX").text.in_language("tyz") == "Po mè"
    assert schema.question("USED").text.in_language("tyz") == "Đã dùng dịch vụ"


def test_a_reworded_question_loses_its_translation_until_somebody_looks_at_it():
    questionnaire = drafted()
    translated(questionnaire, SEX="Po mè")
    sections = small_document()["sections"]
    sections[0]["questions"][0]["text"] = text("Ông hay Bà?")
    questionnaire = drafted(sections=sections)
    document = draft_to_document(latest_draft(questionnaire))
    assert "tyz" not in words_of(document, "SEX")
    found = {entry.key: entry for entry in translation_entries(document, questionnaire, "tyz")}
    assert found[SEX].state is State.OUTDATED


def test_moving_a_question_to_another_section_keeps_its_translation():
    questionnaire = drafted()
    translated(questionnaire, SEX="Po mè")
    sections = small_document()["sections"]
    sections[3]["questions"].append(sections[0]["questions"].pop(0))
    document = draft_to_document(latest_draft(drafted(sections=sections)))
    assert words_of(document, "SEX")["tyz"] == "Po mè"


def test_yes_and_no_can_be_translated():
    questionnaire = drafted()
    key = "question:USED/option:1"
    save_translations(questionnaire=questionnaire, language="km", texts={key: Translation("បាទ", "Có")})
    schema = parse(draft_to_document(latest_draft(questionnaire)))
    assert schema.question("USED").options[0].label["km"] == "បាទ"


def test_completeness_counts_texts():
    document = small_document()
    found = entries(document, {SEX: Translation("Po mè", "Giới tính"), USED: Translation("x", "cũ")})
    state = completeness(found)
    assert (state.n_done, state.n_outdated) == (1, 1)
    assert state.n_texts == len(found) > 20


def test_unknown_languages_are_refused():
    with pytest.raises(UnknownLanguageError, match="tlh"):
        save_translations(questionnaire=drafted(), language="tlh", texts={})


def test_a_text_that_somebody_else_changed_is_not_overwritten():
    questionnaire = drafted()
    translated(questionnaire, SEX="Po mè")
    with pytest.raises(TextChangedError, match="SEX"):
        save_translations(
            questionnaire=questionnaire,
            language="tyz",
            texts={SEX: Translation("khác", "Giới tính")},
            seen={SEX: ""},
        )
    assert stored_translations(questionnaire)["tyz"][SEX].text == "Po mè"


def test_an_empty_text_takes_the_translation_away():
    questionnaire = drafted()
    translated(questionnaire, SEX="Po mè", USED="x")
    translated(questionnaire, SEX="")
    assert set(stored_translations(questionnaire)["tyz"]) == {USED}


def test_a_workbook_comes_back_as_differences():
    questionnaire = drafted()
    translated(questionnaire, SEX="Po mè")
    document = draft_to_document(latest_draft(questionnaire))
    found = translation_entries(document, questionnaire, "tyz")
    same = compare_workbook(translation_workbook(found, "tyz"), found, "tyz")
    assert (same.changes, same.n_same) == ((), 1)
    rows = sheet_rows(found, "tyz")
    filled = [[*row[:3], "Đạ dùng" if row[0] == USED else row[3], ""] for row in rows[1:]]
    result = compare(sheet_of_table("tyz", list(enumerate([rows[0], *filled], 1))), found, "tyz")
    assert [(change.key, change.before, change.after) for change in result.changes] == [(USED, "", "Đạ dùng")]


def test_a_source_that_changed_since_the_export_is_flagged():
    found = entries(small_document(), {})
    rows = [["key", "vi", "tyz"], [SEX, "Giới tính cũ", "Po mè"]]
    change = compare(sheet_of_table("tyz", list(enumerate(rows, 1))), found, "tyz").changes[0]
    assert change.is_source_changed
    assert change.source_in_file == "Giới tính cũ"


@pytest.mark.parametrize(
    ("rows", "place", "code"),
    [
        ([["key", "tyz"], [SEX, "a"]], "A1", "missing_column"),
        ([["key", "vi", "km"], [SEX, "a", "b"]], "A1", "other_language"),
        ([["key", "vi", "tyz"], ["question:GONE/text", "a", "b"]], "A2", "unknown_key"),
        ([["key", "vi", "tyz"], [SEX, "a", "b"], [SEX, "a", "c"]], "A3", "duplicate_key"),
        ([["key", "vi", "tyz"], [SEX, "a", "b" * 5001]], "C2", "too_long"),
    ],
)
def test_problems_of_a_workbook_name_the_cell(rows: list[list[str]], place: str, code: str):
    with pytest.raises(FileProblemsError) as raised:
        compare(sheet_of_table("tyz", list(enumerate(rows, 1))), entries(small_document(), {}), "tyz")
    assert [(problem.cell, problem.code) for problem in raised.value.problems] == [(place, code)]


def test_a_translation_that_drops_an_answer_shown_in_the_text_is_named():
    document = small_document()
    document["sections"][0]["questions"][1]["text"] = text("Giới tính {{SEX}}: đã dùng?")
    rows = [["key", "vi", "tyz"], [USED, "Giới tính {{SEX}}: đã dùng?", "Đạ dùng?"]]
    found = compare(sheet_of_table("tyz", list(enumerate(rows, 1))), entries(document, {}), "tyz")
    assert [notice.params["names"] for notice in found.notices] == ["{{SEX}}"]


def test_translating_does_not_change_the_document_given():
    document = small_document()
    with_translations(document, {"tyz": {SEX: Translation("Po mè", "Giới tính")}})
    assert document == small_document()

"""Forms as real files: taken over as drafts, written out, and refused with cells named."""

import io
import json
import zipfile
from typing import Any

import openpyxl
import pytest

from questionnaires.exchange.problems import FileProblemsError
from questionnaires.exchange.pyxform_check import xform_of
from questionnaires.models import Questionnaire, QuestionnaireTranslation
from questionnaires.schema import SchemaError, digest
from questionnaires.services import (
    FORM_FORMATS,
    DraftExistsError,
    draft_to_document,
    import_form,
    latest_draft,
    read_form_file,
    take_over_form,
    xlsform_of,
)
from questionnaires.services.workbooks import LARGEST_FORM, read_workbook, write_workbook
from tests.questionnaires.rounds import small_document

pytestmark = pytest.mark.django_db

SURVEY = (("type", "name", "label::Vietnamese (vi)"), ("text", "Q1", "Họ tên"))
SETTINGS = (("form_title", "form_id"), ("Phiếu", "phieu"))


def workbook(**sheets: Any) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def refused(content: bytes) -> list[str]:
    with pytest.raises(FileProblemsError) as raised:
        read_form_file(content)
    return [problem.code for problem in raised.value.problems]


def test_a_draft_goes_out_and_in_as_an_xlsform_unchanged():
    questionnaire = import_form(small_document())
    document = draft_to_document(latest_draft(questionnaire))
    content = xlsform_of(document)
    assert digest(read_form_file(content).document) == digest(document)
    assert xform_of(read_workbook(content)).startswith("<?xml")


def test_a_draft_goes_out_and_in_as_json_unchanged():
    document = draft_to_document(import_form(small_document()))
    content = FORM_FORMATS["json"].write(document)
    assert read_form_file(content).document == document
    assert read_form_file(b"\xef\xbb\xbf" + content).document == document


def test_texts_that_look_like_formulas_or_hold_forbidden_characters_come_back():
    odd = {"vi": "=1+1 \ufffe\U0001f600 ở", "en": "'quoted\nline"}
    document = draft_to_document(import_form(small_document()))
    document["sections"][0]["questions"][0]["text"] = odd
    assert read_form_file(xlsform_of(document)).document["sections"][0]["questions"][0]["text"] == odd


def test_an_xlsform_from_elsewhere_becomes_a_draft():
    draft, notices = take_over_form(content=workbook(survey=SURVEY, settings=SETTINGS))
    assert draft.code == "phieu"
    assert notices == ()
    assert latest_draft(draft).sections[0].value["questions"][0]["text_vi"] == "Họ tên"


def test_a_draft_is_replaced_only_where_that_was_agreed_to():
    content = workbook(survey=SURVEY, settings=SETTINGS)
    take_over_form(content=content)
    with pytest.raises(DraftExistsError):
        take_over_form(content=content)
    draft, _notices = take_over_form(content=content, may_replace=True)
    assert Questionnaire.objects.count() == 1
    assert draft.revisions.count() == 2


def test_further_languages_are_kept_beside_the_draft_and_unknown_ones_named():
    head = ("type", "name", "label::Vietnamese (vi)", "label::Tày (tyz)", "label::Klingon (tlh)")
    survey = (head, ("text", "Q1", "Họ tên", "Chứ", "pong"))
    draft, notices = take_over_form(content=workbook(survey=survey, settings=SETTINGS))
    stored = QuestionnaireTranslation.objects.get()
    assert stored.texts["question:Q1/text"] == {"text": "Chứ", "source": "Họ tên"}
    assert [notice.code for notice in notices] == ["language_left_out"]
    texts = draft_to_document(latest_draft(draft))["sections"][0]["questions"][0]["text"]
    assert texts == {"vi": "Họ tên", "tyz": "Chứ"}


def test_files_that_are_no_forms_are_refused():
    assert refused(b"") == ["no_workbook"]
    assert refused(b"%PDF-1.7") == ["no_workbook"]
    assert refused(b"PK\x03\x04 broken") == ["no_workbook"]
    assert refused(b"{" + b" " * LARGEST_FORM + b"}") == ["no_workbook"]
    assert refused(b'{"schema": NaN}') == ["no_workbook"]
    assert refused(b'{"a":' * 100_000) == ["no_workbook"]
    assert "missing_sheet" in refused(workbook(sheet=(("a",),)))
    with pytest.raises(SchemaError):
        read_form_file(json.dumps({"schema": 1}).encode())


def test_a_workbook_that_unpacks_to_gigabytes_is_refused():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(2):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b"0" * (30 << 20))
    assert len(content.getvalue()) < LARGEST_FORM
    assert refused(content.getvalue()) == ["no_workbook"]


def test_a_sheet_that_goes_on_and_on_is_refused():
    assert refused(workbook(survey=[("x",) * 401, ("y",)])) == ["too_many_rows"]


def test_a_formula_without_a_value_is_named():
    with pytest.raises(FileProblemsError) as raised:
        read_form_file(workbook(survey=(*SURVEY, ("text", "Q2", "=A1")), settings=SETTINGS))
    assert raised.value.problems[0].place == "survey!C3"


def test_what_pyxform_refuses_is_said_in_words_of_the_platform():
    sheets = {
        "survey": [
            ["type", "name", "label"],
            ["begin_group", "A", "a"],
            ["text", "Q1", "x"],
            ["text", "Q1", "y"],
        ],
        "settings": [["form_title", "form_id"], ["x", "x"]],
    }
    with pytest.raises(FileProblemsError) as raised:
        xform_of(read_workbook(write_workbook(sheets)))
    problem = raised.value.problems[0]
    assert (problem.place, problem.code, problem.params["name"]) == ("survey!B4", "duplicate_name", "Q1")

import json
from pathlib import Path
from typing import Any

import pytest

from questionnaires import forms
from questionnaires.models import Questionnaire
from questionnaires.schema import SchemaError, parse, to_document
from questionnaires.services import draft_to_document, fill_draft_from_document, import_form
from tests.questionnaires.rounds import small_document

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", forms.names())
def test_form_file_survives_the_way_through_the_draft(name: str) -> None:
    document = to_document(parse(forms.load(name)))
    questionnaire = import_form(document)
    stored = Questionnaire.objects.get(pk=questionnaire.pk)
    assert draft_to_document(stored) == document


def test_every_field_survives_the_way_through_the_draft() -> None:
    document = small_document()
    document["sections"][3]["questions"] += [
        {
            "code": "DAYS",
            "kind": "number",
            "text": {"vi": "Ngày"},
            "unit": {"vi": "ngày"},
            "minimum": 0,
            "maximum": 10.5,
            "is_integer": False,
            "allows_no_answer": True,
            "is_sensitive": True,
            "is_required": True,
        },
        {
            "code": "MIX",
            "kind": "single",
            "text": {"vi": "Chọn"},
            "help": {"vi": "Giải thích"},
            "options": [{"value": "x1", "label": {"vi": "X"}}, {"value": -1, "label": {"vi": "Y"}}],
            "visible_when": {"all": [{"question": "SEX", "in": [1, 2]}, {"question": "AGE", "greater": 20}]},
        },
        {"code": "N", "kind": "note", "text": {"vi": "Nơi ở"}, "shows": ["village", "commune"]},
        {"code": "T", "kind": "text", "text": {"vi": "Ghi"}, "max_length": 50},
    ]
    document |= {"remarks": [{"text": {"vi": "Ghi chú"}}], "languages": ["vi"], "method": "M2023"}
    document["attributes"] = [
        {"code": "village", "label": {"vi": "Thôn"}},
        {"code": "commune", "label": {"vi": "Xã"}},
    ]
    questionnaire = Questionnaire()
    expected = to_document(parse(document))
    fill_draft_from_document(questionnaire, expected)
    assert draft_to_document(questionnaire) == expected


def test_draft_that_cannot_be_read_is_returned_for_linting() -> None:
    questionnaire = import_form(small_document())
    raw: list[dict[str, Any]] = list(questionnaire.sections.raw_data)
    raw[0]["value"]["code"] = "1 bad code"
    questionnaire.sections = json.dumps(raw)
    assert draft_to_document(questionnaire)["sections"][0]["code"] == "1 bad code"


def test_importing_again_edits_the_same_draft(tmp_path: Path) -> None:
    first = import_form(small_document())
    path = tmp_path / "form.json"
    path.write_text(json.dumps(small_document(title={"vi": "Phiếu mới", "en": "New"})), encoding="utf-8")
    second = import_form(path)
    assert (second.pk, second.title_vi) == (first.pk, "Phiếu mới")
    assert second.revisions.count() == 2


def test_unreadable_document_is_refused_with_every_problem() -> None:
    with pytest.raises(SchemaError, match="sections"):
        import_form({"schema": 1, "code": "x"})
    assert not Questionnaire.objects.exists()

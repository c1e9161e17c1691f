"""Last year's form is copied whole, and a new one can be published at once."""

import pytest
from wagtail.models import ModelLogEntry

from questionnaires.exchange.translations import Translation
from questionnaires.models import Questionnaire
from questionnaires.schema import Severity
from questionnaires.services import (
    answers_as_of,
    freeze_version,
    import_form,
    latest_draft,
    lint_draft,
    save_translations,
    stored_translations,
)
from questionnaires.services.copies import CodeTakenError, copy_draft, start_draft
from questionnaires.services.drafts import draft_to_document
from questionnaires.services.paths import record_path
from tests.questionnaires.rounds import options, small_document

pytestmark = pytest.mark.django_db
SEX = "question:SEX/text"


def copied(source: Questionnaire) -> Questionnaire:
    return copy_draft(
        questionnaire=source, code="small-2027", title_vi="Phiếu nhỏ 2027", title_en="Small 2027"
    )


def test_copy_has_every_text_and_translation_and_test_path() -> None:
    source = import_form(small_document())
    texts = {SEX: Translation("Po mè", "Giới tính")}
    save_translations(questionnaire=source, language="tyz", texts=texts)
    record_path(questionnaire=source, name="user", answers={"USED": 1})
    made = copied(source)
    before, after = (draft_to_document(latest_draft(each)) for each in (source, made))
    assert after["title"]["vi"] == "Phiếu nhỏ 2027"
    assert after["sections"] == before["sections"]
    assert stored_translations(made) == stored_translations(source)
    assert made.recorded_paths.get().expected_sections == ["A", "B", "C", "D"]
    assert source.recorded_paths.count() == 1


def test_copy_of_unsaved_approval_takes_the_latest_draft() -> None:
    source = import_form(small_document())
    source.title_vi = "Chưa duyệt"
    source.sections[0].value["title_vi"] = "Phần đã sửa"
    source.save_revision()
    assert latest_draft(copied(source)).sections[0].value["title_vi"] == "Phần đã sửa"


def test_first_version_of_a_copy_follows_the_last_of_the_original() -> None:
    source = import_form(small_document())
    first = freeze_version(questionnaire=source)
    made = copied(source)
    changed = small_document(code="small-2027")
    changed["sections"][0]["questions"][0]["options"] = options("Nữ", "Nam")
    mapping = {"questions": {"SEX": {"values": {"1": 2, "2": 1}}}}
    version = freeze_version(questionnaire=import_form(changed), mapping=mapping)
    assert version.questionnaire == made
    assert {"code": "SEX", "change": "recoded", "source": "SEX", "options": [1, 2]} in version.comparison
    assert answers_as_of({"SEX": 1, "B1": 5}, given_in=first, wanted=version) == {"SEX": 2, "B1": 5}


def test_copy_is_not_approved_and_logged() -> None:
    made = copied(import_form(small_document()))
    assert made.approved_revision is None
    assert ModelLogEntry.objects.get(action="questionnaires.copy").data["from"] == "small"


def test_code_must_be_free() -> None:
    source = import_form(small_document())
    with pytest.raises(CodeTakenError, match="small"):
        copy_draft(questionnaire=source, code="small", title_vi="x")
    with pytest.raises(CodeTakenError, match="small"):
        start_draft(code="small", title_vi="x")


@pytest.mark.parametrize("title_en", ["", "Counter"])
def test_new_draft_can_be_published_at_once_and_says_that_it_is_provisional(title_en: str) -> None:
    made = start_draft(code="quay", title_vi="Phiếu tại quầy", title_en=title_en)
    assert [each.code for each in lint_draft(made) if each.severity is Severity.ERROR] == []
    version = freeze_version(questionnaire=made)
    assert version.document["is_provisional"]
    assert version.document["consent"]["is_placeholder"]
    assert version.document["languages"] == (["vi", "en"] if title_en else ["vi"])

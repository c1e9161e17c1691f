from pathlib import Path

import pytest
from django.utils.translation import override

import questionnaires
from questionnaires import forms
from questionnaires.models import FrozenVersionError, Mode, QuestionnaireVersion
from questionnaires.schema import digest
from questionnaires.selectors import RoundWithoutQuestionnaireError, version_codebook, version_for_round
from questionnaires.services import (
    QuestionnaireInUseError,
    Submission,
    UnpublishableError,
    assign_version_to_round,
    freeze_version,
    import_form,
    lint_draft,
    submit_single,
)
from tests.questionnaires.rounds import make_cases, make_round, make_village, publish, small_document, text

pytestmark = pytest.mark.django_db


def test_version_carries_document_and_hash() -> None:
    version = freeze_version(questionnaire=import_form(forms.load("sipas-m2023")))
    assert version.number == 1
    assert version.digest == digest(version.document)
    assert version.document["code"] == "sipas-m2023"


def test_draft_without_changes_gives_the_same_version() -> None:
    questionnaire = import_form(small_document())
    assert freeze_version(questionnaire=questionnaire) == freeze_version(questionnaire=questionnaire)
    assert QuestionnaireVersion.objects.count() == 1


def test_changed_draft_gives_the_next_version_and_leaves_the_old_one() -> None:
    first = freeze_version(questionnaire=import_form(small_document()))
    second = freeze_version(questionnaire=import_form(small_document(title=text("Phiếu mới"))))
    first.refresh_from_db()
    assert (first.number, second.number) == (1, 2)
    assert first.document["title"]["vi"] == "Phiếu nhỏ"


def test_version_freezes_the_latest_edit_even_if_it_was_not_approved() -> None:
    questionnaire = import_form(small_document())
    questionnaire.title_vi = "Sửa chưa duyệt"
    questionnaire.save_revision()
    assert freeze_version(questionnaire=questionnaire).document["title"]["vi"] == "Sửa chưa duyệt"


def test_draft_with_errors_is_refused_with_a_readable_list() -> None:
    broken = small_document()
    broken["sections"][2]["visible_when"] = {"question": "NOWHERE", "equals": 1}
    questionnaire = import_form(broken)
    with pytest.raises(UnpublishableError, match=r"\$\.sections\[2\].*NOWHERE"):
        freeze_version(questionnaire=questionnaire)
    assert lint_draft(questionnaire)
    assert not QuestionnaireVersion.objects.exists()


def test_versions_refuse_updates() -> None:
    version = freeze_version(questionnaire=import_form(small_document()))
    with pytest.raises(FrozenVersionError):
        QuestionnaireVersion.objects.update(document={})
    with pytest.raises(FrozenVersionError):
        QuestionnaireVersion.objects.bulk_update([version], ["document"])


def test_no_code_writes_a_version_but_the_one_service() -> None:
    package = Path(questionnaires.__file__).parent
    writers = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "migrations" not in path.parts and "QuestionnaireVersion(" in path.read_text(encoding="utf-8")
    ]
    assert sorted(writers) == ["models/questionnaires.py", "services/versions.py"]


def test_round_without_version_says_what_to_do() -> None:
    with override("en"), pytest.raises(RoundWithoutQuestionnaireError, match="Publish a version"):
        version_for_round(make_round())


def test_tampered_document_cannot_be_assigned() -> None:
    version = freeze_version(questionnaire=import_form(small_document()))
    version.document = small_document(title=text("khác"))
    with pytest.raises(QuestionnaireInUseError):
        assign_version_to_round(round=make_round(), version=version)


def test_wrong_document_cannot_be_assigned() -> None:
    version = freeze_version(questionnaire=import_form(small_document()))
    version.document = small_document(sections=[])
    with pytest.raises(UnpublishableError):
        assign_version_to_round(round=make_round(), version=version)


def test_questionnaire_of_an_answered_round_cannot_change() -> None:
    survey_round = make_round()
    publish(survey_round)
    newer = freeze_version(questionnaire=import_form(small_document(title=text("Phiếu mới"))))
    assign_version_to_round(round=survey_round, version=newer)
    [case] = make_cases(make_village(survey_round))
    submit_single(
        round=survey_round, submission=Submission(case_id=case.pk, answers={"SEX": 1}, mode=Mode.WEB)
    )
    with pytest.raises(QuestionnaireInUseError, match="sipas-2026"):
        publish(survey_round)


def test_codebook_of_a_version_names_every_variable() -> None:
    version = freeze_version(questionnaire=import_form(small_document()))
    assert {"SEX", "B1", "AGE"} <= {row.variable for row in version_codebook(version, "en")}

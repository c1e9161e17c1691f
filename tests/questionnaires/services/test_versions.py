from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

import questionnaires
from questionnaires import forms
from questionnaires.models import (
    FrozenVersionError,
    Mode,
    QuestionnaireVersion,
    RoundQuestionnaire,
    SeparatedResponse,
)
from questionnaires.schema import Change, digest
from questionnaires.selectors import RoundWithoutQuestionnaireError, version_codebook, version_for_round
from questionnaires.services import (
    QuestionnaireInUseError,
    Submission,
    UnfitMappingError,
    UnpublishableError,
    UnrelatedVersionError,
    answers_as_of,
    assign_version_to_round,
    freeze_version,
    import_form,
    lint_draft,
    save_draft,
    start_response,
    submit_response,
    submit_single,
)
from tests.questionnaires.rounds import (
    make_cases,
    make_round,
    make_village,
    options,
    publish,
    small_document,
    text,
)

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


def changed_document(code: str = "SEX", **changes: Any) -> dict[str, Any]:
    """Return the small document with one question changed."""
    document = small_document()
    asked = [question for section in document["sections"] for question in section["questions"]]
    next(question for question in asked if question["code"] == code).update(changes)
    return document


def test_questionnaire_of_an_answered_round_may_only_change_its_wording() -> None:
    survey_round = make_round()
    publish(survey_round)
    [case, other] = make_cases(make_village(survey_round), 2)
    first = Submission(case_id=case.pk, answers={"SEX": 1}, mode=Mode.WEB)
    submit_single(round=survey_round, submission=first)
    reworded = publish(survey_round, changed_document(text=text("Ông/Bà là")))
    submit_single(round=survey_round, submission=replace(first, case_id=other.pk))
    versions = SeparatedResponse.objects.values_list("version__number", flat=True)
    assert sorted(versions) == [1, 2]
    for structural in (
        changed_document(options=options("Nam", "Nữ", "Khác")),
        small_document(sections=small_document()["sections"][:3]),
        changed_document("WORDS", visible_when={"question": "USED", "equals": 1}),
        changed_document("AGE", maximum=60),
        changed_document("SEX", is_required=True),
        changed_document(options=options("Nam", "Nữ")[::-1]),
        small_document(consent=small_document()["consent"] | {"version": "3"}),
    ):
        with pytest.raises(QuestionnaireInUseError, match="sipas-2026"):
            publish(survey_round, structural)
    assert RoundQuestionnaire.objects.get(round=survey_round).version == reworded


def test_response_under_way_keeps_its_version_when_the_wording_changes() -> None:
    survey_round = make_round()
    older = publish(survey_round)
    [case] = make_cases(make_village(survey_round))
    draft = start_response(case=case, mode=Mode.WEB, language="vi")
    save_draft(response=draft, answers={"SEX": 2}, passed_section="A")
    newer = publish(survey_round, changed_document(text=text("Ông/Bà là")))
    again = start_response(case=case, mode=Mode.WEB, language="vi")
    submit_response(response=again)
    sent = SeparatedResponse.objects.get()
    assert newer != older
    assert (again.version, sent.version) == (older, older)
    assert sent.answers == {"SEX": 2}


def test_comparison_and_mapping_are_kept_with_the_version() -> None:
    first = freeze_version(questionnaire=import_form(small_document()))
    renamed = changed_document(code="SEX")
    renamed["sections"][0]["questions"][0] |= {"code": "GENDER", "options": options("Nữ", "Nam")}
    mapping = {"questions": {"GENDER": {"from": "SEX", "values": {"1": 2, "2": 1}}}}
    second = freeze_version(questionnaire=import_form(renamed), mapping=mapping)
    assert first.comparison == []
    found = {item["code"]: item["change"] for item in second.comparison}
    assert found["GENDER"] == "recoded"
    assert set(found.values()) == {"recoded", "same"}
    assert answers_as_of({"SEX": 1, "USED": 0}, given_in=first, wanted=second) == {"GENDER": 2, "USED": 0}
    rows = {row.code: row for row in version_codebook(second)}
    assert (rows["GENDER"].change, rows["GENDER"].source) == (Change.RECODED, "SEX")


def test_answers_are_carried_through_every_version_between_and_never_back() -> None:
    first = freeze_version(questionnaire=import_form(small_document()))
    freeze_version(questionnaire=import_form(changed_document(text=text("Ông/Bà là"))))
    third = freeze_version(questionnaire=import_form(changed_document("AGE", kind="text")))
    assert answers_as_of({"SEX": 1, "AGE": 40}, given_in=first, wanted=third) == {"SEX": 1}
    with pytest.raises(UnrelatedVersionError, match="v1"):
        answers_as_of({}, given_in=third, wanted=first)


def test_mapping_that_names_nothing_is_refused_in_words() -> None:
    questionnaire = import_form(small_document())
    with pytest.raises(UnfitMappingError):
        freeze_version(questionnaire=questionnaire, mapping={"questions": {"SEX": {}}})
    freeze_version(questionnaire=questionnaire)
    questionnaire = import_form(changed_document(text=text("Ông/Bà là")))
    with pytest.raises(UnfitMappingError, match=r"\$\.questions\.NOBODY"), override("en"):
        freeze_version(questionnaire=questionnaire, mapping={"questions": {"NOBODY": {"from": "SEX"}}})
    assert QuestionnaireVersion.objects.count() == 1


def test_codebook_of_a_version_names_every_variable() -> None:
    version = freeze_version(questionnaire=import_form(small_document()))
    assert {"SEX", "B1", "AGE"} <= {row.variable for row in version_codebook(version, "en")}

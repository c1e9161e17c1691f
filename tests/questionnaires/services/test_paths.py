"""Test paths are recorded, walked again on publishing, and say what differs."""

from typing import Any

import pytest
from wagtail.models import ModelLogEntry

from questionnaires.models import Questionnaire, QuestionnaireVersion
from questionnaires.services import draft_to_document, freeze_version, import_form, latest_draft
from questionnaires.services.paths import (
    FailingPathsError,
    PathNameError,
    record_again,
    record_path,
    remove_path,
    run_paths,
    unreached_sections,
)
from tests.questionnaires.rounds import small_document

pytestmark = pytest.mark.django_db


def recorded(**answers: Any) -> Questionnaire:
    questionnaire = import_form(small_document())
    record_path(questionnaire=questionnaire, name="user", answers={"USED": 1} | answers)
    return questionnaire


def document_of(questionnaire: Questionnaire) -> dict[str, Any]:
    return draft_to_document(latest_draft(questionnaire))


def without_section_c() -> Questionnaire:
    changed = small_document()
    changed["sections"][2]["visible_when"] = {"question": "USED", "equals": 0}
    return import_form(changed)


def test_path_keeps_the_sections_that_came() -> None:
    [path] = recorded().recorded_paths.all()
    assert path.expected_sections == ["A", "B", "C", "D"]
    assert path.expected_errors == []


def test_refused_answers_are_errors_that_come() -> None:
    [path] = recorded(AGE=7).recorded_paths.all()
    assert path.expected_errors == ["AGE"]


def test_coverage_names_sections_that_no_path_reaches() -> None:
    questionnaire = import_form(small_document())
    record_path(questionnaire=questionnaire, name="other", answers={"USED": 0})
    document = document_of(questionnaire)
    assert unreached_sections(document, run_paths(questionnaire, document)) == ["C"]


def test_failing_path_says_which_section_differs_and_stops_publishing() -> None:
    recorded()
    questionnaire = without_section_c()
    [run] = run_paths(questionnaire, document_of(questionnaire))
    assert (run.is_passed, run.missing_sections, run.new_sections) == (False, ["C"], [])
    with pytest.raises(FailingPathsError, match="user"):
        freeze_version(questionnaire=questionnaire)
    assert not QuestionnaireVersion.objects.exists()


def test_reason_lets_a_failing_path_pass_and_is_logged() -> None:
    recorded()
    freeze_version(questionnaire=without_section_c(), reason=" Mục C bỏ theo công văn 12. ")
    said = ModelLogEntry.objects.get(action="questionnaires.freeze").data
    assert said["failed_paths"] == ["user"]
    assert said["reason"] == "Mục C bỏ theo công văn 12."


def test_path_recorded_again_passes() -> None:
    recorded()
    questionnaire = without_section_c()
    record_again(recorded=questionnaire.recorded_paths.get())
    assert freeze_version(questionnaire=questionnaire).number == 1


def test_question_that_is_gone_fails_its_path() -> None:
    recorded(AGE=30)
    changed = small_document()
    changed["sections"][3]["questions"][0]["code"] = "YEARS"
    questionnaire = import_form(changed)
    [run] = run_paths(questionnaire, document_of(questionnaire))
    assert run.new_errors == ["AGE"]


@pytest.mark.parametrize("name", ["", "  ", "user", "x" * 121])
def test_name_is_needed_once_and_short(name: str) -> None:
    questionnaire = recorded()
    with pytest.raises(PathNameError):
        record_path(questionnaire=questionnaire, name=name, answers={})


def test_removed_path_is_logged_and_gone() -> None:
    questionnaire = recorded()
    remove_path(recorded=questionnaire.recorded_paths.get())
    assert not questionnaire.recorded_paths.exists()
    assert ModelLogEntry.objects.get(action="questionnaires.remove_path").data == {"path": "user"}

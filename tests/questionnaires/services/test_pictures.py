"""Pictures of drafts and versions: named by their hash, told about, carried along, swept."""

import os
from pathlib import Path
from typing import Any

import pytest

from questionnaires.media import files, path_of
from questionnaires.models import Questionnaire, QuestionnaireVersion
from questionnaires.references import PictureReference
from questionnaires.schema import Severity, digest, parse, to_document
from questionnaires.services import (
    UnpublishableError,
    draft_to_document,
    freeze_version,
    import_form,
    latest_draft,
    lint_draft,
    read_form_file,
    take_over_form,
    xlsform_of,
)
from questionnaires.services.comparisons import is_rewording
from questionnaires.services.copies import copy_draft
from questionnaires.services.exchange import json_form_of
from questionnaires.services.pictures import save_picture
from questionnaires.services.recordings import sweep_recordings
from tests.questionnaires.pictures import first_question, photo, pictured_document, stored

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.RECORDING_ROOT = tmp_path / "recordings"


def document_of(questionnaire: Questionnaire) -> dict[str, Any]:
    return draft_to_document(latest_draft(questionnaire))


def sweep_old() -> int:
    """Sweep as if every file had been stored long ago."""
    for file in files():
        os.utime(file, (0, 0))
    return sweep_recordings()


def names() -> set[str]:
    return {file.name for file in files()}


def test_a_version_holds_the_hash_of_its_pictures_for_good():
    document = pictured_document()
    version = freeze_version(questionnaire=import_form(document))
    asked = first_question(version.document)
    assert asked["picture"] == first_question(document)["picture"]
    assert asked["options"][0]["picture"] == first_question(document)["options"][0]["picture"]
    changed = pictured_document(picture={"vi": stored(size=(9, 9))})
    later = freeze_version(questionnaire=import_form(changed))
    assert later.number == 2
    assert later.digest != version.digest
    version.refresh_from_db()
    assert digest(version.document) == version.digest
    assert not is_rewording(version, later)


def test_pictures_in_any_language_survive_the_way_through_the_draft():
    document = pictured_document(
        picture={"vi": stored(), "en": stored(size=(9, 9)), "tyz": stored(size=(7, 7))}
    )
    document["scales"][0]["options"][0] |= {"picture": {"vi": stored()}, "picture_alt": {"vi": "Mặt buồn"}}
    expected = to_document(parse(document))
    assert document_of(import_form(document)) == expected


@pytest.mark.parametrize("write", [xlsform_of, json_form_of], ids=["xlsform", "json"])
def test_pictures_survive_the_way_through_a_file(write: Any):
    document = document_of(import_form(pictured_document()))
    assert read_form_file(write(document)).document == document
    Questionnaire.objects.all().delete()
    made, _notices = take_over_form(content=write(document))
    assert document_of(made) == document


def test_a_copy_shows_the_same_pictures():
    questionnaire = import_form(pictured_document())
    made = copy_draft(questionnaire=questionnaire, code="next", title_vi="Phiếu sau", title_en="Next")
    assert document_of(made)["sections"] == document_of(questionnaire)["sections"]


def test_a_picture_that_is_not_stored_here_stops_the_publication_and_says_which():
    questionnaire = import_form(pictured_document(picture={"vi": "q1.png"}))
    [found] = [problem for problem in lint_draft(questionnaire) if problem.severity is Severity.ERROR]
    assert (found.code, found.path) == ("picture_not_stored", "$.sections[0].questions[0].picture.vi")
    assert "“q1.png”" in found.message
    with pytest.raises(UnpublishableError):
        freeze_version(questionnaire=questionnaire)
    assert not QuestionnaireVersion.objects.exists()


def test_a_picture_lost_since_stops_the_publication():
    questionnaire = import_form(pictured_document())
    lost = PictureReference.of(first_question(document_of(questionnaire))["picture"]["vi"])
    path_of(lost).unlink()
    with pytest.raises(UnpublishableError):
        freeze_version(questionnaire=questionnaire)


def test_authors_are_told_of_heavy_pictures():
    heavy, n_bytes = save_picture(content=photo())
    questionnaire = import_form(pictured_document(picture={"vi": str(heavy)}))
    [found] = [problem for problem in lint_draft(questionnaire) if problem.code == "picture_heavy"]
    assert found.severity is Severity.WARNING
    assert f"{-(-n_bytes // 1024)} KB" in found.message
    assert freeze_version(questionnaire=questionnaire).number == 1


def test_the_sweep_spares_what_drafts_their_revisions_and_versions_show():
    questionnaire = import_form(pictured_document())
    freeze_version(questionnaire=questionnaire)
    first = names()
    import_form(pictured_document(picture={"vi": stored(size=(9, 9))}))
    import_form(pictured_document(picture={"vi": stored(size=(7, 7))}))
    kept = names()
    left = stored(size=(5, 5))
    assert kept > first
    assert sweep_old() == 1
    assert names() == kept
    assert left not in names()
    questionnaire.revisions.all().delete()
    Questionnaire.objects.update(latest_revision=None, live_revision=None)
    assert sweep_old() == 1
    assert names() >= first

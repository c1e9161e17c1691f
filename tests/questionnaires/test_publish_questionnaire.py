import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from questionnaires.models import QuestionnaireVersion
from questionnaires.selectors import version_for_round
from tests.questionnaires.rounds import make_round, small_document

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("publish_questionnaire", *arguments, stdout=out)
    return out.getvalue()


def test_form_of_the_platform_is_published_and_asked() -> None:
    survey_round = make_round()
    printed = run("sipas-m2023", "--round", "sipas-2026")
    version = version_for_round(survey_round)
    assert version.digest in printed
    assert run("sipas-m2023") == printed
    assert QuestionnaireVersion.objects.count() == 1


def test_file_is_published(tmp_path: Path) -> None:
    path = tmp_path / "small.json"
    path.write_text(json.dumps(small_document()), encoding="utf-8")
    run(str(path))
    assert QuestionnaireVersion.objects.get().questionnaire.code == "small"


def test_unknown_round_publishes_nothing() -> None:
    with pytest.raises(CommandError, match="sipas-2030"):
        run("sipas-m2023", "--round", "sipas-2030")
    assert not QuestionnaireVersion.objects.exists()


@pytest.mark.parametrize("content", ["{", "{}", json.dumps(small_document(sections=[]))])
def test_what_is_no_questionnaire_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "form.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CommandError):
        run(str(path))
    assert not QuestionnaireVersion.objects.exists()


@pytest.mark.parametrize("name", ["sipas-m1999", "gone.json"])
def test_missing_form_is_named(name: str) -> None:
    with pytest.raises(CommandError, match=name[:5]):
        run(name)

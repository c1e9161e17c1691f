"""The synthetic voice of the demonstration, with a program of our own in the place of the one that speaks."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from questionnaires.models import Questionnaire, Recording
from questionnaires.services import import_form
from survey_site.demo.voices import NoVoiceError, make_synthetic_recordings, said
from tests.questionnaires.rounds import small_document, text
from tests.questionnaires.sounds import record, texts_of, wav

pytestmark = pytest.mark.django_db

SEX = "question:SEX/text"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any program but ours."""
    settings.RECORDING_ROOT = tmp_path / "recordings"
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def install(folder: Path, commands: str) -> None:
    program = folder / "espeak-ng"
    program.write_text(f"#!/bin/sh\n{commands}\n")
    program.chmod(0o700)


def install_voice(folder: Path) -> None:
    """A program that notes what it is told, and writes silence to the file named last."""
    (folder / "silence.wav").write_bytes(wav())
    install(folder, f'/bin/cat >> {folder}/told; echo >> {folder}/told; /bin/cp {folder}/silence.wav "$7"')


def drafted(**changes: Any) -> Questionnaire:
    return import_form(small_document(**changes))


def test_every_text_is_read_that_no_person_recorded(folder: Path):
    install_voice(folder)
    questionnaire = drafted()
    record(questionnaire, SEX)
    n_texts = len(texts_of(questionnaire))
    assert make_synthetic_recordings(questionnaire=questionnaire) == n_texts - 1
    assert set(Recording.objects.exclude(key=SEX).values_list("source", flat=True)) == {"synthetic"}
    assert Recording.objects.get(key=SEX).source == "studio"
    assert make_synthetic_recordings(questionnaire=questionnaire) == 0
    told = (folder / "told").read_text()
    assert "Rất kém" in told
    assert "Giới tính" not in told


def test_only_a_synthetic_recording_is_made_again_when_the_text_changes(folder: Path):
    install_voice(folder)
    questionnaire = drafted()
    make_synthetic_recordings(questionnaire=questionnaire)
    sections = small_document()["sections"]
    sections[0]["questions"][0]["text"] = text("Ông/Bà là {{AGE}}?")
    questionnaire = drafted(sections=sections)
    assert make_synthetic_recordings(questionnaire=questionnaire) == 1
    heard = next(each for each in texts_of(questionnaire) if each.text.key == SEX)
    assert said(heard) == "Ông, Bà là  … ?"


def test_without_a_program_somebody_is_told_what_to_install():
    drafted(code="sipas-m2023")
    with translation.override("en"), pytest.raises(CommandError, match="apt install espeak-ng lame"):
        call_command("make_demo_recordings")
    with pytest.raises(NoVoiceError, match="tyz"):
        make_synthetic_recordings(questionnaire=Questionnaire.objects.get(), language="tyz")


def test_a_program_that_fails_leaves_nothing(folder: Path):
    install(folder, "exit 3")
    with pytest.raises(NoVoiceError, match="espeak-ng"):
        make_synthetic_recordings(questionnaire=drafted())
    assert not Recording.objects.exists()


def test_the_command_says_how_many_texts_were_read(folder: Path):
    install_voice(folder)
    drafted()
    out = io.StringIO()
    with translation.override("en"):
        call_command("make_demo_recordings", "small", stdout=out)
        with pytest.raises(CommandError, match="no questionnaire nobody"):
            call_command("make_demo_recordings", "nobody")
    assert out.getvalue().startswith(f"{Recording.objects.count()} texts were read")
    assert any((folder / "recordings").iterdir())


def test_the_voice_reads_the_consent_the_headings_and_what_may_be_chosen_instead(folder: Path):
    install_voice(folder)
    make_synthetic_recordings(questionnaire=drafted())
    keys = set(Recording.objects.values_list("key", flat=True))
    assert {"consent/title", "consent/point:1", "consent/statement:use", "section:B", "special:na"} <= keys
    assert "special:no_answer" not in keys
    assert "Ông, Bà hài lòng ở mức nào?" in (folder / "told").read_text()

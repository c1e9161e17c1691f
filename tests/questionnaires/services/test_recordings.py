"""Recordings: saved beside a draft, put into a version, told about, swept."""

import io
import os
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import translation

from questionnaires.findings import described
from questionnaires.media import files, keep, path_of
from questionnaires.models import Questionnaire, Recording
from questionnaires.references import Reference, heard_in
from questionnaires.schema import parse
from questionnaires.selectors.recordings import RecordingState, recording_progress, reference_of
from questionnaires.services import (
    UnknownLanguageError,
    draft_to_document,
    freeze_version,
    import_form,
    latest_draft,
    lint_draft,
)
from questionnaires.services.recording_archives import ArchiveError, take_archive
from questionnaires.services.recordings import (
    NewRecording,
    RecordingChangedError,
    confirm_recording,
    remove_recording,
    save_recordings,
    sweep_recordings,
)
from questionnaires.sounds import LARGEST_SOUND, UnfitSoundError
from tests.questionnaires.rounds import small_document, text
from tests.questionnaires.sounds import archive, mp3, record, texts_of, wav

pytestmark = pytest.mark.django_db

SEX, USED, GOOD = "question:SEX/text", "question:USED/text", "scale:satisfaction/option:4"


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> Path:
    settings.RECORDING_ROOT = tmp_path / "recordings"
    return settings.RECORDING_ROOT


def drafted(**changes: Any) -> Questionnaire:
    return import_form(small_document(**changes))


def reworded(words: str = "Ông hay Bà?") -> Questionnaire:
    sections = small_document()["sections"]
    sections[0]["questions"][0]["text"] = text(words)
    return drafted(sections=sections)


def with_help() -> Questionnaire:
    sections = small_document()["sections"]
    sections[0]["questions"][0]["help"] = text("Như trong giấy tờ")
    return drafted(sections=sections)


def state_of(questionnaire: Questionnaire, key: str, language: str = "vi") -> RecordingState:
    return next(each.state for each in texts_of(questionnaire, language) if each.text.key == key)


def test_a_version_without_recordings_is_byte_for_byte_what_it_was():
    document = draft_to_document(drafted())
    questionnaire = drafted()
    record(questionnaire, SEX)
    [recording] = Recording.objects.all()
    remove_recording(questionnaire=questionnaire, language="vi", key=SEX, seen=recording.digest)
    assert draft_to_document(latest_draft(questionnaire)) == document


def test_a_published_version_names_the_recordings_of_its_texts():
    questionnaire = with_help()
    sex, hint, good, yes = record(questionnaire, SEX, "question:SEX/help", GOOD, "question:USED/option:1")
    schema = parse(freeze_version(questionnaire=questionnaire).document)
    assert dict(schema.question("SEX").audio) == {"vi": f"{sex.digest}.wav"}
    assert dict(schema.question("SEX").help_audio) == {"vi": f"{hint.digest}.wav"}
    assert [bool(option.audio) for option in schema.question("B1").options] == [
        False,
        False,
        False,
        True,
        False,
    ]
    assert dict(schema.question("C1").options[3].audio) == {"vi": f"{good.digest}.wav"}
    assert [dict(option.audio) for option in schema.question("USED").options] == [
        {"vi": f"{yes.digest}.wav"},
        {},
    ]


def test_a_reworded_text_is_not_heard_until_somebody_says_that_it_still_fits():
    questionnaire = drafted()
    [recording] = record(questionnaire, SEX)
    questionnaire = reworded()
    assert state_of(questionnaire, SEX) is RecordingState.OUTDATED
    assert not parse(draft_to_document(latest_draft(questionnaire))).question("SEX").audio
    confirm_recording(
        questionnaire=questionnaire, language="vi", key=SEX, words="Ông hay Bà?", seen=recording.digest
    )
    assert state_of(questionnaire, SEX) is RecordingState.DONE
    assert parse(draft_to_document(latest_draft(questionnaire))).question("SEX").audio


def test_a_published_version_keeps_its_recording_when_the_draft_gets_another():
    questionnaire = drafted()
    [first] = record(questionnaire, SEX)
    version = freeze_version(questionnaire=questionnaire)
    save_recordings(
        questionnaire=questionnaire, language="vi", recordings=[NewRecording(SEX, "Giới tính", mp3())]
    )
    version.refresh_from_db()
    assert version.document["sections"][0]["questions"][0]["audio"] == {"vi": f"{first.digest}.wav"}
    later = freeze_version(questionnaire=questionnaire)
    assert later.number == 2
    assert later.document["sections"][0]["questions"][0]["audio"]["vi"].endswith(".mp3")


def test_a_language_without_words_is_recorded_from_the_vietnamese_ones():
    questionnaire = drafted()
    assert {(each.text.words, each.text.language) for each in texts_of(questionnaire, "mtq")} >= {
        ("Giới tính", "vi")
    }
    record(questionnaire, SEX, language="mtq")
    schema = parse(freeze_version(questionnaire=questionnaire).document)
    assert list(schema.question("SEX").audio) == ["mtq"]


def test_readers_of_a_language_without_a_recording_are_offered_the_vietnamese_one():
    vietnamese, english = Reference("0" * 64, "mp3"), Reference("1" * 64, "mp3", is_synthetic=True)
    names = {"vi": str(vietnamese), "en": str(english), "km": "audio/q1.mp3"}
    assert heard_in(names, "en") == ("en", english)
    assert heard_in(names, "km") == ("vi", vietnamese)
    assert heard_in({"en": str(english)}, "vi") is None


def test_a_synthetic_voice_is_marked_in_the_version():
    questionnaire = drafted()
    record(questionnaire, SEX, source=Recording.Source.SYNTHETIC)
    schema = parse(freeze_version(questionnaire=questionnaire).document)
    reference = Reference.of(schema.question("SEX").audio["vi"])
    assert reference is not None
    assert reference.is_synthetic


def test_last_years_form_brings_its_recordings_along():
    questionnaire = with_help()
    keys = (SEX, "question:SEX/help", GOOD, "question:USED/option:0")
    record(questionnaire, *keys)
    document = freeze_version(questionnaire=questionnaire).document
    copied = import_form({**document, "code": "small2"})
    assert {each.key for each in copied.recordings.all()} == set(keys)
    assert {**draft_to_document(copied), "code": "small"} == document
    assert (
        "audio" not in copied.sections[0].value["questions"][0]
        or not copied.sections[0].value["questions"][0]["audio_vi"]
    )


def test_recordings_that_are_not_stored_here_are_not_promised():
    document = small_document()
    document["sections"][0]["questions"][0]["audio"] = {"vi": f"{'0' * 64}.mp3", "en": "audio/q1.mp3"}
    schema = parse(draft_to_document(import_form(document)))
    assert dict(schema.question("SEX").audio) == {"en": "audio/q1.mp3"}


def test_another_ones_recording_is_not_overwritten_unheard():
    questionnaire = drafted()
    record(questionnaire, SEX)
    new = [NewRecording(USED, "x", wav(tone=8), ""), NewRecording(SEX, "Giới tính", wav(tone=9), "")]
    with pytest.raises(RecordingChangedError) as caught:
        save_recordings(questionnaire=questionnaire, language="vi", recordings=new)
    assert caught.value.keys == [SEX]
    assert Recording.objects.count() == 1


def test_nothing_is_saved_of_a_batch_with_a_file_that_is_no_recording():
    questionnaire = drafted()
    new = [NewRecording(SEX, "Giới tính", wav()), NewRecording(USED, "x", b"text")]
    with pytest.raises(UnfitSoundError):
        save_recordings(questionnaire=questionnaire, language="vi", recordings=new)
    assert not Recording.objects.exists()


def test_unknown_languages_are_refused():
    with pytest.raises(UnknownLanguageError):
        save_recordings(questionnaire=drafted(), language="xx", recordings=[])


def test_progress_counts_texts_by_state():
    questionnaire = drafted()
    record(questionnaire, SEX, USED)
    found = recording_progress(texts_of(reworded()))
    assert (found.n_done, found.n_outdated, found.n_texts) == (1, 1, len(texts_of(questionnaire)))
    assert found.n_missing == found.n_texts - 2
    assert found.percent == pytest.approx(100 / found.n_texts)


def test_authors_are_told_about_missing_and_outdated_recordings_of_languages_begun():
    questionnaire = drafted()
    assert not [problem for problem in lint_draft(questionnaire) if problem.code.startswith("recording")]
    record(questionnaire, SEX, USED)
    with translation.override("en"):
        found = {
            problem.code: described(problem)
            for problem in lint_draft(reworded())
            if problem.code.startswith("recording")
        }
    assert found["recording_outdated"].path == f"{SEX}.vi"
    assert "consent/title" in found["recordings_missing"].message
    assert freeze_version(questionnaire=questionnaire).number == 1


def named(questionnaire: Questionnaire, *keys: str) -> dict[str, bytes]:
    stems = {each.text.key: each.text.file_stem for each in texts_of(questionnaire)}
    return {f"{stems[key]}.mp3": mp3(10 + place) for place, key in enumerate(keys)}


def take(questionnaire: Questionnaire, content: bytes) -> list[Recording]:
    return take_archive(
        questionnaire=questionnaire, language="vi", content=content, texts=texts_of(questionnaire)
    )


def test_an_archive_brings_many_recordings():
    questionnaire = drafted()
    packed = {**named(questionnaire, SEX, GOOD), "__MACOSX/._x.mp3": b"x", "here/.DS_Store": b"x"}
    assert {each.key for each in take(questionnaire, archive(packed))} == {SEX, GOOD}
    assert {each.spoken_text for each in Recording.objects.all()} == {"Giới tính", "Tốt"}


@pytest.mark.parametrize(
    "name", ["question~SEX~text.ogg", "x/question~SEX~text.MP3", "x/question:SEX/text.mp3"]
)
def test_a_file_is_known_by_its_name_whatever_folder_and_ending_it_has(name: str):
    assert [each.key for each in take(drafted(), archive({name: mp3()}))] == [SEX]


def test_an_archive_with_faults_is_taken_not_at_all_and_every_fault_is_named():
    questionnaire = drafted()
    [good] = named(questionnaire, GOOD).items()
    packed = dict([good]) | {
        "nobody.mp3": mp3(),
        "question~USED~text.mp3": b"text",
        "x/scale~satisfaction~option~4.wav": wav(),
    }
    with pytest.raises(ArchiveError) as caught:
        take(questionnaire, archive(packed))
    assert [problem.name for problem in caught.value.problems] == [
        "nobody.mp3", "question~USED~text.mp3", "x/scale~satisfaction~option~4.wav",
    ]  # fmt: skip
    assert not Recording.objects.exists()


def bomb() -> bytes:
    """A file of nothing that says it is small and unpacks to more than a recording may be."""
    whole = archive({"question~SEX~text.wav": bytes(LARGEST_SOUND * 2)}, compression=zipfile.ZIP_DEFLATED)
    said, real = (1000).to_bytes(4, "little"), (LARGEST_SOUND * 2).to_bytes(4, "little")
    return whole.replace(real, said)


def locked() -> bytes:
    whole = bytearray(archive({"question~SEX~text.wav": wav()}))
    whole[whole.index(b"PK\x01\x02") + 8] |= 1
    whole[6] |= 1
    return bytes(whole)


@pytest.mark.parametrize(
    "content",
    [
        b"no archive",
        archive({}),
        archive({"question~SEX~text.wav": bytes(LARGEST_SOUND * 70)}, compression=zipfile.ZIP_DEFLATED),
        archive({f"{n}.mp3": b"" for n in range(2001)}),
        bomb(),
        locked(),
        archive({"question~SEX~text.wav": wav()})[:-30],
    ],
    ids=["text", "empty", "huge", "many", "bomb", "locked", "cut"],
)
def test_a_bad_archive_is_refused_with_a_reason(content: bytes):
    with pytest.raises(ArchiveError) as caught:
        take(drafted(), content)
    assert all(problem.reason for problem in caught.value.problems)
    assert not Recording.objects.exists()


def test_a_file_is_stored_once_under_the_hash_of_its_content(own_folder: Path):
    first, second = keep(wav(), "wav"), keep(wav(), "wav", is_synthetic=True)
    assert first.file_name == second.file_name
    assert [path.name for path in files()] == [first.file_name]
    assert path_of(first).read_bytes() == wav()
    assert own_folder.stat().st_mode & 0o077 == 0
    assert path_of(first).stat().st_mode & 0o077 == 0


def age(*references: Reference) -> None:
    for reference in references:
        os.utime(path_of(reference), (time.time() - 90_000,) * 2)


def test_sweeping_keeps_what_a_draft_or_a_published_version_refers_to():
    questionnaire = drafted()
    published = reference_of(record(questionnaire, SEX)[0])
    freeze_version(questionnaire=questionnaire)
    left = reference_of(
        save_recordings(
            questionnaire=questionnaire, language="vi", recordings=[NewRecording(SEX, "x", mp3(5))]
        )[0]
    )
    kept = reference_of(
        save_recordings(
            questionnaire=questionnaire, language="vi", recordings=[NewRecording(SEX, "x", mp3(6))]
        )[0]
    )
    young = keep(mp3(7), "mp3")
    age(published, left, kept)
    assert sweep_recordings() == 1
    assert {path.name for path in files()} == {each.file_name for each in (published, kept, young)}
    age(young)
    said = io.StringIO()
    with translation.override("en"):
        call_command("sweep_recordings", stdout=said)
    assert said.getvalue() == "Removed: 1 recordings.\n"
    assert sweep_recordings() == 0


def test_headings_consent_and_what_may_be_chosen_instead_are_taken_into_the_version():
    questionnaire = drafted()
    keys = ("consent/title", "consent/point:1", "consent/statement:use", "section:B", "special:na")
    title, point, statement, heading, special = record(questionnaire, *keys)
    schema = parse(freeze_version(questionnaire=questionnaire).document)
    assert dict(schema.consent.audio) == {"vi": f"{title.digest}.wav"}
    assert dict(schema.consent.points[0].audio) == {"vi": f"{point.digest}.wav"}
    assert dict(schema.consent.statements[0].audio) == {"vi": f"{statement.digest}.wav"}
    assert dict(schema.section("B").audio) == {"vi": f"{heading.digest}.wav"}
    assert dict(schema.special_audio["na"]) == {"vi": f"{special.digest}.wav"}
    assert not schema.special_audio["no_answer"]


def test_a_heading_is_read_with_its_introduction_and_outdated_by_either():
    sections = small_document()["sections"]
    sections[1]["intro"] = {"vi": "Chọn một mức.", "en": "Choose one."}
    questionnaire = drafted(sections=sections)
    spoken = {each.text.key: each.text.words for each in texts_of(questionnaire)}
    assert spoken["section:B"] == "Ông/Bà hài lòng ở mức nào?\nChọn một mức."
    assert spoken["section:A"] == "Thông tin chung"
    record(questionnaire, "section:B")
    sections[1]["intro"] = {"vi": "Chọn mức khác.", "en": "Choose another."}
    assert state_of(drafted(sections=sections), "section:B") is RecordingState.OUTDATED


def test_another_form_hears_the_same_headings_and_consent():
    questionnaire = drafted()
    record(questionnaire, "consent/point:1", "section:B", "special:na")
    document = draft_to_document(latest_draft(questionnaire))
    made = import_form(document | {"code": "another"})
    assert set(made.recordings.values_list("key", flat=True)) == {
        "consent/point:1",
        "section:B",
        "special:na",
    }
    assert draft_to_document(latest_draft(made))["sections"] == document["sections"]

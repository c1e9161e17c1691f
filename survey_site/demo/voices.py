"""A synthetic voice for the demonstration: eSpeak NG reads the texts of a draft where it is installed."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _

from questionnaires.models import Questionnaire, Recording
from questionnaires.selectors.recordings import RecordingState, StudioText, recordings_of, studio_texts
from questionnaires.services import draft_to_document, latest_draft
from questionnaires.services.recordings import NewRecording, save_recordings

PROGRAM = "espeak-ng"
VOICES: Mapping[str, str] = {"vi": "vi", "en": "en-gb"}
"""The voice by language; the program has none that speaks a language of a minority well enough."""
WORDS_PER_MINUTE = 145
LONGEST_SECONDS = 60
_PLACE = re.compile(r"\{\{[^{}]*\}\}")
_ALTERNATIVES = re.compile(r"(?<=\w)/(?=\w)")


class NoVoiceError(RuntimeError):
    """Raised where no program is installed that could speak, or it has no voice for a language."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """A program that makes a recording small."""

    program: str
    ending: str
    arguments: tuple[str, ...]


ENCODERS = (
    Encoder("lame", "mp3", ("--quiet", "-m", "m", "-b", "32", "--resample", "22.05")),
    Encoder("opusenc", "ogg", ("--quiet", "--bitrate", "16")),
)
"""The first one installed is used: MP3 plays on every phone. Without any, recordings stay uncompressed."""


def is_there() -> bool:
    """Tell whether the program that speaks is installed."""
    return shutil.which(PROGRAM) is not None


def make_synthetic_recordings(
    *, questionnaire: Questionnaire, language: str = "vi", user: AbstractBaseUser | None = None
) -> int:
    """Speak every text of a draft that nobody recorded; return how many.

    What a person has recorded is never replaced, and a synthetic recording only where its text was changed.

    Raises
    ------
    NoVoiceError
        If the program is not installed or has no voice for the language.
    """
    if language not in VOICES:
        known = {"known": ", ".join(VOICES), "language": language}
        raise NoVoiceError(_("Expected one of the languages %(known)s, got %(language)s.") % known)
    if not is_there():
        raise NoVoiceError(_("espeak-ng is not installed. On Debian and Ubuntu: apt install espeak-ng lame"))
    document = draft_to_document(latest_draft(questionnaire))
    texts = studio_texts(document, language, recordings_of(questionnaire).get(language, {}))
    spoken = list(_spoken([text for text in texts if _is_wanted(text)], language))
    if spoken:
        save_recordings(
            questionnaire=questionnaire,
            language=language,
            recordings=spoken,
            source=Recording.Source.SYNTHETIC,
            user=user,
        )
    return len(spoken)


def _is_wanted(heard: StudioText) -> bool:
    """Whether a text is to be spoken: never recorded, or by a program and reworded since."""
    if heard.recording is None:
        return True
    is_synthetic = heard.recording.source == Recording.Source.SYNTHETIC
    return is_synthetic and heard.state is RecordingState.OUTDATED


def _spoken(texts: list[StudioText], language: str) -> Iterator[NewRecording]:
    """Yield texts as recordings."""
    encoder = next((each for each in ENCODERS if shutil.which(each.program)), None)
    with tempfile.TemporaryDirectory() as folder:
        for heard in texts:
            sound = Path(folder) / "spoken.wav"
            _run(
                [PROGRAM, "-v", VOICES[language], "-s", str(WORDS_PER_MINUTE), "--stdin", "-w", str(sound)],
                said(heard),
            )
            if encoder:
                small = sound.with_suffix(f".{encoder.ending}")
                _run([encoder.program, *encoder.arguments, str(sound), str(small)])
                sound = small
            yield NewRecording(heard.text.key, heard.text.words, sound.read_bytes(), heard.digest)


def said(heard: StudioText) -> str:
    """Return the words as they are read: a pause for an answer put in, “or” left to the ear for a stroke."""
    return _ALTERNATIVES.sub(", ", _PLACE.sub(" … ", heard.text.words))


def _run(command: list[str], words: str = "") -> None:
    """Run a program that is installed, with words to read."""
    try:
        subprocess.run(  # noqa: S603 - fixed programs, and no word of a questionnaire among the arguments
            command, input=words.encode(), check=True, capture_output=True, timeout=LONGEST_SECONDS
        )
    except (OSError, subprocess.SubprocessError) as error:
        failed = {"program": command[0], "reason": error}
        raise NoVoiceError(_("%(program)s could not be run: %(reason)s") % failed) from error

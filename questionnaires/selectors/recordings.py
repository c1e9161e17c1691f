"""Recordings of a draft, how complete a language is, and which files published versions refer to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from questionnaires.exchange.spoken import Spoken, SpokenText, spoken_texts
from questionnaires.models import Questionnaire, QuestionnaireVersion, Recording
from questionnaires.permissions import USE_STUDIO, VIEW_DRAFT
from questionnaires.references import PictureReference, Reference, stored_file
from questionnaires.schema import Problem, Severity

NAMED_KEYS = 3
"""Keys of missing recordings that a warning names."""


class RecordingState(StrEnum):
    """How a text stands in the studio."""

    MISSING = "missing"
    OUTDATED = "outdated"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class StudioText:
    """A text that can be heard, and its recording."""

    text: SpokenText
    recording: Recording | None = None

    @property
    def state(self) -> RecordingState:
        """Whether there is a recording of the text as it reads now."""
        if self.recording is None:
            return RecordingState.MISSING
        is_same = self.recording.spoken_text == self.text.words
        return RecordingState.DONE if is_same else RecordingState.OUTDATED

    @property
    def digest(self) -> str:
        """Hash of the recording, empty where there is none."""
        return self.recording.digest if self.recording else ""


@dataclass(frozen=True, slots=True)
class RecordingProgress:
    """How far the recordings of a language are."""

    n_texts: int
    n_done: int
    n_outdated: int

    @property
    def n_missing(self) -> int:
        """Texts without a recording."""
        return self.n_texts - self.n_done - self.n_outdated

    @property
    def percent(self) -> float:
        """The share of texts that can be heard as they read now, in per cent."""
        return 100 * self.n_done / self.n_texts if self.n_texts else 0.0


def reference_of(recording: Recording) -> Reference:
    """Return how a document names a recording."""
    is_synthetic = recording.source == Recording.Source.SYNTHETIC
    return Reference(recording.digest, recording.extension, is_synthetic)


def recordings_of(questionnaire: Questionnaire) -> dict[str, dict[str, Recording]]:
    """Return the recordings of a draft by language and key."""
    found: dict[str, dict[str, Recording]] = {}
    for recording in Recording.objects.filter(questionnaire_id=questionnaire.pk).order_by("language", "key"):
        found.setdefault(recording.language, {})[recording.key] = recording
    return found


def spoken_of(questionnaire: Questionnaire) -> dict[str, dict[str, Spoken]]:
    """Return the recordings of a draft as a document takes them up."""
    return {
        language: {key: Spoken(reference_of(each), each.spoken_text) for key, each in by_key.items()}
        for language, by_key in recordings_of(questionnaire).items()
    }


def studio_texts(
    document: Mapping[str, Any], language: str, recordings: Mapping[str, Recording]
) -> list[StudioText]:
    """Return every text of a draft that can be heard, with its recording in a language."""
    return [StudioText(text, recordings.get(text.key)) for text in spoken_texts(document, language)]


def recording_progress(texts: Sequence[StudioText]) -> RecordingProgress:
    """Return how far a language is."""
    states = [text.state for text in texts]
    return RecordingProgress(
        len(states), states.count(RecordingState.DONE), states.count(RecordingState.OUTDATED)
    )


def is_published(reference: Reference | PictureReference) -> bool:
    """Tell whether a published version refers to a file; versions are read once per process."""
    return reference.file_name in published_files()


def published_files() -> frozenset[str]:
    """Return the names of all recordings and pictures that published versions refer to."""
    return _files_of(tuple(QuestionnaireVersion.objects.order_by("pk").values_list("digest", flat=True)))


@lru_cache(maxsize=2)
def _files_of(digests: tuple[str, ...]) -> frozenset[str]:
    """Return the files of the versions with these hashes; a version never changes."""
    versions = QuestionnaireVersion.objects.filter(digest__in=digests)
    documents = versions.values_list("document", flat=True).iterator()
    return frozenset(name for document in documents for name in _files_in(document))


def _files_in(node: Any) -> Iterator[str]:
    """Yield the files that a document refers to, wherever it names them."""
    if isinstance(node, str):
        if name := stored_file(node):
            yield name
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _files_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from _files_in(value)


def recording_problems(questionnaire: Questionnaire, document: Mapping[str, Any]) -> list[Problem]:
    """Return what authors should know about recordings; nothing of languages in which none was made."""
    return [
        problem
        for language, recordings in recordings_of(questionnaire).items()
        for problem in _problems_in(language, studio_texts(document, language, recordings))
    ]


def _problems_in(language: str, texts: Sequence[StudioText]) -> Iterator[Problem]:
    """Yield one warning about texts never recorded, and one per recording of another text."""
    missing = [text.text.key for text in texts if text.state is RecordingState.MISSING]
    if missing:
        keys = ", ".join(missing[:NAMED_KEYS])
        params = {"n": len(missing), "total": len(texts), "keys": keys, "language": language}
        yield Problem("recordings_missing", f"audio.{language}", params, Severity.WARNING)
    for text in texts:
        if text.state is RecordingState.OUTDATED:
            params = {"language": language}
            yield Problem("recording_outdated", f"{text.text.key}.{language}", params, Severity.WARNING)


def may_be_heard(reference: Reference, user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether somebody may listen to a recording of a draft: authors, and who records."""
    is_known = Recording.objects.filter(digest=reference.digest, extension=reference.extension).exists()
    return is_known and any(cast("Any", user).has_perm(right) for right in (VIEW_DRAFT, USE_STUDIO))

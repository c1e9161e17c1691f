"""Recordings saved beside a draft, one per text and language, and swept when nothing refers to them."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from questionnaires import media
from questionnaires.languages import LANGUAGES
from questionnaires.models import Questionnaire, Recording
from questionnaires.schema.texts import normalize
from questionnaires.selectors.pictures import drafted_pictures
from questionnaires.selectors.recordings import published_files, reference_of
from questionnaires.services.translations import UnknownLanguageError
from questionnaires.sounds import recognise
from sampling.services.audit import record_table

YOUNG_SECONDS = 60 * 60 * 24
"""A file that nothing refers to is kept for a day: its request may still be under way."""


class RecordingChangedError(ValueError):
    """Raised when somebody else replaced a recording since it was looked at; `keys` names the texts."""

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys
        super().__init__(
            _("These recordings were changed meanwhile; nothing was saved: %(keys)s. Listen to them first.")
            % {"keys": ", ".join(keys)}
        )


@dataclass(frozen=True, slots=True)
class NewRecording:
    """A file to save: the text it belongs to, the words that were read aloud, and what is in it.

    `seen` is the hash of the recording there was when the text was looked at, empty for none; `None` does
    not ask.
    """

    key: str
    words: str
    content: bytes
    seen: str | None = None


@transaction.atomic
def save_recordings(
    *,
    questionnaire: Questionnaire,
    language: str,
    recordings: Iterable[NewRecording],
    source: str = Recording.Source.UPLOAD,
    user: AbstractBaseUser | None = None,
) -> list[Recording]:
    """Save recordings of one language, all or none.

    Raises
    ------
    UnfitSoundError
        If a file is no recording that browsers play.
    RecordingChangedError
        If one was replaced since it was looked at.
    """
    if language not in LANGUAGES:
        raise UnknownLanguageError(language)
    wanted = list(recordings)
    stored = _locked(questionnaire, language)
    _refuse_changed(stored, {each.key: each.seen for each in wanted if each.seen is not None})
    saved = [_saved(stored.get(each.key), each, questionnaire, language, source, user) for each in wanted]
    counts = {"language": language, "recordings": len(saved)}
    log(instance=questionnaire, action="questionnaires.record", user=user, data=counts)
    return saved


def _saved(
    stored: Recording | None,
    new: NewRecording,
    questionnaire: Questionnaire,
    language: str,
    source: str,
    user: AbstractBaseUser | None,
) -> Recording:
    """Store a file and the row that names it."""
    sound = recognise(new.content)
    row = stored or Recording(questionnaire=questionnaire, language=language, key=new.key)
    is_synthetic = source == Recording.Source.SYNTHETIC
    row.digest = media.keep(new.content, sound.extension, is_synthetic=is_synthetic).digest
    row.extension, row.seconds = sound.extension, sound.seconds
    row.n_bytes, row.source = len(new.content), source
    row.spoken_text, row.recorded_by = normalize(new.words), cast("Any", user)
    row.full_clean()
    row.save()
    return row


@transaction.atomic
def confirm_recording(
    *,
    questionnaire: Questionnaire,
    language: str,
    key: str,
    words: str,
    seen: str,
    user: AbstractBaseUser | None = None,
) -> Recording:
    """Say that a recording still fits a text that was reworded, so that it is heard again."""
    row = _seen(questionnaire, language, key, seen)
    row.spoken_text = normalize(words)
    row.save(update_fields=["spoken_text"])
    details = {"language": language, "key": key}
    log(instance=questionnaire, action="questionnaires.confirm_recording", user=user, data=details)
    return row


@transaction.atomic
def remove_recording(
    *,
    questionnaire: Questionnaire,
    language: str,
    key: str,
    seen: str,
    user: AbstractBaseUser | None = None,
) -> None:
    """Take a recording away from the draft; versions that were published with it keep it."""
    _seen(questionnaire, language, key, seen).delete()
    details = {"language": language, "key": key}
    log(instance=questionnaire, action="questionnaires.remove_recording", user=user, data=details)


def _seen(questionnaire: Questionnaire, language: str, key: str, seen: str) -> Recording:
    """Return a recording that is still the one that was looked at."""
    stored = _locked(questionnaire, language)
    _refuse_changed(stored, {key: seen})
    return stored[key]


def _locked(questionnaire: Questionnaire, language: str) -> dict[str, Recording]:
    """Return the recordings of a language by key; others who change the draft wait."""
    Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    rows = Recording.objects.filter(questionnaire_id=questionnaire.pk, language=language)
    return {row.key: row for row in rows}


def _refuse_changed(stored: Mapping[str, Recording], seen: Mapping[str, Any]) -> None:
    """Raise if a recording is no longer the one that was looked at."""
    changed = [key for key, digest in seen.items() if getattr(stored.get(key), "digest", "") != digest]
    if changed:
        raise RecordingChangedError(changed)


def sweep_recordings(*, user: AbstractBaseUser | None = None) -> int:
    """Remove recordings and pictures that neither a draft nor a published version refers to; return how many.

    Running it again does no harm.
    """
    oldest = time.time() - YOUNG_SECONDS
    rows = Recording.objects.only("digest", "extension", "source")
    kept = published_files() | drafted_pictures() | {reference_of(row).file_name for row in rows}
    left = [path for path in media.files() if path.name not in kept and path.stat().st_mtime < oldest]
    for path in left:
        path.unlink(missing_ok=True)
    if left:
        counts = {"files": len(left)}
        record_table(Recording, "questionnaires.sweep_recordings", user=user, details=counts)
    return len(left)

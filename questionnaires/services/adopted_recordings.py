"""Recordings that come along with a form: last year's are heard again where the words are the same."""

from collections.abc import Mapping
from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser

from questionnaires.exchange.spoken import Spoken, recordings_in
from questionnaires.languages import LANGUAGES
from questionnaires.media import path_of
from questionnaires.models import Questionnaire, Recording


def adopt_recordings(
    questionnaire: Questionnaire, document: Mapping[str, Any], *, user: AbstractBaseUser | None = None
) -> int:
    """Give a draft the recordings that a document names and that are stored here; return how many.

    A text that has a recording already keeps it. The import that calls this writes the audit log.
    """
    taken = set(Recording.objects.filter(questionnaire=questionnaire).values_list("language", "key"))
    wanted = [
        _recording(questionnaire, language, key, spoken, user)
        for language, by_key in recordings_in(document).items()
        for key, spoken in by_key.items()
        if language in LANGUAGES and (language, key) not in taken and path_of(spoken.reference).is_file()
    ]
    return len(Recording.objects.bulk_create(wanted))


def _recording(
    questionnaire: Questionnaire, language: str, key: str, spoken: Spoken, user: AbstractBaseUser | None
) -> Recording:
    """Return the row of a recording that is stored already."""
    reference = spoken.reference
    source = Recording.Source.SYNTHETIC if reference.is_synthetic else Recording.Source.UPLOAD
    return Recording(
        questionnaire=questionnaire,
        key=key,
        language=language,
        digest=reference.digest,
        extension=reference.extension,
        n_bytes=path_of(reference).stat().st_size,
        source=source,
        spoken_text=spoken.words,
        recorded_by=cast("Any", user),
    )

"""Texts in further languages: saved beside the draft, put into a version when it is published."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from questionnaires.exchange.problems import FileProblem, FileProblemsError
from questionnaires.exchange.translations import (
    LONGEST_TEXT,
    Comparison,
    Entry,
    Translation,
    compare,
    entries,
    sheet_rows,
)
from questionnaires.languages import FURTHER_LANGUAGES
from questionnaires.models import Questionnaire, QuestionnaireTranslation
from questionnaires.schema.texts import normalize
from questionnaires.services.workbooks import read_workbook, write_workbook


class UnknownLanguageError(ValueError):
    """Raised for a language that no questionnaire is translated into."""

    def __init__(self, language: str) -> None:
        known = ", ".join(FURTHER_LANGUAGES)
        super().__init__(
            _("Expected one of the languages %(known)s, got %(language)s. Choose one from the list.")
            % {"known": known, "language": language}
        )


class TextChangedError(ValueError):
    """Raised when a text was changed by somebody else since it was looked at; `keys` names the texts."""

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys
        super().__init__(
            _("These texts were changed meanwhile and nothing was saved: %(keys)s. Look at them again.")
            % {"keys": ", ".join(keys)}
        )


def stored_translations(questionnaire: Questionnaire) -> dict[str, dict[str, Translation]]:
    """Return what there is in further languages, by language and key."""
    rows = QuestionnaireTranslation.objects.filter(questionnaire_id=questionnaire.pk).order_by("language")
    return {row.language: _translations(row.texts) for row in rows}


def _translations(texts: Mapping[str, Mapping[str, str]]) -> dict[str, Translation]:
    """Return the values of a stored document."""
    return {key: Translation(found["text"], found["source"]) for key, found in texts.items()}


def translation_entries(
    document: Mapping[str, Any], questionnaire: Questionnaire, language: str
) -> list[Entry]:
    """Return every text of a draft with its translation into a language."""
    return entries(document, stored_translations(questionnaire).get(language, {}))


@transaction.atomic
def save_translations(
    *,
    questionnaire: Questionnaire,
    language: str,
    texts: Mapping[str, Translation],
    seen: Mapping[str, str] | None = None,
    user: AbstractBaseUser | None = None,
) -> QuestionnaireTranslation:
    """Save texts of one language by key; an empty text takes a translation away.

    `seen` holds the texts that were shown before; where another one is stored by now, nothing is saved.
    """
    if language not in FURTHER_LANGUAGES:
        raise UnknownLanguageError(language)
    Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
    row = QuestionnaireTranslation.objects.filter(questionnaire=questionnaire, language=language).first()
    row = row or QuestionnaireTranslation(questionnaire=questionnaire, language=language)
    stored = _translations(row.texts)
    _refuse_changed(stored, seen or {})
    wanted = {
        key: Translation(normalize(found.text), normalize(found.source)) for key, found in texts.items()
    }
    _refuse_long(wanted)
    changed = [
        key for key, found in wanted.items() if found != stored.get(key, Translation("", found.source))
    ]
    whole = {key: found for key, found in {**stored, **wanted}.items() if found.text}
    row.texts = {key: asdict(found) for key, found in whole.items()}
    row.full_clean()
    row.save()
    counts = {"language": language, "texts": len(changed)}
    log(instance=questionnaire, action="questionnaires.translate", user=user, data=counts)
    return row


def _refuse_changed(stored: Mapping[str, Translation], seen: Mapping[str, str]) -> None:
    """Raise if a text is no longer the one that was shown."""
    changed = [key for key, text in seen.items() if normalize(text) != getattr(stored.get(key), "text", "")]
    if changed:
        raise TextChangedError(changed)


def _refuse_long(texts: Mapping[str, Translation]) -> None:
    """Raise for texts that no page has room for."""
    long = [key for key, found in texts.items() if len(found.text) > LONGEST_TEXT]
    if long:
        params = {"limit": str(LONGEST_TEXT)}
        raise FileProblemsError(FileProblem(key, "", "too_long", params) for key in long)


def translation_workbook(found: list[Entry], language: str) -> bytes:
    """Return the workbook that translators fill in: one row per text."""
    return write_workbook({language: sheet_rows(found, language)})


def compare_workbook(content: bytes, found: list[Entry], language: str) -> Comparison:
    """Return what a filled-in workbook would change; nothing is saved.

    Raises
    ------
    FileProblemsError
        With every problem found, each with its cell.
    """
    sheets = read_workbook(content)
    sheet = sheets.get(language) or next(iter(sheets.values()), None)
    if sheet is None:
        raise FileProblemsError([FileProblem(language, "", "missing_sheet", {"sheet": language})])
    return compare(sheet, found, language)

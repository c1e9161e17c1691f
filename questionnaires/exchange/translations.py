"""Texts of a questionnaire by stable keys, so that a language can be added without touching a question.

A key is made of the code of a question, section, scale or rule and of the part its text plays there, such as
``question:Q1/text`` or ``scale:satisfaction/option:5``: moving a question or rewording it keeps the key.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from questionnaires.exchange.explicit import Document, explicit
from questionnaires.exchange.problems import FileProblem, FileProblemsError
from questionnaires.exchange.sheets import Sheet
from questionnaires.languages import language_name
from questionnaires.schema import DEFAULT_LANGUAGE
from questionnaires.schema.texts import normalize

type Slot = tuple[str, Document, str]
"""Key of a text, the object that holds it, and its name there."""

LONGEST_TEXT = 5000
KEY, SOURCE, ENGLISH, NOTE = "key", "vi", "en", "note"
_PLACE = re.compile(r"\{\{\s*([A-Za-z][\w.-]*)\s*(?:\|[^{}]*)?\}\}")
_LANGUAGE_SHEET = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")


class State(StrEnum):
    """How a text stands in a language."""

    DONE = "done"
    OUTDATED = "outdated"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Translation:
    """A text in a language, and the Vietnamese text it was translated from."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One text to translate: its key, its words in the languages of the site, and the translation."""

    key: str
    source: str
    english: str
    translation: Translation | None = None

    @property
    def state(self) -> State:
        """Whether there is a translation of the text as it reads now."""
        if self.translation is None or not self.translation.text:
            return State.MISSING
        return State.DONE if self.translation.source == self.source else State.OUTDATED

    @property
    def text(self) -> str:
        """The translation, empty where there is none."""
        return self.translation.text if self.translation else ""


@dataclass(frozen=True, slots=True)
class Completeness:
    """How far a language is."""

    n_texts: int
    n_done: int
    n_outdated: int

    @property
    def share(self) -> float:
        """The share of texts whose translation is of the text as it reads now."""
        return self.n_done / self.n_texts if self.n_texts else 0.0


@dataclass(frozen=True, slots=True)
class Change:
    """What a file would change: a text as it is and as it would be."""

    key: str
    source: str
    before: str
    after: str
    is_source_changed: bool = False
    """Whether the Vietnamese text was changed after the file had been exported."""
    source_in_file: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A file of translations compared with what there is."""

    language: str
    changes: tuple[Change, ...] = ()
    n_same: int = 0
    n_empty: int = 0
    notices: tuple[FileProblem, ...] = field(default=())


def entries(document: Mapping[str, Any], translations: Mapping[str, Translation]) -> list[Entry]:
    """Return every text of a questionnaire that citizens see, with its translation.

    Parameters
    ----------
    document : mapping
        A questionnaire as JSON.
    translations : mapping of str to Translation
        What there is in one language, by key.

    Returns
    -------
    list of Entry
        In the order of the form; a text without Vietnamese words is left out.
    """
    found = []
    for key, holder, name in _slots(explicit(document)):
        texts = holder.get(name) or {}
        source = texts.get(DEFAULT_LANGUAGE, "")
        if source:
            found.append(Entry(key, source, texts.get("en", ""), translations.get(key)))
    return found


def completeness(found: Sequence[Entry]) -> Completeness:
    """Return how far a language is."""
    states = [entry.state for entry in found]
    return Completeness(len(states), states.count(State.DONE), states.count(State.OUTDATED))


def with_translations(
    document: Mapping[str, Any], translations: Mapping[str, Mapping[str, Translation]]
) -> Document:
    """Return a questionnaire with the texts of further languages.

    Parameters
    ----------
    document : mapping
        A questionnaire as JSON; it is not changed.
    translations : mapping of str to mapping of str to Translation
        By language and key.

    Returns
    -------
    dict
        A translation of a text that was reworded since is left out: nobody shall be asked what is no longer
        the question.
    """
    if not any(translations.values()):
        return dict(document)
    whole = explicit(document)
    for key, holder, name in _slots(whole):
        texts = holder.get(name) or {}
        for language, by_key in translations.items():
            found = by_key.get(key)
            if found and found.text and texts.get(DEFAULT_LANGUAGE) == found.source:
                texts[language] = found.text
    return whole


def further_texts(document: Mapping[str, Any], languages: Sequence[str]) -> dict[str, dict[str, Translation]]:
    """Return the texts of a questionnaire in other languages than the given ones, by language and key."""
    found: dict[str, dict[str, Translation]] = {}
    for key, holder, name in _slots(explicit(document)):
        texts = holder.get(name) or {}
        for language, text in texts.items():
            if language not in languages and text:
                found.setdefault(language, {})[key] = Translation(text, texts.get(DEFAULT_LANGUAGE, ""))
    return found


def _slots(document: Document) -> Iterator[Slot]:
    """Yield the place of every text that citizens see."""
    yield "form/title", document, "title"
    yield "form/provisional_reason", document, "provisional_reason"
    yield from _consent_slots(document.get("consent") or {})
    for attribute in document.get("attributes", ()):
        yield f"attribute:{attribute['code']}", attribute, "label"
    yield from _rule_slots(document)
    for scale in document.get("scales", ()):
        yield from _option_slots(f"scale:{scale['code']}", scale)
    for section in document["sections"]:
        for name in ("title", "heading", "intro"):
            yield f"section:{section['code']}/{name}", section, name
        yield from _rule_slots(section)
        for question in section["questions"]:
            key = f"question:{question['code']}"
            for name in ("text", "help", "unit", "picture_alt"):
                yield f"{key}/{name}", question, name
            yield from _option_slots(key, question)


def _consent_slots(consent: Document) -> Iterator[Slot]:
    """Yield the texts of the consent; points have no code and are counted."""
    yield "consent/title", consent, "title"
    for place, point in enumerate(consent.get("points", ()), start=1):
        for name in ("heading", "text"):
            yield f"consent/point:{place}/{name}", point, name
    for statement in consent.get("statements", ()):
        for name in ("text", "help"):
            yield f"consent/statement:{statement['code']}/{name}", statement, name


def _rule_slots(holder: Document) -> Iterator[Slot]:
    """Yield the messages of rules."""
    for rule in holder.get("rules", ()):
        yield f"rule:{rule['code']}", rule, "message"


def _option_slots(key: str, holder: Document) -> Iterator[Slot]:
    """Yield the labels of options by their values, and what their pictures show."""
    for option in holder.get("options", ()):
        yield f"{key}/option:{option['value']}", option, "label"
        yield f"{key}/option:{option['value']}/picture_alt", option, "picture_alt"


def sheet_rows(found: Sequence[Entry], language: str) -> list[list[str]]:
    """Return the sheet that translators fill in: one row per text, the headings first."""
    notes = {State.OUTDATED: "!", State.DONE: "", State.MISSING: ""}
    head = [KEY, SOURCE, ENGLISH, language, NOTE]
    return [head, *([e.key, e.source, e.english, e.text, notes[e.state]] for e in found)]


def sheet_language(sheets: Mapping[str, Sheet]) -> str:
    """Return the language a file of translations is for: the name of its first sheet."""
    name = next(iter(sheets), "")
    return name if _LANGUAGE_SHEET.fullmatch(name) else ""


def compare(sheet: Sheet, found: Sequence[Entry], language: str) -> Comparison:
    """Return what a filled-in sheet would change.

    Parameters
    ----------
    sheet : Sheet
        The sheet that a translator filled in.
    found : sequence of Entry
        The texts as they are now.
    language : str
        The language asked for.

    Returns
    -------
    Comparison
        An empty cell changes nothing: no translation is deleted by a file.

    Raises
    ------
    FileProblemsError
        If columns are missing, keys are unknown or stand twice, or a text is too long.
    """
    _refuse_headings(sheet, language)
    by_key = {entry.key: entry for entry in found}
    problems = list(_row_problems(sheet, by_key, language))
    if problems:
        raise FileProblemsError(problems)
    changes, notices, n_same, n_empty = [], [], 0, 0
    for row in sheet.rows:
        entry, text = by_key[row.get(KEY)], normalize(row.get(language))
        if not text:
            n_empty += 1
            continue
        source = normalize(row.get(SOURCE))
        is_changed = source != entry.source
        if text == entry.text and entry.state is not State.OUTDATED:
            n_same += 1
            continue
        changes.append(Change(entry.key, entry.source, entry.text, text, is_changed, source))
        if lost := sorted(set(_PLACE.findall(entry.source)) - set(_PLACE.findall(text))):
            params = {"names": ", ".join(f"{{{{{name}}}}}" for name in lost)}
            notices.append(
                FileProblem(sheet.name, sheet.place(language, row.number), "lost_placeholder", params)
            )
    return Comparison(language, tuple(changes), n_same, n_empty, tuple(notices))


def _refuse_headings(sheet: Sheet, language: str) -> None:
    """Raise if a column is missing or the sheet is for another language."""
    missing = [column for column in (KEY, SOURCE) if column not in sheet.headings]
    problems = [
        FileProblem(sheet.name, sheet.place("", sheet.heading_row), "missing_column", {"column": column})
        for column in missing
    ]
    if not missing and language not in sheet.headings:
        others = [name for name in sheet.headings if name not in {KEY, SOURCE, ENGLISH, NOTE}]
        params = {"found": ", ".join(map(language_name, others)) or "–", "expected": language_name(language)}
        problems.append(FileProblem(sheet.name, sheet.place("", sheet.heading_row), "other_language", params))
    if problems:
        raise FileProblemsError(problems)


def _row_problems(sheet: Sheet, by_key: Mapping[str, Entry], language: str) -> Iterator[FileProblem]:
    """Yield what is wrong with rows."""
    seen: dict[str, int] = {}
    for row in sheet.rows:
        key, place = row.get(KEY), sheet.place(KEY, row.number)
        if key not in by_key:
            yield FileProblem(sheet.name, place, "unknown_key", {"name": key})
        elif key in seen:
            yield FileProblem(sheet.name, place, "duplicate_key", {"name": key, "row": str(seen[key])})
        seen.setdefault(key, row.number)
        if len(row.get(language)) > LONGEST_TEXT:
            place = sheet.place(language, row.number)
            yield FileProblem(sheet.name, place, "too_long", {"limit": str(LONGEST_TEXT)})

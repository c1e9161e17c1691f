"""Headings of columns: which column it is, and in which language."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from questionnaires.exchange.problems import FileProblem
from questionnaires.exchange.sheets import Row, Sheet
from questionnaires.languages import LANGUAGES, code_of_name

TRANSLATED = ("label", "hint", "media::audio", "media::image")
"""Columns that stand once per language."""
REPLACED = ("constraint_message", "required_message", "guidance_hint", "media::video", "media::big-image")
"""Columns per language that have no place in a questionnaire of this platform, or only sometimes."""
ALIASES = {
    "audio": "media::audio",
    "image": "media::image",
    "video": "media::video",
    "big-image": "media::big-image",
    "caption": "label",
    "constraint message": "constraint_message",
    "required message": "required_message",
    "list name": "list_name",
    "value": "name",
    "bind::relevant": "relevant",
    "bind::required": "required",
    "bind::constraint": "constraint",
    "relevance": "relevant",
    "command": "type",
    "skippable": "required",
    "read only": "read_only",
    "readonly": "read_only",
    "id_string": "form_id",
    "title": "form_title",
}
_CODED = re.compile(r"(?P<name>.*?)\s*\(\s*(?P<code>[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\s*\)")
_LANGUAGE_CODE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a sheet: headings of plain ones by name, of translated ones by name and language."""

    plain: Mapping[str, str] = field(default_factory=dict)
    translated: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    def cell(self, row: Row, column: str) -> str:
        """Return a plain cell of a row."""
        return row.get(self.plain.get(column, ""))

    def texts(self, row: Row, column: str) -> dict[str, str]:
        """Return the texts of a row by language."""
        found = self.translated.get(column, {})
        return {language: row.get(heading) for language, heading in found.items() if row.get(heading)}

    def heading(self, column: str) -> str:
        """Return the heading under which a column stands, in its first language."""
        return self.plain.get(column) or next(iter(self.translated.get(column, {}).values()), column)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the labels, in the order of their columns."""
        return tuple(self.translated.get("label", {}))


def language_heading(column: str, language: str) -> str:
    """Return the heading of a column in a language.

    Examples
    --------
    >>> language_heading("label", "vi"), language_heading("media::audio", "xx")
    ('label::Vietnamese (vi)', 'media::audio::xx (xx)')
    """
    name = LANGUAGES[language].english if language in LANGUAGES else language
    return f"{column}::{name} ({language})"


def language_of(words: str) -> str:
    """Return the code of a language as it stands in a heading or in the settings, empty if there is none.

    Examples
    --------
    >>> language_of("Tiếng Việt (vi)"), language_of("english"), language_of("vi"), language_of("Anh ngữ")
    ('vi', 'en', 'vi', '')
    """
    match = _CODED.fullmatch(words.strip())
    code = match["code"].lower() if match else code_of_name(words)
    return code if _LANGUAGE_CODE.fullmatch(code) else ""


class HeadingReader:
    """Reads the headings of one sheet and collects what is wrong with them."""

    def __init__(self, sheet: Sheet, plain: frozenset[str], default_language: str) -> None:
        self.sheet, self.known, self.default_language = sheet, plain, default_language
        self.problems: list[FileProblem] = []
        self.plain: dict[str, str] = {}
        self.translated: dict[str, dict[str, str]] = {}
        self.unknown: list[str] = []

    def read(self) -> Columns:
        """Return the columns of the sheet."""
        for heading in self.sheet.headings:
            self.take(heading)
        return Columns(self.plain, self.translated, tuple(self.unknown))

    def take(self, heading: str) -> None:
        """Take one heading."""
        column, words = self.split(heading)
        if column in TRANSLATED or column in REPLACED:
            self.take_translated(column, words, heading)
        elif column in self.known:
            self.note_second(heading, is_second=column in self.plain)
            self.plain.setdefault(column, heading)
        else:
            self.unknown.append(heading)

    def split(self, heading: str) -> tuple[str, str]:
        """Return the name of a column and the words for its language."""
        for column in _candidates(heading):
            name = ALIASES.get(column.lower(), column.lower())
            if name in TRANSLATED or name in REPLACED or name in self.known:
                return name, heading[len(column) :].lstrip(":").strip()
        return heading, ""

    def take_translated(self, column: str, words: str, heading: str) -> None:
        """Take a column in a language; without a word for it, the one of the settings."""
        language = language_of(words) if words else self.default_language
        if not language:
            example = language_heading(column, "vi")
            self.report("language_column", heading, heading=heading, words=words, example=example)
            return
        columns = self.translated.setdefault(column, {})
        self.note_second(heading, is_second=language in columns)
        columns.setdefault(language, heading)

    def note_second(self, heading: str, *, is_second: bool) -> None:
        """Report a column that stands twice."""
        if is_second:
            self.report("second_column", heading, heading=heading)

    def report(self, code: str, place_of: str, /, **params: str) -> None:
        """Note a problem at a heading."""
        place = self.sheet.place(place_of, self.sheet.heading_row)
        self.problems.append(FileProblem(self.sheet.name, place, code, params))


def _candidates(heading: str) -> Iterator[str]:
    """Yield the beginnings of a heading that may be the name of a column, the longest first."""
    yield heading
    for place in range(len(heading) - 1, 0, -1):
        if heading[place] == ":" and heading[place - 1] != ":":
            yield heading[:place].strip()

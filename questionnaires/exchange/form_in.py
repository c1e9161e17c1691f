"""An XLSForm read as a questionnaire: its sheets become the JSON document, or a list of everything wrong."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from questionnaires.exchange.choices import ChoiceList, ChoicesReader
from questionnaires.exchange.extras import Extra, put_back, read_extras
from questionnaires.exchange.headings import Columns, HeadingReader, language_of
from questionnaires.exchange.problems import FileProblem, FileProblemsError
from questionnaires.exchange.sheets import CHOICES, PLATFORM, SETTINGS, SURVEY, Row, Sheet, Sheets
from questionnaires.exchange.survey_in import UNSUPPORTED_COLUMNS, SurveyReader, scale_code
from questionnaires.languages import SITE_LANGUAGES
from questionnaires.schema import SchemaError, parse, to_document
from questionnaires.schema.writing import SCHEMA_VERSION

FORM_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-._][A-Za-z0-9]+)*")
PLAIN: Mapping[str, frozenset[str]] = {
    SURVEY: frozenset(
        {"type", "name", "relevant", "required", "constraint", "appearance", *UNSUPPORTED_COLUMNS}
    ),
    CHOICES: frozenset({"list_name", "name"}),
    SETTINGS: frozenset({"form_title", "form_id", "version", "default_language"}),
}
NEEDED = {SURVEY: ("type", "name"), CHOICES: ("list_name", "name")}
QUIET = re.compile(
    r"(?:style|instance_name|public_key|submission_url|auto_send|auto_delete|namespaces|.*::.*)"
)


@dataclass(frozen=True, slots=True)
class FormReading:
    """A questionnaire read from sheets: its document, and what was taken over otherwise than it stands."""

    document: dict[str, Any]
    notices: tuple[FileProblem, ...] = ()
    sources: Mapping[str, Iterable[Row]] = field(default_factory=dict)


def read_form(sheets: Sheets) -> FormReading:
    """Return the questionnaire of an XLSForm.

    Parameters
    ----------
    sheets : mapping of str to Sheet
        The sheets ``survey``, ``choices``, ``settings`` and, where the platform wrote the file, ``platform``.

    Returns
    -------
    FormReading
        The document in the form in which :func:`questionnaires.schema.to_document` writes it.

    Raises
    ------
    FileProblemsError
        With every problem, each with sheet, cell, cause and fix.
    """
    return _FormReader(sheets).read()


class _FormReader:
    """Reads the sheets one after the other."""

    def __init__(self, sheets: Sheets) -> None:
        self.sheets = {name: sheets.get(name, Sheet(name)) for name in (SURVEY, CHOICES, SETTINGS, PLATFORM)}
        self.problems: list[FileProblem] = []
        self.notices: list[FileProblem] = []
        self.sources: dict[str, list[Row]] = {}
        if not self.sheets[SURVEY].rows:
            self.problems.append(FileProblem(SURVEY, "", "missing_sheet", {"sheet": SURVEY}))

    def read(self) -> FormReading:
        """Read everything; raise for what is wrong."""
        head = self.settings()
        language = str(head.pop("language"))
        extras, broken = read_extras(self.sheets[PLATFORM])
        self.problems += broken
        lists = self.choices(self.columns(CHOICES, language))
        columns = self.columns(SURVEY, language)
        title = head["title"]
        scales = frozenset(name.removeprefix("scale:") for name in extras if name.startswith("scale:"))
        survey = SurveyReader(self.sheets[SURVEY], columns, lists, title=title, scales=scales)
        survey.read()
        self.problems += survey.problems
        self.notices += survey.notices
        self.sources |= survey.sources
        document = head | {
            "schema": SCHEMA_VERSION,
            "languages": _languages(columns.languages, language),
            "attributes": survey.attributes,
            "scales": self.scales(survey, lists),
            "sections": [
                {key: value for key, value in part.items() if key != "is_implied"} for part in survey.sections
            ],
        }
        if self.problems:
            raise FileProblemsError(self.problems)
        self.note_option_rows(survey, lists)
        return self.finished(document, extras)

    def settings(self) -> dict[str, Any]:
        """Return code, title and language from the settings."""
        sheet = self.sheets[SETTINGS]
        columns = self.columns(SETTINGS, "")
        row = sheet.rows[0] if sheet.rows else Row(2, {})
        self.sources["form"] = [row] if sheet.rows else []
        for column in ("form_id", "form_title"):
            if not columns.cell(row, column):
                self.report(sheet, sheet.place(columns.heading(column), 2), "missing_setting", column=column)
        code = columns.cell(row, "form_id")
        if code and not FORM_CODE.fullmatch(code):
            self.report(
                sheet, sheet.place(columns.heading("form_id"), row.number), "form_of_form_id", name=code
            )
        written = columns.cell(row, "default_language")
        language = language_of(written) if written and written != "default" else SITE_LANGUAGES[0]
        if not language:
            place = sheet.place(columns.heading("default_language"), row.number)
            self.report(sheet, place, "unknown_language", words=written)
            language = SITE_LANGUAGES[0]
        return {"code": code, "title": {language: columns.cell(row, "form_title")}, "language": language}

    def columns(self, name: str, language: str) -> Columns:
        """Return the columns of a sheet."""
        sheet = self.sheets[name]
        reader = HeadingReader(sheet, PLAIN[name], language)
        columns = reader.read()
        self.problems += reader.problems
        for column in NEEDED.get(name, ()) if sheet.headings else ():
            if column not in columns.plain:
                self.report(sheet, sheet.place("", sheet.heading_row), "missing_column", column=column)
        for heading in columns.unknown:
            if name != SETTINGS and not QUIET.fullmatch(heading):
                place = sheet.place(heading, sheet.heading_row)
                self.notices.append(FileProblem(name, place, "unknown_column", {"heading": heading}))
        return columns

    def choices(self, columns: Columns) -> dict[str, ChoiceList]:
        """Return the lists of choices."""
        reader = ChoicesReader(self.sheets[CHOICES], columns)
        lists = reader.read()
        self.problems += reader.problems
        return lists

    def scales(self, survey: SurveyReader, lists: Mapping[str, ChoiceList]) -> list[dict[str, Any]]:
        """Return the lists that several questions share, or that were exported as scales."""
        found: dict[str, dict[str, Any]] = {}
        bases: dict[str, ChoiceList] = {}
        for item in lists.values():
            first = bases.setdefault(item.base, item)
            if first.options() != item.options():
                self.report_lists(item, first)
            elif survey.is_scale(item):
                code = scale_code(item.base)
                taken = found.setdefault(code, {"code": code, "options": item.options(), "base": item.base})
                if taken["base"] != item.base:
                    self.report_lists(item, bases[taken["base"]])
            elif item.base not in survey.used:
                place = self.sheets[CHOICES].place("list_name", _first_row(item))
                self.notices.append(FileProblem(CHOICES, place, "unused_list", {"list": item.name}))
        return [{key: scale[key] for key in ("code", "options")} for scale in found.values()]

    def report_lists(self, item: ChoiceList, other: ChoiceList) -> None:
        """Report two lists that would become one scale."""
        place = self.sheets[CHOICES].place("list_name", _first_row(item))
        self.report(self.sheets[CHOICES], place, "two_lists_of_one_name", list=item.name, other=other.name)

    def note_option_rows(self, survey: SurveyReader, lists: Mapping[str, ChoiceList]) -> None:
        """Remember from which row each option was read."""
        for item in lists.values():
            names = [scale_code(item.base)] if survey.is_scale(item) else []
            names += [] if names else [f"{code}__options" for code in survey.used.get(item.base, ())]
            for name in names:
                for choice in item.choices:
                    self.sources.setdefault(f"option:{name}/{choice.name}", [choice.row])

    def finished(self, document: dict[str, Any], extras: Mapping[str, Extra]) -> FormReading:
        """Put back what was kept beside the form and check that all of it is a questionnaire."""
        for name, keys in put_back(document, extras, self.sources):
            rows = [*self.sources.get(name, ())]
            sheet = CHOICES if name.startswith("option:") else SETTINGS if name == "form" else SURVEY
            place = f"A{rows[0].number}" if rows else ""
            self.notices.append(FileProblem(sheet, place, "changed_since_export", {"keys": ", ".join(keys)}))
        try:
            whole = to_document(parse(document))
        except SchemaError as error:
            raise FileProblemsError(
                FileProblem(SURVEY, "", "unreadable_document", {"text": problem.message})
                for problem in error.problems
            ) from error
        return FormReading(whole, tuple(self.notices), self.sources)

    def report(self, sheet: Sheet, cell: str, code: str, /, **params: str) -> None:
        """Note a problem."""
        self.problems.append(FileProblem(sheet.name, cell, code, params))


def _languages(found: Iterable[str], default: str) -> list[str]:
    """Return the languages in which every text must be: those of the site, else the one of the form."""
    present = tuple(found)
    return [language for language in SITE_LANGUAGES if language in present] or [default]


def _first_row(item: ChoiceList) -> int:
    """Return the row in which a list begins."""
    return item.choices[0].row.number if item.choices else 1

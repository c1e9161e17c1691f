"""What the check of a list found, in the words of the active language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sampling.engine.ingest import Step
from sampling.models import FrameImport
from sampling.spreadsheets import csv_text

STEPS: Mapping[str, Promise] = {
    Step.READING: gettext_lazy("Reading the files"),
    Step.CHECKING: gettext_lazy("Checking the rows"),
    Step.WRITING: gettext_lazy("Sorting the list and counting the dossiers of each person"),
    Step.HASHING: gettext_lazy("Computing the digest of the list"),
}
"""What an import does, in order."""


@dataclass(frozen=True, slots=True)
class RuleWords:
    """What a rule expects, and what to do where it is broken."""

    expected: Promise
    hint: Promise


_CORRECT_CELL = gettext_lazy("Correct the cell and import the list again.")
_LEFT_OUT = gettext_lazy("Nothing, if this is meant.")
RULES: Mapping[str, RuleWords] = {
    "missing": RuleWords(gettext_lazy("a value"), gettext_lazy("Fill in the cell.")),
    "cells": RuleWords(
        gettext_lazy("%(value)s cells in the line"),
        gettext_lazy("Remove lines above and below the table; put text that holds the delimiter in quotes."),
    ),
    "broken_line": RuleWords(
        gettext_lazy("a line that can be read, with quotes that are closed"),
        gettext_lazy("Close or remove the quotation mark in this line."),
    ),
    "unreadable": RuleWords(
        gettext_lazy("letters that can be read"),
        gettext_lazy(
            "The letters of this row were lost when the file was saved. Export it again as CSV UTF-8."
        ),
    ),
    "id_malformed": RuleWords(
        gettext_lazy("at most 32 letters without marks, digits and . - _ /"), _CORRECT_CELL
    ),
    "duplicate_id": RuleWords(
        gettext_lazy("each dossier once; it stands in row %(also_row)s too"),
        gettext_lazy("Remove one of the rows."),
    ),
    "duplicate_id_across_files": RuleWords(
        gettext_lazy("each dossier once; it stands in %(also_file)s, row %(also_row)s too"),
        gettext_lazy("Remove one of the rows, or leave out the file that repeats another."),
    ),
    "agency_malformed": RuleWords(
        gettext_lazy("a code of at most 24 letters without marks, digits and . - _ /"), _CORRECT_CELL
    ),
    "agency_unknown": RuleWords(
        gettext_lazy("an agency of the list of agencies"),
        gettext_lazy("Correct the code, or add the agency to the list."),
    ),
    "agency_in_two_provinces": RuleWords(
        gettext_lazy("one province for each agency, not %(value)s"),
        gettext_lazy("Give agencies of different provinces different codes, or correct the province."),
    ),
    "province_unknown": RuleWords(
        gettext_lazy("the code of a province, two digits"), gettext_lazy("Correct the code.")
    ),
    "province_of_other_period": RuleWords(
        gettext_lazy(
            "a province that existed on the day of the dossier; the territory is in %(value)s today"
        ),
        gettext_lazy("Use the code of the province on the day on which the dossier was settled."),
    ),
    "outside_territory": RuleWords(
        gettext_lazy("dossiers of the province %(value)s alone, as the round is run by it"),
        gettext_lazy("Remove the row, or import the list into a national round."),
    ),
    "commune_unknown": RuleWords(
        gettext_lazy("the code of a commune, five digits"), gettext_lazy("Correct the code.")
    ),
    "commune_of_other_period": RuleWords(
        gettext_lazy("a commune that existed on %(value)s"),
        gettext_lazy("Use the code of the commune on the day on which the dossier was settled."),
    ),
    "commune_elsewhere": RuleWords(
        gettext_lazy("the province of the commune, %(value)s"),
        gettext_lazy("Correct the province or the commune."),
    ),
    "level_unknown": RuleWords(
        gettext_lazy("ministry, province, district or commune"), gettext_lazy("Correct the word.")
    ),
    "field_malformed": RuleWords(
        gettext_lazy("at most %(value)s characters, no upright bar"),
        gettext_lazy("Shorten the field of service."),
    ),
    "day_malformed": RuleWords(
        gettext_lazy("a day such as 05/03/2026 or 2026-03-05"),
        gettext_lazy("Correct the date; format it as text."),
    ),
    "day_outside": RuleWords(
        gettext_lazy("a day in the reference period, %(value)s"),
        gettext_lazy("Remove the row, or correct the date."),
    ),
    "party_unknown": RuleWords(
        gettext_lazy("person or organisation (cá nhân, tổ chức)"), gettext_lazy("Correct the word.")
    ),
    "size_malformed": RuleWords(
        gettext_lazy("a whole number above 0, without separators"), gettext_lazy("Correct the number.")
    ),
    "person_malformed": RuleWords(
        gettext_lazy("12 digits"),
        gettext_lazy("Correct the personal identification number, or leave the cell empty."),
    ),
    "too_long": RuleWords(gettext_lazy("at most %(value)s characters"), gettext_lazy("Shorten the text.")),
    "channel_unknown": RuleWords(
        gettext_lazy("online, counter or post; the word is kept as it is"), _LEFT_OUT
    ),
    "zero_lost": RuleWords(
        gettext_lazy("all digits of the code; a zero at its start was given back"),
        gettext_lazy("Format codes as text before the file is saved."),
    ),
    "person_zero_lost": RuleWords(
        gettext_lazy("12 digits; zeros at the start were given back"),
        gettext_lazy("Format numbers of persons as text before the file is saved."),
    ),
    "person_missing": RuleWords(
        gettext_lazy("a personal identification number"),
        gettext_lazy("Without it, a person with several dossiers counts as several persons."),
    ),
    "person_with_many": RuleWords(
        gettext_lazy("at most %(value)s dossiers of one person"),
        gettext_lazy("Ask whether somebody files dossiers for others under one number."),
    ),
    "units_not_known": RuleWords(
        gettext_lazy("a day from %(value)s on; codes of earlier days are not checked"), _LEFT_OUT
    ),
    "contact_missing": RuleWords(
        gettext_lazy("a name, a telephone number or an address"),
        gettext_lazy("If the dossier is drawn, nobody can be reached."),
    ),
    "not_a_row": RuleWords(
        gettext_lazy("a dossier; the row was left out as a signature or note below the table"), _LEFT_OUT
    ),
    "column_unused": RuleWords(gettext_lazy("a known column; this one was not read"), _LEFT_OUT),
}
"""What each rule expects and what to do."""

UNREADABLE: Mapping[str, Promise] = {
    "column_not_found": gettext_lazy(
        "Expected the column “%(name)s” for %(column)s; the file has: %(known)s. Correct the name."
    ),
    "column_twice": gettext_lazy(
        "The columns “%(name)s” and “%(other)s” both stand for %(column)s. Remove or rename one of them."
    ),
    "columns_missing": gettext_lazy(
        "%(file)s: expected the columns %(columns)s, found none that stand for them. Add or rename them."
    ),
    "no_header": gettext_lazy(
        "No row of column names was found. The first rows must hold names such as id, agency, province, "
        "field, settled_on, party. %(reason)s"
    ),
    "no_file": gettext_lazy("Expected at least one file, got none. Choose a file."),
    "same_name": gettext_lazy("Two files are called %(name)s. Rename one of them."),
    "unknown_format": gettext_lazy(
        "Expected a file ending in %(known)s, got %(file)s. Save the table in one of these formats."
    ),
    "not_parquet": gettext_lazy("%(file)s is no Parquet file, or it is damaged. Export it again."),
    "column_type": gettext_lazy(
        "%(file)s: expected text, numbers or dates in the column %(column)s, got %(type)s. Export it as text."
    ),
    "workbook": gettext_lazy("%(file)s: %(reason)s"),
    "broken_table": gettext_lazy(
        "%(file)s, line %(line)s: expected quotes that are closed in the same line. Close or remove the "
        "quotation mark."
    ),
    "unreadable_text": gettext_lazy(
        "%(file)s, line %(line)s: the letters (%(got)s) cannot be read for sure. Say which encoding the file "
        "has, or save it as CSV UTF-8."
    ),
}
"""Why a file cannot be read as a list at all."""


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """One place of one finding, in words."""

    severity: str
    file: str
    row: int
    column: str
    expected: str
    got: str
    hint: str


@dataclass(frozen=True, slots=True)
class ImportFinding:
    """A finding in words, with its first places."""

    rule: str
    severity: str
    count: int
    problems: Sequence[ImportProblem]

    @property
    def n_untold(self) -> int:
        """Places that are counted and not shown."""
        return self.count - len(self.problems)


def describe_findings(frame_import: FrameImport) -> list[ImportFinding]:
    """Return what was found, errors first."""
    findings = [
        ImportFinding(
            finding["rule"],
            finding["severity"],
            finding["count"],
            tuple(_problem(finding, place) for place in finding["examples"]),
        )
        for finding in frame_import.report.get("findings", ())
    ]
    return sorted(findings, key=lambda finding: finding.severity != "error")


def _problem(finding: Mapping[str, Any], place: Mapping[str, Any]) -> ImportProblem:
    """Put one place into words."""
    words = RULES[finding["rule"]]
    return ImportProblem(
        severity=finding["severity"],
        file=place["file"],
        row=place["row"],
        column=place["column"],
        expected=str(words.expected) % place,
        got=place["got"] or "—",
        hint=str(words.hint),
    )


def describe_unreadable(frame_import: FrameImport) -> str:
    """Return why the files could not be read as a list; nothing if they could."""
    found = frame_import.report.get("unreadable")
    return str(UNREADABLE[found["code"]]) % found["params"] if found else ""


def report_csv(frame_import: FrameImport) -> str:
    """Return the whole report as CSV text, with cells that no spreadsheet takes for a formula."""
    rows: list[list[object]] = []
    if unreadable := describe_unreadable(frame_import):
        rows.append([_("error"), 1, "", "", "", "", "", unreadable])
    for finding in describe_findings(frame_import):
        kind = severity_word(finding.severity)
        rows += (
            [kind, finding.count, each.file, each.row or "", each.column, each.expected, each.got, each.hint]
            for each in finding.problems
        )
    return csv_text(report_titles(), rows)


def report_titles() -> tuple[str, ...]:
    """Return the names of the columns of a report."""
    names = (_("kind"), _("how often"), _("file"), _("row"), _("column"), _("expected"), _("got"))
    return (*names, _("what to do"))


def severity_word(severity: str) -> str:
    """Return what a finding is."""
    return _("error") if severity == "error" else _("warning")

"""The last word about a form: pyxform turns it into an XForm, or says why not."""

import logging
import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from questionnaires.exchange.headings import language_heading
from questionnaires.exchange.problems import FileProblem, FileProblemsError
from questionnaires.exchange.sheets import CHOICES, SETTINGS, SURVEY, Sheet, Sheets
from questionnaires.exchange.types import SUPPORTED

STANDARD = (SURVEY, CHOICES, SETTINGS)
_ROW = re.compile(r"\[row : (\d+)\]")
_SHEET = re.compile(r"'(survey|choices|settings)' sheet")
_COLUMN = re.compile(r"'(\w+)' value")
_LONGEST_QUOTE = 300
REFUSALS: Mapping[str, re.Pattern[str]] = {
    code: re.compile(text)
    for code, text in {
        "duplicate_name": r"'name' value '(?P<name>[^']+)' is invalid\. Questions, groups, and repeats",
        "duplicate_choice": r"Choice names must be unique",
        "choice_without": r"Choices must have a name",
        "choice_with_space": r"Choice names with spaces cannot .*?\[(?P<name>.*?)\]",
        "missing_label": r"Choices should have a label|named '(?P<name>[^']+)' has no label",
        "missing_type": r"Question with no type",
        "missing_name": r"Question or group with no name",
        "form_of_name": r"Names must begin with a letter",
        "unknown_name": r"Could not find the name '(?P<name>[^']+)'",
        "end_without_group": r"No matching 'begin_",
        "group_without_end": r"No matching 'end_\w+' was found for the name '(?P<name>[^']+)'",
        "missing_list": r"List name not in choices sheet: (?P<name>\S+)",
        "unknown_type": r"Unknown question type '(?P<name>[^']+)'",
        "language_column": r"Invalid headers .*? '(?P<name>[^']+)'",
    }.items()
}
"""Errors of pyxform for which the platform has words of its own."""


def xform_of(sheets: Sheets) -> str:
    """Return the XForm that pyxform makes of a form.

    Parameters
    ----------
    sheets : mapping of str to Sheet
        Sheets of the form; others than the standard ones are left out.

    Returns
    -------
    str
        XML as ODK Collect takes it.

    Raises
    ------
    FileProblemsError
        With the one thing pyxform stops at, in words of the platform where it has some.
    """
    pyxform = import_module("pyxform.xls2xform")  # takes a second, and few processes exchange forms
    errors = import_module("pyxform.errors")
    logging.getLogger("pyxform.xls2xform").handlers.clear()
    tables: dict[str, Any] = {
        name: [dict(row.cells) for row in sheets[name].rows] for name in STANDARD if name in sheets
    }
    tables |= {
        f"{name}_header": [dict.fromkeys(sheets[name].headings)] for name in STANDARD if name in sheets
    }
    try:
        return str(pyxform.convert(tables, warnings=[]).xform)
    except errors.PyXFormError as error:
        raise FileProblemsError([refusal(error, sheets)]) from error


def refusal(error: Exception, sheets: Mapping[str, Sheet]) -> FileProblem:
    """Return an error of pyxform as a problem of a cell."""
    text = " ".join(str(error).split())[:_LONGEST_QUOTE]
    row, sheet_name, column = _ROW.search(text), _SHEET.search(text), _COLUMN.search(text)
    sheet = sheets.get(sheet_name[1] if sheet_name else SURVEY, Sheet(SURVEY))
    place = ""
    if row is not None and int(row[1]) - 2 < len(sheet.rows):
        number = sheet.rows[max(int(row[1]) - 2, 0)].number
        place = sheet.place(column[1] if column else "type", number)
    code, match = next(
        ((code, found) for code, pattern in REFUSALS.items() if (found := pattern.search(text))),
        ("refused", None),
    )
    name = (match.groupdict().get("name") if match else "") or "?"
    params = dict.fromkeys(("name", "list", "type", "heading", "words"), name)
    params |= {"text": text, "row": "?", "column": column[1] if column else "name"}
    params |= {"supported": ", ".join(SUPPORTED), "example": language_heading("label", "vi")}
    return FileProblem(sheet.name, place, code, params)

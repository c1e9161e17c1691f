"""Workbooks as sheets of text: read with the guards of every file from outside, written without formulas."""

import io
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from questionnaires.exchange.problems import FileProblem, FileProblemsError
from questionnaires.exchange.sheets import Sheet, Sheets, column_letters, sheet_of_table, storable
from sampling.files.problems import FileRefusedError
from sampling.files.workbooks import UNPACKED_FACTOR, open_workbook
from sampling.files.workbooks import Workbook as OpenedWorkbook

MEGABYTE = 1 << 20
LARGEST_FORM = 5 * MEGABYTE
MOST_ROWS, MOST_COLUMNS = 20_000, 400
WIDTH = 34


def read_workbook(content: bytes) -> Sheets:
    """Return the sheets of a workbook by their names in lower case.

    Raises
    ------
    FileProblemsError
        If it is none, is damaged, unpacks to too much, or has cells that show an error.
    """
    if len(content) > LARGEST_FORM:
        text = _("The file is larger than %(limit)s MB.") % {"limit": LARGEST_FORM // MEGABYTE}
        raise FileProblemsError([FileProblem("", "", "no_workbook", {"text": text})])
    try:
        book = open_workbook(content, limit=LARGEST_FORM * UNPACKED_FACTOR)
        sheets = {name.strip().lower(): _sheet(book, name) for name in book.sheets}
    except FileRefusedError as error:
        raise FileProblemsError([FileProblem("", "", "no_workbook", {"text": str(error)})]) from error
    _refuse_errors(book)
    return sheets


def _sheet(book: OpenedWorkbook, name: str) -> Sheet:
    """Return one sheet as text; refuse one that goes on and on."""
    rows = book.peek(name, MOST_ROWS + 1)
    widest = max((len(cells) for _number, cells in rows), default=0)
    if len(rows) > MOST_ROWS or widest > MOST_COLUMNS:
        params = {"limit": str(MOST_ROWS if len(rows) > MOST_ROWS else MOST_COLUMNS)}
        raise FileProblemsError([FileProblem(name, "", "too_many_rows", params)])
    return sheet_of_table(name.strip().lower(), rows)


def _refuse_errors(book: OpenedWorkbook) -> None:
    """Raise for cells whose formula has no value."""
    problems = [
        FileProblem(name, f"{column_letters(column)}{row}", "cell_error", {"found": found})
        for name in book.sheets
        for (row, column), found in (book.marks[name].errors or {}).items()
        if name in book.marks
    ]
    if problems:
        raise FileProblemsError(problems)


def write_workbook(tables: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    """Return a workbook of texts, one sheet per table, the first row of each being its headings."""
    book = Workbook()
    book.remove(book.active)
    for name, table in tables.items():
        _fill(book.create_sheet(name), table)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _fill(sheet: Worksheet, table: Sequence[Sequence[str]]) -> None:
    """Write the cells as text, whatever they look like; =1+1 is not computed."""
    for number, cells in enumerate(table, start=1):
        for column, text in enumerate(cells, start=1):
            if text:
                cell = sheet.cell(number, column)
                cell.value = storable(text)
                cell.data_type = "s"
                cell.number_format = "@"
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                cell.font = Font(bold=number == 1)
    for column in range(1, len(table[0]) + 1 if table else 1):
        sheet.column_dimensions[get_column_letter(column)].width = WIDTH
    sheet.freeze_panes = "A2"

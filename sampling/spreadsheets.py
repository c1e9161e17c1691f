"""Tables for spreadsheets: CSV and XLSX in which codes stay text and no cell is computed."""

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, cast

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

BYTE_ORDER_MARK = "\ufeff"
TEXT_FORMAT = "@"
A4 = 9
IN_MEMORY = 1 << 20
WIDEST, NARROWEST, ROOM = 40, 6, 2
_FORMULA_START = re.compile(r"^(?=[=+\-@\t\r\n])|(?<=[;,\t\r\n])(?=[=+\-@])")
"""Where a formula would begin: at the start of a text, and behind whatever a program may split it at."""

_CONTROLS = {number: None for number in range(32) if chr(number) not in "\t\n\r"}
"""Characters that no workbook may hold; a name from outside can bring them."""


def csv_text(header: Sequence[str], rows: Iterable[Iterable[object]], *, delimiter: str = ",") -> str:
    """Return rows as CSV, with cells that no spreadsheet takes for a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows(map(_neutral, rows))
    return text.getvalue()


def csv_lines(
    header: Sequence[str], rows: Iterable[Iterable[object]], *, delimiter: str = ","
) -> Iterator[str]:
    """Yield CSV line by line, as `csv_text` writes it, for tables that are sent while they are read."""
    yield csv_text(header, (), delimiter=delimiter)
    for row in rows:
        yield csv_text([str(cell) for cell in _neutral(row)], (), delimiter=delimiter)


@dataclass(frozen=True, slots=True)
class SheetRows:
    """A sheet on its way into a workbook: its rows are read as they are written."""

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[object]]


def workbook_file(sheets: Iterable[SheetRows]) -> IO[bytes]:
    """Return a workbook as a file that is gone once it is closed; no more than one row is held in memory.

    Texts stay texts, whatever they look like; numbers are numbers.
    """
    book = Workbook(write_only=True)
    for found in sheets:
        sheet = book.create_sheet(found.title[:31])
        sheet.freeze_panes = "A2"
        sheet.append([_cell(sheet, name, is_bold=True) for name in found.header])
        for row in found.rows:
            sheet.append([_cell(sheet, value) for value in row])
    target = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - whoever sends the file closes it
    book.save(target)
    target.seek(0)
    return cast("IO[bytes]", target)


def _cell(sheet: Worksheet, value: object, *, is_bold: bool = False) -> WriteOnlyCell:
    """Return a cell that is never computed."""
    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(sheet, value.translate(_CONTROLS))
    cell.data_type = "s"
    cell.number_format = TEXT_FORMAT
    if is_bold:
        cell.font = Font(bold=True)
    return cell


def neutralise(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula, whatever separator it is told to split at.

    An apostrophe goes before = + - @ at the start and behind a semicolon, a comma, a tab or a line break.

    Examples
    --------
    >>> neutralise("=1+1"), neutralise("ok;=1+1"), neutralise("Ý kiến - khác")
    ("'=1+1", "ok;'=1+1", 'Ý kiến - khác')
    """
    return _FORMULA_START.sub("'", text)


def _neutral(row: Iterable[object]) -> Iterator[object]:
    """Leave numbers as they are and no text that a spreadsheet would compute."""
    return (neutralise(cell) if isinstance(cell, str) else cell for cell in row)


def workbook_of(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a workbook with one sheet of texts that prints on A4 across, with its header on every page."""
    book = Workbook()
    sheet = book.active
    sheet.title = title[:31]
    sheet.append(list(header))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            _write_text(sheet, number, column, value)
    _set_up_page(sheet)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _write_text(sheet: Worksheet, row: int, column: int, value: str) -> None:
    """Write a cell as text, whatever it looks like: 00004 keeps its zeros, =1+1 is not computed."""
    cell = sheet.cell(row, column)
    cell.value = value.translate(_CONTROLS)
    cell.data_type = "s"
    cell.number_format = TEXT_FORMAT


def _set_up_page(sheet: Worksheet) -> None:
    """Fit the columns to their longest text and the sheet to the width of a page."""
    for column, cells in enumerate(sheet.iter_cols(values_only=True), start=1):
        longest = max(len(str(value or "")) for value in cells)
        sheet.column_dimensions[get_column_letter(column)].width = min(max(longest + ROOM, NARROWEST), WIDEST)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True

"""Sheets of a form as plain text: cells with the places where a person sees them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

SURVEY, CHOICES, SETTINGS, PLATFORM = "survey", "choices", "settings", "platform"
ALPHABET_SIZE = 26
LONGEST_CELL = 32_000
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that no workbook holds, or that it gives back as others."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the headings: its number, the first of the sheet being 1, and its cells by heading."""

    number: int
    cells: Mapping[str, str]

    def get(self, heading: str) -> str:
        """Return a cell, empty where there is none."""
        return self.cells.get(heading, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, its headings by the letters of their columns, and the rows that say something."""

    name: str
    headings: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    heading_row: int = 1

    def place(self, heading: str, row: int) -> str:
        """Return the name of a cell as a spreadsheet shows it; the first column where there is no such.

        Examples
        --------
        >>> Sheet("survey", {"type": "A", "name": "B"}).place("name", 7)
        'B7'
        """
        return f"{self.headings.get(heading, 'A')}{row}"


type Sheets = Mapping[str, Sheet]


def column_letters(position: int) -> str:
    """Return the letters of a column; the first has position 0.

    Examples
    --------
    >>> column_letters(0), column_letters(25), column_letters(26)
    ('A', 'Z', 'AA')
    """
    letters = ""
    number = position + 1
    while number:
        number, rest = divmod(number - 1, ALPHABET_SIZE)
        letters = chr(ord("A") + rest) + letters
    return letters


def sheet_of_table(name: str, table: Sequence[tuple[int, Sequence[str]]]) -> Sheet:
    """Return a sheet from numbered rows of text, the first of which holds the headings.

    Parameters
    ----------
    name : str
        Name of the sheet.
    table : sequence of (int, sequence of str)
        Rows with their numbers. Empty rows are left out, cells lose the white space around them.

    Examples
    --------
    >>> sheet_of_table("settings", [(1, ["form_title"]), (2, [" Phiếu "])]).rows[0].get("form_title")
    'Phiếu'
    """
    filled = [
        (number, [cell.strip() for cell in cells]) for number, cells in table if any(map(str.strip, cells))
    ]
    if not filled:
        return Sheet(name)
    (heading_row, headings), *rows = filled
    letters: dict[str, str] = {}
    for place, heading in enumerate(headings):
        if heading:
            letters.setdefault(heading, column_letters(place))
    return Sheet(
        name,
        letters,
        tuple(Row(number, dict(_cells(headings, cells))) for number, cells in rows),
        heading_row,
    )


def _cells(headings: Sequence[str], cells: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what stands under the headings; of two columns of one name, the first that says something."""
    for heading, cell in reversed([*zip(headings, cells, strict=False)]):
        if heading and cell:
            yield heading, cell


def sheet_of_rows(name: str, headings: Sequence[str], rows: Sequence[Mapping[str, str]]) -> Sheet:
    """Return a sheet from rows by heading, numbered from 2 on; headings without any cell are left out.

    Examples
    --------
    >>> sheet_of_rows("survey", ["type", "hint"], [{"type": "note"}]).headings
    {'type': 'A'}
    """
    written = [{heading: storable(cell) for heading, cell in row.items()} for row in rows]
    used = [heading for heading in headings if any(row.get(heading) for row in written)]
    letters = {heading: column_letters(place) for place, heading in enumerate(used)}
    numbered = enumerate(written, start=2)
    return Sheet(
        name,
        letters,
        tuple(Row(number, {h: row[h] for h in used if row.get(h)}) for number, row in numbered),
    )


def storable(text: str) -> str:
    """Return a text as a cell gives it back.

    Examples
    --------
    >>> storable(" a" + chr(0) + "b ")
    'ab'
    """
    return _UNWRITABLE.sub("", text).strip()[:LONGEST_CELL]


def table_of_sheet(sheet: Sheet) -> list[list[str]]:
    """Return a sheet as rows of cells, the headings first."""
    headings = list(sheet.headings)
    return [headings, *([row.get(heading) for heading in headings] for row in sheet.rows)]

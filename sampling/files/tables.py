"""Tables of files as rows of text, without letterhead and signatures; what is left out is told."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from django.utils.translation import gettext as _

from sampling.files.cell_texts import DIGITS_LOST
from sampling.files.delimited import read_delimited
from sampling.files.footers import split_footer
from sampling.files.grids import Grid, NumberedRow, quoted, shortened
from sampling.files.headers import ROWS_LOOKED_AT, Header, Layout, column_letters, find_header, is_numbering
from sampling.files.lettering import mend_letters, mended_titles
from sampling.files.problems import CellProblem, Difference, FileRefusedError
from sampling.files.workbooks import Workbook, open_workbook

EXTRA_CELLS = "+"
"""Column under which cells beyond the last column name are kept, so that the check reports them."""

MOST_PROBLEMS = 200
WORKBOOKS, TEXTS = (".xlsx", ".xls"), (".csv",)
ENDINGS = (*TEXTS, *WORKBOOKS)


@dataclass(frozen=True, slots=True)
class TableHead:
    """Where the column names of a table stand, and how a person sees each column."""

    row: int
    labels: Mapping[str, str]
    file: str = ""


class TableRow(dict[str, str]):
    """One row by column; it knows its number in the file and how its columns are seen."""

    def __init__(self, cells: Mapping[str, str], number: int, head: TableHead) -> None:
        super().__init__(cells)
        self.number = number
        self.head = head


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file, and what is read otherwise than it is written."""

    rows: list[TableRow]
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person said about a file; empty for what is to be recognised."""

    encoding: str = ""
    sheet: str = ""


def read_table(
    path: Path, *, layouts: Sequence[Layout] = (), wishes: Wishes | None = None, limit: int
) -> Table:
    """Read the table of a CSV, XLSX or XLS file.

    Parameters
    ----------
    path : pathlib.Path
        The file; its ending says text or workbook, its content which workbook.
    layouts : sequence of Layout, optional
        Kinds of tables that may come. Without any, or if none is found, the first row that is not empty holds
        the column names.
    wishes : Wishes, optional
        An encoding and a sheet, if a person named them.
    limit : int
        Most bytes to which a packed workbook may unpack.

    Returns
    -------
    Table
        Rows that are not empty; every value is text. Columns of a layout bear its names, others their own.

    Raises
    ------
    FileRefusedError
        With one problem for each cell that cannot be read for sure.
    """
    grid = _READERS[path.suffix.lower()](path, layouts, wishes or Wishes(), limit)
    return _table(grid, layouts)


def _read_text(path: Path, _layouts: Sequence[Layout], wishes: Wishes, _limit: int) -> Grid:
    """Open a text file."""
    return read_delimited(path, encoding=wishes.encoding)


def _read_workbook(path: Path, layouts: Sequence[Layout], wishes: Wishes, limit: int) -> Grid:
    """Open the sheet of a workbook that a person named, or the one with the best column names."""
    workbook = open_workbook(path.read_bytes(), limit=limit)
    return workbook.grid(_sheet(workbook, layouts, wishes.sheet))


def _sheet(workbook: Workbook, layouts: Sequence[Layout], wanted: str) -> str:
    """Choose the sheet to read."""
    names = workbook.sheets
    if wanted:
        found = [name for name in workbook.book.sheet_names if name.strip() == wanted.strip()]
        names = found or names[:0]
    if not names:
        known = ", ".join(workbook.book.sheet_names)
        message = _("Expected one of the sheets %(known)s, got “%(wanted)s”.")
        raise FileRefusedError(message % {"known": known, "wanted": wanted})
    matches = {name: _n_matches(workbook, name, layouts) for name in names}
    return max(names, key=lambda name: matches[name])


def _n_matches(workbook: Workbook, name: str, layouts: Sequence[Layout]) -> int:
    """Count the known column names of a sheet."""
    found = find_header(workbook.peek(name, ROWS_LOOKED_AT), layouts)
    return found[0].n_matches if found else 0


_READERS: Mapping[str, Callable[[Path, Sequence[Layout], Wishes, int], Grid]] = {
    **dict.fromkeys(TEXTS, _read_text),
    **dict.fromkeys(WORKBOOKS, _read_workbook),
}


def _table(grid: Grid, layouts: Sequence[Layout]) -> Table:
    """Find the column names, leave out what is no table, and mend the letters."""
    lines = [(number, cells) for number, cells in grid.rows if any(map(str.strip, cells))]
    found = find_header(lines, layouts)
    if found is None:
        return _plain_table(grid, lines)
    header, layout = replace(found[0], titles=mended_titles(found[0].titles)), found[1]
    differences = list(grid.differences)
    differences += _above(lines, header)
    body = _filled([line for line in lines if line[0] > header.row], grid, header, differences)
    body = _without_numbering(body, differences)
    body, footer = split_footer(body, header, layout)
    differences += footer
    spare = _spare(header, layout, body, differences, grid)
    return _finish(grid, header, body, spare, differences)


def _plain_table(grid: Grid, lines: list[NumberedRow]) -> Table:
    """Take the first row for the column names, as they are."""
    if not lines:
        return Table([], grid.differences)
    (number, titles), *body = lines
    mended = mended_titles([title.strip() for title in titles])
    header = Header(number, mended, ("",) * len(titles))
    return _finish(grid, header, body, frozenset(), list(grid.differences))


def _above(lines: Sequence[NumberedRow], header: Header) -> Iterator[Difference]:
    """Say that a letterhead is left out."""
    above = [line for line in lines if line[0] <= header.row - header.n_rows]
    if above:
        reason = _("Rows above the column names are left out.")
        yield Difference(above[0][0], "", quoted(above), "—", reason)


def _without_numbering(body: list[NumberedRow], differences: list[Difference]) -> list[NumberedRow]:
    """Leave out a row that only numbers the columns."""
    if body and is_numbering(body[0][1]):
        reason = _("The row numbers the columns and is left out.")
        differences.append(Difference(body[0][0], "", quoted(body[:1]), "—", reason))
        return body[1:]
    return body


def _filled(
    body: list[NumberedRow], grid: Grid, header: Header, differences: list[Difference]
) -> list[NumberedRow]:
    """Give each row of a vertically merged cell its value."""
    rows = dict(body)
    for (top, left), (bottom, right) in grid.merged:
        value = rows[top][left] if top in rows and left < len(rows[top]) else ""
        is_known = left < len(header.columns) and header.columns[left]
        below = [row for row in range(top + 1, bottom + 1) if row in rows and left < len(rows[row])]
        if left == right and is_known and value.strip() and below:
            for row in below:
                rows[row] = [*rows[row][:left], value, *rows[row][left + 1 :]]
            label = _label(header, left, grid)
            reason = _("The cell is merged over several rows; its value is taken for each of them.")
            differences.append(Difference(top, label, value, f"{top}–{bottom}", reason))
    return list(rows.items())


def _spare(
    header: Header,
    layout: Layout,
    body: Sequence[NumberedRow],
    differences: list[Difference],
    grid: Grid,
) -> frozenset[int]:
    """Return the positions of columns that are left out: not needed, or without any value."""
    spare = set()
    for position, title in enumerate(header.titles):
        if header.columns[position] or not title:
            continue
        is_empty = not any(position < len(cells) and cells[position].strip() for _, cells in body)
        if is_empty or layout.is_spare(title):
            reason = _("The column is empty.") if is_empty else _("The column is not needed.")
            label = _label(header, position, grid)
            differences.append(Difference(header.row, label, title, "—", reason))
            spare.add(position)
    return frozenset(spare)


def _label(header: Header, position: int, grid: Grid) -> str:
    """Return a column as a person sees it: its letters and its title."""
    title = " ".join(header.titles[position].split()) if position < len(header.titles) else ""
    key = header.columns[position] if position < len(header.columns) else ""
    if not grid.has_columns and (not key or title == key):
        return title
    return f"{column_letters(position)} “{title}”" if title else column_letters(position)


def _finish(
    grid: Grid,
    header: Header,
    body: Sequence[NumberedRow],
    spare: frozenset[int],
    differences: list[Difference],
) -> Table:
    """Refuse cells without a value, mend letters, and name the columns."""
    kept = {position for position in range(len(header.titles)) if position not in spare}
    labels = {position: _label(header, position, grid) for position in range(len(header.titles))}
    problems = list(_formula_problems(grid, body, kept, labels))
    rows = mend_letters(body, labels, differences, problems)
    refuse(problems)
    names = [column or title for column, title in zip(header.columns, header.titles, strict=True)]
    head = TableHead(header.row, {names[position]: labels[position] for position in kept if names[position]})
    differences += _hidden(grid, rows)
    table = [TableRow(_row(names, cells, spare), number, head) for number, cells in rows]
    return Table(table, tuple(differences))


def _row(names: Sequence[str], cells: Sequence[str], spare: frozenset[int]) -> dict[str, str]:
    """Join column names and cells; a cell beyond the last name is kept apart."""
    pairs = enumerate(zip_longest(names, cells, fillvalue=""))
    return {
        name or EXTRA_CELLS: cell
        for position, (name, cell) in pairs
        if position not in spare and (name or cell.strip())
    }


def _formula_problems(
    grid: Grid, body: Sequence[NumberedRow], kept: Iterable[int], labels: Mapping[int, str]
) -> Iterator[CellProblem]:
    """Name the cells whose formula has no value, and the numbers that lost digits."""
    columns = set(kept)
    numbers = {number for number, _cells in body}
    for (row, position), error in sorted(grid.errors.items()):
        if row in numbers and position in columns:
            hint = _(
                "Correct the formula, or write the value in its place; then save the workbook once more."
            )
            got = _("a formula without a value") if error == "=" else error
            yield CellProblem(row, labels[position], _("a value"), got, hint)
    for row, cells in body if grid.has_columns else ():
        for position, cell in enumerate(cells):
            if position in columns and cell.startswith(DIGITS_LOST) and "e+" in cell:
                hint = _("Format the column as text and write the code again.")
                expected = _("a code written as text")
                yield CellProblem(row, labels[position], expected, cell.removeprefix(DIGITS_LOST), hint)


def _hidden(grid: Grid, rows: Sequence[NumberedRow]) -> Iterator[Difference]:
    """Say that hidden rows are read."""
    hidden = [number for number, _cells in rows if number in grid.hidden]
    if hidden:
        got = shortened(", ".join(map(str, hidden)))
        reason = _("The rows are hidden in the spreadsheet, and are read all the same.")
        yield Difference(hidden[0], "", got, got, reason)


def refuse(problems: Sequence[CellProblem]) -> None:
    """Raise if there is a problem; the first stands for all in the message."""
    if problems:
        first = problems[0]
        place = {"row": first.row, "column": first.column}
        message = _("Row %(row)s, column %(column)s: expected %(expected)s, got “%(got)s”. %(hint)s") % (
            place | {"expected": first.expected, "got": first.got, "hint": first.hint}
        )
        raise FileRefusedError(message, problems[:MOST_PROBLEMS])

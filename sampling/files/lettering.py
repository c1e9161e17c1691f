"""Reading each cell of a table by the convention of its letters, and telling which."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from sampling.files.grids import NumberedRow
from sampling.files.letters import UNICODE
from sampling.files.mended_letters import FONT_LABELS, cell_convention, column_convention, read_cell
from sampling.files.problems import CellProblem, Difference


def mend_letters(
    rows: Sequence[NumberedRow],
    labels: Mapping[int, str],
    differences: list[Difference],
    problems: list[CellProblem],
) -> list[NumberedRow]:
    """Return the rows in Unicode; a convention met in a column is one difference, a riddle a problem."""
    columns = _columns(rows)
    if not columns:
        return list(rows)
    everywhere = column_convention(text for texts in columns.values() for text in texts)
    known = {position: column_convention(texts, everywhere) for position, texts in columns.items()}
    met: dict[tuple[int, str], list[tuple[int, str]]] = defaultdict(list)
    mended = []
    for number, cells in rows:
        row = list(cells)
        for position, text in enumerate(cells):
            if text.isascii():
                continue
            letters = cell_convention(text, known[position])
            if letters is None:
                problems.append(_riddle(number, labels.get(position, ""), text))
                continue
            row[position] = read_cell(text, letters)
            if letters != UNICODE:
                met[position, letters].append((number, text))
        mended.append((number, row))
    differences += [
        _difference(labels.get(position, ""), letters, cells) for (position, letters), cells in met.items()
    ]
    return mended


def mended_titles(titles: Sequence[str]) -> tuple[str, ...]:
    """Return column names in Unicode; they explain each other, and one that stays a riddle stays as it is."""
    common = column_convention(title for title in titles if not title.isascii())
    return tuple(read_cell(title, cell_convention(title, common) or UNICODE) for title in titles)


def _columns(rows: Sequence[NumberedRow]) -> dict[int, list[str]]:
    """Return the cells of each column that are not plain ASCII."""
    columns: dict[int, list[str]] = defaultdict(list)
    for _number, cells in rows:
        for position, text in enumerate(cells):
            if not text.isascii():
                columns[position].append(text)
    return columns


def _riddle(row: int, column: str, text: str) -> CellProblem:
    """Name a cell that two conventions explain, or none of those of its column."""
    expected = _("text that can be read in one way")
    hint = _("Set the cell in a Unicode font and type its text again.")
    return CellProblem(row, column, expected, text, hint)


def _difference(column: str, letters: str, cells: list[tuple[int, str]]) -> Difference:
    """Tell by which convention cells of a column are read, with the first as an example."""
    row, text = cells[0]
    reason = _("Letters of an old font; %(count)s cells of the column are read as %(convention)s.") % {
        "count": len(cells),
        "convention": FONT_LABELS[letters],
    }
    return Difference(row, column, text, read_cell(text, letters), reason)

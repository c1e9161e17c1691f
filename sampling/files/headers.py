"""Finding the row of column names below a letterhead, by the names that offices use."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice, pairwise, zip_longest

from sampling.files.letters import READINGS
from sampling.vietnamese import search_key

ROWS_LOOKED_AT = 60
ENOUGH_MATCHES = 2
_IN_BRACKETS = re.compile(r"[(\[][^)\]]*[)\]]")
_NUMBERING = re.compile(r"\(?([A-ZĐ]|\d{1,2})\)?(?:\s*=.*)?")
ALPHABET_SIZE = 26


@dataclass(frozen=True)
class Layout:
    """The columns of one kind of table: what each may be called, and which are not needed.

    Parameters
    ----------
    names : mapping of str to tuple of str
        For each column its other names, in lower case without marks (as `sampling.vietnamese.search_key`
        writes). Of two columns that bear names of the same column, the one whose name stands first here is
        taken.
    required : tuple of str
        Columns that every row fills.
    spare : tuple of str, optional
        Names of columns that tables of this kind often have and that are left out.
    """

    names: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    spare: tuple[str, ...] = ()

    def column(self, title: str, group: str = "") -> tuple[str, int]:
        """Return the column that a title names, or nothing, and the rank of the name."""
        wanted = [*title_keys(title), *(title_keys(f"{group} {title}") if group and title else ())]
        found = [self.ranks[key] for key in wanted if key in self.ranks]
        return found[0] if found else ("", 0)

    @cached_property
    def ranks(self) -> Mapping[str, tuple[str, int]]:
        """Return for each name its column and its rank among the names of the column."""
        return {
            name: (key, rank)
            for key, names in self.names.items()
            for rank, name in enumerate((search_key(key), *names))
        }

    def is_spare(self, title: str) -> bool:
        """Tell whether a column of this title is left out."""
        return any(key in self.spare for key in title_keys(title))


@dataclass(frozen=True, slots=True)
class Header:
    """Where the column names stand, and what each column is."""

    row: int
    """Number of the (last) row of column names."""

    titles: tuple[str, ...]
    columns: tuple[str, ...]
    """For each position the column of the layout, or nothing."""

    n_rows: int = 1

    @property
    def n_matches(self) -> int:
        """Return how many columns are known."""
        return len(set(filter(None, self.columns)))


type Line = tuple[int, Sequence[str]]


@lru_cache(maxsize=2_000)
def title_keys(title: str) -> tuple[str, ...]:
    """Return how a title is looked up: as it is and without what stands in brackets, under every reading.

    Examples
    --------
    >>> title_keys("Số người (từ 18 tuổi)")[:2]
    ('so nguoi tu 18 tuoi', 'so nguoi')
    >>> "ma xa" in title_keys("M· x·")
    True
    """
    readings = [read(title, is_strict=False) for read in READINGS.values()]
    written = [text for reading in readings for text in (reading, _IN_BRACKETS.sub(" ", reading))]
    return tuple(dict.fromkeys(key for key in map(search_key, written) if key))


def find_header(lines: Iterable[Line], layouts: Sequence[Layout]) -> tuple[Header, Layout] | None:
    """Return the row whose titles match most columns of a layout, or two rows that do so together.

    Parameters
    ----------
    lines : iterable of (int, sequence of str)
        Numbered rows of cells; `ROWS_LOOKED_AT` of them are looked at.
    layouts : sequence of Layout
        Kinds of tables that are possible here; the first wins a tie.

    Returns
    -------
    (Header, Layout) or None
        None if no row names two columns (or the only one) of a layout.

    Examples
    --------
    >>> layout = Layout({"code": ("ma xa",), "size": ("so nguoi",)}, ("code", "size"))
    >>> found = find_header([(1, ["UBND TỈNH"]), (3, ["TT", "Mã xã", "Số người"])], [layout])
    >>> found[0].row, found[0].columns
    (3, ('', 'code', 'size'))
    """
    looked_at = list(islice(lines, ROWS_LOOKED_AT))
    best: tuple[Header, Layout] | None = None
    for layout in layouts:
        for header in _candidates(looked_at, layout):
            is_enough = header.n_matches >= min(ENOUGH_MATCHES, len(layout.required))
            if is_enough and (best is None or header.n_matches > best[0].n_matches):
                best = header, layout
    return best


def _candidates(lines: Sequence[Line], layout: Layout) -> Iterable[Header]:
    """Read each row, and each two rows that follow each other, as column names."""
    for number, cells in lines:
        yield _header(number, cells, [""] * len(cells), layout)
    for (above, groups), (number, cells) in pairwise(lines):
        if number == above + 1:
            titles = [cell.strip() or group for cell, group in zip_longest(cells, groups, fillvalue="")]
            yield _header(number, titles, _carried(groups, len(titles)), layout, n_rows=2)


def _carried(groups: Sequence[str], width: int) -> list[str]:
    """Return the group above each column: the text of a merged cell stands in its first column alone."""
    carried, last = [], ""
    for position in range(width):
        last = (groups[position].strip() if position < len(groups) else "") or last
        carried.append(last)
    return carried


def _header(
    number: int, titles: Sequence[str], groups: Sequence[str], layout: Layout, *, n_rows: int = 1
) -> Header:
    """Name the column behind each title; of several that mean the same, the one with the better name."""
    found = [layout.column(title.strip(), group) for title, group in zip(titles, groups, strict=True)]
    best: dict[str, int] = {}
    for position, (column, rank) in enumerate(found):
        if column and (column not in best or rank < found[best[column]][1]):
            best[column] = position
    columns = tuple(
        column if best.get(column) == position else "" for position, (column, _) in enumerate(found)
    )
    return Header(number, tuple(title.strip() for title in titles), columns, n_rows)


def is_numbering(cells: Sequence[str]) -> bool:
    """Tell whether a row below the titles only numbers the columns: A, B, 1, 2 or (1), (2), (3).

    Examples
    --------
    >>> (
    ...     is_numbering(["A", "B", "1", "2"]),
    ...     is_numbering(["(1)", "(2)", "(3)=(1)+(2)"]),
    ...     is_numbering(["1", "1"]),
    ... )
    (True, True, False)
    """
    matches = [_NUMBERING.fullmatch(cell.strip()) for cell in cells if cell.strip()]
    if len(matches) <= 1 or not all(matches):
        return False
    signs = [match[1] for match in matches if match]
    digits = [int(sign) for sign in signs if sign.isdecimal()]
    letters = [sign for sign in signs if not sign.isdecimal()]
    is_counting = digits == list(range(1, len(digits) + 1))
    return is_counting and letters == sorted(set(letters)) == signs[: len(letters)]


def column_letters(position: int) -> str:
    """Return the letters of a column as a spreadsheet shows them; the first position is 0.

    Examples
    --------
    >>> column_letters(0), column_letters(25), column_letters(26)
    ('A', 'Z', 'AA')
    """
    letters = ""
    remaining = position + 1
    while remaining:
        remaining, digit = divmod(remaining - 1, ALPHABET_SIZE)
        letters = chr(ord("A") + digit) + letters
    return letters

"""A table as it stands on paper: numbered rows of text, and what is known about its cells."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sampling.files.problems import Difference

LONGEST_QUOTE = 80

type Cells = list[str]
type NumberedRow = tuple[int, Cells]
type Place = tuple[int, int]
"""Row number, the first being 1, and position of the column, the first being 0."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The rows of one sheet or text file from the first line on; empty ones may be left out."""

    rows: Iterable[tuple[int, Cells]]
    has_columns: bool = False
    """Whether people see letters above the columns."""

    merged: tuple[tuple[Place, Place], ...] = ()
    errors: Mapping[Place, str] = field(default_factory=dict)
    """Cells of a workbook whose formula has no value, with what they show."""

    hidden: frozenset[int] = frozenset()
    differences: tuple[Difference, ...] = ()
    """What is to be said about the whole sheet or file."""


def shortened(text: str) -> str:
    """Return the beginning of a text on one line.

    Examples
    --------
    >>> shortened("  one   line ")
    'one line'
    """
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else f"{line[:LONGEST_QUOTE]}…"


def quoted(rows: Sequence[NumberedRow]) -> str:
    """Return the beginning of what stands in some rows.

    Examples
    --------
    >>> quoted([(1, ["A", "", "B"]), (2, ["C"])])
    'A B / C'
    """
    return shortened(" / ".join(" ".join(filter(None, map(str.strip, cells))) for _, cells in rows))

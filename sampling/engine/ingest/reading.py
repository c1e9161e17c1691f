"""What every source of rows is: batches of text columns, and the lines in which rows stand."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from sampling.engine.ingest.columns import ColumnMap

BATCH_ROWS = 50_000
CODED = pa.dictionary(pa.int32(), pa.string())
HEADER_SEARCH = 30
"""Lines of a letterhead that may stand above the row of column names."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A line that is no row of the table: its number, its cells (0 where unreadable), the cells expected."""

    line: int
    n_cells: int
    n_expected: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """Where rows stand in their file, and the lines that could not be taken."""

    of_row: Mapping[int, int]
    misfits: Sequence[Misfit] = ()
    n_misfits: int = 0


class Source(Protocol):
    """A file of a list."""

    path: Path
    columns: ColumnMap
    encoding: str
    n_bytes: int
    n_bytes_done: int

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order, one column of text, coded or plain, for each column found."""
        ...

    def locate(self, rows: Iterable[int]) -> Lines:
        """Tell the lines of some rows, counted from 0, once all batches were read."""
        ...


type Wanted = Mapping[str, str]

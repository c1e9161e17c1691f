"""Files of a list, whatever their format; nothing but a sheet is ever read as a whole."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sampling.engine.ingest.columns import ALIASES, REQUIRED, ColumnMap, map_columns
from sampling.engine.ingest.findings import IngestError
from sampling.engine.ingest.reading import BATCH_ROWS, HEADER_SEARCH, Lines, Source, Wanted
from sampling.engine.ingest.text_files import CsvSource
from sampling.files.headers import Layout, find_header, is_numbering
from sampling.files.problems import FileRefusedError
from sampling.files.sheet_streams import STREAMED_FROM
from sampling.files.workbooks import Workbook, open_workbook

LARGEST_UNPACKED = 2 * 1024**3
"""Bytes that a workbook may unpack to: the longest sheet, a million rows, with twelve columns does."""

_LAYOUT = Layout(
    {column: tuple(alias.replace("_", " ") for alias in aliases) for column, aliases in ALIASES.items()},
    REQUIRED,
)


class ParquetSource:
    """A Parquet file; its columns may have any simple type."""

    encoding = "Parquet"

    def __init__(self, path: Path, wanted: Wanted, encoding: str = "") -> None:
        self.path = path
        self.n_bytes = path.stat().st_size
        self.n_bytes_done = 0
        self.encoding = encoding or "Parquet"
        try:
            self._file = pq.ParquetFile(path)
        except (pa.ArrowInvalid, OSError) as error:
            raise IngestError("not_parquet", file=path.name) from error
        self._header = self._file.schema_arrow.names
        self.columns = map_columns(self._header, wanted)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Read row group by row group; numbers and dates become text."""
        columns = {self._header[place]: column for column, place in self.columns.positions.items()}
        n_rows = max(self._file.metadata.num_rows, 1)
        n_done = 0
        for batch in self._file.iter_batches(BATCH_ROWS, columns=list(columns)):
            n_done += batch.num_rows
            self.n_bytes_done = self.n_bytes * n_done // n_rows
            yield pa.RecordBatch.from_arrays(
                [_as_strings(self.path, name, batch[name]) for name in columns], list(columns.values())
            )

    def locate(self, rows: Iterable[int]) -> Lines:
        """Count rows from 1; the names of the columns are no row here."""
        return Lines({row: row + 1 for row in rows})


class WorkbookSource:
    """The sheet of a workbook, below a letterhead or not; a long one is read in pieces."""

    def __init__(self, path: Path, wanted: Wanted, encoding: str = "") -> None:
        self.path = path
        self.encoding = encoding or path.suffix[1:].upper()
        self.n_bytes = path.stat().st_size
        self.n_bytes_done = 0
        try:
            self._book = open_workbook(path.read_bytes(), limit=LARGEST_UNPACKED, pieces_from=STREAMED_FROM)
            self._sheet, self._header_line, self.columns = _find_sheet(self._book, wanted)
        except FileRefusedError as error:
            raise IngestError("workbook", file=path.name, reason=error) from error
        self._lines = array("L")

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Read the rows in batches; damage far down in a long sheet shows only here."""
        try:
            yield from self._batches()
        except FileRefusedError as error:
            raise IngestError("workbook", file=self.path.name, reason=error) from error

    def _batches(self) -> Iterator[pa.RecordBatch]:
        """Read the rows below the column names but empty ones, and one that numbers the columns."""
        rows = (
            (line, cells) for line, cells in self._book.grid(self._sheet).rows if line > self._header_line
        )
        filled = ((line, cells) for line, cells in rows if any(cell.strip() for cell in cells))
        first = next(filled, None)
        kept = filled if first is None or is_numbering(first[1]) else chain([first], filled)
        while taken := list(islice(kept, BATCH_ROWS)):
            self._lines.extend(line for line, _cells in taken)
            self.n_bytes_done = int(self.n_bytes * self._book.share_read(self._sheet))
            yield _batch_of([cells for _line, cells in taken], self.columns.positions)
        self.n_bytes_done = self.n_bytes

    def locate(self, rows: Iterable[int]) -> Lines:
        """Return the rows of the sheet as they are numbered there."""
        return Lines({row: self._lines[row] for row in rows})


def _find_sheet(book: Workbook, wanted: Wanted) -> tuple[str, int, ColumnMap]:
    """Return the sheet with most known columns, the number of its row of column names, and the columns."""
    best: tuple[str, int, ColumnMap] | None = None
    for sheet in book.sheets:
        found = find_header(book.peek(sheet, HEADER_SEARCH), [_LAYOUT])
        if found is None:
            continue
        header = found[0]
        columns = _columns_of(header.titles, header.columns, wanted)
        if best is None or len(columns.positions) > len(best[2].positions):
            best = sheet, header.row, columns
    if best is None:
        raise IngestError("no_header", reason="")
    return best


def _columns_of(titles: Sequence[str], columns: Sequence[str], wanted: Wanted) -> ColumnMap:
    """Let the names that were asked for win over those that are known."""
    positions = {column: place for place, column in enumerate(columns) if column}
    if wanted:
        positions |= map_columns(titles, wanted).positions
    return ColumnMap(
        positions=positions,
        unused=tuple(
            title for place, title in enumerate(titles) if place not in positions.values() and title
        ),
        missing=tuple(column for column in REQUIRED if column not in positions),
    )


def _batch_of(rows: Sequence[Sequence[str]], positions: Mapping[str, int]) -> pa.RecordBatch:
    """Turn rows of cells into columns; cells that are not there are empty."""
    arrays = [
        pa.array([cells[place] if place < len(cells) else "" for cells in rows], pa.string())
        for place in positions.values()
    ]
    return pa.RecordBatch.from_arrays(arrays, list(positions))


def _as_strings(path: Path, name: str, column: pa.Array) -> pa.Array:
    """Turn a column into text; a missing value is an empty one."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.date32(), safe=False)
    try:
        text = column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise IngestError("column_type", file=path.name, column=name, type=column.type) from error
    return text.fill_null("")


ENDINGS: Mapping[str, Callable[[Path, Wanted, str], Source]] = {
    ".csv": CsvSource,
    ".txt": CsvSource,
    ".tsv": CsvSource,
    ".parquet": ParquetSource,
    ".xlsx": WorkbookSource,
    ".xls": WorkbookSource,
}
"""How each kind of file is read, by the ending of its name."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How files are read where their names and bytes do not say: columns by name, encoding."""

    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""


def open_source(path: Path, options: ReadOptions) -> Source:
    """Open a file by the ending of its name; required columns must be there."""
    reader = ENDINGS.get(path.suffix.lower())
    if reader is None:
        raise IngestError("unknown_format", file=path.name, known=", ".join(ENDINGS))
    source = reader(path, options.columns, options.encoding)
    if source.columns.missing:
        raise IngestError("columns_missing", file=path.name, columns=", ".join(source.columns.missing))
    return source

"""Lists in CSV, in any of the encodings that offices use."""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv

from sampling.engine.ingest.columns import CELL_READERS, ColumnMap, map_columns
from sampling.engine.ingest.findings import IngestError
from sampling.engine.ingest.reading import BATCH_ROWS, CODED, HEADER_SEARCH, Lines, Misfit, Wanted
from sampling.files.encodings import CHOICES, Encoding, EncodingError, detect_file, open_as_utf8

DELIMITERS = (";", ",", "\t", "|")
BLOCK_BYTES = 4 * 1024 * 1024
REPLACEMENT = "\ufffd"


class CsvSource:
    """A CSV file in any of the encodings that offices use."""

    def __init__(self, path: Path, wanted: Wanted, encoding: str = "") -> None:
        self.path = path
        self.n_bytes = path.stat().st_size
        self.n_bytes_done = 0
        self._encoding = _encoding_of(path, encoding)
        self.encoding = self._encoding.label
        head = _read_head(path, self._encoding)
        self._delimiter = max(DELIMITERS, key="".join(head).count)
        self._header_line, self._header, self.columns = _find_header(head, self._delimiter, wanted)
        self._n_rows = self._n_newlines = self._n_refused = 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Read the table in blocks; rows with too few or too many cells are counted and left out."""
        names = [f"c{place}" for place in range(len(self._header))]
        chosen = {names[place]: column for column, place in self.columns.positions.items()}
        with ExitStack() as stack:
            stream = stack.enter_context(_Utf8Stream(self.path, self._encoding, self._count))
            try:
                reader = pacsv.open_csv(
                    pa.PythonFile(stream, mode="r"),
                    read_options=pacsv.ReadOptions(
                        block_size=BLOCK_BYTES, skip_rows=self._header_line, column_names=names
                    ),
                    parse_options=pacsv.ParseOptions(
                        delimiter=self._delimiter,
                        newlines_in_values=True,
                        invalid_row_handler=self._refuse,
                    ),
                    convert_options=pacsv.ConvertOptions(
                        column_types={
                            name: CODED if column in CELL_READERS else pa.string()
                            for name, column in chosen.items()
                        },
                        include_columns=list(chosen),
                        strings_can_be_null=False,
                        check_utf8=False,
                    ),
                )
                for batch in reader:
                    self._n_rows += batch.num_rows
                    yield batch.rename_columns([chosen[name] for name in batch.schema.names])
            except pa.ArrowInvalid as error:
                stream.raise_own()
                self._tell_broken(error)
            stream.raise_own()

    def locate(self, rows: Iterable[int]) -> Lines:
        """Count where lines and rows are the same; read the file once more where they are not."""
        if not self._n_refused and self._n_newlines == self._header_line + self._n_rows:
            return Lines({row: self._header_line + 1 + row for row in rows})
        return self._search(set(rows))

    def _count(self, block: bytes) -> None:
        self.n_bytes_done += len(block)
        self._n_newlines += block.count(b"\n")

    def _refuse(self, _row: pacsv.InvalidRow) -> str:
        self._n_refused += 1
        return "skip"

    def _search(self, rows: set[int]) -> Lines:
        """Read line by line, as a person does."""
        found: dict[int, int] = {}
        misfits: list[Misfit] = []
        expected, row, start = len(self._header), 0, self._header_line + 1
        with _lines_of(self.path, self._encoding) as lines:
            reader = csv.reader(
                islice(lines, self._header_line, None), delimiter=self._delimiter, strict=True
            )
            while True:
                try:
                    cells = next(reader, None)
                except csv.Error as error:
                    misfits.append(Misfit(start, 0, expected, str(error)))
                    break
                if cells is None:
                    break
                if len(cells) == expected:
                    if row in rows:
                        found[row] = start
                    row += 1
                elif cells:
                    misfits.append(Misfit(start, len(cells), expected))
                start = self._header_line + reader.line_num + 1
        return Lines(found, misfits[:HEADER_SEARCH], len(misfits))

    def _tell_broken(self, error: pa.ArrowInvalid) -> None:
        """Name the line in which a quote is opened that nobody closes."""
        lines = self._search(set())
        broken = next((misfit.line for misfit in lines.misfits if misfit.reason), 0)
        raise IngestError("broken_table", file=self.path.name, line=broken) from error


class _Utf8Stream(io.RawIOBase):
    """The bytes of a file as UTF-8, counted as they pass; what is no UTF-8 becomes a replacement sign."""

    def __init__(self, path: Path, encoding: Encoding, count: Callable[[bytes], None]) -> None:
        self._stack = ExitStack()
        self._count = count
        self._error: EncodingError | None = None
        self._path = path
        if encoding.is_plain_utf8:
            file = self._stack.enter_context(path.open("rb"))
            self._blocks = _checked(iter(lambda: file.read(BLOCK_BYTES), b""))
        else:
            lines = self._stack.enter_context(open_as_utf8(path, encoding))
            self._blocks = _joined(lines)
        self._rest = b""

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, fewer only at the end: the reader takes a short block for a whole one."""
        while len(self._rest) < size and (block := self._next()):
            self._rest += block
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def _next(self) -> bytes:
        try:
            block = next(self._blocks, b"")
        except EncodingError as error:
            self._error = error
            block = b""
        self._count(block)
        return block

    def raise_own(self) -> None:
        """Raise what ended the stream early; the reader above would tell it in its own words."""
        if self._error is not None:
            raise IngestError(
                "unreadable_text",
                file=self._path.name,
                line=self._error.line,
                got=self._error.got,
                encoding=self._error.encoding,
            ) from self._error

    def close(self) -> None:
        """Close the file below."""
        self._stack.close()
        super().close()


def _checked(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Pass UTF-8 on as whole lines; put a replacement sign where it is broken."""
    rest = codecs.BOM_UTF8
    for raw in blocks:
        block = raw.removeprefix(codecs.BOM_UTF8) if rest == codecs.BOM_UTF8 else rest + raw
        whole, end, rest = block.rpartition(b"\n")
        yield _readable(whole + end)
    yield _readable(rest.removeprefix(codecs.BOM_UTF8))


def _readable(block: bytes) -> bytes:
    """Return a block of whole lines in which every sign can be read."""
    try:
        pa.array([block], pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        return block.decode("utf-8", "replace").encode()
    return block


def _joined(lines: Iterator[str]) -> Iterator[bytes]:
    """Join lines to blocks."""
    while block := "".join(islice(lines, BATCH_ROWS)):
        yield block.encode()


def _encoding_of(path: Path, chosen: str) -> Encoding:
    """Return the encoding that was chosen, or the one that the file shows."""
    if chosen:
        return CHOICES[chosen]
    try:
        return detect_file(path)
    except EncodingError as error:
        raise IngestError(
            "unreadable_text", file=path.name, line=error.line, got=error.got, encoding=error.encoding
        ) from error


@contextmanager
def _lines_of(path: Path, encoding: Encoding) -> Iterator[Iterable[str]]:
    """Open a file as lines; in UTF-8, what cannot be read becomes a replacement sign, as in the batches."""
    if encoding.is_plain_utf8:
        with path.open(encoding="utf-8-sig", errors="replace", newline="\n") as lines:
            yield lines
    else:
        with open_as_utf8(path, encoding) as converted:
            yield converted


def _read_head(path: Path, encoding: Encoding) -> list[str]:
    """Return the first lines."""
    try:
        with _lines_of(path, encoding) as lines:
            return list(islice(lines, HEADER_SEARCH))
    except EncodingError as error:
        raise IngestError(
            "unreadable_text", file=path.name, line=error.line, got=error.got, encoding=error.encoding
        ) from error


def _find_header(head: Sequence[str], delimiter: str, wanted: Wanted) -> tuple[int, list[str], ColumnMap]:
    """Return the row of column names that knows most columns, and the number of its last line."""
    best: tuple[int, list[str], ColumnMap] | None = None
    reader = csv.reader(head, delimiter=delimiter)
    problem: IngestError | None = None
    try:
        for cells in reader:
            try:
                columns = map_columns(cells, wanted)
            except IngestError as error:
                problem = problem or error
                continue
            if best is None or len(columns.positions) > len(best[2].positions):
                best = (reader.line_num, cells, columns)
    except csv.Error as error:
        problem = problem or IngestError("no_header", reason=error)
    if best is None or not best[2].positions:
        raise problem or IngestError("no_header", reason="")
    return best

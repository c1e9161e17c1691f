"""The canonical digest of a frame in a file, in one pass and with little memory."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sampling.design.fingerprints import canonical_lines
from sampling.design.list_design import FRAME_COLUMNS
from sampling.design.selection import SelectionError
from sampling.engine.duckdb import connect
from sampling.engine.engine import EngineError

BATCH_ROWS = 100_000
CONTROL_CHARACTER = b"\\u00"
"""How DuckDB begins a control character, whose digits it writes as capitals."""


PLAIN = "CAST({} AS VARCHAR)"
LITERALS = {
    "VARCHAR": "CAST(to_json({}) AS VARCHAR)",
    "DATE": "'\"' || CAST({} AS VARCHAR) || '\"'",
    "BOOLEAN": PLAIN,
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT"), PLAIN),
}
"""How a column of each type is written."""


class UnsortedError(Exception):
    """The lines do not come in the order of their bytes."""


def digest_of_file(
    path: Path,
    columns: Sequence[str] = FRAME_COLUMNS,
    *,
    threads: int | None = None,
    memory_limit: str | None = None,
) -> str:
    """Return the digest that :func:`sampling.design.fingerprints.digest_of_frame` returns for the same rows.

    Parameters
    ----------
    path : Path
        A Parquet file.
    columns : sequence of str, optional
        Its columns in the order of the canonical form, the id first; dates count as ISO text.
    threads : int, optional
        Number of threads; all processors by default.
    memory_limit : str, optional
        Such as ``"1500MB"``; what does not fit is spilled to disk.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    SelectionError
        If an id is missing or stands twice.
    EngineError
        If the file cannot be read or a column is missing.

    Notes
    -----
    A file whose lines are sorted, as the import writes it, is read once and never held; another one is
    sorted first, on disk if need be.
    """
    try:
        return _digest(_lines(path, columns, threads, memory_limit))
    except UnsortedError:
        return _digest(_lines(path, columns, threads, memory_limit, "ORDER BY line"))


def sorted_lines(
    path: Path,
    columns: Sequence[str] = FRAME_COLUMNS,
    *,
    is_sorted: bool = False,
    threads: int | None = None,
    memory_limit: str | None = None,
) -> Iterator[bytes]:
    """Yield the canonical lines of a frame in their order: the file of a frame that an auditor reads.

    Parameters
    ----------
    path, columns, threads, memory_limit
        As for :func:`digest_of_file`.
    is_sorted : bool, optional
        True for a file that is taken to be sorted, as the import writes it: it is read once instead of twice.

    Yields
    ------
    bytes
        Whole lines, many at a time.

    Raises
    ------
    SelectionError, EngineError
        As :func:`digest_of_file`.
    UnsortedError
        If the lines of a file that is taken to be sorted are not; some of them have been yielded by then.
    """
    order = ""
    if not is_sorted:
        try:
            _digest(_lines(path, columns, threads, memory_limit))
        except UnsortedError:
            order = "ORDER BY line"
    yield from _lines(path, columns, threads, memory_limit, order)


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for lines in parts:
        digest.update(lines)
    return digest.hexdigest()


def _lines(
    path: Path, columns: Sequence[str], threads: int | None, memory_limit: str | None, order: str = ""
) -> Iterator[bytes]:
    """Yield lines as the engine gives them, checking their order and their ids on the way."""
    try:
        with connect(threads=threads, memory_limit=memory_limit) as connection:
            frame = connection.read_parquet(str(path))
            types = dict(zip(frame.columns, map(str, frame.types), strict=True))
            line = " || ',' || ".join(_cell(column, types) for column in columns)
            lines = frame.project(f"{columns[0]} AS id, '[' || {line} || ']' || chr(10) AS line")
            ordered = lines.order("line") if order else lines
            yield from _checked(ordered.to_arrow_reader(BATCH_ROWS))
    except duckdb.Error as error:
        raise EngineError(f"DuckDB cannot read the frame {path.name}. {error}") from error


def _cell(column: str, types: Mapping[str, str]) -> str:
    """Return the expression that writes a cell as the canonical form does."""
    if column not in types:
        raise EngineError(
            f"Expected a column {column!r} in the frame, got {', '.join(types)}. Import it anew."
        )
    kind = types[column]
    if kind not in LITERALS:
        raise EngineError(
            f"Expected text, whole numbers, truth values or dates in {column!r}, got {kind}. Import it anew."
        )
    return f"coalesce({LITERALS[kind].format(column)}, 'null')"


def _checked(batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """Yield the bytes of the lines of each batch, after a look at its ids and its order."""
    last: pa.RecordBatch | None = None
    for batch in batches:
        if batch.num_rows:
            joined = batch if last is None else pa.concat_batches([last, batch])
            _check_ids(joined["id"])
            if not pc.all(pc.less_equal(joined["line"][:-1], joined["line"][1:]), min_count=0).as_py():
                raise UnsortedError
            last = batch.slice(batch.num_rows - 1)
            yield _bytes_of(batch["line"])


def _check_ids(ids: pa.Array) -> None:
    """Refuse ids that are missing or equal; in sorted lines, equal ids stand side by side."""
    if ids.null_count:
        raise SelectionError(
            f"Expected an id in every row, got {ids.null_count} without. Import the frame anew."
        )
    repeated = ids[1:].filter(pc.equal(ids[:-1], ids[1:]))
    if len(repeated):
        raise SelectionError(f"Expected every id once, got {repeated[0]} again. Import the frame anew.")


def _bytes_of(lines: pa.Array) -> bytes:
    """Return the text of an array in one piece; only control characters need to be written anew."""
    whole = lines.cast(pa.large_binary())
    _valid, offsets, content = whole.buffers()
    ends = np.frombuffer(offsets, np.int64)[whole.offset : whole.offset + len(whole) + 1]
    joined: bytes = content.slice(ends[0], ends[-1] - ends[0]).to_pybytes()
    if CONTROL_CHARACTER not in joined:
        return joined
    return canonical_lines(json.loads(line) for line in joined.splitlines())

"""From the files to a table of typed columns: numbers of persons are hashed on the way, contacts go apart.

Numbers of persons and contacts pass through memory only. What is written here holds neither; contacts are
written once, encrypted.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sampling.engine.contact_files import CONTACT_SCHEMA, contact_writer
from sampling.engine.ingest.columns import CELL_READERS, COLUMNS, CONTACTS, PADDED, UNKNOWN
from sampling.engine.ingest.findings import SourceFile
from sampling.engine.ingest.pace import Pace, Step
from sampling.engine.ingest.reading import CODED, Source

STAGED, CONTACT_FILE = "staged-*.parquet", "contacts-{salt}.parquet"
SALT_BYTES = 16
HASH_BLOCK = 64
INNER_PAD, OUTER_PAD = 0x36, 0x5C
SIZE_WITHOUT_COLUMN = "1"

TOO_LONG: Mapping[str, int] = {"full_name": 120, "phone": 20, "email": 254, "address": 200}
"""Characters that fit into the store of contacts."""

STAGE_TEXT = """
COPY (
  WITH cleaned AS (
    SELECT *,
      replace(replace(replace(replace(person_id, ' ', ''), '.', ''), '-', ''), '''', '') AS digits
    FROM batches
  ),
  shaped AS (
    SELECT *, CASE
      WHEN party <> 'person' OR digits = '' THEN 'none'
      WHEN NOT regexp_full_match(digits, '[0-9]+') THEN 'malformed'
      WHEN length(digits) = 12 THEN 'whole'
      WHEN length(digits) IN (10, 11) THEN 'padded'
      ELSE 'malformed'
    END AS person_shape
    FROM cleaned
  )
  SELECT CAST({file} AS SMALLINT) AS file, row, id, agency, agency_name,
    ltrim(province, '{padded}') AS province, ltrim(commune, '{padded}') AS commune,
    starts_with(province, '{padded}') OR starts_with(commune, '{padded}') AS has_lost_zero,
    level, field, channel, party, person_shape,
    try_cast(settled_on AS DATE) AS settled_on,
    CASE WHEN try_cast(settled_on AS DATE) IS NULL THEN ltrim(settled_on, '{unknown}') END AS settled_raw,
    try_cast(size AS BIGINT) AS size,
    CASE WHEN try_cast(size AS BIGINT) IS NULL THEN substr(size, 2) END AS size_raw,
    CASE WHEN person_shape IN ('whole', 'padded') THEN unhex(sha256(
      getvariable('outer_pad') || unhex(sha256(getvariable('inner_pad') || encode(lpad(digits, 12, '0'))))
    )) END AS person,
    CASE WHEN person_shape = 'malformed' THEN left(digits, 3) || '***' END AS person_masked,
    {lengths},
    full_name = '' AND phone = '' AND email = '' AND address = '' AS has_no_contact,
    concat(id, agency, agency_name, field, full_name, address) LIKE '%\ufffd%' AS is_unreadable
  FROM shaped
) TO '{target}' (FORMAT parquet, COMPRESSION snappy)
"""


@dataclass(frozen=True, slots=True)
class Staged:
    """The files as they were staged, and where the contacts are; nowhere if the files hold none."""

    files: Sequence[SourceFile]
    contacts: Path | None

    @property
    def n_rows(self) -> int:
        """Rows of all files."""
        return sum(file.n_rows for file in self.files)


@dataclass(frozen=True, slots=True)
class Secrets:
    """The key of the hash of persons, and the key of the file of contacts."""

    person: bytes
    contacts: bytes


def stage(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[Source],
    folder: Path,
    keys: Secrets,
    pace: Pace,
) -> Staged:
    """Read every file once, and write what the checks need, and the contacts apart.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Runs the query; numbers of persons stream through it and are never kept.
    sources : sequence of Source
        Files with all required columns.
    folder : pathlib.Path
        Where to write; for the site's own user only.
    keys : Secrets
        Of persons and of contacts.
    pace : Pace
        Is told bytes and rows so far; may stop the work.

    Returns
    -------
    Staged
        What was read.
    """
    key = keys.person if len(keys.person) <= HASH_BLOCK else hashlib.sha256(keys.person).digest()
    for name, pad in (("inner_pad", INNER_PAD), ("outer_pad", OUTER_PAD)):
        padded = bytes(byte ^ pad for byte in key.ljust(HASH_BLOCK, b"\0"))
        connection.execute(f"SET VARIABLE {name} = ?", [padded])
    has_contacts = any(column in source.columns.positions for source in sources for column in CONTACTS)
    contacts = folder / CONTACT_FILE.format(salt=secrets.token_hex(SALT_BYTES)) if has_contacts else None
    files: list[SourceFile] = []
    with ExitStack() as stack:
        writer = stack.enter_context(contact_writer(contacts, keys.contacts)) if contacts else None
        for number, source in enumerate(sources):
            files.append(_stage_one(connection, _Feed(source, writer, files, pace), number, folder))
    return Staged(tuple(files), contacts)


BATCH_SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        *((name, CODED if name in CELL_READERS else pa.string()) for name in COLUMNS),
    ]
)


class _Feed:
    """Turns the batches of a file into those of the query, and writes the contacts as they pass."""

    def __init__(
        self,
        source: Source,
        writer: pq.ParquetWriter | None,
        before: Sequence[SourceFile],
        pace: Pace,
    ) -> None:
        self.source = source
        self.n_rows = 0
        self.error: Exception | None = None
        self._writer = writer
        self._pace = pace
        self._bytes_before = sum(file.n_bytes for file in before)
        self._rows_before = sum(file.n_rows for file in before)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield batches; an error is kept, because the engine that pulls them tells it in other words."""
        try:
            for raw in self.source.batches():
                batch = prepare(raw, self.n_rows)
                self.n_rows += batch.num_rows
                if self._writer is not None:
                    self._writer.write_batch(batch.select(CONTACT_SCHEMA.names))
                yield batch
                n_bytes = self._bytes_before + self.source.n_bytes_done
                self._pace.tell(Step.READING, n_bytes, self._rows_before + self.n_rows)
        except Exception as error:
            self.error = error
            raise


def _stage_one(connection: duckdb.DuckDBPyConnection, feed: _Feed, number: int, folder: Path) -> SourceFile:
    """Run one file through the query."""
    lengths = ", ".join(
        f"length({column}) > {longest} AS is_long_{column}" for column, longest in TOO_LONG.items()
    )
    text = STAGE_TEXT.format(
        file=number, target=folder / STAGED.replace("*", f"{number:04d}"), lengths=lengths, padded=PADDED,
        unknown=UNKNOWN,
    )  # fmt: skip
    reader = pa.RecordBatchReader.from_batches(BATCH_SCHEMA, feed.batches())
    connection.register("batches", reader)
    try:
        connection.execute(text)
    except (duckdb.Error, pa.ArrowException):
        if feed.error is not None:
            raise feed.error from None
        raise
    finally:
        connection.unregister("batches")
    source = feed.source
    return SourceFile(source.path.name, feed.n_rows, source.n_bytes, source.encoding, source.columns.unused)


def prepare(raw: pa.RecordBatch, first_row: int) -> pa.RecordBatch:
    """Return a batch with every column of a list; values that repeat are read once each.

    Parameters
    ----------
    raw : pyarrow.RecordBatch
        Text columns under their names in the list; those that the file has not are missing.
    first_row : int
        Number of the first row, counted from 0.

    Returns
    -------
    pyarrow.RecordBatch
        With the columns of `BATCH_SCHEMA`.
    """
    n_rows = raw.num_rows
    arrays = [pa.array(np.arange(first_row, first_row + n_rows))]
    for name in COLUMNS:
        is_there = name in raw.schema.names
        if name in CELL_READERS:
            arrays.append(_read_each_once(raw[name], name) if is_there else _constant(name, n_rows))
        else:
            arrays.append(pc.utf8_trim_whitespace(raw[name]) if is_there else pa.repeat("", n_rows))
    return pa.RecordBatch.from_arrays(arrays, schema=BATCH_SCHEMA)


def _constant(name: str, n_rows: int) -> pa.DictionaryArray:
    """Return the column that a file has not: empty, or the size 1."""
    value = SIZE_WITHOUT_COLUMN if name == "size" else ""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n_rows, np.int32)), pa.array([value]))


def _read_each_once(column: pa.Array, name: str) -> pa.DictionaryArray:
    """Read the different values of a column."""
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    read = _remembering(name)
    values = pa.array([read(value) for value in coded.dictionary.to_pylist()], pa.string())
    return pa.DictionaryArray.from_arrays(coded.indices, values)


@lru_cache
def _remembering(name: str) -> Callable[[str], str]:
    """Return the reader of a column that remembers what it has read."""
    return lru_cache(maxsize=100_000)(CELL_READERS[name])

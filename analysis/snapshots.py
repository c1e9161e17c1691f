"""Snapshot files: a closed round as one Parquet file that proves it has not changed.

The file carries its own codebook, so that years later an estimate or an export needs nothing but the file:
no questionnaire, no database. Writing is a function of its arguments, byte for byte.
"""

import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from django.utils.translation import gettext as _

FORMAT = "snapshot/1"
ANALYSIS_ID = "analysis_id"
CODE_COLUMNS = (
    ANALYSIS_ID,
    "province",
    "region",
    "stratum",
    "psu",
    "village",
    "variance_stratum",
    "variance_psu",
    "sex",
    "age_group",
    "disposition",
    "mode",
    "helper",
    "pressure",
)
"""Design columns that are codes: text, with their leading zeros."""
FLAG_COLUMNS = ("is_urban", "is_reserve", "is_approximate")
REPLACEMENT_MARK = "r"
"""Ends the label of a village that replaced another one, so that figures can be made without it."""
NUMBER_COLUMNS = (
    "commune_probability",
    "village_probability",
    "person_probability",
    "design_weight",
    "multiplicity",
    "household_adults",
)
LATER_COLUMNS: Mapping[str, Any] = {
    "multiplicity": 1.0,
    "household_adults": 1.0,
    "is_approximate": False,
    "helper": "",
    "pressure": "",
}
"""Design columns that earlier files do not have, and what is read from such a file instead."""
DESIGN_COLUMNS = (*CODE_COLUMNS, *FLAG_COLUMNS, *NUMBER_COLUMNS)
MULTIPLICITY_FACTOR = "multiplicity_factor"
WEIGHT_COLUMNS = (
    ANALYSIS_ID,
    "base_weight",
    MULTIPLICITY_FACTOR,
    "nonresponse_factor",
    "calibration_factor",
    "final_weight",
)
"""Columns of the weights of a release; the final weight is the product of those before it."""

_METADATA_KEY = b"codebook"
_COMPRESSION_LEVEL = 6

type Labels = Mapping[str, str]


class SnapshotError(ValueError):
    """A snapshot file is missing, altered, or not one of ours."""


class Storage(StrEnum):
    """How an answer column is stored."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    TEXT = "text"


class MissingReason(IntEnum):
    """Why a person who was asked gave no answer; a question that was just skipped has no reason."""

    NOT_APPLICABLE = 1
    NOT_TOLD = 2


@dataclass(frozen=True, slots=True)
class Variable:
    """One answer column: its question, its wording and what its values mean, in every language.

    Attributes
    ----------
    name : str
        Column of the file; a lawful name in SPSS, Stata and R.
    question : str
        Code of the question, the key of the answers and of the index method.
    labels : mapping
        Full wording by language.
    value_labels : mapping
        Labels by value, each by language; values are written as text.
    storage : Storage
        Whole numbers, as ratings are, decimals, or text.
    is_sensitive : bool
        Sensitive personal data or experience, kept out of files unless asked for.
    explains : str
        Code of the question whose missing answers this column explains by a `MissingReason`; "" for answers.
    """

    name: str
    question: str
    labels: Labels
    value_labels: Mapping[str, Labels] = field(default_factory=dict)
    storage: Storage = Storage.INTEGER
    is_sensitive: bool = False
    explains: str = ""


@dataclass(frozen=True, slots=True)
class SnapshotContent:
    """What a snapshot says: one row per case, and the codebook of the answer columns."""

    rows: pd.DataFrame
    variables: tuple[Variable, ...]

    @property
    def column_by_question(self) -> dict[str, str]:
        """Answer column of every question that has one."""
        return {variable.question: variable.name for variable in self.variables if not variable.explains}

    def not_applicable(self) -> dict[str, npt.NDArray[np.bool_]]:
        """Return for every question that may not apply to somebody to whom of the rows it did not."""
        return {
            variable.explains: self.rows[variable.name].eq(MissingReason.NOT_APPLICABLE).to_numpy(dtype=bool)
            for variable in self.variables
            if variable.explains
        }


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Where a file was written, and how it is recognised."""

    path: Path
    digest: str
    n_rows: int


def write_snapshot(content: SnapshotContent, path: Path) -> StoredFile:
    """Write a snapshot; a file that is already there is never overwritten.

    Raises
    ------
    SnapshotError
        If a design column is missing, an answer column has no codebook entry, or the file exists.
    """
    _check_columns(content)
    return _store(_snapshot_table(content), path)


def read_snapshot(path: Path, *, digest: str, columns: Sequence[str] | None = None) -> SnapshotContent:
    """Read a snapshot back after checking that it is the file that was written.

    Parameters
    ----------
    path : Path
    digest : str
    columns : sequence of str, optional
        Read no others; the codebook is that of all.

    Raises
    ------
    SnapshotError
        If the file is missing, its SHA-256 is another one, or it carries no codebook.
    """
    table = _load(path, digest, columns)
    metadata = (table.schema.metadata or {}).get(_METADATA_KEY)
    if metadata is None:
        raise SnapshotError(
            _("The file %(file)s holds no codebook, so it is not a snapshot. Take a new snapshot.")
            % {"file": path.name}
        )
    rows = _with_later_columns(table.to_pandas(), columns)
    return SnapshotContent(rows=rows, variables=_read_codebook(metadata))


def write_weights(weights: pd.DataFrame, path: Path) -> StoredFile:
    """Write the weights of a release, one row per case that has one, beside their snapshot.

    Raises
    ------
    SnapshotError
        If the columns are not those of `WEIGHT_COLUMNS`, or the file exists.
    """
    if tuple(weights.columns) != WEIGHT_COLUMNS:
        raise SnapshotError(
            _("Expected the columns %(expected)s, got %(got)s. Write the weights as they were computed.")
            % {"expected": ", ".join(WEIGHT_COLUMNS), "got": ", ".join(map(str, weights.columns))}
        )
    ordered = weights.sort_values(ANALYSIS_ID, kind="stable")
    return _store(pa.Table.from_pandas(ordered, preserve_index=False).replace_schema_metadata(None), path)


def read_weights(path: Path, *, digest: str) -> pd.DataFrame:
    """Read weights back after checking their hash; raises `SnapshotError` as `read_snapshot` does.

    Earlier files have no factor of multiplicity: it was 1.
    """
    weights: pd.DataFrame = _load(path, digest).to_pandas()
    if MULTIPLICITY_FACTOR not in weights.columns:
        weights[MULTIPLICITY_FACTOR] = 1.0
    return weights[list(WEIGHT_COLUMNS)]


def _store(table: pa.Table, path: Path) -> StoredFile:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd", compression_level=_COMPRESSION_LEVEL)
    written = buffer.getvalue()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise SnapshotError(
            _("The file %(file)s is there already. Stored files are never overwritten: take a new snapshot.")
            % {"file": path.name}
        ) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(written)
    return StoredFile(path=path, digest=hashlib.sha256(written).hexdigest(), n_rows=table.num_rows)


def _load(path: Path, digest: str, columns: Sequence[str] | None = None) -> pa.Table:
    try:
        stored = path.open("rb")
    except FileNotFoundError:
        raise SnapshotError(
            _("The file %(file)s is missing. Restore it from backup.") % {"file": path.name}
        ) from None
    with stored:
        _check_digest(hashlib.file_digest(stored, "sha256").hexdigest(), digest, path)
        if columns is None:
            return pq.read_table(stored)
        present = pq.read_schema(stored).names
        wanted = [name for name in columns if name in present or name not in LATER_COLUMNS]
        return pq.read_table(stored, columns=wanted)


def _with_later_columns(rows: pd.DataFrame, columns: Sequence[str] | None) -> pd.DataFrame:
    """Add the columns that an earlier file does not have."""
    wanted = LATER_COLUMNS if columns is None else LATER_COLUMNS.keys() & set(columns)
    missing = {name: LATER_COLUMNS[name] for name in wanted if name not in rows.columns}
    if not missing:
        return rows
    complete = rows.assign(**missing)
    return complete if columns is None else complete[list(columns)]


def _check_digest(found: str, digest: str, path: Path) -> None:
    if found != digest:
        raise SnapshotError(
            _(
                "Expected %(file)s with SHA-256 %(expected)s, got %(found)s. "
                "The file was altered: restore it from backup or take a new snapshot."
            )
            % {"file": path.name, "expected": digest, "found": found}
        )


def _check_columns(content: SnapshotContent) -> None:
    expected = [*DESIGN_COLUMNS, *(variable.name for variable in content.variables)]
    got = list(content.rows.columns)
    if sorted(got) != sorted(expected):
        missing, unknown = sorted(set(expected) - set(got)), sorted(set(got) - set(expected))
        raise SnapshotError(
            _(
                "Expected the design columns and one column per entry of the codebook; "
                "missing: %(missing)s; not explained: %(unknown)s. Correct the codebook."
            )
            % {"missing": ", ".join(missing) or "–", "unknown": ", ".join(unknown) or "–"}
        )


def _snapshot_table(content: SnapshotContent) -> pa.Table:
    schema = pa.schema(
        [pa.field(name, _type_of(name, content.variables)) for name in _column_order(content.variables)],
        metadata={_METADATA_KEY: _codebook_text(content.variables).encode()},
    )
    ordered = content.rows.sort_values(ANALYSIS_ID, kind="stable")
    table = pa.Table.from_pandas(ordered[schema.names], schema=schema, preserve_index=False)
    return table.replace_schema_metadata(schema.metadata)


def _column_order(variables: Sequence[Variable]) -> list[str]:
    return [*DESIGN_COLUMNS, *(variable.name for variable in variables)]


_STORED_TYPES = {Storage.INTEGER: pa.int32(), Storage.DECIMAL: pa.float64(), Storage.TEXT: pa.string()}


def _type_of(name: str, variables: Sequence[Variable]) -> pa.DataType:
    kinds = {
        **dict.fromkeys(CODE_COLUMNS, pa.string()),
        **dict.fromkeys(FLAG_COLUMNS, pa.bool_()),
        **dict.fromkeys(NUMBER_COLUMNS, pa.float64()),
        **{variable.name: _STORED_TYPES[variable.storage] for variable in variables},
    }
    return kinds[name]


def _codebook_text(variables: Sequence[Variable]) -> str:
    document = {"format": FORMAT, "variables": [asdict(variable) for variable in variables]}
    return json.dumps(document, ensure_ascii=False, sort_keys=True)


def _read_codebook(metadata: bytes) -> tuple[Variable, ...]:
    entries = json.loads(metadata)["variables"]
    return tuple(Variable(**{**entry, "storage": Storage(entry["storage"])}) for entry in entries)

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from django.utils.translation import override

from analysis.snapshots import (
    ANALYSIS_ID,
    CODE_COLUMNS,
    DESIGN_COLUMNS,
    FLAG_COLUMNS,
    WEIGHT_COLUMNS,
    SnapshotContent,
    SnapshotError,
    Storage,
    Variable,
    read_snapshot,
    read_weights,
    write_snapshot,
    write_weights,
)

RATING = Variable("P_A1", "P-A1", {"vi": "Tiêu chí", "en": "Criterion"}, {"5": {"vi": "Tốt", "en": "Good"}})
JOB = Variable("JOB", "JOB", {"vi": "Nghề", "en": "Job"}, storage=Storage.TEXT, is_sensitive=True)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Read the refusals in the language they are written in."""
    with override("en"):
        yield


def content(**columns: list[Any]) -> SnapshotContent:
    design = {
        name: ["01"] * 3 if name in CODE_COLUMNS else [True] * 3 if name in FLAG_COLUMNS else [1.5] * 3
        for name in DESIGN_COLUMNS
    }
    answers = {"P_A1": [5, None, 1], "JOB": ["a", None, "b"]}
    rows = design | {ANALYSIS_ID: ["c", "a", "b"]} | answers | columns
    return SnapshotContent(pd.DataFrame(rows), (RATING, JOB))


def test_what_is_written_is_read_back_in_the_order_of_the_random_identifiers(tmp_path: Path) -> None:
    stored = write_snapshot(content(), tmp_path / "s.parquet")
    read = read_snapshot(stored.path, digest=stored.digest)
    assert read.rows[ANALYSIS_ID].tolist() == ["a", "b", "c"]
    assert read.rows["province"].tolist() == ["01"] * 3
    np.testing.assert_array_equal(read.rows["P_A1"].to_numpy(dtype=float), [np.nan, 1, 5])
    assert read.variables == (RATING, JOB)
    assert read.column_by_question == {"P-A1": "P_A1", "JOB": "JOB"}
    assert stored.n_rows == 3


def test_file_from_before_a_column_is_read_with_what_held_then(tmp_path: Path) -> None:
    stored = write_snapshot(content(), tmp_path / "s.parquet")
    path = tmp_path / "earlier.parquet"
    pq.write_table(pq.read_table(stored.path).drop_columns(["multiplicity"]), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert read_snapshot(path, digest=digest).rows["multiplicity"].tolist() == [1.0] * 3
    cases = read_snapshot(path, digest=digest, columns=DESIGN_COLUMNS).rows
    assert tuple(cases.columns) == DESIGN_COLUMNS
    weights = read_snapshot(path, digest=digest, columns=["design_weight"]).rows
    assert tuple(weights.columns) == ("design_weight",)


def test_same_rows_give_the_same_bytes_whatever_their_order(tmp_path: Path) -> None:
    rows = content()
    turned = SnapshotContent(rows.rows.iloc[::-1], rows.variables)
    first = write_snapshot(rows, tmp_path / "a.parquet")
    assert write_snapshot(turned, tmp_path / "b.parquet").digest == first.digest


def test_altered_file_is_refused_with_both_hashes(tmp_path: Path) -> None:
    stored = write_snapshot(content(), tmp_path / "s.parquet")
    altered = bytearray(stored.path.read_bytes())
    altered[-5] ^= 1
    stored.path.write_bytes(bytes(altered))
    with pytest.raises(SnapshotError, match=f"SHA-256 {stored.digest}, got "):
        read_snapshot(stored.path, digest=stored.digest)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=r"gone\.parquet"):
        read_snapshot(tmp_path / "gone.parquet", digest="0" * 64)


def test_file_is_never_overwritten(tmp_path: Path) -> None:
    write_snapshot(content(), tmp_path / "s.parquet")
    with pytest.raises(SnapshotError, match="never overwritten"):
        write_snapshot(content(), tmp_path / "s.parquet")


def test_column_without_a_codebook_entry_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="not explained: NAME"):
        write_snapshot(content(NAME=["x"] * 3), tmp_path / "s.parquet")
    assert not list(tmp_path.iterdir())


def test_parquet_file_of_somebody_else_is_no_snapshot(tmp_path: Path) -> None:
    weights = pd.DataFrame({name: ["a"] if name == ANALYSIS_ID else [1.0] for name in WEIGHT_COLUMNS})
    stored = write_weights(weights, tmp_path / "w.parquet")
    pd.testing.assert_frame_equal(read_weights(stored.path, digest=stored.digest), weights, check_dtype=False)
    with pytest.raises(SnapshotError, match="not a snapshot"):
        read_snapshot(stored.path, digest=stored.digest)


def test_weights_need_their_columns(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="final_weight"):
        write_weights(pd.DataFrame({ANALYSIS_ID: ["a"]}), tmp_path / "w.parquet")

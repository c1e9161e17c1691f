"""The generator of national lists: synthetic, repeatable, in order unless asked otherwise."""

import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks.ingest import measure, units_of_today
from benchmarks.make_dossiers import CHUNK, DIRT, DIRTY_EVERY, chunks, make_list
from tests.sampling.lists import found, run

PERIOD = {
    "units": units_of_today(),
    "first_day": datetime.date(2026, 1, 1),
    "last_day": datetime.date(2026, 12, 31),
}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_made_list_keeps_every_rule(tmp_path: Path, kind: str) -> None:
    make_list(tmp_path / f"a.{kind}", 3_000, kind=kind)
    report = run(tmp_path / "job", tmp_path / f"a.{kind}", **PERIOD)
    assert report.findings == ()
    assert len(report.counts["province"]) == 34
    assert 0.08 < report.counts["party"]["organisation"] / 3_000 < 0.16
    assert report.n_persons < report.counts["party"]["person"]


def test_a_dirty_list_has_one_wrong_cell_of_each_kind(tmp_path: Path) -> None:
    make_list(tmp_path / "a.csv", DIRTY_EVERY * (len(DIRT) + 1), kind="csv", is_dirty=True)
    report = run(tmp_path / "job", tmp_path / "a.csv", **PERIOD)
    columns = {column for _rule, column in found(report)}
    assert columns == {*DIRT, "id"}
    assert report.n_errors == len(DIRT) + 1


def test_the_same_seed_makes_the_same_list() -> None:
    (first,), (again,), (other,) = chunks(500, 1), chunks(500, 1), chunks(500, 2)
    assert first.equals(again)
    assert not first.equals(other)
    assert CHUNK >= 500


def test_every_id_says_that_it_is_made_up(tmp_path: Path) -> None:
    make_list(tmp_path / "a.parquet", 500)
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.schema.metadata[b"synthetic"] == b"true"
    assert all(value.startswith("SYN-") for value in table["id"].to_pylist())
    assert all(value.startswith("0000") for value in table["phone"].to_pylist())


def test_the_benchmark_says_what_it_took(tmp_path: Path) -> None:
    make_list(tmp_path / "a.csv", 500, kind="csv")
    told = measure([tmp_path / "a.csv"], is_told=False)
    assert (told["rows"], told["status"], told["errors"]) == (500, "accepted", 0)

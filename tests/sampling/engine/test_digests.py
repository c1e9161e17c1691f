"""The digest of a file is the digest of its rows, in whatever order they stand."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampling.design.fingerprints import Cell, canonical_lines, digest_of_frame
from sampling.design.selection import SelectionError
from sampling.engine import EngineError
from sampling.engine.digests import digest_of_file, sorted_lines
from tests.sampling.engine.list_frames import make_rows, make_table, shuffled

AWKWARD = (
    "a",
    "a!",
    "a b",
    'a"b',
    "a\\b",
    "a\\u000B",
    "a\x1f",
    "a\x0b",
    "a\nb",
    "a\x7f",
    "\u2028",
    "é",
    "e\u0301",
    "😀",
    "",
)

type Writer = Callable[[list[list[Cell]]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    def _write(rows: list[list[Cell]]) -> Path:
        path = tmp_path / "frame.parquet"
        pq.write_table(make_table(rows), path, row_group_size=100)
        return path

    return _write


def test_a_sorted_file_has_the_digest_of_its_rows(write: Writer):
    rows = make_rows()
    assert digest_of_file(write(rows)) == digest_of_frame(rows)


def test_the_order_of_the_file_does_not_matter(write: Writer):
    rows = make_rows()
    assert digest_of_file(write(shuffled(rows))) == digest_of_frame(rows)


def test_missing_values_and_dates_are_written_like_those_of_the_core(write: Writer):
    rows = [["1", *[None] * 13], ["2", *[None] * 4, False, *[None] * 3, "2026-01-05", None, None, 1, 2**62]]
    assert digest_of_file(write(rows)) == digest_of_frame(rows)


def test_awkward_ids_and_texts_are_written_like_those_of_the_core(write: Writer):
    rows = [[name, *make_rows(1)[0][1:7], name, *make_rows(1)[0][8:]] for name in AWKWARD]
    assert digest_of_file(write(sorted(rows))) == digest_of_frame(rows)
    assert b"".join(sorted_lines(write(rows))) == b"".join(sorted(canonical_lines([row]) for row in rows))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        st.tuples(
            st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
            st.none() | st.booleans(),
            st.none() | st.integers(-(2**63), 2**63 - 1),
        ),
    )
)
def test_any_file_has_the_digest_of_its_rows(cells: dict[str, tuple[Cell, ...]], tmp_path: Path):
    rows = [[name, *row] for name, row in cells.items()]
    path = tmp_path / "any.parquet"
    types = {"id": pa.string(), "text": pa.string(), "flag": pa.bool_(), "number": pa.int64()}
    columns = zip(*rows, strict=True) if rows else ([] for _name in types)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, types.values(), strict=True)]
    pq.write_table(pa.table(arrays, names=list(types)), path)
    assert digest_of_file(path, list(types)) == digest_of_frame(rows)


@pytest.mark.parametrize("order", [list, shuffled])
def test_an_id_that_stands_twice_is_refused(
    write: Writer, order: Callable[[list[list[Cell]]], list[list[Cell]]]
):
    rows = make_rows(50)
    rows.insert(8, [*rows[7][:8], "telephone", *rows[7][9:]])
    with pytest.raises(SelectionError, match="again"):
        digest_of_file(write(order(rows)))


def test_a_missing_id_is_refused(write: Writer):
    with pytest.raises(SelectionError, match="an id in every row, got 1 without"):
        digest_of_file(write([[None, *make_rows(1)[0][1:]]]))


def test_a_missing_column_is_named(write: Writer):
    with pytest.raises(EngineError, match="'village'"):
        digest_of_file(write(make_rows(3)), ["id", "village"])


def test_numbers_with_a_point_are_refused(tmp_path: Path):
    pq.write_table(pa.table({"id": ["1"], "size": [1.5]}), tmp_path / "f.parquet")
    with pytest.raises(EngineError, match="'size', got DOUBLE"):
        digest_of_file(tmp_path / "f.parquet", ["id", "size"])


def test_a_file_that_is_no_frame_is_named(tmp_path: Path):
    (tmp_path / "f.parquet").write_text("no")
    with pytest.raises(EngineError, match=r"f\.parquet"):
        digest_of_file(tmp_path / "f.parquet")

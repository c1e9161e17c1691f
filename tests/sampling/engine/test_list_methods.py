"""A list drawn by query text is the list drawn in memory, by every method and on every engine."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sampling.design import list_bounds
from sampling.design.fingerprints import Cell
from sampling.design.list_design import UNIT_LIMITS, ListDesign, ListDesignError, Selection
from sampling.design.list_draws import draw_list
from sampling.design.selection import SelectionError
from sampling.engine import DuckDBEngine, Engine, SparkEngine, list_numbers
from sampling.engine.list_draws import draw_list_by_query
from tests.sampling.design.list_methods import KEY, METHODS, numbers
from tests.sampling.engine.list_frames import as_rows, make_design, make_rows, make_table, shuffled

SEED = "2026"
CERTAIN = {
    "filter": {"field": ["land"], "is_urban": ["true"]},
    "sizes": [[["01"], 12], [["48"], 5], [["79"], 5]],
}


@pytest.fixture(scope="module")
def duck() -> Iterator[Engine]:
    with DuckDBEngine(threads=2) as engine:
        yield engine


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("frames") / "frame.parquet"
    pq.write_table(make_table(shuffled(make_rows())), path)
    return path


def by_core(design: ListDesign, rows: list[list[Cell]] | None = None, seed: str = SEED) -> list[object]:
    """The list of the core, as plain rows."""
    drawn = draw_list(make_rows() if rows is None else rows, design, seed, numbers())
    return [unit.row() for unit in drawn]


def by_query(engine: Engine, frame: Path, design: ListDesign, seed: str = SEED) -> list[object]:
    """The list of an engine, as plain rows."""
    return list(as_rows(draw_list_by_query(engine, frame, design, seed, ids_are_checked=True, key=KEY)))


@pytest.mark.parametrize("name", METHODS)
def test_duckdb_draws_the_list_of_the_core(duck: Engine, frame: Path, name: str):
    design = make_design(**METHODS[name])
    for seed in (SEED, "another"):
        expected = by_core(design, seed=seed)
        assert expected
        assert by_query(duck, frame, design, seed) == expected


@pytest.mark.parametrize("name", METHODS)
def test_certain_units_and_filters_are_those_of_the_core(duck: Engine, frame: Path, name: str):
    design = make_design(**METHODS[name] | CERTAIN)
    assert by_query(duck, frame, design) == by_core(design)


@pytest.mark.parametrize(
    "name",
    [
        "systematic, serpentine",
        "sizes by agency",
        "poisson",
        "pareto of persons",
        "coordinated simple random, later",
    ],
)
def test_spark_draws_the_list_of_the_core(frame: Path, name: str):
    design = make_design(**METHODS[name])
    with SparkEngine(master="local[2]") as spark:
        assert by_query(spark, frame, design) == by_core(design)


@pytest.mark.parametrize("name", ["pareto", "sequential poisson", "coordinated simple random"])
def test_a_cut_that_is_too_low_does_not_change_the_list(
    duck: Engine, frame: Path, name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(list_bounds, "SLACK_DEVIATIONS", -1)
    monkeypatch.setattr(list_bounds, "SLACK_UNITS", -1)
    design = make_design(**METHODS[name])
    assert by_query(duck, frame, design) == by_core(design)


def test_another_key_than_that_of_the_design_is_refused(duck: Engine, frame: Path):
    design = make_design(**METHODS["coordinated poisson"])
    with pytest.raises(SelectionError, match="coordination key"):
        draw_list_by_query(duck, frame, design, SEED, key="another key")


def test_too_many_different_sizes_are_refused(duck: Engine, frame: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(list_numbers, "MOST_SIZES", 2)
    with pytest.raises(SelectionError, match="Round the sizes"):
        by_query(duck, frame, make_design(**METHODS["pareto"]))


@pytest.mark.parametrize("selection", UNIT_LIMITS)
def test_strata_that_are_too_large_for_a_method_are_named(selection: Selection):
    design = make_design(selection=selection.value, measure_of_size="size", reserve_percent=0)
    limit = UNIT_LIMITS[selection]
    design.check_counts(dict.fromkeys(("01", "48", "79"), limit))
    with pytest.raises(ListDesignError, match=r"got 48 \(there are"):
        design.check_counts({"01": limit, "48": limit + 1, "79": limit})


@pytest.mark.parametrize("name", [name for name, changes in METHODS.items() if "measure_of_size" in changes])
def test_sizes_that_are_none_are_refused(duck: Engine, name: str):
    rows = make_rows(200)
    rows[7][-1] = 0
    with pytest.raises(SelectionError):
        draw_list_by_query(duck, make_table(rows), make_design(**METHODS[name]), SEED, key=KEY)
    with pytest.raises(SelectionError):
        by_core(make_design(**METHODS[name]), rows)

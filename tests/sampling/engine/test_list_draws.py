"""A list drawn by query text is the list drawn in memory, on every engine."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.design import list_queries
from sampling.design.fingerprints import Cell
from sampling.design.list_design import FRAME_COLUMNS, ListDesign, ListDesignError, Unit
from sampling.design.list_draws import PLACE, draw_list, first_dossiers, keep_rows
from sampling.design.selection import SelectionError
from sampling.engine import DuckDBEngine, Engine, SparkEngine
from sampling.engine.list_draws import (
    LIST_COLUMNS,
    draw_list_by_query,
    repeated_persons,
    stratum_counts,
    unit_counts,
)
from tests.sampling.engine.list_frames import as_rows, make_design, make_rows, make_table, shuffled

SEED = "2026"
PPS = {"selection": "pps_systematic", "measure_of_size": "size", "reserve_percent": 0}
BY_FIELD = {
    "strata": ["field", "is_urban"],
    "sizes": [
        [[field, urban], 2] for field in ("land", "civil", "", "đất đai") for urban in ("true", "false", "")
    ],
}
LEFT_OUT = [[["01"], 20], [["48"], 0], [["79"], 15]]
BY_FIELD_LEFT_OUT = BY_FIELD | {
    "sizes": [[values, 0 if values[0] == "" else n] for values, n in BY_FIELD["sizes"]]
}
DESIGNS = {
    "dossiers": make_design(),
    "one stratum": make_design(strata=[], sizes=[[[], 30]]),
    "missing and other letters in strata": make_design(**BY_FIELD),
    "a stratum left out": make_design(sizes=LEFT_OUT),
    "persons with a stratum left out": make_design(unit="person", sizes=LEFT_OUT),
    "sizes with a stratum left out": make_design(**PPS, sizes=LEFT_OUT),
    "a filter and strata left out": make_design(
        unit="person", filter={"channel": ["portal"]}, **BY_FIELD_LEFT_OUT
    ),
    "filter": make_design(filter={"party": ["person"], "region": ["", "north"]}),
    "persons": make_design(unit="person"),
    "persons with a filter": make_design(unit="person", filter={"channel": ["portal"]}),
    "sizes": make_design(**PPS),
    "sizes of persons": make_design(unit="person", **PPS),
    "certain units": make_design(
        **PPS,
        filter={"field": ["land"], "is_urban": ["true"]},
        sizes=[[["01"], 12], [["48"], 5], [["79"], 5]],
    ),
}


@pytest.fixture(scope="module")
def spark() -> Iterator[Engine]:
    with SparkEngine(master="local[2]") as engine:
        yield engine


@pytest.fixture(scope="module")
def duck() -> Iterator[Engine]:
    with DuckDBEngine(threads=2) as engine:
        yield engine


@pytest.fixture(scope="module")
def frame(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("frames") / "frame.parquet"
    pq.write_table(make_table(make_rows()), path)
    return path


@pytest.mark.parametrize("name", DESIGNS)
def test_duckdb_draws_the_list_of_the_core(duck: Engine, frame: Path, name: str):
    expected = [unit.row() for unit in draw_list(make_rows(), DESIGNS[name], SEED)]
    drawn = draw_list_by_query(duck, frame, DESIGNS[name], SEED)
    assert tuple(drawn.columns) == LIST_COLUMNS
    assert as_rows(drawn) == expected


@pytest.mark.parametrize(
    "name",
    [
        "missing and other letters in strata",
        "persons with a filter",
        "certain units",
        "a filter and strata left out",
    ],
)
def test_spark_draws_the_list_of_the_core(spark: Engine, frame: Path, name: str):
    expected = [unit.row() for unit in draw_list(make_rows(), DESIGNS[name], SEED)]
    assert as_rows(draw_list_by_query(spark, frame, DESIGNS[name], SEED, ids_are_checked=True)) == expected


def test_the_order_of_the_file_does_not_matter(duck: Engine):
    for name in ("persons with a filter", "certain units"):
        drawn = draw_list_by_query(duck, make_table(shuffled(make_rows())), DESIGNS[name], SEED)
        assert as_rows(drawn) == [unit.row() for unit in draw_list(make_rows(), DESIGNS[name], SEED)]


@settings(deadline=None, max_examples=15)
@given(
    names=st.sets(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=4),
    seed=st.text(st.characters(exclude_categories=["Cs"])),
)
def test_any_ids_and_any_seed_give_the_list_of_the_core(duck: Engine, names: set[str], seed: str):
    rows = [[name, *make_rows(1)[0][1:]] for name in names]
    design = make_design(strata=[], sizes=[[[], 3]])
    for chosen in (design, make_design(strata=[], sizes=[[[], 3]], **PPS)):
        drawn = draw_list_by_query(duck, make_table(rows), chosen, seed)
        assert as_rows(drawn) == [unit.row() for unit in draw_list(rows, chosen, seed)]


def test_a_bound_that_is_too_low_does_not_change_the_list(
    duck: Engine, frame: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(list_queries, "hash_bound", lambda n_all, _n_units: "02" if n_all > 20 else "ff")
    expected = [unit.row() for unit in draw_list(make_rows(), DESIGNS["dossiers"], SEED)]
    assert as_rows(draw_list_by_query(duck, frame, DESIGNS["dossiers"], SEED)) == expected


def test_strata_are_counted(duck: Engine, frame: Path):
    rows = make_rows()
    counts = stratum_counts(duck, frame, ListDesign(Unit.DOSSIER, ("province",), ()))
    dossiers = Counter(row[PLACE["province"]] for row in rows)
    persons = Counter(row[PLACE["province"]] for row in first_dossiers(rows))
    sizes = {code: sum(row[-1] for row in rows if row[PLACE["province"]] == code) for code in dossiers}
    assert as_rows(counts) == [
        (code, dossiers[code], persons[code], sizes[code]) for code in sorted(dossiers)
    ]


@pytest.mark.parametrize("name", ["dossiers", "filter", "a stratum left out"])
def test_persons_with_several_dossiers_that_take_part_are_counted(duck: Engine, frame: Path, name: str):
    design = DESIGNS[name]
    kept = [
        row
        for row in keep_rows(make_rows(), design.filter)
        if row[PLACE["province"]] not in design.left_out and row[PLACE["person_key"]]
    ]
    persons = Counter(row[PLACE["person_key"]] for row in kept)
    expected = sum(count > 1 for count in persons.values())
    assert 0 < expected == repeated_persons(duck, frame, design)


def test_nothing_is_counted_where_the_filter_leaves_nothing(duck: Engine, frame: Path):
    design = ListDesign(Unit.DOSSIER, ("province",), (), filter={"level": ("ward",)})
    assert stratum_counts(duck, frame, design).empty


def change(place: int, **cells: Cell) -> list[list[Cell]]:
    rows = make_rows(200)
    rows[place] = [cells.get(name, cell) for name, cell in zip(FRAME_COLUMNS, rows[place], strict=True)]
    return rows


@pytest.mark.parametrize(
    ("rows", "name", "error"),
    [
        (change(5, id=make_rows(200)[9][0]), "filter", SelectionError),
        (change(5, id=None), "dossiers", SelectionError),
        (change(5, size=0), "sizes", SelectionError),
        (change(5, size=-3), "sizes", SelectionError),
        (change(5, size=None), "sizes", SelectionError),
        (change(5, province="99"), "dossiers", ListDesignError),
        (make_rows(30), "dossiers", ListDesignError),
    ],
)
def test_what_the_core_refuses_is_refused(
    duck: Engine, rows: list[list[Cell]], name: str, error: type[ValueError]
):
    with pytest.raises(error):
        draw_list(rows, DESIGNS[name], SEED)
    with pytest.raises(error):
        draw_list_by_query(duck, make_table(rows), DESIGNS[name], SEED)


@pytest.mark.parametrize(("unit", "column"), [("dossier", "n_dossiers"), ("person", "n_persons")])
def test_units_are_counted_as_their_design_draws_them(
    duck: Engine, frame: Path, unit: str, column: str
) -> None:
    design = make_design(unit=unit)
    counts = stratum_counts(duck, frame, design)
    expected = dict(zip(counts["stratum"], counts[column].astype(int), strict=True))
    assert unit_counts(duck, frame, design) == {key: n for key, n in expected.items() if n}

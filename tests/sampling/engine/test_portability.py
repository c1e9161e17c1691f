"""The same query text on DuckDB and on Spark, and the same list as the cores draw in memory."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sampling.design.seeds import random_order
from sampling.design.selection import pps_systematic, simple_random
from sampling.engine import DuckDBEngine, Engine, EngineError, SparkEngine
from sampling.engine.draws import select_pps_systematic, select_simple_random

SEED, STAGE = "2026", "commune"
WANTED = {"A": 6, "B": 12, "C": 3, "D": 50, "Đ": 2}


@pytest.fixture(scope="module")
def spark() -> Iterator[Engine]:
    with SparkEngine(master="local[2]") as engine:
        yield engine


@pytest.fixture
def duck() -> Iterator[Engine]:
    with DuckDBEngine(threads=2) as engine:
        yield engine


def make_units() -> pd.DataFrame:
    """Strata with certainty units, one with fewer units than wanted, equal sizes and non-Latin letters."""
    rng = np.random.default_rng(1)
    frames = [
        pd.DataFrame(
            {
                "id": [f"{stratum}-{number:03d}" for number in range(n_units)],
                "stratum": stratum,
                "type_rank": rng.integers(0, 3, n_units),
                "size": np.maximum(1, np.round(np.exp(rng.normal(6, spread, n_units)))).astype(np.int64),
            }
        )
        for stratum, n_units, spread in (
            ("A", 60, 0.5),
            ("B", 40, 2.0),
            ("C", 3, 1.0),
            ("D", 20, 1.0),
            ("Đ", 9, 0.0),
        )
    ]
    return pd.concat(frames, ignore_index=True)


def drawn_in_memory(units: pd.DataFrame) -> list[tuple[str, str, int, int, str]]:
    rows: list[tuple[str, str, int, int, str]] = []
    for stratum in sorted(WANTED):
        members = units[units["stratum"] == stratum].set_index("id")
        fresh = random_order(members.index, SEED, STAGE, "order", stratum)
        ordered = sorted(fresh, key=lambda code: members.loc[code, "type_rank"])
        sizes = [int(members.loc[code, "size"]) for code in ordered]
        rows += [
            (stratum, ordered[unit.index], unit.index + 1, int(unit.is_certainty), str(unit.probability))
            for unit in pps_systematic(sizes, WANTED[stratum], SEED, STAGE, "start", stratum)
        ]
    return rows


def as_rows(drawn: pd.DataFrame) -> list[tuple[str, str, int, int, str]]:
    return [
        (
            row.stratum,
            row.id,
            int(row.frame_order),
            int(row.is_certainty),
            str(Fraction(int(row.probability_numerator), int(row.probability_denominator))),
        )
        for row in drawn.itertuples(index=False)
    ]


def test_duckdb_draws_the_list_of_the_core(duck: Engine):
    units = make_units()
    assert as_rows(select_pps_systematic(duck, units, WANTED, SEED, STAGE)) == drawn_in_memory(units)


def test_spark_draws_the_list_of_the_core(spark: Engine):
    units = make_units()
    assert as_rows(select_pps_systematic(spark, units, WANTED, SEED, STAGE)) == drawn_in_memory(units)


def test_random_lists_with_reserves_are_identical_everywhere(duck: Engine, spark: Engine):
    units = make_units()
    expected = []
    for stratum in sorted(WANTED):
        ids = units.loc[units["stratum"] == stratum, "id"].tolist()
        sample = simple_random(ids, WANTED[stratum], SEED, "person", stratum, n_reserve=4)
        listed = [*((name, 0) for name in sample.main), *((name, 1) for name in sample.reserve)]
        expected += [(stratum, name, flag) for name, flag in listed]
    for engine in (duck, spark):
        drawn = select_simple_random(engine, units, WANTED, 4, SEED, "person")
        assert (
            list(zip(drawn["stratum"], drawn["id"], drawn["is_reserve"].astype(int), strict=True)) == expected
        )


def test_tables_may_be_files(duck: Engine, spark: Engine, tmp_path: Path):
    units = make_units()
    units.to_parquet(tmp_path / "units.parquet")
    texts = [
        as_rows(select_pps_systematic(engine, tmp_path / "units.parquet", WANTED, SEED, STAGE))
        for engine in (duck, spark)
    ]
    assert texts[0] == texts[1] == drawn_in_memory(units)


def test_a_wrong_query_is_named_and_the_engine_lives_on(duck: Engine, spark: Engine):
    for engine, name in ((duck, "DuckDB"), (spark, "Spark")):
        with pytest.raises(EngineError, match=name):
            engine.run("SELECT missing FROM nowhere", {})
        assert engine.run("SELECT 1 AS one", {})["one"].tolist() == [1]


def test_without_its_environment_spark_says_what_to_do(tmp_path: Path):
    with pytest.raises(EngineError, match="make scale"), SparkEngine(python=tmp_path / "python"):
        pass

"""The persons of coordinated lists: their permanent numbers, and how many stand in two of the lists."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
import pandas as pd

from sampling.design import list_queries as texts
from sampling.design.coordination.permanent import number_prefix
from sampling.design.list_coordination import UNIT_STAGE, number_lines
from sampling.design.list_design import ListDesign
from sampling.engine.duckdb import connect
from sampling.engine.engine import Engine, EngineError
from sampling.engine.list_sources import source_of, tables_of

BATCH_ROWS = 50_000
EARLIER = "earlier"
EARLIER_PREFIX = "earlier_"
NUMBERS_TEXT = """
SELECT units.person, sha256(prefixes.prefix || units.person) AS number
FROM units CROSS JOIN prefixes ORDER BY units.person
"""
"""Permanent numbers of all units; tables ``units(person)`` and ``prefixes(prefix)``, of one row."""

PAIRS_TEXT = """
SELECT earlier_units.stratum AS stratum_before, earlier_units.size AS size_before,
  units.stratum AS stratum, units.size AS size, count(*) AS n_units
FROM units JOIN earlier_units ON units.person = earlier_units.person
GROUP BY earlier_units.stratum, earlier_units.size, units.stratum, units.size
"""
"""Units of both lists by stratum and size in each."""


class CommonUnits(NamedTuple):
    """Units of two lists that have the same strata and sizes in both."""

    stratum_before: str
    size_before: int
    stratum: str
    size: int
    n_units: int


def permanent_number_lines(
    path: Path, design: ListDesign, key: str, *, memory_limit: str | None = None
) -> Iterator[bytes]:
    """Yield the lines that :func:`sampling.design.list_coordination.number_lines` makes of all units.

    Parameters
    ----------
    path : pathlib.Path
        Frame of the list.
    design : ListDesign
        A design of persons.
    key : str
        Coordination key.
    memory_limit : str, optional
        Such as ``"1500MB"``; what does not fit is spilled to disk.

    Yields
    ------
    bytes
        One line a unit, in the order of the units by code point.

    Raises
    ------
    EngineError
        If the file cannot be read.
    """
    source = source_of(path, design).of_units()
    tables = {**source.tables, "prefixes": pd.DataFrame({"prefix": [number_prefix(key, UNIT_STAGE)]})}
    try:
        with connect(memory_limit=memory_limit) as connection:
            for name, table in tables.items():
                is_file = isinstance(table, Path)
                connection.register(name, connection.read_parquet(str(table)) if is_file else table)
            query = texts.with_parts(*source.parts, NUMBERS_TEXT)
            for batch in connection.sql(query).to_arrow_reader(BATCH_ROWS):
                yield from number_lines(zip(*(column.to_pylist() for column in batch.columns), strict=True))
    except duckdb.Error as error:
        raise EngineError(f"DuckDB cannot read the list {path.name}. {error}") from error


def common_units(
    engine: Engine, frame: Path, design: ListDesign, earlier_frame: Path, earlier_design: ListDesign
) -> list[CommonUnits]:
    """Count the persons that two designs can both draw, by their strata and sizes.

    Parameters
    ----------
    engine : Engine
        Started.
    frame, earlier_frame : pathlib.Path
        Frames of the lists.
    design, earlier_design : ListDesign
        Designs of persons.

    Returns
    -------
    list of CommonUnits
        In the order of their values.
    """
    source = source_of(frame, design).of_units()
    earlier = texts.rows_text(earlier_design, f"{EARLIER_PREFIX}kept", frame=EARLIER, prefix=EARLIER_PREFIX)
    parts = (*source.parts, earlier, texts.EARLIER_PLACED_TEXT, texts.EARLIER_PERSONS_TEXT)
    earlier_tables = tables_of(earlier_frame, earlier_design, prefix=EARLIER_PREFIX, name=EARLIER)
    found = engine.run(texts.with_parts(*parts, PAIRS_TEXT), {**source.tables, **earlier_tables})
    rows = found[list(CommonUnits._fields)].astype(object).itertuples(index=False, name=None)
    return sorted(
        CommonUnits(str(before), int(size_before), str(now), int(size), int(n))
        for before, size_before, now, size, n in rows
    )

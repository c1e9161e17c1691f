"""Shares and means from files of any size: the engine sums, the library does the rest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.estimation import Estimate
from analysis.estimation.designs.query_calibration import QueryCalibration
from analysis.estimation.designs.query_design import QueryDesign
from analysis.estimation.designs.query_text import TABLE
from analysis.estimation.designs.sum_query import SumQuery
from analysis.shell.errors import InputError
from analysis.shell.reading import READERS, as_codes, as_numbers, read_microdata, require_columns
from analysis.shell.settings import DesignSettings
from sampling.engine import DuckDBEngine, Engine, SparkEngine, Table

PARQUET = ".parquet"
ENGINES: Mapping[str, Callable[[], Engine]] = {"duckdb": DuckDBEngine, "spark": SparkEngine}


@dataclass(frozen=True)
class Wanted:
    """What is estimated: columns, the answer from which a share counts (None for a mean), and domains."""

    items: tuple[str, ...]
    at_least: float | None
    by: tuple[str, ...]


def sum_query(settings: DesignSettings, wanted: Wanted) -> SumQuery:
    """Return the query that the settings and wishes describe.

    Raises
    ------
    InputError
        If the settings name no cluster.
    """
    if not settings.clusters:
        raise InputError(
            expected="clusters in design.toml",
            got="none",
            hint="Name the column of the PSU; where every row is one, name the column of its identifier.",
        )
    strata = () if settings.strata is None else (settings.strata,)
    known = settings.calibration
    design = QueryDesign(
        settings.weight,
        settings.clusters,
        strata,
        settings.fpc,
        calibration=None if known is None else QueryCalibration(known.base_weight, known.margins),
    )
    return SumQuery(design, wanted.items, by=wanted.by, at_least=wanted.at_least)


def open_table(path: Path, settings: DesignSettings, wanted: Wanted) -> Table:
    """Leave a Parquet file to the engine; read any other format into memory, numbers as numbers."""
    if path.suffix.lower() == PARQUET and path.is_file():
        return path
    if path.suffix.lower() not in READERS:
        raise InputError(
            expected=f"a file ending in {', '.join(READERS)}",
            got=path.name,
            hint="Export the data as Parquet.",
        )
    frame = read_microdata(path)
    query = sum_query(settings, wanted)
    numbers = [*query.design.numbers, *settings.fpc, *wanted.items]
    labels = [name for name in (*query.design.columns, *wanted.by) if name not in settings.fpc]
    require_columns(frame, [*labels, *numbers], "the command")
    columns = {name: as_codes(frame[name]) for name in labels}
    return pd.DataFrame(columns | {name: as_numbers(frame[name]) for name in numbers})


def estimate_shares(
    engine: Engine, table: Table, settings: DesignSettings, wanted: Wanted, *, overall: bool
) -> Estimate:
    """Estimate shares or means with one query.

    Parameters
    ----------
    engine : Engine
        Started.
    table : Table
        A Parquet file, which the engine reads itself, or a frame.
    settings : DesignSettings
    wanted : Wanted
    overall : bool
        Whether the whole comes first.

    Returns
    -------
    Estimate
        The same as from the rows in memory, but for rounding.
    """
    query = sum_query(settings, wanted)
    answer = engine.run(query.text(), {TABLE: table})
    return query.estimate(answer, overall=overall, single_psu=settings.single_psu, nest=settings.nest)


def shares_frame(estimate: Estimate) -> pd.DataFrame:
    """Return the rows that are written: shares with logit intervals, means with symmetric ones."""
    method = "t" if estimate.bounds is None else "logit"
    frame = estimate.to_frame(method=method)
    if "domain" in frame.columns:
        frame["domain"] = [
            " / ".join(map(str, domain)) if isinstance(domain, tuple) else str(domain)
            for domain in frame["domain"]
        ]
    return frame

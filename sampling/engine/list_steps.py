"""Systematic selection from a list of any size, in the order of its design."""

from collections.abc import Mapping

import pandas as pd

from sampling.design import list_queries as texts
from sampling.design.queries import TOTALS_TEXT
from sampling.engine.engine import Engine
from sampling.engine.list_sources import Source, check_sizes
from sampling.engine.list_tasks import Task


def draw_by_steps(task: Task) -> pd.DataFrame:
    """Draw systematically, with n × size / total."""
    check_sizes(task.strata)
    source = task.source.of_units()
    table = systematic_strata(task.engine, source, task.strata, task.design.wanted, task.seed)
    query = texts.with_parts(*source.parts, texts.systematic_text(task.design))
    return task.engine.run(query, {**source.tables, texts.STRATA: table})


def systematic_strata(
    engine: Engine, source: Source, strata: pd.DataFrame, wanted: Mapping[str, int], seed: str
) -> pd.DataFrame:
    """Return the table of strata for the systematic selection: certainty units taken out, random starts."""
    table = strata.assign(
        n=strata["stratum"].map(wanted).astype("int64"),
        total=strata["total_size"],
        largest_other=strata["largest"],
    )
    table = table[table["n"] > 0][["stratum", "n", "total", "largest", "largest_other"]]
    has_certain = table["n"] * table["largest"] >= table["total"]
    if has_certain.any():
        table = _without_certain(engine, source, table, table[has_certain])
    starts = [
        texts.start_of(int(total), seed, str(stratum))
        for stratum, total in zip(table["stratum"], table["total"], strict=True)
    ]
    return table.assign(start=starts)


def _without_certain(
    engine: Engine, source: Source, table: pd.DataFrame, concerned: pd.DataFrame
) -> pd.DataFrame:
    """Correct n, total and largest size of the strata that have certainty units."""
    parts = (*source.parts, TOTALS_TEXT.strip().removeprefix("WITH "))
    found = engine.run(texts.with_parts(*parts), {**source.tables, texts.STRATA: concerned[["stratum", "n"]]})
    kept = table.set_index("stratum")
    others = found.set_index("stratum").astype("int64")
    kept.loc[others.index, "n"] -= others["n_certain"]
    kept.loc[others.index, "total"] = others["total"].clip(lower=1)
    kept.loc[others.index, "largest_other"] = others["largest_other"]
    return kept.reset_index()

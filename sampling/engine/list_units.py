"""Units of short strata, for methods that look at all of them again and again."""

from collections.abc import Iterator

import pandas as pd

from sampling.design import list_queries as texts
from sampling.design.list_design import UNIT_LIMITS
from sampling.design.list_draws import select_units
from sampling.design.schemes.units import Unit
from sampling.engine.list_sources import check_sizes
from sampling.engine.list_tasks import Task

UNITS_AT_ONCE = 200_000
UNITS_TEXT = """
SELECT units.stratum, units.id, units.size FROM units JOIN strata ON units.stratum = strata.stratum
"""
"""Units of some strata; tables ``units(stratum, id, size)`` and ``strata(stratum)``."""

COLUMNS = ("stratum", "id", "draw_order", "numerator", "denominator")


def draw_in_memory(task: Task) -> pd.DataFrame:
    """Let the core draw, some strata at a time; the design has refused strata that are too large."""
    check_sizes(task.strata)
    rows = [
        (stratum, unit, draw_order, numerator, denominator)
        for stratum, units in _strata(task)
        for draw_order, (unit, _reserve, numerator, denominator) in enumerate(
            select_units(task.design.selection, units, task.design.wanted[stratum], task.seed, stratum),
            start=1,
        )
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _strata(task: Task) -> Iterator[tuple[str, list[Unit]]]:
    """Yield every stratum of which units are wanted, with its units by id."""
    wanted = task.design.wanted
    names = [name for name in task.strata["stratum"] if wanted[name] > 0]
    at_once = max(UNITS_AT_ONCE // UNIT_LIMITS[task.design.selection], 1)
    query = texts.with_parts(*task.source.of_units().parts, UNITS_TEXT)
    for start in range(0, len(names), at_once):
        some = pd.DataFrame({"stratum": names[start : start + at_once]})
        found = task.engine.run(query, {**task.source.tables, texts.STRATA: some})
        for name, rows in found.groupby("stratum", sort=True):
            pairs = sorted(zip(rows["id"], rows["size"].astype(int), strict=True))
            yield str(name), [Unit(unit, size) for unit, size in pairs]

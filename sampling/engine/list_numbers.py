"""Lists drawn by one number per unit: a query hands over the few that can be drawn, whole numbers decide.

The numbers come from the seed, or are the permanent numbers of a coordinated list, counted from its starting
point.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from heapq import nsmallest

import pandas as pd

from sampling.design import list_queries as texts
from sampling.design.coordination.permanent import key_fingerprint, number_prefix, shifted
from sampling.design.list_bounds import RANKINGS, SPACE, Sizes, arc, bounds
from sampling.design.list_coordination import UNIT_STAGE
from sampling.design.list_design import ListDesign, Selection
from sampling.design.list_draws import LIST_STAGE
from sampling.design.queries import order_seed
from sampling.design.selection import SelectionError
from sampling.engine.engine import Engine
from sampling.engine.list_sources import Source, check_sizes
from sampling.engine.list_tasks import Task

MOST_SIZES = 1_000_000
"""Different sizes of all strata together, up to which their bounds are held in memory."""

SIZES_TEXT = "SELECT stratum, size, count(*) AS n_units FROM units GROUP BY stratum, size"

NUMBERED_TEXT = """
numbered AS (
  SELECT units.stratum, units.id, units.size, sha256(strata.prefix || units.{name}) AS number
  FROM units JOIN strata ON units.stratum = strata.stratum
)
SELECT numbered.stratum, numbered.id, numbered.size, numbered.number
FROM numbered JOIN bounds ON numbered.stratum = bounds.stratum AND numbered.size = bounds.size
WHERE (bounds.wraps = 0 AND numbered.number >= bounds.low AND numbered.number < bounds.high)
  OR (bounds.wraps = 1 AND (numbered.number >= bounds.low OR numbered.number < bounds.high))
"""
"""Units whose number lies in the arc of their size.

Tables: ``units(stratum, id, person, size)``, ``strata(stratum, prefix)`` and ``bounds(stratum, size, low,
high, wraps)``.
"""

HEXADECIMAL = 16

type Drawn = tuple[str, str, int, int, int]


def draw_by_numbers(task: Task) -> pd.DataFrame:
    """Draw Bernoulli, Poisson, sequential Poisson and Pareto samples, and coordinated ones.

    Raises
    ------
    SelectionError
        If a size is no whole number above 0, there are too many different sizes, or the key is not that of
        the design.
    """
    check_sizes(task.strata)
    sizes = sizes_of(task.engine, task.source.of_units(), task.design)
    start = _start(task)
    found = _candidates(task, sizes, start, is_cut=True)
    short = {name for name, units in found.items() if len(units) < _n_needed(task.design, sizes[name], name)}
    if short:
        rest = {name: sizes[name] for name in short}
        found |= _candidates(task, rest, start, is_cut=False)
    rows = [row for name in sorted(found) for row in _drawn(task.design, name, sizes[name], found[name])]
    return pd.DataFrame(rows, columns=["stratum", "id", "draw_order", "numerator", "denominator"])


def sizes_of(engine: Engine, source: Source, design: ListDesign) -> dict[str, Sizes]:
    """Count the sizes of the strata of which units are wanted, and take the certain units out.

    Raises
    ------
    SelectionError
        If there are too many different sizes.
    """
    found = engine.run(texts.with_parts(*source.parts, SIZES_TEXT), source.tables)
    if len(found) > MOST_SIZES:
        raise SelectionError(
            f"Expected at most {MOST_SIZES} different sizes in all strata, got more."
            " Round the sizes, or draw with pps_systematic."
        )
    wanted = design.wanted
    counts = {
        str(name): dict(zip(rows["size"].astype(int), rows["n_units"].astype(int), strict=True))
        for name, rows in found.groupby("stratum", sort=True)
    }
    return {name: Sizes.of(each, wanted[name]) for name, each in counts.items() if wanted.get(name)}


def _start(task: Task) -> Fraction:
    """Return the starting point of a coordinated list; 0 where numbers come from the seed."""
    coordination = task.design.coordination
    if coordination is None:
        return Fraction(0)
    if key_fingerprint(task.key) != coordination.key_fingerprint:
        raise SelectionError("Expected the coordination key of the design, got another. Set that key again.")
    return coordination.start_at(task.seed)


def _n_needed(design: ListDesign, sizes: Sizes, name: str) -> int:
    """Return how many candidates a stratum must have, the certain units among them."""
    if design.selection not in RANKINGS:
        return 0
    n_all = sizes.wanted + design.reserves[name]
    return sizes.n_certain + min(n_all, sizes.n_open)


def _candidates(
    task: Task, sizes: Mapping[str, Sizes], start: Fraction, *, is_cut: bool
) -> dict[str, list[tuple[str, int, int]]]:
    """Return (id, size, distance of the number from the start) of the units that can be drawn, by stratum."""
    design = task.design
    name = "id" if design.coordination is None else "person"
    tables = {
        texts.STRATA: pd.DataFrame(
            {"stratum": list(sizes), "prefix": [_prefix(task, stratum) for stratum in sizes]}, dtype=object
        ),
        "bounds": pd.DataFrame(
            list(_arcs(design, sizes, start, is_cut=is_cut)),
            columns=["stratum", "size", "low", "high", "wraps"],
        ),
    }
    source = task.source.of_units()
    query = texts.with_parts(*source.parts, NUMBERED_TEXT.format(name=name))
    found = task.engine.run(query, {**source.tables, **tables})
    units: dict[str, list[tuple[str, int, int]]] = {stratum: [] for stratum in sizes}
    distances = shifted([int(number, HEXADECIMAL) for number in found["number"]], start)
    for stratum, unit, size, distance in zip(
        found["stratum"], found["id"], found["size"].astype(int), distances, strict=True
    ):
        units[stratum].append((unit, size, distance))
    return units


def _prefix(task: Task, stratum: str) -> str:
    """Return what stands before a unit in the hash that is its number."""
    if task.design.coordination is None:
        return f"{order_seed(task.seed, LIST_STAGE, stratum)}:"
    return number_prefix(task.key, UNIT_STAGE)


def _arcs(
    design: ListDesign, sizes: Mapping[str, Sizes], start: Fraction, *, is_cut: bool
) -> Iterator[tuple[str, int, str, str, int]]:
    """Yield the arc in which the numbers of candidates lie, by stratum and size."""
    for name, each in sizes.items():
        n_all = each.wanted + design.reserves[name]
        for size, length in bounds(design.selection, each, n_all, is_cut=is_cut).items():
            yield name, size, *arc(start, length)
        for size in each.certain:
            yield name, size, *arc(start, SPACE)


def _drawn(design: ListDesign, name: str, sizes: Sizes, units: list[tuple[str, int, int]]) -> Iterator[Drawn]:
    """Yield the drawn units of a stratum in the order of the draw."""
    if design.selection is Selection.SIMPLE_RANDOM:
        n, n_units = design.wanted[name], sizes.n_certain + sizes.n_open
        units.sort(key=lambda unit: (unit[2], unit[0]))
        for order, (unit, _size, _distance) in enumerate(units[: n + design.reserves[name]], start=1):
            yield name, unit, order, n, n_units
        return
    for order, (unit, size, _distance) in enumerate(sorted(_chosen(design, sizes, units)), start=1):
        is_certain = size in sizes.certain
        yield name, unit, order, 1 if is_certain else sizes.wanted * size, 1 if is_certain else sizes.total


def _chosen(
    design: ListDesign, sizes: Sizes, units: list[tuple[str, int, int]]
) -> Iterator[tuple[str, int, int]]:
    """Yield the certain units, and those of the others that are drawn."""
    others = [unit for unit in units if unit[1] not in sizes.certain]
    yield from (unit for unit in units if unit[1] in sizes.certain)
    ranking = RANKINGS.get(design.selection)
    if ranking is None:
        yield from others
    else:
        ranked = ((ranking.value(distance, size, sizes), unit, size) for unit, size, distance in others)
        yield from ((unit, size, 0) for _value, unit, size in nsmallest(sizes.wanted, ranked))

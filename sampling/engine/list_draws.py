"""Lists drawn from a frame of dossiers by query text: the list of the core, from files of any size."""

from collections.abc import Mapping

import pandas as pd

from sampling.design import list_queries as texts
from sampling.design.list_design import ListDesign, Selection, Unit
from sampling.design.selection import SelectionError
from sampling.engine.engine import Engine, Table
from sampling.engine.list_numbers import draw_by_numbers
from sampling.engine.list_sources import Source, by_text, source_of, strata_of, tables_of
from sampling.engine.list_steps import draw_by_steps
from sampling.engine.list_tasks import Draw, Task
from sampling.engine.list_units import draw_in_memory

__all__ = [
    "LIST_COLUMNS",
    "Source",
    "check_ids",
    "draw_list_by_query",
    "first_in_random_order",
    "repeated_persons",
    "stratum_counts",
    "tables_of",
    "unit_counts",
]

LIST_COLUMNS = (
    "stratum",
    "id",
    "agency",
    "province",
    "multiplicity",
    "draw_order",
    "is_reserve",
    "numerator",
    "denominator",
)
"""Columns of a drawn list, in the order of :meth:`sampling.design.list_draws.ListedUnit.row`."""

DRAWN_COLUMNS = ["stratum", "id", "draw_order", "numerator", "denominator"]


def stratum_counts(engine: Engine, frame: Table, design: ListDesign) -> pd.DataFrame:
    """Count what the strata of a design hold.

    Parameters
    ----------
    engine : Engine
        Started.
    frame : Table
        The frame, with the columns of :data:`sampling.design.list_design.FRAME_COLUMNS`.
    design : ListDesign
        Its strata, its filter and its strata of size 0 are used; its sizes may be empty.

    Returns
    -------
    DataFrame
        ``stratum``, ``n_dossiers``, ``n_persons`` and ``total_size`` by stratum; a person counts in the
        stratum of their first dossier.
    """
    query = texts.with_parts(texts.rows_text(design), texts.PLACED_TEXT, texts.COUNTS_TEXT)
    return by_text(engine.run(query, tables_of(frame, design)))


def unit_counts(engine: Engine, frame: Table, design: ListDesign) -> dict[str, int]:
    """Count the units that a design can draw: of dossiers without a look at their persons.

    Parameters
    ----------
    engine : Engine
        Started.
    frame : Table
        The frame, with the columns of :data:`sampling.design.list_design.FRAME_COLUMNS`.
    design : ListDesign
        Its unit, strata, filter and strata of size 0 are used; its sizes may be empty.

    Returns
    -------
    dict of str to int
        Units by stratum.

    Raises
    ------
    SelectionError
        If an id is missing.
    """
    strata = strata_of(engine, source_of(frame, design))
    return dict(zip(strata["stratum"], strata["n_units"].astype(int).tolist(), strict=True))


def repeated_persons(engine: Engine, frame: Table, design: ListDesign) -> int:
    """Count the persons with several dossiers that a design can draw.

    Parameters
    ----------
    engine : Engine
        Started.
    frame : Table
        The frame, with the columns of :data:`sampling.design.list_design.FRAME_COLUMNS`.
    design : ListDesign
        Its strata, filter and strata of size 0 are used.

    Returns
    -------
    int
        Persons; only rows with a multiplicity above 1 are looked at.
    """
    rows = texts.rows_text(design, repeated_only=True)
    found = engine.run(texts.with_parts(rows, texts.REPEATED_PERSONS_TEXT), tables_of(frame, design))
    return int(found["n"].iloc[0])


def check_ids(engine: Engine, frame: Table) -> None:
    """Refuse a frame in which ids stand twice.

    Parameters
    ----------
    engine : Engine
        Started.
    frame : Table
        With a column ``id``.

    Raises
    ------
    SelectionError
        If they do; the first of them are named.
    """
    repeated = engine.run(texts.REPEATED_TEXT, {texts.FRAME: frame})["id"].tolist()
    if repeated:
        raise SelectionError(
            f"Expected every id once, got {', '.join(map(repr, repeated))} again. Import the frame anew."
        )


def draw_list_by_query(
    engine: Engine,
    frame: Table,
    design: ListDesign,
    seed: str,
    *,
    ids_are_checked: bool = False,
    key: str = "",
) -> pd.DataFrame:
    """Draw the list that :func:`sampling.design.list_draws.draw_list` draws in memory.

    Parameters
    ----------
    engine : Engine
        Started.
    frame : Table
        The frame, with the columns of :data:`sampling.design.list_design.FRAME_COLUMNS`.
    design : ListDesign
        What is drawn.
    seed : str
        The seed of the draw.
    ids_are_checked : bool, optional
        True after :func:`sampling.engine.digests.digest_of_file`, which refuses ids that stand twice.
    key : str, optional
        Coordination key, for a coordinated design.

    Returns
    -------
    DataFrame
        :data:`LIST_COLUMNS`, by stratum and draw order.

    Raises
    ------
    SelectionError
        If an id stands twice or is missing, a size is no positive integer, or the key is not that of the
        design.
    ListDesignError
        If a stratum has fewer units than wanted or too many for the method, or strata have no size.
    """
    if not ids_are_checked:
        check_ids(engine, frame)
    source = source_of(frame, design)
    strata = strata_of(engine, source)
    design.check_counts(dict(zip(strata["stratum"], strata["n_units"].astype(int), strict=True)))
    draw = draw_by_numbers if design.uses_numbers else DRAWS[design.selection]
    drawn = draw(Task(engine, source, strata, design, seed, key))
    return _complete(engine, frame, design, drawn)


def first_in_random_order[Key: (str, int)](
    engine: Engine, source: Source, wanted: Mapping[Key, int], n_units: Mapping[Key, int], seed: str
) -> pd.DataFrame:
    """Return the first units of every stratum in the random order of a seed.

    Parameters
    ----------
    engine : Engine
        Started.
    source : Source
        Where the units come from.
    wanted, n_units : mapping of stratum to int
        Units wanted, and there.
    seed : str
        The seed of the draw.

    Returns
    -------
    DataFrame
        ``stratum``, ``id`` and ``draw_order``.

    Notes
    -----
    Hashes above a bound are not sorted. If fewer than wanted lie below it, the stratum is drawn again
    without a bound, so the bound never changes the list.
    """
    strata = pd.DataFrame(texts.random_strata(wanted, n_units, seed))
    query = texts.with_parts(*source.parts, texts.HASHED_TEXT, *source.chosen, texts.ORDERED_TEXT)
    drawn = engine.run(query, {**source.tables, texts.STRATA: strata})
    found = drawn["stratum"].value_counts()
    short = strata[strata["stratum"].map(found).fillna(0) < strata["n_all"]]
    if not short.empty:
        without_bound = short.assign(bound=texts.NO_BOUND)
        again = engine.run(query, {**source.tables, texts.STRATA: without_bound})
        drawn = pd.concat([drawn[~drawn["stratum"].isin(short["stratum"])], again], ignore_index=True)
    return drawn


def _simple_random(task: Task) -> pd.DataFrame:
    """Draw the sample and its reserve, with n / N."""
    design, strata = task.design, task.strata
    n_units = dict(zip(strata["stratum"], strata["n_units"].astype(int), strict=True))
    reserves = design.reserves
    with_reserve = {key: n + reserves[key] for key, n in design.wanted.items() if n > 0}
    drawn = first_in_random_order(task.engine, task.source, with_reserve, n_units, task.seed)
    return drawn.assign(
        numerator=drawn["stratum"].map(design.wanted), denominator=drawn["stratum"].map(n_units)
    )


def _complete(engine: Engine, frame: Table, design: ListDesign, drawn: pd.DataFrame) -> pd.DataFrame:
    """Add what the frame says of the drawn units."""
    attributes = engine.run(texts.ATTRIBUTES_TEXT, {texts.FRAME: frame, texts.DRAWN: drawn[["id"]]})
    listed = drawn[DRAWN_COLUMNS].merge(attributes, on="id", how="left", validate="one_to_one")
    if design.unit is Unit.PERSON:
        listed["multiplicity"] = 1
    elif not design.takes_all_rows:
        listed["multiplicity"] = _counted(engine, frame, design, listed["person_key"])
    listed["is_reserve"] = listed["draw_order"] > listed["stratum"].map(design.wanted)
    if design.selection is not Selection.SIMPLE_RANDOM:
        listed["is_reserve"] = False
    whole = ["multiplicity", "draw_order", "numerator", "denominator"]
    listed[whole] = listed[whole].fillna(1).astype("int64")
    texts_of_rows = ["stratum", "id", "agency", "province"]
    listed[texts_of_rows] = listed[texts_of_rows].fillna("").astype(object)
    return by_text(listed[list(LIST_COLUMNS)], "draw_order")


def _counted(engine: Engine, frame: Table, design: ListDesign, person_keys: pd.Series) -> pd.Series:
    """Count the dossiers of the persons of drawn dossiers that take part."""
    persons = "p" + person_keys[person_keys != ""].astype(object)
    drawn = pd.DataFrame({"person": sorted(set(persons))}, dtype=object)
    if drawn.empty:
        return pd.Series(1, index=person_keys.index)
    query = texts.with_parts(texts.rows_text(design), texts.DOSSIERS_OF_DRAWN_TEXT)
    found = engine.run(query, {**tables_of(frame, design), texts.DRAWN: drawn})
    counts = dict(zip(found["person"], found["n_dossiers"].astype(int), strict=True))
    return ("p" + person_keys.astype(object)).map(counts).fillna(1)


DRAWS: Mapping[Selection, Draw] = {
    Selection.SIMPLE_RANDOM: _simple_random,
    Selection.SYSTEMATIC: draw_by_steps,
    Selection.PPS_SYSTEMATIC: draw_by_steps,
    Selection.SAMPFORD: draw_in_memory,
    Selection.TILLE: draw_in_memory,
}
"""How a list is drawn by each method; the others, and coordinated ones, by the numbers of the units."""

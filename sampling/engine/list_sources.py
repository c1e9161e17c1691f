"""Where the units of a list come from: query text over the table of a frame."""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from sampling.design import list_queries as texts
from sampling.design.list_design import ListDesign, Unit
from sampling.design.selection import SelectionError
from sampling.engine.engine import Engine, Table


class Source(NamedTuple):
    """Where units come from: tables, the expressions that end in ``units``, and what chooses candidates."""

    tables: Mapping[str, Table]
    parts: tuple[str, ...]
    chosen: tuple[str, ...] = (texts.ALL_CANDIDATES_TEXT,)

    def of_units(self) -> "Source":
        """Return the same with ``units`` narrowed to one row a person, if persons are drawn."""
        if self.chosen == (texts.ALL_CANDIDATES_TEXT,):
            return self
        return Source(self.tables, (self.parts[0], texts.PLACED_TEXT, texts.PERSONS_TEXT))


def source_of(frame: Table, design: ListDesign) -> Source:
    """Say how units come out of a frame: all dossiers, or the first dossiers of persons."""
    kept = texts.rows_text(design)
    tables = tables_of(frame, design)
    if design.unit is Unit.DOSSIER:
        return Source(tables, (kept, texts.DOSSIERS_TEXT))
    again = texts.rows_text(design, "again")
    return Source(tables, (kept, texts.DOSSIERS_TEXT), (again, texts.FIRST_DOSSIERS_TEXT))


def tables_of(
    frame: Table, design: ListDesign, *, prefix: str = "", name: str = texts.FRAME
) -> dict[str, Table]:
    """Return the tables that :func:`sampling.design.list_queries.rows_text` needs."""
    named: dict[str, Table] = {
        each: pd.DataFrame({"value": values}) for each, values in texts.row_tables(design, prefix).items()
    }
    return {name: frame, **named}


def strata_of(engine: Engine, source: Source) -> pd.DataFrame:
    """Return units, total, largest and smallest size by stratum.

    Raises
    ------
    SelectionError
        If an id is missing.
    """
    parts = source.of_units().parts
    strata = by_text(engine.run(texts.with_parts(*parts, texts.STRATA_TEXT), source.tables))
    nameless = int(strata["n_nameless"].sum())
    if nameless:
        raise SelectionError(f"Expected an id in every row, got {nameless} without. Import the frame anew.")
    return strata


def check_sizes(strata: pd.DataFrame) -> None:
    """Refuse strata with sizes that are no whole numbers above 0.

    Raises
    ------
    SelectionError
        If there are; the first of the strata is named.
    """
    if (strata["smallest"] < 1).any():
        first = strata.loc[strata["smallest"] < 1, "stratum"].iloc[0]
        raise SelectionError(
            f"Expected sizes that are whole numbers above 0, got others in {first!r}. Correct the frame."
        )


def by_text(table: pd.DataFrame, *further: str) -> pd.DataFrame:
    """Sort by stratum, whatever an engine holds for the order of text."""
    return table.sort_values(["stratum", *further], kind="stable", ignore_index=True)

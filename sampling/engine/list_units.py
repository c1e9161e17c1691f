"""The units of a transaction list by stratum, for what needs to know all of them."""

import pandas as pd

from sampling.design import list_queries as texts
from sampling.design.list_design import ListDesign, Unit
from sampling.engine.engine import Engine, Table
from sampling.engine.list_draws import tables_of

UNITS_TEXT = "SELECT stratum, person, id FROM units ORDER BY stratum, id"


def units_by_stratum(engine: Engine, frame: Table, design: ListDesign) -> pd.DataFrame:
    """Return every unit that a design can draw.

    Parameters
    ----------
    engine : Engine
        Started.
    frame : Table
        The frame of the list.
    design : ListDesign
        Unit, strata, filter and strata of size 0.

    Returns
    -------
    DataFrame
        ``stratum``; ``person``: ``p`` and the key of the person, or ``d`` and the id of a dossier without
        one; ``id`` of the dossier that stands for the unit.
    """
    narrowed = (
        (texts.PLACED_TEXT, texts.PERSONS_TEXT) if design.unit is Unit.PERSON else (texts.DOSSIERS_TEXT,)
    )
    query = texts.with_parts(texts.rows_text(design), *narrowed, UNITS_TEXT)
    return engine.run(query, tables_of(frame, design))

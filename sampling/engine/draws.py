"""Draws by query text: the same lists as the cores draw in memory, from frames of any size."""

from collections.abc import Mapping

import pandas as pd

from sampling.design.queries import (
    SIMPLE_RANDOM_TEXT,
    STRATA,
    SYSTEMATIC_TEXT,
    TOTALS_TEXT,
    UNITS,
    order_seed,
    systematic_strata,
)
from sampling.engine.engine import Engine, Table


def select_pps_systematic(
    engine: Engine, units: Table, wanted: Mapping[str, int], seed: str, stage: str
) -> pd.DataFrame:
    """Select units of every stratum systematically with probability proportional to size.

    Parameters
    ----------
    engine : Engine
        Started.
    units : Table
        Columns ``id`` and ``stratum`` (text), ``type_rank`` and ``size`` (integers above 0).
    wanted : mapping of stratum to int
        Units to select.
    seed : str
        The seed of the draw.
    stage : str
        Label of the stage, as in :mod:`sampling.design.stages`.

    Returns
    -------
    DataFrame
        ``stratum``, ``id``, ``frame_order``, ``is_certainty`` and the exact probability as numerator and
        denominator, by stratum and order in the sorted frame.
    """
    sizes = pd.DataFrame({"stratum": list(wanted), "n": list(wanted.values())})
    answer = engine.run(TOTALS_TEXT, {UNITS: units, STRATA: sizes})
    counts = answer[["n_certain", "largest_other", "total"]].to_numpy(dtype="int64").tolist()
    totals = {
        str(stratum): (n_certain, largest, total)
        for stratum, (n_certain, largest, total) in zip(answer["stratum"], counts, strict=True)
    }
    strata = pd.DataFrame(systematic_strata(wanted, totals, seed, stage))
    return engine.run(SYSTEMATIC_TEXT, {UNITS: units, STRATA: strata})


def select_simple_random(
    engine: Engine, units: Table, wanted: Mapping[str, int], n_reserve: int, seed: str, stage: str
) -> pd.DataFrame:
    """Select units of every stratum at random, each list followed by its reserve.

    Parameters
    ----------
    engine, units, wanted, seed, stage
        As for :func:`select_pps_systematic`; sizes and types are not looked at.
    n_reserve : int
        Units put aside in every stratum.

    Returns
    -------
    DataFrame
        ``stratum``, ``id``, ``draw_order``, ``is_reserve``, by stratum and random order.
    """
    strata = pd.DataFrame(
        {
            "stratum": list(wanted),
            "n": list(wanted.values()),
            "n_reserve": n_reserve,
            "order_seed": [order_seed(seed, stage, stratum) for stratum in wanted],
        }
    )
    return engine.run(SIMPLE_RANDOM_TEXT, {UNITS: units, STRATA: strata})

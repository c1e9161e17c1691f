"""What every way of drawing a list is handed."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from sampling.design.list_design import ListDesign
from sampling.engine.engine import Engine
from sampling.engine.list_sources import Source


@dataclass(frozen=True, slots=True)
class Task:
    """A list to draw: engine, units, what their strata hold, design, seed, and a coordination key."""

    engine: Engine
    source: Source
    strata: pd.DataFrame
    design: ListDesign
    seed: str
    key: str = ""


type Draw = Callable[[Task], pd.DataFrame]
"""Returns ``stratum``, ``id``, ``draw_order``, ``numerator`` and ``denominator``."""

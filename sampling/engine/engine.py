"""What every engine does: answer a query text over named tables."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, Self

import pandas as pd
import pyarrow as pa

type Table = Path | pd.DataFrame | pa.Table


class EngineError(RuntimeError):
    """A query could not be run; the message says which engine, what it said and what to do."""


class Engine(Protocol):
    """Runs portable query text inside a `with` block; tables are Parquet files, frames or Arrow tables."""

    def __enter__(self) -> Self:
        """Start the engine."""
        ...

    def __exit__(self, *exception: object) -> None:
        """Stop the engine and remove what it left behind."""
        ...

    def run(self, text: str, tables: Mapping[str, Table]) -> pd.DataFrame:
        """Answer a query over tables that the text calls by their names."""
        ...

"""DuckDB: columnar, in this process, out of core when memory is short."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

import duckdb
import pandas as pd

from sampling.engine.engine import EngineError, Table


class DuckDBEngine:
    """Answers query text in this process.

    Parameters
    ----------
    threads : int, optional
        Number of threads; all processors by default.
    memory_limit : str, optional
        Such as ``"1500MB"``; what does not fit is spilled to disk.
    """

    def __init__(self, *, threads: int | None = None, memory_limit: str | None = None) -> None:
        chosen = {"threads": threads, "memory_limit": memory_limit}
        self._options: dict[str, str | bool | int | float | list[str]] = {
            name: value for name, value in chosen.items() if value is not None
        }

    def __enter__(self) -> Self:
        """Open a connection of its own, without a file."""
        self._connection = duckdb.connect(config=self._options)
        return self

    def __exit__(self, *exception: object) -> None:
        """Close it."""
        self._connection.close()

    def run(self, text: str, tables: Mapping[str, Table]) -> pd.DataFrame:
        """Answer a query over named tables."""
        try:
            for name, table in tables.items():
                self._register(name, table)
            return self._connection.execute(text).df()
        except duckdb.Error as error:
            raise EngineError(f"DuckDB cannot answer the query. {error}") from error
        finally:
            for name in tables:
                self._connection.unregister(name)

    def _register(self, name: str, table: Table) -> None:
        source = self._connection.read_parquet(str(table)) if isinstance(table, Path) else table
        self._connection.register(name, source)

"""DuckDB: columnar, in this process, out of core when memory is short."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

import duckdb
import pandas as pd

from sampling.engine.engine import EngineError, Table


@contextmanager
def connect(
    *, threads: int | None = None, memory_limit: str | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection without a database, which spills into a folder of its own that goes with it."""
    chosen = {"threads": threads, "memory_limit": memory_limit}
    with tempfile.TemporaryDirectory(prefix="duckdb-") as folder:
        options: dict[str, str | bool | int | float | list[str]] = {"temp_directory": folder}
        options |= {name: value for name, value in chosen.items() if value is not None}
        with duckdb.connect(config=options) as connection:
            yield connection


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
        self._threads, self._memory_limit = threads, memory_limit

    def __enter__(self) -> Self:
        """Open a connection of its own, without a file."""
        self._opened = ExitStack()
        self._connection = self._opened.enter_context(
            connect(threads=self._threads, memory_limit=self._memory_limit)
        )
        return self

    def __exit__(self, *exception: object) -> None:
        """Close it."""
        self._opened.close()

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

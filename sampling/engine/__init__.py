"""The one adapter that runs portable query text: DuckDB in this process, or Apache Spark beside it."""

from sampling.engine.duckdb import DuckDBEngine
from sampling.engine.engine import Engine, EngineError, Table
from sampling.engine.spark import SparkEngine

__all__ = ["DuckDBEngine", "Engine", "EngineError", "SparkEngine", "Table"]

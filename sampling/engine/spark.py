"""Apache Spark: the same text, in an environment and a process of its own, for data of any size."""

import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sampling.engine.engine import EngineError, Table

SCALE_PYTHON = Path(".venv-scale/bin/python")
WORKER = Path(__file__).with_name("spark_worker.py")


class SparkEngine:
    """Answers query text in a Spark session that lives as long as the context.

    Parameters
    ----------
    python : Path
        Interpreter of the environment with Spark, which ``make scale`` prepares.
    master : str
        Where Spark runs: ``local[2]`` here on two processors, or the address of a cluster.
    """

    def __init__(self, *, python: Path = SCALE_PYTHON, master: str = "local[*]") -> None:
        self._python, self._master = python, master

    def __enter__(self) -> Self:
        """Start the worker process; Spark takes some seconds to wake up."""
        if not self._python.exists():
            raise EngineError(
                f"Expected an environment with Spark at {self._python}; there is none. Run: make scale"
            )
        self._folder = tempfile.TemporaryDirectory(prefix="spark-")
        self._errors = (Path(self._folder.name) / "errors.txt").open("w+", encoding="utf-8")
        self._worker = subprocess.Popen(
            [str(self._python), str(WORKER), self._master, self._folder.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        return self

    def __exit__(self, *exception: object) -> None:
        """Let the worker end, and remove the tables and answers that were written for it."""
        self._worker.communicate()
        self._errors.close()
        self._folder.cleanup()

    def run(self, text: str, tables: Mapping[str, Table]) -> pd.DataFrame:
        """Answer a query over named tables."""
        paths = {name: str(self._as_file(name, table)) for name, table in tables.items()}
        reply = self._ask({"text": text, "tables": paths})
        if "error" in reply:
            raise EngineError(f"Spark cannot answer the query. {reply['error']}")
        answer: pd.DataFrame = pq.read_table(reply["answer"]).to_pandas()
        return answer

    def _as_file(self, name: str, table: Table) -> Path:
        if isinstance(table, Path):
            return table.resolve()
        path = Path(self._folder.name) / f"{name}.parquet"
        rows = table if isinstance(table, pa.Table) else pa.Table.from_pandas(table, preserve_index=False)
        pq.write_table(rows, path)
        return path

    def _ask(self, job: dict[str, object]) -> dict[str, str]:
        sent, received = self._worker.stdin, self._worker.stdout
        if sent is None or received is None:  # pragma: no cover - both are pipes, see __enter__
            raise EngineError("Spark's worker has no pipes.")
        try:
            sent.write(json.dumps(job) + "\n")
            sent.flush()
        except BrokenPipeError:
            pass
        line = received.readline()
        if not line:
            raise EngineError(
                f"Spark stopped. Check that Java 17 is installed. It said: {self._last_words()}"
            )
        reply: dict[str, str] = json.loads(line)
        return reply

    def _last_words(self) -> str:
        self._errors.flush()
        self._errors.seek(0)
        return " ".join(self._errors.read().split()[-80:])

"""Runs inside the environment with Spark: one JSON job a line in, one JSON reply a line out.

It knows nothing but Spark, so that the environment needs nothing else.
"""

import json
import sys
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

SHA256 = """
CREATE OR REPLACE TEMPORARY FUNCTION sha256(plain STRING) RETURNS STRING
RETURN sha2(CAST(plain AS BINARY), 256)
"""


def open_session(master: str, folder: Path) -> Any:
    """Start Spark without its web page, and give it the hash function by the name that DuckDB uses."""
    session = (
        SparkSession.builder.master(master)
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "8")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    session.sql(SHA256)
    return session


def answer(session: Any, job: dict[str, Any], folder: Path, number: int) -> dict[str, str]:
    """Run one job and write its answer to a Parquet folder."""
    for name, path in job["tables"].items():
        session.read.parquet(path).createOrReplaceTempView(name)
    target = str(folder / f"answer-{number}")
    session.sql(job["text"]).write.parquet(target)
    return {"answer": target}


def main() -> None:
    """Answer jobs until the input ends."""
    master, folder = sys.argv[1], Path(sys.argv[2])
    session = open_session(master, folder)
    for number, line in enumerate(sys.stdin):
        try:
            reply = answer(session, json.loads(line), folder, number)
        except (PySparkException, Py4JError) as error:
            reply = {"error": str(error)}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()
    session.stop()


if __name__ == "__main__":
    main()

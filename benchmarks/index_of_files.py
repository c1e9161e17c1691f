"""What the index of a stored round costs: summed by DuckDB over its files, or with its rows in memory.

The round is that of `publication.py`, taken once, ten and a hundred times: 33 criteria, weights raked to
three margins in 34 provinces, errors of the residuals for 35 domains. Each route runs in its own process and
counts everything from opening the files to the table of figures; the tables of both must agree.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.estimation import QueryCalibration, QueryDesign, SurveyDesign
from analysis.estimation.designs.query_text import joined
from analysis.index import IndexQuery, IndexResult, estimate_index
from analysis.methods import index_method
from benchmarks.estimate import forget_peak, read_peak
from benchmarks.publication import Round
from sampling.engine import DuckDBEngine

METHOD = index_method("M2023").parsed
QUESTIONS = {question: f"q{place}" for place, question in enumerate(METHOD.questions)}
MARGINS = ("sex", "age_group", "urban")
CELLS = tuple(f"cell_{name}" for name in MARGINS)
DESIGN = QueryDesign("final", ("psu",), ("stratum",), calibration=QueryCalibration("base", CELLS))
ANSWERS, WEIGHTS, ID = "answers", "weights", "id"
ROUTES = ("memory", "query")
TOLERANCE = 1e-10


def write_round(folder: Path, times: int, seed: int) -> int:
    """Write the answers and the weights of a round as two files, one row group after another."""
    writers: dict[str, pq.ParquetWriter] = {}
    n_rows = 0
    for number in range(times):
        tables = _tables(Round.make(seed + number), n_rows, times)
        n_rows += len(tables[ANSWERS])
        for name, frame in tables.items():
            table = pa.Table.from_pandas(frame, preserve_index=False)
            if name not in writers:
                writers[name] = pq.ParquetWriter(folder / f"{name}.parquet", table.schema)
            writers[name].write_table(table)
    for writer in writers.values():
        writer.close()
    return n_rows


def _tables(made: Round, first: int, times: int) -> Mapping[str, pd.DataFrame]:
    weighting = made.weigh()
    people = made.people[made.responded].reset_index(drop=True)
    numbers = np.arange(first, first + len(people))
    ratings = {
        QUESTIONS[question]: pd.array(column, dtype="Int8") for question, column in made.answers.items()
    }
    answers = pd.DataFrame({ID: numbers, **people[["stratum", "psu", "province"]], **ratings})
    cells = {
        name: pd.factorize(margin.labels)[0] for name, margin in zip(CELLS, weighting.margins, strict=True)
    }
    weights = {"final": weighting.weights / times, "base": weighting.base_weights / times}
    return {ANSWERS: answers, WEIGHTS: pd.DataFrame({ID: numbers, **weights, **cells})}


def estimate_in_memory(folder: Path) -> IndexResult:
    """Read all rows, then estimate."""
    answers, weights = (pd.read_parquet(folder / f"{name}.parquet") for name in (ANSWERS, WEIGHTS))
    rows = weights.merge(answers, on=ID, validate="one_to_one")
    design = SurveyDesign.from_frame(rows, weight="final", strata="stratum", clusters="psu")
    design = design.with_calibration(rows["base"].to_numpy(), [rows[cell] for cell in CELLS])
    columns = {question: rows[column] for question, column in QUESTIONS.items()}
    return estimate_index(design, columns, METHOD, rows["province"])


def estimate_by_query(folder: Path) -> IndexResult:
    """Let DuckDB sum over the files."""
    query = IndexQuery(DESIGN, METHOD, QUESTIONS, ("province",))
    source = joined(
        {ANSWERS: ["stratum", "psu", "province", *QUESTIONS.values()], WEIGHTS: ["final", "base", *CELLS]}, ID
    )
    tables = {name: folder / f"{name}.parquet" for name in (ANSWERS, WEIGHTS)}
    with DuckDBEngine() as engine:
        return query.estimate(lambda text, more: engine.run(text, {**tables, **more}), source)


ESTIMATES: Mapping[str, Callable[[Path], IndexResult]] = dict(
    zip(ROUTES, (estimate_in_memory, estimate_by_query), strict=True)
)


def measure(route: str, folder: Path, n_runs: int) -> dict[str, Any]:
    """Time one route in this process, the first run included, and keep its figures."""
    forget_peak()
    seconds, of_processor = [], []
    for _run in range(n_runs):
        started, began = time.perf_counter(), time.process_time()
        table = ESTIMATES[route](folder).to_frame()
        seconds.append(round(time.perf_counter() - started, 3))
        of_processor.append(round(time.process_time() - began, 3))
    table.to_pickle(folder / f"{route}.pickle")
    return {"route": route, "seconds": seconds, "cpu_seconds": of_processor, "peak_rss_mib": read_peak()}


def run_alone(route: str, folder: Path, n_runs: int) -> dict[str, Any]:
    """Measure a route in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.index_of_files", "--route", route, "--folder", str(folder)]
    command += ["--runs", str(n_runs)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    return dict(json.loads(done.stdout))


def largest_difference(folder: Path) -> float:
    """Return the largest relative difference between the figures of the two routes."""
    memory, query = (pd.read_pickle(folder / f"{route}.pickle") for route in ROUTES)  # noqa: S301 - our own file
    numbers = memory.select_dtypes("number").columns
    difference = (query[numbers] - memory[numbers]).abs() / memory[numbers].abs()
    return float(np.nanmax(difference.to_numpy()[np.isfinite(difference.to_numpy())]))


def main() -> None:
    """Print one line of JSON for each size and route, or for the one asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--times", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--route", choices=ROUTES, help="measure one route in this process")
    parser.add_argument("--folder", type=Path, help="where the files of that route are")
    chosen = parser.parse_args()
    if chosen.route:
        sys.stdout.write(json.dumps(measure(chosen.route, chosen.folder, chosen.runs)) + "\n")
        return
    for times in chosen.times:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            n_rows = write_round(folder, times, chosen.seed)
            reports = [run_alone(route, folder, chosen.runs) for route in ROUTES]
            difference = largest_difference(folder)
        if difference > TOLERANCE:
            sys.exit(f"The two routes do not agree: {difference:.1e}")
        for report in reports:
            sys.stdout.write(json.dumps({"rows": n_rows} | report | {"difference": difference}) + "\n")


if __name__ == "__main__":
    main()

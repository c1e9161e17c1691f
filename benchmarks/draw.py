"""Time and memory of a stratified draw.

Reads a frame (id, stratum, mos), allots n to the strata in proportion to their units (largest remainders)
and draws five times; prints one line of JSON. Sizes are whole numbers, 100 × mos. Reading is not counted;
memory is the peak from then on, the frame in memory included. With --from-file every draw starts from the
file: reading is counted, and memory is the peak of the whole process.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.memory import forget_peak, read_peak
from sampling.design.allocation import proportional, round_allocation
from sampling.design.systematic_arrays import Batch, select_from_batches
from sampling.engine import DuckDBEngine, Table
from sampling.engine.list_draws import Source, first_in_random_order

SEED = "2026"
N_RUNS = 5
THREADS = 2
MEMORY_LIMIT = "1GB"
SIZE_UNITS = 100
BATCH_ROWS = 1 << 16
FILE_BATCH_ROWS = 1 << 20
UNITS = "units AS (SELECT stratum, id FROM frame)"
COUNT_TEXT = "SELECT stratum, count(*) AS n_units FROM frame GROUP BY stratum ORDER BY stratum"
RULES = {
    "srs": "first n of a stratum by SHA-256 of 'stage_seed:id', ties by id",
    "pps": "systematic in the order of ids, probability n * size / total, start from SHA-256",
}


class Frame(Protocol):
    """A frame in memory or in a file."""

    n_rows: int
    table: Table

    def batches(self) -> Iterator[Batch]:
        """Return strata and whole sizes in the order of the ids, from the beginning."""
        ...


class FrameInMemory:
    """The columns as arrays."""

    def __init__(self, file: Path) -> None:
        columns = pq.read_table(file, columns=["id", "stratum", "mos"])
        self.table = columns.select(["id", "stratum"]).combine_chunks()
        check_order(columns["id"])
        self.n_rows = columns.num_rows
        self._strata = columns["stratum"].to_numpy()
        self._sizes = whole_sizes(columns["mos"].to_numpy())
        del columns
        pa.default_memory_pool().release_unused()

    def batches(self) -> Iterator[Batch]:
        """Cut the arrays into pieces that fit into the caches of a processor."""
        for first in range(0, self.n_rows, BATCH_ROWS):
            rows = slice(first, first + BATCH_ROWS)
            yield self._strata[rows], self._sizes[rows]


class FrameInFile:
    """The file, read anew for every pass."""

    def __init__(self, file: Path) -> None:
        self.table = file
        self.n_rows = pq.ParquetFile(file).metadata.num_rows

    def batches(self) -> Iterator[Batch]:
        """Read piece after piece."""
        reader = pq.ParquetFile(self.table)
        for piece in reader.iter_batches(FILE_BATCH_ROWS, columns=["id", "stratum", "mos"]):
            check_order(piece["id"])
            strata, sizes = piece["stratum"].to_numpy(), whole_sizes(piece["mos"].to_numpy())
            for first in range(0, len(strata), BATCH_ROWS):
                rows = slice(first, first + BATCH_ROWS)
                yield strata[rows], sizes[rows]


def whole_sizes(mos: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Turn sizes with two decimals into whole numbers."""
    return np.rint(mos * SIZE_UNITS).astype(np.int64)


def check_order(ids: pa.Array | pa.ChunkedArray) -> None:
    """Stop if the rows do not stand in the order of their ids, each once."""
    if not pc.all(pc.less(ids[:-1], ids[1:]), min_count=0).as_py():
        sys.exit("Expected rows in the order of their ids, each once. Sort the file.")


def allot(counts: pd.DataFrame, n: int) -> dict[int, int]:
    """Allot n in proportion to the units."""
    n_units = counts["n_units"].to_numpy()
    sizes = round_allocation(proportional(n_units, n), maximum=n_units)
    return dict(zip(counts["stratum"].tolist(), sizes.tolist(), strict=True))


def draw_at_random(frame: Frame, engine: DuckDBEngine, n: int) -> int:
    """Draw n simply at random in the strata; return how many were drawn."""
    counts = engine.run(COUNT_TEXT, {"frame": frame.table})
    n_units = dict(zip(counts["stratum"].tolist(), counts["n_units"].tolist(), strict=True))
    source = Source({"frame": frame.table}, (UNITS,))
    drawn = first_in_random_order(engine, source, allot(counts, n), n_units, SEED)
    return int(drawn["id"].nunique())


def draw_by_size(frame: Frame, engine: DuckDBEngine, n: int) -> int:
    """Draw n systematically with probability proportional to size; return how many were drawn."""
    counts = engine.run(COUNT_TEXT, {"frame": frame.table})
    wanted = allot(counts, n)
    n_strata = max(wanted) + 1
    by_code = [wanted.get(code, 0) for code in range(n_strata)]
    names = [str(code) for code in range(n_strata)]
    return sum(len(chosen.places) for chosen in select_from_batches(frame.batches, names, by_code, SEED))


DRAWS: dict[str, Callable[[Frame, DuckDBEngine, int], int]] = {"srs": draw_at_random, "pps": draw_by_size}


def measure(frame: Frame, method: str, n: int) -> dict[str, Any]:
    """Draw five times."""
    seconds, drawn = [], 0
    with DuckDBEngine(threads=THREADS, memory_limit=MEMORY_LIMIT) as engine:
        for _run in range(N_RUNS):
            started = time.perf_counter()
            drawn = DRAWS[method](frame, engine, n)
            seconds.append(round(time.perf_counter() - started, 3))
    return {
        "rows": frame.n_rows,
        "drawn": drawn,
        "rule": RULES[method],
        "seconds": seconds,
        "peak_rss_mib": read_peak(),
    }


def main() -> None:
    """Print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("frame", type=Path, help="Parquet file with id, stratum and mos, sorted by id")
    parser.add_argument("--n", type=int, default=40_000, help="units to draw")
    parser.add_argument("--method", choices=tuple(DRAWS), default="srs")
    parser.add_argument(
        "--from-file", action="store_true", help="count the reading of the file in every draw"
    )
    chosen = parser.parse_args()
    frame: Frame
    if chosen.from_file:
        frame = FrameInFile(chosen.frame)
    else:
        frame = FrameInMemory(chosen.frame)
        forget_peak()
    sys.stdout.write(json.dumps(measure(frame, chosen.method, chosen.n)) + "\n")


if __name__ == "__main__":
    main()

"""Time and memory of shares with standard errors and intervals.

Reads a file of microdata, builds the design (strata = province, PSU = commune) and estimates by domain the
share of answers of 4 and more to every item, with logit intervals; five times, the design included. The
same shares as point estimates in pandas run in a process of their own. Neither counts reading the file.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.estimation import SurveyDesign

ITEM_PREFIXES = ("q", "x")
OVERALL = "overall"
WEIGHT, STRATUM, PSU = "weight", "province", "commune"
SATISFIED_FROM = 4
N_RUNS = 5
KIB_PER_MIB = 1024
OURS, PANDAS = "ours", "pandas"


@dataclass(frozen=True)
class Microdata:
    """Answers in memory, as both sides get them."""

    frame: pd.DataFrame
    items: list[str]
    by: list[str]

    @classmethod
    def read(cls, file: Path, n_items: int, by: list[str]) -> "Microdata":
        """Read labels as categories and answers as 32-bit numbers with NaN, column by column."""
        names = pq.read_schema(file).names
        items = [name for name in names if name.startswith(ITEM_PREFIXES) or name == OVERALL][:n_items]
        columns = {}
        for name in dict.fromkeys([WEIGHT, STRATUM, PSU, *by, *items]):
            column = pq.read_table(file, columns=[name])[name]
            columns[name] = column.cast(pa.float32()) if name in items else _as_label(column)
        frame = pd.DataFrame({name: column.to_pandas() for name, column in columns.items()}, copy=False)
        pa.default_memory_pool().release_unused()
        return cls(frame, items, by)

    @property
    def labels(self) -> pd.Series | pd.DataFrame:
        """The domain of each row."""
        return self.frame[self.by[0]] if len(self.by) == 1 else self.frame[self.by]


def _as_label(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Encode text of any width as categories; leave numbers as they are."""
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return column
    return column.cast(pa.string()).dictionary_encode()


def estimate(microdata: Microdata) -> float:
    """Estimate all shares with their standard errors and intervals; return the sum of the shares."""
    frame = microdata.frame
    design = SurveyDesign.from_frame(frame, weight=WEIGHT, strata=STRATUM, clusters=PSU)
    shares = design.proportion(frame[microdata.items], at_least=SATISFIED_FROM, by=microdata.labels)
    table = shares.to_frame(method="logit")
    return float(np.nansum(table["value"].to_numpy()))


def estimate_in_pandas(microdata: Microdata) -> float:
    """Estimate all shares, without any error; return their sum."""
    answers = microdata.frame[microdata.items].to_numpy()
    weights = microdata.frame[WEIGHT].to_numpy()[:, None]
    keys = [microdata.frame[name] for name in microdata.by]
    satisfied = pd.DataFrame((answers >= SATISFIED_FROM) * weights, columns=microdata.items)
    above = satisfied.groupby(keys, observed=True).sum()
    answered = pd.DataFrame(~np.isnan(answers) * weights, columns=microdata.items)
    below = answered.groupby(keys, observed=True).sum()
    return float(np.nansum((above / below).to_numpy()))


SIDES: dict[str, Callable[[Microdata], float]] = {OURS: estimate, PANDAS: estimate_in_pandas}


def measure(side: str, microdata: Microdata) -> dict[str, Any]:
    """Run one side five times in this process."""
    seconds = []
    forget_peak()
    for _run in range(N_RUNS):
        started = time.perf_counter()
        total = SIDES[side](microdata)
        seconds.append(round(time.perf_counter() - started, 4))
    return {"rows": len(microdata.frame), "seconds": seconds, "peak_rss_mib": read_peak(), "sum": total}


def forget_peak() -> None:
    """Let the operating system count peak memory from now on, data in memory included."""
    with contextlib.suppress(OSError):  # some containers forbid it; the peak then includes the reading
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def read_peak() -> float:
    """Return the peak of resident memory in MiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (peak,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return round(int(peak.split()[1]) / KIB_PER_MIB, 1)


def run_alone(side: str, arguments: Sequence[str]) -> dict[str, Any]:
    """Measure a side in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.estimate", *arguments, "--side", side]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
    return dict(json.loads(done.stdout))


def main() -> None:
    """Print one line of JSON: both sides, or one if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--items", type=int, default=27, help="number of items")
    parser.add_argument("--by", default=STRATUM, help="columns of the domains, with commas between them")
    parser.add_argument("--side", choices=tuple(SIDES), help="measure one side in this process")
    chosen = parser.parse_args()
    if chosen.side:
        report = measure(chosen.side, Microdata.read(chosen.file, chosen.items, chosen.by.split(",")))
    else:
        arguments = [str(chosen.file), "--items", str(chosen.items), "--by", chosen.by]
        report = run_alone(OURS, arguments)
        pandas = run_alone(PANDAS, arguments)
        if not np.isclose(report.pop("sum"), pandas["sum"], rtol=1e-6, atol=0):
            sys.exit("The two sides do not agree.")
        report |= {"pandas_seconds": pandas["seconds"], "pandas_peak_rss_mib": pandas["peak_rss_mib"]}
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()

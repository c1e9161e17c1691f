"""Time and memory of importing a list: read, checked, hashed, sorted and written, contacts encrypted.

Prints one line of JSON. Nothing is kept.
"""

import argparse
import csv
import datetime
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa

from sampling.engine.ingest import (
    UNIT_SCHEMA,
    Expected,
    IngestReport,
    ListImport,
    ReadOptions,
    Secrets,
    Step,
    import_list,
)

UNITS = Path(__file__).resolve().parents[1] / "sampling" / "reference" / "administrative_units.csv"
EARLIEST, LATEST = datetime.date(1900, 1, 1), datetime.date(9999, 12, 31)
FIRST_DAY, LAST_DAY = datetime.date(2026, 1, 1), datetime.date(2026, 12, 31)
KIB_PER_MIB = 1024


def units_of_today() -> pa.Table:
    """Return the provinces and communes of today."""
    with UNITS.open(encoding="utf-8-sig", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if not row["valid_to"] and row["level"] != "district"]
    return pa.Table.from_pylist(
        [
            {
                "level": row["level"],
                "code": row["code"],
                "valid_from": EARLIEST,
                "valid_to": LATEST,
                "province": row["parent_code"] or row["code"],
                "today": row["parent_code"] or row["code"],
                "predecessor": "",
                "region": row["region"],
                "is_urban": row["type"] in {"phường", "thị trấn"} if row["level"] == "commune" else None,
            }
            for row in rows
        ],
        UNIT_SCHEMA,
    )


def measure(files: list[Path], *, is_told: bool) -> dict[str, object]:
    """Import the files into a folder of their own; return what it took."""
    steps: dict[str, float] = {}
    start = time.perf_counter()

    def note(step: Step, _n_bytes: int, _n_rows: int) -> None:
        steps.setdefault(step.value, time.perf_counter() - start)

    with tempfile.TemporaryDirectory() as folder:
        expected = Expected(units_of_today(), FIRST_DAY, LAST_DAY, FIRST_DAY)
        keys = Secrets(b"person key of a benchmark", b"contact key of a benchmark")
        job = ListImport(files, Path(folder), expected, keys, ReadOptions())
        report = import_list(job, note)
    seconds = time.perf_counter() - start
    if is_told:
        _tell(report, steps)
    return {
        "rows": report.n_rows,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(time.process_time(), 2),
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KIB_PER_MIB,
        "status": "accepted" if report.is_accepted else "refused",
        "errors": report.n_errors,
    }


def _tell(report: IngestReport, steps: dict[str, float]) -> None:
    """Say on the other stream when each step began and what was found."""
    print({step: round(seconds, 1) for step, seconds in steps.items()}, file=sys.stderr)
    for finding in report.findings:
        print(finding.rule, finding.severity, finding.count, finding.examples[:2], file=sys.stderr)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    print(json.dumps(measure(args.files, is_told=args.verbose)))


if __name__ == "__main__":
    main()

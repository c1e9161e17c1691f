"""Small transaction lists, and what they are held against."""

import csv
import datetime
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

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

EARLIEST, LATEST, MERGER = datetime.date(1900, 1, 1), datetime.date(9999, 12, 31), datetime.date(2025, 7, 1)
BEFORE = MERGER - datetime.timedelta(days=1)
KEYS = Secrets(b"person key", b"contact key")
PERSON = "001092034567"
ROW: Mapping[str, str] = {
    "id": "H80.01-0001",
    "agency": "H80.01",
    "agency_name": "Sở Tư pháp",
    "province": "80",
    "commune": "",
    "level": "Cấp tỉnh",
    "field": "justice",
    "channel": "Trực tuyến",
    "settled_on": "05/03/2026",
    "party": "Cá nhân",
    "person_id": PERSON,
    "size": "1",
    "full_name": "Nguyễn Văn An",
    "phone": "0000123456",
    "email": "an@example.com",
    "address": "Số 1 phố Giả Định",
}


def row(**changes: str) -> dict[str, str]:
    """Return one dossier that keeps every rule, changed."""
    return {**ROW, **changes}


def rows(n: int, **changes: str) -> list[dict[str, str]]:
    """Return dossiers of different ids."""
    return [row(**{"id": f"H80.01-{number:04d}", **changes}) for number in range(n)]


def write_csv(
    path: Path,
    lines: Iterable[Mapping[str, str]],
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    names: Mapping[str, str] | None = None,
    leave_out: Iterable[str] = (),
) -> Path:
    """Write dossiers as CSV; `names` gives columns another name."""
    columns = [column for column in ROW if column not in set(leave_out)]
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        writer.writerow((names or {}).get(column, column) for column in columns)
        writer.writerows([line[column] for column in columns] for line in lines)
    return path


def units() -> pa.Table:
    """Two former provinces, one of today, and a commune of each period."""

    def unit(
        level: str, code: str, start: datetime.date, end: datetime.date, **values: Any
    ) -> dict[str, Any]:
        return {"level": level, "code": code, "valid_from": start, "valid_to": end, "region": "SE"} | values

    former = {"today": "80", "is_urban": None}
    return pa.Table.from_pylist(
        [
            unit("province", "72", EARLIEST, BEFORE, province="72", predecessor="72", **former),
            unit("province", "80", EARLIEST, BEFORE, province="80", predecessor="80", **former),
            unit("province", "80", MERGER, LATEST, province="80", predecessor="", today="80", is_urban=None),
            unit(
                "commune",
                "25456",
                EARLIEST,
                BEFORE,
                province="72",
                predecessor="72",
                today="80",
                is_urban=True,
            ),
            unit(
                "commune", "25459", MERGER, LATEST, province="80", predecessor="72", today="80", is_urban=True
            ),
            unit(
                "commune", "00004", MERGER, LATEST, province="01", predecessor="01", today="01", is_urban=True
            ),
            unit("province", "01", MERGER, LATEST, province="01", predecessor="", today="01", is_urban=None),
        ],
        UNIT_SCHEMA,
    )


def expected(**changes: Any) -> Expected:
    """Return what lists of 2026 are held against."""
    values = {
        "units": units(),
        "first_day": datetime.date(2025, 1, 1),
        "last_day": datetime.date(2026, 12, 31),
        "known_from": datetime.date(2025, 1, 1),
    }
    return Expected(**values | changes)


def silent(_step: Step, _n_bytes: int, _n_rows: int) -> None:
    """Take note of nothing."""


def run(folder: Path, *files: Path, options: ReadOptions | None = None, **changes: Any) -> IngestReport:
    """Import files into a folder."""
    job = ListImport(files, folder, expected(**changes), KEYS, options or ReadOptions())
    return import_list(job, silent)


def found(report: IngestReport) -> dict[tuple[str, str], int]:
    """Return how often each rule was broken in each column."""
    return {(each.rule, each.examples[0].column): each.count for each in report.findings}


def frame_rows(folder: Path) -> list[dict[str, Any]]:
    """Return the rows of an accepted list."""
    return pq.read_table(folder / "ready" / "frame.parquet").to_pylist()

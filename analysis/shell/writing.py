"""Figures as files: CSV that spreadsheets open, Parquet for programs, JSON with a description."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd

BYTE_ORDER_MARK = "utf-8-sig"


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, encoding=BYTE_ORDER_MARK, lineterminator="\r\n")


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    frame.to_parquet(path, index=False)


WRITERS: dict[str, Callable[[pd.DataFrame, Path], None]] = {".csv": _write_csv, ".parquet": _write_parquet}


def write_tables(tables: dict[str, pd.DataFrame], description: dict[str, object], folder: Path) -> list[Path]:
    """Write every table as CSV and Parquet, and all of them with the description as one JSON file."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, frame in tables.items():
        for ending, write in WRITERS.items():
            written.append(folder / f"{name}{ending}")
            write(frame, written[-1])
    rows = {
        name: json.loads(frame.to_json(orient="records", double_precision=15))
        for name, frame in tables.items()
    }
    written.append(folder / "estimates.json")
    text = json.dumps({**description, **rows}, ensure_ascii=False, indent=1)
    written[-1].write_text(text + "\n", encoding="utf-8")
    return written

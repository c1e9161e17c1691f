"""Small frames of dossiers with everything that may go wrong in one place."""

import datetime
import random

import pandas as pd
import pyarrow as pa

from sampling.design.fingerprints import Cell
from sampling.design.list_design import FRAME_COLUMNS, ListDesign

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in FRAME_COLUMNS[:5]),
        ("is_urban", pa.bool_()),
        *((name, pa.string()) for name in FRAME_COLUMNS[6:9]),
        ("settled_on", pa.date32()),
        *((name, pa.string()) for name in FRAME_COLUMNS[10:12]),
        ("multiplicity", pa.int32()),
        ("size", pa.int64()),
    ]
)
FIELDS = ("land", "civil", None, "đất đai")


def make_rows(n: int = 600, seed: int = 1) -> list[list[Cell]]:
    """Rows in the order of their ids: missing values, other letters, persons with several dossiers."""
    generator = random.Random(seed)  # noqa: S311 - a test
    persons = [None if number % 5 == 0 else generator.randrange(n // 2) for number in range(n)]
    rows = []
    for number, person in enumerate(persons):
        province = generator.choice(["01", "01", "48", "79"])
        rows.append(
            [
                f"{generator.choice(['HS', 'Đ', 'hồ sơ ', '😀'])}{province}.{number:05d}",
                f"{province}-{generator.randrange(3)}",
                province,
                generator.choice(["01", ""]),
                generator.choice(["north", None]),
                generator.choice([True, False, None]),
                "commune",
                generator.choice(FIELDS),
                generator.choice(["portal", "counter"]),
                f"2026-0{generator.randrange(1, 10)}-1{generator.randrange(10)}",
                generator.choice(["person", "organisation"]),
                "" if person is None else f"{person:064x}",
                1 if person is None else persons.count(person),
                generator.choice([1, 2, 3, 50]),
            ]
        )
    return sorted(rows)


def shuffled(rows: list[list[Cell]]) -> list[list[Cell]]:
    """The rows in another order."""
    return random.Random(3).sample(rows, len(rows))  # noqa: S311 - a test


def make_table(rows: list[list[Cell]]) -> pa.Table:
    """The rows as the import writes them."""
    columns = dict(zip(FRAME_COLUMNS, zip(*rows, strict=True), strict=True))
    columns["settled_on"] = tuple(
        value if value is None else datetime.date.fromisoformat(str(value)) for value in columns["settled_on"]
    )
    return pa.table([pa.array(columns[field.name], field.type) for field in SCHEMA], schema=SCHEMA)


def make_design(**changes: object) -> ListDesign:
    """Dossiers by province, simply at random, with a reserve."""
    document = {
        "format": "list-design/1",
        "unit": "dossier",
        "strata": ["province"],
        "sizes": [[["01"], 20], [["48"], 10], [["79"], 15]],
        "reserve_percent": 25,
    }
    return ListDesign.from_document(document | changes)


def as_rows(drawn: pd.DataFrame) -> list[tuple[object, ...]]:
    """A drawn list as rows of plain values."""
    return [tuple(row) for row in drawn.astype(object).itertuples(index=False, name=None)]

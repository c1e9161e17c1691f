"""Make a national list of settled dossiers of any size: nobody in it exists, and every id says so.

Numbers of persons, names and telephones are made up; telephones cannot be dialled. The same number of rows
and seed give the same list.
"""

import argparse
import csv
import datetime
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

UNITS = Path(__file__).resolve().parents[1] / "sampling" / "reference" / "administrative_units.csv"
CHUNK = 500_000
FIRST_DAY, N_DAYS = datetime.date(2026, 1, 1), 365
DEPARTMENTS = ("tài chính", "nội vụ", "tư pháp", "xây dựng", "y tế", "giáo dục", "công thương", "nông nghiệp")
MINISTRIES = ("công an", "tư pháp", "tài chính", "xây dựng")
FIELDS = (
    "land",
    "civil_status",
    "justice",
    "residence",
    "business",
    "construction",
    "transport",
    "labour",
    "health",
)
FIELD_SHARES = (0.17, 0.22, 0.2, 0.12, 0.08, 0.06, 0.06, 0.06, 0.03)
CHANNELS, CHANNEL_SHARES = ("Trực tuyến", "Trực tiếp", "Bưu chính"), (0.56, 0.39, 0.05)
SHARE_ORGANISATIONS, SHARE_COMMUNE, SHARE_MINISTRY = 0.12, 0.62, 0.02
PERSONS_PER_DOSSIER, REPEATING = 0.5, 1.6
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ")
MIDDLE = ("Văn", "Thị", "Minh", "Ngọc", "Thanh", "Đức", "Quang", "Kim")
GIVEN = (
    "An",
    "Bình",
    "Chi",
    "Dũng",
    "Giang",
    "Hạnh",
    "Hùng",
    "Lan",
    "Mai",
    "Nam",
    "Oanh",
    "Phúc",
    "Quý",
    "Tâm",
    "Yến",
)
SPREAD, OFFSET, NUMBER_SPACE = 3**18, 12_345, 10**9
"""A permutation of nine digits: prime to 10, so no two persons share a number."""

DIRTY_EVERY = 5_000
DIRT: Mapping[str, str] = {
    "settled_on": "31/02/2026",
    "province": "99",
    "commune": "10000",
    "party": "khách",
    "person_id": "12345",
    "size": "-1",
    "field": "",
    "agency": "",
}
"""One wrong cell for each of these columns, in turn, in every so many rows."""


@dataclass(frozen=True)
class Places:
    """Agencies in the order of their provinces; `first` and `count` say where those of a province stand."""

    provinces: list[str]
    agencies: pa.Table
    first: npt.NDArray[np.int64]
    count: npt.NDArray[np.int64]
    n_departments: int

    @classmethod
    def read(cls) -> "Places":
        """Read the communes of today; put the departments of every province before its communes."""
        with UNITS.open(encoding="utf-8-sig", newline="") as lines:
            units = [row for row in csv.DictReader(lines) if not row["valid_to"]]
        provinces = sorted(row["code"] for row in units if row["level"] == "province")
        rows: list[tuple[str, str, str, str]] = []
        first, count = [], []
        for province in provinces:
            first.append(len(rows))
            departments = [
                (f"H{province}.{place:02d}", f"Sở {name} {province} (giả định)", "", "Cấp tỉnh")
                for place, name in enumerate(DEPARTMENTS, 1)
            ]
            communes = [
                (row["code"], f"UBND {row['type']} {row['name']} (giả định)", row["code"], "Cấp xã")
                for row in units
                if row["level"] == "commune" and row["parent_code"] == province
            ]
            rows += departments + communes
            count.append(len(departments) + len(communes))
        ministries = [
            (f"G{place:02d}", f"Bộ {name} (giả định)", "", "Cấp bộ")
            for place, name in enumerate(MINISTRIES, 1)
        ]
        names = ("agency", "agency_name", "commune", "level")
        table = pa.table(dict(zip(names, map(list, zip(*rows, *ministries, strict=True)), strict=True)))
        return cls(provinces, table, np.array(first), np.array(count), len(DEPARTMENTS))


def chunks(n_rows: int, seed: int) -> Iterator[pa.Table]:
    """Yield the rows of a list, many at a time."""
    places = Places.read()
    shares = np.random.default_rng(seed).lognormal(0, 0.5, len(places.provinces)) * places.count
    shares /= shares.sum()
    for first in range(0, n_rows, CHUNK):
        rng = np.random.default_rng([seed, first])
        yield _rows(rng, first, min(CHUNK, n_rows - first), places, shares, n_rows)


def _rows(
    rng: np.random.Generator, first: int, n: int, places: Places, shares: npt.NDArray[np.float64], n_rows: int
) -> pa.Table:
    province = rng.choice(len(shares), n, p=shares)
    kind = rng.random(n)
    n_communes = places.count[province] - places.n_departments
    in_commune = places.n_departments + (rng.random(n) * n_communes).astype(np.int64)
    in_department = rng.integers(0, places.n_departments, n)
    agency = places.first[province] + np.where(kind < SHARE_COMMUNE, in_commune, in_department)
    is_ministry = kind > 1 - SHARE_MINISTRY
    province = np.where(is_ministry, 0, province)
    agency = np.where(
        is_ministry, places.agencies.num_rows - len(MINISTRIES) + in_department % len(MINISTRIES), agency
    )
    pool = np.maximum(shares[province] * n_rows * PERSONS_PER_DOSSIER, 1)
    person = (pool * rng.random(n) ** REPEATING).astype(np.int64) * len(shares) + province
    is_person = rng.random(n) >= SHARE_ORGANISATIONS
    days = [f"{FIRST_DAY + datetime.timedelta(days=day):%d/%m/%Y}" for day in range(N_DAYS)]
    at = places.agencies.take(pa.array(agency))
    number = pc.utf8_lpad(pa.array(np.arange(first, first + n)).cast(pa.string()), 9, "0")
    phone = pc.utf8_lpad(pa.array(person % 10**6).cast(pa.string()), 6, "0")
    nobody = pa.scalar("")
    columns = {
        "id": pc.binary_join_element_wise("SYN", at["agency"].combine_chunks(), number, "-"),
        "agency": at["agency"],
        "agency_name": at["agency_name"],
        "province": _of(places.provinces, province),
        "commune": at["commune"],
        "level": at["level"],
        "field": _of(FIELDS, rng.choice(len(FIELDS), n, p=FIELD_SHARES)),
        "channel": _of(CHANNELS, rng.choice(len(CHANNELS), n, p=CHANNEL_SHARES)),
        "settled_on": _of(days, rng.integers(0, N_DAYS, n)),
        "party": pc.if_else(pa.array(is_person), "Cá nhân", "Tổ chức"),
        "person_id": pc.if_else(pa.array(is_person), _person_numbers(person, places), nobody),
        "size": pa.repeat("1", n),
        "full_name": pc.if_else(pa.array(is_person), _names(person), "Công ty giả định"),
        "phone": pc.binary_join_element_wise("0000", phone, ""),
        "email": pa.repeat("", n),
        "address": pc.binary_join_element_wise(
            "Số", pa.array(person % 300).cast(pa.string()), "phố Giả Định", " "
        ),
    }
    return pa.table(columns)


def _of(words: Mapping[int, str] | list[str] | tuple[str, ...], places: npt.NDArray[np.int64]) -> pa.Array:
    return pa.array(list(words), pa.string()).take(pa.array(places))


def _person_numbers(person: npt.NDArray[np.int64], places: Places) -> pa.Array:
    prefix = _of([f"0{province}" for province in places.provinces], person % len(places.provinces))
    digits = pa.array((person * SPREAD + OFFSET) % NUMBER_SPACE).cast(pa.string())
    return pc.binary_join_element_wise(prefix, pc.utf8_lpad(digits, 9, "0"), "")


def _names(person: npt.NDArray[np.int64]) -> pa.Array:
    names = [f"{family} {middle} {given}" for family in FAMILY for middle in MIDDLE for given in GIVEN]
    return _of(names, person * SPREAD % NUMBER_SPACE % len(names))


def dirtied(table: pa.Table, first: int) -> pa.Table:
    """Return rows with a wrong cell in some, and with an id that another row has."""
    columns = {name: table[name].to_pylist() for name in ("id", *DIRT)}
    for place in range(0, table.num_rows, DIRTY_EVERY):
        kind = (first + place) // DIRTY_EVERY % (len(DIRT) + 1)
        if kind == len(DIRT):
            columns["id"][place + 1] = columns["id"][place]
        else:
            name = list(DIRT)[kind]
            columns[name][place] = DIRT[name]
    for name, cells in columns.items():
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(cells, pa.string()))
    return table


WRITERS: Mapping[str, Callable[[Path, pa.Schema], pq.ParquetWriter | pacsv.CSVWriter]] = {
    "parquet": lambda path, schema: pq.ParquetWriter(path, schema, compression="zstd"),
    "csv": lambda path, schema: pacsv.CSVWriter(
        path, schema, write_options=pacsv.WriteOptions(quoting_style="none")
    ),
}


def make_list(
    path: Path, n_rows: int, *, seed: int = 1, kind: str = "parquet", is_dirty: bool = False
) -> None:
    """Write a list in one of the formats."""
    writer = None
    for place, table in enumerate(chunks(n_rows, seed)):
        written = dirtied(table, place * CHUNK) if is_dirty else table
        schema = written.schema.with_metadata({"synthetic": "true"})
        writer = writer or WRITERS[kind](path, schema)
        writer.write_table(written.cast(schema))
    if writer is not None:
        writer.close()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--format", choices=WRITERS, default="parquet")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dirty", action="store_true", help="with a wrong cell here and there")
    args = parser.parse_args()
    make_list(args.out, args.rows, seed=args.seed, kind=args.format, is_dirty=args.dirty)
    print(f"{args.out}: {args.rows} rows, synthetic", file=sys.stderr)


if __name__ == "__main__":
    main()

"""Loading the dated administrative units from the tables of the project."""

import csv
import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from sampling.models import AdministrativeUnit, UnitSuccession
from sampling.models.areas import UNKNOWN_START, Level
from sampling.services.audit import User, record_table
from sampling.vietnamese import search_key, sort_key

REFERENCE_TABLES = Path(__file__).resolve().parents[1] / "reference"
BATCH_SIZE = 2_000
UNIT_KEY = ["level", "code", "valid_from"]
UNIT_VALUES = [
    "valid_to", "name", "unit_type", "parent", "predecessor_province", "region",
    "latitude", "longitude", "area_km2", "sort_key", "search_key",
]  # fmt: skip
OLDER, NEWER = "older", "newer"

type Row = Mapping[str, str]
type UnitsByCode = dict[tuple[str, str], AdministrativeUnit]


class ReferenceTableError(ValueError):
    """Raised when the tables of units contradict each other."""


@dataclass(frozen=True, slots=True)
class LoadedUnits:
    """How many rows are in the database after loading."""

    n_units: int
    n_successions: int


@transaction.atomic
def load_administrative_units(*, folder: Path = REFERENCE_TABLES, user: User = None) -> LoadedUnits:
    """Load units, successions and placements; loading again changes nothing but corrected rows."""
    unit_rows = list(_rows(folder / "administrative_units.csv"))
    succession_rows = list(_rows(folder / "unit_successions.csv"))
    placements = {
        row["code"]: row["predecessor_province_code"] for row in _rows(folder / "predecessor_placements.csv")
    }

    older = _save_period([row for row in unit_rows if row["valid_to"]], {})
    former = _predecessor_provinces(succession_rows, older, placements)
    newer = _save_period([row for row in unit_rows if not row["valid_to"]], former)
    successions = _save_successions(succession_rows, older, newer)
    loaded = LoadedUnits(len(older) + len(newer), successions)
    details = {"units": loaded.n_units, "successions": loaded.n_successions}
    record_table(AdministrativeUnit, "sampling.load_administrative_units", user=user, details=details)
    return loaded


def _rows(path: Path) -> Iterator[Row]:
    """Read one table; every value stays text."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)


def _save_period(rows: Iterable[Row], former: Mapping[str, AdministrativeUnit]) -> UnitsByCode:
    """Save the units of one period, level by level since children point at their parents."""
    by_level: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_level[row["level"]].append(row)
    saved: UnitsByCode = {}
    parents: dict[str, AdministrativeUnit] = {}
    for level in (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE):
        units = [_unit(row, parents, former) for row in by_level[level]]
        AdministrativeUnit.objects.bulk_create(
            units, BATCH_SIZE, update_conflicts=True, unique_fields=UNIT_KEY, update_fields=UNIT_VALUES
        )
        saved |= {(level, unit.code): unit for unit in units}
        parents |= {unit.code: unit for unit in units}
    return saved


def _unit(
    row: Row, parents: Mapping[str, AdministrativeUnit], former: Mapping[str, AdministrativeUnit]
) -> AdministrativeUnit:
    """Turn one row into a unit."""
    is_commune_of_today = row["level"] == Level.COMMUNE and not row["valid_to"]
    return AdministrativeUnit(
        level=row["level"],
        code=row["code"],
        valid_from=_date(row["valid_from"]) or UNKNOWN_START,
        valid_to=_date(row["valid_to"]),
        name=row["name"],
        unit_type=row["type"],
        parent=parents[row["parent_code"]] if row["parent_code"] else None,
        predecessor_province=former[row["code"]] if is_commune_of_today else None,
        region=row["region"],
        latitude=_number(row["latitude"]),
        longitude=_number(row["longitude"]),
        area_km2=_number(row["area_km2"]),
        sort_key=sort_key(row["name"]),
        search_key=search_key(row["name"]),
    )


def _predecessor_provinces(
    succession_rows: Iterable[Row], older: UnitsByCode, placements: Mapping[str, str]
) -> dict[str, AdministrativeUnit]:
    """Return the former province of every commune of today; placements decide where it is not clear."""
    candidates: dict[str, set[str]] = defaultdict(set)
    for row in succession_rows:
        if row["level"] == Level.COMMUNE:
            candidates[row["new_code"]].add(_province_of(older[Level.COMMUNE, row["old_code"]]).code)
    unplaced = sorted(
        code for code, provinces in candidates.items() if len(provinces) > 1 and code not in placements
    )
    if unplaced:
        raise ReferenceTableError(
            _(
                "Expected a row in %(file)s for each commune that comes from several former provinces; "
                "missing: %(codes)s. Add the rows."
            )
            % {"file": "predecessor_placements.csv", "codes": ", ".join(unplaced)}
        )
    chosen = {code: next(iter(provinces)) for code, provinces in candidates.items()} | dict(placements)
    return {code: older[Level.PROVINCE, province] for code, province in chosen.items()}


def _province_of(unit: AdministrativeUnit) -> AdministrativeUnit:
    """Climb to the province of a unit."""
    while unit.parent is not None:
        unit = unit.parent
    return unit


def _save_successions(rows: Iterable[Row], older: UnitsByCode, newer: UnitsByCode) -> int:
    """Save which unit passed into which."""
    successions = [
        UnitSuccession(
            predecessor=older[row["level"], row["old_code"]],
            successor=newer[row["level"], row["new_code"]],
            kind=row["kind"],
            is_default=row["kind"] == UnitSuccession.Kind.WHOLE or row["is_default"] == "1",
        )
        for row in rows
    ]
    UnitSuccession.objects.bulk_create(
        successions,
        BATCH_SIZE,
        update_conflicts=True,
        unique_fields=["predecessor", "successor"],
        update_fields=["kind", "is_default"],
    )
    return len(successions)


def _date(text: str) -> datetime.date | None:
    """Read an ISO date, empty for unknown."""
    return datetime.date.fromisoformat(text) if text else None


def _number(text: str) -> float | None:
    """Read a decimal number, empty for unknown."""
    return float(text) if text else None

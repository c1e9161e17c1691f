"""Administrative units as a table that rows of a list are held against."""

import datetime
from collections.abc import Iterator

import pyarrow as pa

from sampling.engine.ingest import UNIT_SCHEMA
from sampling.models import AdministrativeUnit, UnitSuccession
from sampling.models.areas import Level

WITHOUT_END = datetime.date(9999, 12, 31)


def unit_table() -> pa.Table:
    """Return provinces and communes of every period: the province then, today and before, region and type."""
    return pa.Table.from_pylist(list(_rows()), UNIT_SCHEMA)


def _rows() -> Iterator[dict[str, object]]:
    """Yield one row for each unit and period."""
    links = UnitSuccession.objects.filter(predecessor__level=Level.PROVINCE).values_list(
        "predecessor__code", "successor__code"
    )
    successor = dict(links)
    units = AdministrativeUnit.objects.exclude(level=Level.DISTRICT).select_related(
        "parent__parent", "predecessor_province"
    )
    for unit in units.order_by("level", "code", "valid_from"):
        province = _province(unit)
        former = unit.predecessor_province
        is_over = unit.valid_to is not None
        yield {
            "level": unit.level,
            "code": unit.code,
            "valid_from": unit.valid_from,
            "valid_to": unit.valid_to or WITHOUT_END,
            "province": province.code,
            "today": successor.get(province.code, province.code) if province.valid_to else province.code,
            "predecessor": former.code if former else province.code if is_over else "",
            "region": province.region,
            "is_urban": unit.is_urban if unit.level == Level.COMMUNE else None,
        }


def _province(unit: AdministrativeUnit) -> AdministrativeUnit:
    """Climb to the province of a unit."""
    while unit.parent is not None:
        unit = unit.parent
    return unit

"""How far the cases of a village, or of a stratum of a list, are, and what reserve is left."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from sampling.models import AdministrativeUnit, Case, Disposition, Sample, SampledUnit
from sampling.models.samples import RESPONDENT_DISPOSITIONS

ACTIVE = Q(is_reserve=False) | Q(released_at__isnull=False)
SILENT = (
    Disposition.REFUSAL,
    Disposition.WITHHELD,
    Disposition.BREAKOFF,
    Disposition.NON_CONTACT,
    Disposition.OTHER,
    Disposition.UNKNOWN,
    Disposition.NOT_ELIGIBLE,
)
"""Outcomes without an answer."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The cases that share one reserve, counted."""

    key: str
    name: str
    place: str
    counts: dict[str, int]
    silent: tuple[tuple[str, int], ...]
    unit: SampledUnit | None = None
    replaced_by: str = ""
    replaces: str = ""

    @property
    def may_release(self) -> bool:
        """Whether a sealed reserve is left."""
        return self.counts["sealed"] > 0

    @property
    def may_be_replaced(self) -> bool:
        """Whether it is a village in which nobody has answered, and which has no replacement yet."""
        return self.unit is not None and not self.counts["answered"] and not self.replaced_by


def reserve_pools(sample: Sample, province: AdministrativeUnit | None) -> list[Pool]:
    """Return the pools of a province, or of the whole sample, with their counts."""
    cases = Case.objects.filter(sample=sample)
    if province is not None:
        cases = cases.filter(village__province=province)
    if cases.filter(village__stage=SampledUnit.Stage.AGENCY).exists():
        return [
            Pool(f"stratum-{row['stratum']}", row["stratum"], "", _counts(row), _silent(row))
            for row in _counted(cases, "stratum")
        ]
    rows = {row["village"]: row for row in _counted(cases, "village")}
    replaced_by = ("replacements__frame_unit", "parent__replacements__frame_unit")
    units = SampledUnit.objects.filter(pk__in=rows).prefetch_related(*replaced_by)
    replaces = ("replaces__frame_unit", "parent__replaces__frame_unit")
    related = ("frame_unit", "parent__frame_unit", "province", *replaces, "sample__round")
    listed = units.select_related(*related).order_by("province__sort_key", "parent__pk", "draw_order")
    return [_village_pool(unit, rows[unit.pk]) for unit in listed]


COUNTED: dict[str, Count] = {
    "asked": Count("pk", filter=ACTIVE),
    "answered": Count("pk", filter=ACTIVE & Q(disposition__in=RESPONDENT_DISPOSITIONS)),
    "pending": Count("pk", filter=ACTIVE & Q(disposition=Disposition.PENDING)),
    "released": Count("pk", filter=Q(is_reserve=True, released_at__isnull=False)),
    "sealed": Count("pk", filter=Q(is_reserve=True, released_at__isnull=True)),
    **{f"silent_{code.name}": Count("pk", filter=ACTIVE & Q(disposition=code)) for code in SILENT},
}
"""What is counted in a pool."""


def _counted(cases: QuerySet[Case], pool: str) -> list[dict[str, Any]]:
    """Count the cases of every pool in one query."""
    rows: Any = cases.values(pool).annotate(**COUNTED).order_by(pool)
    return list(rows)


def _village_pool(unit: SampledUnit, row: dict[str, Any]) -> Pool:
    """Return the pool of one village."""
    places = [place for place in (unit, unit.parent) if place is not None]
    replacement = next((each for place in places for each in place.replacements.all()), None)
    replaced = next((place.replaces for place in places if place.replaces is not None), None)
    return Pool(
        key=f"village-{unit.pk}",
        name=unit.frame_unit.name,
        place=unit.parent.frame_unit.name if unit.parent else "",
        counts=_counts(row),
        silent=_silent(row),
        unit=unit,
        replaced_by=replacement.frame_unit.name if replacement else "",
        replaces=replaced.frame_unit.name if replaced else "",
    )


def _counts(row: dict[str, Any]) -> dict[str, int]:
    """Return the plain counts of a row."""
    return {name: row[name] for name in ("asked", "answered", "pending", "released", "sealed")}


def _silent(row: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    """Return the outcomes without an answer that occur, with their counts."""
    return tuple(
        (str(code.label), row[f"silent_{code.name}"]) for code in SILENT if row[f"silent_{code.name}"]
    )

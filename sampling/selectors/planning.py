"""What a plan can be made from: the units of the first stage, with the attributes that may make strata."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import inf
from typing import Any

from django.db.models import Count
from django.utils import timezone

from sampling.design.allocation import AllocationError
from sampling.design.area_strata import (
    COUNTRY,
    PREDECESSOR,
    PROVINCE,
    REGION,
    SEPARATOR,
    TOWN,
    UNIT_TYPE,
    URBAN,
)
from sampling.design.households import WITHIN_HOUSEHOLD
from sampling.design.stage_plans import DesignError, area_allocation
from sampling.models import AdministrativeUnit, FrameUnit, SamplingFrame, SamplingTemplate, SurveyRound
from sampling.models.areas import EARLIEST_KNOWN_DATE, Level

type Key = tuple[str, str]
"""Code and name of a value of an attribute."""

JOINT = "_"
"""Stands between the attributes of strata in the name of their crossing."""


@dataclass(frozen=True, slots=True)
class PlanningUnit:
    """A unit of the first stage, or a province whose units are not known.

    Parameters
    ----------
    size : int
        Adults; 1 where there is no frame.
    count : float
        1, or infinite for a province that stands for units that are not known.
    n_below : int or None
        Units of the next stage inside it, where they are listed.
    keys : mapping of attribute to code and name
        Attributes that are not known are left out.
    """

    code: str
    size: int
    count: float
    n_below: int | None
    keys: Mapping[str, Key]


@dataclass(frozen=True, slots=True)
class PlanningBasis:
    """All units of the first stage, and which attributes make the strata of the template.

    `allocated` are the takes of strata among which the template divides a total. `key` tells a round or a
    template from others, as it stands in addresses.
    """

    key: str
    template: SamplingTemplate
    units: tuple[PlanningUnit, ...]
    template_attributes: tuple[str, ...]
    has_frame: bool
    allocated: Mapping[str, int] = field(default_factory=dict)

    @property
    def template_attribute(self) -> str:
        """The attributes of the strata of the template, crossed: ``province``, ``region_urban``."""
        return JOINT.join(self.template_attributes)

    @property
    def stages(self) -> list[dict[str, Any]]:
        """Stages of the template, as its document has them; one adult of each household is no choice."""
        stages: list[dict[str, Any]] = self.template.document["stages"]
        return [stage for stage in stages if stage.get("selection") != WITHIN_HOUSEHOLD]

    @property
    def template_strata(self) -> list[str]:
        """The strata of the template that have units."""
        return sorted(_sizes_of_strata(self.units, self.template_attributes))

    def takes_in(self, stratum: str) -> tuple[float, ...]:
        """Return the takes of the template in one of its own strata."""
        first, *later = self.stages
        if first.get("allocation"):
            return (self.allocated.get(stratum, 0), *(stage["n_units"] for stage in later))
        exceptions = {row["stratum"]: row["n_units"] for row in first.get("exceptions", ())}
        return (exceptions.get(stratum, first["n_units"]), *(stage["n_units"] for stage in later))


def planning_basis(template: SamplingTemplate, survey_round: SurveyRound | None = None) -> PlanningBasis:
    """Return the units from which a plan with a template is made: those of the round's frame, or of today."""
    day = date.fromisoformat(template.document["strata"]["valid_on"])
    first = template.document["stages"][0]["code"]
    frame = SamplingFrame.objects.filter(round=survey_round, stage=first).first() if survey_round else None
    if frame is not None:
        units = _frame_units(frame, template)
    elif first == Level.COMMUNE:
        units = _units_of_today()
    else:
        units = _provinces_on(day)
    listed = tuple(units)
    key = f"round:{survey_round.pk}" if survey_round else f"template:{template.pk}"
    attributes = _template_attributes(template, listed, day)
    return PlanningBasis(
        key,
        template,
        listed,
        attributes,
        has_frame=frame is not None,
        allocated=_allocated(template, _sizes_of_strata(listed, attributes)),
    )


def _template_attributes(
    template: SamplingTemplate, units: Iterable[PlanningUnit], day: date
) -> tuple[str, ...]:
    """Return what makes the strata of a template; its provinces are those of today or those before."""
    province = _template_attribute(units, day)
    by = template.document["strata"].get("by", (PROVINCE,))
    return tuple(province if name == PROVINCE else name for name in by)


def _sizes_of_strata(units: Iterable[PlanningUnit], attributes: Sequence[str]) -> dict[str, list[int]]:
    """Return the sizes of the units of every stratum; units without one of the attributes are in none."""
    sizes: dict[str, list[int]] = defaultdict(list)
    for unit in units:
        if all(name in unit.keys for name in attributes):
            sizes[SEPARATOR.join(unit.keys[name][0] for name in attributes)].append(unit.size)
    return sizes


def _allocated(template: SamplingTemplate, sizes: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """Divide the total of a template among its strata; nothing if it does not, or cannot among these."""
    try:
        allocation = area_allocation(template.document["stages"])
        return allocation.divide(sizes) if allocation else {}
    except (AllocationError, DesignError):
        return {}


def _frame_units(frame: SamplingFrame, template: SamplingTemplate) -> Iterable[PlanningUnit]:
    """Read a frame, without what is left out of it."""
    units = frame.units.filter(exclusion_reason="").select_related(
        "administrative_unit__parent__parent", "administrative_unit__predecessor_province"
    )
    below = _counts_below(frame, template)
    for unit in units.order_by("code"):
        place = unit.administrative_unit
        if place is not None:
            yield PlanningUnit(unit.code, unit.measure_of_size, 1.0, below.get(unit.code), _keys(place))


def _counts_below(frame: SamplingFrame, template: SamplingTemplate) -> Mapping[str, int]:
    """Count the units of the next stage in every unit of the first, where they are listed already."""
    stages = [stage["code"] for stage in template.document["stages"]]
    rows = FrameUnit.objects.filter(
        frame__round=frame.round_id, frame__stage__in=stages[1:2], exclusion_reason=""
    )
    return dict(rows.values_list("parent_code").annotate(Count("pk")))


def _units_of_today() -> Iterable[PlanningUnit]:
    """Take the communes of today, all alike in size."""
    communes = AdministrativeUnit.objects.communes().valid_on(timezone.localdate())
    related = communes.select_related("parent__parent", "predecessor_province")
    for commune in related.order_by("code"):
        yield PlanningUnit(commune.code, 1, 1.0, None, _keys(commune))


def _provinces_on(day: date) -> Iterable[PlanningUnit]:
    """Take the provinces of a day for their units, which are not known."""
    known_day = max(day, EARLIEST_KNOWN_DATE)
    for province in AdministrativeUnit.objects.provinces().valid_on(known_day).in_vietnamese_order():
        keys = {PROVINCE: (province.code, province.name), REGION: (province.region, province.region)}
        yield PlanningUnit(province.code, 1, inf, None, keys)


def _keys(unit: AdministrativeUnit) -> dict[str, Key]:
    """Return the attributes of a unit below a province."""
    province = unit
    while province.parent is not None:
        province = province.parent
    before = unit.predecessor_province or province
    kind = TOWN if unit.is_urban else COUNTRY
    return {
        PROVINCE: (province.code, province.name),
        PREDECESSOR: (before.code, before.name),
        REGION: (province.region, province.region),
        URBAN: (kind, kind),
        UNIT_TYPE: (unit.unit_type, unit.unit_type),
    }


def _template_attribute(units: Iterable[PlanningUnit], day: date) -> str:
    """Tell whether the strata of a template are the provinces of today or those before them."""
    found = defaultdict(set)
    for unit in units:
        for attribute in (PROVINCE, PREDECESSOR):
            if attribute in unit.keys:
                found[attribute].add(unit.keys[attribute])
    on_the_day = set(
        AdministrativeUnit.objects.provinces()
        .valid_on(max(day, EARLIEST_KNOWN_DATE))
        .values_list("code", "name")
    )
    is_of_today = found[PROVINCE] <= on_the_day
    return PROVINCE if is_of_today or not found[PREDECESSOR] else PREDECESSOR

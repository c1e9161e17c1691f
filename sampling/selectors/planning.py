"""What a plan can be made from: the units of the first stage, with the attributes that may make strata."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Any

from django.db.models import Count
from django.utils import timezone

from sampling.design.households import WITHIN_HOUSEHOLD
from sampling.models import AdministrativeUnit, FrameUnit, SamplingFrame, SamplingTemplate, SurveyRound
from sampling.models.areas import EARLIEST_KNOWN_DATE, Level

type Key = tuple[str, str]
"""Code and name of a value of an attribute."""

PROVINCE, PREDECESSOR, REGION, URBAN = "province", "predecessor", "region", "urban"
TOWN, COUNTRY = "urban", "rural"


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
    """All units of the first stage, and which attribute makes the strata of the template.

    `key` tells a round or a template from others, as it stands in addresses.
    """

    key: str
    template: SamplingTemplate
    units: tuple[PlanningUnit, ...]
    template_attribute: str
    has_frame: bool

    @property
    def stages(self) -> list[dict[str, Any]]:
        """Stages of the template, as its document has them; one adult of each household is no choice."""
        stages: list[dict[str, Any]] = self.template.document["stages"]
        return [stage for stage in stages if stage.get("selection") != WITHIN_HOUSEHOLD]

    def takes_in(self, stratum: str) -> tuple[float, ...]:
        """Return the takes of the template in one of its own strata."""
        first, *later = self.stages
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
    return PlanningBasis(key, template, listed, _template_attribute(listed, day), has_frame=frame is not None)


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

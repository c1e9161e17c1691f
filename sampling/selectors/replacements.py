"""Units that took the place of others: which they are, what is still awaited of them, whom they replace."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from sampling.models import AdministrativeUnit, Case, Sample, SampledUnit, SurveyRound
from sampling.models.samples import RESPONDENT_DISPOSITIONS

COMMUNE, VILLAGE = SampledUnit.Stage.COMMUNE, SampledUnit.Stage.VILLAGE
ABOVE_VILLAGE = ("", "parent__")


def of_the_draw(path: str = "") -> Q:
    """Return what keeps units of the original draw: neither they nor the unit above replace another one.

    `path` leads to the unit, such as ``village__``.
    """
    return Q(**{f"{path}{above}replaces__isnull": True for above in ABOVE_VILLAGE})


def of_replacements(path: str = "") -> Q:
    """Return what keeps units that replace another one, and villages of communes that do."""
    return ~of_the_draw(path)


def replacement_villages(survey_round: SurveyRound) -> dict[str, str]:
    """Return the code of every village that was not drawn at first, with the code of what it replaces.

    That is another village, or for a village of a commune that replaces another one, that other commune.
    """
    units = SampledUnit.objects.filter(sample__round=survey_round, stage=VILLAGE).filter(of_replacements())
    fields = ("frame_unit__code", "replaces__frame_unit__code", "parent__replaces__frame_unit__code")
    return {
        code: own or above for code, own, above in units.values_list(*fields).order_by("pk") if own or above
    }


@dataclass(frozen=True, slots=True)
class CommuneState:
    """A drawn commune: whether it was or may be replaced, and what is awaited if it replaces another one."""

    unit: SampledUnit
    name: str
    is_answered: bool
    replaced_by: str
    replaces: str
    awaits_villages: bool
    awaited_registers: tuple[SampledUnit, ...]

    @property
    def may_be_replaced(self) -> bool:
        """Whether nobody in it has answered and nothing has taken its place yet."""
        return not self.is_answered and not self.replaced_by


def commune_states(sample: Sample, province: AdministrativeUnit) -> list[CommuneState]:
    """Return the communes of a province in the order of the draw, replacements behind what they replace."""
    answered = Case.objects.filter(village__parent=OuterRef("pk"), disposition__in=RESPONDENT_DISPOSITIONS)
    communes = SampledUnit.objects.filter(sample=sample, stage=COMMUNE, province=province)
    related = ("frame_unit", "replaces__frame_unit", "sample__round")
    listed = communes.select_related(*related).annotate(is_answered=Exists(answered))
    waiting = _waiting_villages(sample, province)
    return [
        _state(unit, [village for village in waiting if village.parent_id == unit.pk])
        for unit in listed.prefetch_related("replacements__frame_unit", "children").order_by(
            "stratum", "draw_order", "pk"
        )
    ]


def _waiting_villages(sample: Sample, province: AdministrativeUnit) -> QuerySet[SampledUnit]:
    """Return the villages of replacements whose registers have not come."""
    villages = SampledUnit.objects.filter(sample=sample, stage=VILLAGE, province=province)
    without_cases = villages.filter(parent__replaces__isnull=False, cases__isnull=True)
    return without_cases.select_related("frame_unit").order_by("draw_order")


def _state(unit: SampledUnit, waiting: list[SampledUnit]) -> CommuneState:
    replacement = next(iter(unit.replacements.all()), None)
    return CommuneState(
        unit=unit,
        name=unit.frame_unit.name,
        is_answered=bool(getattr(unit, "is_answered", False)),
        replaced_by=replacement.frame_unit.name if replacement else "",
        replaces=unit.replaces.frame_unit.name if unit.replaces else "",
        awaits_villages=unit.replaces is not None and replacement is None and not unit.children.all(),
        awaited_registers=tuple(waiting) if replacement is None else (),
    )

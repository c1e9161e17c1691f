"""Reads across frames and administrative units."""

import datetime
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from sampling.models import AdministrativeUnit, FrameUnit, SamplingFrame, SurveyRound


class StrataError(ValueError):
    """Raised when the strata of a design cannot be formed from the units of a frame."""


@dataclass(frozen=True, slots=True)
class CommunePlace:
    """Where a commune of the frame belongs: its stratum, and its province on the reference date."""

    stratum: str
    province: str
    province_id: int
    unit_type: str
    size: int


def frame_of(survey_round: SurveyRound, stage: str) -> QuerySet[FrameUnit]:
    """Return the units of one stage that take part in the draw."""
    return FrameUnit.objects.filter(frame__round=survey_round, frame__stage=stage, exclusion_reason="")


def commune_places(survey_round: SurveyRound) -> dict[str, CommunePlace]:
    """Return the place of every commune with residents in the frame of a round, by code."""
    day = datetime.date.fromisoformat(survey_round.template.document["strata"]["valid_on"])
    units = frame_of(survey_round, SamplingFrame.Stage.COMMUNE).select_related(
        "administrative_unit__parent__parent", "administrative_unit__predecessor_province"
    )
    return {unit.code: _place(unit, day) for unit in units.order_by("code")}


def _place(unit: FrameUnit, day: datetime.date) -> CommunePlace:
    """Find stratum and province of one commune."""
    commune = unit.administrative_unit
    if commune is None:
        raise StrataError(
            _("Commune %(code)s is no administrative unit. Load the frame again.") % {"code": unit.code}
        )
    province = _province(commune)
    stratum = next(
        (
            candidate
            for candidate in (province, commune.predecessor_province)
            if candidate and _exists(candidate, day)
        ),
        None,
    )
    if stratum is None:
        raise StrataError(
            _(
                "The strata are the provinces of %(day)s, but commune %(code)s belongs to none of them. "
                "Take a template whose strata fit the reference date of the frame."
            )
            % {"day": f"{day:%d/%m/%Y}", "code": unit.code}
        )
    return CommunePlace(stratum.code, province.code, province.pk, commune.unit_type, unit.measure_of_size)


def _province(unit: AdministrativeUnit) -> AdministrativeUnit:
    """Climb to the province of a unit."""
    while unit.parent is not None:
        unit = unit.parent
    return unit


def _exists(unit: AdministrativeUnit, day: datetime.date) -> bool:
    """Tell whether a unit exists on a day."""
    return unit.valid_from <= day and (unit.valid_to is None or day <= unit.valid_to)

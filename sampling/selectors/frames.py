"""Reads across frames and administrative units."""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from sampling.design.allocation import AllocationError
from sampling.design.area_strata import (
    COUNTRY,
    PREDECESSOR,
    PROVINCE,
    REGION,
    TOWN,
    UNIT_TYPE,
    URBAN,
    stratum_name,
)
from sampling.design.households import WITHIN_HOUSEHOLD
from sampling.design.stages import AreaUnit
from sampling.methods import LIST_FORMAT
from sampling.models import AdministrativeUnit, FrameUnit, SamplingFrame, SurveyRound

CHUNK_SIZE = 5_000
Stage = SamplingFrame.Stage
REGISTER_STAGES = (Stage.PERSON, Stage.HOUSEHOLD)
"""Stages whose lists stay in private files: registers of adults, lists of households."""


class StrataError(ValueError):
    """Raised when the strata of a design cannot be formed from the units of a frame."""


@dataclass(frozen=True, slots=True)
class UnitPlace:
    """Where a unit of the first stage belongs: its stratum, and its province on the reference date."""

    stratum: str
    province: str
    province_id: int
    unit_type: str
    size: int


def stage_codes(survey_round: SurveyRound) -> tuple[str, ...]:
    """Return the stages of a round in the order of their draws; a transaction list has one.

    The adult of a household is no stage of its own here: the draw of the households has chosen already.
    """
    if is_list_round(survey_round):
        return (Stage.DOSSIER.value,)
    stages = survey_round.template.document.get("stages", ())
    return tuple(stage["code"] for stage in stages if stage.get("selection") != WITHIN_HOUSEHOLD)


def last_stage_of(survey_round: SurveyRound) -> str:
    """Return the stage that lists whom a village or an agency has; adults where no stage is stated."""
    return next(reversed(stage_codes(survey_round)), Stage.PERSON.value)


def is_list_round(survey_round: SurveyRound) -> bool:
    """Tell whether the round draws from a transaction list: by its template, or because it has one."""
    if survey_round.template.document.get("format") == LIST_FORMAT:
        return True
    return SamplingFrame.objects.filter(round=survey_round, stage=Stage.DOSSIER).exists()


def frame_of(survey_round: SurveyRound, stage: str) -> QuerySet[FrameUnit]:
    """Return the units of one stage that take part in the draw."""
    return FrameUnit.objects.filter(frame__round=survey_round, frame__stage=stage, exclusion_reason="")


def first_places(survey_round: SurveyRound) -> dict[str, UnitPlace]:
    """Return the place of every unit of the first stage with residents, by code."""
    document = survey_round.template.document
    if "strata" not in document:
        raise StrataError(
            _("Round %(round)s draws from a transaction list; its template has no strata of areas.")
            % {"round": survey_round.code}
        )
    day = datetime.date.fromisoformat(document["strata"]["valid_on"])
    by = document["strata"].get("by", ())
    units = frame_of(survey_round, stage_codes(survey_round)[0]).select_related(
        "administrative_unit__parent__parent", "administrative_unit__predecessor_province"
    )
    return {unit.code: _place(unit, day, by) for unit in units.order_by("code")}


def units_below(survey_round: SurveyRound, stage: str, above: Collection[str]) -> list[AreaUnit]:
    """Return the units of a later area stage with residents that lie below drawn units."""
    fields = ("code", "parent_code", "measure_of_size", "administrative_unit__unit_type")
    units = frame_of(survey_round, stage).order_by("code").values_list(*fields)
    is_village = stage == Stage.VILLAGE
    wanted = frozenset(above)
    return [
        AreaUnit(code, parent, size, "" if is_village else unit_type or "")
        for code, parent, size, unit_type in units.iterator(chunk_size=CHUNK_SIZE)
        if parent in wanted
    ]


def _place(unit: FrameUnit, day: datetime.date, by: Sequence[str]) -> UnitPlace:
    """Find stratum and province of one unit; without attributes the strata are the provinces of the day."""
    area = unit.administrative_unit
    if area is None:
        raise StrataError(
            _("Unit %(code)s is no administrative unit. Load the frame again.") % {"code": unit.code}
        )
    province = _province(area)
    stratum = _stratum(unit.code, area, day) if not by or PROVINCE in by else ""
    if by:
        stratum = _stratum_by(by, area, province, stratum)
    return UnitPlace(stratum, province.code, province.pk, area.unit_type, unit.measure_of_size)


def _stratum(code: str, area: AdministrativeUnit, day: datetime.date) -> str:
    """Return the province of a unit on the day of the strata."""
    candidates = (_province(area), area.predecessor_province)
    found = next((each for each in candidates if each and _exists(each, day)), None)
    if found is None:
        raise StrataError(
            _(
                "The strata are the provinces of %(day)s, but unit %(code)s belongs to none of them. "
                "Take a template whose strata fit the reference date of the frame."
            )
            % {"day": f"{day:%d/%m/%Y}", "code": code}
        )
    return found.code


def _stratum_by(
    by: Sequence[str], area: AdministrativeUnit, province: AdministrativeUnit, on_the_day: str
) -> str:
    """Return the stratum that attributes of a unit make."""
    before = area.predecessor_province or province
    values = {
        PROVINCE: on_the_day,
        PREDECESSOR: before.code,
        REGION: province.region,
        URBAN: TOWN if area.is_urban else COUNTRY,
        UNIT_TYPE: area.unit_type,
    }
    try:
        return stratum_name(values, by)
    except AllocationError as error:
        raise StrataError(f"{area.code}: {error.said.told(_)}") from error


def _province(unit: AdministrativeUnit) -> AdministrativeUnit:
    """Climb to the province of a unit."""
    while unit.parent is not None:
        unit = unit.parent
    return unit


def _exists(unit: AdministrativeUnit, day: datetime.date) -> bool:
    """Tell whether a unit exists on a day."""
    return unit.valid_from <= day and (unit.valid_to is None or day <= unit.valid_to)

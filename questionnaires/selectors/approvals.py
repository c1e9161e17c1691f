"""Interviews and paper forms that wait for a supervisor, by village; nobody sees answers."""

import datetime
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet

from questionnaires.models import Mode, Response
from sampling.models import AdministrativeUnit, Disposition, SampledUnit, SurveyRound
from sampling.models.samples import RESPONDENT_DISPOSITIONS


@dataclass(frozen=True, slots=True)
class WaitingForm:
    """One form taken down by staff."""

    case_id: int
    number: str
    day: datetime.date
    mode: str
    outcome: str
    recorder: str


@dataclass(frozen=True, slots=True)
class VillageApprovals:
    """A village: how many sent their answers, and which forms wait."""

    pk: int
    name: str
    n_sent: int
    waiting: list[WaitingForm] = field(default_factory=list)

    @property
    def n_waiting(self) -> int:
        """Forms that wait."""
        return len(self.waiting)


def waiting_forms(survey_round: SurveyRound, province: AdministrativeUnit | None) -> QuerySet[Response]:
    """Return the sent forms of a round, or of a province in it, that wait."""
    forms = Response.objects.submitted().filter(case__sample__round=survey_round)
    return forms.filter(case__village__province=province) if province else forms


def village_approvals(
    survey_round: SurveyRound, province: AdministrativeUnit | None
) -> list[VillageApprovals]:
    """Return the villages in which forms wait, in the order of the draw."""
    forms = waiting_forms(survey_round, province).order_by("case__number")
    answered = Count("cases", filter=Q(cases__disposition__in=RESPONDENT_DISPOSITIONS))
    units = SampledUnit.objects.filter(pk__in=forms.order_by().values("case__village"))
    named = units.annotate(n_sent=answered).select_related("frame_unit", "parent__frame_unit").order_by("pk")
    villages = {unit.pk: VillageApprovals(unit.pk, _name(unit), unit.n_sent) for unit in named}
    for form in forms.select_related("case", "recorded_by"):
        villages[form.case.village_id].waiting.append(_waiting(form))
    return list(villages.values())


def _name(unit: SampledUnit) -> str:
    above = f" ({unit.parent.frame_unit.name})" if unit.parent else ""
    return f"{unit.frame_unit.name}{above}"


def _waiting(form: Response) -> WaitingForm:
    recorder = form.recorded_by
    return WaitingForm(
        case_id=form.case_id,
        number=form.case.number,
        day=form.submitted_on or datetime.date.min,
        mode=str(Mode(form.mode).label),
        outcome=str(Disposition(form.case.disposition).label),
        recorder=(recorder.get_full_name() or recorder.get_username()) if recorder else "",
    )

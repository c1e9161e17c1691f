"""How far the fieldwork of a round is."""

from dataclasses import dataclass

from django.db.models import Count, F, Q

from questionnaires.models import ResponseStatus
from sampling.models import Case, Disposition, SurveyRound
from sampling.models.samples import RESPONDENT_DISPOSITIONS

SUBMITTED = Q(disposition__in=RESPONDENT_DISPOSITIONS)
DRAFT = Q(response__status=ResponseStatus.DRAFT)


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of one province or village."""

    unit_id: int
    name: str
    n_cases: int
    n_submitted: int
    n_drafts: int
    n_pending: int


def progress_by_province(survey_round: SurveyRound) -> list[Progress]:
    """Return the counts of every province in one query, in Vietnamese order."""
    province = "village__province__"
    return _progress(survey_round, f"{province}id", f"{province}name", f"{province}sort_key")


def progress_by_village(survey_round: SurveyRound) -> list[Progress]:
    """Return the counts of every village in one query, in the order of the draw."""
    return _progress(survey_round, "village_id", "village__frame_unit__name", "village_id")


def _progress(survey_round: SurveyRound, unit: str, name: str, order: str) -> list[Progress]:
    """Count the cases that are to be asked, by unit."""
    rows = (
        Case.objects.active()
        .filter(sample__round=survey_round)
        .order_by(order)
        .values(unit_id=F(unit), unit_name=F(name))
        .annotate(
            n_cases=Count("pk"),
            n_submitted=Count("pk", filter=SUBMITTED),
            n_drafts=Count("pk", filter=DRAFT),
            n_pending=Count("pk", filter=Q(disposition=Disposition.PENDING) & Q(response__isnull=True)),
        )
    )
    return [
        Progress(
            unit_id=row["unit_id"],
            name=row["unit_name"],
            n_cases=row["n_cases"],
            n_submitted=row["n_submitted"],
            n_drafts=row["n_drafts"],
            n_pending=row["n_pending"],
        )
        for row in rows
    ]

"""Whose rounds a person sees: those of their province, and national ones."""

from django.db.models import Model, Q, QuerySet

from sampling.models import SurveyRound
from sampling.models.territories import NOWHERE, Person, province_of, runs_round, sees_round

__all__ = [
    "NOWHERE",
    "Person",
    "province_of",
    "rounds_run_by",
    "rounds_seen_by",
    "runs_round",
    "sees_round",
    "within_province",
    "within_territory",
]


def rounds_seen_by(user: Person) -> QuerySet[SurveyRound]:
    """Return the rounds that a person may look at."""
    return within_territory(SurveyRound.objects.all(), user, "")


def rounds_run_by(user: Person) -> QuerySet[SurveyRound]:
    """Return the rounds that a person may change, as far as their territory goes."""
    province = province_of(user)
    rounds: QuerySet[SurveyRound] = SurveyRound.objects.all()
    return rounds if province is None else rounds.filter(territory=province)


def within_province[Row: Model](rows: QuerySet[Row], user: Person, path: str) -> QuerySet[Row]:
    """Narrow rows to places of the province that a person works for; `path` leads to the province."""
    province = province_of(user)
    return rows if province is None else rows.filter(**{path: province})


def within_territory[Row: Model](rows: QuerySet[Row], user: Person, path: str) -> QuerySet[Row]:
    """Narrow rows to the rounds that a person may look at; `path` leads to the round, such as ``round__``."""
    province = province_of(user)
    if province is None:
        return rows
    if province == NOWHERE:
        return rows.none()
    return rows.filter(Q(**{f"{path}territory": province}) | Q(**{f"{path}territory__isnull": True}))

"""Who may see names of respondents, of which round, and when."""

from django.contrib.auth.models import AbstractBaseUser, AbstractUser
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from sampling.models import AdministrativeUnit, Draw, DrawStatus, SurveyRound
from sampling.models.rounds import RoundStatus
from sampling.selectors.territories import NOWHERE, province_of
from sampling.services.issuing.scopes import Scope

EXPORT_CONTACT, ISSUE_DRAW = "sampling.export_contact", "sampling.issue_draw"
IN_THE_FIELD = (RoundStatus.OPEN, RoundStatus.CLOSED)
HANDED_OVER = (DrawStatus.ISSUED, DrawStatus.CLOSED)


class ExportTooEarlyError(ValueError):
    """Raised when names of respondents are asked for before the fieldwork."""


def is_issued(survey_round: SurveyRound) -> bool:
    """Tell whether every drawn stage of a round was handed over; a rehearsal, which has no draws, was not."""
    draws = Draw.objects.filter(round=survey_round).exclude(status=DrawStatus.ABANDONED)
    states = list(draws.values_list("status", flat=True))
    return bool(states) and all(state in HANDED_OVER for state in states)


def may_see_names(user: AbstractUser, survey_round: SurveyRound) -> bool:
    """Tell whether a person may see names of a round now, wherever in it."""
    if not user.has_perm(EXPORT_CONTACT):
        return False
    is_early = survey_round.status == RoundStatus.PREPARING
    if is_early:
        return user.has_perm(ISSUE_DRAW) and province_of(user) is None and is_issued(survey_round)
    return survey_round.status in IN_THE_FIELD


def checked_scope(scope: Scope, user: AbstractUser) -> Scope:
    """Return the part of a scope that a person may see, or refuse.

    Names are seen from the opening of the round to its freezing. Before it opens, only those who issue lists
    for the whole country see them, once every stage is issued: letters are printed then. A person of a
    province sees that province only.
    """
    if not user.has_perm(EXPORT_CONTACT):
        raise PermissionDenied
    survey_round = scope.sample.round
    if not may_see_names(user, survey_round):
        raise ExportTooEarlyError(
            _(
                "Names of respondents are given out from the opening of a round to its freezing. "
                "Round %(round)s: %(state)s."
            )
            % {"round": survey_round.code, "state": survey_round.get_status_display()}
        )
    return within_territory(scope, user)


def within_territory(scope: Scope, user: AbstractBaseUser) -> Scope:
    """Return the part of a scope in the province that a person works for; refuse another province."""
    home = province_of(user)
    if home is None:
        return scope
    if home == NOWHERE or scope.province_id not in (None, home):
        raise PermissionDenied
    return scope.within(AdministrativeUnit.objects.get(pk=home))

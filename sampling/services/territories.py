"""Territory in services: a person of a province changes rounds of that province only."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from sampling.models import SurveyRound
from sampling.selectors.territories import NOWHERE, province_of, runs_round
from sampling.services.audit import User


class TerritoryError(PermissionDenied):
    """Raised when somebody would change a round outside their province."""


def require_territory(user: User, survey_round: SurveyRound) -> None:
    """Refuse a person of a province whose round this is not; a command without a user may do everything."""
    if not runs_round(user, survey_round):
        raise TerritoryError(
            _("Round %(round)s is run by others. You may change the rounds of your own province only.")
            % {"round": survey_round.code}
        )


def require_place(user: User, survey_round: SurveyRound, provinces: Iterable[int]) -> None:
    """Refuse a person of a province what concerns others: what lies in their province alone is theirs.

    In a round that another province runs, nothing is.
    """
    if survey_round.territory_id is None and set(provinces) == {province_of(user)}:
        return
    require_territory(user, survey_round)


def territory_for(user: User, wanted: int | None) -> int | None:
    """Return the territory of a new round: whoever works for a province makes rounds of that province."""
    province = province_of(user)
    if province == NOWHERE or (province is not None and wanted not in (None, province)):
        raise TerritoryError(_("You may prepare rounds of your own province only."))
    return wanted if province is None else province

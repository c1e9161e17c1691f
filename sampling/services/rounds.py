"""Rounds: creating them and moving them from one state to the next."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from sampling.models import Draw, Sample, SamplingFrame, SamplingTemplate, SurveyRound
from sampling.models.draws import DrawStatus
from sampling.models.rounds import RoundStatus
from sampling.selectors.draws import is_played, may_rehearse
from sampling.selectors.frames import stage_codes
from sampling.services.audit import User, record
from sampling.services.contacts import erase_contacts
from sampling.services.territories import require_territory, territory_for
from sampling.signals import round_frozen

ISSUED_DRAWS = (DrawStatus.ISSUED, DrawStatus.CLOSED)
"""States of draws that leave nothing to do before a round opens."""


class RoundStateError(ValueError):
    """Raised when a round is not in the state that an action needs."""


@transaction.atomic
def create_round(*, template: SamplingTemplate, user: User = None, **values: Any) -> SurveyRound:
    """Create a round in preparation; `values` are the other fields of `SurveyRound`."""
    survey_round = SurveyRound(template=template, **values)
    survey_round.territory_id = territory_for(user, survey_round.territory_id)
    survey_round.full_clean()
    survey_round.save(force_insert=True)
    record(survey_round, "sampling.create_round", user=user)
    return survey_round


def require_status(survey_round: SurveyRound, *allowed: RoundStatus) -> None:
    """Refuse a round in any other state; the state is read afresh."""
    survey_round.refresh_from_db(fields=["status"])
    if survey_round.status not in allowed:
        raise RoundStateError(
            _("Round %(round)s: expected state “%(expected)s”, got “%(got)s”.")
            % {
                "round": survey_round.code,
                "expected": " / ".join(str(status.label) for status in allowed),
                "got": survey_round.get_status_display(),
            }
        )


@transaction.atomic
def open_round(*, round: SurveyRound, user: User = None) -> SurveyRound:
    """Open a round for answers once its sample is drawn."""
    require_territory(user, round)
    sample = getattr(round, "sample", None)
    if sample is None or not sample.fingerprint:
        raise RoundStateError(
            _("Round %(round)s has no complete sample. Draw the sample before opening the round.")
            % {"round": round.code}
        )
    _refuse_unproved(round)
    return _move(round, RoundStatus.PREPARING, RoundStatus.OPEN, "sampling.open_round", user)


def _refuse_unproved(survey_round: SurveyRound) -> None:
    """Refuse a round that has a stage without an issued draw, unless it is a rehearsal that may be one."""
    living = dict(
        Draw.objects.filter(round=survey_round)
        .exclude(status=DrawStatus.ABANDONED)
        .values_list("stage", "status")
    )
    if not living and may_rehearse(survey_round):
        return
    if is_played(survey_round) and not survey_round.is_demo:
        raise RoundStateError(
            _(
                "Round %(round)s was drawn as a demonstration, with commitments that say so. "
                "It cannot become a real round; prepare a new one."
            )
            % {"round": survey_round.code}
        )
    waiting = [code for code in stage_codes(survey_round) if living.get(code) not in ISSUED_DRAWS]
    if waiting:
        raise RoundStateError(
            _(
                "Round %(round)s: the stage “%(stage)s” has no issued draw. Draw every stage with a public "
                "commitment and issue its list before opening the round."
            )
            % {"round": survey_round.code, "stage": SamplingFrame.Stage(waiting[0]).label}
        )


@transaction.atomic
def close_round(*, round: SurveyRound, user: User = None) -> SurveyRound:
    """Close a round: no further answer is taken, figures may be computed."""
    return _move(round, RoundStatus.OPEN, RoundStatus.CLOSED, "sampling.close_round", user)


@transaction.atomic
def freeze_round(*, round: SurveyRound, user: User = None) -> SurveyRound:
    """Freeze a closed round: outcomes and weights never change again, and nobody can be called any more."""
    frozen = _move(round, RoundStatus.CLOSED, RoundStatus.FROZEN, "sampling.freeze_round", user)
    round_frozen.send(SurveyRound, round=frozen, user=user)
    sample = Sample.objects.filter(round=frozen).first()
    if sample is not None:
        erase_contacts(sample=sample, user=user)
    return frozen


def _move(
    survey_round: SurveyRound, start: RoundStatus, end: RoundStatus, action: str, user: User
) -> SurveyRound:
    """Change the state in one statement, so that of two people who press at once only one succeeds."""
    require_territory(user, survey_round)
    if not SurveyRound.objects.filter(pk=survey_round.pk, status=start).update(status=end):
        require_status(survey_round, start)
    survey_round.status = end
    record(survey_round, action, user=user, details={"from": start.value, "to": end.value})
    return survey_round

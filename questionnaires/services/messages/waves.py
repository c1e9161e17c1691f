"""Waves of messages: looked at, confirmed once, stopped, repeated, settled."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from questionnaires.models import Channel, Message, MessageStatus, MessageTemplate
from questionnaires.permissions import SEND_MESSAGES
from questionnaires.services.messages.audience import Audience, find_audience
from questionnaires.services.messages.channels import adapter_for
from questionnaires.services.messages.texts import TextRefusedError, fill_in, problems_of, refuse_unnamed
from sampling.models import SurveyRound
from sampling.models.rounds import RoundStatus
from sampling.selectors.territories import sees_round, within_province
from sampling.services.audit import record
from sampling.services.issuing import Scope, within_territory
from sampling.services.issuing.objections import withhold_objectors

BATCH = 2_000
TO_THE_PROVINCE = "case__village__province"


class WaveRefusedError(ValueError):
    """Raised when a wave cannot be sent as it was looked at."""


@dataclass(frozen=True, slots=True)
class Wave:
    """A wave as it is looked at before it is confirmed."""

    template: MessageTemplate
    scope: Scope
    number: int
    audience: Audience
    n_segments: int

    @property
    def n_messages(self) -> int:
        """How many messages leave."""
        return len(self.audience.cases)

    @property
    def total_segments(self) -> int:
        """What the wave costs, in segments of text messages."""
        return self.n_messages * self.n_segments


def require_sender(user: AbstractUser, survey_round: SurveyRound) -> None:
    """Refuse whoever may not send, or does not work for the round's province."""
    if not user.has_perm(SEND_MESSAGES) or not sees_round(user, survey_round):
        raise PermissionDenied


def takes_messages(survey_round: SurveyRound, purpose: str) -> bool:
    """Tell whether messages of a purpose make sense now: a link that leads nowhere is not sent."""
    if purpose == MessageTemplate.Purpose.THANKS:
        return survey_round.status in (RoundStatus.OPEN, RoundStatus.CLOSED)
    return survey_round.accepts_answers()


def preview_wave(*, template: MessageTemplate, scope: Scope, days: int, user: AbstractUser) -> Wave:
    """Return whom a wave would reach and what it would cost; nothing is written."""
    require_sender(user, template.round)
    scope = within_territory(scope, user)
    _refuse_unready(template)
    number = 1 + (Message.objects.filter(template=template).aggregate(last=Max("wave"))["last"] or 0)
    text = fill_in(template)
    n_segments = text.segments.n_segments if template.channel == Channel.SMS else 0
    return Wave(template, scope, number, find_audience(template, scope, days), n_segments)


def _refuse_unready(template: MessageTemplate) -> None:
    """Refuse a template, round or channel that cannot send now."""
    refuse_unnamed(template.round)
    if not takes_messages(template.round, template.purpose):
        raise WaveRefusedError(
            _("Round %(round)s takes no answers now, so nothing is sent. State: %(state)s.")
            % {"round": template.round.code, "state": template.round.get_status_display()}
        )
    if adapter_for(template.channel, template.round) is None:
        raise WaveRefusedError(
            _("The channel “%(channel)s” is not set up. Ask those who run the site to enter its settings.")
            % {"channel": template.get_channel_display()}
        )
    errors = [problem for problem in problems_of(template) if problem.is_error]
    if errors:
        raise TextRefusedError(errors)


@transaction.atomic
def queue_wave(
    *, template: MessageTemplate, scope: Scope, days: int, number: int, seen: int, user: AbstractUser
) -> int:
    """Queue a wave that was looked at, and return how many messages wait for the worker.

    The number of the wave comes from the look: whoever confirms twice queues nobody twice. Nobody is added
    whom the look did not count; who answered since is left out.
    """
    require_sender(user, template.round)
    withhold_objectors(scope.sample, user)
    found = preview_wave(template=template, scope=scope, days=days, user=user)
    wave = min(number, found.number)
    before = Message.objects.filter(template=template, wave=wave)
    queued = set(before.values_list("case", flat=True))
    new = [case for case in found.audience.cases if case not in queued]
    if len(new) > seen:
        raise WaveRefusedError(
            _("You looked at %(seen)s messages, and now it would be %(now)s. Look again before you confirm.")
            % {"seen": seen, "now": len(new)}
        )
    rows = [
        Message(template=template, case_id=case, wave=wave, n_segments=found.n_segments, queued_by_id=user.pk)
        for case in new
    ]
    Message.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    if rows:
        details = {
            "messages": len(rows),
            "wave": wave,
            "scope": found.scope.code,
            "left_out": dict(found.audience.left_out),
            "channel": template.channel,
            "purpose": template.purpose,
        }
        record(template.round, "questionnaires.queue_messages", user=user, details=details)
    return len(rows)


@transaction.atomic
def stop_messages(*, round: SurveyRound, user: AbstractUser) -> int:
    """Withhold whatever still waits in a round, as far as the person's territory goes."""
    waiting = _own(round, user, MessageStatus.QUEUED)
    n_stopped = waiting.update(status=MessageStatus.WITHHELD, reason="stopped")
    record(round, "questionnaires.stop_messages", user=user, details={"messages": n_stopped})
    return n_stopped


@transaction.atomic
def retry_failed(*, round: SurveyRound, user: AbstractUser) -> int:
    """Queue the messages that failed once more; those that may have been sent are not among them.

    Attempts are counted on: each has a number of its own, by which the provider reports.
    """
    failed = _own(round, user, MessageStatus.FAILED)
    n_queued = failed.update(status=MessageStatus.QUEUED, begun_at=None)
    record(round, "questionnaires.retry_messages", user=user, details={"messages": n_queued})
    return n_queued


@transaction.atomic
def settle_unclear(*, round: SurveyRound, number: int | None, was_sent: bool, user: AbstractUser) -> int:
    """Say of messages that may have been sent whether they were; those that were not are queued again.

    `number` is the key of one message; None stands for all of them.
    """
    unclear = _own(round, user, MessageStatus.UNKNOWN)
    if number is not None:
        unclear = unclear.filter(pk=number)
    sent = {"status": MessageStatus.SENT, "reason": "settled", "sent_at": timezone.now()}
    again = {"status": MessageStatus.QUEUED, "reason": "", "begun_at": None}
    n_settled = unclear.update(**(sent if was_sent else again))
    details = {"messages": n_settled, "was_sent": was_sent}
    record(round, "questionnaires.settle_messages", user=user, details=details)
    return n_settled


def _own(survey_round: SurveyRound, user: AbstractUser, status: MessageStatus) -> QuerySet[Message]:
    """Return the messages in a state that a person may handle."""
    require_sender(user, survey_round)
    rows = Message.objects.filter(template__round=survey_round, status=status)
    found = within_province(rows, user, TO_THE_PROVINCE).values("pk")
    return Message.objects.filter(pk__in=found)

"""Sending what waits: in small batches, within a rate, not at night, and never twice.

A message is marked as being sent, in a transaction of its own, before it is handed over. If the work breaks
off then, nobody knows whether it left; after a while it is shown to a person as unclear and is never sent
again by itself. A code exists once its message is handed over; if the provider refuses, the earlier code of
the case is put back.
"""

import datetime
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from questionnaires.access_codes import keyed_hash
from questionnaires.messages.adapters import Adapter, ChannelDownError, Outcome, Outgoing, Result
from questionnaires.messages.words import reason_words
from questionnaires.models import AccessCode, Channel, Message, MessageStatus
from questionnaires.services.access_codes import issue_codes
from questionnaires.services.messages.audience import address_of, barred_keys, why_not, why_not_now
from questionnaires.services.messages.channels import adapter_for
from questionnaires.services.messages.texts import fill_in, needs_code
from questionnaires.services.messages.waves import takes_messages
from sampling.models import Case, SurveyRound
from sampling.services.audit import record
from sampling.services.issuing import Reachable, contacts_by_case

BATCH = 20
"""Messages that are marked at once; so many are unclear at most when the work breaks off."""
STALE = datetime.timedelta(minutes=15)
"""After this long without a result, a message that is being sent is unclear."""
PAUSE = datetime.timedelta(minutes=5)
"""Between two attempts at a message that the provider put off."""
WINDOW = datetime.timedelta(minutes=1)
MOST_ATTEMPTS = 3
"""Each so many attempts at a message that is put off, it waits for a person to queue it again."""
CARRIER = AccessCode.Carrier.MESSAGE
DISTURBING = (Channel.SMS, Channel.ZALO)
"""Channels that make a telephone ring; an e-mail waits until it is looked at."""


class ChannelsDownError(RuntimeError):
    """Raised at the end of a run in which a channel took nothing; what was left waits."""


@dataclass(slots=True)
class Progress:
    """What a run did: messages by what became of them, when to go on, and channels that were down."""

    is_real: bool = True
    """Whether telephones ring; those of a demonstration do not, by night or by day."""
    counts: Counter[str] = field(default_factory=Counter)
    resume_at: datetime.datetime | None = None
    down: dict[str, str] = field(default_factory=dict)

    def wait_until(self, moment: datetime.datetime) -> None:
        """Go on at the earliest of several moments."""
        self.resume_at = min(self.resume_at or moment, moment)

    def refuse_down(self) -> None:
        """Raise an error with the channels that were down, if any."""
        if self.down:
            words = (f"{Channel(channel).label}: {reason_words(why)}" for channel, why in self.down.items())
            raise ChannelsDownError(
                _("Nothing more was sent: %(why)s. Mend it and go on.") % {"why": "; ".join(words)}
            )


@dataclass(frozen=True, slots=True)
class EarlierCode:
    """The code that a message replaces, to be put back if the message does not leave."""

    new_hash: str
    old_hash: str = ""
    issued_at: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages that are marked as being sent, by their number, with the codes that they replace."""

    outgoing: tuple[Outgoing, ...] = ()
    messages: Mapping[str, Message] = field(default_factory=dict)
    earlier: Mapping[int, EarlierCode] = field(default_factory=dict)


def send_queued(*, round: SurveyRound, user: AbstractBaseUser | None = None) -> Progress:
    """Send what waits in a round as far as rate and hour allow, and tell when to go on with what is left."""
    progress = Progress(is_real=not round.is_demo)
    progress.counts["unclear"] += _mark_interrupted(round)
    waiting = Message.objects.filter(template__round=round, status=MessageStatus.QUEUED)
    for channel in waiting.order_by().values_list("template__channel", flat=True).distinct():
        adapter = adapter_for(channel, round)
        if adapter is not None:
            _send_channel(adapter, channel, waiting.filter(template__channel=channel), progress)
    details = {outcome: n for outcome, n in progress.counts.items() if n} | {"down": progress.down}
    record(round, "questionnaires.send_messages", user=user, details=details)
    return progress


def is_quiet(channel: str, moment: datetime.datetime) -> bool:
    """Tell whether people sleep and the channel would wake them."""
    hour = timezone.localtime(moment).hour
    at_night = hour >= settings.MESSAGES_QUIET_FROM or hour < settings.MESSAGES_QUIET_UNTIL
    return channel in DISTURBING and at_night


def morning_after(moment: datetime.datetime) -> datetime.datetime:
    """Return when the night around a moment ends."""
    local = timezone.localtime(moment)
    until = settings.MESSAGES_QUIET_UNTIL
    day = local.date() + datetime.timedelta(days=local.hour >= until)
    return datetime.datetime.combine(day, datetime.time(until), tzinfo=local.tzinfo)


def _send_channel(adapter: Adapter, channel: str, waiting: QuerySet[Message], progress: Progress) -> None:
    """Send the messages of one channel, batch by batch."""
    while waiting.exists():
        now = timezone.now()
        if progress.is_real and is_quiet(channel, now):
            progress.wait_until(morning_after(now))
            return
        room = _room(channel, now)
        due = waiting.filter(Q(begun_at=None) | Q(begun_at__lte=now - PAUSE))
        if room < 1 or not due.exists():
            progress.wait_until(now + (WINDOW if room < 1 else PAUSE))
            return
        batch = _take(due, min(room, BATCH), progress)
        try:
            _hand_over(adapter, batch, progress)
        except ChannelDownError as error:
            progress.down[channel] = error.reason
            return


def _room(channel: str, now: datetime.datetime) -> int:
    """Return how many messages the rate still allows; all rounds and all workers share it."""
    recent = Message.objects.filter(template__channel=channel, begun_at__gt=now - WINDOW)
    return int(settings.MESSAGES_PER_MINUTE) - recent.count()


def _mark_interrupted(survey_round: SurveyRound) -> int:
    """Show messages whose sending broke off to a person."""
    broken_off = Message.objects.filter(
        template__round=survey_round, status=MessageStatus.SENDING, begun_at__lte=timezone.now() - STALE
    )
    return broken_off.update(status=MessageStatus.UNKNOWN, reason="interrupted")


@transaction.atomic
def _take(due: QuerySet[Message], n_wanted: int, progress: Progress) -> Batch:
    """Mark messages as being sent, withhold those that must not leave, and give the others their codes.

    Of two workers that reach for the same message, one gets it. A case comes once in a batch.
    """
    now = timezone.now()
    found = due.select_related("template__round__template", "case__sample", "case__response")
    one_each: dict[int, Message] = {}
    for message in found.order_by("n_attempts", "pk")[:n_wanted]:
        one_each.setdefault(message.case_id, message)
    taken = [message for message in sorted(one_each.values(), key=attrgetter("pk")) if _claim(message, now)]
    leaving = _without_withheld(taken, progress)
    codes, earlier = _new_codes([message for message, _where in leaving])
    messages = {f"{message.pk}-{message.n_attempts + 1}": message for message, _where in leaving}
    reached = dict(zip(messages, (contact for _message, contact in leaving), strict=True))
    outgoing = (
        _outgoing(number, message, reached[number], codes.get(message.case_id))
        for number, message in messages.items()
    )
    return Batch(tuple(outgoing), messages, earlier)


def _claim(message: Message, now: datetime.datetime) -> bool:
    """Mark a message as being sent, unless somebody else did; the provider gives each attempt its number."""
    mine = Message.objects.filter(pk=message.pk, status=MessageStatus.QUEUED)
    claim: dict[str, Any] = {"status": MessageStatus.SENDING, "begun_at": now, "provider_number": ""}
    return bool(mine.update(n_attempts=F("n_attempts") + 1, **claim))


def _without_withheld(taken: Sequence[Message], progress: Progress) -> list[tuple[Message, Reachable]]:
    """Withhold who answered, refused or objected since, and return the others with where they are reached."""
    barred = barred_keys()
    contacts = _contacts(taken)
    leaving = []
    for message in taken:
        contact = contacts.get(message.case_id, Reachable())
        reason = _why_withheld(message, contact, barred)
        if reason:
            Message.objects.filter(pk=message.pk).update(status=MessageStatus.WITHHELD, reason=reason)
            progress.counts["withheld"] += 1
        else:
            leaving.append((message, contact))
    return leaving


def _why_withheld(message: Message, contact: Reachable, barred: Collection[str]) -> str:
    """Return why a message must not leave any more, empty if it may."""
    template = message.template
    if not takes_messages(template.round, template.purpose):
        return "closed"
    return why_not_now(template, message.case) or why_not(template.channel, contact, barred)


def _contacts(messages: Sequence[Message]) -> dict[int, Reachable]:
    """Return how to reach the persons behind messages, all of one round."""
    if not messages:
        return {}
    cases = Case.objects.filter(pk__in=[message.case_id for message in messages])
    return contacts_by_case(messages[0].case.sample, cases)


def _new_codes(messages: Sequence[Message]) -> tuple[dict[int, str], dict[int, EarlierCode]]:
    """Issue the codes of messages that hold one, and remember those that they replace."""
    cases = [message.case for message in messages if needs_code(message.template)]
    if not cases:
        return {}, {}
    rows = AccessCode.objects.filter(case__in=cases, carrier=CARRIER)
    known = {row.case_id: row for row in rows}
    codes = issue_codes(cases=cases, carrier=CARRIER)
    earlier = {}
    for case, code in codes.items():
        new_hash, row = keyed_hash(code, settings.ACCESS_CODE_KEY), known.get(case)
        earlier[case] = EarlierCode(new_hash, row.code_hash, row.issued_at) if row else EarlierCode(new_hash)
    return codes, earlier


def _outgoing(number: str, message: Message, contact: Reachable, code: str | None) -> Outgoing:
    """Return a message as it leaves."""
    template = message.template
    text = fill_in(template, code) if code else fill_in(template)
    return Outgoing(
        number=number,
        case=message.case.number,
        address=address_of(template.channel, contact),
        text=text.text,
        subject=text.subject,
        html=text.html,
        template=template.zalo_template,
        values=text.values,
    )


def _hand_over(adapter: Adapter, batch: Batch, progress: Progress) -> None:
    """Hand a batch over and note each result as it comes; a channel that is down gives the rest back."""
    done: set[str] = set()
    try:
        for result in adapter.send(batch.outgoing):
            done.add(result.number)
            _note(batch, result, progress)
    except ChannelDownError:
        _give_back(batch, [number for number in batch.messages if number not in done])
        raise


@transaction.atomic
def _note(batch: Batch, result: Result, progress: Progress) -> None:
    """Write down what became of a message."""
    message = batch.messages[result.number]
    is_last = (message.n_attempts + 1) % MOST_ATTEMPTS == 0
    status = STATUSES[result.outcome](is_last)
    values: dict[str, Any] = {
        "status": status,
        "reason": result.reason,
        "provider_number": result.provider_number,
    }
    if status == MessageStatus.SENT:
        values["sent_at"] = timezone.now()
    Message.objects.filter(pk=message.pk, status__in=WITHOUT_RESULT).update(**values)
    progress.counts[status.value] += 1
    if result.outcome in (Outcome.FAILED, Outcome.LATER):
        _put_code_back(batch, message)


WITHOUT_RESULT = (MessageStatus.SENDING, MessageStatus.UNKNOWN)
"""States in which a result, however late, is still welcome."""

STATUSES: Mapping[Outcome, Callable[[bool], MessageStatus]] = {
    Outcome.SENT: lambda _is_last: MessageStatus.SENT,
    Outcome.FAILED: lambda _is_last: MessageStatus.FAILED,
    Outcome.LATER: lambda is_last: MessageStatus.FAILED if is_last else MessageStatus.QUEUED,
    Outcome.UNKNOWN: lambda _is_last: MessageStatus.UNKNOWN,
}
"""What each result makes of a message, by whether it was the last attempt."""


@transaction.atomic
def _give_back(batch: Batch, numbers: Sequence[str]) -> None:
    """Let messages that were not handed over wait again, as if they had not been touched."""
    for number in numbers:
        message = batch.messages[number]
        mine = Message.objects.filter(pk=message.pk, status=MessageStatus.SENDING)
        mine.update(status=MessageStatus.QUEUED, begun_at=None, n_attempts=F("n_attempts") - 1)
        _put_code_back(batch, message)


def _put_code_back(batch: Batch, message: Message) -> None:
    """Put the earlier code of a case back: the new one reached nobody."""
    earlier = batch.earlier.get(message.case_id)
    if earlier is None:
        return
    new = AccessCode.objects.filter(case=message.case_id, carrier=CARRIER, code_hash=earlier.new_hash)
    if earlier.old_hash:
        new.update(code_hash=earlier.old_hash, issued_at=earlier.issued_at)
    else:
        new.delete()

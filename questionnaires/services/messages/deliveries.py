"""Reports of delivery, as a provider hands them out in a file: what arrived, and what did not.

They are taken from a file, not at an address of the site: every provider signs its calls otherwise, and an
open address that changes the ledger would be one more door.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.db.models import QuerySet

from questionnaires.messages.words import with_number
from questionnaires.models import Channel, Message, MessageStatus
from questionnaires.services.messages.waves import TO_THE_PROVINCE, require_sender
from sampling.models import SurveyRound
from sampling.selectors.territories import within_province
from sampling.services.audit import record

UNDELIVERED = "undelivered"
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a provider says of a message, named by the provider's number or by ours."""

    number: str
    is_delivered: bool
    error: str = ""
    """Code of the provider; only a number is kept, as words may hold an address."""


@transaction.atomic
def note_deliveries(
    *,
    round: SurveyRound,
    channel: Channel,
    reports: Iterable[DeliveryReport],
    user: AbstractUser | None = None,
) -> Counter[str]:
    """Write reports into the ledger; how many messages were delivered, were not, and how many are not ours.

    What waits or is being sent again stays as it is, and what was delivered stays delivered: the same file
    changes nothing the second time, and reports may come in any order. A report without a number is of no
    message that anybody could name.
    """
    reported: dict[str, DeliveryReport] = {}
    for report in reports:
        if report.number and (report.number not in reported or report.is_delivered):
            reported[report.number] = report
    known: set[str] = set()
    news: dict[tuple[MessageStatus, str], list[int]] = defaultdict(list)
    for message in _sent(round, channel, user).iterator():
        names = (message.provider_number, f"{message.pk}-{message.n_attempts}")
        name = next((each for each in names if each in reported), "")
        if name:
            known.add(name)
        if name and _is_news(message, reported[name]):
            news[_outcome(reported[name])].append(message.pk)
    counts = Counter({"delivered": 0, "failed": 0, "unknown": len(reported.keys() - known)})
    for (status, reason), numbers in news.items():
        counts[status.value] += _write(numbers, status, reason)
    details = {"channel": channel, "delivered": counts["delivered"], "failed": counts["failed"]}
    record(round, "questionnaires.note_deliveries", user=user, details=details)
    return counts


def _write(numbers: Sequence[int], status: MessageStatus, reason: str) -> int:
    """Write one outcome; how many messages have it now."""
    batches = (numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH))
    return sum(Message.objects.filter(pk__in=batch).update(status=status, reason=reason) for batch in batches)


def _sent(survey_round: SurveyRound, channel: Channel, user: AbstractUser | None) -> QuerySet[Message]:
    """Return the messages of a channel, locked, of which a report may still tell something."""
    states = (MessageStatus.SENT, MessageStatus.UNKNOWN, MessageStatus.DELIVERED, MessageStatus.FAILED)
    rows = Message.objects.filter(template__round=survey_round, template__channel=channel, status__in=states)
    if user is not None:
        require_sender(user, survey_round)
        rows = within_province(rows, user, TO_THE_PROVINCE)
    return rows.only("n_attempts", "provider_number", "status", "reason").select_for_update(of=("self",))


def _is_news(message: Message, report: DeliveryReport) -> bool:
    """Tell whether a report says more than the ledger: what the provider refused to take never arrived."""
    if message.status == MessageStatus.FAILED:
        return report.is_delivered and message.reason.startswith(UNDELIVERED)
    return message.status != MessageStatus.DELIVERED


def _outcome(report: DeliveryReport) -> tuple[MessageStatus, str]:
    """Return the state that a report makes, and its reason."""
    if report.is_delivered:
        return MessageStatus.DELIVERED, ""
    return MessageStatus.FAILED, with_number(UNDELIVERED, report.error)

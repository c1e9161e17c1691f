"""The ledger of messages: counts by wave, and lines without address or name."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils import timezone

from questionnaires.languages import language_name
from questionnaires.messages.words import reason_words
from questionnaires.models import Channel, Message, MessageStatus, MessageTemplate
from sampling.models import SurveyRound
from sampling.selectors.territories import Person, within_province

LEDGER_HEADER = (
    "case", "purpose", "channel", "language", "wave", "status", "reason", "segments", "attempts",
    "queued", "sent",
)  # fmt: skip
"""Columns of the exported ledger."""


@dataclass(frozen=True, slots=True)
class WaveCount:
    """A wave of a template, with its messages by status."""

    template: str
    wave: int
    counts: tuple[int, ...]
    """In the order of `MessageStatus`."""
    total: int
    segments: int


def messages_of(survey_round: SurveyRound, user: Person) -> QuerySet[Message]:
    """Return the messages of a round that a person may see."""
    rows = Message.objects.filter(template__round=survey_round)
    return within_province(rows, user, "case__village__province")


def template_name(purpose: str, channel: str, language: str) -> str:
    """Return how a template is called."""
    names = (MessageTemplate.Purpose(purpose).label, Channel(channel).label, language_name(language))
    return ", ".join(map(str, names))


def wave_counts(survey_round: SurveyRound, user: Person) -> list[WaveCount]:
    """Return the waves of a round, the newest first within each template."""
    fields = ("template__purpose", "template__channel", "template__language", "wave")
    counted: dict[tuple[str, str, str, int], Counter[str]] = {}
    segments: Counter[tuple[str, str, str, int]] = Counter()
    rows = (
        messages_of(survey_round, user).values_list(*fields, "status", "n_segments").annotate(n=Count("pk"))
    )
    for *key, status, n_segments, n in rows.order_by(*fields[:3], "-wave"):
        name = (str(key[0]), str(key[1]), str(key[2]), int(key[3]))
        counted.setdefault(name, Counter())[status] += n
        segments[name] += n_segments * n
    return [
        WaveCount(
            template_name(*name[:3]),
            name[3],
            tuple(by_status[status.value] for status in MessageStatus),
            by_status.total(),
            segments[name],
        )
        for name, by_status in counted.items()
    ]


def ledger_rows(rows: QuerySet[Message]) -> Iterator[tuple[object, ...]]:
    """Yield the lines of a ledger as they are exported."""
    for message in rows.select_related("template", "case").order_by("pk").iterator():
        template = message.template
        yield (
            message.case.number,
            template.purpose,
            template.channel,
            template.language,
            message.wave,
            message.status,
            reason_words(message.reason),
            message.n_segments,
            message.n_attempts,
            timezone.localtime(message.queued_at).isoformat(timespec="minutes"),
            timezone.localtime(message.sent_at).isoformat(timespec="minutes") if message.sent_at else "",
        )

"""What is known of an open round: how many forms came in, which remarks they carry, what was answered."""

import datetime
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from questionnaires.models import OpenResponse, OpenRound, OpenRoundStatus, ResponseStatus
from questionnaires.schema import LIST_KINDS, Kind, Question, value_labels, without_places
from questionnaires.selectors.versions import schema_by_digest

CHUNK = 1_000
LEAST_SHOWN = 10
"""So many forms at least come to light together while a round with tokens is open.

Somebody has the list of dossiers with their tokens and can ask which token was used. Whoever saw a single new
form at the same time would know whose it is.
"""
COUNTED_KINDS = frozenset({Kind.LIKERT, Kind.SINGLE, Kind.MULTIPLE, Kind.YES_NO})
"""Kinds whose answers are counted option by option; numbers and words are in the spreadsheet."""


@dataclass(frozen=True, slots=True)
class OpenCounts:
    """How many forms an open round has."""

    n_sent: int
    n_under_way: int
    n_flagged: int
    by_flag: Mapping[str, int]
    by_place: Mapping[str, int]
    is_delayed: bool = False
    """Whether forms stay hidden until enough of them can be shown together."""

    @property
    def flags(self) -> list[tuple[str, int]]:
        """Remarks in words, each with its number of forms."""
        return [(str(flag.label), self.by_flag.get(flag, 0)) for flag in OpenResponse.Flag]

    @property
    def places(self) -> list[tuple[str, int]]:
        """Places whose code was followed, in alphabetical order, each with its number of forms."""
        return sorted(self.by_place.items())


@dataclass(frozen=True, slots=True)
class OptionCount:
    """How many chose an option, and how many per cent that is of those who answered the question."""

    label: str
    n: int
    percent: float


@dataclass(frozen=True, slots=True)
class QuestionCount:
    """The answers to one question."""

    code: str
    text: str
    n: int
    options: tuple[OptionCount, ...]
    allows_several: bool


def sent_forms(open_round: OpenRound, *, is_unflagged: bool = False) -> QuerySet[OpenResponse]:
    """Return the forms sent, in the order of their random identifiers; without those flagged if asked for."""
    sent = OpenResponse.objects.filter(round=open_round, status=ResponseStatus.SUBMITTED).order_by("pk")
    if is_delayed(open_round):
        last = _last_day_shown(sent)
        sent = sent.filter(submitted_on__lte=last) if last else sent.none()
    return sent.filter(flags=[]) if is_unflagged else sent


def is_delayed(open_round: OpenRound) -> bool:
    """Tell whether forms are shown later and together: a list of tokens exists, and some are unused."""
    return open_round.needs_token and open_round.status == OpenRoundStatus.OPEN


def _last_day_shown(sent: QuerySet[OpenResponse]) -> datetime.date | None:
    """Return the last day whose forms are shown: each step shows `LEAST_SHOWN` more at least."""
    past = sent.filter(submitted_on__lt=timezone.localdate()).order_by("submitted_on")
    last, n_waiting = None, 0
    for day, n in past.values_list("submitted_on").annotate(n=Count("pk")):
        n_waiting += n
        if n_waiting >= LEAST_SHOWN:
            last, n_waiting = day, 0
    return last


def find_open_response(lookups: Collection[str]) -> OpenResponse | None:
    """Return the sent form that one of some receipt hashes belongs to, without its answers."""
    sent = OpenResponse.objects.filter(receipt_hash__in=lookups, status=ResponseStatus.SUBMITTED)
    return sent.select_related("round").defer("answers").first()


def open_counts(open_round: OpenRound) -> OpenCounts:
    """Count the forms of a round, with their remarks and places."""
    by_flag, by_place = Counter[str](), Counter[str]()
    n_sent = n_flagged = 0
    for flags, place in sent_forms(open_round).values_list("flags", "place").iterator(chunk_size=CHUNK):
        n_sent += 1
        n_flagged += bool(flags)
        by_flag.update(flags)
        by_place.update([place] if place else [])
    drafts = OpenResponse.objects.filter(round=open_round, status=ResponseStatus.DRAFT)
    return OpenCounts(n_sent, drafts.count(), n_flagged, by_flag, by_place, is_delayed(open_round))


def question_counts(
    open_round: OpenRound, language: str, *, is_unflagged: bool = False
) -> tuple[QuestionCount, ...]:
    """Count each option of each question; those who skipped a question are left out of its per cent."""
    schema = schema_by_digest(open_round.version.digest)
    questions = [question for question in schema.questions if question.kind in COUNTED_KINDS]
    answered, chosen = Counter[str](), Counter[tuple[str, Any]]()
    for answers in _answers(open_round, is_unflagged=is_unflagged):
        for question in questions:
            values = _values(answers.get(question.code))
            answered[question.code] += bool(values)
            chosen.update((question.code, value) for value in values)
    return tuple(_count(question, answered[question.code], chosen, language) for question in questions)


def _answers(open_round: OpenRound, *, is_unflagged: bool) -> Iterator[dict[str, Any]]:
    """Yield the answers of the forms sent."""
    sent = sent_forms(open_round, is_unflagged=is_unflagged)
    return sent.values_list("answers", flat=True).iterator(chunk_size=CHUNK)


def _values(answer: Any) -> list[Any]:
    """Return the values of an answer: of several choices, one or none."""
    return answer if isinstance(answer, list) else [] if answer is None else [answer]


def _count(question: Question, n: int, chosen: Mapping[tuple[str, Any], int], language: str) -> QuestionCount:
    """Return the counts of one question in the order of its options."""
    options = tuple(
        OptionCount(label, found, 100 * found / n if n else 0.0)
        for value, label in value_labels(question, language)
        for found in [chosen.get((question.code, value), 0)]
    )
    text = without_places(question.text, language)
    return QuestionCount(question.code, text, n, options, question.kind in LIST_KINDS)

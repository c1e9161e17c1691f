"""Answers as they enter a snapshot: cut from their cases, with the place of these in the design."""

import datetime
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import F

from questionnaires.models import SeparatedResponse
from sampling.models import Sample, SurveyRound
from sampling.selectors import CaseDesignRow, design_row, place_fields

CHUNK = 2_000
KEY_BITS = 62
"""Random bits of an identifier that join a separated form with its place in the design."""
COPIED = (
    "stratum", "inclusion_probability", "design_weight", "is_reserve", "disposition", "sex", "age_group",
    "multiplicity",
)  # fmt: skip


class ResponseRow(NamedTuple):
    """One sent response, without receipt number, hour or name of the person who recorded it.

    `case_id` joins it with its row in the design; it is a random negative number.
    """

    case_id: int
    answers: dict[str, Any]
    mode: str
    language: str
    helper: str
    pressure: str
    submitted_on: datetime.date


def response_rows(survey_round: SurveyRound) -> Iterator[ResponseRow]:
    """Yield the sent responses of a round in the order of random identifiers, a chunk at a time."""
    sheet = ResponseRow._fields[1:]
    forms = SeparatedResponse.objects.filter(sample__round=survey_round).order_by("pk")
    for pk, *values in forms.values_list("pk", *sheet).iterator(chunk_size=CHUNK):
        yield ResponseRow(key_of(pk), *values)


def separated_design_rows(sample: Sample) -> Iterator[CaseDesignRow]:
    """Yield the place of every separated form in the design, as if it were a case without a number."""
    rows = SeparatedResponse.objects.filter(sample=sample).order_by("pk")
    values = rows.values("pk", *COPIED, **place_fields(), n_adults=F("household_adults"))
    for row in values.iterator(chunk_size=CHUNK):
        identity = {
            "pk": key_of(row["pk"]),
            "number": str(row["pk"]),
            "released_at": row["is_reserve"] or None,
        }
        yield design_row(row | identity)


def key_of(identifier: uuid.UUID) -> int:
    """Return the negative number that stands for a separated form where cases have theirs."""
    return -1 - (identifier.int & ((1 << KEY_BITS) - 1))

"""Answers as they enter a snapshot."""

import datetime
from collections.abc import Iterator
from typing import Any, NamedTuple

from questionnaires.models import Response
from sampling.models import SurveyRound

CHUNK = 2_000


class ResponseRow(NamedTuple):
    """One sent response, without receipt number, hour or name of the person who recorded it."""

    case_id: int
    answers: dict[str, Any]
    mode: str
    status: str
    language: str
    submitted_on: datetime.date


def response_rows(survey_round: SurveyRound) -> Iterator[ResponseRow]:
    """Yield the sent responses of a round in the order of their cases, a chunk at a time."""
    rows = (
        Response.objects.submitted()
        .filter(case__sample__round=survey_round)
        .order_by("case_id")
        .values_list(*ResponseRow._fields)
    )
    return map(ResponseRow._make, rows.iterator(chunk_size=CHUNK))

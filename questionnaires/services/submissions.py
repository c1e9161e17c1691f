"""Answers that are sent: one batch service for the wizard's last step, keying, files and the demonstration.

It validates with the compiled pure schema, keeps only what is on the path, and writes a chunk with a handful
of statements. Answers are cut from their case as they are sent; of what staff have taken down a row without
answers stays with the case until it is approved.
"""

import datetime
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from questionnaires.models import (
    Helper,
    Mode,
    QuestionnaireVersion,
    Response,
    ResponseStatus,
)
from questionnaires.schema import (
    UNANSWERED,
    AnswerError,
    Kind,
    Questionnaire,
    ValidationResult,
    compile_validator,
)
from questionnaires.selectors import attributes_of_cases, schema_by_digest, version_for_round
from questionnaires.services.receipts import new_receipts
from questionnaires.services.responses import (
    EMPTY_DRAFT,
    AnswersRefusedError,
    CaseNotAskedError,
    DuplicateSubmissionError,
    check_round_open,
)
from questionnaires.services.separation import write_separated
from questionnaires.services.traces import leave_trace, start_of_day
from sampling.models import Case, Disposition, SurveyRound

CHUNK = 2_000
COMPLETE_SHARE = 0.5
"""An interview with fewer than this share of its ratings answered is partial."""

SENT_FIELDS = (
    "version",
    "status",
    "mode",
    *EMPTY_DRAFT,
    "language",
    "started_at",
    "submitted_on",
    "recorded_by",
)


@dataclass(frozen=True, slots=True)
class Submission:
    """The answers of one interview on their way in."""

    case_id: int
    answers: Mapping[str, Any]
    mode: Mode
    language: str = "vi"
    consent_version: str = ""
    helper: str = ""
    pressure: str = ""
    submitted_on: datetime.date | None = None
    recorded_by_id: int | None = None
    version: QuestionnaireVersion | None = None
    """The version that was asked; that of the round where it is not said."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A submission that was not taken, and why."""

    case_id: int
    reason: str
    errors: tuple[AnswerError, ...] = ()


@dataclass(slots=True)
class BatchResult:
    """What became of a batch: taken, sent before already, refused."""

    created: int = 0
    duplicates: int = 0
    refused: list[Refusal] = field(default_factory=list)
    receipts: dict[int, str] = field(default_factory=dict)


def submit_response(*, response: Response, user: AbstractBaseUser | None = None) -> str:
    """Send the draft of one case; return its receipt number."""
    submission = Submission(
        case_id=response.case_id,
        answers=response.answers,
        mode=Mode(response.mode),
        language=response.language,
        consent_version=response.consent_version,
        helper=response.helper,
        pressure=response.pressure,
        recorded_by_id=response.recorded_by_id,
        version=response.version,
    )
    return submit_single(round=response.case.sample.round, submission=submission, user=user)


def submit_single(*, round: SurveyRound, submission: Submission, user: AbstractBaseUser | None = None) -> str:
    """Send one submission as a batch of one; return its receipt number, or raise what was wrong with it."""
    result = submit_responses(round=round, submissions=[submission], user=user)
    if result.duplicates:
        raise DuplicateSubmissionError(_("This code has already been used to send answers."))
    for refusal in result.refused:
        raise REFUSALS.get(refusal.reason, CaseNotAskedError)(refusal.errors or refusal.reason)
    return result.receipts[submission.case_id]


REFUSALS: dict[str, Callable[..., Exception]] = {"answers": AnswersRefusedError}


def submit_responses(
    *,
    round: SurveyRound,
    submissions: Iterable[Submission],
    user: AbstractBaseUser | None = None,
    moment: datetime.datetime | None = None,
    progress: Callable[[int], None] | None = None,
) -> BatchResult:
    """Take the submissions of a round in chunks; a second one for a case is counted and changes nothing.

    `moment` stands for now: the round must take answers then, as it is read at the start and again at the
    end. `progress` gets the number handled so far.
    """
    moment = moment or timezone.now()
    check_round_open(round, moment=moment)
    version = version_for_round(round)
    result, handled = BatchResult(), 0
    batch = _Batch(round, version, schema_by_digest(version.digest), timezone.localdate(moment), result)
    with transaction.atomic():
        for chunk in itertools.batched(submissions, CHUNK, strict=False):
            batch.take(chunk)
            handled += len(chunk)
            if progress is not None:
                progress(handled)
        check_round_open(SurveyRound.objects.get(pk=round.pk), moment=moment)
        _log_batch(round, result, handled, user)
    return result


def _log_batch(
    survey_round: SurveyRound, result: BatchResult, handled: int, user: AbstractBaseUser | None
) -> None:
    """Write one audit entry for a batch, without answers and cases: it must not tell who answered when."""
    counts = {"n": handled, "created": result.created, "duplicates": result.duplicates}
    data = counts | {"refused": len(result.refused)}
    leave_trace(survey_round, "questionnaires.submit", user=user, data=data)


@dataclass(slots=True)
class _Batch:
    """One batch under way."""

    round: SurveyRound
    version: QuestionnaireVersion
    schema: Questionnaire
    today: datetime.date
    result: BatchResult
    outcomes: dict[int, Disposition] = field(default_factory=dict)

    def take(self, chunk: Sequence[Submission]) -> None:
        """Validate and write one chunk; locking the cases lets one of two who send at once wait."""
        ids = {submission.case_id for submission in chunk}
        asked = Case.objects.select_for_update(of=("self",)).filter(pk__in=ids, sample__round=self.round)
        cases = asked.active().with_known_person().select_related("household").in_bulk()
        found = Response.objects.filter(case__in=ids).defer("answers")
        drafts = {response.case_id: response for response in found}
        attributes = attributes_of_cases(cases.values()) if self.schema.attributes else {}
        rows: dict[int, Response] = {}
        for submission in chunk:
            case_id = submission.case_id
            if case_id not in cases:
                self.result.refused.append(Refusal(case_id, "case"))
            elif case_id in rows or cases[case_id].has_answered:
                self.result.duplicates += 1
            elif row := self._response(submission, drafts.get(case_id), attributes):
                rows[case_id] = row
        self._write(rows, drafts, cases)

    def _response(
        self, submission: Submission, draft: Response | None, attributes: Mapping[int, dict[str, Any]]
    ) -> Response | None:
        """Return the row of a submission, or note why there is none."""
        version = submission.version or self.version
        schema = schema_by_digest(version.digest)
        checked = compile_validator(schema).validate(
            submission.answers, attributes.get(submission.case_id), complete=True
        )
        if checked.errors:
            self.result.refused.append(Refusal(submission.case_id, "answers", tuple(checked.errors)))
            return None
        self.outcomes[submission.case_id] = _outcome(checked, _ratings(schema))
        row = draft or Response(case_id=submission.case_id)
        row.version, row.answers = version, checked.answers
        return _filled(row, submission, submission.submitted_on or self.today)

    def _write(
        self, rows: Mapping[int, Response], drafts: Mapping[int, Response], cases: Mapping[int, Case]
    ) -> None:
        """Write the forms of a chunk, the outcomes of their cases and the receipts; staff forms wait."""
        receipts = new_receipts(len(rows), is_demo=self.round.is_demo)
        self.result.receipts |= {
            case_id: number for case_id, (number, _keys) in zip(rows, receipts, strict=True)
        }
        self._write_outcomes(cases)
        write_separated(
            (row, cases[case_id], keys)
            for (case_id, row), (_number, keys) in zip(rows.items(), receipts, strict=True)
        )
        waiting = {case_id: _emptied(row) for case_id, row in rows.items() if row.mode != Mode.WEB}
        Response.objects.filter(case__in=rows.keys() & drafts.keys() - waiting.keys()).delete()
        Response.objects.bulk_create(row for case_id, row in waiting.items() if case_id not in drafts)
        begun = [row for case_id, row in waiting.items() if case_id in drafts]
        Response.objects.bulk_update(begun, SENT_FIELDS)
        self.result.created += len(rows)

    def _write_outcomes(self, cases: Mapping[int, Case]) -> None:
        """Write the outcomes of the cases of a chunk; they say from now on who has answered."""
        for outcome in set(self.outcomes.values()):
            case_ids = [case_id for case_id, found in self.outcomes.items() if found == outcome]
            Case.objects.filter(pk__in=case_ids).update(disposition=outcome)
        for case_id, outcome in self.outcomes.items():
            cases[case_id].disposition = outcome
        self.outcomes.clear()


def _filled(row: Response, submission: Submission, day: datetime.date) -> Response:
    """Return a row with all that was sent beside the answers; the hour is forgotten."""
    by_default = Helper.ENUMERATOR.value if submission.mode == Mode.INTERVIEW else ""
    row.status = ResponseStatus.SUBMITTED
    row.mode = submission.mode
    row.language = submission.language
    row.consent_version = submission.consent_version
    row.helper, row.pressure = submission.helper or by_default, submission.pressure
    row.submitted_on, row.started_at = day, start_of_day(day)
    row.recorded_by_id = submission.recorded_by_id
    return row


def _emptied(row: Response) -> Response:
    """Return the row of a sent form without all that was told: it only waits for approval from now on."""
    row.language = Response().language
    for name, value in EMPTY_DRAFT.items():
        setattr(row, name, copy(value))
    return row


@lru_cache(maxsize=16)
def _ratings(schema: Questionnaire) -> frozenset[str]:
    """Return the codes of the ratings, whose answers decide between complete and partial."""
    return frozenset(question.code for question in schema.questions if question.kind is Kind.LIKERT)


def _outcome(checked: ValidationResult, ratings: frozenset[str]) -> Disposition:
    """Return complete, or partial where fewer than half of the ratings on the path were answered."""
    n_answered = sum(code in ratings for code in checked.answers)
    unanswered = {reminder.question for reminder in checked.reminders if reminder.code == UNANSWERED}
    n_open = len(unanswered & ratings)
    is_complete = n_answered >= COMPLETE_SHARE * (n_answered + n_open)
    return Disposition.COMPLETE if is_complete else Disposition.PARTIAL

"""Taking answers: drafts while somebody answers, and one batch service for everything that is sent.

The wizard's last step, keying and the demonstration all go through `submit_responses`; it validates with the
compiled pure schema, keeps only what is on the path, and writes a chunk with a handful of statements.
"""

import datetime
import itertools
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from questionnaires.models import Mode, QuestionnaireVersion, Response, ResponseStatus
from questionnaires.schema import (
    UNANSWERED,
    AnswerError,
    Kind,
    Questionnaire,
    ValidationResult,
    compile_validator,
)
from questionnaires.selectors import (
    attributes_of_cases,
    require_questionnaire,
    schema_by_digest,
    version_for_round,
)
from sampling.models import Case, Disposition, SurveyRound

CHUNK = 2_000
COMPLETE_SHARE = 0.5
"""An interview with fewer than this share of its ratings answered is partial."""

RECEIPT_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
RECEIPT_PREFIX = "BN"
RECEIPT_GROUP = 4
RECEIPT_DIGITS = 8
SENT_FIELDS = (
    "version",
    "status",
    "mode",
    "language",
    "answers",
    "consent_version",
    "receipt_number",
    "started_at",
    "submitted_on",
    "recorded_by",
    "passed_sections",
)


SAVED_FIELDS = ("answers", "passed_sections", "language", "n_saves")


class RoundNotOpenError(ValueError):
    """Raised when answers come before the opening or after the closing of a round."""


class DuplicateSubmissionError(ValueError):
    """Raised when a case has sent its answers already."""


class DraftSavedElsewhereError(RuntimeError):
    """Raised when a draft was saved on another device since it was read."""


class CaseNotAskedError(ValueError):
    """Raised for a reserve that was not released."""


class AnswersRefusedError(ValueError):
    """Raised when answers break a hard rule; `errors` names each."""

    def __init__(self, errors: Sequence[AnswerError]) -> None:
        super().__init__(", ".join(f"{error.question}: {error.code}" for error in errors))
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class Submission:
    """The answers of one interview on their way in."""

    case_id: int
    answers: Mapping[str, Any]
    mode: Mode
    language: str = "vi"
    consent_version: str = ""
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


@transaction.atomic
def start_response(
    *,
    case: Case,
    mode: Mode,
    language: str,
    user: AbstractBaseUser | None = None,
    consent_version: str = "",
    consent_statements: Sequence[str] = (),
) -> Response:
    """Return the draft of a case, begun now or earlier elsewhere; the consent just given is kept with it.

    An interview begins anew where the respondent had answered alone: no interviewer reads those answers.
    """
    Case.objects.select_for_update().get(pk=case.pk)
    check_can_answer(case)
    version = version_for_round(case.sample.round)
    response, is_new = Response.objects.get_or_create(
        case=case, defaults={"version": version, "mode": mode, "language": language}
    )
    if response.status == ResponseStatus.SUBMITTED:
        raise DuplicateSubmissionError(_("This code has already been used to send answers."))
    is_anew = mode == Mode.INTERVIEW and response.mode == Mode.WEB
    if is_anew:
        response.answers, response.passed_sections = {}, []
    if response.mode != mode:
        response.n_saves += 1
    response.mode, response.language = mode, language
    response.recorded_by_id = user.pk if user else None
    response.consent_version = consent_version or response.consent_version
    response.consent_statements = list(consent_statements) or response.consent_statements
    response.full_clean()
    response.save()
    if is_new or is_anew:
        _log_arrival(case, "questionnaires.start", mode, user)
    return response


@transaction.atomic
def decline_case(*, case: Case, user: AbstractBaseUser | None = None) -> None:
    """Record that somebody does not want to take part; whoever changes their mind may still answer."""
    check_can_answer(case)
    Case.objects.filter(pk=case.pk, disposition=Disposition.PENDING).update(disposition=Disposition.REFUSAL)
    _log_arrival(case, "questionnaires.decline", Mode.INTERVIEW if user else Mode.WEB, user)


def check_can_answer(case: Case, *, moment: datetime.datetime | None = None) -> None:
    """Raise unless the round takes answers now, has a questionnaire, and the case may be asked."""
    check_round_open(case.sample.round, moment=moment)
    require_questionnaire(case.sample.round)
    if case.is_reserve and case.released_at is None:
        raise CaseNotAskedError(
            _("Case %(number)s is a reserve that was not released.") % {"number": case.number}
        )
    if not case.has_known_person:
        raise CaseNotAskedError(
            _("Case %(number)s is a household whose adults are not listed yet.") % {"number": case.number}
        )


def check_round_open(survey_round: SurveyRound, *, moment: datetime.datetime | None = None) -> None:
    """Raise unless the round takes answers at `moment` (default: now)."""
    if not survey_round.accepts_answers(moment):
        raise RoundNotOpenError(
            _("Round %(round)s takes answers from %(opens)s to %(closes)s while open; it is “%(status)s”.")
            % {
                "round": survey_round.code,
                "opens": f"{timezone.localtime(survey_round.opens_at):%d/%m/%Y %H:%M}",
                "closes": f"{timezone.localtime(survey_round.closes_at):%d/%m/%Y %H:%M}",
                "status": survey_round.get_status_display(),
            }
        )


def save_draft(
    *, response: Response, answers: Mapping[str, Any], passed_section: str = "", language: str = ""
) -> Response:
    """Keep the answers given so far on the draft; they are validated again when they are sent.

    A draft that another device saved meanwhile is left as it is: read it again, and save again.
    """
    passed = [*response.passed_sections, passed_section]
    known = response.n_saves
    response.answers = dict(answers)
    response.passed_sections = list(dict.fromkeys(code for code in passed if code))
    response.language = language or response.language
    response.n_saves = known + 1
    fields = {name: getattr(response, name) for name in SAVED_FIELDS}
    if not Response.objects.drafts().filter(pk=response.pk, n_saves=known).update(**fields):
        if Response.objects.drafts().filter(pk=response.pk).exists():
            raise DraftSavedElsewhereError(_("The answers were saved on another device meanwhile."))
        raise DuplicateSubmissionError(_("This code has already been used to send answers."))
    return response


def submit_response(*, response: Response, user: AbstractBaseUser | None = None) -> Response:
    """Send the draft of one case."""
    submission = Submission(
        case_id=response.case_id,
        answers=response.answers,
        mode=Mode(response.mode),
        language=response.language,
        consent_version=response.consent_version,
        recorded_by_id=response.recorded_by_id,
        version=response.version,
    )
    submit_single(round=response.case.sample.round, submission=submission, user=user)
    return Response.objects.get(pk=response.pk)


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

    `moment` stands for now: the round must take answers then. `progress` gets the number handled so far.
    """
    check_round_open(round, moment=moment)
    version = version_for_round(round)
    result, handled = BatchResult(), 0
    today = timezone.localdate(moment) if moment else timezone.localdate()
    batch = _Batch(round, version, schema_by_digest(version.digest), today, result)
    with transaction.atomic():
        for chunk in itertools.batched(submissions, CHUNK, strict=False):
            batch.take(chunk)
            handled += len(chunk)
            if progress is not None:
                progress(handled)
        _log_batch(round, result, handled, user)
    return result


def _log_batch(
    survey_round: SurveyRound, result: BatchResult, handled: int, user: AbstractBaseUser | None
) -> None:
    """Write one audit entry for a batch, without answers and cases: it must not tell who answered when."""
    counts = {"n": handled, "created": result.created, "duplicates": result.duplicates}
    log(
        instance=survey_round,
        action="questionnaires.submit",
        user=user,
        data=counts | {"refused": len(result.refused)},
    )


def _log_arrival(case: Case, action: str, mode: Mode, user: AbstractBaseUser | None) -> None:
    """Write an audit entry; a citizen's own device leaves no trace of the case, staff do."""
    number = case.number if user else ""
    log(instance=case.sample.round, action=action, user=user, data={"mode": str(mode), "case": number})


@dataclass(slots=True)
class _Batch:
    """One batch under way."""

    round: SurveyRound
    version: QuestionnaireVersion
    schema: Questionnaire
    today: datetime.date
    result: BatchResult
    outcomes: dict[Disposition, list[int]] = field(default_factory=dict)

    def take(self, chunk: Sequence[Submission]) -> None:
        """Validate and write one chunk."""
        ids = {submission.case_id for submission in chunk}
        asked = Case.objects.select_for_update().filter(pk__in=ids, sample__round=self.round).active()
        cases = asked.with_known_person().in_bulk()
        known = {
            response.case_id: response for response in Response.objects.filter(case__in=ids).defer("answers")
        }
        attributes = attributes_of_cases(cases.values()) if self.schema.attributes else {}
        rows: dict[int, Response] = {}
        for submission in chunk:
            if submission.case_id not in cases:
                self.result.refused.append(Refusal(submission.case_id, "case"))
            elif submission.case_id in rows or _is_sent(known.get(submission.case_id)):
                self.result.duplicates += 1
            else:
                row = self._response(submission, known.get(submission.case_id), attributes)
                rows |= {submission.case_id: row} if row else {}
        self._write(rows, known)

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
        self.outcomes.setdefault(_outcome(checked, _ratings(schema)), []).append(submission.case_id)
        row = draft or Response(case_id=submission.case_id)
        day = submission.submitted_on or self.today
        row.version = version
        row.status = ResponseStatus.SUBMITTED
        row.mode = submission.mode
        row.language = submission.language
        row.answers = checked.answers
        row.consent_version = submission.consent_version
        row.submitted_on = day
        row.started_at = timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
        row.recorded_by_id = submission.recorded_by_id
        row.passed_sections = []
        return row

    def _write(self, rows: Mapping[int, Response], known: Mapping[int, Response]) -> None:
        """Write the rows of a chunk, the outcomes of their cases and the receipts."""
        for row, receipt in zip(rows.values(), _new_receipts(len(rows)), strict=True):
            row.receipt_number = receipt
        Response.objects.bulk_create([row for case_id, row in rows.items() if case_id not in known])
        Response.objects.bulk_update([row for case_id, row in rows.items() if case_id in known], SENT_FIELDS)
        for outcome, case_ids in self.outcomes.items():
            Case.objects.filter(pk__in=case_ids).update(disposition=outcome)
        self.outcomes.clear()
        self.result.created += len(rows)
        self.result.receipts |= {case_id: str(row.receipt_number) for case_id, row in rows.items()}


def _is_sent(response: Response | None) -> bool:
    """Tell whether a case has sent its answers."""
    return response is not None and response.status == ResponseStatus.SUBMITTED


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


def _new_receipts(count: int) -> list[str]:
    """Return receipt numbers that nobody has yet."""
    receipts: set[str] = set()
    while len(receipts) < count:
        candidates = {_receipt() for _position in range(count - len(receipts))}
        taken = Response.objects.filter(receipt_number__in=candidates).values_list(
            "receipt_number", flat=True
        )
        receipts |= candidates.difference(taken)
    return list(receipts)


def _receipt() -> str:
    """Return a random receipt number in groups, from signs that are not confused."""
    signs = "".join(RECEIPT_SIGNS[byte % len(RECEIPT_SIGNS)] for byte in secrets.token_bytes(RECEIPT_DIGITS))
    return f"{RECEIPT_PREFIX} {signs[:RECEIPT_GROUP]} {signs[RECEIPT_GROUP:]}"

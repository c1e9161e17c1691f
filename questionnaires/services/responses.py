"""Answering under way: beginning, declining, and the draft that is saved section by section."""

import datetime
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from questionnaires.models import DraftedSheet, Mode, OpenRound, Response
from questionnaires.schema import AnswerError
from questionnaires.selectors import require_questionnaire, version_for_round
from questionnaires.services.traces import leave_trace, start_of_day
from sampling.models import Case, Disposition, SurveyRound

READ_BEFORE = ("case", "version", "recorded_by")
"""Rows that were read, and the case locked, before a draft points at them: nothing to look up again."""
SAVED_FIELDS = ("answers", "passed_sections", "language", "n_saves")
EMPTY_DRAFT: Mapping[str, Any] = {
    "answers": {},
    "passed_sections": [],
    "consent_version": "",
    "consent_statements": [],
    "helper": "",
    "pressure": "",
}
"""What a draft that is begun anew keeps of the one before: nothing."""


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


@transaction.atomic
def start_response(
    *,
    case: Case,
    mode: Mode,
    language: str,
    user: AbstractBaseUser | None = None,
    consent_version: str = "",
    consent_statements: Sequence[str] = (),
    code_digest: str = "",
) -> Response:
    """Return the draft of a case, begun now or earlier elsewhere; the consent just given is kept with it.

    The same code goes on with its draft. Another code of the case begins anew, and so does an interview after
    the respondent had answered alone, or the other way round: whoever prints letters reads no answers.
    """
    locked = Case.objects.select_for_update().get(pk=case.pk)
    check_can_answer(case)
    refuse_answered(locked)
    beginning = {"version": version_for_round(case.sample.round), "mode": mode, "begun_with": code_digest}
    if mode == Mode.WEB:
        beginning["started_at"] = start_of_day()
    response = Response.objects.select_for_update(of=("self",)).filter(case=locked).first()
    is_beginning = response is None or response.is_sealed_for(mode, code_digest)
    if response is None:
        response = Response(case=locked, **beginning)
    elif is_beginning:
        for name, value in {**EMPTY_DRAFT, **beginning}.items():
            setattr(response, name, copy(value))
        response.n_saves += 1
    response.language = language
    response.recorded_by_id = user.pk if user else None
    response.consent_version = consent_version or response.consent_version
    response.consent_statements = list(consent_statements) or response.consent_statements
    response.clean_fields(exclude=READ_BEFORE)
    response.save()
    if is_beginning:
        _log_arrival(case, "questionnaires.start", mode, user)
    return response


def refuse_answered(case: Case) -> None:
    """Raise where a case has sent its answers: its outcome says so, wherever the answers are."""
    if case.has_answered:
        raise DuplicateSubmissionError(_("This code has already been used to send answers."))


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
        raise not_open(survey_round)


def not_open(closed: SurveyRound | OpenRound) -> RoundNotOpenError:
    """Return the error for a round of either kind that takes no answers, with its dates."""
    return RoundNotOpenError(
        _("Round %(round)s takes answers from %(opens)s to %(closes)s while open; it is “%(status)s”.")
        % {
            "round": closed.code,
            "opens": f"{timezone.localtime(closed.opens_at):%d/%m/%Y %H:%M}",
            "closes": f"{timezone.localtime(closed.closes_at):%d/%m/%Y %H:%M}",
            "status": closed.get_status_display(),
        }
    )


def save_draft[Sheet: DraftedSheet](
    *, response: Sheet, answers: Mapping[str, Any], passed_section: str = "", language: str = ""
) -> Sheet:
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
    drafts = type(response).drafts_of(response)
    if not drafts.filter(n_saves=known).update(**fields):
        if drafts.exists():
            raise DraftSavedElsewhereError(_("The answers were saved on another device meanwhile."))
        raise DuplicateSubmissionError(_("This code has already been used to send answers."))
    return response


def note_assistance[Sheet: DraftedSheet](*, response: Sheet, helper: str, pressure: str) -> Sheet:
    """Keep with the draft who helped, and whether somebody told the respondent what to answer."""
    response.helper, response.pressure = helper, pressure
    type(response).drafts_of(response).update(helper=helper, pressure=pressure)
    return response


def _log_arrival(case: Case, action: str, mode: Mode, user: AbstractBaseUser | None) -> None:
    """Write an audit entry; a citizen's own device leaves neither case nor hour, staff leave both."""
    number = case.number if user else ""
    leave_trace(case.sample.round, action, user=user, data={"mode": str(mode), "case": number})

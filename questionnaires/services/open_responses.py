"""Answers to open rounds: begun without a code, sent once, withdrawn by receipt; nobody knows whose."""

import datetime
from collections.abc import Collection, Mapping, Sequence

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from questionnaires.models import OpenResponse, OpenRound, OpenRoundStatus, ResponseStatus, SpentToken
from questionnaires.open_tokens import Token, read_token
from questionnaires.receipt_keys import ReceiptKeys, keys_to_try, new_number, receipt_keys
from questionnaires.schema import DEFAULT_LANGUAGE, compile_validator
from questionnaires.selectors import find_open_response, schema_by_digest
from questionnaires.services.responses import (
    AnswersRefusedError,
    DuplicateSubmissionError,
    RoundNotOpenError,
    not_open,
)
from questionnaires.services.traces import leave_trace
from questionnaires.services.withdrawal import WithdrawalError

DRAFT_DAYS = 1
"""Forms begun before yesterday can be reached by no session any more, and are deleted."""


class TokenUsedError(ValueError):
    """Raised when a form was sent with a token, or for its dossier, before."""


def check_open_round(open_round: OpenRound) -> None:
    """Raise unless an open round takes answers now."""
    if not open_round.accepts_answers():
        raise not_open(open_round)


def check_token(*, round: OpenRound, token: str) -> Token:
    """Return what is remembered of a token of a round; raise where it is not taken or was used."""
    checked = read_token(token, round.code, timezone.localdate())
    used = SpentToken.objects.filter(round=round)
    is_spent = used.filter(token_hash=checked.token_hash) | used.filter(dossier_hash=checked.dossier_hash)
    if is_spent.exists():
        raise TokenUsedError(_("A form was sent with this token before."))
    return checked


@transaction.atomic
def start_open_response(
    *,
    round: OpenRound,
    language: str,
    place: str = "",
    consent_version: str = "",
    consent_statements: Sequence[str] = (),
) -> OpenResponse:
    """Begin a form, kept under a random identifier that only the session of whoever answers knows."""
    check_open_round(round)
    yesterday = timezone.localdate() - datetime.timedelta(days=DRAFT_DAYS)
    drafts = OpenResponse.objects.filter(round=round, status=ResponseStatus.DRAFT)
    drafts.filter(started_on__lt=yesterday).delete()
    response = OpenResponse(
        round=round,
        version=round.version,
        language=language,
        place=place,
        had_token=round.needs_token,
        consent_version=consent_version,
        consent_statements=list(consent_statements),
    )
    response.full_clean()
    response.save()
    return response


def discard_open_response(*, response: OpenResponse) -> None:
    """Delete a form that was not sent, as whoever answers asks for."""
    OpenResponse.objects.filter(pk=response.pk, status=ResponseStatus.DRAFT).delete()


@transaction.atomic
def key_open_response(
    *, round: OpenRound, answers: Mapping[str, object], place: str = "", user: AbstractBaseUser
) -> str:
    """Take a form that was filled in on paper and return its receipt number.

    It is marked as keyed by staff: nobody else has seen the paper. A round with tokens takes none.
    """
    if round.needs_token:
        raise RoundNotOpenError(
            _("Each form of open round %(round)s needs a token; forms on paper are not taken.")
            % {"round": round.code}
        )
    consent = schema_by_digest(round.version.digest).consent
    draft = start_open_response(
        round=round,
        language=DEFAULT_LANGUAGE,
        place=place,
        consent_version=consent.version if consent else "",
    )
    draft.answers = dict(answers)
    draft.save(update_fields=["answers"])
    return submit_open_response(response=draft, flags=(OpenResponse.Flag.PAPER,), user=user)


def submit_open_response(
    *,
    response: OpenResponse,
    token: str = "",
    flags: Collection[OpenResponse.Flag] = (),
    user: AbstractBaseUser | None = None,
) -> str:
    """Send a form and return its receipt number, which is kept nowhere.

    The answers go on under a fresh identifier, with the day and not the hour. A token is spent in the same
    transaction, in a table that does not point at the answers.
    """
    number = new_number()
    lookup = receipt_keys(number, is_demo=response.round.is_demo).lookup
    with transaction.atomic():
        draft = _locked_draft(response)
        check_open_round(draft.round)
        if draft.round.needs_token:
            _spend(draft.round, token)
        answers = _checked_answers(draft)
        _write(draft, answers, lookup, flags)
        leave_trace(draft.round, "questionnaires.submit_open", user=user, data={"n": 1})
    return number


def _locked_draft(response: OpenResponse) -> OpenResponse:
    """Return the draft, locked; of two who send it at once only one does."""
    drafts = OpenResponse.objects.select_for_update(of=("self",)).select_related("round", "version")
    draft = drafts.filter(pk=response.pk, status=ResponseStatus.DRAFT).first()
    if draft is None:
        raise DuplicateSubmissionError(_("This form was sent before."))
    return draft


def _checked_answers(draft: OpenResponse) -> dict[str, object]:
    """Return the answers on the path; raise for those that break a hard rule."""
    schema = schema_by_digest(draft.version.digest)
    checked = compile_validator(schema).validate(draft.answers, {}, complete=True)
    if checked.errors:
        raise AnswersRefusedError(checked.errors)
    return dict(checked.answers)


def _spend(open_round: OpenRound, token: str) -> None:
    """Remember a token and its dossier as used."""
    checked = check_token(round=open_round, token=token)
    try:
        with transaction.atomic():
            SpentToken.objects.create(
                round=open_round, token_hash=checked.token_hash, dossier_hash=checked.dossier_hash
            )
    except IntegrityError as error:
        raise TokenUsedError(_("A form was sent with this token before.")) from error


def _write(
    draft: OpenResponse, answers: dict[str, object], lookup: str, flags: Collection[OpenResponse.Flag]
) -> None:
    """Put a sent form in the place of its draft, under an identifier that no page has shown."""
    OpenResponse.objects.filter(pk=draft.pk).delete()
    OpenResponse.objects.create(
        round=draft.round,
        version=draft.version,
        language=draft.language,
        place=draft.place,
        had_token=draft.had_token,
        consent_version=draft.consent_version,
        consent_statements=draft.consent_statements,
        helper=draft.helper,
        pressure=draft.pressure,
        answers=answers,
        flags=[str(flag) for flag in OpenResponse.Flag if flag in flags],
        status=ResponseStatus.SUBMITTED,
        submitted_on=timezone.localdate(),
        receipt_hash=lookup,
    )


@transaction.atomic
def withdraw_open_response(*, number: str, keys: Sequence[ReceiptKeys] = ()) -> OpenRound:
    """Delete the form behind a receipt number, as its holder asks; the round must not be closed yet.

    `keys` are those of the number, where they were derived before.
    """
    response = find_open_response([tried.lookup for tried in keys or keys_to_try(number)])
    if response is None:
        raise WithdrawalError(_("No form has this receipt number any more."))
    open_round = OpenRound.objects.select_for_update(of=("self",)).get(pk=response.round_id)
    if open_round.status == OpenRoundStatus.CLOSED:
        raise WithdrawalError(
            _("Open round %(round)s is closed: its forms can no longer be withdrawn.")
            % {"round": open_round.code}
        )
    deleted, _by_model = OpenResponse.objects.filter(pk=response.pk).delete()
    if not deleted:
        raise WithdrawalError(_("No form has this receipt number any more."))
    leave_trace(open_round, "questionnaires.withdraw_open", user=None, data={"channel": "receipt"})
    return open_round

"""Taking answers back: whoever sent a form may withdraw it until the data of the round are frozen."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from questionnaires.models import Mode, Response, ResponseStatus, SeparatedResponse
from questionnaires.receipt_keys import ReceiptKeys
from questionnaires.services.receipts import SentForm, find_sent
from questionnaires.services.separation import linked_forms, lost_links
from questionnaires.services.traces import leave_trace
from sampling.models import Case, Disposition, SurveyRound
from sampling.models.rounds import RoundStatus
from sampling.services.territories import require_place

BY_RECEIPT: Mapping[str, str] = {"channel": "receipt"}
"""All that the audit log says of a form withdrawn with its receipt: not whose it was."""


class WithdrawalError(ValueError):
    """Raised when there is no form with a number, or its round is frozen."""


@transaction.atomic
def withdraw_response(*, number: str, reason: str = "", user: AbstractBaseUser | None = None) -> Case:
    """Delete the answers behind a receipt or case number; their case counts as a refusal from now on.

    A case number finds a form that staff have taken down and nobody has approved yet; after that, as for a
    form sent alone, only the receipt number leads to it. The audit log names round and reason, and the case
    where it was given, never the receipt: who holds a receipt must not be known.
    """
    sent = find_sent(number)
    if sent is not None:
        return _withdraw(sent, number, {**BY_RECEIPT, "reason": reason}, user)
    response = _find_by_case(number)
    linked = linked_forms([response.case_id])
    n_links = linked.count()
    if response.status == ResponseStatus.SUBMITTED and not n_links:
        raise WithdrawalError(lost_links(expected=1, found=0))
    details = {"case": response.case.number, "reason": reason, "links": n_links}
    rows = Response.objects.filter(pk=response.pk), linked
    return _delete(rows, response.case_id, response.case.sample.round, number, details, user)


@transaction.atomic
def withdraw_by_receipt(*, number: str, keys: Sequence[ReceiptKeys] = ()) -> SurveyRound:
    """Delete the answers behind a receipt number, as its holder asks on the page; return their round.

    Case numbers are not taken: they stand on letters and lists. Nor are receipts of interviews and paper
    forms, which staff have seen: those are withdrawn by whoever calls, with a trace. The audit log says that
    a form of the round was withdrawn and not which. Whoever wants to correct answers may answer again with
    the code. `keys` are those of the number, where they were derived before.
    """
    sent = find_sent(number, keys)
    if sent is None:
        raise _unknown(number)
    if sent.form.mode != Mode.WEB:
        raise WithdrawalError(
            _("Answers given to an enumerator or on paper are withdrawn by telephone or letter.")
        )
    return _withdraw(sent, number, BY_RECEIPT, None).sample.round


def _withdraw(sent: SentForm, number: str, details: Mapping[str, Any], user: AbstractBaseUser | None) -> Case:
    """Delete the form behind a receipt; whose it was is opened with the key that the number gives."""
    _refuse_frozen(sent.round)
    case_id = sent.keys.open(sent.form.sealed_case)
    form = SeparatedResponse.objects.filter(receipt_hash=sent.form.receipt_hash)
    rows = form, Response.objects.filter(case=case_id)
    return _delete(rows, case_id, sent.round, number, details, user)


def _delete(
    rows: tuple[QuerySet[Any], QuerySet[Any]],
    case_id: int,
    survey_round: SurveyRound,
    number: str,
    details: Mapping[str, Any],
    user: AbstractBaseUser | None,
) -> Case:
    """Delete a row that was found, and what belongs to it; of two who withdraw at once only one succeeds.

    Approving and freezing wait meanwhile.
    """
    found, belonging = rows
    locked = SurveyRound.objects.select_for_update().get(pk=survey_round.pk)
    case = Case.objects.select_for_update().get(pk=case_id)
    require_place(user, locked, {case.village.province_id})
    _refuse_frozen(locked)
    deleted, _by_model = found.delete()
    if not deleted:
        raise _unknown(number)
    belonging.delete()
    case.disposition = Disposition.REFUSAL
    case.save(update_fields=["disposition"])
    leave_trace(locked, "questionnaires.withdraw", user=user, data=details)
    return case


def _refuse_frozen(survey_round: SurveyRound) -> None:
    """Refuse to take anything out of data that no longer change."""
    if survey_round.status == RoundStatus.FROZEN:
        raise WithdrawalError(
            _("The data of round %(round)s are frozen: its forms can no longer be withdrawn.")
            % {"round": survey_round.code}
        )


def _find_by_case(number: str) -> Response:
    """Return what was begun or waits under a case number; where numbers repeat, in an unfrozen round."""
    typed = _typed(number)
    rows = Response.objects.filter(case__number__iexact=typed).defer("answers")
    found = list(rows.select_related("case__sample__round"))
    open_to_it = [row for row in found if row.case.sample.round.status != RoundStatus.FROZEN]
    if len(open_to_it) > 1:
        raise WithdrawalError(
            _("The number %(number)s stands for forms of several rounds. Give the receipt number instead.")
            % {"number": typed}
        )
    if not found:
        raise _unknown(number)
    return (open_to_it or found)[0]


def _typed(number: str) -> str:
    """Return a number composed and without surplus spaces."""
    return " ".join(unicodedata.normalize("NFKC", number).split())


def _unknown(number: str) -> WithdrawalError:
    """Return the error for a number that no form has."""
    return WithdrawalError(
        _(
            "Expected a receipt number such as BN 23456 789AB, or the case number of a form that is not "
            "approved yet; got %(number)s, which no form has. Check the number."
        )
        % {"number": _typed(number) or "–"}
    )

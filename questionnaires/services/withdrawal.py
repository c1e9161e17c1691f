"""Taking answers back: whoever sent a form may withdraw it until the data of the round are frozen."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from questionnaires.models import Mode, Response
from questionnaires.services.receipts import receipt_number
from sampling.models import Case, Disposition, SurveyRound
from sampling.models.rounds import RoundStatus
from sampling.services.territories import require_place

BY_RECEIPT: Mapping[str, str] = {"channel": "receipt"}
"""All that the audit log says of a form withdrawn on the page: not whose it was."""


class WithdrawalError(ValueError):
    """Raised when there is no form with a number, or its round is frozen."""


@transaction.atomic
def withdraw_response(*, number: str, reason: str = "", user: AbstractBaseUser | None = None) -> Case:
    """Delete the answers behind a receipt or case number; their case counts as a refusal from now on.

    The audit log names round and reason, never the receipt: who holds a receipt must not be known.
    """
    response = _find(number)
    details = {"case": response.case.number, "reason": reason}
    return _withdraw(response, number, details, user)


@transaction.atomic
def withdraw_by_receipt(*, number: str) -> SurveyRound:
    """Delete the answers behind a receipt number, as its holder asks on the page; return their round.

    Case numbers are not taken: they stand on letters and lists. Nor are receipts of interviews and paper
    forms, which staff have seen: those are withdrawn by whoever calls, with a trace. The audit log says that
    a form of the round was withdrawn and not which. Whoever wants to correct answers may answer again with
    the code.
    """
    row = Response.objects.submitted().filter(receipt_number=receipt_number(number))
    response = row.select_related("case__sample__round").defer("answers").first()
    if response is None:
        raise _unknown(number)
    if response.mode != Mode.WEB:
        raise WithdrawalError(
            _("Answers given to an enumerator or on paper are withdrawn by telephone or letter.")
        )
    return _withdraw(response, number, BY_RECEIPT, None).sample.round


def _withdraw(
    response: Response, number: str, details: Mapping[str, Any], user: AbstractBaseUser | None
) -> Case:
    """Delete a response; freezing waits for it, and of two who withdraw at once only one succeeds."""
    round_id = response.case.sample.round_id
    survey_round = SurveyRound.objects.select_for_update().get(pk=round_id)
    case = Case.objects.select_for_update().get(pk=response.case_id)
    require_place(user, survey_round, {case.village.province_id})
    if survey_round.status == RoundStatus.FROZEN:
        raise WithdrawalError(
            _("The data of round %(round)s are frozen: its forms can no longer be withdrawn.")
            % {"round": survey_round.code}
        )
    deleted, _by_model = Response.objects.filter(pk=response.pk).delete()
    if not deleted:
        raise _unknown(number)
    case.disposition = Disposition.REFUSAL
    case.save(update_fields=["disposition"])
    log(instance=survey_round, action="questionnaires.withdraw", user=user, data=dict(details))
    return case


def _find(number: str) -> Response:
    """Return the response with a number; where case numbers repeat, that of the round not yet frozen."""
    typed = _typed(number)
    by_number = Q(receipt_number=receipt_number(typed)) | Q(case__number__iexact=typed)
    found = list(Response.objects.filter(by_number).select_related("case__sample__round").defer("answers"))
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
            "Expected a receipt number such as BN 2345 6789, or the case number on a paper form; "
            "got %(number)s, which no form has. Check the number."
        )
        % {"number": _typed(number) or "–"}
    )

"""Taking answers back: whoever sent a form may withdraw it until the data of the round are frozen."""

import unicodedata

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from questionnaires.models import Response
from questionnaires.services.responses import RECEIPT_DIGITS, RECEIPT_GROUP, RECEIPT_PREFIX
from sampling.models import Case, Disposition
from sampling.models.rounds import RoundStatus


class WithdrawalError(ValueError):
    """Raised when there is no form with a number, or its round is frozen."""


@transaction.atomic
def withdraw_response(*, number: str, reason: str = "", user: AbstractBaseUser | None = None) -> Case:
    """Delete the answers behind a receipt or case number; their case counts as a refusal from now on.

    The audit log names round and reason, never the receipt: who holds a receipt must not be known.
    """
    response = _find(number)
    case = Case.objects.select_for_update().get(pk=response.case_id)
    survey_round = case.sample.round
    if survey_round.status == RoundStatus.FROZEN:
        raise WithdrawalError(
            _("The data of round %(round)s are frozen: its forms can no longer be withdrawn.")
            % {"round": survey_round.code}
        )
    response.delete()
    case.disposition = Disposition.REFUSAL
    case.save(update_fields=["disposition"])
    log(
        instance=survey_round,
        action="questionnaires.withdraw",
        user=user,
        data={"case": case.number, "reason": reason},
    )
    return case


def _find(number: str) -> Response:
    """Return the response with a number; where case numbers repeat, that of the round not yet frozen."""
    typed = " ".join(unicodedata.normalize("NFKC", number).split())
    by_number = Q(receipt_number=_as_receipt(typed)) | Q(case__number__iexact=typed)
    found = list(Response.objects.filter(by_number).select_related("case__sample__round").defer("answers"))
    open_to_it = [row for row in found if row.case.sample.round.status != RoundStatus.FROZEN]
    if len(open_to_it) > 1:
        raise WithdrawalError(
            _("The number %(number)s stands for forms of several rounds. Give the receipt number instead.")
            % {"number": typed}
        )
    if not found:
        raise WithdrawalError(
            _(
                "Expected a receipt number such as BN 2345 6789, or the case number on a paper form; "
                "got %(number)s, which no form has. Check the number."
            )
            % {"number": typed or "–"}
        )
    return (open_to_it or found)[0]


def _as_receipt(typed: str) -> str:
    """Return a receipt number as it is stored, however it was spaced and written."""
    signs = "".join(sign for sign in typed.upper() if sign.isalnum())
    signs = signs.removeprefix(RECEIPT_PREFIX) if len(signs) > RECEIPT_DIGITS else signs
    return f"{RECEIPT_PREFIX} {signs[:RECEIPT_GROUP]} {signs[RECEIPT_GROUP:]}"

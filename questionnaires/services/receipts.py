"""Receipts: the proof, to whoever holds one, that a form was taken. No answer can be read with them."""

import datetime
import unicodedata
from dataclasses import dataclass

from questionnaires.models import Mode, Response
from questionnaires.services.responses import RECEIPT_DIGITS, RECEIPT_GROUP, RECEIPT_PREFIX
from sampling.models import SurveyRound
from sampling.models.rounds import RoundStatus


@dataclass(frozen=True, slots=True)
class Counted:
    """What a receipt tells whoever holds it: neither answers nor person nor place."""

    number: str
    round: SurveyRound
    received_on: datetime.date
    is_alone: bool
    """Whether the answers were given without staff, so that nobody else can know the number."""

    @property
    def is_frozen(self) -> bool:
        """Whether the form can no longer be withdrawn."""
        return self.round.status == RoundStatus.FROZEN


def receipt_number(typed: str) -> str:
    """Return a receipt number as it is stored, however it was spaced and written.

    Examples
    --------
    >>> receipt_number(" bn2345-6789 ")
    'BN 2345 6789'
    """
    composed = unicodedata.normalize("NFKC", typed)
    signs = "".join(sign for sign in composed.upper() if sign.isalnum())
    signs = signs.removeprefix(RECEIPT_PREFIX) if len(signs) > RECEIPT_DIGITS else signs
    return f"{RECEIPT_PREFIX} {signs[:RECEIPT_GROUP]} {signs[RECEIPT_GROUP:]}"


def find_counted(number: str) -> Counted | None:
    """Return what the form behind a receipt number counts in; nothing where no form has it any more."""
    sent = (
        Response.objects.submitted()
        .filter(receipt_number=receipt_number(number))
        .select_related("case__sample__round")
        .defer("answers")
        .first()
    )
    if sent is None or sent.submitted_on is None:
        return None
    return Counted(str(sent.receipt_number), sent.case.sample.round, sent.submitted_on, sent.mode == Mode.WEB)

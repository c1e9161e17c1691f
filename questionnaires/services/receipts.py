"""Receipts: the proof, to whoever holds one, that a form was taken. No answer can be read with them."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

from questionnaires.models import Mode, OpenRound, OpenRoundStatus, SeparatedResponse
from questionnaires.receipt_keys import (
    ReceiptKeys,
    keys_of_many,
    keys_to_try,
    new_number,
    receipt_number,
)
from questionnaires.selectors import find_open_response
from sampling.models import SurveyRound
from sampling.models.rounds import RoundStatus


@dataclass(frozen=True, slots=True)
class Counted:
    """What a receipt tells whoever holds it: neither answers nor person nor place."""

    number: str
    round: SurveyRound | OpenRound
    received_on: datetime.date
    is_alone: bool
    """Whether the answers were given without staff, so that nobody else can know the number."""
    keys: Sequence[ReceiptKeys] = field(repr=False)
    """The keys of the number, so that whoever goes on with it need not derive them again."""

    @property
    def is_frozen(self) -> bool:
        """Whether the form can no longer be withdrawn."""
        if isinstance(self.round, OpenRound):
            return self.round.status == OpenRoundStatus.CLOSED
        return self.round.status == RoundStatus.FROZEN

    @property
    def is_open_round(self) -> bool:
        """Whether the form belongs to an open round, which has no codes and is never frozen."""
        return isinstance(self.round, OpenRound)


@dataclass(frozen=True, slots=True)
class SentForm:
    """A sent form found by its receipt number, and the keys of the number."""

    form: SeparatedResponse
    round: SurveyRound
    keys: ReceiptKeys


def find_counted(number: str) -> Counted | None:
    """Return what the form behind a receipt number counts in; nothing where no form has it any more."""
    keys = keys_to_try(number)
    sent = find_sent(number, keys)
    if sent is None:
        return _find_open_counted(number, keys)
    if sent.form.submitted_on is None:
        return None
    is_alone = sent.form.mode == Mode.WEB
    return Counted(receipt_number(number), sent.round, sent.form.submitted_on, is_alone=is_alone, keys=keys)


def _find_open_counted(number: str, keys: Sequence[ReceiptKeys]) -> Counted | None:
    """Return what a form of an open round counts in."""
    form = find_open_response([tried.lookup for tried in keys])
    if form is None or form.submitted_on is None:
        return None
    return Counted(receipt_number(number), form.round, form.submitted_on, is_alone=True, keys=keys)


def find_sent(number: str, derived: Sequence[ReceiptKeys] = ()) -> SentForm | None:
    """Return the form behind a receipt number, without its answers; `derived` are its keys, if known."""
    keys = {found.lookup: found for found in derived or keys_to_try(number)}
    found = SeparatedResponse.objects.filter(receipt_hash__in=keys).select_related("sample__round")
    form = found.defer("answers").first()
    return SentForm(form, form.sample.round, keys[str(form.receipt_hash)]) if form else None


def new_receipts(count: int, *, is_demo: bool) -> list[tuple[str, ReceiptKeys]]:
    """Return receipt numbers that nobody has yet, each with the keys that follow from it."""
    receipts: dict[str, tuple[str, ReceiptKeys]] = {}
    while len(receipts) < count:
        numbers = [new_number() for _position in range(count - len(receipts))]
        derived = zip(numbers, keys_of_many(numbers, is_demo=is_demo), strict=True)
        fresh = {keys.lookup: (number, keys) for number, keys in derived}
        receipts |= {lookup: fresh[lookup] for lookup in fresh.keys() - _taken(list(fresh))}
    return list(receipts.values())


def _taken(lookups: Sequence[str]) -> set[str | None]:
    """Return the hashes that forms have already."""
    found = SeparatedResponse.objects.filter(receipt_hash__in=lookups)
    return set(found.values_list("receipt_hash", flat=True))

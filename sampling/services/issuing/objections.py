"""The do-not-contact list: kept as keyed hashes, and honoured after the draw, never before.

An entry for somebody who never asked would silence a critic. So entries are made by people who work for the
whole country, with the channel and a note by which the wish can be found again; the withheld cases have an
outcome of their own, are counted by province on the page of the round, and come back when an entry is
withdrawn.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from sampling.design.coordination import honour_objections as part
from sampling.engine.list_keys import person_keys
from sampling.models import Disposition, Objection, Sample, SamplingFrame
from sampling.models.rounds import RoundStatus
from sampling.models.samples import CaseQuerySet
from sampling.selectors.territories import province_of
from sampling.services.audit import User, record
from sampling.services.contacts import ContactError
from sampling.services.issuing.respondents import contacts_by_case
from sampling.services.rounds import require_status

NUMBER_LENGTH, SHORTEST_NUMBER = 12, 10
SHORTEST_PHONE, LONGEST_PHONE = 9, 11
COUNTRY_CODE = "84"
HONOURED_STATUSES = (RoundStatus.PREPARING, RoundStatus.OPEN)
ADD_OBJECTION, DELETE_OBJECTION = "sampling.add_objection", "sampling.delete_objection"
STILL_VISITED = (Disposition.PENDING, Disposition.NON_CONTACT, Disposition.BREAKOFF)
"""Outcomes after which a case would be visited or written to again."""

NOT_DIGITS = re.compile(r"\D")


class ObjectionError(ValueError):
    """Raised when an entry of the do-not-contact list cannot be made or found."""


def person_text(text: str) -> str:
    """Return the twelve digits of an identification number, zeros that a spreadsheet lost put back."""
    digits = NOT_DIGITS.sub("", text)
    if not SHORTEST_NUMBER <= len(digits) <= NUMBER_LENGTH:
        raise ObjectionError(
            _("Expected the 12 digits of an identification number, got %(n)s digits. Check it.")
            % {"n": len(digits)}
        )
    return digits.rjust(NUMBER_LENGTH, "0")


def phone_text(text: str) -> str:
    """Return a telephone number as it is dialled inside the country: +84 912… and 0912… are one."""
    digits = NOT_DIGITS.sub("", text)
    if digits.startswith(COUNTRY_CODE) and len(digits) > LONGEST_PHONE - 1:
        digits = f"0{digits.removeprefix(COUNTRY_CODE)}"
    if not SHORTEST_PHONE <= len(digits) <= LONGEST_PHONE:
        raise ObjectionError(
            _("Expected a telephone number of 9 to 11 digits, got %(n)s digits. Check it.")
            % {"n": len(digits)}
        )
    return digits


def email_text(text: str) -> str:
    """Return an e-mail address without regard to capitals."""
    address = text.strip().casefold()
    try:
        validate_email(address)
    except ValidationError as error:
        raise ObjectionError(_("Expected an e-mail address. Check it.")) from error
    return address


TEXTS: Mapping[str, Callable[[str], str]] = {
    Objection.Kind.PERSON.value: person_text,
    Objection.Kind.PHONE.value: phone_text,
    Objection.Kind.EMAIL.value: email_text,
}
"""How each kind is written before it is hashed."""


def objection_key(kind: str, text: str) -> str:
    """Return the keyed hash of a number or address; that of a person is the key in the lists."""
    written = TEXTS[kind](text)
    message = written if kind == Objection.Kind.PERSON else f"{kind}:{written}"
    return hmac.new(settings.PERSON_KEY.encode(), message.encode(), hashlib.sha256).hexdigest()


@transaction.atomic
def record_objection(*, kind: str, text: str, channel: str, note: str, user: User = None) -> Objection:
    """Put somebody on the do-not-contact list; what was typed is hashed and forgotten.

    The rounds under way honour it at once. People of a province may not: they would choose who rates them.
    """
    _require_national(user, ADD_OBJECTION)
    key = objection_key(kind, text)
    objection = Objection.objects.filter(kind=kind, key=key).first()
    is_new = objection is None
    if objection is None:
        objection = Objection(kind=kind, key=key, channel=_known(channel), note=_noted(note))
        objection.recorded_by_id = user.pk if user else None
        objection.full_clean()
        objection.save(force_insert=True)
    details = {"kind": kind, "channel": channel, "note": note.strip(), "is_new": is_new}
    record(objection, "sampling.record_objection", user=user, details=details)
    for sample in _living_samples():
        with suppress(ContactError, OSError):
            honour_objections(sample=sample, user=user)
    return objection


@transaction.atomic
def withdraw_objection(*, objection: Objection, user: User = None) -> int:
    """Take an entry off the list, when the person asks for it; return how many cases may be contacted again.

    Cases of rounds in preparation or open come back as not yet tried; a closed round keeps its outcomes.
    """
    _require_national(user, DELETE_OBJECTION)
    key = objection.key
    record(objection, "sampling.withdraw_objection", user=user, details={"kind": objection.kind})
    objection.delete()
    return sum(_restore(sample, key, user) for sample in _living_samples())


def _require_national(user: User, right: str) -> None:
    """Refuse whoever lacks a right, or works for one province; a command without a user may do everything."""
    if user is None:
        return
    has_right = isinstance(user, PermissionsMixin) and user.has_perm(right)
    if not has_right or province_of(user) is not None:
        raise PermissionDenied(
            _("The do-not-contact list is kept by those who work for the whole country. Send them the wish.")
        )


def _known(channel: str) -> str:
    """Return a channel, or refuse an unknown one."""
    if channel not in Objection.Channel.values or channel == Objection.Channel.UNKNOWN:
        raise ObjectionError(_("Expected the channel by which the wish came in. Choose one."))
    return channel


def _noted(note: str) -> str:
    """Return a note, or refuse an empty one."""
    if not note.strip():
        raise ObjectionError(
            _(
                "Expected a note by which the letter or call can be found again, got none. Write its day and "
                "place."
            )
        )
    return note.strip()


def _living_samples() -> Iterable[Sample]:
    """Return the samples whose outcomes still change."""
    return Sample.objects.filter(round__status__in=HONOURED_STATUSES).select_related("round")


@transaction.atomic
def honour_objections(*, sample: Sample, user: User = None) -> int:
    """Leave in peace whoever is on the list: the case is withheld, gets no letter and no visit.

    The list is held against the drawn cases only. The frame, its hash and the weights know nothing of it: who
    objects is a member of the population and stays in the sample as a nonrespondent.
    """
    require_status(sample.round, *HONOURED_STATUSES)
    barred = set(Objection.objects.values_list("key", flat=True))
    visited = sample.cases.filter(disposition__in=STILL_VISITED)
    keys = _keys_of(sample, visited) if barred else {}
    objecting = {case for case, found in keys.items() if not barred.isdisjoint(found)}
    numbers = dict(visited.filter(pk__in=objecting).order_by("number").values_list("number", "pk"))
    reach = part(numbers, numbers)
    n_withheld = visited.filter(number__in=reach.withheld).update(disposition=Disposition.WITHHELD)
    details = {"cases": len(keys), "withheld": n_withheld}
    record(sample, "sampling.honour_objections", user=user, details=details)
    return n_withheld


def _restore(sample: Sample, key: str, user: User) -> int:
    """Let the cases behind a withdrawn entry be contacted again, unless another entry bars them."""
    withheld = sample.cases.filter(disposition=Disposition.WITHHELD)
    barred = set(Objection.objects.values_list("key", flat=True))
    keys = _keys_of(sample, withheld) if withheld.exists() else {}
    free = [case for case, found in keys.items() if key in found and barred.isdisjoint(found)]
    n_restored = withheld.filter(pk__in=free).update(disposition=Disposition.PENDING)
    if n_restored:
        record(sample, "sampling.honour_objections", user=user, details={"restored": n_restored})
    return n_restored


def _keys_of(sample: Sample, cases: CaseQuerySet) -> dict[int, set[str]]:
    """Return what cases may be recognised by: telephone, e-mail address, key of the person."""
    keys: dict[int, set[str]] = {}
    for case, contact in contacts_by_case(sample, cases).items():
        known = ((Objection.Kind.PHONE.value, contact.phone), (Objection.Kind.EMAIL.value, contact.email))
        keys[case] = set(_readable(known))
    frame = SamplingFrame.objects.filter(round=sample.round_id, stage=SamplingFrame.Stage.DOSSIER).first()
    if frame and frame.file:
        cases_by_id = dict(cases.values_list("register_number", "pk"))
        for dossier, key in person_keys(Path(settings.FRAME_ROOT) / frame.file, cases_by_id).items():
            keys.setdefault(cases_by_id[dossier], set()).add(key)
    return keys


def withhold_objectors(sample: Sample, user: User) -> None:
    """Honour the list before anything with names leaves, while outcomes can still be recorded."""
    if sample.round.status in HONOURED_STATUSES and Objection.objects.exists():
        honour_objections(sample=sample, user=user)


def _readable(known: Iterable[tuple[str, str]]) -> Iterable[str]:
    """Yield the keys of what can be read; a wrong number on a list matches nobody."""
    for kind, text in known:
        try:
            yield objection_key(kind, text)
        except ObjectionError:
            continue

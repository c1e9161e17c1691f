"""Whom a wave of messages reaches, and who is left out for which reason."""

import datetime
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils import timezone

from questionnaires.messages.addresses import READERS
from questionnaires.models import Channel, Message, MessageStatus, MessageTemplate
from questionnaires.services.letters import NOT_WRITTEN_TO
from sampling.models import Case, Objection
from sampling.models.samples import LEFT_IN_PEACE, RESPONDENT_DISPOSITIONS, CaseQuerySet
from sampling.services.issuing import ObjectionError, Reachable, Scope, contacts_by_case
from sampling.services.issuing.objections import objection_key

COUNTED = (
    MessageStatus.QUEUED,
    MessageStatus.SENDING,
    MessageStatus.SENT,
    MessageStatus.DELIVERED,
    MessageStatus.UNKNOWN,
)
"""States of a message that reached somebody, may have, or will."""
ONCE = (MessageTemplate.Purpose.INVITATION, MessageTemplate.Purpose.THANKS)
"""What nobody gets twice on one channel."""
MOST_SHARING = 2
"""Cases that one telephone may serve; more are an agent who filed dossiers for many."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Cases that are written to, and how many are left out by reason."""

    cases: tuple[int, ...]
    left_out: Mapping[str, int]


def find_audience(template: MessageTemplate, scope: Scope, days: int) -> Audience:
    """Return whom a template reaches in a scope; nobody who was written to within some days."""
    cases = candidates(template, scope, days)
    contacts = contacts_by_case(scope.sample, cases)
    addresses = {case: address_of(template.channel, contact) for case, contact in contacts.items()}
    sharing = Counter(address for address in addresses.values() if address)
    barred = barred_keys()
    reached, left_out = [], Counter[str]()
    for case in cases.order_by("number").values_list("pk", flat=True):
        contact = contacts.get(case, Reachable())
        reason = why_not(template.channel, contact, barred)
        if not reason and sharing[addresses[case]] > MOST_SHARING:
            reason = "shared_address"
        if reason:
            left_out[reason] += 1
        else:
            reached.append(case)
    return Audience(tuple(reached), dict(left_out))


def candidates(template: MessageTemplate, scope: Scope, days: int) -> CaseQuerySet:
    """Return the cases that a message of this purpose is for, whether they can be reached or not."""
    cases = scope.cases().with_known_person()
    if template.purpose == MessageTemplate.Purpose.THANKS:
        cases = cases.filter(disposition__in=RESPONDENT_DISPOSITIONS)
    else:
        cases = cases.exclude(disposition__in=NOT_WRITTEN_TO)
    earlier = Message.objects.filter(case=OuterRef("pk"), status__in=COUNTED)
    since = timezone.now() - datetime.timedelta(days=days)
    cases = cases.exclude(Exists(earlier.filter(queued_at__gt=since)))
    if template.purpose in ONCE:
        same = earlier.filter(template__purpose=template.purpose, template__channel=template.channel)
        cases = cases.exclude(Exists(same))
    return cases


def address_of(channel: str, contact: Reachable) -> str:
    """Return where a channel reaches somebody, empty where it does not."""
    return READERS[channel](contact.email if channel == Channel.EMAIL else contact.phone)


def why_not(channel: str, contact: Reachable, barred: Collection[str]) -> str:
    """Return the reason for which somebody cannot be written to, empty if there is none."""
    written = contact.email if channel == Channel.EMAIL else contact.phone
    if not written.strip():
        return "no_address"
    if not address_of(channel, contact):
        return "bad_address"
    return "objection" if is_barred(contact, barred) else ""


def barred_keys() -> frozenset[str]:
    """Return the keyed hashes of the do-not-contact list."""
    return frozenset(Objection.objects.values_list("key", flat=True))


def is_barred(contact: Reachable, barred: Collection[str]) -> bool:
    """Tell whether telephone or e-mail address stand on the do-not-contact list."""
    known = ((Objection.Kind.PHONE.value, contact.phone), (Objection.Kind.EMAIL.value, contact.email))
    return bool(barred) and any(key in barred for key in _keys(known))


def _keys(known: Iterable[tuple[str, str]]) -> Iterable[str]:
    """Yield the keys of what can be read."""
    for kind, text in known:
        try:
            yield objection_key(kind, text)
        except ObjectionError:
            continue


def why_not_now(template: MessageTemplate, case: Case) -> str:
    """Return why somebody who was queued must not be written to any more, empty if nothing has changed."""
    if case.disposition in LEFT_IN_PEACE:
        return "left_in_peace"
    if template.purpose == MessageTemplate.Purpose.THANKS:
        return ""
    if case.disposition in RESPONDENT_DISPOSITIONS:
        return "answered"
    return "left_in_peace" if case.disposition in NOT_WRITTEN_TO else ""

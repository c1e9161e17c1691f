"""Who answers on this device: kept in the session, cut when answers are sent or nobody is there any more."""

import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.http import HttpRequest

from questionnaires.models import Mode
from questionnaires.wizard.wordings import CHOSEN
from sampling.models import Case

ANSWERING = "answering"
RECEIPT = "receipt"
SHOWN_SINCE = "since"
OPEN_FORM = "open_form"
"""The form of an open round that the session fills in, beside or instead of a case."""
IDLE_SECONDS = 45 * 60
"""After this long without a page the code is asked for again; telephones are shared."""

RECEIPT_SECONDS = 10 * 60
"""How long a receipt can be shown again; the next person at a shared device must not find it."""
NOTED_SECONDS = 60
"""How exactly the last page is remembered: noting every page would write the session with each of them."""


@dataclass(frozen=True, slots=True)
class Answering:
    """The case whose answers this session may read and write."""

    case_id: int
    mode: str
    seen_at: float
    code_digest: str = ""
    """The keyed hash of the code that was entered; nothing in an interview."""


def begin(request: HttpRequest, case: Case, mode: Mode, code_digest: str = "") -> None:
    """Let this session answer for a case; its key changes, so that nobody who knew it comes along."""
    request.session.cycle_key()
    leave(request)
    request.session[ANSWERING] = asdict(Answering(case.pk, str(mode), time.time(), code_digest))


def current(request: HttpRequest) -> Answering | None:
    """Return what this session answers and keep it alive; nothing once it was idle for too long."""
    stored: dict[str, Any] | None = request.session.get(ANSWERING)
    if stored is None:
        return None
    answering, now = Answering(**stored), time.time()
    if now - answering.seen_at > IDLE_SECONDS:
        end(request)
        return None
    if now - answering.seen_at > NOTED_SECONDS:
        request.session[ANSWERING] = asdict(replace(answering, seen_at=now))
    return answering


def end(request: HttpRequest) -> None:
    """Forget what this session was answering."""
    request.session.pop(ANSWERING, None)


def leave(request: HttpRequest) -> None:
    """Forget everything about answering, the receipt included: somebody else takes the device over."""
    end(request)
    drop_receipt(request)
    request.session.pop(OPEN_FORM, None)
    request.session.set_expiry(None)


def finish(request: HttpRequest, receipt: dict[str, str]) -> None:
    """Cut the session from the answers just sent, leaving the receipt to show for some minutes.

    The session of a citizen ends with the receipt, so that its row does not outlive it by hours; staff stay
    signed in.
    """
    leave(request)
    request.session.pop(CHOSEN, None)
    request.session.cycle_key()
    request.session[RECEIPT] = receipt | {SHOWN_SINCE: time.time()}
    if not request.user.is_authenticated:
        request.session.set_expiry(RECEIPT_SECONDS)


def receipt_of(request: HttpRequest) -> dict[str, Any] | None:
    """Return the receipt just earned; nothing, and nothing kept, once it was there for some minutes."""
    receipt: dict[str, Any] | None = request.session.get(RECEIPT)
    if receipt is None:
        return None
    if time.time() - receipt.get(SHOWN_SINCE, 0.0) > RECEIPT_SECONDS:
        drop_receipt(request)
        return None
    return {name: fact for name, fact in receipt.items() if name != SHOWN_SINCE}


def drop_receipt(request: HttpRequest) -> None:
    """Forget the receipt: somebody else may be at this device."""
    request.session.pop(RECEIPT, None)

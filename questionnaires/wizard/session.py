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
IDLE_SECONDS = 45 * 60
"""After this long without a page the code is asked for again; telephones are shared."""

NOTED_SECONDS = 60
"""How exactly the last page is remembered: noting every page would write the session with each of them."""


@dataclass(frozen=True, slots=True)
class Answering:
    """The case whose answers this session may read and write."""

    case_id: int
    mode: str
    seen_at: float


def begin(request: HttpRequest, case: Case, mode: Mode) -> None:
    """Let this session answer for a case; its key changes, so that nobody who knew it comes along."""
    request.session.cycle_key()
    request.session.pop(RECEIPT, None)
    request.session[ANSWERING] = asdict(Answering(case.pk, str(mode), time.time()))


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
    request.session.pop(RECEIPT, None)


def finish(request: HttpRequest, receipt: dict[str, str]) -> None:
    """Cut the session from the answers just sent, leaving the receipt to show."""
    end(request)
    request.session.pop(CHOSEN, None)
    request.session.cycle_key()
    request.session[RECEIPT] = receipt

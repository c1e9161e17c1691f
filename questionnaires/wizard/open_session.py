"""Which form of an open round this session fills in; cut as soon as it is sent, left or forgotten."""

import time
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.http import HttpRequest

from questionnaires.models import OpenResponse
from questionnaires.wizard import session
from questionnaires.wizard.session import IDLE_SECONDS, NOTED_SECONDS, OPEN_FORM


@dataclass(frozen=True, slots=True)
class Filling:
    """The form under way, and the token that will be spent when it is sent."""

    response_id: str
    token: str
    seen_at: float


def begin(request: HttpRequest, response: OpenResponse, token: str) -> None:
    """Let this session fill a form in; whatever it did before is forgotten."""
    request.session.cycle_key()
    session.leave(request)
    request.session[OPEN_FORM] = asdict(Filling(str(response.pk), token, time.time()))


def current(request: HttpRequest) -> Filling | None:
    """Return what this session fills in and keep it alive; nothing once it was idle for too long."""
    stored: dict[str, Any] | None = request.session.get(OPEN_FORM)
    if stored is None:
        return None
    filling, now = Filling(**stored), time.time()
    if now - filling.seen_at > IDLE_SECONDS:
        end(request)
        return None
    if now - filling.seen_at > NOTED_SECONDS:
        request.session[OPEN_FORM] = asdict(replace(filling, seen_at=now))
    return filling


def end(request: HttpRequest) -> None:
    """Forget the form."""
    request.session.pop(OPEN_FORM, None)

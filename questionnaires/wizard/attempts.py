"""Rate limits of what citizens type; only failures count, so success never locks a village out."""

import datetime
import math
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from questionnaires import attempts

TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class Gate:
    """A field behind which somebody could guess: its counters, and the settings that limit them."""

    kind: str
    network_setting: str
    session_setting: str

    def blocked_until(self, request: HttpRequest) -> datetime.datetime | None:
        """Return when this network or session may try again, or nothing while it may try now."""
        return attempts.blocked_until(self._limits(request))

    def count_failure(self, request: HttpRequest) -> None:
        """Count one wrong entry against network and session."""
        if not request.session.session_key:
            request.session.create()
        attempts.count_failure(self._limits(request))

    def _limits(self, request: HttpRequest) -> attempts.Limits:
        """Return the counters of a request."""
        network = attempts.counter(f"{self.kind}-network", attempts.network_of(request))
        limits = {network: getattr(settings, self.network_setting)}
        if request.session.session_key:
            session = attempts.counter(f"{self.kind}-session", request.session.session_key)
            limits[session] = getattr(settings, self.session_setting)
        return limits


CODES = Gate("code", "CODE_ATTEMPTS_PER_NETWORK", "CODE_ATTEMPTS_PER_SESSION")
RECEIPTS = Gate("receipt", "RECEIPT_ATTEMPTS_PER_NETWORK", "RECEIPT_ATTEMPTS_PER_SESSION")


def retry_after(until: datetime.datetime) -> str:
    """Return the header that says in how many seconds it may be tried again."""
    return str(math.ceil((until - timezone.now()).total_seconds()))

"""Rate limits of what citizens type, and of what they take back.

Of codes and receipts only failures count, so success never locks a village out; of codes and tokens only such
as could be a guess, so that slips do not either. Withdrawals count themselves:
whoever came by many receipts must not empty a round in an hour. So do looks for a receipt, each of which
costs the server a slow derivation; their limit is generous. Entries of one code are counted too, from
wherever they come: no person needs as many, and nobody else's code waits for it.
"""

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
    """A field behind which somebody could guess, or a step: its counters, and what limits them."""

    kind: str
    network_setting: str
    session_setting: str = ""
    """The limit of one session; without it only the network counts."""

    def blocked_until(self, request: HttpRequest) -> datetime.datetime | None:
        """Return when this network or session may try again, or nothing while it may try now."""
        return attempts.blocked_until(self._limits(request))

    def count_failure(self, request: HttpRequest) -> None:
        """Count one wrong entry against network and session."""
        self._name_session(request)
        attempts.count_failure(self._limits(request))

    def take_turn(self, request: HttpRequest) -> datetime.datetime | None:
        """Count one turn of network and session; or return when there will be one again."""
        self._name_session(request)
        return attempts.take_turn(self._limits(request))

    def _name_session(self, request: HttpRequest) -> None:
        """Give a session that counts a name."""
        if self.session_setting and not request.session.session_key:
            request.session.create()

    def _limits(self, request: HttpRequest) -> attempts.Limits:
        """Return the counters of a request."""
        network = attempts.counter(f"{self.kind}-network", attempts.network_of(request))
        limits = {network: getattr(settings, self.network_setting)}
        if self.session_setting and request.session.session_key:
            session = attempts.counter(f"{self.kind}-session", request.session.session_key)
            limits[session] = getattr(settings, self.session_setting)
        return limits


CODES = Gate("code", "CODE_ATTEMPTS_PER_NETWORK", "CODE_ATTEMPTS_PER_SESSION")
RECEIPTS = Gate("receipt", "RECEIPT_ATTEMPTS_PER_NETWORK", "RECEIPT_ATTEMPTS_PER_SESSION")
LOOKS = Gate("receipt-look", "RECEIPT_LOOKS_PER_NETWORK")
WITHDRAWALS = Gate("withdrawal", "WITHDRAWALS_PER_NETWORK", "WITHDRAWALS_PER_SESSION")
RIGHTS = Gate("rights", "RIGHTS_REQUESTS_PER_NETWORK", "RIGHTS_REQUESTS_PER_SESSION")


def take_turn_of_code(code: str) -> datetime.datetime | None:
    """Count one entry of a code, right or wrong, from anywhere; or return when it may be tried again."""
    return attempts.take_turn({attempts.counter("code-entry", code): settings.CODE_ENTRIES_PER_CODE})


def retry_after(until: datetime.datetime) -> str:
    """Return the header that says in how many seconds it may be tried again."""
    return str(math.ceil((until - timezone.now()).total_seconds()))

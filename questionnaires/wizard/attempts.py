"""Rate limits of access codes; only failures count, so success never locks a village behind one address."""

import datetime

from django.conf import settings
from django.http import HttpRequest

from questionnaires import attempts


def blocked_until(request: HttpRequest) -> datetime.datetime | None:
    """Return when this network or session may try again, or nothing while it may try now."""
    return attempts.blocked_until(_limits(request))


def count_failure(request: HttpRequest) -> None:
    """Count one wrong code against network and session."""
    if not request.session.session_key:
        request.session.create()
    attempts.count_failure(_limits(request))


def _limits(request: HttpRequest) -> attempts.Limits:
    """Return the counters of a request."""
    network = attempts.counter("code-network", attempts.network_of(request))
    limits = {network: settings.CODE_ATTEMPTS_PER_NETWORK}
    if request.session.session_key:
        session = attempts.counter("code-session", request.session.session_key)
        limits[session] = settings.CODE_ATTEMPTS_PER_SESSION
    return limits

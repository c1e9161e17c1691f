"""Rate limits of access codes; only failures count, so success never locks a village behind one address."""

import datetime
import hashlib
import ipaddress

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

IPV6_PREFIX = 64


def blocked_until(request: HttpRequest) -> datetime.datetime | None:
    """Return when this network or session may try again, or nothing while it may try now."""
    now = timezone.now()
    ends = [
        until
        for key, maximum in _limits(request).items()
        for failures, until in [cache.get(key, (0, now))]
        if failures >= maximum and until > now
    ]
    return max(ends, default=None)


def count_failure(request: HttpRequest) -> None:
    """Count one wrong code against network and session; the window begins with the first failure."""
    if not request.session.session_key:
        request.session.create()
    now = timezone.now()
    for key in _limits(request):
        failures, until = cache.get(key, (0, now))
        if until <= now:
            failures, until = 0, now + datetime.timedelta(seconds=settings.ATTEMPT_WINDOW_SECONDS)
        cache.set(key, (failures + 1, until), timeout=(until - now).total_seconds())


def _limits(request: HttpRequest) -> dict[str, int]:
    """Return the counters of a request with their maxima; addresses are hashed, never kept."""
    limits = {_key("network", network_of(request)): settings.CODE_ATTEMPTS_PER_NETWORK}
    if request.session.session_key:
        limits[_key("session", request.session.session_key)] = settings.CODE_ATTEMPTS_PER_SESSION
    return limits


def network_of(request: HttpRequest) -> str:
    """Return the sender's network: an IPv4 address, or the first half of an IPv6 one."""
    text = str(request.META.get("REMOTE_ADDR", ""))
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv4Address):
        return text
    return str(ipaddress.ip_network((int(address), IPV6_PREFIX), strict=False))


def _key(scope: str, text: str) -> str:
    """Return the name of a counter in the cache."""
    secret = f"{settings.SECRET_KEY}:{text}"
    return f"code-attempts:{scope}:{hashlib.sha256(secret.encode()).hexdigest()}"

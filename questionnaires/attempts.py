"""Rate limits: failures are counted in the cache, in a window that begins with the first of them.

The cache is one for all processes of the server, and whoever counts holds a lock that they share: no failure
is lost when several come at once.
"""

import datetime
import fcntl
import hashlib
import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

IPV6_PREFIX = 64
WITH_PORT = re.compile(r"\[(?P<six>[^\]]+)\](?::\d+)?|(?P<four>[\d.]+):\d+")
"""An address as some proxies write it: with the port of the connection, an IPv6 one in brackets."""

type Limits = Mapping[str, int]
"""The failures that each counter stands, by the name of the counter."""


def counter(kind: str, *parts: str) -> str:
    """Return the name of a counter; what it stands for is hashed with the secret key, never kept."""
    secret = ":".join((settings.SECRET_KEY, *parts))
    return f"{kind}:{hashlib.sha256(secret.encode()).hexdigest()}"


@contextmanager
def counting() -> Iterator[None]:
    """Let one process, and one thread of it, count at a time."""
    with Path(settings.ATTEMPT_LOCK).open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def blocked_until(limits: Limits) -> datetime.datetime | None:
    """Return when it may be tried again, or nothing while it may be tried now."""
    now = timezone.now()
    counted = cache.get_many(limits)
    ends = [until for name, (failures, until) in counted.items() if failures >= limits[name] and until > now]
    return max(ends, default=None)


def count_failure(limits: Iterable[str]) -> None:
    """Count one failure on every counter."""
    with counting():
        for name in limits:
            _count(name)


def take_turn(limits: Limits) -> datetime.datetime | None:
    """Count one turn on every counter and return nothing; or count none and return when there is one again.

    Looking and counting are one step: of those who ask at once no more are let through than there are turns.
    """
    with counting():
        until = blocked_until(limits)
        for name in () if until else limits:
            _count(name)
    return until


def _count(name: str) -> None:
    """Add one to a counter, whose lock is held."""
    now = timezone.now()
    failures, until = cache.get(name, (0, now))
    if until <= now:
        failures, until = 0, now + datetime.timedelta(seconds=settings.ATTEMPT_WINDOW_SECONDS)
    cache.set(name, (failures + 1, until), timeout=(until - now).total_seconds())


def forget_failures(limits: Iterable[str]) -> None:
    """Start counting anew."""
    cache.delete_many(limits)


def network_of(request: HttpRequest) -> str:
    """Return the sender's network: an IPv4 address, or the first half of an IPv6 one."""
    address = address_of(str(request.META.get("REMOTE_ADDR", "")))
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(address), IPV6_PREFIX), strict=False))
    return str(address)


def address_of(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | str:
    """Return the address in what the server says of the sender, or the text where there is none.

    Ports go, and an IPv4 address in the clothes of IPv6 (::ffff:192.0.2.1) is one of IPv4.
    """
    found = WITH_PORT.fullmatch(text)
    try:
        address = ipaddress.ip_address((found["six"] or found["four"]) if found else text)
    except ValueError:
        return text
    return getattr(address, "ipv4_mapped", None) or address

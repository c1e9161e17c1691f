"""Many forms of an open round from one device, network or office: marked for a second look, never dropped.

A device counts for itself in a signed cookie, a network in the cache under a keyed hash, for an hour. Only a
flood is stopped: far more forms than a counter with a queue could fill in.
"""

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from questionnaires import attempts
from questionnaires.models import OpenResponse, OpenRound
from questionnaires.models.open_rounds import networks_in
from questionnaires.wizard.attempts import Gate

STARTS = Gate("open-start", "OPEN_STARTS_PER_NETWORK", "OPEN_STARTS_PER_SESSION")
TOKENS = Gate("open-token", "TOKEN_ATTEMPTS_PER_NETWORK", "TOKEN_ATTEMPTS_PER_SESSION")
SALT = "questionnaires.open_rounds.device"
HOUR = 3_600
MOST_DAYS = 90
DAY_SECONDS = 86_400


def flags_of(request: HttpRequest, open_round: OpenRound) -> set[OpenResponse.Flag]:
    """Return the remarks that a form sent now deserves."""
    reasons = {
        OpenResponse.Flag.DEVICE: _sent_from_device(request, open_round) >= settings.OPEN_FORMS_PER_DEVICE,
        OpenResponse.Flag.NETWORK: cache.get(_network_counter(request, open_round), 0)
        >= settings.OPEN_FORMS_PER_NETWORK_HOUR,
        OpenResponse.Flag.OFFICE: is_from_office(request, open_round),
    }
    return {flag for flag, is_given in reasons.items() if is_given}


def note_sent(request: HttpRequest, response: HttpResponseBase, open_round: OpenRound) -> None:
    """Count a form that was sent, on the device and for its network."""
    name = _network_counter(request, open_round)
    with attempts.counting():
        cache.set(name, cache.get(name, 0) + 1, HOUR)
    seconds = int((open_round.closes_at - timezone.now()).total_seconds())
    response.set_signed_cookie(
        _cookie(open_round),
        str(_sent_from_device(request, open_round) + 1),
        salt=SALT,
        max_age=min(max(seconds, DAY_SECONDS), MOST_DAYS * DAY_SECONDS),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )


def is_from_office(request: HttpRequest, open_round: OpenRound) -> bool:
    """Tell whether a request comes from one of the networks that the office named."""
    networks = networks_in(open_round.office_networks)
    address = attempts.address_of(str(request.META.get("REMOTE_ADDR", "")))
    return not isinstance(address, str) and any(address in network for network in networks)


def _sent_from_device(request: HttpRequest, open_round: OpenRound) -> int:
    """Return how many forms the device has sent; one that was tampered with begins anew."""
    counted = request.get_signed_cookie(_cookie(open_round), default="0", salt=SALT)
    return int(counted) if counted and counted.isdecimal() else 0


def _cookie(open_round: OpenRound) -> str:
    """Return the name of the cookie of a round."""
    return f"open-{open_round.pk}"


def _network_counter(request: HttpRequest, open_round: OpenRound) -> str:
    """Return the name of the counter of a network in this hour."""
    hour = f"{timezone.now():%Y%m%d%H}"
    return attempts.counter("open-sent", str(open_round.pk), attempts.network_of(request), hour)

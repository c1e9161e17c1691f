"""A page that is sent twice counts once, and a script is told where it leads.

On a weak connection the answer of the server may be lost after it has saved. The script of the pages then
sends the same page again under the same key: it gets the same answer as before, and nothing is saved a second
time. The last key stays in the session. When the last page is sent, the session is cut from the answers and
gets a new name, which may be lost with the answer: the receipt waits for a quarter of an hour under a hash of
the key as well, sealed with the key itself. The server keeps the key nowhere, only hashes of it.

A redirect is nothing that a script can read. With a key it becomes 204 where the page was taken and 409 where
it was not (another device, another person, timed out), both with the address in `Location`.
"""

import json
import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from questionnaires import attempts
from questionnaires.receipt_keys import open_text, seal_text
from questionnaires.wizard import session

HEADER = "Idempotency-Key"
KEY = re.compile(r"[0-9a-f]{32}")
TAKEN = "taken"
"""Where the session keeps the hash of the key of the page taken last, and where it led."""
WAITING_SECONDS = 15 * 60
"""How long a receipt waits for a page that is sent again."""


def key_of(request: HttpRequest) -> str:
    """Return the key that a page was sent with; nothing without the script, or where it is no key."""
    key = request.headers.get(HEADER, "")
    return key if KEY.fullmatch(key) else ""


def place_taken(request: HttpRequest) -> str:
    """Return where the page led when it was taken before, or nothing."""
    taken, place = request.session.get(TAKEN, ("", ""))
    key = key_of(request)
    return str(place) if key and taken == _hash_of(key) else ""


def note_taken(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Remember that a page was taken, and where it leads; one that is shown again was not."""
    key = key_of(request)
    if key and response.status_code == HTTPStatus.FOUND:
        request.session[TAKEN] = [_hash_of(key), response.headers["Location"]]
    return response


def keep_receipt(request: HttpRequest, receipt: dict[str, str]) -> None:
    """Keep the receipt under seal for the holder of the key of its page: the answer may be lost."""
    if key := key_of(request):
        cache.set(_name(key), seal_text(key, json.dumps(receipt)), WAITING_SECONDS)


def recall_receipt(request: HttpRequest) -> HttpResponse | None:
    """Return the way to the receipt that the same page earned before, or nothing."""
    key = key_of(request)
    sealed = cache.get(_name(key)) if key and request.method == "POST" else None
    if sealed is None:
        return None
    session.finish(request, json.loads(open_text(key, sealed)))
    return note_taken(request, redirect("questionnaires:receipt"))


def _name(key: str) -> str:
    """Return the name under which a receipt waits."""
    return attempts.counter("receipt-sealed", key)


def _hash_of(key: str) -> str:
    """Return what the session remembers of a key: it must not open the seal of a receipt."""
    return attempts.counter("page-taken", key)


def told_to_scripts[**P](view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """Tell a script whether a page was taken and where it leads; browsers follow the redirect."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(*args, **kwargs)
        return _readable(args[0], response) if response.status_code == HTTPStatus.FOUND else response

    return answer


def _readable(request: Any, response: HttpResponseBase) -> HttpResponseBase:
    """Return a redirect as it is, or in words of its status for a script."""
    if key_of(request):
        is_taken = bool(place_taken(request))
        response.status_code = HTTPStatus.NO_CONTENT if is_taken else HTTPStatus.CONFLICT
    return response

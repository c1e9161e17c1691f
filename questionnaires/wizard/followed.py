"""What a printed link carries, taken from its address to the clean one: sealed in a cookie, for some minutes.

An address with a code would stay in the history of a shared telephone, and go along into the logs of proxies
as the referrer of whatever the page fetches. So the link leads on at once to the address without it, where
the code stands in its field. Following it consumes nothing: whoever follows it again finds the code again.
"""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from questionnaires.receipt_keys import open_text, seal_text

SECONDS = 5 * 60
LONGEST = 80


@dataclass(frozen=True, slots=True)
class Followed:
    """The cookie of one kind of link."""

    cookie: str

    def _secret(self, only_for: str) -> str:
        """Return what seals the cookie: nobody reads the code in the store of a browser."""
        return f"{settings.SECRET_KEY}:{self.cookie}:{only_for}"

    def lead(self, address: str, carried: str, *, only_for: str = "") -> HttpResponse:
        """Lead to the clean address; what the link carried is shown there until the button is pressed.

        `only_for` names the round that the link belongs to: no other shows it.
        """
        response = redirect(address)
        response.headers["X-Robots-Tag"] = "noindex"
        response.set_cookie(
            self.cookie,
            seal_text(self._secret(only_for), carried[:LONGEST]),
            max_age=SECONDS,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
        return response

    def carried(self, request: HttpRequest, *, only_for: str = "") -> str:
        """Return what the link carried; nothing for another round, or where the cookie was changed."""
        try:
            return open_text(self._secret(only_for), request.COOKIES.get(self.cookie, ""))
        except ValueError:
            return ""

    def forget(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Take the cookie off the device once the button was pressed."""
        if self.cookie in request.COOKIES:
            response.delete_cookie(self.cookie, samesite="Lax")
        return response


CODE, TOKEN = Followed("link_code"), Followed("link_token")

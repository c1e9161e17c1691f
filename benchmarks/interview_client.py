"""One respondent: reads each page's hidden fields as a browser does, answers, follows the redirect."""

import re
from collections.abc import Callable
from html import unescape

type Send = Callable[[str, dict[str, str] | None], tuple[int, str, str]]
"""Sends a form (or fetches, without one); returns status, where a redirect leads, and the page."""

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)"[^>]*? value="([^"]*)"')
RADIO = re.compile(r'<input type="radio" name="([^"]+)" id="[^"]*" value="([^"]*)"')
ANSWER = "4"
OK, FOUND = 200, 302
ENTER = "/tham-gia/"


class PageError(RuntimeError):
    """Raised when a page is not the one that should come."""


class Interview:
    """One questionnaire from the code to the receipt."""

    def __init__(self, send: Send, code: str) -> None:
        self.send, self.code = send, code
        self.path, self.page = "", ""

    def enter(self) -> None:
        """Type the code and agree to the consent; stand at the first section."""
        self.open(ENTER)
        self.post({"code": self.code})
        self.follow()
        self.post({"use": "on"})
        self.follow()

    def open(self, path: str) -> None:
        """Fetch a page, following redirects, and remember its form."""
        status, location, page = self.send(path, None)
        while status == FOUND:
            path = location
            status, location, page = self.send(path, None)
        if status != OK:
            raise PageError(f"{path}: expected status {OK}, got {status}.")
        self.path, self.page = path, page

    def post(self, fields: dict[str, str]) -> None:
        """Send the form of the page and remember where it leads."""
        hidden = {name: unescape(value) for name, value in HIDDEN.findall(self.page)}
        status, location, _page = self.send(self.path, hidden | fields)
        if status != FOUND:
            raise PageError(f"{self.path}: expected a redirect, got {status}.")
        self.path = location

    def follow(self) -> None:
        """Open where the last form led."""
        self.open(self.path)

    def post_section(self) -> None:
        """Choose the same point of every scale and send the section."""
        names = {name for name, _value in RADIO.findall(self.page)}
        self.post({**dict.fromkeys(sorted(names), ANSWER), "move": "next"})

    def answer_section(self) -> None:
        """Send the section and open the next page."""
        self.post_section()
        self.follow()

    def send_all(self) -> None:
        """Send the review and open the receipt."""
        self.post({})
        self.follow()

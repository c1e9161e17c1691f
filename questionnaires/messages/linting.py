"""What must and must not stand in a message that asks people to follow a link."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from questionnaires.messages.placeholders import (
    FROM_THE_CODE,
    LINK,
    NAMED,
    PLACEHOLDERS,
    fill,
    has_stray_brace,
    placeholders_in,
)
from questionnaires.messages.segments import count_segments, unaccent

EMAIL, SMS, ZALO = "email", "sms", "zalo"
THANKS = "thanks"
MOST_SEGMENTS = 4
"""Some networks of the country drop what is longer."""
LONGEST_TEXT = 5_000
TURNING = frozenset("\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction: they make an address look like another one."""
WITHOUT_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\u00ad"))
"""Characters that cannot be seen; Khmer is written with some of them, so they are only looked through."""

_ADDRESS = re.compile(
    r"https?:|www\.|://|\b(?:bit\.ly|tinyurl|goo\.gl|t\.co|zalo\.me)\b|\b[a-z0-9-]+\.(?:vn|com|net|org|info|xyz|top)\b"
)
_SENTENCE = re.compile(r"[!?;\n]+|\.(?=\s|$)")
_DENIAL = re.compile(r"\b(?:khong bao gio|khong yeu cau|khong hoi|never|do(?:es)? not ask)\b")

ASKED_FOR: Mapping[str, re.Pattern[str]] = {
    "identity card": re.compile(
        r"\bc\W?c\W?c\W?d\b|\bc\W?m\W?n\W?d\b|\bcan cuoc\b|\bchung minh (?:nhan dan|thu)\b"
        r"|\bdinh danh ca nhan\b|\b(?:identity|id) (?:card|number)\b|\bcitizen id\b|\bpassport\b|\bho chieu\b"
    ),
    "OTP": re.compile(r"\bo\W?t\W?p\b|\bma xac (?:thuc|nhan|minh)\b|\bverification code\b"),
    "VNeID": re.compile(r"\bvn\W?e\W?id\b"),
    "password": re.compile(r"\bmat khau\b|\bpasswords?\b|\bpin code\b|\bma pin\b"),
    "money": re.compile(
        r"\bchuyen (?:khoan|tien)\b|\b(?:nop|dong|nap) (?:tien|phi|the|le phi)\b|\btai khoan ngan hang\b"
        r"|\bso (?:tai khoan|the)\b|\bbank account\b"
        r"|\b(?:transfer|send|pay)\b.{0,20}\b(?:money|fee|vnd|dong)\b"
        r"|\bcredit card\b|\bpayment\b"
    ),
}
"""What a genuine message never asks for; looked for in lower case and without marks."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a template: a code for the words, what they name, and whether it can be kept."""

    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """A template as it was typed."""

    purpose: str
    channel: str
    body: str
    subject: str = ""
    is_unaccented: bool = False
    zalo_template: str = ""

    @property
    def whole(self) -> str:
        """Everything that a person reads."""
        return f"{self.subject}\n{self.body}" if self.subject else self.body


def lint(draft: Draft, values: Mapping[str, str]) -> list[Problem]:
    """Return what is wrong with a template.

    Parameters
    ----------
    draft : Draft
        What was typed.
    values : mapping of str to str
        What its placeholders stand for in the round, with a code of the right length: the price depends
        on it.

    Returns
    -------
    list of Problem
        Errors, with which a template is not kept, then warnings; empty if all is well.

    Notes
    -----
    A word such as OTP may stand in a sentence that says it is never asked for.

    Examples
    --------
    >>> from questionnaires.messages.placeholders import NAMED
    >>> body = "{agency} ({decision}, {telephone}): {link} - hay gui ma OTP"
    >>> [problem.code for problem in lint(Draft("invitation", "sms", body), {})]
    ['asks_for']
    """
    found = [problem for check in CHECKS for problem in check(draft, values)]
    return sorted(found, key=lambda problem: not problem.is_error)


def _shape(draft: Draft, _values: Mapping[str, str]) -> Iterator[Problem]:
    """Check that there is a text of a sensible length, and what its channel needs."""
    if not draft.body.strip():
        yield Problem("empty")
    if len(draft.body) > LONGEST_TEXT:
        yield Problem("too_long", {"n": len(draft.body), "most": LONGEST_TEXT})
    if draft.channel == EMAIL and not draft.subject.strip():
        yield Problem("subject_missing")
    if draft.channel == ZALO and not draft.zalo_template.strip().isdecimal():
        yield Problem("zalo_template_missing")


def _signs(draft: Draft, _values: Mapping[str, str]) -> Iterator[Problem]:
    """Refuse characters that cannot be seen."""
    hidden = [sign for sign in draft.whole if sign in TURNING or (_is_control(sign) and sign not in "\r\n")]
    hidden += [sign for sign in draft.subject if sign in "\r\n"]
    if hidden:
        yield Problem("hidden_sign", {"sign": f"U+{ord(hidden[0]):04X}"})


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Cs", "Co", "Cn"}


def _placeholders(draft: Draft, _values: Mapping[str, str]) -> Iterator[Problem]:
    """Check what stands between braces."""
    used, in_body = placeholders_in(draft.whole), placeholders_in(draft.body)
    needed, refused = (NAMED, FROM_THE_CODE) if draft.purpose == THANKS else ((LINK, *NAMED), ())
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    for name in dict.fromkeys(used):
        if name not in PLACEHOLDERS:
            yield Problem("placeholder_unknown", {"got": f"{{{name}}}", "known": known})
    if has_stray_brace(draft.whole):
        yield Problem("brace", {"known": known})
    yield from (Problem("code_in_thanks", {"got": f"{{{name}}}"}) for name in refused if name in used)
    missing = (name for name in needed if name not in in_body)
    yield from (Problem("placeholder_missing", {"name": f"{{{name}}}"}) for name in missing)


def _addresses(draft: Draft, _values: Mapping[str, str]) -> Iterator[Problem]:
    """Refuse links that the author typed: people must be able to trust every link."""
    written = fill(draft.whole, dict.fromkeys(PLACEHOLDERS, " ")).translate(WITHOUT_WIDTH)
    if found := _ADDRESS.search(written.casefold()):
        yield Problem("address_typed", {"got": found[0]})


def _requests(draft: Draft, _values: Mapping[str, str]) -> Iterator[Problem]:
    """Refuse to ask for what swindlers ask for."""
    written = unaccent(draft.whole.translate(WITHOUT_WIDTH)).casefold()
    for sentence in _SENTENCE.split(written):
        for name, pattern in ASKED_FOR.items():
            found = pattern.search(sentence)
            if found and not _DENIAL.search(sentence[: found.start()]):
                yield Problem("asks_for", {"what": name, "got": found[0]})


def _price(draft: Draft, values: Mapping[str, str]) -> Iterator[Problem]:
    """Tell what accents cost and what does not fit."""
    if draft.channel != SMS:
        return
    text = fill(draft.body, values)
    plain = count_segments(unaccent(text))
    counted = plain if draft.is_unaccented else count_segments(text)
    if counted.n_segments > MOST_SEGMENTS:
        yield Problem("too_many_segments", {"n": counted.n_segments, "most": MOST_SEGMENTS})
    if counted.n_segments > plain.n_segments:
        yield Problem("accents_cost", {"n": counted.n_segments, "plain": plain.n_segments}, is_error=False)
    if draft.is_unaccented and plain.foreign:
        yield Problem("not_plain", {"signs": " ".join(plain.foreign[:10])}, is_error=False)


CHECKS: tuple[Callable[[Draft, Mapping[str, str]], Iterator[Problem]], ...] = (
    _shape,
    _signs,
    _placeholders,
    _addresses,
    _requests,
    _price,
)

"""One-time tokens for open rounds: 24 digits on the receipt of a dossier, in six groups of four.

The first 23 digits are one number of 76 bits, the last is Damm's check digit, as in access codes:

====  =====================================================================================
bits  meaning
====  =====================================================================================
38    keyed hash of the dossier number in this round; the number itself is nowhere
9     last week in which the token is taken, counted from Monday 5 January 2026
29    signature of both and of the round, by ``django.core.signing`` with a salt of its own
====  =====================================================================================

Digits, because Vietnamese keyboards turn letters into others. The signature is short so that the token can be
typed; who guesses is stopped by the limit on wrong tokens, as with access codes. No token is kept anywhere:
what was used is remembered as a keyed hash, apart from the answers.
"""

import datetime
import unicodedata
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from questionnaires.access_codes import check_digit, keyed_hash

LENGTH = 24
HASH_BITS, WEEK_BITS, SIGNATURE_BITS = 38, 9, 29
FIRST_WEEK = datetime.date(2026, 1, 5)
WEEK_DAYS = 7
LAST_WEEK = (1 << WEEK_BITS) - 1
SIGNATURE_SALT, DOSSIER_SALT = "questionnaires.open_tokens", "questionnaires.open_tokens.dossier"
_SEPARATORS = frozenset(" -.\u00a0\u2009\u202f\u2010\u2011\u2012\u2013\u2014\u2212\t\r\n")


class TokenError(ValueError):
    """A token that is not taken."""


class MalformedTokenError(TokenError):
    """Raised for a text that cannot be a token: wrong length, other signs, or a wrong check digit."""


class ForgedTokenError(TokenError):
    """Raised for a token that was not made here for this round."""


class ExpiredTokenError(TokenError):
    """Raised for a token whose last week is over."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was checked: what is remembered of it once it is used."""

    token_hash: str
    dossier_hash: str


def make_token(dossier: str, round_code: str, last_day: datetime.date) -> str:
    """Return the token of a dossier; the same dossier and week give the same token.

    Parameters
    ----------
    dossier : str
        Number of the dossier, however it is spaced and written.
    round_code : str
        Code of the open round.
    last_day : datetime.date
        A day of the last week in which the token is taken.

    Returns
    -------
    str
        24 digits.

    Raises
    ------
    ValueError
        If the number has neither a letter nor a digit, or the day lies outside the weeks that a token counts.
    """
    week = week_of(last_day)
    if not canonical(dossier):
        raise ValueError(f"Expected a dossier number with letters or digits, got {dossier!r}. Correct it.")
    hashed = _hash_of(dossier, round_code)
    content = (hashed << WEEK_BITS) | week
    number = (content << SIGNATURE_BITS) | _signature(content, round_code)
    digits = f"{number:0{LENGTH - 1}d}"
    return digits + check_digit(digits)


def read_token(typed: str, round_code: str, day: datetime.date) -> Token:
    """Return what is remembered of a token, however it was typed.

    Parameters
    ----------
    typed : str
        What was typed or scanned.
    round_code : str
        Code of the open round.
    day : datetime.date
        Today.

    Returns
    -------
    Token
        Two keyed hashes, of the token and of its dossier.

    Raises
    ------
    MalformedTokenError, ForgedTokenError, ExpiredTokenError
        If it is none, was not made here, or is over.
    """
    digits = normalize(typed)
    content, signature = divmod(int(digits[:-1]), 1 << SIGNATURE_BITS)
    hashed, week = divmod(content, 1 << WEEK_BITS)
    is_ours = constant_time_compare(str(signature), str(_signature(content, round_code)))
    if hashed >> HASH_BITS or not is_ours:
        raise ForgedTokenError("Expected a token of this round, got another. Look at the receipt.")
    if day > last_day_of(week):
        raise ExpiredTokenError(f"The token was taken until {last_day_of(week):%d/%m/%Y}.")
    return Token(
        keyed_hash(f"{round_code}:{digits}", settings.ACCESS_CODE_KEY),
        keyed_hash(f"{round_code}:{hashed}", settings.ACCESS_CODE_KEY),
    )


def normalize(typed: str) -> str:
    """Return the 24 digits that somebody meant; raise MalformedTokenError where there are none."""
    digits = "".join(sign for sign in unicodedata.normalize("NFKC", typed) if sign not in _SEPARATORS)
    if len(digits) != LENGTH or not (digits.isascii() and digits.isdigit()):
        raise MalformedTokenError(f"Expected {LENGTH} digits, got {len(digits)} signs. Look at the receipt.")
    if check_digit(digits) != "0":
        raise MalformedTokenError("The last digit does not fit the others. Look at the receipt.")
    return digits


def canonical(dossier: str) -> str:
    """Return a dossier number without the signs that people write differently.

    Examples
    --------
    >>> canonical(" h26.12-251122/0001 ")
    'H26122511220001'
    """
    composed = unicodedata.normalize("NFKC", dossier).upper()
    return "".join(sign for sign in composed if sign.isalnum())


def week_of(day: datetime.date) -> int:
    """Return the week of a day as tokens count it.

    Examples
    --------
    >>> week_of(datetime.date(2026, 1, 5)), week_of(datetime.date(2026, 1, 18))
    (0, 1)
    """
    week = (day - FIRST_WEEK).days // WEEK_DAYS
    if not 0 <= week <= LAST_WEEK:
        raise ValueError(
            f"Expected a day from {FIRST_WEEK} to {last_day_of(LAST_WEEK)}, got {day}. Choose another day."
        )
    return week


def last_day_of(week: int) -> datetime.date:
    """Return the Sunday of a week.

    Examples
    --------
    >>> last_day_of(0)
    datetime.date(2026, 1, 11)
    """
    return FIRST_WEEK + datetime.timedelta(days=WEEK_DAYS * week + WEEK_DAYS - 1)


def _signature(content: int, round_code: str) -> int:
    """Return the signature of what a token says, for one round."""
    signer = signing.Signer(key=settings.ACCESS_CODE_KEY, salt=SIGNATURE_SALT)
    return _bits(signing.b64_decode(signer.signature(f"{round_code}:{content}").encode()), SIGNATURE_BITS)


def _bits(digest: bytes, count: int) -> int:
    """Return the first bits of a hash as a number."""
    return int.from_bytes(digest) >> (len(digest) * 8 - count)


def _hash_of(dossier: str, round_code: str) -> int:
    """Return the keyed hash of a dossier number in a round, as short as a token holds it."""
    text = f"{round_code}:{canonical(dossier)}"
    hashed = salted_hmac(DOSSIER_SALT, text, secret=settings.ACCESS_CODE_KEY, algorithm="sha256")
    return _bits(hashed.digest(), HASH_BITS)

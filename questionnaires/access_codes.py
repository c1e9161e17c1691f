"""Access codes: fifteen random digits and a check digit, read aloud and typed on a phone.

Digits only, so that the numeric keypad serves and no letter can be confused. The last digit is that of
Damm's algorithm, which finds every single wrong digit and every swap of neighbours: a slip of the finger is
told from a guess without asking the database. Only a keyed hash is ever stored.

References
----------
H. M. Damm, *Total anti-symmetrische Quasigruppen*, Marburg 2004.
"""

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Iterator

LENGTH = 16
GROUP = 4
_SPACE = 10 ** (LENGTH - 1)
_SEPARATORS = str.maketrans("", "", " \t\r\n\u00a0\u2009\u202f.-\u2010\u2011\u2012\u2013\u2014\u2212")
_QUASIGROUP = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


class MalformedCodeError(ValueError):
    """Raised for a text that cannot be a code: wrong length, other signs, or a wrong check digit."""


def check_digit(digits: str) -> str:
    """Return Damm's check digit.

    Parameters
    ----------
    digits : str
        ASCII digits.

    Returns
    -------
    str
        One digit; appended to `digits` it makes the check digit of the whole "0".

    Examples
    --------
    >>> check_digit("572")
    '4'
    """
    interim = 0
    for digit in digits:
        interim = _QUASIGROUP[interim][int(digit)]
    return str(interim)


def normalize(text: str) -> str:
    """Return the sixteen digits that somebody meant, with whatever spaces, hyphens or wide digits.

    Parameters
    ----------
    text : str
        What was typed, scanned or followed as a link.

    Returns
    -------
    str
        Sixteen ASCII digits whose check digit is right.

    Raises
    ------
    MalformedCodeError
        If the text is no code.

    Examples
    --------
    >>> normalize("0000-0000 0000—0000")
    '0000000000000000'
    """
    digits = unicodedata.normalize("NFKC", text).translate(_SEPARATORS)
    if len(digits) != LENGTH or not (digits.isascii() and digits.isdigit()):
        raise MalformedCodeError(f"Expected {LENGTH} digits, got {len(digits)} signs. Check the letter.")
    if check_digit(digits) != "0":
        raise MalformedCodeError("The last digit does not fit the others. Check the letter.")
    return digits


def in_groups(code: str) -> str:
    """Return a code as it is printed and shown.

    Parameters
    ----------
    code : str
        Sixteen digits.

    Returns
    -------
    str
        Four groups of four.

    Examples
    --------
    >>> in_groups("1234567890123456")
    '1234 5678 9012 3456'
    """
    return " ".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def keyed_hash(code: str, key: str) -> str:
    """Return what is stored instead of a code.

    Parameters
    ----------
    code : str
        Sixteen digits.
    key : str
        The installation's secret; without it the hash of a guess cannot be computed.

    Returns
    -------
    str
        HMAC-SHA-256 in hexadecimal.

    Examples
    --------
    >>> len(keyed_hash("0" * 16, "key"))
    64
    """
    return hmac.new(key.encode(), code.encode(), hashlib.sha256).hexdigest()


def random_codes() -> Iterator[str]:
    """Yield codes from the operating system's random source, for real letters.

    Yields
    ------
    str
        Sixteen digits; repetitions are possible, if hardly ever seen.
    """
    while True:
        yield _with_check_digit(secrets.randbelow(_SPACE))


def repeatable_codes(seed: str) -> Iterator[str]:
    """Yield the codes of a demonstration: the same for the same seed, hence no secret.

    Parameters
    ----------
    seed : str
        Any text.

    Yields
    ------
    str
        Sixteen digits.

    Examples
    --------
    >>> next(repeatable_codes("a")) == next(repeatable_codes("a"))
    True
    """
    position = 0
    while True:
        block = hashlib.sha256(f"{seed}:{position}".encode()).digest()
        yield _with_check_digit(int.from_bytes(block) % _SPACE)
        position += 1


def _with_check_digit(number: int) -> str:
    """Return a number as fifteen digits with their check digit."""
    digits = f"{number:0{LENGTH - 1}d}"
    return digits + check_digit(digits)

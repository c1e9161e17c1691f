"""Vietnamese text: dictionary order, search without tone marks, shortening at a word.

Keys are compared as plain strings and consist of the digits 0-9 only, which every database, collation and
operating system orders alike. SQLite and PostgreSQL therefore list names in the same order whatever their
locale is.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache

ALPHABET = list("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")
"""The Vietnamese letters in dictionary order, with f, j, w and z where they stand in the Latin alphabet."""

TONES = {"\u0300": "2", "\u0309": "3", "\u0303": "4", "\u0301": "5", "\u0323": "6"}
"""Rank of each tone mark: ngang (no mark, 1), huyền, hỏi, ngã, sắc, nặng, the order of most dictionaries."""

LEVEL_TONE = "1"
LETTER_MARKS = frozenset("\u0306\u0302\u031b")
"""Breve, circumflex and horn, which make another letter of a vowel."""

END_OF_LEVEL, WORD_BREAK, NUMBER, FOREIGN_LETTER = "00", "01", "10", "99"
FIRST_LETTER_RANK = 11
LONGEST_NUMBER = 99
CODE_POINT_DIGITS = 7
SORT_KEY_LENGTH = 400
SEARCH_KEY_LENGTH = 120

_LETTER_RANK = {
    unicodedata.normalize("NFD", letter): str(rank)
    for rank, letter in enumerate(ALPHABET, start=FIRST_LETTER_RANK)
}
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc\u00b4`]")
_TOKEN = re.compile(r"\d+|[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])*")


def sort_key(text: str, *, max_length: int = SORT_KEY_LENGTH) -> str:
    """Return a string of digits whose plain order is the Vietnamese dictionary order of `text`.

    The letters of the whole text are compared first, then the tones, as the Unicode collation for
    Vietnamese does; upper and lower case are alike. A run of digits is compared as one number.
    Punctuation only separates words, an apostrophe is passed over. Texts that differ in nothing else
    share a key, so order by the key and then by a code.

    Parameters
    ----------
    text : str
        Any text, composed or decomposed.
    max_length : int, optional
        Longest key to return. A cut key never reverses an order, it can only turn it into a tie.

    Returns
    -------
    str
        Digits 0-9, at most `max_length` of them.

    Notes
    -----
    The tone is a property of the word, so "hòa" and "hoà" share a key. A word with several tone marks, which
    Vietnamese has not, is ranked by the first.

    Examples
    --------
    >>> sorted(["Quận 10", "Đắk Lắk", "Quận 2", "Da", "Dạ", "Dà"], key=sort_key)
    ['Da', 'Dà', 'Dạ', 'Đắk Lắk', 'Quận 2', 'Quận 10']
    """
    words = _words(text)
    letters = WORD_BREAK.join(_word_letters(word) for word in words)
    tones = "".join(_word_tone(word) for word in words)
    return f"{letters}{END_OF_LEVEL}{tones}"[:max_length]


def person_sort_key(full_name: str) -> str:
    """Return the key that lists persons by given name, then by family and middle names.

    The given name is the last word of a Vietnamese name. Its tone counts before the family name: every "An"
    stands before every "Án".

    Parameters
    ----------
    full_name : str
        Family name, middle names, given name.

    Returns
    -------
    str
        Digits 0-9, at most `SORT_KEY_LENGTH` of them.

    Examples
    --------
    >>> sorted(["Trần Văn Bình", "Lê Thị Ánh", "Nguyễn Văn An"], key=person_sort_key)
    ['Nguyễn Văn An', 'Lê Thị Ánh', 'Trần Văn Bình']
    """
    rest, _, given = full_name.strip().rpartition(" ")
    return (sort_key(given) + sort_key(rest))[:SORT_KEY_LENGTH]


def search_key(text: str, *, max_length: int = SEARCH_KEY_LENGTH) -> str:
    """Return `text` as people type it in a hurry: lower case, no marks, đ as d, single spaces.

    Parameters
    ----------
    text : str
        A name, or what was typed to find it; both sides of a search go through this function.
    max_length : int, optional
        Longest key to return.

    Returns
    -------
    str
        Lower-case letters, digits and single spaces.

    Examples
    --------
    >>> search_key("Bà Rịa - Vũng Tàu"), search_key("Hoà Bình") == search_key("HÒA BÌNH")
    ('ba ria vung tau', True)
    """
    plain = "".join(mark for mark in " ".join(_words(text)) if not unicodedata.combining(mark))
    return plain.replace("đ", "d")[:max_length].rstrip()


def shorten_at_word(text: str, limit: int, *, unit: str = "characters", ending: str = "…") -> str:
    """Return `text` cut after a whole word so that it fits `limit`, the ending included.

    Parameters
    ----------
    text : str
        Text to shorten; it comes back unchanged if it fits.
    limit : int
        Longest result, in `unit`.
    unit : {"characters", "bytes"}, optional
        What is counted; bytes are those of UTF-8, in which most Vietnamese vowels take two or three.
    ending : str, optional
        Put after shortened text.

    Returns
    -------
    str
        Text within the limit. A first word that is too long by itself is cut between characters.

    Raises
    ------
    ValueError
        If `limit` has no room for the ending and one character, or `unit` is unknown.

    Examples
    --------
    >>> shorten_at_word("Thời gian giải quyết thủ tục", 16)
    'Thời gian giải…'
    """
    if unit not in _MEASURES:
        raise ValueError(f"Expected unit 'characters' or 'bytes', got {unit!r}.")
    measure = _MEASURES[unit]
    room = limit - measure(ending)
    if room < 1:
        raise ValueError(f"Expected a limit above {measure(ending)} {unit}, got {limit}.")
    if measure(text) <= limit:
        return text
    longest = _longest_prefix(text, room, unit)
    at_word = longest if text[len(longest)].isspace() else longest.rpartition(" ")[0]
    return (at_word.rstrip(" ,;:-–(") or longest) + ending


def _longest_prefix(text: str, room: int, unit: str) -> str:
    """Return the longest beginning of `text` that fits `room` without splitting a character."""
    if unit == "characters":
        return text[:room]
    return text.encode()[:room].decode(errors="ignore")


_MEASURES: Mapping[str, Callable[[str], int]] = {"characters": len, "bytes": lambda text: len(text.encode())}


def _words(text: str) -> list[str]:
    """Split into decomposed lower-case words and numbers."""
    composed = unicodedata.normalize("NFC", _APOSTROPHES.sub("", text)).lower()
    return [unicodedata.normalize("NFD", token) for token in _TOKEN.findall(composed)]


@lru_cache(maxsize=20_000)
def _word_letters(word: str) -> str:
    """Rank the letters of one decomposed word, or a number as a number."""
    if word[0].isdecimal():
        digits = "".join(str(unicodedata.decimal(digit)) for digit in word).lstrip("0")[:LONGEST_NUMBER]
        return f"{NUMBER}{len(digits):02d}{digits}"
    return "".join(_letter_rank(letter) for letter in _letters(word))


def _letters(word: str) -> list[str]:
    """Split a decomposed word into letters; tone marks and marks of other languages fall away."""
    letters: list[str] = []
    for character in word:
        if not unicodedata.combining(character):
            letters.append(character)
        elif character in LETTER_MARKS and letters and letters[-1] + character in _LETTER_RANK:
            letters[-1] += character
    return letters


def _letter_rank(letter: str) -> str:
    """Return the rank of a letter; letters of other scripts follow z by code point."""
    return _LETTER_RANK.get(letter) or f"{FOREIGN_LETTER}{ord(letter[0]):0{CODE_POINT_DIGITS}d}"


def _word_tone(word: str) -> str:
    """Return the rank of the tone of a decomposed word."""
    return next((TONES[mark] for mark in word if mark in TONES), LEVEL_TONE)

"""Text messages as networks count and bill them, and Vietnamese without its marks."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The basic table of 3GPP TS 23.038, one septet each."""
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Signs that take an escape before them, two septets."""

FIRST_MARK, LAST_MARK = "\u0300", "\u036f"
LONGEST_BASIC = 0xFFFF
"""The last character that takes one unit of UCS-2; others take two."""

PLAIN_SIGNS = str.maketrans(
    {
        "đ": "d", "Đ": "D",
        "\u2018": "'", "\u2019": "'", "\u02bc": "'",
        "\u201c": '"', "\u201d": '"', "\u00ab": '"', "\u00bb": '"',
        "\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2014": "-", "\u2022": "-", "\u00b7": "-",
        "\u2026": "...", "\u00d7": "x", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " ",
    }
)  # fmt: skip
"""Letters and signs that a word processor puts in and that have a plain form."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """An alphabet of text messages, and how much of it one segment holds."""

    name: str
    single: int
    joined: int


GSM_7 = Encoding("GSM-7", 160, 153)
UCS_2 = Encoding("UCS-2", 70, 67)


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text costs.

    Parameters
    ----------
    encoding : Encoding
        The alphabet that it needs.
    n_units : int
        Septets of GSM-7, or units of 16 bits of UCS-2.
    n_segments : int
        What is billed; 0 for an empty text.
    left : int
        Units that still fit into the last segment.
    foreign : tuple of str
        The characters that GSM-7 lacks, each once, in the order of the text.
    """

    encoding: Encoding
    n_units: int
    n_segments: int
    left: int
    foreign: tuple[str, ...]


def count_segments(text: str) -> Segments:
    """Return how many segments a network bills for a text.

    Parameters
    ----------
    text : str
        What is sent, placeholders filled in. It is composed (NFC) first, as it is when it is sent.

    Returns
    -------
    Segments
        Alphabet, units and segments.

    Notes
    -----
    One character outside GSM-7 moves the whole text to UCS-2, with 70 characters for a single segment and 67
    for each of several, in place of 160 and 153. Neither a sign of two septets nor a pair of surrogates is
    split between segments.

    References
    ----------
    3GPP TS 23.038, Alphabets and language-specific information, sections 6.1.2.1 and 6.2.1;
    3GPP TS 23.040, section 9.2.3.24.1 (the header of joined messages).

    Examples
    --------
    >>> counted = count_segments("Mời Ông/Bà trả lời")
    >>> counted.encoding.name, counted.n_units, counted.n_segments
    ('UCS-2', 18, 1)
    >>> count_segments("Moi Ong/Ba tra loi " * 9).n_segments
    2
    """
    composed = unicodedata.normalize("NFC", text)
    foreign = tuple(dict.fromkeys(sign for sign in composed if not _is_gsm(sign)))
    encoding = UCS_2 if foreign else GSM_7
    costs = [_units(sign) if foreign else _septets(sign) for sign in composed]
    n_segments, left = _pack(costs, encoding)
    return Segments(encoding, sum(costs), n_segments, left, foreign)


def unaccent(text: str) -> str:
    """Return Vietnamese, and any other Latin text, with plain letters, quotes and dashes; đ becomes d.

    Parameters
    ----------
    text : str
        Any text, composed or decomposed.

    Returns
    -------
    str
        The text without marks. Letters of other scripts stay as they are, vowel signs of Khmer included.

    Examples
    --------
    >>> unaccent("Đề nghị Ông/Bà trả lời “khảo sát” – cảm ơn…")
    'De nghi Ong/Ba tra loi "khao sat" - cam on...'
    """
    bare = (sign for sign in unicodedata.normalize("NFD", text) if not FIRST_MARK <= sign <= LAST_MARK)
    return unicodedata.normalize("NFC", "".join(bare)).translate(PLAIN_SIGNS)


def _is_gsm(sign: str) -> bool:
    return sign in GSM_BASIC or sign in GSM_EXTENDED


def _septets(sign: str) -> int:
    return 2 if sign in GSM_EXTENDED else 1


def _units(sign: str) -> int:
    return 2 if ord(sign) > LONGEST_BASIC else 1


def _pack(costs: Sequence[int], encoding: Encoding) -> tuple[int, int]:
    """Fill segments from the left and return their number with what is left in the last."""
    total = sum(costs)
    if total <= encoding.single:
        return (1 if total else 0), encoding.single - total
    fills = list(_fills(costs, encoding.joined))
    return len(fills), encoding.joined - fills[-1]


def _fills(costs: Iterable[int], room: int) -> Iterable[int]:
    """Yield how full each segment is."""
    used = 0
    for cost in costs:
        if used + cost > room:
            yield used
            used = 0
        used += cost
    yield used

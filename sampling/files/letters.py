"""Vietnamese letters as old fonts wrote them: TCVN3 (ABC) and VNI-Windows, and back to Unicode.

Both kept the bytes of Western European text and drew other shapes for them. Such text therefore comes as
bytes of a file, or as Latin letters inside a workbook, where the font of the cell alone told a reader what
was meant.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

TCVN3_RUNS: Mapping[int, str] = {
    0xA1: "ĂÂÊÔƠƯĐăâêôơưđ",
    0xB5: "àảãáạ",
    0xBB: "ằẳẵắ",
    0xC6: "ặầẩẫấậè",
    0xCE: "ẻẽéẹềểễếệìỉ",
    0xDC: "ĩíịò",
    0xE1: "ỏõóọồổỗốộờởỡớợù",
    0xF1: "ủũúụừửữứựỳỷỹýỵ",
}
"""First byte of each run of letters; TCVN 5712:1993, third character set. Capitals with a tone it has not."""

TONES = "\u0300\u0309\u0303\u0301\u0323"
"""Huyền, hỏi, ngã, sắc, nặng, in the order of the marks below."""

CIRCUMFLEX, BREVE = "\u0302", "\u0306"
VNI_TONES = "øûõùï"
VNI_CIRCUMFLEXES, VNI_BREVES = "âàåãáä", "êèúüéë"
"""The mark without a tone, then with each tone: VNI writes a vowel and then one letter for its marks."""

VNI_SINGLE: Mapping[str, str] = dict(zip("ìæóíòñîôö", "ìỉĩíịđỵơư", strict=True))
"""Letters that VNI writes by one sign."""

CAPITAL_FONT_WORD = re.compile(r"[^\W\d_]*[A-Z][^\W\d_]*[A-Z][^\W\d_]*")
FIRST_OLD_LETTER, LAST_OLD_LETTER = "\u00a1", "\u00ff"
REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class LetterError(ValueError):
    """A sign that a convention does not have, and where in the text it stands."""

    sign: str
    position: int

    def __str__(self) -> str:
        """Name the sign."""
        return f"Expected a letter of this convention, got {self.sign!r} at position {self.position}."


def _composed(*parts: str) -> str:
    """Return one composed letter."""
    return unicodedata.normalize("NFC", "".join(parts))


@lru_cache(maxsize=1)
def _tcvn3_letters() -> Mapping[str, str]:
    """Return the letter behind each Latin letter."""
    return {
        chr(first + offset): letter for first, run in TCVN3_RUNS.items() for offset, letter in enumerate(run)
    }


@lru_cache(maxsize=1)
def _vni_small() -> Mapping[str, str]:
    """Return the letter behind each small VNI sequence."""
    sequences = dict(VNI_SINGLE)
    for written, vowel in zip("aeouyôö", "aeouyơư", strict=True):
        for mark, tone in zip(VNI_TONES, TONES, strict=True):
            sequences[written + mark] = _composed(vowel, tone)
    for vowels, marks, shape in (("aeo", VNI_CIRCUMFLEXES, CIRCUMFLEX), ("a", VNI_BREVES, BREVE)):
        for vowel in vowels:
            for mark, tone in zip(marks, ("", *TONES), strict=True):
                sequences[vowel + mark] = _composed(vowel, shape, tone)
    return {written: letter for written, letter in sequences.items() if written != "yï"}


@lru_cache(maxsize=1)
def _vni_letters() -> Mapping[str, str]:
    """Return the letter behind each VNI sequence; a capital takes a mark of either size."""
    letters: dict[str, str] = {}
    for written, letter in _vni_small().items():
        letters |= {written: letter, written.upper(): letter.upper()}
        letters |= {written[0].upper() + written[1:]: letter.upper()}
    return letters


@lru_cache(maxsize=1)
def _vni_pattern() -> re.Pattern[str]:
    """Return what finds VNI sequences, the longer first."""
    return re.compile("|".join(map(re.escape, sorted(_vni_letters(), key=len, reverse=True))))


def from_tcvn3(text: str, *, is_strict: bool = True) -> str:
    """Return Unicode for text whose Latin letters stand for TCVN3 ones.

    A word with two or more plain capitals was typed for a capital font (names of such fonts end in H): its
    marked letters become capitals too.

    Parameters
    ----------
    text : str
        Text with the letters U+00A1 to U+00FF of the old font.
    is_strict : bool, optional
        Refuse signs without a meaning; otherwise they become U+FFFD.

    Returns
    -------
    str
        Composed Unicode text.

    Raises
    ------
    LetterError
        If a sign has no meaning in TCVN3.

    References
    ----------
    TCVN 5712:1993, third character set (VN3).

    Examples
    --------
    >>> from_tcvn3("§µ N½ng"), from_tcvn3("CéNG HßA")
    ('Đà Nẵng', 'CỘNG HÒA')
    """
    letters = _tcvn3_letters()
    for position, sign in enumerate(text):
        if is_strict and FIRST_OLD_LETTER <= sign <= LAST_OLD_LETTER and sign not in letters:
            raise LetterError(sign, position)
    table = dict.fromkeys(range(ord(FIRST_OLD_LETTER), ord(LAST_OLD_LETTER) + 1), REPLACEMENT)
    table |= {ord(written): letter for written, letter in letters.items()}
    return CAPITAL_FONT_WORD.sub(lambda word: word.group().upper(), text.translate(table))


def to_tcvn3(text: str) -> str:
    """Return the Latin letters by which TCVN3 writes a text; capitals with a tone become small.

    Examples
    --------
    >>> to_tcvn3("Đà Nẵng"), from_tcvn3(to_tcvn3("Á"))
    ('§µ N½ng', 'á')
    """
    written = {letter: sign for sign, letter in _tcvn3_letters().items()}
    plain = unicodedata.normalize("NFC", text)
    return "".join(written.get(sign) or written.get(sign.lower(), sign) for sign in plain)


def from_vni(text: str, *, is_strict: bool = True) -> str:
    """Return Unicode for text whose Latin letters stand for VNI-Windows ones.

    Parameters
    ----------
    text : str
        Text with a vowel followed by the sign of its marks.
    is_strict : bool, optional
        Refuse marks without their vowel; otherwise they become U+FFFD.

    Returns
    -------
    str
        Composed Unicode text.

    Raises
    ------
    LetterError
        If a mark stands where VNI has none.

    Examples
    --------
    >>> from_vni("Ñaø Naüng"), from_vni("COÄNG HOØA")
    ('Đà Nẵng', 'CỘNG HÒA')
    """
    letters = _vni_letters()
    parts: list[str] = []
    end = 0
    for match in _vni_pattern().finditer(text):
        parts += (_without_marks(text, end, match.start(), is_strict=is_strict), letters[match.group()])
        end = match.end()
    parts.append(_without_marks(text, end, len(text), is_strict=is_strict))
    return "".join(parts)


def _without_marks(text: str, start: int, end: int, *, is_strict: bool) -> str:
    """Return a stretch between two sequences, in which no mark may stand alone."""
    stretch = text[start:end]
    if stretch.isascii():
        return stretch
    for offset, sign in enumerate(stretch):
        if is_strict and "\u00c0" <= sign <= LAST_OLD_LETTER:
            raise LetterError(sign, start + offset)
    return re.sub("[\u00c0-\u00ff]", REPLACEMENT, stretch)


def to_vni(text: str) -> str:
    """Return the Latin letters by which VNI-Windows writes a text.

    Examples
    --------
    >>> to_vni("Đà Nẵng")
    'Ñaø Naüng'
    """
    small = {letter: written for written, letter in _vni_small().items()}
    capital = {letter.upper(): written.upper() for letter, written in small.items()}
    written = small | capital
    return "".join(written.get(sign, sign) for sign in unicodedata.normalize("NFC", text))


def from_unicode(text: str, *, is_strict: bool = True) -> str:
    """Return Unicode text composed; it is what it is, strictly or not.

    Examples
    --------
    >>> len(from_unicode("e\u0302\u0301"))
    1
    """
    del is_strict
    return unicodedata.normalize("NFC", text)


UNICODE, TCVN3, VNI = "unicode", "tcvn3", "vni"

READINGS: Mapping[str, Callable[..., str]] = {UNICODE: from_unicode, TCVN3: from_tcvn3, VNI: from_vni}
"""How the letters of each convention are read."""

"""Cells whose letters are those of an old font, inside files that are otherwise Unicode.

A workbook keeps what was typed, so a cell in the font .VnTime holds TCVN3 letters as Latin ones. Each cell is
read by the convention that makes Vietnamese syllables of it; where two do, the other cells of the column
decide.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from sampling.files.encoding_kinds import LABELS, Encoding
from sampling.files.encodings import is_word
from sampling.files.letters import READINGS, TCVN3, UNICODE, VNI, LetterError
from sampling.files.syllables import is_syllable, marked_words

FONT_LABELS: Mapping[str, str] = {letters: LABELS[Encoding("cp1252", letters)] for letters in (TCVN3, VNI)}


@lru_cache(maxsize=50_000)
def conventions(text: str) -> frozenset[str]:
    """Return the conventions that turn every marked word of a text into a syllable.

    Parameters
    ----------
    text : str
        The text of one cell.

    Returns
    -------
    frozenset of str
        Empty if none does.

    Examples
    --------
    >>> sorted(conventions("Hµ Néi")), sorted(conventions("Bé")), sorted(conventions("Hà Nội"))
    (['tcvn3'], ['tcvn3', 'unicode'], ['unicode'])
    """
    words = marked_words(text)
    return frozenset(
        letters for letters in READINGS if words and all(is_word(word, letters) for word in words)
    )


def column_convention(texts: Iterable[str], default: str | None = UNICODE) -> str | None:
    """Return the convention in which the clear cells of a column are written; None if they differ.

    Parameters
    ----------
    texts : iterable of str
        The cells.
    default : str or None, optional
        Returned if no cell is clear.

    Examples
    --------
    >>> column_convention(["Hµ Néi", "Bé"]), column_convention(["Hà Nội", "Hµ Néi"])
    ('tcvn3', None)
    """
    clear = Counter(next(iter(found)) for found in map(conventions, texts) if len(found) == 1)
    if not clear:
        return default
    return next(iter(clear)) if len(clear) == 1 else None


def cell_convention(text: str, column: str | None) -> str | None:
    """Return the convention of one cell; None if it cannot be decided.

    Parameters
    ----------
    text : str
        The text of the cell.
    column : str or None
        What `column_convention` says about its column.

    Examples
    --------
    >>> cell_convention("Bé", "tcvn3"), cell_convention("Bé", None), cell_convention("café", "unicode")
    ('tcvn3', None, 'unicode')
    """
    if text.isascii() or column == UNICODE:
        return UNICODE
    found = conventions(text)
    if len(found) == 1:
        return next(iter(found))
    if column in found:
        return column
    if found:
        return None
    return _unexplained(text, column)


def _unexplained(text: str, column: str | None) -> str | None:
    """Return how a cell is read that no convention explains wholly: as the column is, if that can be."""
    if column is None:
        return UNICODE if not any(_fits(text, letters) for letters in (TCVN3, VNI)) else None
    return column if _fits(text, column) else None


def _fits(text: str, letters: str) -> bool:
    """Tell whether a convention has a meaning for every sign, and makes some syllable."""
    try:
        read = READINGS[letters](text)
    except LetterError:
        return False
    words = marked_words(read)
    return not words or any(map(is_syllable, words))


def read_cell(text: str, letters: str) -> str:
    """Return the text of a cell in Unicode, composed.

    Examples
    --------
    >>> read_cell("Hµ Néi", "tcvn3")
    'Hà Nội'
    """
    return text if text.isascii() else READINGS[letters](text)

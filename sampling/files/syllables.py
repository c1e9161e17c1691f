"""Vietnamese syllables: which letters can stand together, the measure by which an encoding is recognised."""

import re
import unicodedata
from functools import lru_cache

TONE_MARKS = "\u0300\u0309\u0303\u0301\u0323"
STOPPED_TONES = frozenset("\u0301\u0323")
"""A syllable that ends in c, ch, p or t has the tone sắc or nặng, none else."""

_ONSET = "(?:ngh|ng|nh|n|ch|c|gh|gi|g|kh|k|ph|p|qu|th|tr|t|[bcdđghkmpst][rl]|b|d|đ|h|l|m|r|s|v|x)?"
_OPEN = (
    "uya|ươu|iêu|yêu|uôi|ươi|oai|oay|oao|oeo|uây|uyu|uêu|"
    "ai|ao|au|ay|âu|ây|eo|êu|ia|iu|oi|ôi|ơi|ui|ưi|ưu|ua|ưa|oa|oe|uê|uy|uơ|ya|[aeêioôơuưy]"
)
_CLOSED = "uyê|iê|yê|uô|ươ|oa|oă|oe|uâ|uê|uy|oo|[aăâeêioôơuưy]"
_STOPS = "ch|[ckpt]"
_SYLLABLE = re.compile(f"{_ONSET}(?:(?:{_OPEN})|(?:{_CLOSED})(?:(?P<stop>{_STOPS})|ng|nh|[nm]))")
_SPLIT = re.compile(r"[\x00-@\[-`{-\x7f\s\u2010-\u2027\u2030-\u203a\u00ab\u00bb]+")


@lru_cache(maxsize=50_000)
def is_syllable(word: str) -> bool:
    """Tell whether a word is built as Vietnamese syllables are.

    Parameters
    ----------
    word : str
        One word of any case, composed.

    Returns
    -------
    bool
        Whether onset, rhyme and tone go together. Names of the highlands with two consonants in front or k at
        the end count as well.

    Examples
    --------
    >>> [is_syllable(word) for word in ("Nguyễn", "Đắk", "Nẵng", "N½ng", "Naüng", "hôt")]
    [True, True, True, False, False, False]
    """
    letters = unicodedata.normalize("NFD", word.lower())
    tones = [mark for mark in letters if mark in TONE_MARKS]
    plain = unicodedata.normalize("NFC", "".join(mark for mark in letters if mark not in TONE_MARKS))
    match = _SYLLABLE.fullmatch(plain)
    if match is None or len(tones) > 1:
        return False
    stop = match["stop"]
    return not stop or stop == "k" or (bool(tones) and tones[0] in STOPPED_TONES)


def marked_words(text: str) -> list[str]:
    """Return the words of a text that are not plain ASCII.

    Only ASCII signs, spaces and typographic punctuation part words: what an old font drew as a letter may be
    any sign.

    Examples
    --------
    >>> marked_words("1;Đà Nẵng;B¸c Hµ – cu")
    ['Đà', 'Nẵng', 'B¸c', 'Hµ']
    """
    if text.isascii():
        return []
    return [word for word in _SPLIT.split(text) if not word.isascii()]

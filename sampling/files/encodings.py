"""The encoding of a text file: recognised by the syllables it yields, converted, never guessed in silence."""

import codecs
import unicodedata
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sampling.files.encoding_kinds import (
    BINARY,
    CHOICES,
    LONGEST_EXCERPT,
    TCVN3_FILE,
    UNDECIDED,
    UNREADABLE,
    UTF_8,
    UTF_8_BOM,
    UTF_16,
    VNI_FILE,
    WINDOWS_1258,
    Encoding,
    EncodingError,
)
from sampling.files.letters import LAST_OLD_LETTER, READINGS, UNICODE, LetterError
from sampling.files.syllables import is_syllable, marked_words

__all__ = [
    "CHOICES",
    "Encoding",
    "EncodingError",
    "Score",
    "convert",
    "detect",
    "detect_file",
    "is_word",
    "letters_of",
    "open_as_utf8",
    "recode",
    "sample_of",
    "score_letters",
]

BLOCK_BYTES = 1 << 20
SAMPLE_BYTES = 1 << 18
CLEAR_SHARE = 0.75
"""Of the words with marks, how many a reading must turn into Vietnamese syllables."""

CLEAR_LEAD = 2
"""How many times as many as the next best reading."""


_MARKS: Mapping[bytes, Encoding] = {
    codecs.BOM_UTF8: UTF_8_BOM,
    codecs.BOM_UTF16_LE: UTF_16,
    codecs.BOM_UTF16_BE: UTF_16,
}
_EIGHT_BIT = (WINDOWS_1258, TCVN3_FILE, VNI_FILE)


@dataclass(frozen=True, slots=True)
class Score:
    """Of the words with marks, how many are Vietnamese syllables under one reading."""

    n_syllables: int
    n_words: int

    @property
    def is_clear(self) -> bool:
        """Tell whether the reading explains nearly every word."""
        return self.n_syllables > 0 and self.n_syllables >= CLEAR_SHARE * self.n_words


def detect(sample: bytes) -> Encoding:
    r"""Return the encoding of a text file, or refuse to guess.

    Parameters
    ----------
    sample : bytes
        The beginning of a file, or better what `sample_of` returns: the first lines that are not plain ASCII.

    Returns
    -------
    Encoding
        UTF-8 for plain ASCII too. A UTF-8 or UTF-16 file whose letters are those of an old font says so in
        `Encoding.letters`.

    Raises
    ------
    EncodingError
        If no reading, or more than one, turns the words into Vietnamese syllables; it names the line of the
        sample.

    Notes
    -----
    A byte order mark decides. Valid UTF-8 is UTF-8. Otherwise every eight-bit reading is tried, and scored by
    the share of its words with marks that are built as Vietnamese syllables are. The winner needs three
    quarters of the words and twice as many as the next.

    Examples
    --------
    >>> detect("Đà Nẵng".encode()).label
    'UTF-8'
    >>> detect(b"43;\xa7\xb5 N\xbdng").label, detect(b"43;\xd1a\xf8 Na\xfcng").label
    ('TCVN3 (ABC)', 'VNI-Windows')
    """
    codec = next((found for mark, found in _MARKS.items() if sample.startswith(mark)), None)
    if codec is None and b"\0" in sample:
        raise EncodingError(BINARY, sample[: sample.index(b"\0")].count(b"\n") + 1)
    codec = codec or (UTF_8 if _is_utf8(sample) else None)
    if codec is None:
        return _clearest({reading: _decoded(sample, reading) for reading in _EIGHT_BIT})
    text = _decoded(sample, codec)
    return Encoding(codec.codec, letters_of(text))


def letters_of(text: str) -> str:
    """Return the convention of the letters of decoded text: Unicode, TCVN3 or VNI.

    Parameters
    ----------
    text : str
        Text as a UTF-8 file or the cell of a workbook holds it.

    Returns
    -------
    {"unicode", "tcvn3", "vni"}
        Unicode unless another reading explains clearly more of the words.

    Examples
    --------
    >>> letters_of("Xã Bình Minh"), letters_of("Thµnh phè Hµ Néi"), letters_of("Thaønh phoá Hueá")
    ('unicode', 'tcvn3', 'vni')
    """
    words = marked_words(text)
    scores = {letters: score_letters(words, letters) for letters in READINGS}
    here = scores.pop(UNICODE)
    best = max(scores, key=lambda letters: scores[letters].n_syllables)
    wins = scores[best].is_clear and scores[best].n_syllables >= CLEAR_LEAD * max(here.n_syllables, 1) - 1
    return best if wins and scores[best].n_syllables > here.n_syllables else UNICODE


def score_letters(words: Iterable[str], letters: str) -> Score:
    """Count the words that one reading turns into syllables.

    Examples
    --------
    >>> score_letters(["§µ", "N½ng"], "tcvn3")
    Score(n_syllables=2, n_words=2)
    """
    found = [is_word(word, letters) for word in words]
    return Score(sum(found), len(found))


@lru_cache(maxsize=50_000)
def is_word(word: str, letters: str) -> bool:
    """Tell whether one reading turns a word into a syllable; old fonts have no letters beyond Latin ones.

    Examples
    --------
    >>> is_word("N½ng", "tcvn3"), is_word("Nẵng", "tcvn3"), is_word("Nẵng", "unicode")
    (True, False, True)
    """
    is_possible = letters == UNICODE or max(word) <= LAST_OLD_LETTER
    return is_possible and is_syllable(READINGS[letters](word, is_strict=False))


def sample_of(path: Path) -> bytes:
    """Return the lines by which the encoding of a file is recognised: the first, and those not ASCII.

    The whole file is looked at until there is enough, so that the only name with a mark may stand in the last
    row.

    Parameters
    ----------
    path : pathlib.Path
        A text file.

    Returns
    -------
    bytes
        At most a little more than `SAMPLE_BYTES`. Files with a byte order mark give their beginning.
    """
    with path.open("rb") as file:
        start = file.read(SAMPLE_BYTES)
        if start.startswith(tuple(_MARKS)):
            return start
        file.seek(0)
        lines = [file.readline()]
        size = len(lines[0])
        while size < SAMPLE_BYTES and (block := file.readlines(BLOCK_BYTES)):
            marked = _marked_lines(block)
            lines += marked
            size += sum(map(len, marked))
    return b"".join(lines)


def _marked_lines(block: list[bytes]) -> list[bytes]:
    """Return the lines that are not ASCII or hold a NUL."""
    joined = b"".join(block)
    if joined.isascii() and b"\0" not in joined:
        return []
    return [line for line in block if not line.isascii() or b"\0" in line]


def detect_file(path: Path) -> Encoding:
    """Return the encoding of a whole file; an error names the line of the file.

    Raises
    ------
    EncodingError
        If the encoding cannot be decided.
    OSError
        If the file cannot be opened.
    """
    try:
        return detect(sample_of(path))
    except EncodingError as error:
        raise EncodingError(error.code, _first_marked_line(path), error.got, error.encoding) from error


def _first_marked_line(path: Path) -> int:
    """Return the number of the first line that is not ASCII text."""
    with path.open("rb") as file:
        return next((number for number, line in enumerate(file, 1) if not line.isascii() or b"\0" in line), 1)


@contextmanager
def open_as_utf8(path: Path, encoding: Encoding) -> Iterator[Iterator[str]]:
    """Open a file as an iterator of lines of composed Unicode text, each with its line end.

    Parameters
    ----------
    path : pathlib.Path
        A text file; it is read in blocks, never as a whole.
    encoding : Encoding
        As `detect` or `detect_file` found it, or one of `CHOICES`.

    Yields
    ------
    iterator of str
        The lines; ``csv.reader`` takes them. No byte order mark.

    Raises
    ------
    EncodingError
        While reading, if a line cannot be read; it names the line.
    """
    blocks = _blocks(path, encoding)
    try:
        yield (line for block in blocks for line in _lines(block))
    finally:
        blocks.close()


def recode(source: Path, target: Path, encoding: Encoding) -> None:
    """Write a file again as UTF-8 without a byte order mark, line ends unchanged.

    Parameters
    ----------
    source, target : pathlib.Path
        The target is taken away again if a line cannot be read.
    encoding : Encoding
        Of the source.

    Raises
    ------
    EncodingError
        If a line cannot be read; it names the line.
    """
    try:
        with target.open("wb") as file:
            file.writelines(block.encode() for block in _blocks(source, encoding))
    except EncodingError:
        target.unlink(missing_ok=True)
        raise


def _lines(block: str) -> list[str]:
    """Split at line feeds only; csv knows the rest."""
    *whole, rest = block.split("\n")
    return [line + "\n" for line in whole] + ([rest] if rest else [])


def _blocks(path: Path, encoding: Encoding) -> Generator[str]:
    """Read a file as converted blocks of whole lines."""
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    line, rest = 1, ""
    with path.open("rb") as file:
        is_last = False
        while not is_last:
            raw = file.read(BLOCK_BYTES)
            is_last = not raw
            try:
                text = rest + decoder.decode(raw, is_last)
            except UnicodeDecodeError as error:
                raise _byte_error(error, encoding, line) from error
            whole, end, rest = (text, "", "") if is_last else text.rpartition("\n")
            if whole or end:
                yield convert(whole + end, encoding, first_line=line)
                line += whole.count("\n") + len(end)


def _byte_error(error: UnicodeDecodeError, encoding: Encoding, line: int) -> EncodingError:
    """Name the line of a byte that the codec does not know."""
    before = error.object[: error.start].decode(encoding.codec, "ignore")
    got = error.object[error.start : error.end].hex(" ")
    return EncodingError(UNREADABLE, line + before.count("\n"), got, encoding.label)


def convert(text: str, encoding: Encoding, *, first_line: int = 1) -> str:
    """Return decoded text as composed Unicode.

    Parameters
    ----------
    text : str
        Decoded by the codec of the encoding.
    encoding : Encoding
        Says by which convention the letters are read.
    first_line : int, optional
        Number of the first line of the text, for errors.

    Raises
    ------
    EncodingError
        If a sign has no meaning.

    Examples
    --------
    >>> convert("§µ N½ng", TCVN3_FILE)
    'Đà Nẵng'
    """
    if text.isascii():
        return text
    try:
        return READINGS[encoding.letters](text)
    except LetterError as error:
        line = first_line + text.count("\n", 0, error.position)
        got = _line_around(text, error.position)
        raise EncodingError(UNREADABLE, line, got, encoding.label) from error


def _line_around(text: str, position: int) -> str:
    """Return what stands in the same line from the word of a position on."""
    start = max(text.rfind("\n", 0, position) + 1, position - LONGEST_EXCERPT // 2)
    return text[start:].partition("\n")[0].strip()


def _is_utf8(sample: bytes) -> bool:
    """Tell whether a sample is valid UTF-8; one whose last character was cut must show another before it."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        text = decoder.decode(sample)
    except UnicodeDecodeError:
        return False
    is_cut = bool(decoder.getstate()[0])
    return not (is_cut and text.isascii())


def _decoded(sample: bytes, reading: Encoding) -> str:
    """Decode a sample for scoring; unknown bytes become U+FFFD, a character cut at the end falls away."""
    decoder = codecs.getincrementaldecoder(reading.codec)("replace")
    return unicodedata.normalize("NFC", decoder.decode(sample))


def _clearest(texts: Mapping[Encoding, str]) -> Encoding:
    """Return the reading that explains the words, if one does and no other nearly so."""
    scores = {reading: score_letters(marked_words(text), reading.letters) for reading, text in texts.items()}
    best, second = sorted(scores, key=lambda reading: scores[reading].n_syllables, reverse=True)[:2]
    has_lead = scores[best].n_syllables >= CLEAR_LEAD * scores[second].n_syllables
    if scores[best].is_clear and has_lead:
        return best
    text = texts[best]
    words = marked_words(text)
    position = text.find(words[0]) if words else 0
    raise EncodingError(UNDECIDED, text.count("\n", 0, position) + 1, _line_around(text, position))

"""Text files with delimiters as rows of text."""

import csv
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from django.utils.translation import gettext as _

from sampling.files.encoding_kinds import (
    BINARY,
    CHOICES,
    MIXED,
    UNDECIDED,
    UNREADABLE,
    UTF_8,
    UTF_8_BOM,
    UTF_16,
    Encoding,
    EncodingError,
)
from sampling.files.encodings import detect_file, open_as_utf8
from sampling.files.grids import Cells, Grid
from sampling.files.letters import READINGS
from sampling.files.problems import Difference, FileRefusedError
from sampling.files.syllables import is_syllable, marked_words

DELIMITERS = (";", ",", "\t")
LINES_LOOKED_AT = 60
UNICODE_CODECS = frozenset({"utf-8", "utf-8-sig", "utf-16"})


def read_delimited(path: Path, *, encoding: str = "") -> Grid:
    """Open a text file; the encoding is recognised unless a person said it.

    Raises
    ------
    FileRefusedError
        If the encoding cannot be decided; while rows are read, if a line does not keep to it.
    """
    try:
        found = CHOICES[encoding] if encoding else detect_file(path)
    except EncodingError as error:
        raise FileRefusedError(describe_encoding_error(error)) from error
    is_unicode = found.codec in UNICODE_CODECS
    if is_unicode:
        found = Encoding(found.codec)
    differences = () if found in {UTF_8, UTF_8_BOM} else (_difference(found, encoding),)
    return Grid(rows=_rows(path, found), differences=differences)


def _difference(encoding: Encoding, said: str) -> Difference:
    """Say by which encoding the file is read."""
    reason = (
        _("You said so.") if said else _("Recognised by its Vietnamese syllables or its byte order mark.")
    )
    return Difference(0, "", encoding.label, "UTF-8", reason)


def _rows(path: Path, encoding: Encoding) -> Iterator[tuple[int, Cells]]:
    """Read rows; each has the number of its first line."""
    try:
        with open_as_utf8(path, encoding) as lines:
            checked = lines if encoding.codec in UNICODE_CODECS else _checked(path, lines, encoding)
            head = list(islice(checked, LINES_LOOKED_AT))
            reader = csv.reader(chain(head, checked), delimiter=_delimiter(head))
            number = 1
            for cells in reader:
                yield number, cells
                number = reader.line_num + 1
    except EncodingError as error:
        raise FileRefusedError(describe_encoding_error(error)) from error
    except csv.Error as error:
        message = _("The file “%(name)s” cannot be opened: %(reason)s.")
        raise FileRefusedError(message % {"name": path.name, "reason": error}) from error


def _delimiter(head: list[str]) -> str:
    """Return the delimiter that some line uses most; the row of column names need not be the first."""
    return max(DELIMITERS, key=lambda delimiter: max((line.count(delimiter) for line in head), default=0))


def _checked(path: Path, lines: Iterator[str], encoding: Encoding) -> Iterator[str]:
    """Refuse a line of an old file that another convention explains wholly and this one does not."""
    with path.open("rb") as file:
        for number, (line, raw) in enumerate(zip(lines, file, strict=True), 1):
            words = marked_words(line)
            if not all(map(is_syllable, words)) and _is_other(raw, encoding):
                raise EncodingError(MIXED, number, line.strip(), encoding.label)
            yield line


def _is_other(raw: bytes, encoding: Encoding) -> bool:
    """Tell whether the bytes of a line make syllables under another convention."""
    others = [choice for choice in CHOICES.values() if choice != encoding and choice.codec != UTF_16.codec]
    for other in others:
        text = READINGS[other.letters](raw.decode(other.codec, "replace"), is_strict=False)
        words = marked_words(text)
        if words and all(map(is_syllable, words)):
            return True
    return False


def describe_encoding_error(error: EncodingError) -> str:
    """Return what is wrong in the active language."""
    texts = {
        UNDECIDED: _(
            "It cannot be decided in which encoding line %(line)s is written (“%(got)s”). Say which "
            "encoding it is, or save the file as “CSV UTF-8” in a spreadsheet program."
        ),
        UNREADABLE: _(
            "Line %(line)s cannot be read as %(encoding)s (“%(got)s”). Correct the line, say which encoding "
            "it is, or save the file as “CSV UTF-8” in a spreadsheet program."
        ),
        MIXED: _(
            "The file is written in %(encoding)s, but line %(line)s is not (“%(got)s”). Correct the line."
        ),
        BINARY: _(
            "The file is no text: line %(line)s holds signs that no text has. Save it as XLSX or as “CSV "
            "UTF-8”."
        ),
    }
    return texts[error.code] % {"line": error.line, "got": error.got, "encoding": error.encoding}

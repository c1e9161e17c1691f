"""The shared texts of a workbook, packed: one stretch of bytes and the place where each text ends."""

import html
import re
import zipfile
from array import array
from collections.abc import Iterator

from django.utils.translation import gettext as _

from sampling.files.problems import FileRefusedError

CHUNK_BYTES = 1 << 20
LONGEST_ITEM = 1 << 24
MOST_TEXT_BYTES = 1 << 29
"""Bytes of all texts together: a million rows of twelve columns, no text twice, have about half as many."""

PART = "xl/sharedStrings.xml"
_ITEM = re.compile(rb"<(?:\w++:)?si(?:\s[^<>]*+)?(?:/>|>(.*?)</(?:\w++:)?si>)", re.DOTALL)
_SPOKEN = re.compile(rb"<(?:\w++:)?rPh[\s>].*?</(?:\w++:)?rPh>", re.DOTALL)
_TEXT = re.compile(rb"<(?:\w++:)?t(?:\s[^<>]*+)?>([^<]*+)</(?:\w++:)?t>")
_END = re.compile(rb"</(?:\w++:)?si>|<(?:\w++:)?si(?:\s[^<>]*+)?/>")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LONGEST_TAG = 64


class SharedTexts:
    """Texts by their number; a text costs its bytes and eight more."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._bytes, self._ends = bytearray(), array("Q", [0])
        if PART in archive.namelist():
            for item in _items(archive):
                self._bytes += text_of(item).encode()
                self._ends.append(len(self._bytes))
                _refuse_much(len(self._bytes))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self):
            raise zipfile.BadZipFile(PART)
        return self._bytes[self._ends[number] : self._ends[number + 1]].decode()


def text_of(item: bytes) -> str:
    """Return the text of an item or of an inline text, without formats and without how it is spoken."""
    written = _SPOKEN.sub(b"", item) if b"rPh" in item else item
    text = b"".join(_TEXT.findall(written)).decode(errors="replace")
    if "&" in text:
        text = html.unescape(text)
    if "_x" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return text


def _items(archive: zipfile.ZipFile) -> Iterator[bytes]:
    """Read the items one after the other, in pieces that end with an item."""
    rest = b""
    with archive.open(PART) as file:
        while chunk := file.read(CHUNK_BYTES):
            seen = max(len(rest) - _LONGEST_TAG, 0)
            rest += chunk
            end = max((found.end() for found in _END.finditer(rest, seen)), default=0)
            yield from (found[1] or b"" for found in _ITEM.finditer(rest, 0, end))
            rest = rest[end:]
            if len(rest) > LONGEST_ITEM:
                raise zipfile.BadZipFile(PART)


def _refuse_much(n_bytes: int) -> None:
    """Raise for texts that would fill the memory."""
    if n_bytes > MOST_TEXT_BYTES:
        raise FileRefusedError(
            _(
                "Expected a workbook with at most %(most)s MB of texts, got more. Save the table as CSV "
                "(UTF-8)."
            )
            % {"most": MOST_TEXT_BYTES >> 20}
        )

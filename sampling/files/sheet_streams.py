"""Long sheets of XLSX workbooks, row by row: memory holds the shared texts and one stretch of the sheet.

What the ordinary reader lays out as a whole is read here in pieces, for the sheets that are too long for it.
Both give the same text for the same cell.
"""

import datetime
import html
import re
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache

from django.utils.translation import gettext as _

from sampling.files.archives import MOST_CELL_BYTES, column_position, sheet_parts
from sampling.files.cell_texts import cell_text
from sampling.files.grids import Cells
from sampling.files.problems import FileRefusedError
from sampling.files.shared_texts import CHUNK_BYTES, SharedTexts, text_of

STREAMED_FROM = 1 << 25
"""Bytes of a sheet from which it is read in pieces: some 700 thousand cells."""

MOST_COLUMNS = 256
"""Farthest column of a long sheet: a row is laid out as far as its last cell, and rows wait in batches."""

LAST_ROW = 1 << 20

_ROW_END = re.compile(rb"</(?:\w++:)?row>")
_TAG = re.compile(rb"<(?:\w++:)?(row|c)((?:\s[^<>]*+)?/?)>")
_PLACE = re.compile(rb"\sr\s*+=\s*+[\"']([A-Z]{1,3}+)?(\d{1,7}+)[\"']")
_STYLE = re.compile(rb"\ss\s*+=\s*+[\"'](\d{1,9})[\"']")
_TYPE = re.compile(rb"\st\s*+=\s*+[\"'](\w++)[\"']")
_VALUE = re.compile(rb"<(?:\w++:)?v(?:\s[^<>]*+)?>([^<]*+)</(?:\w++:)?v>")
_LONGEST_TAG = 256

_FORMATS = re.compile(rb"<(?:\w++:)?numFmt\s([^<>]*+)>")
_CELL_STYLES = re.compile(rb"<(?:\w++:)?cellXfs[\s>](.*?)</(?:\w++:)?cellXfs>", re.DOTALL)
_CELL_STYLE = re.compile(rb"<(?:\w++:)?xf\s([^<>]*+)>")
_FORMAT_ID = re.compile(rb"\bnumFmtId\s*+=\s*+[\"'](\d{1,9})[\"']")
_FORMAT_CODE = re.compile(rb"\bformatCode\s*+=\s*+[\"']([^\"']*+)[\"']")
_DATE_1904 = re.compile(rb"\bdate1904\s*+=\s*+[\"'](?:1|true)[\"']")
_NOT_OF_DATES = re.compile(rb"\[[^\]]*\]|&quot;.*?&quot;|\"[^\"]*\"|\\.|_.")
_OF_DATES = re.compile(rb"[dmyhs]", re.IGNORECASE)
_BUILT_IN_DATES = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_FIRST_DAY = datetime.datetime.fromisoformat("1899-12-30")
_DAYS_BEFORE_1904 = 1462
_LAST_DAY = 2_958_465
_DAY_MILLISECONDS = 86_400_000


class SheetStream:
    """A sheet that is read from its first row on, as often as is asked."""

    def __init__(self, archive: zipfile.ZipFile, part: str, texts: SharedTexts) -> None:
        self._archive, self._part, self._texts = archive, part, texts
        self.share_read = 0.0
        """How much of the sheet was read, from 0 to 1."""

        self._date_styles = _date_styles(archive)
        self._shift = _DAYS_BEFORE_1904 if _DATE_1904.search(archive.read("xl/workbook.xml")) else 0

    def rows(self) -> Iterator[tuple[int, Cells]]:
        """Yield number and cells of every row that has some, from column A on."""
        last = 0
        for block in self._blocks():
            for number, cells in self._rows_of(block, last):
                if not last < number <= LAST_ROW:
                    raise zipfile.BadZipFile(self._part)
                last = number
                if cells:
                    yield number, cells

    def _blocks(self) -> Iterator[bytes]:
        """Read the sheet in pieces that end with a row."""
        rest, size = b"", self._archive.getinfo(self._part).file_size
        with self._archive.open(self._part) as file:
            while chunk := file.read(CHUNK_BYTES):
                self.share_read = file.tell() / size
                seen = max(len(rest) - _LONGEST_TAG, 0)
                rest += chunk
                end = max((found.end() for found in _ROW_END.finditer(rest, seen)), default=0)
                if end:
                    yield rest[:end]
                    rest = rest[end:]
                if len(rest) > MOST_CELL_BYTES:
                    raise zipfile.BadZipFile(self._part)

    def _rows_of(self, block: bytes, last: int) -> Iterator[tuple[int, Cells]]:
        """Yield the rows of a piece; those without a number follow the one before."""
        number, started = last, False
        cells: Cells = []
        tags = list(_TAG.finditer(block))
        ends = [tag.start() for tag in tags[1:]] + [len(block)]
        for tag, end in zip(tags, ends, strict=True):
            kind, attributes = tag[1], tag[2]
            if kind == b"row":
                if started:
                    yield number, cells
                place = _PLACE.search(attributes)
                number, cells, started = int(place[2]) if place else number + 1, [], True
            elif not attributes.endswith(b"/"):
                self._put(cells, attributes, block[tag.end() : end])
        if started:
            yield number, cells

    def _put(self, cells: Cells, attributes: bytes, content: bytes) -> None:
        """Put the text of one cell in its place."""
        place = _PLACE.search(attributes)
        position = _position(place[1]) if place and place[1] else len(cells)
        if not len(cells) <= position < MOST_COLUMNS:
            _refuse_place(self._part, position)
        text = self._text(attributes, content)
        if text:
            cells += [""] * (position - len(cells))
            cells.append(text)

    def _text(self, attributes: bytes, content: bytes) -> str:
        """Return the text of a cell, by its type."""
        found = _TYPE.search(attributes)
        kind = found[1] if found else b"n"
        if kind == b"inlineStr":
            return text_of(content)
        value = _VALUE.search(content)
        if value is None or kind == b"e":
            return ""
        if kind == b"s":
            return self._texts[int(value[1])]
        if kind == b"n":
            return self._number(float(value[1]), attributes)
        return _OTHER_TEXTS.get(kind, _written)(value[1])

    def _number(self, value: float, attributes: bytes) -> str:
        """Return a number, or the day that it stands for."""
        style = _STYLE.search(attributes)
        if style is None or int(style[1]) not in self._date_styles:
            return cell_text(value)
        return _day_text(value, self._shift)


def open_streams(archive: zipfile.ZipFile, sheets: Collection[str]) -> dict[str, SheetStream]:
    """Open sheets by their names; they share the texts of the workbook."""
    if not sheets:
        return {}
    parts, texts = sheet_parts(archive), SharedTexts(archive)
    return {sheet: SheetStream(archive, parts[sheet], texts) for sheet in sheets}


def long_sheets(archive: zipfile.ZipFile, n_bytes: float) -> frozenset[str]:
    """Return the names of the sheets that have more than a number of bytes."""
    parts = sheet_parts(archive)
    return frozenset(name for name, part in parts.items() if archive.getinfo(part).file_size > n_bytes)


def _refuse_place(part: str, position: int) -> None:
    """Raise for cells that stand in the wrong order, or far beside the table."""
    if position < MOST_COLUMNS:
        raise zipfile.BadZipFile(part)
    raise FileRefusedError(
        _(
            "Expected a long sheet with at most %(most)s columns, got a cell in column %(column)s. Delete "
            "the cells beside the table; save a long table as CSV (UTF-8)."
        )
        % {"most": MOST_COLUMNS, "column": position + 1}
    )


@cache
def _position(letters: bytes) -> int:
    """Return the position of a column; there are few enough to remember them all."""
    return column_position(letters)


def _written(value: bytes) -> str:
    """Return a text that stands in the cell itself, as formulas give it."""
    return html.unescape(value.decode(errors="replace"))


def _truth(value: bytes) -> str:
    """Return 1 or 0."""
    return cell_text(value.strip() not in {b"0", b"false"})


def _iso_day(value: bytes) -> str:
    """Return a day that is written out."""
    return cell_text(datetime.datetime.fromisoformat(value.decode()))


_OTHER_TEXTS: Mapping[bytes, Callable[[bytes], str]] = {b"b": _truth, b"d": _iso_day, b"str": _written}


def _day_text(value: float, shift: int) -> str:
    """Return the day, and the time if there is one, that a number stands for."""
    days = value + shift
    if not 0 <= days <= _LAST_DAY:
        return cell_text(value)
    moment = _FIRST_DAY + datetime.timedelta(milliseconds=round(days * _DAY_MILLISECONDS))
    return cell_text(moment if days >= 1 else moment.time())


def _date_styles(archive: zipfile.ZipFile) -> frozenset[int]:
    """Return the styles of cells whose numbers are days."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    document = archive.read("xl/styles.xml")
    own = {}
    for attributes in _FORMATS.findall(document):
        number, code = _FORMAT_ID.search(attributes), _FORMAT_CODE.search(attributes)
        if number and code:
            own[int(number[1])] = bool(_OF_DATES.search(_NOT_OF_DATES.sub(b"", code[1])))
    styles = _CELL_STYLES.search(document)
    listed = _CELL_STYLE.findall(styles[1]) if styles else []
    ids = [int(found[1]) if (found := _FORMAT_ID.search(attributes)) else 0 for attributes in listed]
    return frozenset(place for place, number in enumerate(ids) if own.get(number, number in _BUILT_IN_DATES))

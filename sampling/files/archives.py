"""What a workbook says beside its values, and whether it is safe to open.

The reader of workbooks gives empty text for a cell that shows #REF!, and lays out as many cells as the
furthest one needs. Both are therefore looked up in the parts of the archive first.
"""

import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise

from django.utils.translation import gettext as _

from sampling.files.grids import Place
from sampling.files.problems import FileRefusedError

CHUNK_BYTES = 1 << 20
MOST_CELL_BYTES = 1 << 24
"""Longest stretch of a sheet without the end of a cell: 32,767 signs, each with a format, are shorter."""

MOST_CELLS = 6_000_000
"""A sheet that is laid out as a whole has empty cells in memory, too: this many take about 1.5 GiB."""

ALPHABET_SIZE = 26
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    NotImplementedError,
    RuntimeError,
)
"""What the archive reader raises for files that are damaged or made up."""

_SHEET = re.compile(rb"<(?:\w++:)?sheet\s[^<>]*+>")
_RELATION = re.compile(rb"<(?:\w++:)?Relationship\s[^<>]*+>")
_ATTRIBUTE = re.compile(rb"(?<![\w:])([\w:]++)\s*+=\s*+[\"']([^\"']*+)[\"']")
_ROW = re.compile(rb"<(?:\w++:)?row\s([^<>]*+)>")
_CELL = re.compile(rb"<(?:\w++:)?c\s([^<>]*+)>")
_VALUE = re.compile(rb"<(?:\w++:)?v(?:\s[^<>]*+)?>([^<]*+)</(?:\w++:)?v>")
_FORMULA = re.compile(rb"<(?:\w++:)?f[\s>/]")
_PLACE = re.compile(rb"([A-Z]{1,3})(\d{1,7})")
_CELL_END = re.compile(rb"</(?:\w++:)?(?:c|row)>")
"""No pattern reads beyond the next bracket or quotation mark: a hostile part costs its length, no more."""

_LONGEST_TAG = 256
_TABLE_PARTS = re.compile(r"xl/(worksheets/[^/]+|sharedStrings)\.xml")
_ENTITIES = (b"<!DOCTYPE", b"<!ENTITY")
_TAIL_BYTES = 256


@dataclass(frozen=True, slots=True)
class SheetMarks:
    """Hidden rows of one sheet, and the cells that show an error or were never computed."""

    hidden: frozenset[int] = frozenset()
    errors: Mapping[Place, str] | None = None


def open_archive(content: bytes, limit: int) -> zipfile.ZipFile:
    """Open a workbook's archive after unpacking every part once; refuse one that unpacks to too much."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    size = sum(entry.file_size for entry in archive.infolist())
    if size > limit:
        megabyte = 1 << 20
        raise FileRefusedError(
            _(
                "Expected a workbook that unpacks to at most %(limit)s MB, got %(size)s MB. Save the table "
                "as CSV (UTF-8) instead."
            )
            % {"limit": limit // megabyte, "size": -(-size // megabyte)}
        )
    damaged = archive.testzip()
    if damaged is not None:
        raise zipfile.BadZipFile(damaged)
    for name in filter(_TABLE_PARTS.fullmatch, archive.namelist()):
        _refuse_cut_part(archive, name)
    return archive


def _refuse_cut_part(archive: zipfile.ZipFile, name: str) -> None:
    """Raise for a part that ends in its middle, or that names things of its own making."""
    tail = b""
    with archive.open(name) as file:
        while chunk := file.read(CHUNK_BYTES):
            if any(sign in tail + chunk for sign in _ENTITIES):
                raise zipfile.BadZipFile(name)
            tail = (tail + chunk)[-_TAIL_BYTES:]
    if not re.search(rb"<(/(\w+:)?(worksheet|sst)|(\w+:)?(worksheet|sst)\s[^<>]*/)\s*>\s*$", tail):
        raise zipfile.BadZipFile(name)


def sheet_marks(archive: zipfile.ZipFile, name: str) -> SheetMarks:
    """Return the marks of a sheet; a workbook of an unknown build has none."""
    part = sheet_parts(archive).get(name)
    if part is None:
        return SheetMarks()
    hidden: set[int] = set()
    errors: dict[Place, str] = {}
    last_row, last_column = 0, 0
    for block in _blocks(archive, part):
        hidden.update(_hidden_rows(block))
        for place, error in _cells(block):
            last_row, last_column = max(last_row, place[0]), max(last_column, place[1])
            if error:
                errors[place] = error
    refuse_wide(last_row, last_column + 1)
    return SheetMarks(frozenset(hidden), errors)


def refuse_wide(n_rows: int, n_columns: int) -> None:
    """Raise for a sheet with so many cells, or one so far out, that laying it out would fill the memory."""
    if n_rows * n_columns > MOST_CELLS:
        raise FileRefusedError(
            _(
                "Expected a sheet of at most %(most)s cells, got one whose last cell is in row %(row)s and "
                "column %(column)s. Delete the cells far below and beside the table; save a long table as "
                "CSV (UTF-8)."
            )
            % {"most": f"{MOST_CELLS:_}".replace("_", " "), "row": n_rows, "column": n_columns}
        )


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of the archive that holds each sheet."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return {}
    relations = map(_attributes, _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels")))
    targets = {found.get("Id", ""): found.get("Target", "") for found in relations}
    sheets = map(_attributes, _SHEET.findall(archive.read("xl/workbook.xml")))
    parts = {}
    for sheet in sheets:
        target = targets.get(next((value for key, value in sheet.items() if key.endswith(":id")), ""), "")
        part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if part in names:
            parts[sheet.get("name", "")] = part
    return parts


def _attributes(tag: bytes) -> dict[str, str]:
    """Return the attributes of a tag."""
    return {key.decode(): html.unescape(value.decode()) for key, value in _ATTRIBUTE.findall(tag)}


def _blocks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """Read a part in pieces that end with a cell or a row; each byte is searched once, moved a few times."""
    rest = b""
    with archive.open(part) as file:
        while chunk := file.read(CHUNK_BYTES):
            text, seen = rest + chunk, max(len(rest) - _LONGEST_TAG, 0)
            end = max((match.end() for match in _CELL_END.finditer(text, seen)), default=0)
            rest = text[end:]
            if len(rest) > MOST_CELL_BYTES:
                raise zipfile.BadZipFile(part)
            yield text[:end]
    yield rest


def _hidden_rows(block: bytes) -> Iterator[int]:
    """Return the numbers of rows that a person does not see."""
    for attributes in _ROW.findall(block):
        if b"hidden" in attributes:
            found = _attributes(attributes)
            if found.get("hidden") in {"1", "true"} and found.get("r", "").isdecimal():
                yield int(found["r"])


def _cells(block: bytes) -> Iterator[tuple[Place, str]]:
    """Return the place of each cell with content, and what it shows in place of a value."""
    for attributes, content in _contents(block):
        match = _PLACE.search(attributes)
        if match is None:
            continue
        value = _VALUE.search(content)
        error = ""
        if b't="e"' in attributes:
            error = value[1].decode(errors="replace") if value else "#VALUE!"
        elif value is None and _FORMULA.search(content):
            error = "="
        yield (int(match[2]), column_position(match[1])), error


def _contents(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Return the attributes of each cell that is not empty, and all that stands before the next cell."""
    for tag, following in pairwise(chain(_CELL.finditer(block), [None])):
        if tag is not None and not tag[1].endswith(b"/"):
            yield tag[1], block[tag.end() : following.start() if following else len(block)]


def column_position(letters: bytes) -> int:
    """Return the position of a column from its letters; the first is 0."""
    number = 0
    for letter in letters:
        number = number * ALPHABET_SIZE + letter - ord("A") + 1
    return number - 1

"""Reading frame files as text: CSV in UTF-8, with or without a byte order mark, or XLSX."""

import csv
import datetime
import io
import math
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path

import openpyxl
from django.conf import settings
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

DELIMITERS = (";", ",", "\t")
WORKBOOK_ERRORS = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,
    LookupError,
    OSError,
    ValueError,
)
"""What openpyxl raises for files that are damaged or made up; its XML parser raises a syntax error."""

MEGABYTE = 1024 * 1024
UNPACKED_FACTOR = 10
"""A workbook is a packed archive: a small file can unpack to more than the memory holds."""

EXTRA_CELLS = "+"
"""Column under which cells beyond the last column name are kept, so that the check reports them."""

type FileRow = dict[str, str]


class FrameFileError(ValueError):
    """Raised when a file cannot be read at all."""


def refuse_large_file(size: int) -> None:
    """Raise for an upload of more bytes than the installation takes."""
    if size > settings.MAX_UPLOAD_MB * MEGABYTE:
        raise FrameFileError(
            _(
                "Expected a file of at most %(limit)s MB, got %(size)s MB. Split it, or load it on the "
                "server with a command."
            )
            % {"limit": settings.MAX_UPLOAD_MB, "size": math.ceil(size / MEGABYTE)}
        )


def read_frame_file(path: Path) -> list[FileRow]:
    """Read the rows of a frame file; every value is text, empty rows are left out."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise FrameFileError(
            _("Expected a file ending in %(known)s, got “%(name)s”. Save the table in one of these formats.")
            % {"known": ", ".join(READERS), "name": path.name}
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FrameFileError(
            _("The file “%(name)s” cannot be opened: %(reason)s.") % {"name": path, "reason": error.strerror}
        ) from error
    try:
        return list(_rows(reader(content)))
    except csv.Error as error:
        raise FrameFileError(
            _("The file “%(name)s” cannot be opened: %(reason)s.") % {"name": path, "reason": error}
        ) from error


def _csv_lines(content: bytes) -> Iterator[list[str]]:
    """Read CSV; the delimiter is the one that the row of column names uses most."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FrameFileError(
            _(
                "The file is not UTF-8: line %(line)s cannot be read. "
                "In a spreadsheet program, save it as “CSV UTF-8”."
            )
            % {"line": content[: error.start].count(b"\n") + 1}
        ) from error
    header = text.partition("\n")[0]
    yield from csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=header.count))


def _xlsx_lines(content: bytes) -> Iterator[list[str]]:
    """Read the first sheet of a workbook."""
    try:
        yield from _sheet_lines(content)
    except FrameFileError:
        raise
    except WORKBOOK_ERRORS as error:
        raise FrameFileError(
            _("The file is no XLSX workbook. Open it in a spreadsheet program and save it as XLSX.")
        ) from error


def _sheet_lines(content: bytes) -> Iterator[list[str]]:
    """Read the cells; a damaged part of the file is only found on the way."""
    _refuse_large_archive(content)
    workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        for row in workbook.worksheets[0].iter_rows(values_only=True):
            yield [_cell(value) for value in row]
    finally:
        workbook.close()


def _refuse_large_archive(content: bytes) -> None:
    """Raise for a workbook that unpacks to more than is reasonable; its directory says how much."""
    limit = settings.MAX_UPLOAD_MB * UNPACKED_FACTOR
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > limit * MEGABYTE:
        raise FrameFileError(
            _(
                "Expected a workbook that unpacks to at most %(limit)s MB, got %(size)s MB. Save the table "
                "as CSV (UTF-8) instead."
            )
            % {"limit": limit, "size": math.ceil(size / MEGABYTE)}
        )


def _cell(value: object) -> str:
    """Turn a cell into the text that a person sees."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return f"{value:%d/%m/%Y}"
    return "" if value is None else str(value)


def _rows(lines: Iterable[list[str]]) -> Iterator[FileRow]:
    """Join column names and cells."""
    remaining = iter(lines)
    header = [name.strip() for name in next(remaining, [])]
    for line in remaining:
        if any(cell.strip() for cell in line):
            pairs = zip_longest(header, line, fillvalue="")
            yield {name or EXTRA_CELLS: cell for name, cell in pairs if name or cell.strip()}


READERS: Mapping[str, Callable[[bytes], Iterator[list[str]]]] = {".csv": _csv_lines, ".xlsx": _xlsx_lines}
"""How each kind of file is read, by the ending of its name."""

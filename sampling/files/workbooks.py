"""Sheets of XLSX and XLS workbooks as rows of text."""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from math import inf

import python_calamine
from django.utils.translation import gettext as _

from sampling.files.archives import DAMAGED, SheetMarks, open_archive, refuse_wide, sheet_marks
from sampling.files.cell_texts import cell_text
from sampling.files.compound import is_sound, xls_marks
from sampling.files.grids import Cells, Grid
from sampling.files.problems import Difference, FileRefusedError
from sampling.files.sheet_streams import SheetStream, long_sheets, open_streams

PACKED, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""First bytes of an XLSX workbook, and of an XLS one (or of one locked by a password)."""

UNPACKED_FACTOR = 10
_VISIBLE = python_calamine.SheetVisibleEnum.Visible
_WORKSHEET = python_calamine.SheetTypeEnum.WorkSheet


@dataclass(frozen=True, slots=True)
class Workbook:
    """An opened workbook."""

    book: python_calamine.CalamineWorkbook
    marks: Mapping[str, SheetMarks]
    streams: Mapping[str, SheetStream] = field(default_factory=dict)
    """Sheets that are read in pieces."""

    @property
    def sheets(self) -> list[str]:
        """Return the names of the sheets that a person sees, or of all if none is seen."""
        sheets = [sheet for sheet in self.book.sheets_metadata if sheet.typ == _WORKSHEET]
        seen = [sheet.name for sheet in sheets if sheet.visible == _VISIBLE]
        return seen or [sheet.name for sheet in sheets]

    @property
    def hidden_sheets(self) -> list[str]:
        """Return the names of the sheets that nobody sees."""
        return [name for name in self.book.sheet_names if name not in self.sheets]

    def peek(self, name: str, n_rows: int) -> list[tuple[int, Cells]]:
        """Return the first rows of a sheet, to look for its column names."""
        return list(islice(self._rows(name), n_rows))

    def grid(self, name: str) -> Grid:
        """Return a sheet."""
        marks = self.marks.get(name, SheetMarks())
        if name in self.streams:
            return Grid(rows=self._rows(name), has_columns=True, differences=tuple(self._differences(name)))
        ranges = self._sheet(name).merged_cell_ranges or []
        merged = tuple(((top + 1, left), (bottom + 1, right)) for (top, left), (bottom, right) in ranges)
        return Grid(
            rows=self._rows(name),
            has_columns=True,
            merged=merged,
            errors=marks.errors or {},
            hidden=marks.hidden,
            differences=tuple(self._differences(name)),
        )

    def _rows(self, name: str) -> Iterator[tuple[int, Cells]]:
        """Read the cells of a sheet as text, each row from column A on."""
        if name in self.streams:
            yield from self._streamed(name)
            return
        sheet = self._sheet(name)
        before = [""] * (sheet.start[1] if sheet.start else 0)
        for number, row in enumerate(sheet.iter_rows(), 1):
            yield number, before + [cell_text(value) for value in row]

    def share_read(self, name: str) -> float:
        """Tell how much of a long sheet was read, from 0 to 1; the others are read at once."""
        return self.streams[name].share_read if name in self.streams else 1.0

    def _streamed(self, name: str) -> Iterator[tuple[int, Cells]]:
        """Read a long sheet in pieces; damage inside it shows only here."""
        try:
            yield from self.streams[name].rows()
        except FileRefusedError:
            raise
        except DAMAGED as error:
            raise FileRefusedError(_no_workbook(b"")) from error

    def _sheet(self, name: str) -> python_calamine.CalamineSheet:
        """Open a sheet; damage inside it shows only here."""
        try:
            sheet = self.book.get_sheet_by_name(name)
        except python_calamine.CalamineError as error:
            raise FileRefusedError(_no_workbook(b"")) from error
        if sheet.end is not None:
            refuse_wide(sheet.end[0] + 1, sheet.end[1] + 1)
        return sheet

    def _differences(self, name: str) -> Iterator[Difference]:
        """Say which sheet is read, where there are others."""
        others = [sheet for sheet in self.book.sheet_names if sheet != name]
        if others:
            reason = _("The workbook has several sheets; the other ones are not read.")
            yield Difference(0, "", ", ".join(self.book.sheet_names), name, reason)
        if self.hidden_sheets:
            reason = _("Hidden sheets are not read.")
            yield Difference(0, "", ", ".join(self.hidden_sheets), "—", reason)


def open_workbook(content: bytes, *, limit: int, pieces_from: float = inf) -> Workbook:
    """Open an XLSX or XLS workbook, whatever its name ends in.

    Sheets of XLSX workbooks with more than `pieces_from` bytes are read in pieces.

    Raises
    ------
    FileRefusedError
        If it is damaged, locked, none at all, or unpacks to more than `limit` bytes.
    """
    opener = next((found for start, found in _OPENERS.items() if content.startswith(start)), None)
    if opener is None:
        raise FileRefusedError(_no_workbook(content))
    try:
        return opener(content, limit, pieces_from)
    except FileRefusedError:
        raise
    except python_calamine.PasswordError as error:
        raise FileRefusedError(
            _("The workbook is locked by a password. Save it without a password.")
        ) from error
    except (python_calamine.CalamineError, *DAMAGED) as error:
        raise FileRefusedError(_no_workbook(content)) from error


def _open_xlsx(content: bytes, limit: int, pieces_from: float) -> Workbook:
    """Open a packed workbook."""
    archive = open_archive(content, limit)
    streams = open_streams(archive, long_sheets(archive, pieces_from))
    book = python_calamine.CalamineWorkbook.from_object(io.BytesIO(content))
    marks = {name: sheet_marks(archive, name) for name in book.sheet_names if name not in streams}
    return Workbook(book, marks, streams)


def _open_xls(content: bytes, _limit: int, _pieces_from: float) -> Workbook:
    """Open a workbook of the older kind, once its chains are known to end."""
    if not is_sound(content):
        raise FileRefusedError(_no_workbook(content))
    book = python_calamine.CalamineWorkbook.from_object(io.BytesIO(content))
    marks = dict(zip(book.sheet_names, xls_marks(content), strict=False))
    return Workbook(book, marks)


_OPENERS: Mapping[bytes, Callable[[bytes, int, float], Workbook]] = {PACKED: _open_xlsx, COMPOUND: _open_xls}


def _no_workbook(content: bytes) -> str:
    """Say what came in place of a workbook."""
    start = content[:1024].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta")):
        return _(
            "The file is a web page with the ending of a workbook. Open it in a spreadsheet program and "
            "save it as XLSX."
        )
    return _(
        "The file is no XLSX or XLS workbook, or it is damaged. Open it in a spreadsheet program and save "
        "it as XLSX."
    )

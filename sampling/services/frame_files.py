"""Reading frame files as text: CSV, XLSX or XLS, as offices send them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from sampling.files.headers import Layout
from sampling.files.layouts import FRAMES, HOUSEHOLD_LIST, VILLAGE_REGISTER
from sampling.files.problems import Difference, FileRefusedError
from sampling.files.tables import ENDINGS, Table, TableRow, Wishes, read_table
from sampling.files.workbooks import UNPACKED_FACTOR

MEGABYTE = 1024 * 1024
READERS = ENDINGS
"""Endings of the files that are read."""

FrameFileError = FileRefusedError
"""Raised when a file cannot be read for sure."""

LAYOUTS: Mapping[str, tuple[Layout, ...]] = {
    **{stage: (layout,) for stage, layout in FRAMES.items()},
    "register": (VILLAGE_REGISTER,),
    "households": (HOUSEHOLD_LIST,),
    "": (),
}
"""What a file may hold, by the stage of the draw that it is for."""

type FileRow = TableRow


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


def read_frame_table(path: Path, *, stage: str = "", wishes: Wishes | None = None) -> Table:
    """Read the table of a file, and what in it is read otherwise than written.

    With a stage its usual column names are looked for, below a letterhead too; without one the first row
    holds the column names.
    """
    layouts: Sequence[Layout] = LAYOUTS[stage]
    if path.suffix.lower() not in READERS:
        raise FrameFileError(
            _("Expected a file ending in %(known)s, got “%(name)s”. Save the table in one of these formats.")
            % {"known": ", ".join(READERS), "name": path.name}
        )
    try:
        limit = settings.MAX_UPLOAD_MB * UNPACKED_FACTOR * MEGABYTE
        return read_table(path, layouts=layouts, wishes=wishes, limit=limit)
    except OSError as error:
        raise FrameFileError(
            _("The file “%(name)s” cannot be opened: %(reason)s.") % {"name": path, "reason": error.strerror}
        ) from error


def read_frame_files(paths: Sequence[Path], *, stage: str, wishes: Wishes | None = None) -> Table:
    """Read several files as one table; with more than one, rows and differences name their file."""
    if len(paths) == 1:
        return read_frame_table(paths[0], stage=stage, wishes=wishes)
    rows: list[FileRow] = []
    differences: list[Difference] = []
    for path in paths:
        try:
            table = read_frame_table(path, stage=stage, wishes=wishes)
        except FrameFileError as error:
            problems = [replace(problem, file=path.name) for problem in error.problems]
            raise FrameFileError(f"{path.name}: {error}", problems) from error
        rows += (TableRow(row, row.number, replace(row.head, file=path.name)) for row in table.rows)
        differences += (replace(difference, file=path.name) for difference in table.differences)
    return Table(rows, tuple(differences))


def read_frame_file(path: Path, *, stage: str = "") -> list[FileRow]:
    """Read the rows of a file; every value is text, empty rows are left out."""
    return read_frame_table(path, stage=stage).rows

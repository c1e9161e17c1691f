"""Hidden rows and errors of formulas in XLS workbooks, read from their records.

An XLS file is a small file system (a compound file) with one stream of records: type, length, content. The
reader of workbooks gives the values; what it leaves out is looked up here. The formats are published by their
maker as [MS-CFB] and [MS-XLS].
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from sampling.files.archives import SheetMarks
from sampling.files.grids import Place

HEADER_BYTES, ENTRY_BYTES, RECORD_HEAD_BYTES = 512, 128, 4
SECTOR_SIZES = (512, 4096)
LAST_SECTOR = 0xFFFFFFFA
"""Numbers from here on end a chain or mark a free sector."""

STREAMS = ("Workbook", "Book")
STREAM_ENTRY = 2
BOF, EOF, BOUNDSHEET, ROW, BOOLERR, FORMULA = 0x809, 0x0A, 0x85, 0x208, 0x205, 0x06
HIDDEN_ROW = 0x20
ERROR_RESULT, NO_NUMBER = 2, b"\xff\xff"
ERRORS: Mapping[int, str] = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
"""What a cell shows for each number of an error."""


@dataclass(slots=True)
class _Marks:
    """Marks of one sheet while its records are read."""

    hidden: set[int] = field(default_factory=set)
    errors: dict[Place, str] = field(default_factory=dict)


def xls_marks(content: bytes) -> list[SheetMarks]:
    """Return the marks of each sheet, in the order of the workbook; none if they are not understood."""
    try:
        stream = _Compound(content).stream(STREAMS)
        left = iter(range(len(stream) // RECORD_HEAD_BYTES + 1))
        return [_sheet_marks(stream, start, left) for start in _sheet_starts(stream)]
    except (struct.error, LookupError, ValueError):
        return []


def is_sound(content: bytes) -> bool:
    """Tell whether the chains of a compound file end, and none runs into another.

    A reader that trusts a chain which bites its tail asks for memory without end.
    """
    try:
        table = _Compound(content).table
    except (struct.error, LookupError, ValueError):
        return False
    successors = [number for number in table if number < LAST_SECTOR]
    if len(set(successors)) < len(successors) or any(number >= len(table) for number in successors):
        return False
    heads = set(range(len(table))).difference(successors)
    return sum(1 for head in heads for _ in _follow(table, head)) == len(table)


class _Compound:
    """A compound file: sectors, chains of sectors, and a directory of streams."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.sector_bytes = 1 << _number(content, 0x1E, "<H")
        if self.sector_bytes not in SECTOR_SIZES:
            raise ValueError(self.sector_bytes)
        self.mini_bytes = 1 << _number(content, 0x20, "<H")
        self.cutoff = _number(content, 0x38)
        self.table = self._allocation_table()
        self.mini_table = _numbers(self._chain(_number(content, 0x3C)))
        directory = self._chain(_number(content, 0x30))
        ends = range(0, len(directory), ENTRY_BYTES)
        self.entries = [directory[start : start + ENTRY_BYTES] for start in ends]

    def stream(self, names: tuple[str, ...]) -> bytes:
        """Return the content of the first stream of one of the names."""
        for entry in self.entries:
            name = entry[: max(_number(entry, 0x40, "<H") - 2, 0)].decode("utf-16-le")
            if entry[0x42] == STREAM_ENTRY and name in names:
                return self._content(_number(entry, 0x74), _number(entry, 0x78))
        raise LookupError(names)

    def _content(self, first: int, size: int) -> bytes:
        """Return a stream; small ones live in the stream of the root."""
        if size >= self.cutoff:
            return self._chain(first)[:size]
        root = self._chain(_number(self.entries[0], 0x74))
        sectors = _follow(self.mini_table, first)
        parts = (root[number * self.mini_bytes : (number + 1) * self.mini_bytes] for number in sectors)
        return b"".join(parts)[:size]

    def _allocation_table(self) -> tuple[int, ...]:
        """Return for each sector the one after it."""
        sectors = list(_numbers(self.content[0x4C:HEADER_BYTES]))
        following, n_tables = _number(self.content, 0x44), _number(self.content, 0x48)
        seen: set[int] = set()
        for _ in range(min(n_tables, len(self.content) // self.sector_bytes)):
            if following in seen:
                raise ValueError(following)
            seen.add(following)
            *more, following = _numbers(self._sector(following))
            sectors += more
        used = [number for number in sectors if number < LAST_SECTOR]
        if len(set(used)) < len(used):
            raise ValueError(used)
        return _numbers(b"".join(map(self._sector, used)))

    def _sector(self, number: int) -> bytes:
        """Return one sector."""
        start = (number + 1) * self.sector_bytes
        return self.content[start : start + self.sector_bytes]

    def _chain(self, first: int) -> bytes:
        """Return the sectors of a chain."""
        return b"".join(self._sector(number) for number in _follow(self.table, first))


def _follow(table: tuple[int, ...], first: int) -> Iterator[int]:
    """Walk along a chain; one that bites its tail ends with the table."""
    number = first
    for _ in table:
        if number >= LAST_SECTOR:
            return
        yield number
        number = table[number]


def _number(content: bytes, position: int, kind: str = "<I") -> int:
    """Read one number."""
    found: int = struct.unpack_from(kind, content, position)[0]
    return found


def _numbers(content: bytes) -> tuple[int, ...]:
    """Read numbers of four bytes."""
    return struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4])


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Read the records from one beginning to its end."""
    position, depth = start, 0
    while position + RECORD_HEAD_BYTES <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        position += RECORD_HEAD_BYTES
        depth += (kind == BOF) - (kind == EOF)
        yield kind, stream[position : position + length]
        position += length
        if depth <= 0:
            return


def _sheet_starts(stream: bytes) -> list[int]:
    """Return where the records of each sheet begin."""
    return [_number(record, 0) for kind, record in _records(stream, 0) if kind == BOUNDSHEET]


def _sheet_marks(stream: bytes, start: int, left: Iterator[int]) -> SheetMarks:
    """Read the marks of one sheet; all sheets together have no more records than the stream has room for."""
    marks = _Marks()
    for kind, record in _records(stream, start):
        if next(left, None) is None:
            raise ValueError(start)
        if kind in _TAKERS:
            _TAKERS[kind](record, marks)
    return SheetMarks(frozenset(marks.hidden), marks.errors)


def _take_row(record: bytes, marks: _Marks) -> None:
    """Note a row that nobody sees."""
    if _number(record, 12, "<H") & HIDDEN_ROW:
        marks.hidden.add(_number(record, 0, "<H") + 1)


def _take_error(record: bytes, marks: _Marks) -> None:
    """Note a cell that holds an error."""
    row, column, _, code, is_error = struct.unpack_from("<HHHBB", record)
    if is_error:
        marks.errors[row + 1, column] = ERRORS.get(code, "#VALUE!")


def _take_formula(record: bytes, marks: _Marks) -> None:
    """Note a formula whose result is an error."""
    row, column, _ = struct.unpack_from("<HHH", record)
    if record[12:14] == NO_NUMBER and record[6] == ERROR_RESULT:
        marks.errors[row + 1, column] = ERRORS.get(record[8], "#VALUE!")


_TAKERS: Mapping[int, Callable[[bytes, _Marks], None]] = {
    ROW: _take_row,
    BOOLERR: _take_error,
    FORMULA: _take_formula,
}

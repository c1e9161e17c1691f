"""Files as offices send them, made in memory."""

import io
import struct
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import openpyxl

from sampling.files.letters import TONES, to_tcvn3, to_vni

TITLES = ("STT", "Mã xã", "Tên xã", "Mã tỉnh", "Số người")
ROWS = ((1, "00004", "Ba Đình", "01", 21000), (2, "00008", "Ngọc Hà", "01", 30500))
MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"


def vietnamese_letters() -> list[str]:
    """The 134 letters that ASCII has not."""
    composed = (
        unicodedata.normalize("NFC", vowel + tone) for vowel, tone in product("aăâeêioôơuưy", ("", *TONES))
    )
    small = [*(letter for letter in composed if not letter.isascii()), "đ"]
    return small + [letter.upper() for letter in small]


def to_1258(text: str) -> bytes:
    """Windows-1258 as keyboards write it: the letter, then its tone."""
    written = ""
    for letter in unicodedata.normalize("NFC", text):
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in parts if mark in TONES)
        written += unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in TONES)) + tone
    return written.encode("cp1258")


ENCODERS: Mapping[str, Callable[[str], bytes]] = {
    "UTF-8": lambda text: text.encode(),
    "UTF-8 (BOM)": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "Windows-1258": to_1258,
    "TCVN3 (ABC)": lambda text: to_tcvn3(text).encode("cp1252"),
    "VNI-Windows": lambda text: to_vni(text).encode("cp1252"),
}


def workbook(*lines: Sequence[Any], change: Callable[[Any], None] | None = None) -> bytes:
    """An XLSX workbook; `change` gets the openpyxl workbook before it is saved."""
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(list(line))
    if change:
        change(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def office_lines() -> list[Sequence[Any]]:
    """A list with its letterhead and its signatures; the column names stand in row 6."""
    return [
        ["UBND THÀNH PHỐ HÀ NỘI", None, None, MOTTO],
        ["SỞ NỘI VỤ", None, None, "Độc lập - Tự do - Hạnh phúc"],
        [],
        ["DANH SÁCH XÃ, PHƯỜNG"],
        ["(Kèm theo Công văn số 12/SNV ngày 5 tháng 3 năm 2026)"],
        TITLES,
        *ROWS,
        ["Tổng cộng", None, None, None, 51500],
        [],
        [None, None, None, "Hà Nội, ngày 5 tháng 3 năm 2026"],
        ["Người lập biểu", None, None, "GIÁM ĐỐC"],
        ["Nguyễn Văn An", None, None, "Trần Thị Bình"],
    ]


class Xls:
    """Writes small XLS workbooks (BIFF8 in a compound file): text, numbers, errors, hidden rows."""

    def __init__(self, name: str = "Sheet1") -> None:
        self.name = name
        self.cells: list[bytes] = []
        self.hidden_rows: list[bytes] = []
        self.merged: list[tuple[int, int, int, int]] = []

    def append(self, row: int, values: Sequence[Any]) -> None:
        for column, value in enumerate(values):
            if value is not None:
                self.cells.append(_cell(row, column, value))

    def hide(self, row: int) -> None:
        self.hidden_rows.append(_record(0x208, struct.pack("<HHHHHHHH", row, 0, 9, 255, 0, 0, 0x20, 0x0F)))

    def content(self) -> bytes:
        sheet = _bof(0x10) + b"".join(self.hidden_rows) + b"".join(self.cells)
        if self.merged:
            ranges = b"".join(struct.pack("<HHHH", *found) for found in self.merged)
            sheet += _record(0xE5, struct.pack("<H", len(self.merged)) + ranges)
        sheet += _record(0x0A)
        globals_ = _bof(0x05) + _record(0x42, struct.pack("<H", 1200))
        name = self.name.encode("utf-16-le")
        tail = struct.pack("<BBBB", 0, 0, len(self.name), 1) + name
        start = len(globals_) + 4 + 4 + len(tail) + 4
        globals_ += _record(0x85, struct.pack("<I", start) + tail) + _record(0x0A)
        return compound(globals_ + sheet)


def xls(*lines: Sequence[Any], change: Callable[[Xls], None] | None = None) -> bytes:
    """An XLS workbook of some lines."""
    book = Xls()
    for row, line in enumerate(lines):
        book.append(row, line)
    if change:
        change(book)
    return book.content()


def _record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _bof(kind: int) -> bytes:
    return _record(0x809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _cell(row: int, column: int, value: Any) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str) and value.startswith("#"):
        return _record(0x205, place + bytes([{"#REF!": 0x17, "#N/A": 0x2A}[value], 1]))
    if isinstance(value, str):
        text = value.encode("utf-16-le")
        return _record(0x204, place + struct.pack("<HB", len(value), 1) + text)
    return _record(0x203, place + struct.pack("<d", value))


def compound(stream: bytes, name: str = "Workbook") -> bytes:
    """A compound file with one stream."""
    sector, end, free = 512, 0xFFFFFFFE, 0xFFFFFFFF
    stream = stream.ljust(max(len(stream), 4096), b"\0")
    size = len(stream)
    n_data = -(-size // sector)
    stream = stream.ljust(n_data * sector, b"\0")
    n_tables = -(-(n_data + 2) // (sector // 4 - 1))
    chain = [*range(1, n_data), end, end, *([0xFFFFFFFD] * n_tables)]
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(n_tables * sector, b"\xff")

    def entry(title: str, kind: int, child: int, first: int, length: int) -> bytes:
        coded = title.encode("utf-16-le") + b"\0\0"
        left = struct.pack("<HBBIII", len(coded), kind, 1, free, free, child)
        return coded.ljust(64, b"\0") + left + bytes(36) + struct.pack("<III", first, length, 0)

    directory = entry("Root Entry", 5, 1, end, 0) + entry(name, 2, free, 0, size)
    directory = directory.ljust(sector, b"\0")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIIII", 0, n_tables, n_data, 0, 4096, end, 0, end, 0, 0)[: 4 * 9]
    difat = [n_data + 1 + number for number in range(n_tables)]
    header += struct.pack(f"<{len(difat)}I", *difat)
    return header.ljust(sector, b"\xff") + stream + directory + table

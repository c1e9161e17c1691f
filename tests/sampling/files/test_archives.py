"""Marks of workbooks, and parts that were made to cost more than their length."""

import io
import re
import zipfile
from typing import Any

import pytest

from sampling.files import archives, compound
from sampling.files.archives import SheetMarks, sheet_marks

BIG = 3 * archives.CHUNK_BYTES
SHEET = '<sheet name="A" sheetId="1" r:id="rId1"/>'
RELATION = '<Relationship Id="rId1" Target="worksheets/sheet1.xml"/>'


def archive_of(sheet: bytes) -> zipfile.ZipFile:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", SHEET)
        archive.writestr("xl/_rels/workbook.xml.rels", RELATION)
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return zipfile.ZipFile(content)


def marks_of(sheet: bytes) -> SheetMarks:
    return sheet_marks(archive_of(sheet), "A")


class Counting(bytes):
    """Bytes that count how many others are put before them."""

    moved = 0

    def __radd__(self, before: bytes) -> bytes:
        Counting.moved += len(before) + len(self)
        return before + bytes(self)


class Part:
    """Stands for an archive with one part."""

    def __init__(self, content: bytes) -> None:
        self.content = io.BytesIO(content)

    def __enter__(self) -> "Part":
        return self

    def __exit__(self, *_error: object) -> None:
        self.content.close()

    def open(self, _name: str) -> "Part":
        return self

    def read(self, size: int) -> Counting:
        return Counting(self.content.read(size))


def test_marks_of_ordinary_cells():
    sheet = (
        b'<row r="1" hidden="1"><c r="A1"/><c r="B1" t="e"><v>#REF!</v></c></row>'
        b'<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="C2" s="1"><f>B1</f></c>'
        b'<x:c r="D2" t="e"></x:c></row>'
    )
    marks = marks_of(sheet)
    assert marks.hidden == {1}
    assert marks.errors == {(1, 1): "#REF!", (2, 2): "=", (2, 3): "#VALUE!"}


def test_cells_that_lie_on_the_edge_of_two_pieces(monkeypatch: pytest.MonkeyPatch):
    rows = b"".join(
        b'<row r="%d"><c r="A%d" t="e"><v>#N/A</v></c><c r="B%d"><v>1</v></c></row>' % (n, n, n)
        for n in range(1, 60)
    )
    for size in (7, 64, 300):
        monkeypatch.setattr(archives, "CHUNK_BYTES", size)
        assert marks_of(rows).errors == {(n, 0): "#N/A" for n in range(1, 60)}


@pytest.mark.parametrize(
    "hostile",
    [b'<c r="A1">', b"<c ", b"<c r='A1' t=\"e\"><v", b"<row r='1' hidden ", b"</x", b"<v>", b"<" + b"a" * 99],
)
def test_cells_that_never_end_are_read_once(hostile: bytes):
    block = hostile * (BIG // len(hostile))
    pieces = list(archives._contents(block))
    assert sum(len(attributes) + len(content) for attributes, content in pieces) <= len(block)
    assert len(pieces) <= block.count(b"<")
    marks_of(block)


def test_pieces_without_an_end_are_moved_a_bounded_number_of_times(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archives, "CHUNK_BYTES", 1 << 10)
    monkeypatch.setattr(archives, "MOST_CELL_BYTES", 1 << 14)
    Counting.moved, content = 0, b"<c r='A1'>" * 200_000
    part: Any = Part(content)
    with pytest.raises(zipfile.BadZipFile):
        list(archives._blocks(part, "sheet"))
    assert Counting.moved <= 17 * (1 << 14)
    Counting.moved, part = 0, Part(b"<c r='A1'></c>" * 50_000)
    assert sum(map(len, archives._blocks(part, "sheet"))) == 50_000 * 14
    assert Counting.moved <= 2 * 50_000 * 14


def test_patterns_never_go_back():
    patterns = [each for each in vars(archives).values() if isinstance(each, re.Pattern)]
    of_bytes = [each.pattern for each in patterns if isinstance(each.pattern, bytes)]
    assert len(of_bytes) > 5
    assert [each for each in of_bytes if re.search(rb"[\])\w][*+](?!\+)", each)] == []


def test_attribute_that_never_ends_costs_its_length_once():
    assert archives._attributes(b"<c " + b"a" * BIG + b">") == {}
    assert archives._attributes(b'<c r="A1" ' + b"a" * BIG + b' t = "e">') == {"r": "A1", "t": "e"}


def test_sheets_of_the_older_kind_share_their_records(monkeypatch: pytest.MonkeyPatch):
    record = (0x99).to_bytes(2, "little") + b"\0\0"
    bof = compound.BOF.to_bytes(2, "little") + b"\0\0"
    stream = bof + record * 20_000
    steps = []
    taken = {0x99: lambda _record, _marks: steps.append(1)}
    monkeypatch.setattr(compound, "_TAKERS", taken)
    monkeypatch.setattr(compound, "_sheet_starts", lambda _stream: [0] * 5_000)
    monkeypatch.setattr(compound._Compound, "__init__", lambda _self, _content: None)
    monkeypatch.setattr(compound._Compound, "stream", lambda _self, _names: stream)
    assert compound.xls_marks(b"") == []
    assert 0 < len(steps) <= len(stream) // 4 + 1

"""Long sheets: read in pieces they say what the ordinary reader says, and a hostile one costs no memory."""

import datetime
import io
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl.styles import NamedStyle

from sampling.files import shared_texts, sheet_streams
from sampling.files.problems import FileRefusedError
from sampling.files.workbooks import Workbook, open_workbook
from tests.sampling.files.makers import office_lines, workbook

LIMIT = 1 << 28
SHEET = '<sheet name="A" sheetId="1" r:id="rId1"/>'
RELATION = '<Relationship Id="rId1" Target="worksheets/sheet1.xml"/>'


def both(content: bytes) -> list[list[tuple[int, list[str]]]]:
    """The filled rows of the first sheet, read as a whole and in pieces, without empty cells at the end."""
    found = []
    for book in (open_workbook(content, limit=LIMIT), in_pieces(content)):
        rows = [(number, trimmed(cells)) for number, cells in book.grid(book.sheets[0]).rows]
        found.append([(number, cells) for number, cells in rows if cells])
    return found


def trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def in_pieces(content: bytes) -> Workbook:
    return open_workbook(content, limit=LIMIT, pieces_from=0)


def raw(sheet: str, shared: str = "", styles: str = "", book: str = "") -> bytes:
    """A workbook of hand-made parts."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", f"<workbook>{book}<sheets>{SHEET}</sheets></workbook>")
        archive.writestr("xl/_rels/workbook.xml.rels", f"<Relationships>{RELATION}</Relationships>")
        archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{sheet}</sheetData></worksheet>")
        if shared:
            archive.writestr("xl/sharedStrings.xml", f"<sst>{shared}</sst>")
        if styles:
            archive.writestr("xl/styles.xml", f"<styleSheet>{styles}</styleSheet>")
    return content.getvalue()


TWICE = '<row r="2"/><row r="1"><c r="A1"><v>1</v></c></row>'


def stream(content: bytes) -> sheet_streams.SheetStream:
    return sheet_streams.open_streams(zipfile.ZipFile(io.BytesIO(content)), ["A"])["A"]


def rows(sheet: str, **parts: str) -> list[tuple[int, list[str]]]:
    return list(stream(raw(sheet, **parts)).rows())


def test_an_office_list_reads_the_same():
    whole, pieces = both(workbook(*office_lines()))
    assert whole == pieces
    assert len(pieces) > 5


VALUES: list[Any] = [
    "Đất đai & nhà ở <mới>", " hai  khoảng trắng ", "00012", 12, -3, 0, 0.1, 1e15, 1234567890123456, 3.5e-7,
    True, False, datetime.date(2026, 3, 5), datetime.datetime.fromisoformat("2026-03-05 13:45:10"),
    datetime.date(1900, 3, 1), datetime.time(7, 30), None, "dòng\nhai", '="không phải công thức"', "_x0041_",
]  # fmt: skip


def test_every_kind_of_value_reads_the_same():
    whole, pieces = both(workbook(["Cột", "Giá trị"], *(["x", value] for value in VALUES)))
    assert whole == pieces


@pytest.mark.parametrize(
    "code", ["dd/mm/yyyy", "[$-42A]dd mmmm yyyy", '"ngày" 0', "0.00", "hh:mm", "#,##0\\ [$đ]", "General", "@"]
)
def test_days_are_known_by_their_format(code: str):
    def style(book: Any) -> None:
        book.add_named_style(NamedStyle("own", number_format=code))
        book.active["A2"].style = "own"

    whole, pieces = both(workbook(["ngày"], [46000.5], change=style))
    assert whole == pieces


def test_days_that_count_from_1904_read_the_same():
    def count_from_1904(book: Any) -> None:
        book.epoch = datetime.datetime.fromisoformat("1904-01-01")

    content = workbook(["ngày"], [datetime.date(2026, 3, 5)], change=count_from_1904)
    whole, pieces = both(content)
    assert whole == pieces == [(1, ["ngày"]), (2, ["05/03/2026"])]


def test_gaps_merged_cells_and_a_late_first_column_read_the_same():
    def scatter(book: Any) -> None:
        sheet = book.active
        sheet["C3"], sheet["F3"], sheet["D9"] = "a", "b", 7
        sheet.merge_cells("C3:D4")

    whole, pieces = both(workbook(change=scatter))
    assert whole == pieces == [(3, ["", "", "a", "", "", "b"]), (9, ["", "", "", "7"])]


def test_formats_inside_a_text_and_its_pronunciation_are_left_out():
    shared = "<si><r><t>Đất</t></r><r><t xml:space='preserve'> đai</t></r><rPh><t>x</t></rPh></si><si/>"
    cell = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
    assert rows(cell, shared=shared) == [(1, ["Đất đai"])]


def test_inline_texts_formulas_truth_errors_and_written_days():
    cells = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Hộ &amp; tịch</t></is></c>'
        '<c r="B1" t="str"><f>A1</f><v>chữ</v></c><c r="C1" t="b"><v>1</v></c>'
        '<c r="D1" t="e"><v>#REF!</v></c><c r="E1" t="d"><v>2026-03-05</v></c></row>'
    )
    assert rows(cells) == [(1, ["Hộ & tịch", "chữ", "1", "", "05/03/2026"])]


def test_rows_and_cells_without_places_follow_each_other():
    assert rows("<row><c><v>1</v></c><c><v>2</v></c></row><row/><row><c><v>3</v></c></row>") == [
        (1, ["1", "2"]),
        (3, ["3"]),
    ]


def test_rows_are_found_across_pieces(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sheet_streams, "CHUNK_BYTES", 7)
    monkeypatch.setattr(shared_texts, "CHUNK_BYTES", 5)
    shared = "".join(f"<si><t>chữ {number}</t></si>" for number in range(9))
    cells = "".join(f'<row r="{row}"><c r="B{row}" t="s"><v>{row}</v></c></row>' for row in range(1, 9))
    assert rows(cells, shared=shared) == [(row, ["", f"chữ {row}"]) for row in range(1, 9)]


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>',
        '<row r="3"><c r="A3"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>',
        '<row r="9999999"><c r="A9999999"><v>1</v></c></row>',
        '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>5</v></c></row>',
    ],
)
def test_rows_that_cannot_be_are_damage(cells: str):
    with pytest.raises(zipfile.BadZipFile):
        rows(cells)


@pytest.mark.parametrize("cells", ['<row r="1"><c r="A1"><v>mười</v></c></row>', TWICE])
def test_damage_is_told_as_a_file_that_cannot_be_read(cells: str):
    book = Workbook(None, {}, {"A": stream(raw(cells))})  # type: ignore[arg-type]
    with pytest.raises(FileRefusedError):
        list(book._rows("A"))


def test_a_cell_far_beside_the_table_is_named():
    with pytest.raises(FileRefusedError, match="16384"):
        rows('<row r="1"><c r="XFD1"><v>1</v></c></row>')


def test_texts_that_would_fill_the_memory_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shared_texts, "MOST_TEXT_BYTES", 100)
    with pytest.raises(FileRefusedError, match="0 MB"):
        rows("", shared="<si><t>1234567890</t></si>" * 11)


def endless_row() -> bytes:
    return raw("<row>" + "<c>" * (6 << 20))


def endless_text() -> bytes:
    return raw("", shared="<si><t>" + "a" * (17 << 20))


@pytest.mark.parametrize("make", [endless_row, endless_text])
def test_a_part_without_ends_is_damage(make: Callable[[], bytes]):
    content = make()
    with pytest.raises(zipfile.BadZipFile):
        list(stream(content).rows())


def test_empty_cells_that_pack_well_cost_no_memory():
    content = raw('<row><c r="A1"/><c r="B1"/></row>' * 400_000)
    assert len(content) < 100_000
    opened = stream(content)
    tracemalloc.start()
    try:
        assert list(opened.rows()) == []
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40 << 20


def test_the_share_that_was_read_grows_to_the_whole():
    opened = stream(raw('<row r="1"><c r="A1"><v>1</v></c></row>'))
    assert opened.share_read == 0
    assert list(opened.rows()) == [(1, ["1"])]
    assert opened.share_read == 1

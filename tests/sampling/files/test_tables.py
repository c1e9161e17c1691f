import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from sampling.files import archives
from sampling.files.layouts import COMMUNE_FRAME, VILLAGE_FRAME, VILLAGE_REGISTER
from sampling.files.letters import to_tcvn3, to_vni
from sampling.files.problems import FileRefusedError
from sampling.files.tables import Wishes, read_table
from tests.sampling.files.makers import ENCODERS, ROWS, TITLES, office_lines, workbook, xls

FIRST = {"code": "00004", "name": "Ba Đình", "parent_code": "01", "measure_of_size": "21000"}
SECOND = {"code": "00008", "name": "Ngọc Hà", "parent_code": "01", "measure_of_size": "30500"}
LIMIT = 100_000_000
MAKERS = {"a.xlsx": workbook, "a.xls": xls}


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def read(tmp_path: Path):
    def read_content(content: bytes, name: str = "a.xlsx", layout: Any = COMMUNE_FRAME, **wishes: str) -> Any:
        path = tmp_path / name
        path.write_bytes(content)
        return read_table(path, layouts=[layout], wishes=Wishes(**wishes), limit=LIMIT)

    return read_content


def csv_of(lines: Any) -> str:
    return "\n".join(";".join("" if cell is None else str(cell) for cell in line) for line in lines)


def reasons(table: Any) -> str:
    return " ".join(difference.reason for difference in table.differences)


def refused(read: Any, *arguments: Any, **wishes: Any):
    with pytest.raises(FileRefusedError) as caught:
        read(*arguments, **wishes)
    return caught.value


@pytest.mark.parametrize("name", MAKERS)
def test_table_is_found_between_letterhead_and_signatures(read: Any, name: str):
    table = read(MAKERS[name](*office_lines()), name)
    assert table.rows == [FIRST, SECOND]
    assert [row.number for row in table.rows] == [7, 8]
    assert table.rows[0].head.row == 6
    assert table.rows[0].head.labels["measure_of_size"] == "E “Số người”"
    told = [(difference.row, difference.becomes) for difference in table.differences]
    assert told == [(1, "—"), (9, "—"), (6, "—")]
    assert "SỞ NỘI VỤ" in table.differences[0].got
    assert "Tổng cộng 51500" in table.differences[1].got


@pytest.mark.parametrize("label", ENCODERS)
def test_text_of_every_encoding_with_letterhead_is_read(read: Any, label: str):
    table = read(ENCODERS[label](csv_of(office_lines())), "a.csv")
    assert table.rows == [FIRST, SECOND]
    said = [difference.got for difference in table.differences if not difference.row]
    assert said == ([] if label.startswith("UTF-8") else [label])


@pytest.mark.parametrize("titles", [("TT", "MÃ XÃ", "Ten xa", "Mã tỉnh/TP", "Số người\n(từ 18 tuổi)")])
def test_titles_are_known_without_marks_and_case(read: Any, titles: Any):
    assert read(workbook(titles, *ROWS)).rows == [FIRST, SECOND]


def test_column_names_over_two_rows_with_merged_cells(read: Any):
    def merge(book: Any) -> None:
        book.active.merge_cells("B1:C1")
        book.active.merge_cells("A1:A2")

    lines = [
        ("STT", "Xã, phường", None, "Mã tỉnh", "Số người"),
        (None, "Mã", "Tên", None, None),
        ("A", "B", "C", "1", "2"),
        *ROWS,
    ]
    table = read(workbook(*lines, change=merge))
    assert table.rows == [FIRST, SECOND]
    assert table.rows[0].number == 4
    assert "numbers the columns" in reasons(table)


@pytest.mark.parametrize("name", MAKERS)
def test_merged_cell_over_rows_counts_for_each(read: Any, name: str):
    lines = [TITLES, ROWS[0], (*ROWS[1][:3], None, ROWS[1][4])]
    changes = {
        "a.xlsx": lambda book: book.active.merge_cells("D2:D3"),
        "a.xls": lambda book: book.merged.append((1, 2, 3, 3)),
    }
    table = read(MAKERS[name](*lines, change=changes[name]), name)
    assert table.rows == [FIRST, SECOND]
    assert "merged" in reasons(table)


@pytest.mark.parametrize("name", MAKERS)
def test_errors_of_formulas_are_named_where_they_stand(read: Any, name: str):
    line = (3, "00013", "Hồng Hà", "01", "#REF!")

    def spoil(book: Any) -> None:
        if name == "a.xlsx":
            book.active["E4"].data_type = "e"

    error = refused(read, MAKERS[name](TITLES, *ROWS, line, change=spoil), name)
    assert [(found.row, found.column, found.got) for found in error.problems] == [
        (4, "E “Số người”", "#REF!")
    ]
    assert "Row 4, column E “Số người”" in str(error)


def test_formula_that_was_never_computed_is_named(read: Any):
    error = refused(read, workbook(TITLES, ROWS[0], (*ROWS[1][:4], "=E2*2")))
    assert [(found.row, found.got) for found in error.problems] == [(3, "a formula without a value")]


@pytest.mark.parametrize("name", MAKERS)
def test_code_longer_than_a_number_can_be_is_named(read: Any, name: str):
    error = refused(read, MAKERS[name](TITLES, (1, 1234567890123456789.0, *ROWS[0][2:])), name)
    assert error.problems[0].column == "B “Mã xã”"


@pytest.mark.parametrize("name", MAKERS)
def test_hidden_rows_are_read_and_told(read: Any, name: str):
    changes = {
        "a.xlsx": lambda book: setattr(book.active.row_dimensions[3], "hidden", True),
        "a.xls": lambda book: book.hide(2),
    }
    table = read(MAKERS[name](TITLES, *ROWS, change=changes[name]), name)
    assert table.rows == [FIRST, SECOND]
    assert [(told.row, told.got) for told in table.differences if "hidden" in told.reason] == [(3, "3")]


def test_sheet_with_the_column_names_is_read_or_the_one_named(read: Any):
    def fill(book: Any) -> None:
        book.active.title = "Bìa"
        for name, size in (("Số liệu", 21000), ("Bản cũ", 1)):
            sheet = book.create_sheet(name)
            sheet.append(list(TITLES))
            sheet.append([*ROWS[0][:4], size])
        book["Bản cũ"].sheet_state = "hidden"

    content = workbook(["Báo cáo"], change=fill)
    table = read(content)
    assert table.rows == [FIRST]
    assert [told.becomes for told in table.differences[:2]] == ["Số liệu", "—"]
    assert read(content, sheet="Bản cũ").rows == [FIRST | {"measure_of_size": "1"}]
    assert "Bìa, Số liệu" in str(refused(read, content, sheet="x"))


@pytest.mark.parametrize(
    ("write", "label"), [(to_tcvn3, "TCVN3 (ABC)"), (to_vni, "VNI-Windows")], ids=["tcvn3", "vni"]
)
def test_cells_in_old_fonts_are_read_and_told(read: Any, write: Any, label: str):
    titles = [write(title) for title in TITLES]
    lines = [(*row[:2], write(str(row[2])), *row[3:]) for row in ROWS]
    table = read(workbook(titles, *lines, (3, "00013", write("Bé"), "01", 5)))
    assert [row["name"] for row in table.rows] == ["Ba Đình", "Ngọc Hà", "Bé"]
    told = [difference for difference in table.differences if label in difference.reason]
    assert [(found.row, found.column, found.becomes) for found in told] == [(2, "C “Tên xã”", "Ba Đình")]
    assert "3 cells" in told[0].reason


def test_column_of_two_fonts_is_read_cell_by_cell_and_riddles_are_named(read: Any):
    lines = [(1, "00004", "Thµnh C«ng", "01", 1), (2, "00008", "Đội Cấn", "01", 1)]
    assert [row["name"] for row in read(workbook(TITLES, *lines)).rows] == ["Thành Công", "Đội Cấn"]
    error = refused(read, workbook(TITLES, *lines, (3, "00013", "Bé", "01", 1)))
    assert [(found.row, found.column, found.got) for found in error.problems] == [(4, "C “Tên xã”", "Bé")]


def test_line_in_another_encoding_than_the_rest_is_named(read: Any):
    good = csv_of([TITLES, *ROWS])
    content = ENCODERS["TCVN3 (ABC)"](good) + b"\n" + ENCODERS["VNI-Windows"]("3;00013;Thị Nghè;01;5\n")
    assert "4" in str(refused(read, content, "a.csv"))


def test_encoding_said_by_a_person_counts(read: Any):
    content = to_tcvn3(csv_of([TITLES, (1, "00004", "Bé", "01", 1)])).encode("cp1252")
    table = read(content, "a.csv", encoding="tcvn3")
    assert table.rows[0]["name"] == "Bé"
    assert "You said so." in reasons(table)


def test_columns_that_are_not_needed_or_empty_are_left_out(read: Any):
    table = read(workbook((*TITLES, "Tên tỉnh", "Ghi chú"), *((*row, "Hà Nội", None) for row in ROWS)))
    assert table.rows == [FIRST, SECOND]
    assert [told.column for told in table.differences] == ["A “STT”", "F “Tên tỉnh”", "G “Ghi chú”"]


def test_column_with_an_unknown_name_stays_for_the_check(read: Any):
    table = read(workbook((*TITLES, "Ghi chú"), (*ROWS[0], "x")))
    assert table.rows[0]["Ghi chú"] == "x"


def test_last_row_without_a_code_is_kept_for_the_check(read: Any):
    assert len(read(workbook(TITLES, *ROWS, (3, None, "Hồng Hà", "01", 5))).rows) == 3


def test_villages_take_the_commune_for_their_parent(read: Any):
    titles = ("TT", "Mã xã", "Tên xã", "Mã thôn", "Tên thôn", "Dân số")
    table = read(workbook(titles, (1, "00004", "Ba Đình", "00004-01", "Tổ 1", 300)), layout=VILLAGE_FRAME)
    expected = {"code": "00004-01", "name": "Tổ 1", "parent_code": "00004", "measure_of_size": "300"}
    assert table.rows == [expected]


def test_register_is_read_by_its_usual_names(read: Any):
    table = read(workbook(["Thôn 1"], ["STT", "Giới tính"], [1, "Nam"], [2, "Nữ"]), layout=VILLAGE_REGISTER)
    assert table.rows == [{"number": "1", "sex": "Nam"}, {"number": "2", "sex": "Nữ"}]


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"<html><table><tr><td>x</td></tr></table></html>", "a.xls", "web page"),
        (workbook(TITLES)[:900], "a.xlsx", "damaged"),
        (xls(TITLES)[:700], "a.xls", "damaged"),
        (b"", "a.xls", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000), "a.xls", "damaged"),
    ],
)
def test_damaged_workbooks_are_refused_in_words(read: Any, content: bytes, name: str, words: str):
    assert words in str(refused(read, content, name))


def test_cell_at_the_end_of_the_world_does_not_fill_the_memory(read: Any):
    content = workbook(TITLES, *ROWS, change=lambda book: book.active.cell(1_048_576, 16_384, "x"))
    assert "1048576" in str(refused(read, content))


@pytest.mark.parametrize(("content", "name"), [(workbook, "a.xlsx"), (xls, "a.xls")])
def test_sheet_with_too_many_cells_is_refused_and_csv_proposed(
    read: Any, monkeypatch: pytest.MonkeyPatch, content: Any, name: str
):
    monkeypatch.setattr(archives, "MOST_CELLS", 14)
    words = str(refused(read, content(TITLES, *ROWS), name))
    assert "14" in words
    assert "CSV (UTF-8)" in words
    monkeypatch.setattr(archives, "MOST_CELLS", 15)
    assert read(content(TITLES, *ROWS), name).rows == [FIRST, SECOND]


def test_workbook_with_the_wrong_ending_is_read_by_its_content(read: Any):
    assert read(workbook(TITLES, *ROWS), "a.xls").rows == [FIRST, SECOND]
    assert read(xls(TITLES, *ROWS), "a.xlsx").rows == [FIRST, SECOND]


def test_days_in_cells_are_shown_day_first(read: Any):
    table = read(workbook((*TITLES, "Ngày"), (*ROWS[0], datetime.date(2026, 3, 5))))
    assert table.rows[0]["Ngày"] == "05/03/2026"


def test_file_without_known_columns_keeps_its_own(read: Any):
    assert read(workbook(["case", "B1"], ["x", 5])).rows == [{"case": "x", "B1": "5"}]
    assert read(workbook()).rows == []


@pytest.mark.parametrize("damage", ["cycle", "joined chains"])
def test_a_workbook_whose_chains_do_not_end_is_refused(damage: str, read: Any):
    content = bytearray(xls(*([TITLES, *ROWS] * 40)))
    start = (int.from_bytes(content[0x4C:0x50], "little") + 1) * 512
    numbers = [int.from_bytes(content[start + 4 * at : start + 4 * at + 4], "little") for at in range(128)]
    chained = [at for at, number in enumerate(numbers) if number < len(numbers)]
    target = chained[0] if damage == "cycle" else numbers[chained[0]]
    place = start + 4 * chained[-1]
    content[place : place + 4] = target.to_bytes(4, "little")
    with pytest.raises(FileRefusedError):
        read(bytes(content), "a.xls")

import io

import pytest
from openpyxl import load_workbook

from sampling.spreadsheets import csv_lines, csv_text, neutralise, workbook_of


def test_codes_stay_text_in_a_workbook():
    sheet = load_workbook(io.BytesIO(workbook_of("Danh sách", ["mã", "tên"], [["00004", "=1+1"]]))).active
    assert [cell.value for cell in sheet[2]] == ["00004", "=1+1"]
    assert [cell.data_type for cell in sheet[2]] == ["s", "s"]
    assert [cell.number_format for cell in sheet[2]] == ["@", "@"]


def test_workbook_prints_its_header_on_every_page():
    sheet = load_workbook(io.BytesIO(workbook_of("x" * 40, ["a"], [["b"]]))).active
    assert (sheet.print_title_rows, sheet.freeze_panes) == ("$1:$1", "A2")
    assert (sheet.page_setup.orientation, sheet.title) == ("landscape", "x" * 31)


def test_csv_holds_no_formulas():
    assert csv_text(["a"], [["=1"], [-1], ["@x"]]).split() == ["a", "'=1", "-1", "'@x"]


def test_a_control_character_in_a_name_does_not_stop_a_workbook():
    sheet = load_workbook(io.BytesIO(workbook_of("x", ["tên"], [["Nguyễn\x0b An"]]))).active
    assert sheet["A2"].value == "Nguyễn An"


def test_a_delimiter_inside_a_cell_stays_inside():
    assert csv_text(["field", "N"], [["x;=cmd", 3]], delimiter=";") == 'field;N\r\n"x;\'=cmd";3\r\n'


@pytest.mark.parametrize("text", ["=1+1", "+84", "-1", "@sum", "\tx", "\nx"])
def test_text_that_looks_like_a_formula_is_shielded(text: str) -> None:
    assert neutralise(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Hà Nội", "01", "a=b", "Ý kiến - khác", "chậm, - rất lâu"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert neutralise(text) == text


@pytest.mark.parametrize("separator", [";", "\t", ",", "\n"])
def test_a_formula_behind_any_separator_is_shielded(separator: str) -> None:
    [_header, *lines] = csv_lines(["note"], [[f"ok{separator}=HYPERLINK(A1){separator}@x"]])
    cells = "".join(lines).replace('"', "").strip().split(separator)
    assert cells == ["ok", "'=HYPERLINK(A1)", "'@x"]

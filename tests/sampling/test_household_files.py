from pathlib import Path

import pytest
from django.utils import translation

from sampling.household_files import read_households_file
from sampling.resources import RegisterFilesError
from sampling.services.household_contacts import Head
from sampling.services.household_lists import CheckedHouseholds, read_households, read_list
from sampling.services.registers import HouseholdList, Register, RegisterError


def write(folder: Path, *lines: str) -> Path:
    path = folder / "ho.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_list_to_draw_from_and_names_are_kept_apart(tmp_path: Path):
    path = write(
        tmp_path,
        "village,number,group,position,head,address,phone",
        "V1,01,Xóm Đông,2,Nguyễn Văn An,Số 1,0900",
        "V1,02,,,,,",
        "V2,01,Xóm Tây,1,Lê Thị Bình,,",
    )
    read = read_households_file(path)
    assert read.lists["V1"] == HouseholdList(["01", "02"], ["Xóm Đông", ""], [2, 0])
    assert read.heads == {
        "V1": [Head("01", "Nguyễn Văn An", "Số 1", "0900")],
        "V2": [Head("01", "Lê Thị Bình")],
    }


def test_vietnamese_names_of_columns_are_known(tmp_path: Path):
    path = write(tmp_path, "Mã thôn,Số hộ,Xóm,Họ và tên chủ hộ,Địa chỉ", "V1,7,A,Trần Văn Cường,Số 3")
    assert read_households_file(path).heads["V1"] == [Head("7", "Trần Văn Cường", "Số 3")]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("V1,,A,1", "number"),
        ("V1,01,A,1", "number"),
        ("V1,02,A,x", "position"),
        ("V1,02,A,-1", "position"),
        (f"V1,02,{'A' * 61},1", "group"),
        (f"V1,{'2' * 33},A,1", "number"),
    ],
)
def test_wrong_cell_is_named_by_row_and_column(tmp_path: Path, row: str, column: str):
    path = write(tmp_path, "village,number,group,position", "V1,01,A,1", row)
    with pytest.raises(RegisterFilesError) as caught:
        read_households_file(path)
    [problem] = caught.value.problems
    assert (problem.row, problem.column) == (3, column)


@pytest.mark.parametrize("columns", ["village,group,position", "number,head"])
def test_missing_column_is_named(tmp_path: Path, columns: str):
    with pytest.raises(RegisterFilesError):
        read_households_file(write(tmp_path, columns, ",".join("1" for _cell in columns.split(","))))


@pytest.mark.parametrize(
    "listed",
    [
        HouseholdList([]),
        HouseholdList(["1", "1"]),
        HouseholdList(["1", "2"], ["A"]),
        HouseholdList(["1"], ["A"], [-1]),
        HouseholdList(["1"], ["A" * 61]),
        HouseholdList(["1" * 33]),
        Register(["1"]),
    ],
)
def test_list_that_cannot_be_drawn_from_is_refused(listed: HouseholdList | Register):
    with pytest.raises(RegisterError, match="V1"):
        read_households({"V1": listed}, "V1")


def test_stage_decides_what_a_list_is():
    checked = read_list({"V1": HouseholdList(["2", "1"])}, "V1", "household")
    assert isinstance(checked, CheckedHouseholds)
    assert checked.canonical_row() == ["V1", "1", "", 0, "2", "", 0]
    with translation.override("en"), pytest.raises(RegisterError, match="register of adults"):
        read_list({"V1": HouseholdList(["1"])}, "V1", "person")


def test_email_of_a_head_is_kept_and_a_wrong_one_is_named(tmp_path: Path):
    path = write(tmp_path, "village,number,head,email", "V1,01,Lê An,an@example.com")
    assert read_households_file(path).heads["V1"] == [Head("01", "Lê An", email="an@example.com")]
    with pytest.raises(RegisterFilesError) as caught:
        read_households_file(write(tmp_path, "village,number,head,email", "V1,01,Lê An,an@"))
    [problem] = caught.value.problems
    assert (problem.row, problem.column) == (2, "email")

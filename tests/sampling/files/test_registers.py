"""Registers of adults as villages send them."""

from pathlib import Path

import pytest

from sampling.resources import RegisterFilesError, read_registers
from tests.sampling.files.makers import workbook, xls

LINES = [
    ["UBND XÃ MỸ THẠNH"],
    ["DANH SÁCH NGƯỜI TỪ 18 TUỔI TRỞ LÊN"],
    ["TT", "Giới tính", "Nhóm tuổi"],
    [1, "Nam", "18-39"],
    [2, "Nữ", "40-59"],
    [],
    [None, "Trưởng thôn", "Nguyễn Văn An"],
]


@pytest.mark.parametrize(("name", "maker"), [("72001-1.xlsx", workbook), ("72001-1.xls", xls)])
def test_register_with_letterhead_and_signature_is_read(tmp_path: Path, name: str, maker: object):
    (tmp_path / name).write_bytes(maker(*LINES))  # type: ignore[operator]
    register = read_registers(tmp_path)["72001-1"]
    assert list(register.ids) == ["1", "2"]
    assert list(register.sex) == ["male", "female"]


def test_problems_of_a_register_are_named_by_the_row_of_the_spreadsheet(tmp_path: Path):
    (tmp_path / "72001-1.xlsx").write_bytes(workbook(*LINES[:4], [1, "Nam", "18-39"]))
    with pytest.raises(RegisterFilesError) as caught:
        read_registers(tmp_path)
    assert [(problem.row, problem.column) for problem in caught.value.problems] == [(5, "number")]

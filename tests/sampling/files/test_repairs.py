import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from sampling.design.frame_check import UnitPeriod, check_frame
from sampling.files.repairs import repair_frame
from sampling.files.tables import TableHead, TableRow

DAY = datetime.date(2026, 3, 1)
NOW = UnitPeriod("01", datetime.date(2025, 7, 1), None)
PAST = UnitPeriod("001", datetime.date(1900, 1, 1), datetime.date(2025, 6, 30))
KNOWN = {"00004": [NOW], "00008": [NOW], "00001": [PAST], "12": [PAST]}
LABELS = {"code": "B “Mã xã”", "measure_of_size": "E “Số người”"}


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def row(number: int = 7, **changes: str):
    cells = {"code": "00004", "name": "Ba Đình", "parent_code": "01", "measure_of_size": "21000"} | changes
    return TableRow(cells, number, TableHead(6, LABELS))


def repaired(*rows: Any, stage: str = "commune"):
    return repair_frame(rows, stage=stage, known=KNOWN, reference_date=DAY)


def changes(differences: Any):
    return [(told.row, told.column, told.got, told.becomes) for told in differences]


def test_zeros_come_back_where_only_one_code_is_meant_and_are_told():
    rows, differences = repaired(row(code="4", parent_code="1"), row(8, code="8"))
    assert [(found["code"], found["parent_code"]) for found in rows] == [("00004", "01"), ("00008", "01")]
    assert changes(differences) == [
        (7, "B “Mã xã”", "4", "00004"),
        (7, "parent_code", "1", "01"),
        (8, "B “Mã xã”", "8", "00008"),
    ]
    assert check_frame(rows, stage="commune", known=KNOWN, reference_date=DAY).is_accepted


@pytest.mark.parametrize("code", ["1", "99", "12", "x4", "²", ""])
def test_code_stays_if_the_longer_one_is_unknown_past_or_doubtful(code: str):
    rows, differences = repaired(row(code=code))
    assert rows[0]["code"] == code
    assert changes(differences) == []


def test_code_stays_if_another_row_has_the_longer_one():
    rows, differences = repaired(row(), row(8, code="4"))
    assert [found["code"] for found in rows] == ["00004", "4"]
    assert changes(differences) == []


def test_village_gets_the_zeros_of_its_commune():
    rows, differences = repaired(row(code="4001", parent_code="4"), stage="village")
    assert (rows[0]["code"], rows[0]["parent_code"]) == ("00004001", "00004")
    assert len(differences) == 2


@pytest.mark.parametrize(
    ("text", "becomes"), [("1.234.567", "1234567"), ("21 000", "21000"), ("210,0", "210")]
)
def test_separators_are_taken_out_where_the_number_is_clear(text: str, becomes: str):
    rows, differences = repaired(row(measure_of_size=text))
    assert rows[0]["measure_of_size"] == becomes
    assert changes(differences) == [(7, "E “Số người”", text, becomes)]


@pytest.mark.parametrize("text", ["1.234", "1,5", "viele", "-3", ""])
def test_other_sizes_stay_for_the_check(text: str):
    rows, differences = repaired(row(measure_of_size=text))
    assert rows[0]["measure_of_size"] == text
    assert changes(differences) == []

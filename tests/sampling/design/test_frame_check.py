import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.design.frame_check import EXPECTED, HINTS, ProblemCode, UnitPeriod, check_frame

DAY = datetime.date(2026, 3, 1)
OLD = UnitPeriod("001", datetime.date(1900, 1, 1), datetime.date(2025, 6, 30))
NEW = UnitPeriod("01", datetime.date(2025, 7, 1), None)
KNOWN = {
    "00001": [OLD],
    "00004": [OLD, NEW],
    "00008": [NEW],
    "20333": [UnitPeriod("48", NEW.valid_from, None)],
}


def commune(**changes: Any):
    return {"code": "00004", "name": "Ba Đình", "parent_code": "01", "measure_of_size": "21000"} | changes


def village(**changes: Any):
    return {"code": "00004-01", "name": "Tổ 1", "parent_code": "00004", "measure_of_size": "300"} | changes


def check(*rows: Any, stage: str = "commune", date: datetime.date = DAY):
    return check_frame(rows, stage=stage, known=KNOWN, reference_date=date)


def found(report: Any):
    return [(problem.row, problem.column, problem.code) for problem in report.problems]


def test_good_frame_is_accepted_and_codes_stay_text():
    report = check(commune(), commune(code="00008", measure_of_size=12))
    assert report.is_accepted
    assert [(row.code, row.size) for row in report.rows] == [("00004", 21_000), ("00008", 12)]


def test_unit_without_residents_is_excluded_not_refused():
    report = check(commune(), commune(code="20333", name="Hoàng Sa", parent_code="48", measure_of_size="0"))
    assert report.is_accepted
    assert [row.name for row in report.excluded] == ["Hoàng Sa"]


def test_communes_that_did_not_come_are_named():
    assert check(commune()).absent == ("00008", "20333")


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (commune(code=""), "code", ProblemCode.MISSING_VALUE),
        (commune(code="99999"), "code", ProblemCode.UNKNOWN_UNIT),
        (commune(code="4"), "code", ProblemCode.LOST_ZEROS),
        (commune(code="00001"), "code", ProblemCode.OUTSIDE_VALIDITY),
        (commune(parent_code="79"), "parent_code", ProblemCode.WRONG_PARENT),
        (commune(measure_of_size="-1"), "measure_of_size", ProblemCode.NEGATIVE_SIZE),
        (commune(measure_of_size="1,5"), "measure_of_size", ProblemCode.NOT_A_WHOLE_NUMBER),
        (commune(measure_of_size="1.5"), "measure_of_size", ProblemCode.NOT_A_WHOLE_NUMBER),
        (commune(measure_of_size=1.5), "measure_of_size", ProblemCode.NOT_A_WHOLE_NUMBER),
        (commune(measure_of_size="²"), "measure_of_size", ProblemCode.NOT_A_WHOLE_NUMBER),
        (commune(measure_of_size="nhiều"), "measure_of_size", ProblemCode.NOT_A_WHOLE_NUMBER),
        (commune(measure_of_size="9" * 5_000), "measure_of_size", ProblemCode.TOO_LARGE),
        (commune(measure_of_size=""), "measure_of_size", ProblemCode.MISSING_VALUE),
        (commune(name="x" * 121), "name", ProblemCode.TOO_LONG),
    ],
)
def test_each_problem_is_named_with_its_place(row: Any, column: str, code: str):
    report = check(commune(code="00008"), row)
    assert found(report) == [(3, column, code)]
    assert not report.rows


def test_code_of_another_period_is_refused_on_an_earlier_day_too():
    report = check(commune(code="00008"), date=datetime.date(2025, 3, 1))
    assert found(report) == [(2, "code", ProblemCode.OUTSIDE_VALIDITY)]
    assert report.problems[0].got == "00008 (01/07/2025 – …)"
    assert report.problems[0].expected == "a code valid on 01/03/2025"


def test_code_valid_in_two_periods_takes_the_meaning_of_the_day():
    report = check(commune(parent_code="001"), date=datetime.date(2025, 3, 1))
    assert report.is_accepted


def test_duplicate_names_the_first_row():
    report = check(commune(), commune(code="00008"), commune())
    assert found(report) == [(4, "code", ProblemCode.DUPLICATE_CODE)]
    assert "row 2" in report.problems[0].expected


def test_all_rows_are_checked_before_anything_is_said():
    report = check(
        commune(code="99999"), commune(measure_of_size="-1"), commune(measure_of_size="x", parent_code="2")
    )
    assert [row for row, _column, _code in found(report)] == [2, 3, 4, 4, 4]


def test_wrong_columns_are_named_both_ways():
    report = check({"ma": "00004", "name": "Ba Đình", "parent_code": "01", "measure_of_size": "3"})
    assert found(report) == [(1, "code", ProblemCode.MISSING_COLUMN), (1, "ma", ProblemCode.UNKNOWN_COLUMN)]


def test_empty_file_is_refused():
    assert found(check()) == [(1, "", ProblemCode.EMPTY_FILE)]


def test_village_belongs_to_a_commune_of_the_day():
    assert check(village(), stage="village").is_accepted
    report = check(village(parent_code="00001"), stage="village")
    assert found(report) == [(2, "parent_code", ProblemCode.OUTSIDE_VALIDITY)]


def test_excluded_by_the_user_needs_no_zero():
    report = check(village(exclusion_reason="Vùng ngập lụt"), stage="village")
    assert [row.exclusion_reason for row in report.excluded] == ["Vùng ngập lụt"]


def test_adults_have_no_area_frame():
    with pytest.raises(ValueError, match="person"):
        check(stage="person")


def test_every_problem_says_what_to_do():
    assert set(HINTS) == set(EXPECTED) == set(ProblemCode)
    report = check(commune(code="99999"))
    assert report.problems[0].hint == HINTS[ProblemCode.UNKNOWN_UNIT]


cells = st.one_of(
    st.none(), st.text(max_size=30), st.integers(), st.floats(), st.sampled_from(["00004", "01", "12"])
)


@given(st.lists(st.dictionaries(st.sampled_from([*commune(), "x"]), cells, min_size=1), max_size=4))
def test_whatever_comes_is_reported_never_raised(rows: Any):
    report = check(*rows)
    assert report.is_accepted != bool(report.problems)
    assert all(problem.hint for problem in report.problems)


class PlacedRow(dict[str, str]):
    """A row that knows where it stands, as rows of files do."""

    def __init__(self, cells: Any, number: int, file: str = "") -> None:
        super().__init__(cells)
        self.number = number
        self.head = SimpleNamespace(row=6, labels={"measure_of_size": "E “Số người”"}, file=file)


def test_rows_of_a_file_are_named_as_people_see_them():
    report = check(PlacedRow(commune(measure_of_size="-3"), 17))
    assert found(report) == [(17, "E “Số người”", ProblemCode.NEGATIVE_SIZE)]
    unknown = check(PlacedRow(commune() | {"x": "1"}, 17))
    assert found(unknown) == [(6, "x", ProblemCode.UNKNOWN_COLUMN)]


def test_code_that_came_in_another_file_is_named_with_it():
    report = check(PlacedRow(commune(), 7, "a.xlsx"), PlacedRow(commune(), 9, "b.xlsx"))
    assert [(problem.file, problem.row, problem.value) for problem in report.problems] == [
        ("b.xlsx", 9, "7 (a.xlsx)")
    ]


@pytest.mark.parametrize("size", ["1.234", "21,000", "-1.234"])
def test_size_that_can_mean_two_numbers_is_refused(size: str):
    assert [problem.code for problem in check(commune(measure_of_size=size)).problems] == [
        ProblemCode.AMBIGUOUS_NUMBER
    ]


@pytest.mark.parametrize(
    ("size", "code"),
    [
        ("", ProblemCode.MISSING_VALUE),
        (None, ProblemCode.MISSING_VALUE),
        ("-1", ProblemCode.NEGATIVE_SIZE),
        ("12,5", ProblemCode.NOT_A_WHOLE_NUMBER),
        ("abc", ProblemCode.NOT_A_WHOLE_NUMBER),
        ("99999999999", ProblemCode.TOO_LARGE),
    ],
)
def test_missing_negative_and_broken_sizes_are_refused(size: Any, code: ProblemCode):
    assert [problem.code for problem in check(commune(measure_of_size=size)).problems] == [code]

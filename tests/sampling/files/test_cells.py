import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.files.cells import CellError, CellFault, read_date, read_decimal, read_whole


@given(st.integers(1_000_000, 10**12))
def test_grouped_numbers_come_back(number: int):
    for mark in (".", ",", " ", "\u00a0", "'"):
        assert read_whole(f"{number:,}".replace(",", mark)) == str(number)


@pytest.mark.parametrize("text", ["1.234", "1,234", "999.000", "-1.234"])
def test_one_group_has_two_meanings(text: str):
    with pytest.raises(CellError) as caught:
        read_whole(text)
    assert caught.value.fault == CellFault.AMBIGUOUS


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", CellFault.NOT_A_NUMBER),
        ("12 người", CellFault.NOT_A_NUMBER),
        ("1.23.456", CellFault.NOT_A_NUMBER),
        ("1.234,567.8", CellFault.NOT_A_NUMBER),
        ("1.234,567", CellFault.NOT_WHOLE),
        ("1.234,5", CellFault.NOT_WHOLE),
        ("12,5", CellFault.NOT_WHOLE),
    ],
)
def test_other_text_is_no_whole_number(text: str, fault: CellFault):
    with pytest.raises(CellError) as caught:
        read_whole(text)
    assert caught.value.fault == fault


def test_decimals_are_read_with_comma_or_point():
    assert [read_decimal(text) for text in ("0,5", "0.125", "-12.345,75", "1,234,567.89")] == [
        "0.5",
        "0.125",
        "-12345.75",
        "1234567.89",
    ]


@given(st.dates(datetime.date(1950, 1, 1), datetime.date(2099, 12, 31)))
def test_days_come_back_from_every_form(day: datetime.date):
    serial = (day - datetime.date(1899, 12, 30)).days
    forms = (
        f"{day:%d/%m/%Y}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day:%d-%m-%Y}",
        f"{day}",
        f"{serial}",
        f"{serial}.0",
    )
    assert {read_date(text) for text in forms} == {day}


def test_serials_may_count_from_1904():
    assert read_date("44624", is_1904=True) == read_date("46086")


@pytest.mark.parametrize("text", ["", "31/02/2026", "2026-13-01", "5/3/26", "12", "2026", "mai"])
def test_other_text_is_no_day(text: str):
    with pytest.raises(CellError) as caught:
        read_date(text)
    assert caught.value.fault == CellFault.NOT_A_DATE

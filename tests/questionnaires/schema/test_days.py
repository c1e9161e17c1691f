import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires.schema.days import day_from_parts, day_from_text, is_day, parts_of, written


@given(st.dates(min_value=datetime.date(1000, 1, 1)))
def test_every_day_survives_its_three_fields_and_its_written_form(day: datetime.date):
    stored = day.isoformat()
    assert is_day(stored)
    assert day_from_parts(parts_of(stored)) == stored
    assert day_from_text(written(stored)) == stored


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2/9/2026", "2026-09-02"),
        ("02-09-2026", "2026-09-02"),
        ("2 9 2026", "2026-09-02"),
        ("02092026", "2026-09-02"),
        ("2026-09-02T00:00:00", "2026-09-02"),
        ("31/4/2026", None),
        ("2/9/26", None),
        ("٢/٩/٢٠٢٦", None),
        ("9" * 1_000_000, None),
        ("", None),
    ],
)
def test_day_is_read_as_people_here_write_it(text: str, expected: str | None):
    assert day_from_text(text) == expected


@pytest.mark.parametrize("year", ["26", "02026", "năm", "-2026", "２０２６"])
def test_year_has_four_digits(year: str):
    assert day_from_parts({"day": "1", "month": "1", "year": year}) is None

import datetime

import pytest

from questionnaires.working_days import after_working_days, fixed_holidays, is_working_day


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-11-16", "2026-11-18"),
        ("2026-11-19", "2026-11-23"),
        ("2026-11-20", "2026-11-24"),
        ("2026-11-21", "2026-11-24"),
        ("2026-11-22", "2026-11-24"),
        ("2026-04-29", "2026-05-05"),
        ("2026-09-01", "2026-09-04"),
        ("2026-12-31", "2027-01-05"),
        ("2027-04-29", "2027-05-05"),
    ],
)
def test_weekends_and_holidays_do_not_count(received: str, due: str) -> None:
    assert after_working_days(day(received), 2) == day(due)


def test_announced_days_of_tet_do_not_count() -> None:
    tet = {day(f"2026-02-{number}") for number in range(16, 21)}
    assert after_working_days(day("2026-02-13"), 2) == day("2026-02-17")
    assert after_working_days(day("2026-02-13"), 2, tet) == day("2026-02-24")


def test_holiday_on_a_weekend_is_made_up_for() -> None:
    assert day("2028-01-03") in fixed_holidays(2028)
    assert not is_working_day(day("2028-01-03"))
    assert is_working_day(day("2028-01-04"))


def test_two_holidays_on_a_weekend_are_made_up_for_one_after_the_other() -> None:
    assert {day("2022-05-02"), day("2022-05-03")} <= fixed_holidays(2022)

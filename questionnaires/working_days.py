"""Working days in Viet Nam: no weekend, no public holiday; what falls due counts these only.

The holidays of the solar calendar are computed; one that falls on a weekend is made up for on the next
working day (Labour Code, article 111). Those of the lunar calendar, the second day of National Day and what
the Government moves are announced each year and stand in the setting `PUBLIC_HOLIDAYS`.
"""

import datetime
from collections.abc import Collection

FIXED_HOLIDAYS = ((1, 1), (4, 30), (5, 1), (9, 2))
"""New Year, Reunification Day, Labour Day, National Day: month and day."""
SATURDAY = 5
ONE_DAY = datetime.timedelta(days=1)


def fixed_holidays(year: int) -> frozenset[datetime.date]:
    """Return the days off for the holidays of the solar calendar in a year.

    Examples
    --------
    >>> sorted(day.isoformat() for day in fixed_holidays(2027))
    ['2027-01-01', '2027-04-30', '2027-05-01', '2027-05-03', '2027-09-02']
    """
    holidays = {datetime.date(year, month, day) for month, day in FIXED_HOLIDAYS}
    for holiday in sorted(holidays):
        made_up = holiday
        while made_up.weekday() >= SATURDAY or (made_up != holiday and made_up in holidays):
            made_up += ONE_DAY
        holidays.add(made_up)
    return frozenset(holidays)


def is_working_day(day: datetime.date, announced: Collection[datetime.date] = ()) -> bool:
    """Tell whether offices are open on a day; `announced` are the holidays that no calendar gives.

    Examples
    --------
    >>> is_working_day(datetime.date(2026, 9, 2)), is_working_day(datetime.date(2026, 9, 3))
    (False, True)
    """
    return day.weekday() < SATURDAY and day not in fixed_holidays(day.year) and day not in announced


def after_working_days(
    day: datetime.date, count: int, announced: Collection[datetime.date] = ()
) -> datetime.date:
    """Return the working day that comes so many working days after a day, which does not count itself.

    Examples
    --------
    >>> after_working_days(datetime.date(2026, 11, 20), 2).isoformat()
    '2026-11-24'
    """
    while count > 0:
        day += ONE_DAY
        count -= is_working_day(day, announced)
    return day

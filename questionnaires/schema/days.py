"""Days as they are stored, typed and read aloud: ISO in documents, day/month/year on screens and paper."""

import datetime
import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY, MONTH, YEAR = "day", "month", "year"
PARTS = (DAY, MONTH, YEAR)
"""Fields of a date, in the order in which they are typed."""

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WRITTEN = re.compile(r"(\d{1,2})\s*[/.\-\s]\s*(\d{1,2})\s*[/.\-\s]\s*(\d{4})", re.ASCII)
_DIGITS = re.compile(r"(\d{2})(\d{2})(\d{4})", re.ASCII)
_YEAR_DIGITS = 4


def is_day(value: object) -> bool:
    """Return whether a value is a date as it is stored: an existing day written as in "2026-01-31".

    Parameters
    ----------
    value : object
        Any value.

    Returns
    -------
    bool
        False for anything but such a text.

    Examples
    --------
    >>> is_day("2024-02-29"), is_day("2026-02-29"), is_day(20260131)
    (True, False, False)
    """
    if not isinstance(value, str) or not _ISO.fullmatch(value):
        return False
    try:
        datetime.date.fromisoformat(value)
    except ValueError:
        return False
    return True


def today() -> str:
    """Return the present day in Viet Nam, as dates are stored."""
    return datetime.datetime.now(ZONE).date().isoformat()


def day_from_parts(parts: Mapping[str, str]) -> str | None:
    """Return the date typed in three fields.

    Parameters
    ----------
    parts : mapping of str to str
        Texts under "day", "month" and "year".

    Returns
    -------
    str or None
        The date in ISO form; None where a part is no number, the year has not four digits, or there is no
        such day.

    Examples
    --------
    >>> day_from_parts({"day": "2", "month": "9", "year": "2026"})
    '2026-09-02'
    >>> day_from_parts({"day": "31", "month": "2", "year": "2026"}) is None
    True
    """
    typed = [parts.get(name, "").strip() for name in PARTS]
    if not all(part.isascii() and part.isdigit() for part in typed) or len(typed[-1]) != _YEAR_DIGITS:
        return None
    day, month, year = (part.rjust(2, "0") for part in typed)
    written = f"{year}-{month}-{day}"
    return written if is_day(written) else None


def day_from_text(text: str) -> str | None:
    """Return the date that a cell or a clerk's key strokes stand for.

    Parameters
    ----------
    text : str
        Day, month, year in this order, separated or as eight digits; or the ISO form, also with a time of
        midnight behind it, as spreadsheets write it.

    Returns
    -------
    str or None
        The date in ISO form; None where the text is none.

    Examples
    --------
    >>> day_from_text("2/9/2026"), day_from_text("02092026"), day_from_text("2026-09-02 00:00:00")
    ('2026-09-02', '2026-09-02', '2026-09-02')
    """
    iso = re.sub(r"[T ]00:00(:00)?$", "", text)
    if is_day(iso):
        return iso
    found = _WRITTEN.fullmatch(text) or _DIGITS.fullmatch(text)
    return day_from_parts(dict(zip(PARTS, found.groups(), strict=True))) if found else None


def parts_of(day: str) -> dict[str, str]:
    """Return the three fields of a stored date, without leading zeros.

    Parameters
    ----------
    day : str
        A date in ISO form.

    Returns
    -------
    dict of str to str
        Texts under "day", "month" and "year"; empty where the text is no date.

    Examples
    --------
    >>> parts_of("2026-09-02")
    {'day': '2', 'month': '9', 'year': '2026'}
    """
    if not is_day(day):
        return {}
    year, month, number = day.split("-")
    return {DAY: number.lstrip("0"), MONTH: month.lstrip("0"), YEAR: year}


def written(day: str) -> str:
    """Return a stored date as people here write it.

    Parameters
    ----------
    day : str
        A date in ISO form; anything else is returned as it is.

    Returns
    -------
    str
        Day, month and year.

    Examples
    --------
    >>> written("2026-09-02"), written("na")
    ('02/09/2026', 'na')
    """
    return "/".join(reversed(day.split("-"))) if is_day(day) else day

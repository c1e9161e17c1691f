"""Numbers and dates as people write them in cells; what can mean two things is not read."""

import datetime
import re
from enum import StrEnum

_SPACES = re.compile("[\\s\u00a0\u202f']")
_PLAIN = re.compile(r"[+-]?\d+")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:([., \u00a0\u202f'])\d{3})+")
_ONE_GROUP = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_DECIMAL = re.compile(r"[+-]?\d+[.,]\d+")
_GROUPED_DECIMAL = re.compile(
    r"[+-]?\d{1,3}(?:(?:\.\d{3})+,\d+|(?:,\d{3})+\.\d+|(?:[ \u00a0\u202f']\d{3})+[.,]\d+)"
)
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T]00?:00(?::00)?)?")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00?:00(?::00(?:\.0+)?)?)?")

SERIAL_EPOCH = datetime.date(1899, 12, 30)
SERIAL_EPOCH_1904 = datetime.date(1904, 1, 1)
FIRST_SERIAL, LAST_SERIAL = 18_264, 73_050
"""Serial numbers of 1950-01-01 and 2099-12-31: an amount of money or a code is hardly ever in between."""


class CellFault(StrEnum):
    """Why a cell is not read."""

    AMBIGUOUS = "ambiguous"
    NOT_A_NUMBER = "not_a_number"
    NOT_WHOLE = "not_whole"
    NOT_A_DATE = "not_a_date"


class CellError(ValueError):
    """Raised for a cell that has no value, or more than one possible value."""

    def __init__(self, fault: CellFault, text: str) -> None:
        self.fault = fault
        self.text = text
        super().__init__(f"{fault}: {text!r}")


def read_decimal(text: str) -> str:
    """Return a number in plain digits with a decimal point.

    Parameters
    ----------
    text : str
        A number with decimal comma or point, and with or without separators of thousands.

    Returns
    -------
    str
        For `decimal.Decimal` or `float`; digits are kept as written.

    Raises
    ------
    CellError
        ``ambiguous`` for one separator followed by three digits ("1.234" is 1234 in Viet Nam and 1.234
        elsewhere), ``not_a_number`` otherwise.

    Examples
    --------
    >>> [read_decimal(text) for text in ("1.234.567", "1.234,5", "1,234.5", "12,5", "0.125", "1 234")]
    ['1234567', '1234.5', '1234.5', '12.5', '0.125', '1234']
    >>> read_decimal("1.234")
    Traceback (most recent call last):
        ...
    sampling.files.cells.CellError: ambiguous: '1.234'
    """
    written = text.strip()
    if _PLAIN.fullmatch(written):
        return written.removeprefix("+")
    if _ONE_GROUP.fullmatch(written):
        raise CellError(CellFault.AMBIGUOUS, text)
    if _is_grouped(written):
        return _SPACES.sub("", written).replace(".", "").replace(",", "").removeprefix("+")
    if _GROUPED_DECIMAL.fullmatch(written) or _DECIMAL.fullmatch(written):
        mark = max(written.rfind("."), written.rfind(","))
        whole = re.sub("[.,]", "", _SPACES.sub("", written[:mark]))
        return f"{whole.removeprefix('+')}.{written[mark + 1 :]}"
    raise CellError(CellFault.NOT_A_NUMBER, text)


def _is_grouped(written: str) -> bool:
    """Tell whether every group of thousands is parted by the same sign."""
    match = _GROUPED.fullmatch(written)
    return bool(match) and len(set(re.sub(r"[\d+-]", "", written))) == 1


def read_whole(text: str) -> str:
    """Return a whole number in plain digits.

    Raises
    ------
    CellError
        ``ambiguous``, ``not_a_number``, or ``not_whole`` if decimals other than zeros are left.

    Examples
    --------
    >>> read_whole("21 000"), read_whole("1.234,0"), read_whole("21000.00")
    ('21000', '1234', '21000')
    """
    whole, _, decimals = read_decimal(text).partition(".")
    if decimals.strip("0"):
        raise CellError(CellFault.NOT_WHOLE, text)
    return whole


def read_date(text: str, *, is_1904: bool = False) -> datetime.date:
    """Return the day that a cell names.

    Parameters
    ----------
    text : str
        Day first ("05/03/2026", also with dots or hyphens), "2026-03-05", or the serial number of a
        spreadsheet.
    is_1904 : bool, optional
        Serial numbers count from 1904, as old spreadsheets of one maker did.

    Returns
    -------
    datetime.date
        The day is always read before the month, as it is written in Viet Nam.

    Raises
    ------
    CellError
        If the text names no day; years of two digits name none.

    Examples
    --------
    >>> [str(read_date(text)) for text in ("5/3/2026", "2026-03-05", "46086")]
    ['2026-03-05', '2026-03-05', '2026-03-05']
    """
    written = text.strip()
    try:
        if match := _DAY_FIRST.fullmatch(written):
            day, month, year = map(int, match.groups())
            return datetime.date(year, month, day)
        if match := _YEAR_FIRST.fullmatch(written):
            return datetime.date(*map(int, match.groups()))
    except ValueError as error:
        raise CellError(CellFault.NOT_A_DATE, text) from error
    serial = written.removesuffix(".0")
    if serial.isascii() and serial.isdecimal() and FIRST_SERIAL <= int(serial) <= LAST_SERIAL:
        return (SERIAL_EPOCH_1904 if is_1904 else SERIAL_EPOCH) + datetime.timedelta(days=int(serial))
    raise CellError(CellFault.NOT_A_DATE, text)

"""Numbers as people write them in text files: one convention for a whole column, and never a guess.

`sampling.files` reads the cells of uploads one by one and knows separators of thousands; here a column of
answers or weights speaks for itself, because one that is read wrongly gives figures that look right.
"""

import re
from collections.abc import Callable

import pandas as pd

from analysis.estimation import BoolArray
from analysis.shell.errors import InputError

_EXPONENT = r"(?:[eE][+-]?\d+)?"
_POINT = re.compile(rf"[+-]?(?:\d+\.?\d*|\.\d+){_EXPONENT}")
_COMMA = re.compile(rf"[+-]?\d+(?:,\d+)?{_EXPONENT}")
_WHOLE = re.compile(r"[+-]?\d+")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?")
_ONE_GROUP = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_LONG_WHOLE = re.compile(r"[+-]?\d{4,}(?:,\d+)?")
_HAS_DIGIT = re.compile(r"\d")

EXPECTED = "with a decimal point in all rows or a decimal comma in all, and no separators of thousands"


def read_column(column: pd.Series) -> pd.Series:
    """Read a column of texts as numbers; what is empty is missing.

    Parameters
    ----------
    column : Series
        Of texts.

    Returns
    -------
    Series of float

    Raises
    ------
    InputError
        If a text is no number, or could mean two; it says which, and in which row, counted from 1.

    Notes
    -----
    A column in which every number is whole or has a decimal point ("1.234" is a little more than 1) is read
    so. Otherwise its comma is the decimal one, and points part thousands ("1.234,5"), if every
    number can be written like that and one at least cannot mean anything else ("12,5"): "1,234" alone may be
    1234 and is refused, as are "1.234" beside decimal commas and points of thousands in some rows only.

    Examples
    --------
    >>> read_column(pd.Series(["1.234,5", "12,25", ""])).tolist()
    [1234.5, 12.25, nan]
    >>> read_column(pd.Series(["1,234.50", "987.25"], name="weight"))
    Traceback (most recent call last):
        ...
    analysis.shell.errors.InputError: Expected numbers in column weight, with a decimal point in all rows \
or a decimal comma in all, and no separators of thousands; got '1,234.50' in row 1. \
Write one thousand two hundred as 1200; leave missing answers empty.
    """
    text = column.astype("string").str.strip()
    text = text.mask(text == "")
    written = text.dropna().drop_duplicates()
    if not written.str.fullmatch(_POINT).all():
        _refuse_doubtful(column, written.reset_index(drop=True), text)
        text = text.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    numbers: pd.Series = pd.to_numeric(text).astype(float)
    return numbers


def is_number(text: object) -> bool:
    """Tell whether a cell holds a number in either convention.

    Examples
    --------
    >>> [is_number(text) for text in ("12,5", "1.234,5", 4, "weight", None)]
    [True, True, True, False, False]
    """
    cell = str(text).strip()
    return any(pattern.fullmatch(cell) for pattern in (_POINT, _COMMA, _GROUPED))


def has_digit(text: object) -> bool:
    """Tell whether a cell holds any digit.

    Examples
    --------
    >>> has_digit("1,234.50"), has_digit("final weight")
    (True, False)
    """
    return bool(_HAS_DIGIT.search(str(text)))


def _refuse_doubtful(column: pd.Series, written: pd.Series, text: pd.Series) -> None:
    """Refuse a column that is not written with decimal commas throughout."""
    for is_wrong, reason in _FAULTS:
        wrong = is_wrong(written)
        if wrong.any():
            value = written.iloc[int(wrong.argmax())]
            row = int((text == value).to_numpy(dtype=bool, na_value=False).argmax())
            raise InputError(
                expected=f"numbers in column {column.name}, {EXPECTED}",
                got=f"{column.iloc[row]!r} in row {row + 1}{reason}",
                hint="Write one thousand two hundred as 1200; leave missing answers empty.",
            )


def _fits(written: pd.Series, pattern: re.Pattern[str]) -> BoolArray:
    return written.str.fullmatch(pattern).to_numpy(dtype=bool)


def _is_in_no_convention(written: pd.Series) -> BoolArray:
    return ~(_fits(written, _POINT) | _fits(written, _COMMA) | _fits(written, _GROUPED))


def _has_decimal_point(written: pd.Series) -> BoolArray:
    return ~(_fits(written, _COMMA) | _fits(written, _GROUPED))


def _is_group_or_decimals(written: pd.Series) -> BoolArray:
    """Mark "1.234" beside commas, and "1,234" where no other number of the column shows what its comma is."""
    doubtful, whole = _fits(written, _ONE_GROUP), _fits(written, _WHOLE)
    has_point = written.str.contains(".", regex=False).to_numpy(dtype=bool)
    return doubtful & (has_point | bool((doubtful | whole).all()))


def _lacks_its_group(written: pd.Series) -> BoolArray:
    """Mark long whole parts without points where another number has them."""
    return _fits(written, _LONG_WHOLE) & bool(_fits(written, _GROUPED).any())


type _Fault = tuple[Callable[[pd.Series], BoolArray], str]

_FAULTS: tuple[_Fault, ...] = (
    (_is_in_no_convention, ""),
    (_has_decimal_point, ", beside others with a decimal comma"),
    (_is_group_or_decimals, ", which may be a decimal number or one of thousands"),
    (_lacks_its_group, ", beside others with points between thousands"),
)

"""Exact decimal values in, half-up display out."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction

from analysis.par.errors import ParError

#: Values that stand for an exact decimal. A float is read by its shortest representation, 83.94 as 83.94.
type Number = Decimal | Fraction | int | float | str

#: The reform index and its points are published with two decimals.
SHOWN_DECIMALS = 2


def as_decimal(value: Number) -> Decimal:
    """Read a finite number as an exact decimal.

    Parameters
    ----------
    value
        A decimal, fraction, integer, float or decimal string. A fraction without a finite decimal expansion
        is rounded to the precision of the current decimal context (28 digits by default).

    Returns
    -------
    Decimal
        The value; a float becomes the shortest decimal that names it.

    Raises
    ------
    ParError
        ``not_a_number`` if the value is not a finite number.

    Examples
    --------
    >>> as_decimal(0.1) + as_decimal("0.2")
    Decimal('0.3')
    """
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    try:
        # float() strips subclasses such as NumPy's scalars, whose representation is not a plain number.
        decimal = Decimal(repr(float(value))) if isinstance(value, float) else Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        decimal = Decimal("NaN")
    if not decimal.is_finite():
        raise ParError("not_a_number", expected="a finite number", got=repr(value), hint="Correct the value.")
    return decimal


def as_variance(value: Number, *, of: str) -> Decimal:
    """Read a variance, which must not be negative.

    Parameters
    ----------
    value
        The variance, in squared percent or squared points.
    of
        What it is the variance of, for the message.

    Returns
    -------
    Decimal
        The variance.

    Raises
    ------
    ParError
        ``negative_variance`` or ``not_a_number``.

    Examples
    --------
    >>> as_variance("2.25", of="SIPAS of 01")
    Decimal('2.25')
    """
    variance = as_decimal(value)
    if variance < 0:
        raise ParError(
            "negative_variance",
            expected=f"a variance of {of} of at least 0",
            got=str(variance),
            hint="Correct the variance.",
        )
    return variance


def round_half_up(value: Number, decimals: int = SHOWN_DECIMALS) -> Decimal:
    """Round for display, halves away from zero; never feed the result into further arithmetic.

    Parameters
    ----------
    value
        The unrounded value.
    decimals
        Number of decimals shown.

    Returns
    -------
    Decimal
        The value as it is printed.

    Examples
    --------
    >>> round_half_up("9.117"), round_half_up("8.185")
    (Decimal('9.12'), Decimal('8.19'))
    """
    return as_decimal(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def is_within(value: Number, expected: Number, tolerance: Number) -> bool:
    """Tell whether two values differ by at most a tolerance.

    Parameters
    ----------
    value, expected, tolerance
        Numbers in the same unit.

    Returns
    -------
    bool
        True if ``|value - expected| <= tolerance``.

    Examples
    --------
    >>> is_within("9.117", "9.12", "0.005")
    True
    """
    return abs(as_decimal(value) - as_decimal(expected)) <= as_decimal(tolerance)

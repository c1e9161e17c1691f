"""Numbers as readers of the active language write them."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext

MINUS = "\N{MINUS SIGN}"
EN_DASH = "\N{EN DASH}"

type Number = int | float | Decimal


def decimal(value: Number, places: int = 1) -> str:
    """Return a number with a fixed count of decimals: 83,94 or 83.94."""
    rounded = round(float(value), places) + 0  # the sum turns -0.0 into 0.0
    text = number_format(f"{rounded:.{places}f}", decimal_pos=places, use_l10n=True, force_grouping=True)
    return text.replace("-", MINUS)


def integer(value: Number) -> str:
    """Return a whole number with its digits grouped: 20.088 or 20,088."""
    return decimal(round(value), 0)


def percent(value: Number, places: int = 1) -> str:
    """Return a percentage, given as a number of per cent: 83,5% or 83.5%."""
    return f"{decimal(value, places)}%"


def interval(lower: Number, upper: Number, places: int = 1) -> str:
    """Return an interval with an en dash and no spaces: 82,9–84,1."""
    return f"{decimal(lower, places)}{EN_DASH}{decimal(upper, places)}"


def rank_interval(low: int, high: int) -> str:
    """Return the ranks a unit may hold: 16–31, or one rank when no other is possible."""
    return f"{low}{EN_DASH}{high}" if low != high else str(low)


def margin(value: Number, places: int = 1) -> str:
    """Return a margin of error: ±4,4."""
    return f"±{decimal(value, places)}"


def missing() -> str:
    """Return the word for a figure that does not exist."""
    return gettext("not computed")

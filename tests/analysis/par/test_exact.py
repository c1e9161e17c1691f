"""Exact decimals in, half-up display out."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from analysis.par import ParError, as_decimal, round_half_up
from analysis.par.exact import as_variance


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.1, Decimal("0.1")),
        (np.float64(83.94), Decimal("83.94")),
        (7, Decimal(7)),
        ("9.117", Decimal("9.117")),
        (Fraction(1, 8), Decimal("0.125")),
    ],
)
def test_reads_numbers_exactly(value: object, expected: Decimal):
    assert as_decimal(value) == expected


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "many", "NaN", None])
def test_refuses_what_is_not_a_finite_number(value: object):
    with pytest.raises(ParError) as caught:
        as_decimal(value)

    assert caught.value.code == "not_a_number"


@pytest.mark.parametrize(
    ("value", "shown"), [("8.185", "8.19"), ("8.1849999", "8.18"), ("-0.005", "-0.01"), ("10", "10.00")]
)
def test_shows_two_decimals_halves_away_from_zero(value: str, shown: str):
    assert str(round_half_up(value)) == shown


def test_refuses_a_negative_variance():
    with pytest.raises(ParError, match="at least 0"):
        as_variance("-0.1", of="SIPAS of 01")

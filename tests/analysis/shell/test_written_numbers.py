"""Numbers in text: one convention for a column, and what may mean two numbers is refused."""

import numpy as np
import pandas as pd
import pytest

from analysis.shell.errors import InputError
from analysis.shell.reading import as_numbers


def numbers(*cells: str | None) -> list[float]:
    return as_numbers(pd.Series(cells, name="w", dtype=object)).tolist()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("1234.5", "12", "0.125"), [1234.5, 12.0, 0.125]),
        (("1.234", "2.5"), [1.234, 2.5]),
        (("1e-5", "+2.", "-.5"), [1e-5, 2.0, -0.5]),
        (("12,5", "3", "-0,25"), [12.5, 3.0, -0.25]),
        (("1,234", "12,5"), [1.234, 12.5]),
        (("1,5E-05", "2"), [1.5e-5, 2.0]),
        (("1.234,5", "999,25", "12.345.678"), [1234.5, 999.25, 12345678.0]),
        ((" 4 ", "5"), [4.0, 5.0]),
    ],
)
def test_a_column_in_one_convention_is_read(cells: tuple[str, ...], expected: list[float]) -> None:
    assert numbers(*cells) == expected


def test_empty_cells_are_missing() -> None:
    assert np.isnan(numbers(None, "", "  ")).all()


@pytest.mark.parametrize(
    ("cells", "value", "row"),
    [
        (("1,234.50", "987.25"), "1,234.50", 1),
        (("987.25", "1,234.50"), "1,234.50", 2),
        (("1,234", "2,500"), "1,234", 1),
        (("12", "", "1,234"), "1,234", 3),
        (("234,5", "1.234"), "1.234", 2),
        (("12,5", "3.4"), "3.4", 2),
        (("1.234,5", "2345,6"), "2345,6", 2),
        (("1.234.567", "1.234"), "1.234", 2),
        (("1,234,567", "2"), "1,234,567", 1),
        (("1 234", "2"), "1 234", 1),
        (("4", "rất tốt"), "rất tốt", 2),
        (("4", "inf"), "inf", 2),
    ],
)
def test_what_may_mean_two_numbers_or_none_is_refused(cells: tuple[str, ...], value: str, row: int) -> None:
    with pytest.raises(InputError) as refused:
        numbers(*cells)
    message = str(refused.value)
    assert f"{value!r} in row {row}" in message
    assert "no separators of thousands" in message


def test_an_infinite_number_is_refused_with_its_row() -> None:
    with pytest.raises(InputError, match="infinite one in row 2"):
        as_numbers(pd.Series([1.0, np.inf], name="w"))

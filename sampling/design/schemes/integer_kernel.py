"""One solution of linear equations in whole numbers: elimination without division errors."""

from collections.abc import Sequence
from math import gcd


def kernel_vector(columns: Sequence[Sequence[int]]) -> list[int] | None:
    """Return whole numbers, not all 0, with which the columns add up to 0.

    Parameters
    ----------
    columns : sequence of m sequences of p int
        The columns of a p × m matrix.

    Returns
    -------
    list of m int, or None
        Without a common divisor; None if the columns are linearly independent.

    Notes
    -----
    Fraction-free Gauss-Jordan elimination: every division by the previous pivot leaves no remainder [1]_.
    The pivot is the first row that has one, and the first column without a pivot is solved for, so the
    result is the same on every machine.

    References
    ----------
    .. [1] Bareiss, E. H. (1968). Sylvester's identity and multistep integer-preserving Gaussian elimination.
       Mathematics of Computation 22.

    Examples
    --------
    >>> kernel_vector([[1, 2], [2, 1], [3, 3]])
    [1, 1, -1]
    >>> kernel_vector([[1, 0], [0, 1]]) is None
    True
    """
    rows = [list(row) for row in zip(*columns, strict=True)]
    pivot = 1
    for column in range(len(columns)):
        found = next((row for row in range(column, len(rows)) if rows[row][column]), None)
        if found is None:
            solution = [-rows[row][column] for row in range(column)] + [pivot]
            divisor = gcd(*solution)
            rest = [0] * (len(columns) - column - 1)
            return [number // divisor for number in solution] + rest
        rows[column], rows[found] = rows[found], rows[column]
        _clear(rows, column, pivot)
        pivot = rows[column][column]
    return None


def _clear(rows: list[list[int]], column: int, divisor: int) -> None:
    """Make a column 0 outside its pivot row."""
    leading = rows[column]
    pivot = leading[column]
    for place, row in enumerate(rows):
        if place != column:
            factor = row[column]
            rows[place] = [
                (pivot * number - factor * lead) // divisor for number, lead in zip(row, leading, strict=True)
            ]

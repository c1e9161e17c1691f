"""Array types of the statistical cores, and the one pass that sums rows into groups."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.estimation.errors import EstimandError, refuse_name

type FloatArray = NDArray[np.float64]
type IntArray = NDArray[np.int64]
type BoolArray = NDArray[np.bool_]
type Values = FloatArray | IntArray | BoolArray | Sequence[float | None] | pd.Series | pd.DataFrame

_MATRIX = 2


def sum_by(codes: IntArray, n_groups: int, columns: FloatArray | IntArray | BoolArray) -> FloatArray:
    """Sum the rows of every column within groups.

    Parameters
    ----------
    codes : int array, shape (n_rows,)
        Group of each row, from 0 to ``n_groups - 1``.
    n_groups : int
        Number of groups; empty ones get 0.
    columns : array, shape (n_rows, n_columns)
        What to sum: numbers, or truth values to count.

    Returns
    -------
    float array, shape (n_groups, n_columns)

    Examples
    --------
    >>> sum_by(np.array([0, 1, 1]), 2, np.array([[1.0], [2.0], [4.0]])).tolist()
    [[1.0], [6.0]]
    """
    sums = np.empty((n_groups, columns.shape[1]))
    for position in range(columns.shape[1]):
        sums[:, position] = np.bincount(codes, weights=columns[:, position], minlength=n_groups)
    return sums


def combine(weights: FloatArray, columns: FloatArray) -> FloatArray:
    """Multiply matrices, letting an undefined entry spoil only the results that give it a weight.

    Parameters
    ----------
    weights : float array, shape (n_results, k)
    columns : float array, shape (k, n_columns)
        May hold NaN.

    Returns
    -------
    float array, shape (n_results, n_columns)

    Examples
    --------
    >>> combine(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[2.0], [np.nan]])).ravel().tolist()
    [2.0, nan]
    """
    undefined = np.isnan(columns)
    combined: FloatArray = weights @ np.where(undefined, 0.0, columns)
    if not undefined.any():
        return combined
    return np.where((weights != 0).astype(float) @ undefined > 0, np.nan, combined)


def as_columns(values: Values, *, n_rows: int, name: str) -> tuple[FloatArray, tuple[str, ...]]:
    """Turn a vector, a matrix, a series or a frame into float columns with names.

    Parameters
    ----------
    values : array-like, shape (n_rows,) or (n_rows, n_columns)
        Missing answers are NaN or None.
    n_rows : int
        Number of rows of the design.
    name : str
        Name of the argument; names columns that bring none and appears in errors.

    Returns
    -------
    columns : float array, shape (n_rows, n_columns)
    names : tuple of str

    Raises
    ------
    EstimandError
        If the number of rows differs from the design's, or a value is infinite, or the name of a column
        is given instead of the column.

    Examples
    --------
    >>> columns, names = as_columns(pd.Series([1.0, None], name="score"), n_rows=2, name="values")
    >>> columns.shape, names
    ((2, 1), ('score',))
    """
    refuse_name(values, name, EstimandError)
    columns = np.asarray(values, dtype=float)
    if columns.ndim != _MATRIX:
        columns = columns.reshape(-1, 1)
    if len(columns) != n_rows:
        raise EstimandError(
            expected=f"{n_rows} rows in {name}, one per row of the design",
            got=f"{len(columns)}",
            hint="Pass missing answers as NaN instead of leaving their rows out.",
        )
    if np.isinf(columns).any():
        raise EstimandError(
            expected=f"finite numbers or NaN in {name}",
            got="an infinite value",
            hint="Turn divisions by zero into NaN before estimating.",
        )
    return columns, _column_names(values, columns.shape[1], name)


def _column_names(values: Values, n_columns: int, name: str) -> tuple[str, ...]:
    if isinstance(values, pd.DataFrame):
        return tuple(str(column) for column in values.columns)
    if isinstance(values, pd.Series) and values.name is not None:
        return (str(values.name),)
    if n_columns == 1:
        return (name,)
    return tuple(f"{name}{position}" for position in range(1, n_columns + 1))

"""Array types of the statistical cores, and the one pass that sums rows into groups."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.estimation.errors import AnalysisError, EstimandError, refuse_name

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


def name_row(wrong: BoolArray) -> str:
    """Name the first row that is wrong as a person counts rows, from 1, and say how many there are.

    Parameters
    ----------
    wrong : bool array, shape (n_rows,)
        True for one row at least.

    Examples
    --------
    >>> name_row(np.array([False, True, True]))
    'row 2 (2 such rows)'
    """
    n_wrong = int(wrong.sum())
    return f"row {int(wrong.argmax()) + 1} ({n_wrong} such {'row' if n_wrong == 1 else 'rows'})"


def bounds_of_shares(columns: FloatArray) -> tuple[float, float] | None:
    """Return 0 and 1 where all values are one of them, so that their means are shares; None otherwise.

    Parameters
    ----------
    columns : float array
        NaN is a missing answer.

    Examples
    --------
    >>> bounds_of_shares(np.array([1.0, 0.0, np.nan])), bounds_of_shares(np.array([1.0, 5.0]))
    ((0.0, 1.0), None)
    """
    return (0.0, 1.0) if np.isin(columns[~np.isnan(columns)], (0.0, 1.0)).all() else None


def as_floats(values: Values, what: str, error: type[AnalysisError]) -> FloatArray:
    """Return numbers of any shape; a missing one is NaN.

    Parameters
    ----------
    values : array-like of float
    what : str
        What they are, for the message.
    error : type
        To raise.

    Raises
    ------
    AnalysisError
        Of the type given, if something is no number.

    Examples
    --------
    >>> as_floats([1, None], "weights", EstimandError).tolist()
    [1.0, nan]
    """
    try:
        if isinstance(values, pd.Series):
            return values.to_numpy(dtype=float, na_value=np.nan)
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as reason:
        raise error(
            expected=f"numbers as {what}",
            got=str(reason),
            hint="Convert the column to numbers first; a missing one is NaN.",
        ) from reason


def as_truth(values: object, what: str, error: type[AnalysisError]) -> BoolArray:
    """Return truth values: True and False, or 1 and 0, none missing.

    Parameters
    ----------
    values : array-like of bool, shape (n_rows,)
    what : str
        What they say, for the message.
    error : type
        To raise.

    Raises
    ------
    AnalysisError
        Of the type given, if one is missing or anything else: Python counts NaN as true.

    Examples
    --------
    >>> as_truth([1, 0], "responses", EstimandError).tolist()
    [True, False]
    """
    given = np.asarray(values)
    if given.dtype == np.bool_:
        return given
    given = given.astype(object) if given.dtype.kind in "SU" else given
    is_missing = np.asarray(pd.isna(given), dtype=bool)
    known = np.where(is_missing, 0, given)
    wrong = is_missing | ~((known == 0) | (known == 1))
    if wrong.any():
        raise error(
            expected=f"True or False as {what}",
            got=f"{given.ravel()[int(wrong.argmax())]} in {name_row(wrong)}",
            hint="Say what a missing one means before, for example with fillna(False).",
        )
    return np.asarray(known == 1)


def _column_names(values: Values, n_columns: int, name: str) -> tuple[str, ...]:
    if isinstance(values, pd.DataFrame):
        return tuple(str(column) for column in values.columns)
    if isinstance(values, pd.Series) and values.name is not None:
        return (str(values.name),)
    if n_columns == 1:
        return (name,)
    return tuple(f"{name}{position}" for position in range(1, n_columns + 1))

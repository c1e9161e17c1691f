"""Labels to numbers: once, and without turning millions of strings into Python objects."""

from collections.abc import Hashable, Iterable, Sequence

import numpy as np
import pandas as pd

from analysis.estimation.arrays import IntArray

type Labels = Sequence[Hashable] | pd.Series | pd.DataFrame | pd.Categorical | np.ndarray


def number_labels(labels: Labels) -> tuple[IntArray, tuple[Hashable, ...]]:
    """Return numbers from 0 for the labels that occur, in sorted order; -1 for a missing one.

    Parameters
    ----------
    labels : array-like, shape (n_rows,)
        Ordered categories keep their order.

    Returns
    -------
    codes : int array, shape (n_rows,)
    uniques : tuple

    Examples
    --------
    >>> codes, uniques = number_labels(["b", "a", None])
    >>> codes.tolist(), uniques
    ([1, 0, -1], ('a', 'b'))
    """
    series = _as_series(labels)
    if isinstance(series.dtype, pd.CategoricalDtype):
        return _number_categories(series)
    codes, uniques = pd.factorize(series, sort=True)
    return np.asarray(codes, dtype=np.int64), tuple(uniques.tolist())


def categories_without_rows(labels: Labels) -> list[Hashable]:
    """Return the categories that a column declares and no row has, in their order.

    Parameters
    ----------
    labels : array-like, shape (n_rows,)

    Examples
    --------
    >>> categories_without_rows(pd.Categorical(["a"], categories=["a", "b"]))
    ['b']
    """
    series = _as_series(labels)
    if not isinstance(series.dtype, pd.CategoricalDtype):
        return []
    categories = series.cat.categories
    has_row = np.zeros(len(categories) + 1, dtype=bool)
    has_row[series.cat.codes.to_numpy()] = True
    return list(categories[~has_row[:-1]])


def name_unknown(unknown: Iterable[Hashable], known: Iterable[Hashable]) -> str:
    """Name labels that are not among the known ones, with their type where only that keeps them apart.

    Examples
    --------
    >>> name_unknown([1, 2], ["1", "2"])
    "1, 2, which are int, while '1' is str"
    >>> name_unknown(["c"], ["a", "b"])
    'c'
    """
    labels, by_text = list(unknown), {str(label): label for label in known}
    named = ", ".join(map(str, labels))
    alike = [label for label in labels if str(label) in by_text]
    if not alike:
        return named
    twin = by_text[str(alike[0])]
    return f"{named}, which are {type(alike[0]).__name__}, while {twin!r} is {type(twin).__name__}"


def _as_series(labels: Labels) -> pd.Series:
    """Return labels as a series; categories stay what they are."""
    if isinstance(labels, pd.Series):
        return labels
    return pd.Series(labels if isinstance(labels, pd.Categorical) else np.asarray(labels))


def _number_categories(series: pd.Series) -> tuple[IntArray, tuple[Hashable, ...]]:
    codes, categories = series.cat.codes.to_numpy(), series.cat.categories
    counts = np.bincount(codes.astype(np.int64) + 1, minlength=len(categories) + 1)[1:]
    order = np.arange(len(categories)) if series.cat.ordered else np.argsort(categories)
    order = order[counts[order] > 0]
    number = np.full(len(categories) + 1, -1, dtype=np.int64)
    number[order] = np.arange(len(order))
    return number[codes], tuple(categories[order].tolist())


def renumber(codes: IntArray, n_possible: int) -> tuple[IntArray, IntArray]:
    """Return numbers from 0 for the codes that occur, in their order, and those codes.

    Parameters
    ----------
    codes : int array, shape (n_rows,)
        From 0 to ``n_possible - 1``.
    n_possible : int

    Examples
    --------
    >>> [found.tolist() for found in renumber(np.array([5, 2, 5]), 6)]
    [[1, 0, 1], [2, 5]]
    """
    if n_possible > max(_BINS_PER_ROW * len(codes), _FEW_BINS):
        found, observed = pd.factorize(codes, sort=True)
        return np.asarray(found, dtype=np.int64), np.asarray(observed, dtype=np.int64)
    is_observed = np.zeros(n_possible, dtype=bool)
    is_observed[codes] = True
    position = np.cumsum(is_observed) - 1
    return position[codes], np.flatnonzero(is_observed)


_BINS_PER_ROW = 4
_FEW_BINS = 1_000_000

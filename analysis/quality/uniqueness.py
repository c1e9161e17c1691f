"""Joint uniqueness: whether what a file says beside the answers picks out persons, and making it say less."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Uniqueness:
    """How far a combination of variables picks out rows.

    Attributes
    ----------
    n_rows : int
    n_combinations : int
        Different combinations of values that occur.
    n_unique : int
        Rows whose combination no other row has.
    smallest : int
        Rows of the rarest combination, the k of k-anonymity; 0 without rows.
    gains : mapping
        By variable, how many rows are unique with it and would not be without it, most first.
    """

    n_rows: int
    n_combinations: int
    n_unique: int
    smallest: int
    gains: Mapping[str, int]

    @property
    def share_unique(self) -> float:
        """Share of the rows that are unique; 0 without rows."""
        return self.n_unique / self.n_rows if self.n_rows else 0.0

    @property
    def worst(self) -> str:
        """The variable that adds most; empty where none adds anything."""
        name = next(iter(self.gains), "")
        return name if name and self.gains[name] else ""


def group_sizes(table: pd.DataFrame) -> Integers:
    """Count for every row the rows with the same values, itself included; missing values are one value.

    Parameters
    ----------
    table : DataFrame, n rows
        Quasi-identifiers only.

    Returns
    -------
    array of int, length n

    Examples
    --------
    >>> group_sizes(pd.DataFrame({"sex": ["f", "f", "m"], "age": ["18", "18", None]})).tolist()
    [2, 2, 1]
    """
    if table.empty:
        return np.full(len(table), len(table), dtype=np.int64)
    codes = np.column_stack([pd.factorize(table[name], use_na_sentinel=False)[0] for name in table])
    _rows, inverse, counts = np.unique(codes, axis=0, return_inverse=True, return_counts=True)
    return np.asarray(counts[inverse.reshape(-1)], dtype=np.int64)


def joint_uniqueness(table: pd.DataFrame) -> Uniqueness:
    """Test quasi-identifiers jointly for uniqueness.

    Parameters
    ----------
    table : DataFrame, n rows
        One column for each quasi-identifier; numbers as they would be compared.

    Notes
    -----
    A row is unique if its group has the size 1. The gain of a variable v is the number of rows that are
    unique with all variables less that with all but v.

    References
    ----------
    Sweeney, L. (2002). k-anonymity: a model for protecting privacy. International Journal of Uncertainty,
    Fuzziness and Knowledge-Based Systems 10 (5), 557-570.

    Examples
    --------
    >>> found = joint_uniqueness(pd.DataFrame({"sex": ["f", "f", "m"], "area": ["u", "r", "r"]}))
    >>> found.n_unique, found.smallest, dict(found.gains)
    (3, 1, {'sex': 2, 'area': 2})
    """
    sizes = group_sizes(table)
    n_unique = int((sizes == 1).sum())
    gains = {str(name): n_unique - int((group_sizes(table.drop(columns=name)) == 1).sum()) for name in table}
    return Uniqueness(
        n_rows=len(table),
        n_combinations=round(float((1 / sizes).sum())) if len(sizes) and not table.empty else 0,
        n_unique=n_unique,
        smallest=int(sizes.min()) if len(sizes) else 0,
        gains=dict(sorted(gains.items(), key=lambda item: -item[1])),
    )


@dataclass(frozen=True, slots=True)
class Protection:
    """A table in which every combination occurs often enough, and what was done to it.

    Attributes
    ----------
    table : DataFrame
    steps : tuple of str
        Generalisations that were applied, in their order.
    n_suppressed : mapping
        By variable, in how many rows its value was removed.
    """

    table: pd.DataFrame
    steps: tuple[str, ...]
    n_suppressed: Mapping[str, int]


def protect(
    table: pd.DataFrame,
    *,
    minimum: int,
    coarser: Mapping[str, Mapping[Any, Any]],
    suppress: Sequence[str],
) -> Protection:
    """Make quasi-identifiers say less until every combination occurs at least `minimum` times.

    Parameters
    ----------
    table : DataFrame, n rows
        Quasi-identifiers, without those that are never given out.
    minimum : int
        The least size of a group, k.
    coarser : mapping
        By variable, coarser values by value; tried in order, each for the whole table, while groups are
        small.
    suppress : sequence of str
        Variables whose values are removed from the rows that are left, in order. A row all of whose values
        are removed may be any row.

    Returns
    -------
    Protection

    Notes
    -----
    Suppression removes the value of one variable from all rows in groups below k, and looks again. In the end
    rows may be left whose remaining values still occur fewer than k times: they lose every value.

    Examples
    --------
    >>> rows = pd.DataFrame({"area": ["u"] * 4, "age": ["18-24", "25-34", "18-24", "61+"]})
    >>> young = {"18-24": "18-34", "25-34": "18-34"}
    >>> done = protect(rows, minimum=3, coarser={"age": young}, suppress=["age", "area"])
    >>> done.table["age"].isna().tolist(), done.steps, dict(done.n_suppressed)
    ([False, False, False, True], ('age',), {'area': 1, 'age': 1})
    """
    protected, steps = table.astype(object), []
    for name, values in coarser.items():
        if (group_sizes(protected) < minimum).any():
            protected[name] = protected[name].map(lambda value, values=values: values.get(value, value))
            steps.append(name)
    for name in suppress:
        small = _small(protected, minimum)
        protected[name] = protected[name].where(~small, None)
    protected[_small(protected, minimum)] = None
    removed = {str(name): int((protected[name].isna() & table[name].notna()).sum()) for name in table}
    return Protection(protected, tuple(steps), {name: n for name, n in removed.items() if n})


def _small(table: pd.DataFrame, minimum: int) -> npt.NDArray[np.bool_]:
    """Return the rows in small groups that still say anything."""
    return np.asarray((group_sizes(table) < minimum) & table.notna().any(axis=1).to_numpy())

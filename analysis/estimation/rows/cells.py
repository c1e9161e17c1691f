"""The one pass over the rows: sums by variance unit and domain, from which everything else is algebra.

A cell is an observed pair of a variance unit (the last-stage cluster that the variance needs) and a domain,
so that provinces made of their own communes cost no more than the communes. What comes out is the table
that a database returns for ``GROUP BY unit, domain`` (see :mod:`analysis.estimation.designs.sum_query`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray, sum_by
from analysis.estimation.domains import Domains
from analysis.estimation.labels import renumber
from analysis.estimation.rows.columns import Column, Numbers

_STATES = 3
_OUTSIDE = -1


@dataclass(frozen=True, eq=False)
class Cells:
    """Observed pairs of unit and domain, and the cell of every row.

    Attributes
    ----------
    of_row : int array, shape (n_rows,)
        Cell of each row; rows with a weight of 0 share one that does not count, the last.
    unit, domain : int array, shape (n_cells,)
        Domain -1 is outside every domain.
    """

    of_row: IntArray
    unit: IntArray
    domain: IntArray

    @classmethod
    def of(cls, unit: IntArray, n_units: int, domains: Domains, weights: FloatArray) -> Self:
        """Find the cells of the rows.

        Examples
        --------
        >>> domains = Domains.from_labels(["a", "b", "a"], n_rows=3)
        >>> Cells.of(np.array([0, 0, 1]), 2, domains, np.ones(3)).unit.tolist()
        [0, 0, 1]
        """
        n_bins = len(domains.labels) + 1
        pairs = unit * n_bins + (domains.codes + 1)
        has_no_weight = weights == 0
        if has_no_weight.any():
            pairs = np.where(has_no_weight, n_units * n_bins, pairs)
        codes, observed = renumber(pairs, n_units * n_bins + 1)
        if has_no_weight.any():
            observed = observed[:-1]
        return cls(codes, observed // n_bins, observed % n_bins - 1)

    def __len__(self) -> int:
        return len(self.unit)


@dataclass(frozen=True, eq=False)
class CellSums:
    r"""Weighted sums of k ratios by cell: all that estimates and their errors need to know of the rows.

    Attributes
    ----------
    unit, domain : int array, shape (n_cells,)
        Domain -1 is outside every domain.
    n : int array, shape (n_cells, k)
        Rows that answered.
    weight : float array, shape (n_cells, k)
        :math:`\sum w` over those rows.
    y, x : float array, shape (n_cells, k)
        :math:`\sum w y` and :math:`\sum w x`; ``x`` is ``weight`` for a mean.
    yy, xy, xx : float array, shape (n_cells, k)
        :math:`\sum w y^2, \sum w x y, \sum w x^2`, for design effects. They lose digits where a mean is
        more than about 10,000 standard deviations from 0.
    """

    unit: IntArray
    domain: IntArray
    n: IntArray
    weight: FloatArray
    y: FloatArray
    x: FloatArray
    yy: FloatArray
    xy: FloatArray
    xx: FloatArray

    @property
    def n_columns(self) -> int:
        """Number of variables."""
        return int(self.n.shape[1])

    def arranged(self, *, has_overall: bool) -> Self:
        """Return the cells of the domains only, in result positions; the whole becomes domain 0 if wanted."""
        inside = self.take(self.domain != _OUTSIDE)
        if not has_overall:
            return inside
        units, unit_of_cell = np.unique(self.unit, return_inverse=True)
        whole = self._summed(unit_of_cell, units, np.zeros(len(units), dtype=np.int64))
        return whole.joined(replace(inside, domain=inside.domain + 1))

    def by_domain(self, n_domains: int) -> Self:
        """Sum over the units: one cell per domain."""
        return self._summed(self.domain, np.zeros(n_domains, dtype=np.int64), np.arange(n_domains))

    def take(self, keep: BoolArray) -> Self:
        """Return some of the cells."""
        return self._mapped(self.unit[keep], self.domain[keep], lambda sums: sums[keep])

    def joined(self, other: Self) -> Self:
        """Put the cells of another table behind these."""
        columns = {
            name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in _ARRAYS_OF_SUMS
        }
        return type(self)(**columns)

    def _summed(self, codes: IntArray, unit: IntArray, domain: IntArray) -> Self:
        return self._mapped(unit, domain, lambda sums: sum_by(codes, len(unit), sums))

    def _mapped(self, unit: IntArray, domain: IntArray, function: Callable[[Numbers], Numbers]) -> Self:
        done: dict[int, Numbers] = {}
        for name in _SUMS:
            sums = getattr(self, name)
            if id(sums) not in done:
                done[id(sums)] = function(sums)
        columns = {name: done[id(getattr(self, name))] for name in _SUMS}
        columns["n"] = columns["n"].astype(np.int64)
        return type(self)(unit=unit, domain=domain, **columns)


_SUMS = ("n", "weight", "y", "x", "yy", "xy", "xx")
_ARRAYS_OF_SUMS = ("unit", "domain", *_SUMS)


def read_cells(unit: IntArray, domain: IntArray, sums: Mapping[str, ArrayLike]) -> CellSums:
    """Take sums that somebody else has aggregated, for example a database.

    Parameters
    ----------
    unit, domain : int array, shape (n_cells,)
        Domain -1 is outside every domain.
    sums : mapping of name to array-like, shape (n_cells, k)
        ``n``, ``weight`` and ``y``; ``x`` for ratios; for design effects of anything but shares ``yy``, and
        of ratios ``xy`` and ``xx``. What is left out is that of a share.
    """
    arrays = {name: np.asarray(values, dtype=float) for name, values in sums.items()}
    arrays["n"] = arrays["n"].astype(np.int64)
    for name, stand_in in _STAND_INS.items():
        arrays.setdefault(name, arrays[stand_in])
    return CellSums(unit=unit, domain=domain, **arrays)


_STAND_INS = {"x": "weight", "yy": "y", "xy": "y", "xx": "x"}


def scan(columns: Iterable[Column], cells: Cells, weights: FloatArray) -> CellSums:
    """Sum columns by cell, one column at a time.

    Parameters
    ----------
    columns : iterable of Column
        All of one kind: shares, means or ratios.
    cells : Cells
    weights : float array, shape (n_rows,)

    Returns
    -------
    CellSums

    Examples
    --------
    >>> cells = Cells.of(np.array([0, 0, 1]), 2, Domains.whole(3), np.ones(3))
    >>> scan([Column(np.array([1.0, 2.0, 4.0]))], cells, np.ones(3)).y.ravel().tolist()
    [3.0, 4.0]
    """
    scanner = _Scanner(cells, weights)
    sums = [
        scanner.sum_share(column) if column.is_share else scanner.sum_numbers(column) for column in columns
    ]
    stacked: dict[tuple[int, ...], Numbers] = {}
    arrays = {}
    for name in _SUMS:
        parts = [getattr(each, name) for each in sums]
        key = tuple(map(id, parts))
        if key not in stacked:
            stacked[key] = np.column_stack(parts)
        arrays[name] = stacked[key]
    return CellSums(unit=cells.unit, domain=cells.domain, **arrays)


@dataclass(frozen=True, eq=False)
class _Sums:
    """Sums of one column, shape (n_cells,)."""

    n: IntArray
    weight: FloatArray
    y: FloatArray
    x: FloatArray
    yy: FloatArray
    xy: FloatArray
    xx: FloatArray


class _Scanner:
    """Keeps what columns share while they are summed."""

    def __init__(self, cells: Cells, weights: FloatArray) -> None:
        self.cells = cells
        self.weights = weights
        self.n_cells = len(cells)
        self._states: IntArray | None = None
        self._everybody: tuple[IntArray, FloatArray] | None = None

    def sum_share(self, column: Column) -> _Sums:
        """Sum a column of true, false and missing by counting its states: half the passes of numbers."""
        if column.valid is None:
            n, weight = self._count(None)
            y = self._sum(self.weights * column.numerator)
            return _Sums(n, weight, y, weight, y, y, weight)
        if self._states is None:
            self._states = self.cells.of_row * _STATES
        answered = column.valid.view(np.int8)
        codes = self._states + (answered + (answered & column.numerator.view(np.int8)))
        size = (self.n_cells + 1) * _STATES
        counts = np.bincount(codes, minlength=size).reshape(-1, _STATES)[: self.n_cells]
        sums = np.bincount(codes, weights=self.weights, minlength=size).reshape(-1, _STATES)[: self.n_cells]
        y = sums[:, 2].copy()
        weight = sums[:, 1] + y
        return _Sums(counts[:, 1] + counts[:, 2], weight, y, weight, y, y, weight)

    def sum_numbers(self, column: Column) -> _Sums:
        """Sum a column of numbers, with the squares and products that design effects need."""
        n, weight = self._count(column.valid)
        top = _filled(column.numerator, column.valid)
        weighted = self.weights * top
        y, yy = self._sum(weighted), self._sum(weighted * top)
        if column.denominator is None:
            return _Sums(n, weight, y, weight, yy, y, weight)
        bottom = _filled(column.denominator, column.valid)
        base = self.weights * bottom
        return _Sums(
            n, weight, y, self._sum(base), yy, self._sum(weighted * bottom), self._sum(base * bottom)
        )

    def _count(self, valid: BoolArray | None) -> tuple[IntArray, FloatArray]:
        if valid is not None:
            rows = np.flatnonzero(valid)
            n = np.bincount(self.cells.of_row[rows], minlength=self.n_cells + 1)[: self.n_cells]
            return n, self._sum(self.weights * valid)
        if self._everybody is None:
            n = np.bincount(self.cells.of_row, minlength=self.n_cells + 1)[: self.n_cells]
            self._everybody = n, self._sum(self.weights)
        return self._everybody

    def _sum(self, products: FloatArray) -> FloatArray:
        sums: FloatArray = np.bincount(self.cells.of_row, weights=products, minlength=self.n_cells + 1)
        return sums[: self.n_cells]


def _filled(numbers: Numbers, valid: BoolArray | None) -> FloatArray:
    values = numbers.astype(float)
    if valid is not None:
        values[~valid] = 0.0
    return values

"""Replicate weights as they are kept: the weights of the full sample, factors on them, and scales."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

import numpy as np

from analysis.estimation.arrays import FloatArray, IntArray, Values
from analysis.estimation.domains import Domains
from analysis.estimation.errors import DesignError
from analysis.estimation.replication.factors import ReplicateFactors
from analysis.estimation.rows.cells import Cells, CellSums, scan
from analysis.estimation.rows.columns import Variables

BLOCK_OF_CELLS = 4096
_MATRIX = 2
_DIGITS = 9


@dataclass(frozen=True, eq=False)
class ReplicateSet:
    """Weights of the full sample and of its replicates.

    The weight of row i in replicate r is ``weights[i] * factors[unit[i], r]``: replicates made from a
    design need one row of factors per PSU, whatever the number of rows.

    Attributes
    ----------
    weights : float array, shape (n_rows,)
        Of the full sample.
    unit : int array, shape (n_rows,)
        Row of ``factors`` of each row.
    factors : float array, shape (n_units, n_replicates)
    scale : float
    rscales : float array, shape (n_replicates,)
    """

    weights: FloatArray
    unit: IntArray
    factors: FloatArray
    scale: float
    rscales: FloatArray

    @classmethod
    def from_factors(cls, weights: FloatArray, unit: IntArray, made: ReplicateFactors) -> Self:
        """Put factors of PSUs on the weights of rows."""
        return cls(weights, unit, made.factors, made.scale, made.rscales)

    @classmethod
    def given(
        cls,
        weights: Values,
        replicates: Values,
        *,
        scale: float,
        rscales: Sequence[float] | None,
        is_combined: bool,
    ) -> Self:
        """Check weights that come from elsewhere; parameters as in ``ReplicateDesign.from_weights``.

        Raises
        ------
        DesignError
            If rows, columns or scales do not fit, or a weight is not finite.
        """
        full, table = np.asarray(weights, dtype=float), np.asarray(replicates, dtype=float)
        _check_weights(full, table)
        scales = np.ones(table.shape[1]) if rscales is None else np.asarray(rscales, dtype=float)
        _check_scales(scale, scales, table.shape[1])
        unit, factors = _join_equal(_divide(table, full) if is_combined else table)
        return cls(full, unit, factors, float(scale), scales)

    def __len__(self) -> int:
        return int(self.factors.shape[1])

    def __iter__(self) -> Iterator[FloatArray]:
        """Yield the weights of every replicate, shape (n_rows,), one at a time."""
        for column in self.factors.T:
            yield self.weights * column[self.unit]

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.weights)

    @property
    def scales(self) -> FloatArray:
        """Factor of each replicate's squared deviation."""
        return self.scale * self.rscales

    def reweighted(self, reweight: Callable[[FloatArray], FloatArray]) -> Self:
        """Repeat a weighting step in the full sample and every replicate.

        Raises
        ------
        DesignError
            If the step returns weights that are not finite, or not one per row.
        """
        full = np.asarray(reweight(self.weights), dtype=float)
        table = np.empty((self.n_rows, len(self)))
        for replicate, weights in enumerate(self):
            made = np.asarray(reweight(weights), dtype=float).reshape(-1, 1)
            _check_weights(full, made)
            table[:, replicate] = made[:, 0]
        return replace(self, weights=full, unit=np.arange(self.n_rows), factors=_divide(table, full))

    def sum_cells(self, variables: Variables, domains: Domains) -> CellSums:
        """Sum variables by unit and domain: the one pass over the rows.

        Parameters
        ----------
        variables : Variables
        domains : Domains

        Returns
        -------
        CellSums
            With domains by their position in the results, the whole first if wanted.
        """
        cells = Cells.of(self.unit, len(self.factors), domains, self.weights)
        return scan(variables, cells, self.weights).arranged(has_overall=domains.has_overall)

    def totals(self, sums: CellSums, columns: FloatArray, n_domains: int) -> FloatArray:
        """Totals by domain in every replicate, from weighted sums of cells.

        Parameters
        ----------
        sums : CellSums
            Units and domains of the cells.
        columns : float array, shape (n_cells, n_columns)
        n_domains : int

        Returns
        -------
        float array, shape (n_replicates, n_domains, n_columns)
        """
        totals = np.zeros((len(self), n_domains, columns.shape[1]))
        order = np.argsort(sums.domain, kind="stable")
        edges = np.searchsorted(sums.domain[order], np.arange(n_domains + 1))
        for domain, (start, stop) in enumerate(pairwise(edges)):
            for first in range(start, stop, BLOCK_OF_CELLS):
                block = order[first : min(first + BLOCK_OF_CELLS, stop)]
                totals[:, domain] += self.factors[sums.unit[block]].T @ columns[block]
        return totals


def _check_weights(full: FloatArray, replicates: FloatArray) -> None:
    if full.ndim != 1 or replicates.ndim != _MATRIX or len(replicates) != len(full):
        raise DesignError(
            expected=f"replicate weights for {len(full)} rows",
            got=f"shape {replicates.shape}",
            hint="One row per row of the sample, in the same order, and one column per replicate.",
        )
    is_usable = np.isfinite(full).all() and np.isfinite(replicates).all()
    if not (is_usable and (full >= 0).all() and full.any()):
        raise DesignError(
            expected="finite replicate weights, and weights of the full sample that are not negative",
            got="another one, or nothing but 0",
            hint="A row that a replicate leaves out has the weight 0 there.",
        )


def _check_scales(scale: float, rscales: FloatArray, n_replicates: int) -> None:
    is_usable = np.isfinite(scale) and scale > 0 and np.isfinite(rscales).all() and (rscales >= 0).all()
    if rscales.shape != (n_replicates,) or not is_usable:
        raise DesignError(
            expected=f"a scale above 0 and {n_replicates} rscales, one per replicate",
            got=f"scale {scale} and {rscales.size} rscales",
            hint="Take both from the documentation of the weights.",
        )


def _divide(table: FloatArray, full: FloatArray) -> FloatArray:
    """Turn combined weights into factors on those of the full sample."""
    has_none = full == 0
    if table[has_none].any():
        raise DesignError(
            expected="weight 0 in every replicate where the full sample has weight 0",
            got="another one",
            hint="Give the row a weight in the full sample, or none in any replicate.",
        )
    return np.asarray(table / np.where(has_none, 1.0, full)[:, None])


def _join_equal(factors: FloatArray) -> tuple[IntArray, FloatArray]:
    """Keep rows of factors that are equal but for rounding, as those of a PSU are, only once.

    Rows that differ have different products with a vector of unrelated numbers; that the others are
    equal is then verified.
    """
    key = np.round(factors @ np.cos(np.arange(1, factors.shape[1] + 1)), _DIGITS)
    _, first, unit = np.unique(key, return_index=True, return_inverse=True)
    is_equal = (np.allclose(column, column[first][unit], rtol=1e-13, atol=1e-13) for column in factors.T)
    if len(first) < len(factors) and all(is_equal):
        return np.asarray(unit, dtype=np.int64), factors[first]
    return np.arange(len(factors)), factors

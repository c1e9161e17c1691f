"""Variances at once, covariances on demand."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self, cast

import numpy as np

from analysis.estimation.arrays import FloatArray, IntArray
from analysis.estimation.results.reach import Reach

NEGLIGIBLE = 1e-11


@dataclass(frozen=True, eq=False)
class Precision:
    """Variances at once, covariances when asked for: what an estimate keeps of its scores.

    Attributes
    ----------
    variance : float array, shape (k,)
    find_covariance : callable
        Covariance matrix of the entries at some positions.
    positions : int array, shape (k,)
        Entries of this estimate among those that the callable knows.
    find_reach : callable, optional
        PSUs and strata behind the entries at some positions, where the design tells.
    """

    variance: FloatArray
    find_covariance: Callable[[IntArray], FloatArray]
    positions: IntArray
    find_reach: Callable[[IntArray], Reach] | None = None

    @classmethod
    def known(cls, covariance: FloatArray, reach: Reach | None = None) -> Self:
        """Keep a covariance matrix that is known already."""
        matrix = np.asarray(covariance, dtype=float)
        return cls(
            np.diag(matrix),
            lambda positions: matrix[np.ix_(positions, positions)],
            np.arange(len(matrix)),
            None if reach is None else reach.select,
        )

    @cached_property
    def covariance(self) -> FloatArray:
        """Covariance matrix, shape (k, k), computed once."""
        return self.find_covariance(self.positions)

    @cached_property
    def reach(self) -> Reach | None:
        """PSUs and strata behind the entries; None where nobody knows, as with replicates."""
        return None if self.find_reach is None else self.find_reach(self.positions)

    def select(self, index: IntArray) -> Self:
        """Return the precision of some entries, computing nothing yet."""
        return type(self)(self.variance[index], self.find_covariance, self.positions[index], self.find_reach)

    def without_rounding(self, magnitude: FloatArray) -> Self:
        """Set variances to 0 that are nothing but rounding, so that nobody takes them for great precision.

        Parameters
        ----------
        magnitude : float array, shape (k,)
            What the scores would amount to if none of them cancelled; an error of less than 10⁻¹¹ of it is
            rounding, whatever its sign. NaN leaves a variance as it is.

        Returns
        -------
        Precision

        Examples
        --------
        >>> Precision.known(np.diag([1e-34, 0.04])).without_rounding(np.array([0.3, 0.3])).variance.tolist()
        [0.0, 0.04]
        """
        is_rounding = np.abs(self.variance) <= (NEGLIGIBLE * magnitude) ** 2
        rounded = self.positions[is_rounding]
        if not len(rounded):
            return self

        def find(positions: IntArray) -> FloatArray:
            counts = ~np.isin(positions, rounded)
            return np.where(np.outer(counts, counts), self.find_covariance(positions), 0.0)

        return replace(self, variance=np.where(is_rounding, 0.0, self.variance), find_covariance=find)

    def combined(self, covariance: FloatArray, is_involved: FloatArray) -> Self:
        """Return the precision of combinations with a known covariance.

        Parameters
        ----------
        covariance : float array, shape (n_combinations, n_combinations)
        is_involved : float array, shape (n_combinations, k)
            Above 0 where the entry takes part.
        """

        def find_reach(positions: IntArray) -> Reach:
            return cast("Reach", self.reach).combine(is_involved).select(positions)

        known = self.known(covariance)
        return known if self.find_reach is None else replace(known, find_reach=find_reach)

    def __reduce__(
        self,
    ) -> tuple[Callable[[FloatArray, Reach | None], Self], tuple[FloatArray, Reach | None]]:
        """Pickle the matrix: scores and design stay behind."""
        return type(self).known, (self.covariance, self.reach)

    def deferred(self) -> FloatArray:
        """Stand in for the covariance matrix of an estimate, which computes it when first asked.

        The field of the estimate takes either, but type checkers let only a field with a default have a
        descriptor's types, and this one comes before others that have none.
        """
        return cast("FloatArray", self)

    def scaled(self, factor: float) -> Self:
        """Return the precision in another unit."""
        square = factor**2
        return type(self)(
            square * self.variance,
            lambda positions: square * self.find_covariance(positions),
            self.positions,
            self.find_reach,
        )

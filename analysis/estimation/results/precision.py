"""Variances at once, covariances on demand."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Self, cast

import numpy as np

from analysis.estimation.arrays import FloatArray, IntArray
from analysis.estimation.results.reach import Reach


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

"""Variances at once, covariances on demand."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Self, cast

import numpy as np

from analysis.estimation.arrays import FloatArray, IntArray


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
    """

    variance: FloatArray
    find_covariance: Callable[[IntArray], FloatArray]
    positions: IntArray

    @classmethod
    def known(cls, covariance: FloatArray) -> Self:
        """Keep a covariance matrix that is known already."""
        matrix = np.asarray(covariance, dtype=float)
        return cls(
            np.diag(matrix), lambda positions: matrix[np.ix_(positions, positions)], np.arange(len(matrix))
        )

    @cached_property
    def covariance(self) -> FloatArray:
        """Covariance matrix, shape (k, k), computed once."""
        return self.find_covariance(self.positions)

    def select(self, index: IntArray) -> Self:
        """Return the precision of some entries, computing nothing yet."""
        return type(self)(self.variance[index], self.find_covariance, self.positions[index])

    def __reduce__(self) -> tuple[Callable[[FloatArray], Self], tuple[FloatArray]]:
        """Pickle the matrix: scores and design stay behind."""
        return type(self).known, (self.covariance,)

    def deferred(self) -> FloatArray:
        """Stand in for the covariance matrix of an estimate, which computes it when first asked."""
        return cast("FloatArray", self)

    def scaled(self, factor: float) -> Self:
        """Return the precision in another unit."""
        square = factor**2
        return type(self)(
            square * self.variance,
            lambda positions: square * self.find_covariance(positions),
            self.positions,
        )

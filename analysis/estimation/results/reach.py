"""Which PSUs and strata stand behind an estimate: what two estimates that share them know together."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.sparse import csr_array

from analysis.estimation.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Reach:
    """PSUs and strata where each of k entries has members.

    Attributes
    ----------
    psu : sparse array of 0 and 1, shape (k, n_psu)
    stratum : sparse array of 0 and 1, shape (k, n_strata)
    """

    psu: csr_array
    stratum: csr_array

    @classmethod
    def of_members(cls, entry: IntArray, psu: IntArray, psu_stratum: IntArray, n_entries: int) -> Self:
        """Take the pairs of an entry and a PSU where it has members.

        Parameters
        ----------
        entry, psu : int array, shape (n_pairs,)
        psu_stratum : int array, shape (n_psu,)
            Stratum of each PSU.
        n_entries : int

        Examples
        --------
        >>> reach = Reach.of_members(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([0, 0]), 2)
        >>> reach.union_degrees().tolist()
        [[1.0, 1.0], [1.0, 0.0]]
        """
        n_strata = int(psu_stratum.max(initial=-1)) + 1
        return cls(
            _mark(entry, psu, (n_entries, len(psu_stratum))),
            _mark(entry, psu_stratum[psu], (n_entries, n_strata)),
        )

    def select(self, positions: IntArray) -> Self:
        """Keep some entries, in the order given."""
        return type(self)(self.psu[positions], self.stratum[positions])

    def combine(self, is_involved: FloatArray) -> Self:
        """Return what stands behind combinations of the entries, shape (n_combinations, k)."""
        chosen = csr_array(is_involved)
        return type(self)(_as_marks(chosen @ self.psu), _as_marks(chosen @ self.stratum))

    def union_degrees(self) -> FloatArray:
        """PSUs minus strata where either of two entries has members, shape (k, k)."""
        shared = (self.psu @ self.psu.T).toarray() - (self.stratum @ self.stratum.T).toarray()
        own = np.diag(shared)
        return np.asarray(own[:, None] + own[None, :] - shared, dtype=float)


def _mark(row: IntArray, column: IntArray, shape: tuple[int, int]) -> csr_array:
    return _as_marks(csr_array((np.ones(len(row)), (row, column)), shape=shape))


def _as_marks(matrix: csr_array) -> csr_array:
    matrix.sum_duplicates()
    matrix.data = (matrix.data > 0).astype(float)
    return matrix

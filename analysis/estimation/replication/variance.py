"""The variance between replicates and its degrees of freedom."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol, Self

import numpy as np

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray, sum_by
from analysis.estimation.replication.replicate_set import ReplicateSet
from analysis.estimation.results.precision import Precision
from analysis.estimation.rows.cells import CellSums
from analysis.estimation.rows.scores import spread_of_sample

RANK_TOLERANCE = 1e-5


class DegreesOfFreedom(Protocol):
    """Counts the degrees of freedom that replicates have among the rows that take part."""

    def count(self, sums: CellSums, n_domains: int) -> IntArray:
        """Count by domain and column, shape (n_domains, k)."""

    def of_rows(self, replicates: ReplicateSet) -> Self:
        """Return the same count where every row is a unit."""


@dataclass(frozen=True, eq=False)
class PsuDegrees:
    """PSUs minus strata among those with members, at most the replicates minus 1.

    Attributes
    ----------
    psu : int array, shape (n_units,)
        PSU of each unit of the replicates.
    psu_stratum : int array, shape (n_psu,)
    n_replicates : int
    """

    psu: IntArray
    psu_stratum: IntArray
    n_replicates: int

    def count(self, sums: CellSums, n_domains: int) -> IntArray:
        """Count degrees of freedom by domain and column.

        Parameters
        ----------
        sums : CellSums
            Numbers of answers by unit and domain.
        n_domains : int

        Returns
        -------
        int array, shape (n_domains, k)
        """
        psu = self.psu[sums.unit]
        is_present = sums.n > 0
        df = _count_groups(psu, sums.domain, is_present, n_domains) - _count_groups(
            self.psu_stratum[psu], sums.domain, is_present, n_domains
        )
        return np.asarray(np.minimum(df, self.n_replicates - 1))

    def of_rows(self, replicates: ReplicateSet) -> Self:
        """Return the same count where every row is a unit; the PSUs are those of the old units."""
        return replace(self, psu=self.psu[replicates.unit])


@dataclass(frozen=True, eq=False)
class RankDegrees:
    """Rank of the replicate weights minus 1, as R's ``degf`` where nothing else is known of the design.

    Attributes
    ----------
    factors : float array, shape (n_units, n_replicates)
    """

    factors: FloatArray

    def count(self, sums: CellSums, n_domains: int) -> IntArray:
        """Count degrees of freedom by domain and column; parameters as in :meth:`PsuDegrees.count`."""
        rank_of = lru_cache(self._rank)
        counted = np.zeros((n_domains, sums.n_columns), dtype=np.int64)
        for domain in range(n_domains):
            cells = np.flatnonzero(sums.domain == domain)
            units, is_present = sums.unit[cells], sums.n[cells] > 0
            counted[domain] = [rank_of(units[column].tobytes()) for column in is_present.T]
        return np.maximum(counted - 1, 0)

    def of_rows(self, replicates: ReplicateSet) -> Self:
        """Return the same count where every row is a unit, with the factors of the old units."""
        return replace(self, factors=self.factors[replicates.unit])

    def _rank(self, units: bytes) -> int:
        """Rank among the units whose numbers the bytes hold, so that it can be remembered."""
        return find_rank(self.factors[np.frombuffer(units, dtype=np.int64)])


def _count_groups(group: IntArray, domain: IntArray, is_present: BoolArray, n_domains: int) -> IntArray:
    """Count the groups with members by domain, shape (n_domains, k)."""
    pairs, codes = np.unique(group * n_domains + domain, return_inverse=True)
    has_members = sum_by(codes, len(pairs), is_present.astype(float)) > 0
    return sum_by(pairs % n_domains, n_domains, has_members.astype(float)).astype(np.int64)


def find_rank(matrix: FloatArray) -> int:
    """Rank of a matrix whose columns are scaled to length 1, singular values below 1e-5 counting as 0.

    The smaller of the two Gram matrices is enough, so that many rows cost one product.

    Parameters
    ----------
    matrix : float array, shape (n, k)

    Returns
    -------
    int

    Examples
    --------
    >>> find_rank(np.array([[1.0, 2.0, 0.0], [2.0, 4.0, 1.0], [0.0, 0.0, 0.0]]))
    2
    """
    lengths = np.sqrt(np.einsum("ij,ij->j", matrix, matrix))
    columns = matrix[:, lengths > 0] / lengths[lengths > 0]
    gram = columns.T @ columns if len(columns) > columns.shape[1] else columns @ columns.T
    if not len(gram):
        return 0
    return int((np.linalg.eigvalsh(gram) > RANK_TOLERANCE**2).sum())


def deviations(thetas: FloatArray, scales: FloatArray, *, mse: bool) -> FloatArray:
    r"""Scaled deviations :math:`d_r` of replicates, such that :math:`\hat V = \sum_r d_r d_r^\top`.

    Parameters
    ----------
    thetas : float array, shape (1 + n_replicates, k)
        Estimates of the full sample, then of the replicates; undefined ones are NaN.
    scales : float array, shape (n_replicates,)
        ``scale * rscales``.
    mse : bool
        Whether the centre is the full sample instead of the mean of the replicates (of those with a
        scale above 0).

    Returns
    -------
    float array, shape (n_replicates, k)
        NaN where the full sample or every replicate is undefined, else 0 for undefined replicates.

    Examples
    --------
    >>> thetas = np.array([[1.0], [2.0], [4.0]])
    >>> deviations(thetas, np.ones(2), mse=False).ravel().tolist()
    [-1.0, 1.0]
    >>> deviations(thetas, np.ones(2), mse=True).ravel().tolist()
    [1.0, 3.0]
    """
    full, replicates = thetas[0], thetas[1:]
    counted = ~np.isnan(replicates) & (scales > 0)[:, None]
    n_counted = counted.sum(axis=0)
    mean = np.where(counted, replicates, 0.0).sum(axis=0) / np.where(n_counted > 0, n_counted, np.nan)
    centre = np.where(n_counted > 0, full, np.nan) if mse else np.where(np.isnan(full), np.nan, mean)
    spread = np.where(np.isnan(centre) | counted, replicates - centre, 0.0)
    return np.where(np.isnan(centre), np.nan, spread) * np.sqrt(scales)[:, None]


def keep_spread(spread: FloatArray) -> Precision:
    """Return the variances of scaled deviations, and keep these for the covariances.

    Examples
    --------
    >>> keep_spread(np.array([[1.0, 0.0], [2.0, 1.0]])).covariance.tolist()
    [[5.0, 2.0], [2.0, 1.0]]
    """

    def find(positions: IntArray) -> FloatArray:
        chosen = spread[:, positions]
        return np.asarray(chosen.T @ chosen)

    return Precision((spread**2).sum(axis=0), find, np.arange(spread.shape[1]))


def spread_of_ratio(totals: CellSums, ratio: FloatArray, below: FloatArray) -> FloatArray:
    """Variance of a ratio if the sample were a simple random one, the denominator of design effects.

    Parameters
    ----------
    totals : CellSums
        One cell per domain.
    ratio, below : float array, shape (n_domains, k)
        The ratio and its denominator; 0 and 1 for a total.

    Returns
    -------
    float array, shape (n_domains, k)
    """
    below = np.where(below == 0, np.nan, below)
    first = (totals.y - ratio * totals.x) / below
    second = (totals.yy - 2 * ratio * totals.xy + ratio**2 * totals.xx) / below**2
    return spread_of_sample(totals.n.astype(float), totals.weight, first, second)

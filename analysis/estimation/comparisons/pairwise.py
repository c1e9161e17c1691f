"""All pairs of domains, adjusted for their number, and what follows for their ranks."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.estimation.arrays import BoolArray, FloatArray
from analysis.estimation.comparisons.degrees import pair_degrees
from analysis.estimation.comparisons.multiplicity import adjust_p_values
from analysis.estimation.results.estimate import Estimate

HIGHER, NOT_DISTINGUISHABLE, LOWER = "higher", "not_distinguishable", "lower"
NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True, eq=False)
class PairwiseComparison:
    """All differences between domains, adjusted for their number.

    Attributes
    ----------
    labels : tuple, length k
    value : float array, shape (k,)
    difference, standard_error, p_value, p_adjusted : float array, shape (k, k)
        Row minus column; the diagonal of the p-values is 1. There is none where the variance of a domain is 0
        or unknown.
    alpha : float
        Probability of any false finding.
    """

    labels: tuple[Hashable, ...]
    value: FloatArray
    difference: FloatArray
    standard_error: FloatArray
    p_value: FloatArray
    p_adjusted: FloatArray
    alpha: float

    def __str__(self) -> str:
        return self.to_frame().to_string(index=False)

    def __repr__(self) -> str:
        return f"<PairwiseComparison of {len(self.labels)} domains>\n{self}"

    @property
    def is_distinguishable(self) -> BoolArray:
        """Whether two domains differ, shape (k, k); False where a value is missing."""
        return self.p_adjusted < self.alpha

    @property
    def is_higher(self) -> BoolArray:
        """Whether the row is distinguishably higher than the column, shape (k, k)."""
        return self.is_distinguishable & (self.difference > 0)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per pair: the two domains, their difference, and what may be said of it.

        Returns
        -------
        DataFrame
            domain, other, difference (domain minus other), standard_error, p_value, p_adjusted and group:
            ``higher``, ``lower``, ``not_distinguishable``, or ``not_comparable`` where there is no p-value,
            of the domain against the other.

        Examples
        --------
        >>> domains = Estimate(
        ...     ("share",) * 2,
        ...     ("a", "b"),
        ...     np.array([0.9, 0.5]),
        ...     np.eye(2) / 400,
        ...     np.full(2, 60.0),
        ...     np.full(2, 100),
        ...     np.ones(2),
        ... )
        >>> compare_pairs(domains).to_frame()[["domain", "other", "group"]].to_numpy().tolist()
        [['a', 'b', 'higher']]
        """
        pairs = np.triu_indices(len(self.labels), 1)
        first, second = pairs
        return pd.DataFrame(
            {
                "domain": [self.labels[place] for place in first],
                "other": [self.labels[place] for place in second],
                "difference": self.difference[pairs],
                "standard_error": self.standard_error[pairs],
                "p_value": self.p_value[pairs],
                "p_adjusted": self.p_adjusted[pairs],
                "group": np.select(
                    [self.is_higher[pairs], self.is_higher.T[pairs], np.isnan(self.p_value[pairs])],
                    [HIGHER, LOWER, NOT_COMPARABLE],
                    NOT_DISTINGUISHABLE,
                ),
            }
        )

    def rank_intervals(self) -> pd.DataFrame:
        """Return rank, lowest and highest possible rank of every domain, 1 being the highest value.

        ``rank_low`` is 1 + the number of domains that are distinguishably higher and ``rank_high`` is
        k - the number that are distinguishably lower. Since the tests hold the probability of any
        false finding, wrong signs included, at alpha, all intervals hold together with probability of at
        least 1 - alpha (Mohamad, Goeman and van Zwet 2019; Mogstad, Romano, Shaikh and Wilhelm 2024); they
        are wider than intervals for one domain alone.
        """
        return pd.DataFrame(
            {
                "domain": list(self.labels),
                "value": self.value,
                "rank": pd.Series(self.value).rank(ascending=False, method="min").to_numpy(),
                "rank_low": 1 + self.is_higher.sum(axis=0),
                "rank_high": len(self.labels) - self.is_higher.sum(axis=1),
            }
        )


def compare_pairs(
    domains: Estimate,
    *,
    alpha: float = 0.05,
    adjustment: str = "holm_directional",
    degrees_of_freedom: float | None = None,
) -> PairwiseComparison:
    """Compare every pair of domains.

    Parameters
    ----------
    domains : Estimate
        One entry per domain, for example ``result.by_domain()``; covariances between them are used.
    alpha : float
        Probability of any false finding.
    adjustment : str
        For the number of pairs, see :func:`analysis.estimation.adjust_p_values`; by default Holm's over both
        directions of every pair, so that no sign is wrong either.
    degrees_of_freedom : float, optional
        For all tests; by default Satterthwaite's, at most those of the PSUs of both domains.

    Returns
    -------
    PairwiseComparison
    """
    k = len(domains)
    first, second = np.triu_indices(k, 1)
    variance = np.diag(domains.covariance)
    difference = domains.value[first] - domains.value[second]
    squared = variance[first] + variance[second] - 2 * domains.covariance[first, second]
    standard_error = np.sqrt(np.where(squared > 0, squared, np.nan))
    df = (
        pair_degrees(domains, first, second)
        if degrees_of_freedom is None
        else np.full(len(first), degrees_of_freedom)
    )
    is_weak = domains.is_weak[first] | domains.is_weak[second]
    p_value = 2 * stats.t.sf(np.abs(difference / np.where(is_weak, np.nan, standard_error)), df)
    return PairwiseComparison(
        labels=domains.domains,
        value=domains.value,
        difference=_square(difference, k, sign=-1.0),
        standard_error=_square(standard_error, k),
        p_value=_square(p_value, k, diagonal=1.0),
        p_adjusted=_square(adjust_p_values(p_value, adjustment), k, diagonal=1.0),
        alpha=alpha,
    )


def _square(upper: FloatArray, k: int, *, sign: float = 1.0, diagonal: float = 0.0) -> FloatArray:
    matrix = np.full((k, k), diagonal)
    first, second = np.triu_indices(k, 1)
    matrix[first, second] = upper
    matrix[second, first] = sign * upper
    return matrix

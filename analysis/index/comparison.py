"""Who differs from whom: comparisons that say "not distinguishable" where they must."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.estimation import BoolArray, Estimate, FloatArray, IntArray, adjust_p_values
from analysis.estimation.degrees import satterthwaite
from analysis.index.errors import IndexEstimationError
from analysis.index.nodes import INDEX_CODE
from analysis.index.result import IndexResult

HIGHER, NOT_DISTINGUISHABLE, LOWER = "higher", "not_distinguishable", "lower"


@dataclass(frozen=True, eq=False)
class PairwiseComparison:
    """All differences between domains, adjusted for their number.

    Attributes
    ----------
    labels : tuple, length k
    value : float array, shape (k,)
    difference, standard_error, p_value, p_adjusted : float array, shape (k, k)
        Row minus column; the diagonal of the p-values is 1.
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

    @property
    def is_distinguishable(self) -> BoolArray:
        """Whether two domains differ, shape (k, k); False where a value is missing."""
        return self.p_adjusted < self.alpha

    @property
    def is_higher(self) -> BoolArray:
        """Whether the row is distinguishably higher than the column, shape (k, k)."""
        return self.is_distinguishable & (self.difference > 0)

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
        For all tests; by default Satterthwaite's for two independent domains.

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
        satterthwaite(
            np.stack([variance[first], variance[second]]),
            np.stack([domains.degrees_of_freedom[first], domains.degrees_of_freedom[second]]),
        )
        if degrees_of_freedom is None
        else np.full(len(first), degrees_of_freedom)
    )
    p_value = 2 * stats.t.sf(np.abs(difference / standard_error), df)
    return PairwiseComparison(
        labels=domains.domains,
        value=domains.value,
        difference=_square(difference, k, sign=-1.0),
        standard_error=_square(standard_error, k),
        p_value=_square(p_value, k, diagonal=1.0),
        p_adjusted=_square(adjust_p_values(p_value, adjustment), k, diagonal=1.0),
        alpha=alpha,
    )


def compare_with_nation(
    result: IndexResult,
    *,
    node: str = INDEX_CODE,
    statistic: str | None = None,
    alpha: float = 0.05,
    adjustment: str = "holm_directional",
) -> pd.DataFrame:
    """Compare every domain with the nation that contains it.

    The covariance of a domain with the nation is kept; the test has the domain's degrees of freedom.

    Returns
    -------
    DataFrame
        domain, value, difference, standard_error, df, p_value, p_adjusted and group: ``higher``,
        ``not_distinguishable`` or ``lower``.
    """
    both = result.with_nation(node, statistic)
    k = len(both) - 1
    labels = [str(label) for label in result.parts]
    contrast = both.contrast(np.hstack([-np.ones((k, 1)), np.eye(k)]), labels)
    spread = np.where(contrast.standard_error > 0, contrast.standard_error, np.nan)
    df = both.degrees_of_freedom[1:]
    p_value = 2 * stats.t.sf(np.abs(contrast.value / spread), np.where(df > 0, df, np.nan))
    p_adjusted = adjust_p_values(p_value, adjustment)
    groups = np.select(
        [(p_adjusted < alpha) & (contrast.value > 0), (p_adjusted < alpha) & (contrast.value < 0)],
        [HIGHER, LOWER],
        NOT_DISTINGUISHABLE,
    )
    return pd.DataFrame(
        {
            "domain": list(result.parts),
            "value": both.value[1:],
            "difference": contrast.value,
            "standard_error": contrast.standard_error,
            "df": df,
            "p_value": p_value,
            "p_adjusted": p_adjusted,
            "group": groups,
        }
    )


JOINT_ALPHA: dict[str, Callable[[float, int], float]] = {
    "bonferroni": lambda alpha, k: alpha / k,
    "sidak": lambda alpha, k: 1 - (1 - alpha) ** (1 / k),
    "none": lambda alpha, _k: alpha,
}


def joint_rank_sets(
    value: FloatArray,
    standard_error: FloatArray,
    *,
    level: float = 0.95,
    adjustment: str = "bonferroni",
    degrees_of_freedom: float = np.inf,
) -> tuple[IntArray, IntArray]:
    """Joint confidence sets for ranks from joint intervals of the values, 1 being the highest.

    Parameters
    ----------
    value, standard_error : float array, shape (k,)
        Of independent domains.
    level : float
        Probability that all sets hold together.
    adjustment : {"bonferroni", "sidak", "none"}
        How the level of one interval follows from that of all.
    degrees_of_freedom : float
        Infinity for normal intervals.

    Returns
    -------
    rank_low, rank_high : int array, shape (k,)

    Raises
    ------
    IndexEstimationError
        If the adjustment is unknown.

    References
    ----------
    Klein, Wright and Wieczorek (2020), JRSS A 183(2).

    Examples
    --------
    >>> low, high = joint_rank_sets(np.array([3.0, 1.0, 1.1]), np.array([0.1, 0.1, 0.1]))
    >>> low.tolist(), high.tolist()
    ([1, 2, 2], [1, 3, 3])
    """
    if adjustment not in JOINT_ALPHA:
        raise IndexEstimationError(
            expected=f"an adjustment among {', '.join(JOINT_ALPHA)}",
            got=repr(adjustment),
            hint="Use 'bonferroni'.",
        )
    alpha = JOINT_ALPHA[adjustment](1 - level, len(value))
    half = stats.t.ppf(1 - alpha / 2, degrees_of_freedom) * standard_error
    low, high = value - half, value + half
    is_above = low[:, None] > high[None, :]
    return 1 + is_above.sum(axis=0), len(value) - is_above.sum(axis=1)


def _square(upper: FloatArray, k: int, *, sign: float = 1.0, diagonal: float = 0.0) -> FloatArray:
    matrix = np.full((k, k), diagonal)
    first, second = np.triu_indices(k, 1)
    matrix[first, second] = upper
    matrix[second, first] = sign * upper
    return matrix

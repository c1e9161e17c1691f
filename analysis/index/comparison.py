"""Who differs from whom: comparisons that say "not distinguishable" where they must."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from analysis.estimation import (
    FloatArray,
    IntArray,
    PairwiseComparison,
    adjust_p_values,
    compare_pairs,
    minus_overall,
)
from analysis.index.errors import IndexEstimationError
from analysis.index.nodes import INDEX_CODE
from analysis.index.result import IndexResult

__all__ = [
    "HIGHER",
    "JOINT_ALPHA",
    "LOWER",
    "NOT_DISTINGUISHABLE",
    "PairwiseComparison",
    "compare_pairs",
    "compare_with_nation",
    "joint_rank_sets",
]

HIGHER, NOT_DISTINGUISHABLE, LOWER = "higher", "not_distinguishable", "lower"


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
    contrast = minus_overall(both)
    spread = np.where(contrast.standard_error > 0, contrast.standard_error, np.nan)
    df = contrast.degrees_of_freedom
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

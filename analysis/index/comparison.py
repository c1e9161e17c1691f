"""Who differs from whom: comparisons that say "not distinguishable" where they must."""

import pandas as pd

from analysis.estimation import compare_with_zero, minus_overall
from analysis.index.nodes import INDEX_CODE
from analysis.index.result import IndexResult


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
        ``not_distinguishable``, ``lower``, or ``not_comparable`` without a p-value.
    """
    contrast = minus_overall(result.with_nation(node, statistic))
    table = compare_with_zero(contrast, alpha=alpha, adjustment=adjustment).drop(columns="name")
    table.insert(1, "value", result.by_domain(node, statistic).value)
    return table

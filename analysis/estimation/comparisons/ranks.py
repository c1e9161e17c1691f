"""Rank tests for two or more groups of respondents."""

from collections.abc import Callable

import numpy as np
from scipy import stats

from analysis.estimation.arrays import FloatArray, Values
from analysis.estimation.comparisons.groups import TWO_GROUPS, code_groups, group_differences, one_column
from analysis.estimation.comparisons.participation import Mask
from analysis.estimation.comparisons.significance import SignificanceTest, t_test, wald_test
from analysis.estimation.designs.survey_design import SurveyDesign
from analysis.estimation.errors import EstimandError
from analysis.estimation.labels import Labels

type ScoreFunction = Callable[[FloatArray, float], FloatArray]


def _share_scores(rank: FloatArray, total: float) -> FloatArray:
    return rank / total


def _normal_scores(rank: FloatArray, total: float) -> FloatArray:
    return np.asarray(stats.norm.ppf(rank / total))


def _median_scores(rank: FloatArray, total: float) -> FloatArray:
    return (rank > total / 2).astype(float)


RANK_SCORES: dict[str, ScoreFunction] = {
    "wilcoxon": _share_scores,
    "van_der_waerden": _normal_scores,
    "median": _median_scores,
}


def rank_test(
    design: SurveyDesign,
    values: Values,
    groups: Labels,
    *,
    scores: str = "wilcoxon",
    within: Mask | None = None,
) -> SignificanceTest:
    r"""Test that the distributions of a variable are the same in all groups.

    Parameters
    ----------
    design : SurveyDesign
    values : array-like, shape (n_rows,)
        Only their order counts; NaN is a missing answer.
    groups : array-like of labels, shape (n_rows,)
        Two or more different labels.
    scores : str
        ``wilcoxon`` (the rank itself; Kruskal-Wallis with more groups), ``van_der_waerden`` (normal scores)
        or ``median`` (above the median or not).
    within : array-like of bool, shape (n_rows,), optional
        Domain of the test.

    Returns
    -------
    SignificanceTest
        t for two groups, else Wald's F; the estimate holds the differences of mean scores from the first
        group in sorted order. The degrees of freedom are PSUs minus strata of those who take part,
        minus the number of differences.

    Raises
    ------
    EstimandError
        If the scores are unknown, there is one group only, or there are more differences than
        degrees of freedom.
    DomainError
        If nobody has both an answer and a group.

    Notes
    -----
    Ranks are estimated ranks in the population, :math:`\hat N \hat F(y_i)`, at the middle of each row's
    weight; tied values share the plain mean of theirs, as in R's ``svyranktest``. Their scores are compared
    like the means of :func:`analysis.estimation.difference_test`; that the ranks are estimated adds nothing
    to first order.

    References
    ----------
    Lumley, T. and Scott, A. J. (2013). Two-sample rank tests under complex sampling. Biometrika 100, 831-842.

    Examples
    --------
    >>> design = SurveyDesign.from_arrays(np.ones(6))
    >>> test = rank_test(design, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], list("aaabbb"))
    >>> test.estimate.value.item(), round(test.statistic, 3)
    (0.5, 4.108)
    """
    if scores not in RANK_SCORES:
        raise EstimandError(
            expected=f"scores among {', '.join(RANK_SCORES)}",
            got=repr(scores),
            hint="wilcoxon is the usual choice.",
        )
    column = one_column(values, design.n_rows)
    codes, labels = code_groups(column, groups, within)
    if len(labels) < TWO_GROUPS:
        raise EstimandError(
            expected="at least two groups",
            got=f"only {labels[0]}",
            hint="Check the labels of the groups and the domain.",
        )
    rows = codes >= 0
    scored = np.full(design.n_rows, np.nan)
    ranks = estimate_ranks(column[rows], design.weights[rows])
    scored[rows] = RANK_SCORES[scores](ranks, design.weights[rows].sum())
    differences = group_differences(design, scored, codes, labels)
    if len(labels) == TWO_GROUPS:
        return t_test(f"Rank test ({scores} scores)", differences)
    return wald_test(f"Rank test ({scores} scores)", differences, differences.degrees_of_freedom[0].item())


def estimate_ranks(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Estimate the rank of every row in the population.

    Parameters
    ----------
    values, weights : float array, shape (n,)

    Returns
    -------
    float array, shape (n,)
        Weight of all rows before, plus half the own one; the plain mean over ties, among which the rows
        keep their order.

    Examples
    --------
    >>> estimate_ranks(np.array([5.0, 1.0, 5.0]), np.array([1.0, 2.0, 1.0])).tolist()
    [3.0, 1.0, 3.0]
    """
    order = np.argsort(values, kind="stable")
    middle = np.cumsum(weights[order]) - weights[order] / 2
    _, tie, n_tied = np.unique(values[order], return_inverse=True, return_counts=True)
    ranks = np.empty(len(values))
    ranks[order] = (np.bincount(tie, weights=middle) / n_tied)[tie]
    return ranks

"""Differences between groups of respondents, and Student's t test of them."""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.estimation.arrays import FloatArray, IntArray, Values, as_columns, bounds_of_shares, sum_by
from analysis.estimation.comparisons.participation import Mask, find_participants
from analysis.estimation.comparisons.significance import SignificanceTest, t_test
from analysis.estimation.designs.survey_design import SurveyDesign
from analysis.estimation.domains import Domains
from analysis.estimation.errors import EstimandError
from analysis.estimation.labels import Labels
from analysis.estimation.results.estimate import Estimate, Parts

TWO_GROUPS = 2


def difference_test(
    design: SurveyDesign, values: Values, groups: Labels, *, within: Mask | None = None
) -> SignificanceTest:
    r"""Test that the means of two groups are equal.

    Parameters
    ----------
    design : SurveyDesign
    values : array-like, shape (n_rows,)
        NaN is a missing answer.
    groups : array-like of labels, shape (n_rows,)
        Two different labels; the estimate is the second in sorted order minus the first.
    within : array-like of bool, shape (n_rows,), optional
        Domain of the test.

    Returns
    -------
    SignificanceTest
        t, with the difference as its estimate. Its degrees of freedom are PSUs minus strata among those who
        have both an answer and a group, minus 1.

    Raises
    ------
    EstimandError
        If there are not exactly two groups.
    DomainError
        If nobody has both an answer and a group.

    Notes
    -----
    The difference :math:`\bar y_2 - \bar y_1` is the slope of the regression on an indicator of the second
    group; the variance holds the covariance of groups that share PSUs. Equal to R's ``svyttest``.

    Examples
    --------
    >>> design = SurveyDesign.from_arrays(np.ones(6))
    >>> test = difference_test(design, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], list("aaabbb"))
    >>> test.estimate.value.item(), test.denominator_df, round(test.statistic, 3)
    (3.0, 4.0, 4.108)
    """
    column = one_column(values, design.n_rows)
    codes, labels = code_groups(column, groups, within)
    if len(labels) != TWO_GROUPS:
        raise EstimandError(
            expected="two groups",
            got=f"{len(labels)}: {', '.join(labels)}",
            hint="Set all other labels to missing, or test a factor by regress(...).term_test(...).",
        )
    return t_test("Difference of two means", group_differences(design, column, codes, labels))


def mean_test(
    design: SurveyDesign, values: Values, null: float = 0.0, *, within: Mask | None = None
) -> SignificanceTest:
    """Test that a mean has a given value, for example a change of zero or a target.

    Parameters
    ----------
    design : SurveyDesign
    values : array-like, shape (n_rows,)
        NaN is a missing answer.
    null : float
        The mean under the hypothesis.
    within : array-like of bool, shape (n_rows,), optional
        Domain of the test.

    Returns
    -------
    SignificanceTest
        t with PSUs minus strata of those who answered as its degrees of freedom.

    Raises
    ------
    DomainError
        If nobody in the domain answered.

    Examples
    --------
    >>> round(mean_test(SurveyDesign.from_arrays(np.ones(4)), [1.0, 2.0, 3.0, 4.0], 2.0).statistic, 4)
    0.7746
    """
    column = one_column(values, design.n_rows)
    participants = find_participants(~np.isnan(column), within)
    mean = design.mean(np.where(participants, column, np.nan))
    return t_test(f"Mean against {null:g}", mean, null)


def code_groups(
    column: FloatArray, groups: Labels, within: Mask | None = None
) -> tuple[IntArray, tuple[str, ...]]:
    """Give numbers to the groups of those who take part, from 0 in sorted order; -1 to the others.

    Parameters
    ----------
    column : float array, shape (n_rows,)
    groups : array-like of labels, shape (n_rows,), or data frame
    within : array-like of bool, optional

    Returns
    -------
    codes : int array, shape (n_rows,)
    labels : tuple of str
        Of the groups that occur.

    Examples
    --------
    >>> codes, labels = code_groups(np.array([1.0, 2.0, np.nan]), ["b", "a", "a"])
    >>> codes.tolist(), labels
    ([1, 0, -1], ('a', 'b'))
    """
    domains = Domains.from_observed(groups, n_rows=len(column))
    participants = find_participants(~np.isnan(column) & (domains.codes >= 0), within)
    codes = np.full(len(column), -1, dtype=np.int64)
    present, codes[participants] = np.unique(domains.codes[participants], return_inverse=True)
    return codes, tuple(str(domains.labels[code]) for code in present)


def group_differences(
    design: SurveyDesign, column: FloatArray, codes: IntArray, labels: tuple[str, ...]
) -> Estimate:
    r"""Means of all groups but the first, minus that of the first, jointly.

    Parameters
    ----------
    design : SurveyDesign
    column : float array, shape (n_rows,)
        Finite where the code is not -1.
    codes : int array, shape (n_rows,)
        From :func:`code_groups`.
    labels : tuple of str

    Returns
    -------
    Estimate
        One entry per group after the first; its degrees of freedom are PSUs minus strata among all
        groups together, minus the number of entries.

    Notes
    -----
    The linearised variable is :math:`1(g) (y - \bar y_g) / \hat N_g - 1(1) (y - \bar y_1) / \hat N_1`.
    """
    rows = codes >= 0
    group, weights, n_groups = codes[rows], design.weights[rows], len(labels)
    sums = sum_by(group, n_groups, np.column_stack([weights, weights * column[rows]]))
    size, mean = sums[:, 0], sums[:, 1] / sums[:, 0]
    residual = (column[rows] - mean[group]) / size[group]
    scores = np.zeros((design.n_rows, n_groups))
    scores[rows, group] = residual
    value = (mean[1:] - mean[0])[None, :]
    totals = design.sum_scores(scores)
    estimate = design.estimate(
        value,
        (totals[:, 1:] - totals[:, :1])[:, None, :],
        names=[f"{label} - {labels[0]}" for label in labels[1:]],
        domains=Domains.whole(design.n_rows),
        valid=np.repeat(rows[:, None], n_groups - 1, axis=1),
        srs_variance=np.full_like(value, np.nan),
    )
    means = design.mean(np.where(rows, column, np.nan), by=_labels(codes))
    return replace(
        estimate,
        degrees_of_freedom=estimate.degrees_of_freedom - (n_groups - 1),
        inherited=_inherited(means),
        parts=_parts(
            replace(means, bounds=bounds_of_shares(column[rows]), covariance=means.precision.deferred())
        ),
    )


def _labels(codes: IntArray) -> pd.Series:
    return pd.Series(codes).where(codes >= 0)


def _inherited(means: Estimate) -> tuple[tuple[str, ...], ...]:
    """Flag the differences from the first group that have a part without variance."""
    is_weak = means.is_weak
    return tuple(("zero_variance",) if weak or is_weak[0] else () for weak in is_weak[1:])


def _parts(means: Estimate) -> Parts:
    """Say that the differences are each group minus the first."""
    n_others = len(means) - 1
    return Parts(means, np.hstack([-np.ones((n_others, 1)), np.eye(n_others)]))


def one_column(values: Values, n_rows: int) -> FloatArray:
    """Return the only column of the values.

    Parameters
    ----------
    values : array-like, shape (n_rows,)
    n_rows : int

    Returns
    -------
    float array, shape (n_rows,)

    Raises
    ------
    EstimandError
        If there are more, or not one value per row.
    """
    columns, _ = as_columns(values, n_rows=n_rows, name="values")
    if columns.shape[1] != 1:
        raise EstimandError(
            expected="one variable to compare",
            got=f"{columns.shape[1]}",
            hint="Test one variable at a time, and adjust the p values if there are many.",
        )
    return columns[:, 0]

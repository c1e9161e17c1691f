"""What a test returns, and the two tests that all others end in: Student's t and Wald's F."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from analysis.estimation.arrays import FloatArray
from analysis.estimation.errors import EstimandError
from analysis.estimation.results.estimate import Estimate


@dataclass(frozen=True, eq=False)
class SignificanceTest:
    """A test of a hypothesis against its two-sided (t) or general (F, chi-squared) alternative.

    Attributes
    ----------
    method : str
        What was tested, in words.
    statistic_name : str
        ``t``, ``F`` or ``X-squared``.
    statistic : float
    numerator_df : float
        Number of restrictions; 1 for t.
    denominator_df : float
        Degrees of freedom of the variance; infinite for chi-squared.
    p_value : float
        NaN where the design has no degrees of freedom left, or the variance of the estimate or of a part
        of it is 0.
    estimate : Estimate, optional
        What the hypothesis says is zero, with its standard errors.
    """

    method: str
    statistic_name: str
    statistic: float
    numerator_df: float
    denominator_df: float
    p_value: float
    estimate: Estimate | None = None

    def __str__(self) -> str:
        df = f"df {self.denominator_df:g}"
        if self.statistic_name != "t":
            df = f"df {self.numerator_df:g} and {self.denominator_df:g}"
        return f"{self.method}: {self.statistic_name} = {self.statistic:.4g}, {df}, p = {self.p_value:.3g}"

    def __repr__(self) -> str:
        return f"<SignificanceTest>\n{self}"


def t_test(method: str, estimate: Estimate, null: float = 0.0) -> SignificanceTest:
    r"""Two-sided test of one estimate, :math:`t = (\hat\theta - \theta_0) / \widehat{se}`.

    Parameters
    ----------
    method : str
    estimate : Estimate
        One entry; its degrees of freedom are those of the test.
    null : float
        The value under the hypothesis.

    Returns
    -------
    SignificanceTest
        Without statistic and p-value where the estimate is not testable, see
        :attr:`~analysis.estimation.Estimate.is_testable`.

    Examples
    --------
    >>> one = Estimate(
    ...     ("a",), (None,), np.array([2.0]), np.eye(1), np.array([30.0]), np.array([60]), np.array([1.0])
    ... )
    >>> print(t_test("A mean", one))
    A mean: t = 2, df 30, p = 0.0546
    """
    df = estimate.degrees_of_freedom.item()
    has_spread = (estimate.standard_error > 0) & ~estimate.is_weak
    statistic = ((estimate.value - null) / np.where(has_spread, estimate.standard_error, np.nan)).item()
    p_value = 2 * float(stats.t.sf(abs(statistic), df)) if df > 0 else np.nan
    return SignificanceTest(method, "t", statistic, 1.0, df, p_value, estimate)


def f_test(
    method: str,
    statistic: float,
    numerator_df: float,
    denominator_df: float,
    estimate: Estimate | None = None,
) -> SignificanceTest:
    """Refer a statistic to F; without degrees of freedom in the denominator there is no p value.

    Parameters
    ----------
    method : str
    statistic, numerator_df, denominator_df : float
    estimate : Estimate, optional
        Passed on to the result.

    Returns
    -------
    SignificanceTest

    Examples
    --------
    >>> round(f_test("Two terms", 4.0, 2, 40).p_value, 4)
    0.0261
    """
    p_value = float(stats.f.sf(statistic, numerator_df, denominator_df)) if denominator_df > 0 else np.nan
    return SignificanceTest(method, "F", statistic, numerator_df, denominator_df, p_value, estimate)


def wald_test(method: str, estimate: Estimate, denominator_df: float) -> SignificanceTest:
    r"""Test that all entries of an estimate are zero.

    Parameters
    ----------
    method : str
    estimate : Estimate
        k entries.
    denominator_df : float

    Returns
    -------
    SignificanceTest
        :math:`F = \hat\theta^\top \hat V^{-1} \hat\theta / k` on k and ``denominator_df`` degrees of freedom.

    Raises
    ------
    EstimandError
        If the covariance matrix is singular: there are more entries than degrees of freedom.

    Examples
    --------
    >>> two = Estimate(
    ...     ("a", "b"),
    ...     (None, None),
    ...     np.array([2.0, 0.0]),
    ...     np.eye(2),
    ...     np.array([30.0, 30.0]),
    ...     np.array([60, 60]),
    ...     np.ones(2),
    ... )
    >>> wald_test("Two means", two, 30).statistic
    2.0
    """
    statistic = quadratic_form(estimate.value, estimate.covariance) / len(estimate)
    return f_test(method, statistic, len(estimate), denominator_df, estimate)


def quadratic_form(value: FloatArray, covariance: FloatArray) -> float:
    r"""Squared distance from zero, :math:`\hat\theta^\top \hat V^{-1} \hat\theta`.

    Parameters
    ----------
    value : float array, shape (k,)
    covariance : float array, shape (k, k)

    Raises
    ------
    EstimandError
        If the covariance matrix is singular.

    Examples
    --------
    >>> quadratic_form(np.array([3.0, 2.0]), np.diag([9.0, 1.0]))
    5.0
    """
    scale = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(scale, scale) if (scale > 0).all() else np.zeros((1, 1))
    rank = np.linalg.matrix_rank(correlation, hermitian=True)
    if rank < len(value):
        raise EstimandError(
            expected=f"a covariance matrix of rank {len(value)} to test {len(value)} restrictions",
            got=f"rank {rank}",
            hint="Test fewer restrictions at a time, or merge small categories: there are too few PSUs.",
        )
    standardised = value / scale
    return float(standardised @ np.linalg.solve(correlation, standardised))

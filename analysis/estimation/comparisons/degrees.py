"""Degrees of freedom of sums of independent estimates."""

import numpy as np

from analysis.estimation.arrays import FloatArray, IntArray
from analysis.estimation.results.estimate import Estimate

_UNCORRELATED = 1e-10


def satterthwaite(variances: FloatArray, degrees_of_freedom: FloatArray) -> FloatArray:
    r"""Approximate degrees of freedom of a sum of independent parts, :math:`(\sum V)^2 / \sum V^2 / \nu`.

    Parameters
    ----------
    variances, degrees_of_freedom : float array, shape (n_parts, ...)

    Returns
    -------
    float array, shape (...)
        Between the smallest and the sum of the parts' degrees of freedom; infinite where those
        of all parts with a variance are; NaN where a part has none or no part has a variance. Satterthwaite
        (1946).

    Examples
    --------
    >>> satterthwaite(np.array([1.0, 1.0]), np.array([5.0, 5.0])).item()
    10.0
    >>> satterthwaite(np.array([1.0, 1.0]), np.array([np.inf, np.inf])).item()
    inf
    """
    usable = np.where(degrees_of_freedom > 0, degrees_of_freedom, np.nan)
    below = (variances**2 / usable).sum(axis=0)
    total = variances.sum(axis=0)
    df = total**2 / np.where(below > 0, below, np.nan)
    return np.where((below == 0) & (total > 0), np.inf, df)


def pair_degrees(estimate: Estimate, first: IntArray, second: IntArray) -> FloatArray:
    """Degrees of freedom of differences: Satterthwaite's, but no more than the PSUs of both parts give.

    Parameters
    ----------
    estimate : Estimate
    first, second : int array, shape (n_pairs,)
        Positions of the parts.

    Returns
    -------
    float array, shape (n_pairs,)
        NaN where a part has none, or no part a variance.

    Notes
    -----
    Satterthwaite's formula adds up the degrees of freedom of independent parts. Domains that share PSUs, as
    women and men do, are not independent: the bound is PSUs minus strata where either has members,
    which for PSUs of one part only lies above the formula in any case. Replicates do not tell their
    PSUs: correlated parts then have the larger of their own.

    Examples
    --------
    >>> from analysis.estimation import SurveyDesign
    >>> design = SurveyDesign.from_arrays(np.ones(12), clusters=[0, 0, 1, 1, 2, 2] * 2)
    >>> shared = design.mean(np.arange(12.0) % 5, by=["f", "m"] * 6)
    >>> pair_degrees(shared, np.array([0]), np.array([1])).tolist()
    [2.0]
    """
    variance, df = estimate.precision.variance, estimate.degrees_of_freedom
    parts = satterthwaite(np.stack([variance[first], variance[second]]), np.stack([df[first], df[second]]))
    return np.minimum(parts, _most_degrees(estimate, first, second))


def _most_degrees(estimate: Estimate, first: IntArray, second: IntArray) -> FloatArray:
    reach = estimate.precision.reach
    if reach is not None:
        return reach.union_degrees()[first, second]
    variance, df = estimate.precision.variance, estimate.degrees_of_freedom
    size = _UNCORRELATED * np.sqrt(np.abs(variance[first] * variance[second]))
    is_alone = np.abs(estimate.covariance[first, second]) <= size
    return np.where(is_alone, np.inf, np.maximum(df[first], df[second]))

"""Limits of linear combinations from the limits of their parts, where a part has no variance to go by."""

import numpy as np

from analysis.estimation.arrays import FloatArray
from analysis.estimation.results.intervals import Interval


def combine_limits(
    value: FloatArray, limits: Interval, covariance: FloatArray, weights: FloatArray
) -> Interval:
    r"""Recover limits of a combination from those of its parts (MOVER).

    Parameters
    ----------
    value : float array, shape (k,)
        Of the parts.
    limits : Interval
        Of the parts, shape (k,) each.
    covariance : float array, shape (k, k)
        Of the parts; only the correlation counts, 0 for a part without variance.
    weights : float array, shape (k,)

    Returns
    -------
    Interval
        Of the one combination; NaN where a part that counts has none, or the limits would coincide.

    Notes
    -----
    With the distances :math:`d_i` of each part to that limit which lowers the combination,

    .. math:: L = \sum m_i \theta_i - \sqrt{\sum_{ij} \rho_{ij} (m_i d_i)(m_j d_j)},

    and with the other limits U. For a difference that is
    :math:`\theta_1 - \theta_2 - \sqrt{(\theta_1 - l_1)^2 + (u_2 - \theta_2)^2 - 2 \rho (\theta_1 - l_1)(u_2 -
    \theta_2)}`. Symmetric limits give the usual interval back.

    References
    ----------
    Newcombe (1998), Interval estimation for the difference between independent proportions, Stat. Med. 17.
    Zou and Donner (2008), Construction of confidence limits about effect measures, Stat. Med. 27.

    Examples
    --------
    >>> parts = Interval(np.array([0.9, 0.0]), np.array([1.0, 0.1]))
    >>> both = combine_limits(np.array([1.0, 0.0]), parts, np.zeros((2, 2)), np.array([1.0, -1.0]))
    >>> [round(limit.item(), 4) for limit in both]
    [0.8586, 1.0]
    """
    used = weights != 0
    weight, centre = weights[used], value[used]
    below, above = centre - limits.low[used], limits.high[used] - centre
    correlation = _correlation(covariance[np.ix_(used, used)])
    estimate = weight @ centre
    low = estimate - _length(weight * np.where(weight > 0, below, above), correlation)
    high = estimate + _length(weight * np.where(weight > 0, above, below), correlation)
    known = low < high
    return Interval(np.where(known, low, np.nan), np.where(known, high, np.nan))


def _correlation(covariance: FloatArray) -> FloatArray:
    spread = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    scale = np.where(spread > 0, spread, np.inf)
    correlation: FloatArray = np.clip(covariance / np.outer(scale, scale), -1.0, 1.0)
    np.fill_diagonal(correlation, 1.0)
    return correlation


def _length(distances: FloatArray, correlation: FloatArray) -> FloatArray:
    return np.sqrt(np.maximum(distances @ correlation @ distances, 0.0))

"""Degrees of freedom of sums of independent estimates."""

import numpy as np

from analysis.estimation.arrays import FloatArray


def satterthwaite(variances: FloatArray, degrees_of_freedom: FloatArray) -> FloatArray:
    r"""Approximate degrees of freedom of a sum of independent parts, :math:`(\sum V)^2 / \sum V^2 / \nu`.

    Parameters
    ----------
    variances, degrees_of_freedom : float array, shape (n_parts, ...)

    Returns
    -------
    float array, shape (...)
        Between the smallest and the sum of the parts' degrees of freedom; NaN where a part has none
        or no part has a variance. Satterthwaite (1946).

    Examples
    --------
    >>> satterthwaite(np.array([1.0, 1.0]), np.array([5.0, 5.0])).item()
    10.0
    """
    usable = np.where(degrees_of_freedom > 0, degrees_of_freedom, np.nan)
    below = (variances**2 / usable).sum(axis=0)
    return np.asarray(variances.sum(axis=0) ** 2 / np.where(below > 0, below, np.nan))

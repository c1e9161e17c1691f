"""Distribution of weighted sums of chi-squared variables over an estimated scale."""

import numpy as np
from scipy import integrate

from analysis.estimation.arrays import FloatArray

LOG_RANGE = (-40.0, 40.0)


def mixture_sf(statistic: float, weights: FloatArray, denominator_df: float) -> float:
    r"""Probability that a mixture of chi-squared variables exceeds a value, by Imhof's integral.

    Parameters
    ----------
    statistic : float
        Above 0.
    weights : float array, shape (k,)
        The :math:`\lambda_j`, above 0.
    denominator_df : float
        Degrees of freedom :math:`d` of the variance, as in the denominator of F.

    Returns
    -------
    float
        :math:`P(\sum_j \lambda_j \chi^2_1 > x \chi^2_d / d)`, to about 1e-10; with equal weights that is the
        upper tail of F.

    Notes
    -----
    :math:`P(Q > 0) = \frac12 + \frac1\pi \int_0^\infty \frac{\sin \theta(u)}{u \rho(u)} du` for
    :math:`Q = \sum a_j \chi^2_{h_j}`, where :math:`\theta(u) = \frac12 \sum h_j \arctan(a_j u)` and
    :math:`\rho(u) = \prod (1 + a_j^2 u^2)^{h_j / 4}`; here the last coefficient is :math:`-x / d`.

    References
    ----------
    Imhof, J. P. (1961). Computing the distribution of quadratic forms in normal variables.
    Biometrika 48, 419-426.

    Examples
    --------
    >>> round(mixture_sf(4.0, np.array([1.0, 1.0]), 40.0), 6)
    0.148644
    """
    coefficients = np.append(weights, -statistic / denominator_df) / weights.max()
    df = np.append(np.ones(len(weights)), denominator_df)

    def integrand(log_u: float) -> float:
        product = coefficients * np.exp(log_u)
        return float(np.sin(df @ np.arctan(product) / 2) * np.exp(-(df @ np.log1p(product**2)) / 4))

    value, _ = integrate.quad(integrand, *LOG_RANGE, limit=2000, epsabs=1e-11)
    return float(np.clip(0.5 + value / np.pi, 0.0, 1.0))

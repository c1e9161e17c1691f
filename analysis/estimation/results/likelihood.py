"""Profile likelihood limits of a share, scaled to the design."""

import numpy as np
from scipy import optimize, special

from analysis.estimation.arrays import FloatArray


def likelihood_limits(
    share: FloatArray, effective_n: FloatArray, n: FloatArray, t_quantile: FloatArray
) -> tuple[FloatArray, FloatArray]:
    r"""Solve for the shares whose scaled likelihood ratio is that of the quantile.

    Parameters
    ----------
    share : float array
        Estimates; limits are NaN unless strictly between 0 and 1.
    effective_n : float array
        :math:`p(1-p)/\hat V`.
    n : float array
        Answers, for the dispersion n / (n - 1) of the fit.
    t_quantile : float array
        Two-sided quantile of t.

    Returns
    -------
    low, high : float array

    Notes
    -----
    The limits :math:`\pi` solve :math:`2 \tilde n \frac{n-1}{n} \left( p \log\frac{p}{\pi} +
    (1-p) \log\frac{1-p}{1-\pi} \right) = t^2`: the profile of a quasibinomial fit by an intercept, as
    R's ``svyciprop(method="likelihood")``, which interpolates the same curve by a spline.

    References
    ----------
    Rao, J. N. K. and Scott, A. J. (1984). On chi-squared tests for multiway contingency tables with cell
    proportions estimated from survey data. Annals of Statistics 12, 46-60.

    Examples
    --------
    >>> low, high = likelihood_limits(*(np.array([x]) for x in (0.8, 100.0, 400.0, 1.96)))
    >>> round(low.item(), 3), round(high.item(), 3)
    (0.714, 0.87)
    """
    target = t_quantile**2 * n / ((n - 1) * 2 * effective_n)
    limits = np.array([_solve(*pair) for pair in zip(np.ravel(share), np.ravel(target), strict=True)])
    low, high = limits.reshape(-1, 2).T
    return low.reshape(np.shape(share)), high.reshape(np.shape(share))


def _solve(share: float, target: float) -> tuple[float, float]:
    if not (0 < share < 1 and 0 < target < np.inf):
        return np.nan, np.nan

    def excess(logit: float) -> float:
        tails = share * np.logaddexp(0, -logit) + (1 - share) * np.logaddexp(0, logit)
        return float(tails - special.entr(share) - special.entr(1 - share) - target)

    centre = float(special.logit(share))
    if excess(centre) >= 0:  # the target drowns in rounding
        return np.nan, np.nan
    reach = 1 + (target + 1) / min(share, 1 - share)
    low = optimize.brentq(excess, centre - reach, centre, xtol=1e-13)
    high = optimize.brentq(excess, centre, centre + reach, xtol=1e-13)
    return float(special.expit(low)), float(special.expit(high))

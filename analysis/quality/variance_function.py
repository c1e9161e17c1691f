"""Sampling variances smoothed by a function of sample size: estimated variances of small areas are noisy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.estimation import FloatArray
from analysis.quality.errors import SmallAreaError

MIN_FREE_AREAS = 2


@dataclass(frozen=True, eq=False)
class VarianceFunction:
    """Variances by a log-linear function of what they depend on.

    Attributes
    ----------
    value : float array, shape (m,)
        Smoothed variances, also for areas whose estimated variance is missing or 0.
    coefficients : float array, shape (p,)
        Of the intercept and the predictors, on the log scale.
    correction : float
        Factor that makes the smoothed variances add up to the estimated ones.
    r_squared : float
        Share of the variation of log variances explained.
    """

    value: FloatArray
    coefficients: FloatArray
    correction: float
    r_squared: float


def smooth_variances(
    sampling_variance: FloatArray | Sequence[float],
    n: FloatArray | Sequence[float],
    share: FloatArray | Sequence[float] | None = None,
) -> VarianceFunction:
    r"""Smooth variances by :math:`\log V_i = \beta_0 + \beta_1 \log n_i + \beta_2 \log\{p_i (1 - p_i)\}`.

    Parameters
    ----------
    sampling_variance : float array, shape (m,)
        Estimated; missing ones and zeros take no part in the fit and get a smoothed value.
    n : float array, shape (m,)
        Sample sizes, above 0.
    share : float array, shape (m,), optional
        Shares between 0 and 1, best predicted or synthetic ones: with the direct estimate itself, small
        variances go with extreme estimates and the area model gives those too much weight.

    Returns
    -------
    VarianceFunction

    Raises
    ------
    SmallAreaError
        If sizes or shares cannot be used, or too few variances are known.

    Notes
    -----
    Exponentials of fitted logarithms are too small on average; the ratio of the sums of estimated and fitted
    variances corrects them without assuming that logarithms are normal.

    References
    ----------
    Wolter (2007), Introduction to Variance Estimation, chapter 7. Rivest and Belmonte (2000), Survey
    Methodology 26. Hidiroglou, Beaumont and Yung (2019), Survey Methodology 45.

    Examples
    --------
    >>> smoothed = smooth_variances([4.0, 2.0, 1.0, 0.5, np.nan], [50, 100, 200, 400, 800])
    >>> smoothed.value.round(6).tolist(), smoothed.coefficients.round(6).tolist()[1]
    ([4.0, 2.0, 1.0, 0.5, 0.25], -1.0)
    """
    variance = np.asarray(sampling_variance, dtype=float)
    predictors = _predictors(np.asarray(n, dtype=float), share, len(variance))
    known = np.isfinite(variance) & (variance > 0)
    if known.sum() < predictors.shape[1] + MIN_FREE_AREAS:
        raise SmallAreaError(
            expected=f"at least {predictors.shape[1] + MIN_FREE_AREAS} areas with a variance above 0",
            got=str(int(known.sum())),
            hint="Smooth over more areas, or use the variances as they are.",
        )
    logs = np.log(variance[known])
    coefficients = np.linalg.lstsq(predictors[known], logs, rcond=None)[0]
    fitted = np.exp(predictors @ coefficients)
    correction = float(variance[known].sum() / fitted[known].sum())
    unexplained = ((logs - predictors[known] @ coefficients) ** 2).sum()
    total = ((logs - logs.mean()) ** 2).sum()
    return VarianceFunction(
        value=correction * fitted,
        coefficients=coefficients,
        correction=correction,
        r_squared=float(1 - unexplained / total) if total > 0 else 1.0,
    )


def _predictors(n: FloatArray, share: FloatArray | Sequence[float] | None, n_areas: int) -> FloatArray:
    if len(n) != n_areas or not (n > 0).all():
        raise SmallAreaError(
            expected=f"{n_areas} sample sizes above 0",
            got=f"{len(n)}, the smallest {n.min(initial=np.inf):g}",
            hint="Leave out areas without a sample, or give them the size planned.",
        )
    columns = [np.ones(n_areas), np.log(n)]
    if share is not None:
        p = np.asarray(share, dtype=float)
        if len(p) != n_areas or not ((p > 0) & (p < 1)).all():
            raise SmallAreaError(
                expected=f"{n_areas} shares above 0 and below 1",
                got=f"{len(p)} from {p.min(initial=np.inf):g} to {p.max(initial=-np.inf):g}",
                hint="Divide per cents by 100, and use predicted shares for areas at 0 or 1.",
            )
        columns.append(np.log(p * (1 - p)))
    return np.column_stack(columns)

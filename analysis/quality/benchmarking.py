"""Making small-area estimates add up to the direct figure of the nation."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from analysis.estimation import FloatArray
from analysis.quality.errors import SmallAreaError
from analysis.quality.fay_herriot import SmallAreaEstimates


def _by_ratio(estimates: SmallAreaEstimates, weights: FloatArray, gap: float) -> FloatArray:
    total = float(weights @ estimates.value)
    if total == 0:
        raise SmallAreaError(
            expected="estimates whose weighted mean is not 0",
            got="0",
            hint="Use method 'difference' instead of 'ratio'.",
        )
    return estimates.value * gap / total


def _by_difference(estimates: SmallAreaEstimates, _weights: FloatArray, gap: float) -> FloatArray:
    return np.full(len(estimates), gap)


def _by_error(estimates: SmallAreaEstimates, weights: FloatArray, gap: float) -> FloatArray:
    pull = weights * estimates.mse
    return pull * gap / float(weights @ pull)


BENCHMARKS: dict[str, Callable[[SmallAreaEstimates, FloatArray, float], FloatArray]] = {
    "ratio": _by_ratio,
    "difference": _by_difference,
    "mse": _by_error,
}


def benchmark(
    estimates: SmallAreaEstimates,
    target: float,
    weights: FloatArray | Sequence[float],
    *,
    method: str = "ratio",
) -> SmallAreaEstimates:
    r"""Adjust estimates so that their weighted mean is the direct figure of the whole.

    Parameters
    ----------
    estimates : SmallAreaEstimates
    target : float
        Direct, design-based figure of the nation.
    weights : float array, shape (m,)
        Population of each area, or its share; at least 0.
    method : {"ratio", "difference", "mse"}
        Multiply all by the same factor, add the same to all, or add in proportion to weight times mean
        squared error, so that well-estimated areas move least.

    Returns
    -------
    SmallAreaEstimates
        The mean squared error grows by the square of the adjustment, which leaves out the error of the
        target.

    Raises
    ------
    SmallAreaError
        If the weights or the method cannot be used.

    Notes
    -----
    With shares :math:`w_i` of sum 1 and :math:`d = t - \sum w_i \hat\theta_i` the adjustments are
    :math:`\hat\theta_i d / \sum w_j \hat\theta_j`, :math:`d`, and :math:`w_i M_i d / \sum w_j^2 M_j`.

    References
    ----------
    Wang, Fuller and Qu (2008), Survey Methodology 34. Steorts and Ghosh (2013), Statistica Sinica 23. Rao and
    Molina (2015), Small Area Estimation, 2nd edition, section 6.4.6.

    Examples
    --------
    >>> from analysis.quality.fay_herriot import fit_fay_herriot
    >>> areas = fit_fay_herriot([80.0, 84.0, 90.0, 83.0], [4.0, 1.0, 9.0, 2.0])
    >>> national = benchmark(areas, 84.0, [1.0, 1.0, 2.0, 1.0], method="difference")
    >>> round(float(np.average(national.value, weights=[1, 1, 2, 1])), 9)
    84.0
    """
    if method not in BENCHMARKS:
        raise SmallAreaError(
            expected=f"a method among {', '.join(BENCHMARKS)}", got=repr(method), hint="Use 'ratio'."
        )
    shares = _shares(np.asarray(weights, dtype=float), len(estimates))
    adjustment = BENCHMARKS[method](estimates, shares, target - float(shares @ estimates.value))
    return replace(
        estimates,
        value=estimates.value + adjustment,
        mse=estimates.mse + adjustment**2,
        adjustment=estimates.adjustment + adjustment,
    )


def _shares(weights: FloatArray, n_areas: int) -> FloatArray:
    usable = len(weights) == n_areas and bool(np.isfinite(weights).all()) and bool((weights >= 0).all())
    if not usable or weights.sum() == 0:
        raise SmallAreaError(
            expected=f"{n_areas} finite weights of at least 0, not all 0",
            got=f"{len(weights)} with sum {weights.sum():g}",
            hint="Pass the population of every area.",
        )
    return weights / weights.sum()

"""Trimming: extreme weights are cut, and what is cut off goes to the others."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.estimation import BoolArray, FloatArray
from analysis.weighting.errors import BoundsError, WeightingError
from analysis.weighting.margins import check_weights

MULTIPLE_OF_IQR = 6.0
MULTIPLE_OF_MEDIAN = 3.5
_QUARTILES = (0.25, 0.75)
_SUMS_AGREE = 1e-9
_TIE = 1e-9


@dataclass(frozen=True, eq=False)
class Trimming:
    """Factors of trimmed weights.

    Attributes
    ----------
    factor : float array, shape (n_rows,)
        Below 1 where a weight was cut, a little above 1 where it got a share of what was cut off.
    lower, upper : float
        Limits of the weights.
    n_raised, n_cut : int
        Weights at the lower and at the upper limit that were beyond it, at first or by redistribution.
    """

    factor: FloatArray
    lower: float
    upper: float
    n_raised: int
    n_cut: int


def trim(
    weights: FloatArray, *, lower: float = -np.inf, upper: float = np.inf, is_strict: bool = True
) -> Trimming:
    r"""Cut weights to limits and spread the difference evenly over the weights between them.

    Parameters
    ----------
    weights : float array, shape (n_rows,)
        Rows with a weight of 0 take no part.
    lower, upper : float
        Limits of the weights, for example from :func:`trimming_limit`.
    is_strict : bool
        Repeat until no weight is beyond a limit; what was once cut stays at its limit. Otherwise cut
        once, after which shares may push other weights over a limit.

    Returns
    -------
    Trimming
        The sum of the weights does not change.

    Raises
    ------
    WeightingError
        If a weight is below 0, missing or infinite.
    BoundsError
        If a limit is missing, the limits cross, or weights within them cannot have the same sum.

    Notes
    -----
    In each round, weights beyond a limit are put at it, and every weight that never was beyond one gets
    :math:`\sum (w - w_{\text{cut}}) / m`, where :math:`m` is their number: R's ``trimWeights``. A weight that
    equals a limit but for rounding (1e-9) is not beyond it, since limits often are weights themselves.
    Trimmed weights no longer meet known totals: trim before calibrating, or calibrate again.

    References
    ----------
    Potter (1990), A study of procedures to identify and trim extreme sampling weights, ASA SRMS.

    Examples
    --------
    >>> trimming = trim(np.array([1.0, 1.0, 6.0]), upper=4.0)
    >>> (np.array([1.0, 1.0, 6.0]) * trimming.factor).round(9).tolist()
    [2.0, 2.0, 4.0]
    """
    base = check_weights(weights)
    has_weight = base > 0
    start = base[has_weight]
    _check_limits(start, lower, upper)
    trimmed, is_fixed = start, np.zeros(len(start), dtype=bool)
    for _ in range(len(start) if is_strict else 1):
        is_outside = (trimmed < lower - _TIE * abs(lower)) | (trimmed > upper + _TIE * abs(upper))
        if not is_outside.any():
            break
        is_fixed |= is_outside
        trimmed = _spread(trimmed, (lower, upper), ~is_fixed)
    factor = np.ones(len(base))
    factor[has_weight] = trimmed / start
    return Trimming(
        factor=factor,
        lower=lower,
        upper=upper,
        n_raised=int((is_fixed & (trimmed <= lower)).sum()),
        n_cut=int((is_fixed & (trimmed >= upper)).sum()),
    )


def trimming_limit(weights: FloatArray, *, rule: str = "median_iqr", multiple: float | None = None) -> float:
    """Return an upper limit of the weights by a named rule.

    Parameters
    ----------
    weights : float array, shape (n_rows,)
    rule : str
        ``median_iqr``: median plus a multiple (6 by default) of the interquartile range;
        ``median``: a multiple (3.5 by default) of the median.
    multiple : float, optional

    Returns
    -------
    float

    Raises
    ------
    WeightingError
        If there is no such rule, the multiple is not above 0, or a weight is below 0, missing or infinite.

    References
    ----------
    Potter and Zheng (2015), Methods and issues in trimming extreme weights in sample surveys, ASA SRMS.

    Examples
    --------
    >>> trimming_limit(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), multiple=2)
    7.0
    """
    if rule not in TRIMMING_RULES:
        raise WeightingError(
            expected=f"one of the trimming rules {', '.join(TRIMMING_RULES)}",
            got=repr(rule),
            hint="Choose a rule before seeing the estimates, and keep it from round to round.",
        )
    function, usual = TRIMMING_RULES[rule]
    chosen = usual if multiple is None else multiple
    if not chosen > 0:
        raise WeightingError(
            expected="a multiple above 0", got=f"{chosen:g}", hint=f"The usual one is {usual:g}."
        )
    return function(check_weights(weights), chosen)


def _median_iqr(weights: FloatArray, multiple: float) -> float:
    first, third = np.quantile(weights, _QUARTILES)
    return float(np.median(weights) + multiple * (third - first))


def _median(weights: FloatArray, multiple: float) -> float:
    return float(multiple * np.median(weights))


TRIMMING_RULES: dict[str, tuple[Callable[[FloatArray, float], float], float]] = {
    "median_iqr": (_median_iqr, MULTIPLE_OF_IQR),
    "median": (_median, MULTIPLE_OF_MEDIAN),
}


def _spread(weights: FloatArray, limits: tuple[float, float], is_free: BoolArray) -> FloatArray:
    """Cut weights and share out the surplus; where no weight is free, those at the other limit take it."""
    lower, upper = limits
    cut = np.clip(weights, lower, upper)
    surplus = float((weights - cut).sum())
    takes = is_free if is_free.any() else (cut < upper if surplus > 0 else cut > lower)
    return np.asarray(cut + np.where(takes, surplus / max(int(takes.sum()), 1), 0.0))


def _check_limits(weights: FloatArray, lower: float, upper: float) -> None:
    total, n = float(weights.sum()), len(weights)
    slack = _SUMS_AGREE * abs(total)
    if not lower <= upper or lower * n > total + slack or upper * n < total - slack:
        raise BoundsError(
            expected=f"limits on both sides of the mean weight, {total / max(n, 1):g}",
            got=f"{lower:g} and {upper:g}",
            hint="Wider limits: the weights must keep their sum.",
        )

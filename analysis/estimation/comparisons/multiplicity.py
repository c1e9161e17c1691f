"""P-values of many comparisons at once."""

from collections.abc import Callable

import numpy as np

from analysis.estimation.arrays import FloatArray
from analysis.estimation.errors import EstimandError


def _holm(ordered: FloatArray) -> FloatArray:
    steps = np.arange(len(ordered), 0, -1)
    return np.maximum.accumulate(ordered * steps)


def _holm_directional(ordered: FloatArray) -> FloatArray:
    steps = len(ordered) - np.arange(len(ordered)) / 2
    return np.maximum.accumulate(ordered * steps)


def _benjamini_hochberg(ordered: FloatArray) -> FloatArray:
    steps = len(ordered) / np.arange(1, len(ordered) + 1)
    return np.asarray(np.minimum.accumulate((ordered * steps)[::-1])[::-1])


ADJUSTMENTS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "none": lambda ordered: ordered,
    "bonferroni": lambda ordered: ordered * len(ordered),
    "holm": _holm,
    "holm_directional": _holm_directional,
    "bh": _benjamini_hochberg,
}


def adjust_p_values(p_values: FloatArray, method: str = "holm") -> FloatArray:
    """Adjust p-values for their number.

    Parameters
    ----------
    p_values : float array, shape (k,)
        NaN marks a comparison that was not made: it stays NaN and does not count.
    method : {"holm", "holm_directional", "bonferroni", "bh", "none"}
        Holm (1979) and Bonferroni hold the probability of any false finding, Benjamini and Hochberg
        (1995) the expected share of false ones. ``holm_directional`` takes every two-sided p-value as two
        one-sided tests: Holm over all 2k of them, so that "higher" and "lower" are covered too, whatever
        the dependence between the tests.

    Returns
    -------
    float array, shape (k,)

    Raises
    ------
    EstimandError
        If the method is unknown.

    Examples
    --------
    >>> adjust_p_values(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    if method not in ADJUSTMENTS:
        raise EstimandError(
            expected=f"an adjustment among {', '.join(ADJUSTMENTS)}",
            got=repr(method),
            hint="Use 'holm' if in doubt.",
        )
    known = np.flatnonzero(~np.isnan(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    adjusted = np.full(len(p_values), np.nan)
    adjusted[order] = np.minimum(ADJUSTMENTS[method](p_values[order]), 1.0)
    return adjusted

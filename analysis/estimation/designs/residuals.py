"""What calibration explains of the scores of ratios and totals, one variable at a time."""

from collections.abc import Callable

import numpy as np

from analysis.estimation.arrays import FloatArray, IntArray
from analysis.estimation.designs.calibration import Calibration
from analysis.estimation.domains import Domains
from analysis.estimation.rows.columns import Column, Variables
from analysis.estimation.rows.scores import linearise_ratio


def explain_ratios(
    calibration: Calibration,
    variables: Variables,
    domains: Domains,
    unit: IntArray,
    weights: FloatArray,
    *,
    is_total: bool = False,
) -> Callable[[FloatArray, FloatArray], FloatArray]:
    """Sum variables by auxiliary variable and domain, as :class:`.SumEstimator` asks.

    Parameters
    ----------
    calibration : Calibration
    variables : Variables
    domains : Domains
    unit : int array, shape (n_rows,)
    weights : float array, shape (n_rows,)
        After calibration.
    is_total : bool
        Whether the variables are totals, which have no denominator.

    Returns
    -------
    callable
        From ratios and totals, shape (n_domains, k), to explained scores, shape (n_units, n_domains, k).
    """
    has_weight = weights != 0
    above, below = [], []
    for column in variables:
        both = calibration.totals_by(domains, _unweighted(column, has_weight, is_total=is_total))
        above.append(both[:, :, 0])
        below.append(both[:, :, 1])
    top, bottom = np.stack(above, axis=2), np.stack(below, axis=2)
    n_units = int(unit.max()) + 1

    def explained(ratio: FloatArray, total: FloatArray) -> FloatArray:
        scores = linearise_ratio(top, bottom, ratio, total)
        return calibration.explained(scores, unit, n_units, weights)

    return explained


def _unweighted(column: Column, has_weight: np.ndarray, *, is_total: bool) -> FloatArray:
    """Numerator and denominator of every row, 0 where it takes no part, shape (n_rows, 2)."""
    valid = has_weight if column.valid is None else has_weight & column.valid
    above = np.where(valid, column.numerator, 0.0)
    if is_total:
        return np.column_stack([above, np.zeros_like(above)])
    below = valid.astype(float) if column.denominator is None else np.where(valid, column.denominator, 0.0)
    return np.column_stack([above, below])

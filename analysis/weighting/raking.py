"""Weights that add up to known population margins, category by category: post-stratification and raking."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.estimation import FloatArray, IntArray
from analysis.weighting.errors import ConvergenceError, MarginError
from analysis.weighting.margins import Margin, check_totals, check_weights, encode_margin, scale_totals

TOLERANCE = 1e-10
MAX_ITERATIONS = 1000
NEGATIVE_FACTORS = (
    "{n} respondents have a weight below 0. Totals and their errors are right, but figures of small groups "
    "may make no sense: calibrate with bounds or by raking."
)


@dataclass(frozen=True, eq=False)
class CalibrationFactors:
    """Factors that bring the weights to known totals.

    Attributes
    ----------
    factor : float array, shape (n_rows,)
    n_iterations : int
    largest_difference : float
        Largest relative difference between a weighted total and the known one.
    """

    factor: FloatArray
    n_iterations: int
    largest_difference: float

    @property
    def n_negative(self) -> int:
        """Number of factors below 0, which only a linear distance without bounds gives."""
        return int((self.factor < 0).sum())

    @property
    def note(self) -> str:
        """What a reader of the weights must know; empty if nothing."""
        return NEGATIVE_FACTORS.format(n=self.n_negative) if self.n_negative else ""


def poststratify(weights: FloatArray, margin: Margin) -> CalibrationFactors:
    r"""Bring the weights to the total of every post-stratum, :math:`N_h / \sum_{s_h} w`.

    Parameters
    ----------
    weights : float array, shape (n_rows,)
    margin : Margin
        Post-strata; those of several variables are crossed, see
        :func:`~analysis.weighting.margins.cross_labels`.

    Returns
    -------
    CalibrationFactors

    Raises
    ------
    WeightingError
        If a weight is below 0, missing or infinite.
    MarginError
        If a post-stratum lacks a total or respondents, or a total is not above 0.

    References
    ----------
    Holt and Smith (1979), Post stratification, JRSS A 142.

    Examples
    --------
    >>> margin = Margin("sex", ["f", "m", "m"], {"f": 60.0, "m": 40.0})
    >>> poststratify(np.array([10.0, 10.0, 30.0]), margin).factor.tolist()
    [6.0, 1.0, 1.0]
    """
    weights = check_weights(weights)
    codes, totals = encode_margin(margin, weights)
    achieved = np.bincount(codes, weights=weights, minlength=len(totals))
    factor = (totals / achieved)[codes]
    return CalibrationFactors(factor, 1, _largest_difference(weights * factor, codes, totals))


def rake(
    weights: FloatArray,
    margins: Sequence[Margin],
    *,
    tolerance: float = TOLERANCE,
    max_iterations: int = MAX_ITERATIONS,
) -> CalibrationFactors:
    """Adjust weights to all margins in turn until every one is met (Deming and Stephan 1940).

    Parameters
    ----------
    weights : float array, shape (n_rows,)
    margins : sequence of Margin
        With the same population total.
    tolerance : float
        Largest relative difference allowed at the end.
    max_iterations : int
        Rounds over all margins.

    Returns
    -------
    CalibrationFactors

    Raises
    ------
    WeightingError
        If a weight is below 0, missing or infinite.
    MarginError
        If a category lacks a total or respondents, a total is not above 0, or totals disagree.
    ConvergenceError
        If the margins are not met after the last round.

    Examples
    --------
    >>> margin = Margin("sex", ["f", "m", "m"], {"f": 60.0, "m": 40.0})
    >>> rake(np.ones(3), [margin]).factor.tolist()
    [60.0, 20.0, 20.0]
    """
    weights = check_weights(weights)
    encoded = [encode_margin(margin, weights) for margin in margins]
    _check_margins(margins)
    encoded = [(codes, scale_totals(totals, margins[0].total)) for codes, totals in encoded]
    factor = np.ones(len(weights))
    difference = np.inf
    for iteration in range(1, max_iterations + 1):
        for codes, totals in encoded:
            achieved = np.bincount(codes, weights=weights * factor, minlength=len(totals))
            factor *= (totals / achieved)[codes]
        difference = max(_largest_difference(weights * factor, codes, totals) for codes, totals in encoded)
        if difference <= tolerance:
            return CalibrationFactors(factor, iteration, difference)
    raise ConvergenceError(
        expected=f"all margins met within {tolerance:g} after {max_iterations} rounds",
        got=f"a relative difference of {difference:.2g}",
        hint="Margins that contradict each other through empty cells never meet: merge thin categories.",
    )


def _largest_difference(weights: FloatArray, codes: IntArray, totals: FloatArray) -> float:
    achieved = np.bincount(codes, weights=weights, minlength=len(totals))
    return float(np.max(np.abs(achieved / totals - 1)))


def _check_margins(margins: Sequence[Margin]) -> None:
    if not margins:
        raise MarginError(
            expected="at least one margin",
            got="none",
            hint="Without margins, stop after the nonresponse adjustment.",
        )
    check_totals(margins)

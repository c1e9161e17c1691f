r"""Distances that calibration keeps small, each by the factor it gives to a row.

A calibrated weight is :math:`w F(u)` with :math:`u = x^\top \lambda`: the function :math:`F` belongs to the
distance between old and new weights (Deville and Särndal 1992, section 2; Deville, Särndal and Sautory
1993). The multipliers minimise the convex function :math:`\sum w H(u) - \lambda^\top T`, where
:math:`H' = F`, so every distance is known here by :math:`F`, its slope and its integral.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from analysis.estimation import FloatArray
from analysis.weighting.errors import BoundsError, WeightingError

type Function = Callable[[FloatArray], FloatArray]
type Bounds = tuple[float, float]

NO_BOUNDS: Bounds = (-np.inf, np.inf)


@dataclass(frozen=True)
class Distance:
    """Factor of a row as a function of its :math:`u`; 1 at 0, where its slope is 1 too.

    Attributes
    ----------
    factor, slope, integral : function of float array to float array of the same shape
        :math:`F`, :math:`F'` and an :math:`H` with :math:`H' = F`.
    limits : pair of floats
        Factors lie between them, bounds or not.
    """

    factor: Function
    slope: Function
    integral: Function
    limits: Bounds

    def truncated(self, bounds: Bounds, low: float, high: float) -> "Distance":
        """Return the distance whose factor stops at bounds, which it meets where u is low and high."""

        def inside(u: FloatArray) -> FloatArray:
            return np.clip(u, low, high)

        return Distance(
            factor=lambda u: self.factor(inside(u)),
            slope=lambda u: np.where((u > low) & (u < high), self.slope(inside(u)), 0.0),
            integral=lambda u: self.integral(inside(u)) + self.factor(inside(u)) * (u - inside(u)),
            limits=bounds,
        )


def find_distance(method: str, bounds: Bounds | None = None) -> Distance:
    """Return a distance by name, with the factors kept within bounds if there are any.

    Parameters
    ----------
    method : str
        ``linear`` (the generalised regression estimator; truncated at the bounds), ``raking`` (exponential,
        never below 0; truncated at the bounds) or ``logit`` (smooth between the bounds, which it needs).
    bounds : pair of floats, optional
        Least and greatest factor, below and above 1.

    Returns
    -------
    Distance

    Raises
    ------
    WeightingError
        If there is no such distance.
    BoundsError
        If the bounds do not lie on both sides of 1, or ``logit`` has none.

    Examples
    --------
    >>> find_distance("linear").factor(np.array([0.0, 0.5])).tolist()
    [1.0, 1.5]
    >>> find_distance("logit", (0.5, 2.0)).factor(np.array([-1e3, 0.0, 1e3])).tolist()
    [0.5, 1.0, 2.0]
    """
    if method not in DISTANCES:
        raise WeightingError(
            expected=f"one of the distances {', '.join(DISTANCES)}",
            got=repr(method),
            hint="Choose raking for positive weights, logit or linear with bounds for limited factors.",
        )
    low, high = NO_BOUNDS if bounds is None else bounds
    if not low < 1 < high:
        raise BoundsError(
            expected="a lower bound below 1 and an upper bound above 1",
            got=f"{low:g} and {high:g}",
            hint="Bounds limit the factor that a weight is multiplied with, not the weight itself.",
        )
    return DISTANCES[method](low, high)


def _linear(low: float, high: float) -> Distance:
    distance = Distance(lambda u: 1 + u, np.ones_like, lambda u: u + u**2 / 2, NO_BOUNDS)
    return distance if (low, high) == NO_BOUNDS else distance.truncated((low, high), low - 1, high - 1)


def _raking(low: float, high: float) -> Distance:
    low = max(low, 0.0)
    distance = Distance(np.exp, np.exp, np.exp, (0.0, np.inf))
    if (low, high) == distance.limits:
        return distance
    return distance.truncated((low, high), np.log(low) if low > 0 else -np.inf, np.log(high))


def _logit(low: float, high: float) -> Distance:
    r""":math:`F = L + (U - L) p(u)` with a logistic :math:`p` that gives 1 at 0 with slope 1."""
    if not (np.isfinite(low) and np.isfinite(high)):
        raise BoundsError(
            expected="two finite bounds for the logit distance",
            got=f"{low:g} and {high:g}",
            hint="Give bounds such as (0.5, 2), or use raking, which needs none.",
        )
    width = high - low
    rate = width / ((1 - low) * (high - 1))
    start = np.log((1 - low) / (high - 1))

    def share(u: FloatArray) -> FloatArray:
        return np.asarray(expit(start + rate * u))

    return Distance(
        factor=lambda u: low + width * share(u),
        slope=lambda u: width * rate * share(u) * (1 - share(u)),
        integral=lambda u: low * u + width / rate * np.logaddexp(0.0, start + rate * u),
        limits=(low, high),
    )


DISTANCES: dict[str, Callable[[float, float], Distance]] = {
    "linear": _linear,
    "raking": _raking,
    "logit": _logit,
}

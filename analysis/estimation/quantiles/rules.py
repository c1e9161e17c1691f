"""Quantiles of weighted values by the twelve rules of R ``survey``: functions of the ordered sample."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray
from analysis.estimation.errors import EstimandError

TIE_TOLERANCE = 1e-12


@dataclass(frozen=True, eq=False)
class OrderedSample:
    """Values in ascending order with their weights, those of weight 0 left out.

    Attributes
    ----------
    values : float array, shape (n,)
    weights : float array, shape (n,)
        Not 0; some may be negative, as generalised bootstraps make them.
    """

    values: FloatArray
    weights: FloatArray

    @classmethod
    def from_rows(cls, values: FloatArray, weights: FloatArray) -> Self:
        """Order values; rows with equal values keep their order.

        Examples
        --------
        >>> OrderedSample.from_rows(np.array([3.0, 1.0]), np.array([1.0, 2.0])).values.tolist()
        [1.0, 3.0]
        """
        order = np.argsort(values, kind="stable")
        return cls(values[order], np.ones(len(order))).reweighted(weights[order])

    def __len__(self) -> int:
        return len(self.values)

    @property
    def total(self) -> float:
        """Sum of the weights."""
        return float(self.cumulative[-1]) if len(self) else 0.0

    @cached_property
    def cumulative(self) -> FloatArray:
        """Sums of the weights up to each value."""
        return np.cumsum(self.weights)

    def reweighted(self, weights: FloatArray) -> Self:
        """Return the same ordered values with other weights, for example those of a replicate."""
        used = weights != 0
        return type(self)(self.values[used], weights[used])

    def distinct(self) -> Self:
        """Join equal values into one that carries their weight."""
        values, position = np.unique(self.values, return_inverse=True)
        return type(self)(values, np.bincount(position, weights=self.weights))


@dataclass(frozen=True, eq=False)
class Bracket:
    """Order statistics around probabilities.

    Attributes
    ----------
    below, above : int array
        The last position where F does not exceed the probability, and the next one.
    is_tie : bool array
        Whether F meets the probability at ``below``, but for rounding.
    share : float array
        Where between F(below) and F(above) the probability lies, from 0 to 1.
    """

    below: IntArray
    above: IntArray
    is_tie: BoolArray
    share: FloatArray


def find_bracket(sample: OrderedSample, probs: FloatArray) -> Bracket:
    """Find the order statistics around probabilities; a tie is one within 1e-12 of F.

    Before the first value F is 0 and both are the first value.

    Examples
    --------
    >>> sample = OrderedSample.from_rows(np.arange(4.0), np.ones(4))
    >>> find_bracket(sample, np.array([0.5])).is_tie.tolist()
    [True]
    """
    position = _last_up_to(sample, (probs + TIE_TOLERANCE) * sample.total)
    below, above = np.maximum(position, 0), np.minimum(position + 1, len(sample) - 1)
    start = np.where(position < 0, 0.0, sample.cumulative[below] / sample.total)
    width = sample.cumulative[above] / sample.total - start
    share = np.where(above > below, (probs - start) / np.where(width == 0, 1.0, width), 0.0)
    return Bracket(below, above, (position >= 0) & (np.abs(probs - start) <= TIE_TOLERANCE), share)


def _last_up_to(sample: OrderedSample, sums: FloatArray) -> IntArray:
    """Last position whose cumulative weight does not exceed a sum; -1 if there is none."""
    if sample.weights.min() > 0:
        return np.searchsorted(sample.cumulative, sums, side="right") - 1
    is_below = sample.cumulative[:, None] <= sums
    last = len(sample) - 1 - np.argmax(is_below[::-1], axis=0)
    return np.asarray(np.where(is_below.any(axis=0), last, -1))


type Rule = Callable[[OrderedSample, FloatArray], FloatArray]


def _math(sample: OrderedSample, probs: FloatArray) -> FloatArray:
    found = find_bracket(sample, probs)
    return np.where(found.is_tie, sample.values[found.below], sample.values[found.above])


def _school(sample: OrderedSample, probs: FloatArray) -> FloatArray:
    found = find_bracket(sample, probs)
    upper = sample.values[found.above]
    return np.where(found.is_tie, (sample.values[found.below] + upper) / 2, upper)


def _nearest_even(sample: OrderedSample, probs: FloatArray) -> FloatArray:
    distinct = sample.distinct()
    found = find_bracket(distinct, probs)
    is_even = (found.below + 1) % 2 == 0
    return np.where(found.is_tie & is_even, distinct.values[found.below], distinct.values[found.above])


def _between(sample: OrderedSample, probs: FloatArray) -> FloatArray:
    found = find_bracket(sample, probs)
    return sample.values[found.below] * (1 - found.share) + sample.values[found.above] * found.share


type Positions = Callable[[OrderedSample], FloatArray]


def _plotted(shift: float, beyond: float) -> Positions:
    """Positions F less a part of the value's weight, over 1 plus a part of the last one's."""

    def positions(sample: OrderedSample) -> FloatArray:
        shifted = sample.cumulative - shift * sample.weights
        return np.asarray(shifted / (sample.total + beyond * sample.weights[-1]))

    return positions


def _shah_vaish(sample: OrderedSample) -> FloatArray:
    """R subtracts half the raw weight rather than half the scaled one; so does this, to give its numbers."""
    scaled = sample.cumulative * len(sample) / sample.total
    return np.asarray((scaled + 0.5 - sample.weights / 2) / (len(sample) + 1))


def _by_position(positions: Positions, sample: OrderedSample) -> tuple[FloatArray, FloatArray]:
    """Return plotting positions in ascending order with their values, equal positions averaged."""
    position, inverse, count = np.unique(positions(sample), return_inverse=True, return_counts=True)
    return position, np.bincount(inverse, weights=sample.values) / count


def _interpolate(positions: Positions) -> Rule:
    def rule(sample: OrderedSample, probs: FloatArray) -> FloatArray:
        return np.interp(probs, *_by_position(positions, sample))

    return rule


def _step(positions: Positions) -> Rule:
    def rule(sample: OrderedSample, probs: FloatArray) -> FloatArray:
        position, values = _by_position(positions, sample)
        found: FloatArray = values[np.maximum(np.searchsorted(position, probs, side="right") - 1, 0)]
        return found

    return rule


RULES: dict[str, Rule] = {
    "math": _math,
    "school": _school,
    "shahvaish": _step(_shah_vaish),
    "hf1": _math,
    "hf2": _school,
    "hf3": _nearest_even,
    "hf4": _between,
    "hf5": _interpolate(_plotted(1 / 2, 0)),
    "hf6": _interpolate(_plotted(0, 1)),
    "hf7": _interpolate(_plotted(1, -1)),
    "hf8": _interpolate(_plotted(1 / 3, 1 / 3)),
    "hf9": _interpolate(_plotted(3 / 8, 1 / 4)),
}


def find_rule(name: str) -> Rule:
    """Return the quantile rule of a name.

    Raises
    ------
    EstimandError
        If no rule has that name.

    Examples
    --------
    >>> find_rule("hf1") is find_rule("math")
    True
    """
    if name not in RULES:
        raise EstimandError(
            expected=f"a quantile rule among {', '.join(RULES)}",
            got=repr(name),
            hint="math, the inverse of the distribution function, is the usual one.",
        )
    return RULES[name]


def apply_rule(rule: Rule, sample: OrderedSample, probs: FloatArray) -> FloatArray:
    """Quantiles of a sample at probabilities; NaN where either is undefined.

    Parameters
    ----------
    rule : callable
        From :data:`RULES`.
    sample : OrderedSample
    probs : float array, shape (k,)
        May hold NaN.

    Returns
    -------
    float array, shape (k,)

    Examples
    --------
    >>> sample = OrderedSample.from_rows(np.arange(5.0), np.ones(5))
    >>> apply_rule(find_rule("school"), sample, np.array([0.5, 0.6, np.nan])).tolist()
    [2.0, 2.5, nan]
    """
    defined = ~np.isnan(probs)
    if sample.total <= 0:
        return np.full(len(probs), np.nan)
    if len(sample) == 1:
        return np.where(defined, sample.values[0], np.nan)
    return np.where(defined, rule(sample, np.where(defined, probs, 0.5)), np.nan)


def weighted_quantile(
    values: FloatArray, weights: FloatArray, probs: FloatArray, rule: str = "math"
) -> FloatArray:
    r"""Quantiles of weighted values, without any precision.

    Parameters
    ----------
    values : float array, shape (n,)
        NaN is a missing answer.
    weights : float array, shape (n,)
    probs : float array, shape (k,)
        Between 0 and 1.
    rule : str
        ``math`` or ``hf1``, the inverse :math:`\min\{x: \hat F(x) \ge p\}`; ``school`` or ``hf2``, which
        averages where :math:`\hat F = p`; ``shahvaish``; ``hf3`` ... ``hf9``, weighted forms of the
        types 3 to 9 of Hyndman and Fan.

    Returns
    -------
    float array, shape (k,)

    Raises
    ------
    EstimandError
        If the rule is unknown.

    Notes
    -----
    As ``qrule`` of R ``survey``, with two differences: :math:`\hat F = p` has a tolerance of 1e-12, so
    that rounding in the sum of weights does not decide, and a probability below the first
    weight's share gives the first value under every rule (R's discrete rules give the second).

    References
    ----------
    Hyndman and Fan (1996), Sample quantiles in statistical packages. Shah and Vaish (2006).

    Examples
    --------
    >>> weighted_quantile(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0]), np.array([0.5])).tolist()
    [2.0]
    """
    answered = ~np.isnan(values)
    sample = OrderedSample.from_rows(values[answered], weights[answered])
    return apply_rule(find_rule(rule), sample, np.asarray(probs, dtype=float))

"""Confidence intervals by method: a dispatch table of small functions on a common set of moments."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import stats

from analysis.estimation.arrays import BoolArray, FloatArray
from analysis.estimation.errors import IntervalError
from analysis.estimation.results.likelihood import likelihood_limits
from analysis.estimation.results.precision import NEGLIGIBLE


class Interval(NamedTuple):
    """Lower and upper limits, one per estimate."""

    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, eq=False)
class Moments:
    """What an interval is made of, one entry per estimate.

    Attributes
    ----------
    value, standard_error : float array
    degrees_of_freedom : float array
    n : float array
        Answers behind the estimate.
    level : float
        Confidence level, for example 0.95.
    """

    value: FloatArray
    standard_error: FloatArray
    degrees_of_freedom: FloatArray
    n: FloatArray
    level: float

    @property
    def alpha(self) -> float:
        """Both tails together."""
        return 1 - self.level

    @property
    def t_quantile(self) -> FloatArray:
        """Two-sided quantile of t with the estimate's own degrees of freedom; NaN where there are none."""
        usable = np.where(self.degrees_of_freedom > 0, self.degrees_of_freedom, np.nan)
        return np.asarray(stats.t.ppf(1 - self.alpha / 2, usable))

    @property
    def effective_n(self) -> FloatArray:
        r"""Size :math:`p(1-p)/\hat V` of the simple random sample with the same variance."""
        return self.value * (1 - self.value) / self.standard_error**2


type Method = Callable[[Moments], Interval]


def _t(moments: Moments) -> Interval:
    half = moments.t_quantile * moments.standard_error
    return Interval(moments.value - half, moments.value + half)


def _wald(moments: Moments) -> Interval:
    says_nothing = (moments.degrees_of_freedom <= 0) & (moments.standard_error == 0)
    standard_error = np.where(says_nothing, np.nan, moments.standard_error)
    half = stats.norm.ppf(1 - moments.alpha / 2) * standard_error
    return Interval(moments.value - half, moments.value + half)


def _logit(moments: Moments) -> Interval:
    share = moments.value
    centre = np.log(share / (1 - share))
    half = moments.t_quantile * moments.standard_error / (share * (1 - share))
    return Interval(1 / (1 + np.exp(half - centre)), 1 / (1 + np.exp(-half - centre)))


def _arcsine(moments: Moments) -> Interval:
    share = moments.value
    centre = np.arcsin(np.sqrt(share))
    half = moments.t_quantile * moments.standard_error / (2 * np.sqrt(share * (1 - share)))
    low = np.sin(np.clip(centre - half, 0, np.pi / 2)) ** 2
    return Interval(low, np.sin(np.clip(centre + half, 0, np.pi / 2)) ** 2)


def _wilson(moments: Moments) -> Interval:
    squared = moments.t_quantile**2
    n = moments.effective_n
    centre = (moments.value + squared / (2 * n)) / (1 + squared / n)
    half = np.sqrt(squared * (moments.value * (1 - moments.value) / n + squared / (4 * n**2))) / (
        1 + squared / n
    )
    return Interval(centre - half, centre + half)


def _korn_graubard(moments: Moments) -> Interval:
    inflation = stats.t.ppf(moments.alpha / 2, moments.n - 1) / moments.t_quantile
    return clopper_pearson(moments.value, moments.effective_n * inflation**2, moments.alpha)


def _likelihood(moments: Moments) -> Interval:
    return Interval(*likelihood_limits(moments.value, moments.effective_n, moments.n, moments.t_quantile))


def clopper_pearson(share: FloatArray, n: FloatArray, alpha: float) -> Interval:
    """Exact binomial limits, continued to real sizes by the beta distribution.

    Parameters
    ----------
    share, n : float array
        Observed share strictly between 0 and 1, and sample size.
    alpha : float
        Both tails together.

    Returns
    -------
    Interval

    Examples
    --------
    >>> limits = clopper_pearson(np.array([0.5]), np.array([10.0]), 0.05)
    >>> [round(limit.item(), 4) for limit in limits]
    [0.1871, 0.8129]
    """
    events = share * n
    low = stats.beta.ppf(alpha / 2, events, n - events + 1)
    return Interval(low, stats.beta.ppf(1 - alpha / 2, events + 1, n - events))


BOUNDED_METHODS: dict[str, Method] = {
    "logit": _logit,
    "arcsine": _arcsine,
    "wilson": _wilson,
    "korn_graubard": _korn_graubard,
    "likelihood": _likelihood,
}
METHODS: dict[str, Method] = {"t": _t, "wald": _wald, **BOUNDED_METHODS}


def find_method(name: str, *, is_bounded: bool) -> Method:
    """Return the interval method of a name.

    Raises
    ------
    IntervalError
        If there is no such method, or it needs an estimate between two bounds and this one has none.

    Examples
    --------
    >>> find_method("t", is_bounded=False).__name__
    '_t'
    """
    allowed = (
        METHODS if is_bounded else {key: METHODS[key] for key in METHODS.keys() - BOUNDED_METHODS.keys()}
    )
    if name not in allowed:
        raise IntervalError(
            expected=f"an interval method among {', '.join(sorted(allowed))}",
            got=repr(name),
            hint="The other methods are for shares, and for means whose bounds are stated.",
        )
    return allowed[name]


def check_level(level: float) -> None:
    """Refuse a confidence level that is none.

    Raises
    ------
    IntervalError
        If it is not between 0 and 1.

    Examples
    --------
    >>> check_level(0.95)
    """
    if not 0 < level < 1:
        raise IntervalError(
            expected="a confidence level between 0 and 1",
            got=f"{level}",
            hint="Write 95 % as 0.95.",
        )


def share_interval(method: Method, moments: Moments) -> Interval:
    """Limits of shares in 0..1 by a method, never of zero width.

    Three kinds of estimates are taken out of the method's hands: a share of exactly 0 or 1 gets the
    one-sided Clopper-Pearson limit with the unadjusted n (as the NCHS standards do for zero
    events; Parker et al. 2017), and one without degrees of freedom or without any variance between PSUs gets
    the two-sided one, as does one whose limits by the method would coincide in all digits.
    The first three are flagged by the estimate.

    Parameters
    ----------
    method : callable
        From :data:`METHODS`.
    moments : Moments
        Of shares in 0..1.

    Returns
    -------
    Interval
    """
    at_bound = is_at_bound(moments.value)
    weak = ~at_bound & ~((moments.degrees_of_freedom > 0) & (moments.standard_error > NEGLIGIBLE))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        by_method = method(_masked(moments, ~(at_bound | weak)))
    weak |= ~at_bound & ~(by_method.low < by_method.high)
    exact = clopper_pearson(np.where(weak, moments.value, 0.5), np.maximum(moments.n, 1), moments.alpha)
    margin = 1 - moments.alpha ** (1 / np.maximum(moments.n, 1))
    low = np.select(
        [at_bound, weak], [np.where(moments.value > 0, 1 - margin, 0.0), exact.low], by_method.low
    )
    high = np.select([at_bound, weak], [np.where(moments.value > 0, 1.0, margin), exact.high], by_method.high)
    undefined = np.isnan(moments.value)
    return Interval(np.where(undefined, np.nan, low), np.where(undefined, np.nan, high))


def is_at_bound(share: FloatArray) -> BoolArray:
    """Whether shares are 0 or 1, but for rounding in the last digits."""
    tolerance = 8 * np.finfo(float).eps
    return (np.abs(share) < tolerance) | (np.abs(share - 1) < tolerance)


def _masked(moments: Moments, keep: BoolArray) -> Moments:
    return Moments(
        value=np.where(keep, moments.value, np.nan),
        standard_error=np.where(keep, moments.standard_error, np.nan),
        degrees_of_freedom=np.where(keep, moments.degrees_of_freedom, np.nan),
        n=np.where(keep, moments.n, np.nan),
        level=moments.level,
    )

"""Quantiles of any domains with intervals that follow the distribution, not a standard error."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from analysis.estimation.arrays import FloatArray, Values, as_columns
from analysis.estimation.domains import OVERALL, Domains
from analysis.estimation.errors import EstimandError, IntervalError
from analysis.estimation.labels import Labels
from analysis.estimation.quantiles.result import QuantileEstimate
from analysis.estimation.quantiles.rules import OrderedSample, apply_rule, find_rule
from analysis.estimation.results.estimate import Estimate
from analysis.estimation.results.intervals import (
    METHODS,
    Interval,
    Moments,
    check_level,
    is_at_bound,
    share_interval,
)


class ShareDesign(Protocol):
    """What a quantile needs of a design: weights, and the precision of a share."""

    @property
    def n_rows(self) -> int:
        """Number of rows."""

    @property
    def weights(self) -> FloatArray:
        """Weights of the rows."""

    def proportion(self, values: Values, *, by: Labels | None = None, overall: bool = False) -> Estimate:
        """Estimate shares by domain."""


@dataclass(frozen=True, eq=False)
class QuantileProblem:
    """The quantiles of every domain and column at several probabilities; arrays in that order of axes.

    Attributes
    ----------
    design : ShareDesign
    columns : float array, shape (n_rows, n_columns)
    names : tuple of str, length n_columns
    domains : Domains
        Disjoint; the whole is a problem of its own.
    by : labels, optional
        What the domains were made from; None for the whole.
    probs : float array, shape (n_probs,)
    rule : str
    level : float
    """

    design: ShareDesign
    columns: FloatArray
    names: tuple[str, ...]
    domains: Domains
    by: Labels | None
    probs: FloatArray
    rule: str
    level: float

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of domains, columns and probabilities."""
        return len(self.domains.labels), self.columns.shape[1], len(self.probs)

    @cached_property
    def rows_of_domains(self) -> list[np.ndarray]:
        """Row numbers of every domain."""
        order = np.argsort(self.domains.codes, kind="stable")
        edges = np.searchsorted(self.domains.codes[order], np.arange(len(self.domains.labels) + 1))
        return np.split(order, edges)[1:-1]

    @cached_property
    def samples(self) -> list[list[OrderedSample]]:
        """Ordered answers by domain and column."""
        return [[self._order(rows, column) for column in self.columns.T] for rows in self.rows_of_domains]

    @cached_property
    def value(self) -> FloatArray:
        """The quantiles."""
        return self.invert(np.broadcast_to(self.probs, self.shape))

    def invert(self, probs: FloatArray) -> FloatArray:
        """Apply the rule to every domain and column at probabilities of its own."""
        rule = find_rule(self.rule)
        values = np.empty(self.shape)
        for domain, samples in enumerate(self.samples):
            for column, sample in enumerate(samples):
                values[domain, column] = apply_rule(rule, sample, probs[domain, column])
        return values

    def estimate_shares(self, thresholds: FloatArray) -> Estimate:
        """Estimate the share of answers up to a threshold of each domain, column and probability."""
        codes = self.domains.codes
        limits = thresholds[codes]
        answers = self.columns[:, :, None]
        missing = np.isnan(answers) | np.isnan(limits)
        indicators = np.where(missing, np.nan, answers <= limits)
        return self.design.proportion(indicators.reshape(len(codes), -1), by=self.by)

    def moments(self, shares: Estimate) -> Moments:
        """Return what intervals of the shares are made of."""
        return Moments(
            shares.value,
            shares.standard_error,
            shares.degrees_of_freedom,
            shares.n.astype(float),
            self.level,
        )

    def _order(self, rows: np.ndarray, column: FloatArray) -> OrderedSample:
        rows = rows[~np.isnan(column[rows])]
        return OrderedSample.from_rows(column[rows], self.design.weights[rows])


type Limits = Callable[[QuantileProblem, Estimate], Interval]


def _invert_share(method: str) -> Limits:
    """Woodruff's interval: that of F at the quantile, carried back by the quantile rule."""

    def limits(problem: QuantileProblem, shares: Estimate) -> Interval:
        low, high = share_interval(METHODS[method], problem.moments(shares))
        low = np.where(low < 0, np.nan, low)
        high = np.where((high > 1) | is_at_bound(shares.value), np.nan, high)
        return Interval(*(problem.invert(limit.reshape(problem.shape)) for limit in (low, high)))

    return limits


def _test_inversion(problem: QuantileProblem, shares: Estimate) -> Interval:
    """Values that a score test does not reject: from the first accepted to the first rejected above."""
    t = problem.moments(shares).t_quantile.reshape(problem.shape)

    def departs(thresholds: FloatArray, sign: float) -> FloatArray:
        tested = problem.estimate_shares(thresholds)
        excess = tested.value.reshape(problem.shape) - problem.probs
        return excess - sign * t * tested.standard_error.reshape(problem.shape)

    low = _first_value(problem, lambda thresholds: departs(thresholds, -1.0) >= 0)
    high = _first_value(problem, lambda thresholds: departs(thresholds, 1.0) > 0)
    return Interval(low, high)


def _first_value(problem: QuantileProblem, is_reached: Callable[[FloatArray], np.ndarray]) -> FloatArray:
    """Bisect for the first distinct answer that satisfies a condition; NaN if none does."""
    answers = [[sample.distinct().values for sample in samples] for samples in problem.samples]
    n_answers = np.array([[len(values) for values in samples] for samples in answers])[:, :, None]
    below, found = np.full(problem.shape, -1), np.broadcast_to(n_answers, problem.shape).copy()
    for _ in range(int(n_answers.max(initial=1)).bit_length() + 1):
        middle = (below + found) // 2
        is_open = found - below > 1
        reached = is_reached(_pick(answers, middle))
        found = np.where(is_open & reached, middle, found)
        below = np.where(is_open & ~reached, middle, below)
    return _pick(answers, found)


def _pick(answers: list[list[FloatArray]], position: np.ndarray) -> FloatArray:
    picked = np.full(position.shape, np.nan)
    for domain, samples in enumerate(answers):
        for column, values in enumerate(samples):
            chosen = position[domain, column]
            inside = (chosen >= 0) & (chosen < len(values))
            picked[domain, column, inside] = values[chosen[inside]]
    return picked


INTERVAL_TYPES: dict[str, Limits] = {
    "mean": _invert_share("t"),
    "beta": _invert_share("korn_graubard"),
    "xlogit": _invert_share("logit"),
    "asin": _invert_share("arcsine"),
    "score": _test_inversion,
}


def quantile(
    design: ShareDesign,
    values: Values,
    probs: Sequence[float],
    *,
    by: Labels | None = None,
    overall: bool = False,
    rule: str = "math",
    interval: str = "mean",
    level: float = 0.95,
) -> QuantileEstimate:
    r"""Weighted quantiles by domain, with intervals from the precision of the distribution function.

    Parameters
    ----------
    design : SurveyDesign or ReplicateDesign
    values : array-like, shape (n_rows,) or (n_rows, k)
        NaN is a missing answer: the row stays in the design and takes no part.
    probs : sequence of float
        Between 0 and 1; several are estimated at once.
    by : array-like of labels, shape (n_rows,), or data frame of labels, optional
        Domains; rows with a missing label are in none.
    overall : bool
        Whether the whole comes first.
    rule : str
        How a quantile is read from the ordered sample, see :func:`weighted_quantile`.
    interval : str
        How the interval of :math:`\hat F(\hat q)` is made before it is carried back: ``mean`` (t),
        ``beta`` (Korn-Graubard), ``xlogit`` (logit) or ``asin`` (arcsine); or ``score``, which
        inverts a test of :math:`F(q) = p` at every answer.
    level : float
        Confidence level.

    Returns
    -------
    QuantileEstimate
        One entry per domain, column and probability.

    Raises
    ------
    EstimandError
        If a probability is outside 0..1, or the rule is unknown.
    IntervalError
        If the interval type is unknown, or the level not between 0 and 1.
    DomainError
        If no row is in any domain.

    Notes
    -----
    With the quantile :math:`\hat q` and the share :math:`\hat F(\hat q)` of answers up to it,
    an interval :math:`(L, U)` of that share gives :math:`(\hat Q(L), \hat Q(U))` (Woodruff 1952),
    with the degrees of freedom of the domain, and the standard error
    :math:`(\hat Q(U) - \hat Q(L)) / 2 t`, as ``svyquantile`` of R ``survey`` 4.1 and later. A limit
    beyond 0 or 1 has no quantile: it is NaN and flagged. Where the quantile is the largest
    answer, the lower limit is that of the one-sided exact interval.

    ``score`` follows Francisco and Fuller (1991) exactly: from the smallest answer that the test
    accepts to the first it rejects above. R searches for them with a tolerance and reads the limits with
    unweighted shares, so that its limits differ where weights vary.

    References
    ----------
    Woodruff (1952), Confidence intervals for medians and other position measures. Francisco and
    Fuller (1991), Quantile estimation with a complex survey design. Dorfman and Valliant (1993).

    Examples
    --------
    >>> from analysis.estimation import SurveyDesign
    >>> design = SurveyDesign.from_arrays(np.full(101, 10.0))
    >>> median = quantile(design, np.arange(101.0), [0.5])
    >>> median.value.item(), median.low.item(), median.high.item()
    (50.0, 40.0, 61.0)
    """
    if interval not in INTERVAL_TYPES:
        raise IntervalError(
            expected=f"an interval type among {', '.join(INTERVAL_TYPES)}",
            got=repr(interval),
            hint="Replicate designs also know quantile, by their own method.",
        )
    parts = make_problems(design, values, probs, by=by, overall=overall, rule=rule, level=level)
    return QuantileEstimate.joined([_solve(part, interval) for part in parts])


def make_problems(
    design: ShareDesign,
    values: Values,
    probs: Sequence[float],
    *,
    by: Labels | None,
    overall: bool,
    rule: str,
    level: float,
) -> list[QuantileProblem]:
    """Check what was asked and split it into the whole and the domains; parameters as in :func:`quantile`."""
    columns, names = as_columns(values, n_rows=design.n_rows, name="quantile")
    wanted = np.atleast_1d(np.asarray(probs, dtype=float))
    outside = ~((wanted >= 0) & (wanted <= 1))
    if outside.any() or not len(wanted):
        raise EstimandError(
            expected="probabilities between 0 and 1",
            got=f"{wanted[outside][0]:g}" if len(wanted) else "none",
            hint="The median is 0.5.",
        )
    find_rule(rule)
    check_level(level)
    chosen: list[tuple[Domains, Labels | None]] = []
    if by is None or overall:
        label = None if by is None else OVERALL
        chosen.append((Domains(np.zeros(design.n_rows, dtype=np.int64), (label,)), None))
    if by is not None:
        chosen.append((Domains.from_labels(by, n_rows=design.n_rows), by))
    return [QuantileProblem(design, columns, names, d, labels, wanted, rule, level) for d, labels in chosen]


def _solve(problem: QuantileProblem, interval: str) -> QuantileEstimate:
    shares = problem.estimate_shares(problem.value)
    limits = INTERVAL_TYPES[interval](problem, shares)
    low, high = limits.low.ravel(), limits.high.ravel()
    return build_estimate(problem, shares, Interval(low, high), interval)


def build_estimate(
    problem: QuantileProblem, shares: Estimate, limits: Interval, interval_type: str
) -> QuantileEstimate:
    """Collect a problem's quantiles and limits, with n and degrees of freedom of the shares."""
    n_domains, n_columns, n_probs = problem.shape
    labels = problem.domains.labels
    t = problem.moments(shares).t_quantile
    return QuantileEstimate(
        names=tuple(name for name in problem.names for _ in range(n_probs)) * n_domains,
        domains=tuple(label for label in labels for _ in range(n_columns * n_probs)),
        probs=np.tile(problem.probs, n_domains * n_columns),
        value=problem.value.ravel(),
        low=limits.low,
        high=limits.high,
        standard_error=(limits.high - limits.low) / (2 * t),
        degrees_of_freedom=shares.degrees_of_freedom,
        n=shares.n,
        level=problem.level,
        rule=problem.rule,
        interval_type=interval_type,
    )

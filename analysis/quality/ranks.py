"""How sure a rank is: joint confidence sets, and the distribution of ranks by parametric simulation."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats

from analysis.estimation import BoolArray, Estimate, FloatArray, IntArray
from analysis.estimation.comparisons.degrees import pair_degrees
from analysis.estimation.results.intervals import check_level
from analysis.quality.errors import RankError

N_SIMULATIONS = 10_000
BATCH = 500
SEED = 20_260_101
"""Fixed, so that a figure can be computed again."""


@dataclass(frozen=True, eq=False, repr=False)
class RankSets:
    """Confidence sets for the ranks of domains, 1 being the highest, that hold together.

    Attributes
    ----------
    labels : tuple, length k
    value : float array, shape (k,)
    is_higher : bool array, shape (k, k)
        Whether the row is shown to be higher than the column.
    level : float
        Probability that all sets hold together.
    method : str
    alpha_each : float
        Level of significance of one interval or one difference that this amounts to.
    """

    labels: tuple[Hashable, ...]
    value: FloatArray
    is_higher: BoolArray
    level: float
    method: str
    alpha_each: float

    def __str__(self) -> str:
        return self.to_frame().to_string(index=False)

    def __repr__(self) -> str:
        return f"<RankSets of {len(self.labels)} domains by {self.method} at {self.level:g}>\n{self}"

    @property
    def rank_low(self) -> IntArray:
        """One more than the number of domains shown to be higher."""
        return 1 + self.is_higher.sum(axis=0)

    @property
    def rank_high(self) -> IntArray:
        """All domains less those shown to be lower."""
        return len(self.labels) - self.is_higher.sum(axis=1)

    def to_frame(self) -> pd.DataFrame:
        """Return domain, value, rank, rank_low and rank_high."""
        return pd.DataFrame(
            {
                "domain": list(self.labels),
                "value": self.value,
                "rank": observed_ranks(self.value),
                "rank_low": self.rank_low,
                "rank_high": self.rank_high,
            }
        )


@dataclass(frozen=True, eq=False, repr=False)
class RankDistribution:
    """How often every domain took every rank in simulated rounds.

    Attributes
    ----------
    labels : tuple, length k
    value : float array, shape (k,)
    probability : float array, shape (k, k)
        Of domain (row) and rank (column, the first being rank 1); rows and columns sum to 1.
    n_simulations : int
    """

    labels: tuple[Hashable, ...]
    value: FloatArray
    probability: FloatArray
    n_simulations: int

    def __str__(self) -> str:
        return self.to_frame().to_string(index=False)

    def __repr__(self) -> str:
        return f"<RankDistribution of {len(self.labels)} domains, {self.n_simulations} simulations>\n{self}"

    @property
    def expected_rank(self) -> FloatArray:
        """Mean simulated rank, shape (k,)."""
        return self.probability @ np.arange(1, len(self.labels) + 1)

    def top(self, n: int) -> FloatArray:
        """Probability of being among the n highest, shape (k,); the probabilities sum to n."""
        return self.probability[:, :n].sum(axis=1)

    def interval(self, level: float = 0.95) -> tuple[IntArray, IntArray]:
        """Lowest and highest rank, domain by domain, that leave out (1 - level) / 2 on either side."""
        tail = (1 - level) / 2
        below = self.probability.cumsum(axis=1)
        above = self.probability[:, ::-1].cumsum(axis=1)
        return 1 + (below <= tail).sum(axis=1), len(self.labels) - (above <= tail).sum(axis=1)

    def to_frame(self, level: float = 0.95, *, top: int = 5) -> pd.DataFrame:
        """Return domain, value, rank, rank_low, rank_high, expected_rank and p_top."""
        low, high = self.interval(level)
        return pd.DataFrame(
            {
                "domain": list(self.labels),
                "value": self.value,
                "rank": observed_ranks(self.value),
                "rank_low": low,
                "rank_high": high,
                "expected_rank": self.expected_rank,
                "p_top": self.top(top),
            }
        )


@dataclass(frozen=True, eq=False)
class _Draws:
    """Simulated errors of all domains, and how far off each estimated variance is."""

    errors: FloatArray
    factor: FloatArray


def observed_ranks(value: FloatArray) -> IntArray:
    """Rank values, 1 being the highest; equal values share the better rank.

    Examples
    --------
    >>> observed_ranks(np.array([80.0, 90.0, 80.0])).tolist()
    [2, 1, 2]
    """
    return np.asarray(stats.rankdata(-np.asarray(value), method="min"), dtype=np.int64)


def simulate_ranks(
    estimates: Estimate, *, n_simulations: int = N_SIMULATIONS, seed: int = SEED
) -> RankDistribution:
    r"""Distribution of ranks if the round were repeated, by parametric simulation.

    Parameters
    ----------
    estimates : Estimate
        One entry per domain, with the covariance of all.
    n_simulations : int
        Monte Carlo error of a probability p is the root of p (1 - p) / n_simulations.
    seed : int

    Returns
    -------
    RankDistribution

    Raises
    ------
    RankError
        If an estimate is experimental, missing, or without a standard error.

    Notes
    -----
    Draws :math:`\theta^* = \hat\theta + e` with :math:`e \sim N(0, \hat V)`, each entry divided by
    :math:`\sqrt{\chi^2_{\nu} / \nu}` for its degrees of freedom. A description of uncertainty, not a
    confidence set: where true values are close, simulated ranks are pulled to the middle (Xie, Singh and
    Zhang 2009). Use :func:`joint_rank_sets` for a statement with a guaranteed level.

    References
    ----------
    Goldstein and Spiegelhalter (1996), JRSS A 159. Hall and Miller (2009), Annals of Statistics 37. Xie,
    Singh and Zhang (2009), JASA 104.

    Examples
    --------
    >>> estimates = Estimate(
    ...     ("x",) * 3,
    ...     ("a", "b", "c"),
    ...     np.array([90.0, 50.0, 10.0]),
    ...     np.eye(3),
    ...     np.full(3, np.inf),
    ...     np.full(3, 99),
    ...     np.ones(3),
    ... )
    >>> simulate_ranks(estimates).top(1).tolist()
    [1.0, 0.0, 0.0]
    """
    _require_rankable(estimates)
    k = len(estimates)
    times = np.zeros((k, k))
    for draws in _simulate(estimates, n_simulations, seed):
        values = estimates.value + draws.errors / np.sqrt(draws.factor)
        ranks = stats.rankdata(-values, axis=1, method="ordinal").astype(np.int64) - 1
        flat = np.arange(k) * k + ranks
        times += np.bincount(flat.ravel(), minlength=k * k).reshape(k, k)
    return RankDistribution(estimates.domains, estimates.value, times / n_simulations, n_simulations)


def interval_rank_sets(
    value: FloatArray,
    standard_error: FloatArray,
    *,
    level: float = 0.95,
    adjustment: str = "bonferroni",
    degrees_of_freedom: float | FloatArray = np.inf,
) -> tuple[IntArray, IntArray]:
    """Joint confidence sets for ranks from published values and standard errors alone.

    What :func:`joint_rank_sets` does with ``bonferroni`` or ``sidak``, for those who have no covariances.

    Parameters
    ----------
    value, standard_error : float array, shape (k,)
        Of independent domains.
    level : float
        Probability that all sets hold together.
    adjustment : {"bonferroni", "sidak", "none"}
        How the level of one interval follows from that of all.
    degrees_of_freedom : float or float array, shape (k,)
        Infinity for normal intervals.

    Returns
    -------
    rank_low, rank_high : int array, shape (k,)

    Raises
    ------
    RankError
        If the adjustment is unknown.

    References
    ----------
    Klein, Wright and Wieczorek (2020), JRSS A 183(2).

    Examples
    --------
    >>> low, high = interval_rank_sets(np.array([3.0, 1.0, 1.1]), np.array([0.1, 0.1, 0.1]))
    >>> low.tolist(), high.tolist()
    ([1, 2, 2], [1, 3, 3])
    """
    if adjustment not in ALPHA_OF_ONE:
        raise RankError(
            expected=f"an adjustment among {', '.join(ALPHA_OF_ONE)}",
            got=repr(adjustment),
            hint="Use 'bonferroni'.",
        )
    check_level(level)
    alpha = ALPHA_OF_ONE[adjustment](1 - level, len(value))
    is_higher = _apart(value, standard_error, degrees_of_freedom, alpha)
    labels = tuple(range(len(value)))
    sets = RankSets(labels, value, is_higher, level, adjustment, alpha)
    return sets.rank_low, sets.rank_high


def joint_rank_sets(
    estimates: Estimate,
    *,
    level: float = 0.95,
    method: str = "differences",
    n_simulations: int = N_SIMULATIONS,
    seed: int = SEED,
) -> RankSets:
    r"""Confidence sets for all ranks together.

    Parameters
    ----------
    estimates : Estimate
        One entry per domain, with the covariance of all.
    level : float
        Probability that all sets hold together.
    method : {"differences", "max_t", "bonferroni", "sidak"}
        ``bonferroni`` and ``sidak`` compare separate intervals (Klein, Wright and Wieczorek 2020); ``max_t``
        takes their common level from the simulated largest :math:`|t|`, so that covariances count;
        ``differences`` does so for all pairwise differences, which gives the shortest sets.
    n_simulations, seed : int
        Of the simulated methods.

    Returns
    -------
    RankSets

    Raises
    ------
    RankError
        If the method is unknown, or an estimate is experimental, missing, or without a standard error.

    Notes
    -----
    With different degrees of freedom the smallest p-value takes the place of the largest :math:`|t|`: a
    domain with few does not make the intervals of all others wide. Each simulated variance is
    :math:`\hat V \chi^2_\nu / \nu`; a difference has Satterthwaite's degrees of freedom, at most those of the
    PSUs of both. ``sidak`` is valid under any correlation of normal estimates (Šidák 1967).

    References
    ----------
    Klein, Wright and Wieczorek (2020), JRSS A 183. Mogstad, Romano, Shaikh and Wilhelm (2024), Review of
    Economic Studies 91. Westfall and Young (1993), Resampling-Based Multiple Testing.

    Examples
    --------
    >>> estimates = Estimate(
    ...     ("x",) * 3,
    ...     ("a", "b", "c"),
    ...     np.array([3.0, 1.0, 1.1]),
    ...     np.eye(3) / 100,
    ...     np.full(3, np.inf),
    ...     np.full(3, 99),
    ...     np.ones(3),
    ... )
    >>> sets = joint_rank_sets(estimates, method="bonferroni")
    >>> sets.rank_low.tolist(), sets.rank_high.tolist()
    ([1, 2, 2], [1, 3, 3])
    """
    if method not in METHODS:
        raise RankError(
            expected=f"a method among {', '.join(METHODS)}",
            got=repr(method),
            hint="Use 'differences' if in doubt.",
        )
    check_level(level)
    _require_rankable(estimates)
    is_higher, alpha_each = METHODS[method](estimates, 1 - level, n_simulations, seed)
    return RankSets(estimates.domains, estimates.value, is_higher, level, method, alpha_each)


def _apart(
    value: FloatArray, standard_error: FloatArray, degrees_of_freedom: float | FloatArray, alpha: float
) -> BoolArray:
    """Tell which intervals of a common level lie wholly above which others."""
    half = stats.t.ppf(1 - alpha / 2, degrees_of_freedom) * standard_error
    return np.asarray((value - half)[:, None] > (value + half)[None, :])


def _estimates_apart(estimates: Estimate, alpha: float) -> BoolArray:
    return _apart(estimates.value, estimates.standard_error, estimates.degrees_of_freedom, alpha)


ALPHA_OF_ONE: dict[str, Callable[[float, int], float]] = {
    "bonferroni": lambda alpha, k: alpha / k,
    "sidak": lambda alpha, k: 1 - (1 - alpha) ** (1 / k),
    "none": lambda alpha, _k: alpha,
}
"""How the level of one interval follows from that of all."""


def _by_bonferroni(
    estimates: Estimate, alpha: float, _n_simulations: int, _seed: int
) -> tuple[BoolArray, float]:
    each = ALPHA_OF_ONE["bonferroni"](alpha, len(estimates))
    return _estimates_apart(estimates, each), each


def _by_sidak(estimates: Estimate, alpha: float, _n_simulations: int, _seed: int) -> tuple[BoolArray, float]:
    each = ALPHA_OF_ONE["sidak"](alpha, len(estimates))
    return _estimates_apart(estimates, each), each


def _by_max_t(estimates: Estimate, alpha: float, n_simulations: int, seed: int) -> tuple[BoolArray, float]:
    error, df = estimates.standard_error, estimates.degrees_of_freedom
    smallest = [
        _p_value(_studentise(draws.errors, error * np.sqrt(draws.factor)), df).min(axis=1)
        for draws in _simulate(estimates, n_simulations, seed)
    ]
    each = float(np.quantile(np.concatenate(smallest), alpha))
    return _estimates_apart(estimates, each), each


def _by_differences(
    estimates: Estimate, alpha: float, n_simulations: int, seed: int
) -> tuple[BoolArray, float]:
    k = len(estimates)
    first, second = np.triu_indices(k, 1)
    variance, covariance = np.diag(estimates.covariance), estimates.covariance[first, second]
    df = pair_degrees(estimates, first, second)
    smallest = []
    for draws in _simulate(estimates, n_simulations, seed):
        root = np.sqrt(draws.factor)
        squared = draws.factor * variance
        spread = squared[:, first] + squared[:, second] - 2 * root[:, first] * root[:, second] * covariance
        error = draws.errors[:, first] - draws.errors[:, second]
        t = _studentise(error, np.sqrt(np.maximum(spread, 0)))
        smallest.append(_p_value(t, df).min(axis=1))
    each = float(np.quantile(np.concatenate(smallest), alpha))
    observed = np.sqrt(np.maximum(variance[first] + variance[second] - 2 * covariance, 0))
    difference = estimates.value[first] - estimates.value[second]
    is_apart = _p_value(_studentise(difference, observed), df) < each
    is_higher = np.zeros((k, k), dtype=bool)
    is_higher[first, second] = is_apart & (difference > 0)
    is_higher[second, first] = is_apart & (difference < 0)
    return is_higher, each


METHODS: dict[str, Callable[[Estimate, float, int, int], tuple[BoolArray, float]]] = {
    "differences": _by_differences,
    "max_t": _by_max_t,
    "bonferroni": _by_bonferroni,
    "sidak": _by_sidak,
}


def _p_value(t: FloatArray, df: FloatArray) -> FloatArray:
    """Two-sided p-values of Student's t; normal where the degrees of freedom are infinite or undefined."""
    finite = np.isfinite(df)
    if not finite.any():
        return np.asarray(2 * special.ndtr(-np.abs(t)))
    tail = special.stdtr(np.where(finite, df, 1.0), -np.abs(t))
    return np.asarray(2 * np.where(finite, tail, special.ndtr(-np.abs(t))))


def _studentise(errors: FloatArray, standard_error: FloatArray) -> FloatArray:
    """Divide by standard errors; what has none, as the difference of two like domains, is not told apart."""
    return np.asarray(errors / np.where(standard_error > 0, standard_error, np.inf))


def _simulate(estimates: Estimate, n_simulations: int, seed: int) -> Iterator[_Draws]:
    """Yield errors from the estimated covariance and factors of the variances, batch by batch."""
    generator = np.random.default_rng(seed)
    size, vectors = np.linalg.eigh(estimates.covariance)
    root = vectors * np.sqrt(np.maximum(size, 0))
    df = estimates.degrees_of_freedom
    finite = np.isfinite(df)
    for start in range(0, n_simulations, BATCH):
        shape = (min(BATCH, n_simulations - start), len(estimates))
        errors = generator.standard_normal(shape) @ root.T
        chi_squared = generator.chisquare(np.where(finite, df, 1.0), shape)
        yield _Draws(errors, np.where(finite, chi_squared / df, 1.0))


def _require_rankable(estimates: Estimate) -> None:
    if getattr(estimates, "is_experimental", False):
        raise RankError(
            expected="direct, design-based estimates",
            got="experimental ones from a model",
            hint="Small-area estimates are never ranked: shrinkage changes the order of areas.",
        )
    usable = (
        np.isfinite(estimates.value)
        & np.isfinite(estimates.covariance).all(axis=1)
        & (np.diag(estimates.covariance) > 0)
        & (estimates.degrees_of_freedom > 0)
    )
    if len(estimates) == 0 or not usable.all():
        raise RankError(
            expected="domains, each with a value, a standard error above 0 and degrees of freedom",
            got=f"{int(usable.sum())} such domains of {len(estimates)}",
            hint="Select the domains that have an estimate before ranking.",
        )

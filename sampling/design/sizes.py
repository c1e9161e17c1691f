"""How many people to ask for a wanted margin, and which margin a number of people gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isfinite, sqrt
from statistics import NormalDist

from sampling.design.allocation import ROUNDING_SLACK

WORST_SHARE = 0.5
"""The share with the largest spread."""

SLOVIN_NOTE = (
    "Assumes a share of 50 %, a simple random sample and z = 2, that is 95.4 % confidence, always.",
    "Ignores clusters (design effect 1) and people who do not answer, and never asks for more than 1 / e².",
)
"""What the older rule of the Ministry leaves out."""

CENSUS_NOTE = "Asks everybody: there are too few people for as many answers as the rule wants."
"""What is said where the people who answer are fewer than the rule wants."""


class SizeError(ValueError):
    """Raised when a sample size or a margin cannot be had as asked."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a margin of error depends on besides the spread and the number of answers.

    Parameters
    ----------
    confidence : float
        Probability with which the interval covers the true value, between 0 and 1.
    deff : float
        Design effect: variance of the design divided by that of a simple random sample of the same size.
    response_rate : float
        Share of the people asked who answer, above 0 and up to 1.
    population : int, optional
        Number of people N; with it, drawing without replacement counts.

    Raises
    ------
    SizeError
        If a value cannot be.

    Examples
    --------
    >>> round(Conditions().quantile, 4)
    1.96
    """

    confidence: float = 0.95
    deff: float = 1.0
    response_rate: float = 1.0
    population: int | None = None

    def __post_init__(self) -> None:
        limits = {
            "a confidence between 0 and 1": (self.confidence, 0 < self.confidence < 1),
            "a design effect above 0": (self.deff, isfinite(self.deff) and self.deff > 0),
            "a response rate above 0 and up to 1": (self.response_rate, 0 < self.response_rate <= 1),
            "a population of at least 1": (self.population, self.population is None or self.population >= 1),
        }
        for expected, (got, holds) in limits.items():
            if not holds:
                raise SizeError(f"Expected {expected}, got {got}.")

    @property
    def quantile(self) -> float:
        """Quantile z of the normal distribution that belongs to the confidence."""
        return NormalDist().inv_cdf((1 + self.confidence) / 2)


@dataclass(frozen=True, slots=True)
class SampleSize:
    """A number of answers, and of people to ask for it.

    Parameters
    ----------
    completed : int
        Answers that are needed.
    drawn : int
        People to draw, so that as many answers are expected.
    note : tuple of str
        What the rule ignores.
    """

    completed: int
    drawn: int
    note: tuple[str, ...] = ()


def for_mean(margin: float, *, sd: float, conditions: Conditions | None = None) -> SampleSize:
    """Return the sample size with which a mean has a margin of error.

    Parameters
    ----------
    margin : float
        Half-width e of the interval, in the unit of the variable.
    sd : float
        Standard deviation S of the variable among people, divisor N - 1.
    conditions : Conditions, optional
        Confidence, design effect, response rate and population; 95 %, 1, 1 and endless by default.

    Returns
    -------
    SampleSize

    Raises
    ------
    SizeError
        If the margin is not above 0, the standard deviation is negative, or the population is too small for
        its response rate.

    Notes
    -----
    The one formula of the variance is V = deff · S² / n · (1 - n / N). Solved for z² V = e² it gives
    n = A / (1 + A / N) with A = deff · z² S² / e², rounded up [1]_.

    References
    ----------
    .. [1] Cochran, W. G. (1977). Sampling Techniques, sections 4.4 to 4.7.

    Examples
    --------
    >>> for_mean(0.05, sd=0.5)
    SampleSize(completed=385, drawn=385, note=())
    >>> for_mean(0.05, sd=0.5, conditions=Conditions(deff=2, response_rate=0.9)).drawn
    855
    """
    chosen = conditions or Conditions()
    _check_margin(margin)
    if not (isfinite(sd) and sd >= 0):
        raise SizeError(f"Expected a standard deviation of 0 or more, got {sd}.")
    endless = chosen.deff * (chosen.quantile * sd / margin) ** 2
    needed = endless if chosen.population is None else endless / (1 + endless / chosen.population)
    return _sized(max(1, ceil(needed - ROUNDING_SLACK)), chosen)


def for_proportion(
    margin: float, *, share: float = WORST_SHARE, conditions: Conditions | None = None
) -> SampleSize:
    """Return the sample size with which a share has a margin of error.

    Parameters
    ----------
    margin : float
        Half-width e of the interval, as a share: 0.05 for 5 points.
    share : float, optional
        Expected share P; 0.5, which needs the most, by default.
    conditions : Conditions, optional
        As for `for_mean`.

    Returns
    -------
    SampleSize

    Raises
    ------
    SizeError
        As for `for_mean`, or if the share is outside [0, 1].

    Notes
    -----
    `for_mean` with S² = P (1 - P) N / (N - 1).

    Examples
    --------
    >>> for_proportion(0.03, share=0.84).completed
    574
    >>> for_proportion(0.05, conditions=Conditions(population=1000)).completed
    278
    """
    return for_mean(margin, sd=share_sd(share, conditions), conditions=conditions)


def share_sd(share: float, conditions: Conditions | None = None) -> float:
    """Return the standard deviation of an answer yes or no.

    Parameters
    ----------
    share : float
        Share P of those who say yes.
    conditions : Conditions, optional
        With a population N the divisor is N - 1.

    Returns
    -------
    float
        √(P (1 - P) N / (N - 1)).

    Raises
    ------
    SizeError
        If the share is outside [0, 1].

    Examples
    --------
    >>> share_sd(0.2)
    0.4
    """
    if not 0 <= share <= 1:
        raise SizeError(f"Expected a share from 0 to 1, got {share}.")
    population = conditions.population if conditions else None
    divisor = 1.0 if population in {None, 1} else population / (population - 1)
    return sqrt(share * (1 - share) * divisor)


def index_sd(sds: Sequence[float], *, correlation: float, weights: Sequence[float] | None = None) -> float:
    """Return the standard deviation of a person's index: the weighted mean of the answers to all criteria.

    Parameters
    ----------
    sds : sequence of float, length K
        Standard deviation of each criterion.
    correlation : float
        Mean correlation of two criteria; 1 if everybody judges all alike, which needs the most people.
    weights : sequence of float, length K, optional
        Weights of the criteria; equal by default.

    Returns
    -------
    float
        To be used with `for_mean`.

    Raises
    ------
    SizeError
        If there is no criterion, lengths differ, weights do not add up to more than 0, or the correlation
        cannot be that of K criteria.

    Notes
    -----
    With shares v = w / Σw: S² = (1 - r) Σ v² S_k² + r (Σ v S_k)².

    Examples
    --------
    >>> round(index_sd([0.4] * 51, correlation=0.3), 4)
    0.224
    """
    shares = [1.0] * len(sds) if weights is None else list(weights)
    if not sds or len(shares) != len(sds) or sum(shares) <= 0 or min(*shares, 0) < 0 or min(*sds, 0) < 0:
        raise SizeError(
            "Expected at least one criterion, standard deviations and weights of 0 or more, one of each per"
            f" criterion, got {list(sds)} and {shares}."
        )
    parts = [share / sum(shares) * sd for share, sd in zip(shares, sds, strict=True)]
    variance = (1 - correlation) * sum(part**2 for part in parts) + correlation * sum(parts) ** 2
    if correlation > 1 or variance < 0:
        raise SizeError(
            f"Expected a correlation that {len(sds)} criteria can have with one another, up to 1,"
            f" got {correlation}."
        )
    return sqrt(variance)


def for_index(
    margin: float,
    *,
    sds: Sequence[float],
    correlation: float,
    weights: Sequence[float] | None = None,
    conditions: Conditions | None = None,
) -> SampleSize:
    """Return the sample size with which an index made of many criteria has a margin of error.

    Parameters
    ----------
    margin : float
        Half-width e of the interval, in the unit of the criteria.
    sds, correlation, weights
        As for `index_sd`.
    conditions : Conditions, optional
        As for `for_mean`.

    Returns
    -------
    SampleSize

    Raises
    ------
    SizeError
        As for `index_sd` and `for_mean`.

    Examples
    --------
    >>> for_index(0.03, sds=[0.4] * 51, correlation=0.3).completed
    215
    """
    return for_mean(margin, sd=index_sd(sds, correlation=correlation, weights=weights), conditions=conditions)


def margin_of_mean(
    n: float, *, sd: float, conditions: Conditions | None = None, size_effect: float = 1.0
) -> float:
    """Return the margin of error of a mean from a number of answers: the inverse of `for_mean`.

    Parameters
    ----------
    n : float
        Answers; with a population, at most as many.
    sd : float
        Standard deviation among people.
    conditions : Conditions, optional
        As for `for_mean`; the response rate has no say, since `n` counts answers.
    size_effect : float, optional
        Where people are drawn with chances proportional to size: k, the mean size times the mean of 1 / size;
        1 for equal chances.

    Returns
    -------
    float
        z √(deff · S² (k / n - 1 / N)).

    Raises
    ------
    SizeError
        If `n` is not above 0, or above the population, or the effect of sizes is below 1.

    Notes
    -----
    With chances p = n x / Σ x the variance of a weighted mean is Σ (1 / p - 1) (y - Ȳ)² / N² as far as pairs
    are drawn nearly independently [1]_; where y does not depend on x that is S² (k / n - 1 / N). A variable
    that grows with the size is met better, one that falls with it worse.

    References
    ----------
    .. [1] Hájek, J. (1964). Asymptotic theory of rejective sampling. Annals of Mathematical Statistics 35.

    Examples
    --------
    >>> round(margin_of_mean(558, sd=share_sd(0.84), conditions=Conditions(deff=2)), 4)
    0.043
    >>> round(margin_of_mean(558, sd=share_sd(0.84), size_effect=2), 4)
    0.043
    """
    chosen = conditions or Conditions()
    most = float("inf") if chosen.population is None else chosen.population
    if not 0 < n <= most:
        raise SizeError(f"Expected a number of answers above 0 and up to the population of {most}, got {n}.")
    if not size_effect >= 1 - ROUNDING_SLACK:
        raise SizeError(f"Expected an effect of sizes of at least 1, got {size_effect}.")
    return chosen.quantile * sd * sqrt(chosen.deff * max(0.0, size_effect / n - 1 / most))


def margin_of_proportion(
    n: float, *, share: float = WORST_SHARE, conditions: Conditions | None = None
) -> float:
    """Return the margin of error of a share from a number of answers: the inverse of `for_proportion`.

    Parameters
    ----------
    n : float
        Answers.
    share : float, optional
        Expected share.
    conditions : Conditions, optional
        As for `margin_of_mean`.

    Returns
    -------
    float

    Raises
    ------
    SizeError
        As for `margin_of_mean`, or if the share is outside [0, 1].

    Examples
    --------
    >>> round(margin_of_proportion(1067), 4)
    0.03
    """
    return margin_of_mean(n, sd=share_sd(share, conditions), conditions=conditions)


def slovin(population: int, margin: float, *, response_rate: float = 1.0) -> SampleSize:
    """Return the sample size of the Ministry's rule of 2012, with a note of what it ignores.

    Parameters
    ----------
    population : int
        Number N of transactions or people, at least 1.
    margin : float
        Margin e as a share; the rule was used with 0.05.
    response_rate : float, optional
        Share of the people asked who answer. The rule has none; 1 keeps it as it was.

    Returns
    -------
    SampleSize
        With a note of two lines; with a third one where everybody is asked and still fewer answer than the
        rule wants.

    Raises
    ------
    SizeError
        If a value cannot be.

    Notes
    -----
    n = N / (1 + N e²), rounded up [1]_: a simple random sample for P = 0.5 with z = 2. It stays below 1 / e²,
    which is 400 for 5 points, however large the population is.

    References
    ----------
    .. [1] Decision 1383/QĐ-BNV of 28 December 2012. Yamane, T. (1967). Statistics, 2nd edition.

    Examples
    --------
    >>> slovin(600_000, 0.05).completed
    400
    >>> slovin(1_000, 0.05).completed
    286
    >>> slovin(10, 0.05, response_rate=0.9).drawn
    10
    """
    conditions = Conditions(response_rate=response_rate, population=population)
    _check_margin(margin)
    needed = ceil(population / (1 + population * margin**2) - ROUNDING_SLACK)
    drawn = ceil(needed / conditions.response_rate - ROUNDING_SLACK)
    if drawn > population:
        return SampleSize(needed, population, (*SLOVIN_NOTE, CENSUS_NOTE))
    return SampleSize(needed, drawn, SLOVIN_NOTE)


def slovin_margin(population: int, n: float) -> float:
    """Return the margin that the rule of 2012 promises for a number of answers: the inverse of `slovin`.

    Parameters
    ----------
    population : int
        Number N of transactions or people.
    n : float
        Answers.

    Returns
    -------
    float
        √(1 / n - 1 / N).

    Raises
    ------
    SizeError
        If `n` is not above 0, or above the population.

    Examples
    --------
    >>> round(slovin_margin(600_000, 400), 4)
    0.05
    """
    if not 0 < n <= population:
        raise SizeError(f"Expected a number of answers above 0 and up to {population}, got {n}.")
    return sqrt(1 / n - 1 / population)


def _check_margin(margin: float) -> None:
    if not (isfinite(margin) and margin > 0):
        raise SizeError(f"Expected a margin above 0, got {margin}.")


def _sized(completed: int, conditions: Conditions) -> SampleSize:
    """Ask more people than have to answer; refuse if there are not so many."""
    drawn = ceil(completed / conditions.response_rate - ROUNDING_SLACK)
    if conditions.population is not None and drawn > conditions.population:
        raise SizeError(
            f"Expected {completed} answers, but {conditions.population} people of whom"
            f" {conditions.response_rate:.0%} answer give fewer. Accept a larger margin or ask everybody."
        )
    return SampleSize(completed, drawn)

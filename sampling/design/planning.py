"""What a sample in several stages would give and cost, before anything is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite, sqrt
from typing import Self

from scipy.stats import t as student


class PlanError(ValueError):
    """Raised when a plan contradicts itself or cannot be judged."""


@dataclass(frozen=True, slots=True)
class Components:
    """Where the spread of answers comes from: one variance per stage.

    Parameters
    ----------
    variances : tuple of float
        Variance between communes, between villages of one commune, between people of one village: from the
        first stage to the last, in the squared unit of the variable.

    Examples
    --------
    >>> Components((1.0, 2.0, 7.0)).total
    10.0
    """

    variances: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.variances or any(not isfinite(part) or part < 0 for part in self.variances):
            raise PlanError(f"Expected one variance of 0 or more per stage, got {self.variances}.")

    @classmethod
    def of_correlations(cls, variance: float, correlations: Sequence[float]) -> Self:
        """Return the components of a variance from intraclass correlations.

        Parameters
        ----------
        variance : float
            Variance among all people.
        correlations : sequence of float
            Share of it that lies between communes, then between villages of one commune; the rest lies
            between people.

        Raises
        ------
        PlanError
            If a share is negative or they leave nothing for the people.

        Examples
        --------
        >>> [round(part, 4) for part in Components.of_correlations(0.16, [0.01, 0.03]).variances]
        [0.0016, 0.0048, 0.1536]
        """
        rest = 1 - sum(correlations)
        if rest < 0 or any(part < 0 for part in correlations):
            raise PlanError(
                f"Expected correlations of 0 or more that add up to at most 1, got {correlations}."
            )
        return cls(tuple(variance * part for part in (*correlations, rest)))

    @property
    def total(self) -> float:
        """Variance among all people."""
        return sum(self.variances)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a plan inside one stratum.

    Parameters
    ----------
    code : str
        For example ``"commune"``.
    take : float
        Units taken per unit of the stage before; at the first stage, in the stratum.
    cost : float
        What each unit costs: the way to a commune, the listing of a village, an interview.
    available : float, optional
        Units that there are per unit of the stage before; endless by default.

    Examples
    --------
    >>> Stage("village", take=5, cost=1, available=3).taken
    3
    """

    code: str
    take: float
    cost: float = 0.0
    available: float = inf

    def __post_init__(self) -> None:
        limits = {
            "a take above 0": (self.take, isfinite(self.take) and self.take > 0),
            "a cost of 0 or more": (self.cost, isfinite(self.cost) and self.cost >= 0),
            "something available": (self.available, self.available > 0),
        }
        for expected, (got, holds) in limits.items():
            if not holds:
                raise PlanError(f"Stage {self.code!r}: expected {expected}, got {got}.")

    @property
    def taken(self) -> float:
        """Units taken, no more than there are."""
        return min(self.take, self.available)

    @property
    def is_whole(self) -> bool:
        """Whether every unit is taken."""
        return self.take >= self.available


@dataclass(frozen=True, slots=True)
class StratumPlan:
    """The plan of one stratum.

    Parameters
    ----------
    code : str
        Code of the stratum.
    size : float
        People of the stratum; only the proportions of the strata of a domain count.
    stages : tuple of Stage
        From the first to the last, whose units are the people asked.
    components : Components
        One variance per stage.

    Raises
    ------
    PlanError
        If stages and variances are not as many, or the size is not above 0.
    """

    code: str
    size: float
    stages: tuple[Stage, ...]
    components: Components

    def __post_init__(self) -> None:
        if len(self.stages) != len(self.components.variances):
            raise PlanError(
                f"Stratum {self.code!r}: expected one variance per stage, got {len(self.stages)} stages and"
                f" {len(self.components.variances)} variances."
            )
        if not self.size > 0:
            raise PlanError(f"Stratum {self.code!r}: expected a size above 0, got {self.size}.")

    @property
    def counts(self) -> tuple[float, ...]:
        """Units taken at each stage, all in all."""
        return _cumulated([stage.taken for stage in self.stages])

    @property
    def populations(self) -> tuple[float, ...]:
        """Units that there are at each stage, all in all."""
        return _cumulated([stage.available for stage in self.stages])

    def with_takes(self, takes: Sequence[float]) -> Self:
        """Return the same plan with other takes."""
        stages = zip(self.stages, takes, strict=True)
        return replace(self, stages=tuple(replace(stage, take=take) for stage, take in stages))

    @property
    def takes(self) -> tuple[float, ...]:
        """Take of each stage."""
        return tuple(stage.take for stage in self.stages)


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is taken for granted for all strata of a plan.

    Parameters
    ----------
    confidence : float
        Confidence of the intervals.
    response_rate : float
        Share of the people asked who answer.
    fpc : bool
        Whether drawing without replacement counts at every stage. Without it the first stage is taken as
        drawn with replacement, which never promises too much.

    Examples
    --------
    >>> Assumptions().confidence
    0.95
    """

    confidence: float = 0.95
    response_rate: float = 1.0
    fpc: bool = False

    def __post_init__(self) -> None:
        if not (0 < self.confidence < 1 and 0 < self.response_rate <= 1):
            raise PlanError(
                "Expected a confidence between 0 and 1 and a response rate above 0 and up to 1, got"
                f" {self.confidence} and {self.response_rate}."
            )


@dataclass(frozen=True, slots=True)
class Expected:
    """What a plan promises for one domain.

    Parameters
    ----------
    counts : tuple of float
        Units taken at each stage; the last are the people asked.
    completed : float
        Answers expected.
    variance : float
        Of the estimated mean.
    df : float
        Degrees of freedom: primary units minus strata.
    margin : float
        Half-width of the interval with Student's t; infinite without a degree of freedom.
    deff : float
        Variance divided by that of as many answers from a simple random sample.
    cost : float
        Of all stages.
    """

    counts: tuple[float, ...]
    completed: float
    variance: float
    df: float
    margin: float
    deff: float
    cost: float

    @property
    def standard_error(self) -> float:
        """Square root of the variance."""
        return sqrt(self.variance)


def expect(strata: Sequence[StratumPlan], assumptions: Assumptions | None = None) -> Expected:
    """Return expected margin, number of answers and cost of a domain made of strata.

    Parameters
    ----------
    strata : sequence of StratumPlan
        All with the same stages.
    assumptions : Assumptions, optional
        Confidence, response rate, finite population correction.

    Returns
    -------
    Expected

    Raises
    ------
    PlanError
        If there is no stratum or the stages differ.

    Notes
    -----
    With s the stages, σ_s² the components, n_s the units taken in all (n of the last stage: the answers) and
    N_s those that there are, a stratum has

        V_h = Σ_s σ_s² (1 / n_s - [fpc] 1 / N_s),

    the variance of the difference between the means of sample and population if units of a stage are alike in
    size and drawn with equal chances, or with chances proportional to size and equal takes. It is Cochran's
    formula [1]_ with S_1² = σ_1² + σ_2² / N_2 + … . Without `fpc` a stage that is taken whole still adds
    nothing if all before it are whole, too. The domain has V = Σ (W_h / ΣW)² V_h.

    Degrees of freedom are d_h, the primary units minus 1, in a stratum, where a unit that is in the sample
    for certain is a stratum of its own whose units of the next stage are primary. The domain has those that
    carry its variance [2]_: (Σ W_h² V_h)² / Σ ((W_h² V_h)² / d_h), which is Σ d_h only where the parts
    of the strata are as d_h.

    References
    ----------
    .. [1] Cochran, W. G. (1977). Sampling Techniques, section 10.8.
    .. [2] Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components.
       Biometrics Bulletin 2.

    Examples
    --------
    >>> stages = (Stage("commune", 6), Stage("village", 3), Stage("person", 31))
    >>> parts = Components.of_correlations(0.84 * 0.16, [0.01, 0.03])
    >>> expected = expect([StratumPlan("01", 1, stages, parts)])
    >>> expected.completed, round(expected.deff, 2), round(expected.margin, 4)
    (558.0, 2.82, 0.067)
    """
    chosen = assumptions or Assumptions()
    _check_alike(strata)
    whole = sum(stratum.size for stratum in strata)
    parts = [(stratum.size / whole) ** 2 * _variance(stratum, chosen) for stratum in strata]
    variance = sum(parts)
    df = _effective_degrees(parts, [_degrees_of_freedom(stratum) for stratum in strata])
    counts = tuple(map(sum, zip(*(stratum.counts for stratum in strata), strict=True)))
    completed = counts[-1] * chosen.response_rate
    simple = _simple_variance(strata) / completed
    return Expected(
        counts=counts,
        completed=completed,
        variance=variance,
        df=df,
        margin=quantile(df, chosen.confidence) * sqrt(variance) if variance else 0.0,
        deff=variance / simple if simple else 1.0,
        cost=sum(cost_of(stratum, chosen) for stratum in strata),
    )


def _cumulated(factors: Sequence[float]) -> tuple[float, ...]:
    product, cumulated = 1.0, []
    for factor in factors:
        product *= factor
        cumulated.append(product)
    return tuple(cumulated)


def _check_alike(strata: Sequence[StratumPlan]) -> None:
    kinds = {tuple(stage.code for stage in stratum.stages) for stratum in strata}
    if len(kinds) != 1:
        raise PlanError(f"Expected strata with the same stages, got {sorted(kinds) or 'no stratum'}.")


def _variance(stratum: StratumPlan, chosen: Assumptions) -> float:
    """Add up the stages; what is taken whole from the top adds nothing."""
    counts = [*stratum.counts[:-1], stratum.counts[-1] * chosen.response_rate]
    variance, is_whole = 0.0, True
    stages = zip(stratum.stages, stratum.components.variances, counts, stratum.populations, strict=True)
    for stage, part, count, population in stages:
        is_whole = is_whole and stage.is_whole
        has_correction = chosen.fpc or (is_whole and stage is not stratum.stages[-1])
        variance += part * max(1 / count - (1 / population if has_correction else 0.0), 0.0)
    return variance


def _degrees_of_freedom(stratum: StratumPlan) -> float:
    """Count primary units minus strata; a certain unit is a stratum of its own."""
    above, counts = 1.0, stratum.counts
    for stage, count in zip(stratum.stages, counts, strict=True):
        if not stage.is_whole:
            return count - above
        above = count
    return counts[-1] - (counts[-2] if len(counts) > 1 else 1.0)


def _effective_degrees(parts: Sequence[float], degrees: Sequence[float]) -> float:
    """Return the degrees of freedom of a sum of variances; parts without one are left out."""
    known = [(part, df) for part, df in zip(parts, degrees, strict=True) if part > 0 and df > 0]
    if not known:
        return float(sum(degrees))
    total, largest = sum(part for part, _df in known), max(part for part, _df in known)
    below = sum((part / largest) ** 2 / df for part, df in known)
    return float(min((total / largest) ** 2 / below, sum(degrees)))


def _simple_variance(strata: Sequence[StratumPlan]) -> float:
    """Variance among the people of a domain; differences between strata are not known and left out."""
    whole = sum(stratum.size for stratum in strata)
    return sum(stratum.size / whole * stratum.components.total for stratum in strata)


def quantile(df: float, confidence: float) -> float:
    """Return the quantile of Student's distribution of a two-sided interval.

    Parameters
    ----------
    df : float
        Degrees of freedom.
    confidence : float

    Returns
    -------
    float
        Infinite without a degree of freedom.

    Examples
    --------
    >>> round(quantile(5, 0.95), 3)
    2.571
    """
    return float(student.ppf((1 + confidence) / 2, df)) if df > 0 else inf


def cost_of(stratum: StratumPlan, assumptions: Assumptions) -> float:
    """Return what a stratum costs: every unit taken, and at the last stage every answer.

    Parameters
    ----------
    stratum : StratumPlan
    assumptions : Assumptions
        Only the response rate counts.

    Returns
    -------
    float

    Examples
    --------
    >>> stages = (Stage("commune", 2, cost=100), Stage("person", 10, cost=3))
    >>> cost_of(StratumPlan("01", 1, stages, Components((1.0, 1.0))), Assumptions(response_rate=0.5))
    230.0
    """
    counts = [*stratum.counts[:-1], stratum.counts[-1] * assumptions.response_rate]
    return sum(stage.cost * count for stage, count in zip(stratum.stages, counts, strict=True))

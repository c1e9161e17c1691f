"""Communes, near the fewest, with which every domain of a plan in stages reaches its margin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil, inf, sqrt

import numpy as np
from numpy.typing import NDArray

from sampling.design.allocation import AllocationError
from sampling.design.bethel import PrecisionTarget, allocate
from sampling.design.exchanges import Search
from sampling.design.planning import Assumptions, Expected, StratumPlan, cost_of, expect, quantile

ROUNDS = 12
"""Rounds in which margins and degrees of freedom, which depend on each other, find together."""
MOST_ADDED = 10_000
"""Units of a stratum beyond which degrees of freedom no longer matter and a search ends."""
SLACK = 1e-6
CACHED = 10_000
"""Quantiles kept at hand."""


@dataclass(frozen=True, slots=True)
class MarginTarget:
    """The largest half-width of one domain.

    Parameters
    ----------
    name : str
        What an error calls the domain.
    margin : float
        In the unit of the variable, above 0.
    strata : tuple of int
        Places of its strata.
    """

    name: str
    margin: float
    strata: tuple[int, ...]


def least_first_stage(
    strata: Sequence[StratumPlan],
    targets: Sequence[MarginTarget],
    assumptions: Assumptions | None = None,
    *,
    minimum: int = 2,
    maximum: float = inf,
) -> list[int]:
    """Return how many units the first stage must take in each stratum, near the least cost.

    Parameters
    ----------
    strata : sequence of StratumPlan
        Takes of the first stage do not count, those of the later stages stay.
    targets : sequence of MarginTarget
        One per domain; domains may overlap.
    assumptions : Assumptions, optional
        As for `planning.expect`.
    minimum : int, optional
        Least of each stratum; 2, so that a variance can be estimated, or all there are.
    maximum : float, optional
        Most of each stratum, if so many are there.

    Returns
    -------
    list of int
        One number per stratum.

    Raises
    ------
    AllocationError
        If a target is out of reach.

    Notes
    -----
    The variance of a stratum is a / m - b in the number m of units of its first stage, so Bethel's
    allocation applies. The quantile of Student's distribution depends on m, so both are computed in turn.
    At last m is rounded up, single units are added where a margin is still missed, and taken away or
    exchanged as long as that saves money (`sampling.design.exchanges`). That this is the least of all plans
    in whole units is not proved; in small plans a search through all of them found none cheaper.

    Examples
    --------
    >>> from sampling.design.planning import Components, Stage
    >>> stages = (Stage("commune", 6, 3e6), Stage("village", 3, 6e5), Stage("person", 31, 6e4))
    >>> plan = StratumPlan("01", 1, stages, Components.of_correlations(0.84 * 0.16, [0.01, 0.03]))
    >>> least_first_stage([plan], [MarginTarget("01", 0.045, (0,))])
    [11]
    """
    chosen = assumptions or Assumptions()
    problem = _Problem(tuple(strata), tuple(targets), chosen, minimum, maximum)
    takes = problem.solve_if_within_reach(np.minimum(problem.high, MOST_ADDED))
    for _round in range(ROUNDS):
        halfway = np.ceil((takes + problem.solve_if_within_reach(takes)) / 2)
        if (halfway == takes).all():
            break
        takes = halfway
    return [int(take) for take in problem.trim(problem.mend(takes))]


def first_stage_line(stratum: StratumPlan, assumptions: Assumptions) -> tuple[float, float]:
    """Return a and b of the variance a / m - b in the number m of units of the first stage.

    Parameters
    ----------
    stratum : StratumPlan
        Its take of the first stage does not count.
    assumptions : Assumptions
        As for `planning.expect`.

    Returns
    -------
    a, b : float
        As long as the first stage is not taken whole.

    Examples
    --------
    >>> from sampling.design.planning import Components, Stage
    >>> stages = (Stage("commune", 6), Stage("person", 10))
    >>> first_stage_line(StratumPlan("01", 1, stages, Components((0.5, 2.0))), Assumptions())
    (0.7, 0.0)
    """
    later = stratum.takes[1:]
    half, quarter = (
        expect([stratum.with_takes((take, *later))], assumptions).variance for take in (0.5, 0.25)
    )
    slope = (quarter - half) / 2
    return slope, max(2 * slope - half, 0.0)


@dataclass(frozen=True, slots=True)
class _Problem:
    """Strata, targets and limits of one search."""

    strata: tuple[StratumPlan, ...]
    targets: tuple[MarginTarget, ...]
    chosen: Assumptions
    minimum: int
    maximum: float
    plans: dict[tuple[int, float], StratumPlan] = field(default_factory=dict)
    seen: dict[tuple[MarginTarget, tuple[float, ...]], Expected] = field(default_factory=dict)

    @property
    def high(self) -> NDArray[np.float64]:
        """Most of each stratum."""
        most = [min(stratum.stages[0].available, self.maximum) for stratum in self.strata]
        high: NDArray[np.float64] = np.maximum(np.floor(most), 1.0)
        return high

    @property
    def low(self) -> NDArray[np.float64]:
        """Least of each stratum."""
        low: NDArray[np.float64] = np.minimum(np.full(len(self.strata), float(self.minimum)), self.high)
        return low

    def plan(self, place: int, take: float) -> StratumPlan:
        """Return a stratum with another take of the first stage."""
        if (place, take) not in self.plans:
            stratum = self.strata[place]
            self.plans[place, take] = stratum.with_takes((take, *stratum.takes[1:]))
        return self.plans[place, take]

    def expected(self, target: MarginTarget, takes: NDArray[np.float64]) -> Expected:
        """Return what a domain gets."""
        chosen = tuple(float(takes[place]) for place in target.strata)
        if (target, chosen) not in self.seen:
            plans = [self.plan(place, take) for place, take in zip(target.strata, chosen, strict=True)]
            self.seen[target, chosen] = expect(plans, self.chosen)
        return self.seen[target, chosen]

    def solve(self, takes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return Bethel's sizes, rounded up, for the degrees of freedom that given takes have."""
        lines = [first_stage_line(stratum, self.chosen) for stratum in self.strata]
        sizes = np.array([stratum.size for stratum in self.strata])
        costs = np.array([cost_of(self.plan(place, 1.0), self.chosen) for place in range(len(sizes))])
        spread = np.sqrt([a for a, _b in lines])
        found = allocate(
            sizes,
            [self.target(target, sizes, spread, lines, takes) for target in self.targets],
            costs=costs / costs.max() if costs.max() > 0 else 1.0,
            fpc=False,
            minimum=self.low,
            maximum=self.high,
        )
        return np.minimum(np.ceil(found.sizes - SLACK), self.high)

    def solve_if_within_reach(self, takes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Solve, or keep the takes where their few degrees of freedom put a target out of reach."""
        try:
            return self.solve(takes)
        except AllocationError:
            return takes

    def target(
        self,
        target: MarginTarget,
        sizes: NDArray[np.float64],
        spread: NDArray[np.float64],
        lines: Sequence[tuple[float, float]],
        takes: NDArray[np.float64],
    ) -> PrecisionTarget:
        """Write a margin as a coefficient of variation of a variable with mean 1."""
        places = list(target.strata)
        df = max(self.expected(target, takes).df, 1.0)
        shares = sizes[places] / sizes[places].sum()
        spared = float(shares**2 @ np.array([lines[place][1] for place in places]))
        allowed = (target.margin / quantile(df, self.chosen.confidence)) ** 2 + spared
        members = np.isin(np.arange(len(sizes)), places)
        return PrecisionTarget.of(target.name, np.ones(len(sizes)), spread, sqrt(allowed), members)

    def mend(self, takes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add units where a margin is missed, one after the other, where one helps most for its money."""
        mended = takes.copy()
        for target in self.targets:
            for _unit in range(MOST_ADDED):
                if self.expected(target, mended).margin <= target.margin * (1 + SLACK):
                    break
                mended[self.best(target, mended)] += 1
        return mended

    def trim(self, takes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take units away and exchange them as long as that saves money and every margin holds."""
        places = range(takes.size)
        costs = np.array([cost_of(self.plan(place, 1.0), self.chosen) for place in places])
        shared = [frozenset(target.strata) for target in self.targets]
        near = [frozenset[int]().union(*(one for one in shared if place in one)) for place in places]
        money = costs if costs.all() else np.ones(takes.size)
        return Search(money, self.low, self.high, self.losses, self.holds, near).thriftiest(takes)

    def losses(self, takes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what one unit less in each stratum takes of the variance that the margins leave."""
        sizes = np.array([stratum.size for stratum in self.strata])
        increase = np.array([self.increase(place, take) for place, take in enumerate(takes.tolist())])
        lost: NDArray[np.float64] = np.zeros(takes.size)
        for target in self.targets:
            places, now = list(target.strata), self.expected(target, takes)
            allowed, most = (
                _allowed(target.margin, now.df + more, self.chosen.confidence) for more in (0, 1)
            )
            left = max(allowed - now.variance, allowed * SLACK)
            used = (sizes[places] / sizes[places].sum()) ** 2 * increase[places]
            is_far = now.variance + used > most
            lost[places] += np.where(is_far, np.inf, used / left)
        return lost

    def increase(self, place: int, take: float) -> float:
        """Return how much one unit less adds to the variance of a stratum."""
        if take <= 1:
            return inf
        alone = MarginTarget("", inf, (place,))
        fewer, more = (self.expected(alone, np.full(place + 1, n)).variance for n in (take - 1, take))
        return fewer - more

    def holds(self, takes: NDArray[np.float64], place: int) -> bool:
        """Tell whether the domains of a stratum keep their margins."""
        return all(
            self.expected(target, takes).margin <= target.margin * (1 + SLACK)
            for target in self.targets
            if place in target.strata
        )

    def best(self, target: MarginTarget, takes: NDArray[np.float64]) -> int:
        """Return the stratum where one more unit helps a domain most for its money."""
        free = [place for place in target.strata if takes[place] < self.high[place]]
        if not free:
            raise AllocationError(
                f"Expected targets within reach, got {target.name!r}, missed even with every unit there is."
                " Ask for less precision, or take more in each unit."
            )
        return max(free, key=lambda place: self.gain(place, float(takes[place])))

    def gain(self, place: int, take: float) -> float:
        """Return how much one more unit takes off the variance for its money."""
        stratum = self.strata[place]
        fewer, more = (expect([self.plan(place, count)], self.chosen).variance for count in (take, take + 1))
        return stratum.size**2 * (fewer - more) / max(cost_of(self.plan(place, 1.0), self.chosen), SLACK)


@lru_cache(maxsize=CACHED)
def _allowed(margin: float, df: float, confidence: float) -> float:
    """Return the variance that a margin allows."""
    return (margin * (1 + SLACK) / quantile(df, confidence)) ** 2


def whole_sizes(sizes: Sequence[float]) -> list[int]:
    """Round sizes up to whole numbers, forgiving the last digits of a solver.

    Parameters
    ----------
    sizes : sequence of float

    Returns
    -------
    list of int

    Examples
    --------
    >>> whole_sizes([2.0000000001, 2.1])
    [2, 3]
    """
    return [ceil(size - SLACK) for size in sizes]


def margin_targets(
    domains: Mapping[str, Sequence[int]], margin: float, *, whole: float | None = None
) -> list[MarginTarget]:
    """Return one target per domain, and one for all strata together.

    Parameters
    ----------
    domains : mapping of str to sequence of int
        Places of the strata of each domain.
    margin : float
        Half-width for each domain.
    whole : float, optional
        Half-width for all together.

    Returns
    -------
    list of MarginTarget

    Examples
    --------
    >>> [target.strata for target in margin_targets({"01": [0], "79": [1, 2]}, 0.05, whole=0.02)]
    [(0,), (1, 2), (0, 1, 2)]
    """
    targets = [MarginTarget(name, margin, tuple(places)) for name, places in domains.items()]
    if whole is None:
        return targets
    everything = tuple(sorted(place for places in domains.values() for place in places))
    return [*targets, MarginTarget("all", whole, everything)]

"""What more of a sample would buy: one more commune, one more village in each, ten more people."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf, isfinite, sqrt

from sampling.design.planning import (
    Assumptions,
    Components,
    PlanError,
    StratumPlan,
    cost_of,
    expect,
)

MILLION = 1_000_000
ENDLESS = 1e12


@dataclass(frozen=True, slots=True)
class Purchase:
    """What more of one stage buys.

    Parameters
    ----------
    stage : str
        Code of the stage.
    amount : float
        How many more units.
    cost : float
        What they cost more.
    gain : float
        How much narrower the half-width becomes.
    margin : float
        The half-width then.
    """

    stage: str
    amount: float
    cost: float
    gain: float
    margin: float

    @property
    def gain_per_million(self) -> float:
        """Gain for each million of the currency."""
        return self.gain / self.cost * MILLION if self.cost else 0.0


def purchases(
    strata: Sequence[StratumPlan], assumptions: Assumptions | None = None, *, people: float = 10
) -> tuple[Purchase, ...]:
    """Return what one more unit of each stage, and some more people, would buy for a domain.

    Parameters
    ----------
    strata : sequence of StratumPlan
        Strata of the domain, as they stand.
    assumptions : Assumptions, optional
        As for `expect`.
    people : float, optional
        How many more people, spread evenly over the units of the stage before.

    Returns
    -------
    tuple of Purchase
        One more unit of the first stage with all below it, in the stratum where it helps most; one more of
        each later stage in every unit above; `people` more in all. Nothing of a stage that is taken whole.

    Raises
    ------
    PlanError
        As for `expect`.

    Examples
    --------
    >>> from sampling.design.planning import Stage
    >>> stages = (Stage("commune", 6, 3e6), Stage("village", 3, 6e5), Stage("person", 31, 6e4))
    >>> plan = StratumPlan("01", 1, stages, Components.of_correlations(0.84 * 0.16, [0.01, 0.03]))
    >>> [(one.stage, round(100 * one.gain_per_million, 3)) for one in purchases([plan])]
    [('commune', 0.077), ('village', 0.04), ('person', 0.034)]
    """
    now = expect(strata, assumptions)
    last = len(strata[0].stages) - 1
    bought = []
    for place, stage in enumerate(strata[0].stages):
        step = people / (now.counts[-2] if last else 1.0) if place == last else 1.0
        changed = _one_more(strata, assumptions) if place == 0 < last else _raised(strata, place, step)
        then = expect(changed, assumptions)
        if then.cost == now.cost and then.margin == now.margin:
            continue
        amount = people if place == last else 1.0
        gain = now.margin - then.margin if isfinite(now.margin) else inf
        bought.append(Purchase(stage.code, amount, then.cost - now.cost, gain, then.margin))
    return tuple(bought)


@dataclass(frozen=True, slots=True)
class Path:
    """Half-widths that a growing budget buys if all of it goes into one stage.

    Parameters
    ----------
    stage : str
        Code of the stage.
    costs, margins : tuple of float
        From the plan as it is upwards.
    """

    stage: str
    costs: tuple[float, ...]
    margins: tuple[float, ...]


def paths(
    strata: Sequence[StratumPlan],
    assumptions: Assumptions | None = None,
    *,
    growth: float = 1.0,
    n_points: int = 21,
) -> tuple[Path, ...]:
    """Follow the half-width while the budget grows and all that is added goes into one stage.

    Parameters
    ----------
    strata : sequence of StratumPlan
        Strata of a domain; they must cost something.
    assumptions : Assumptions, optional
        As for `expect`.
    growth : float, optional
        By which share of today's cost the budget grows at most.
    n_points : int, optional
        Points on each path, 2 or more.

    Returns
    -------
    tuple of Path
        One per stage that can be bought: its takes grow by the same factor in all strata and are treated as
        divisible; a path ends where a stratum has no more units.

    Raises
    ------
    PlanError
        If the plan costs nothing.

    Examples
    --------
    >>> from sampling.design.planning import Stage
    >>> stages = (Stage("commune", 6, 3e6), Stage("person", 31, 6e4))
    >>> plan = StratumPlan("01", 1, stages, Components((0.005, 0.13)))
    >>> [(one.stage, round(one.margins[-1] / one.margins[0], 2)) for one in paths([plan])]
    [('commune', 0.61), ('person', 0.82)]
    """
    chosen = assumptions or Assumptions()
    cost = sum(cost_of(stratum, chosen) for stratum in strata)
    if not cost > 0:
        raise PlanError("Expected a plan that costs something, got 0. Enter what a unit costs.")
    budgets = [cost * (1 + growth * step / (n_points - 1)) for step in range(n_points)]
    places = range(len(strata[0].stages))
    found = [_path(strata, chosen, place, budgets) for place in places]
    return tuple(path for path in found if len(path.costs) > 1)


def margin_with_everybody(strata: Sequence[StratumPlan], assumptions: Assumptions | None = None) -> float:
    """Return the half-width that would be left if endlessly many people were asked in the same places.

    Parameters
    ----------
    strata : sequence of StratumPlan
        Strata of a domain.
    assumptions : Assumptions, optional
        As for `expect`; without replacement the people there are cannot run out here.

    Returns
    -------
    float
        What no number of people in these villages can undercut.

    Examples
    --------
    >>> from sampling.design.planning import Stage
    >>> stages = (Stage("commune", 6), Stage("village", 3), Stage("person", 31))
    >>> plan = StratumPlan("01", 1, stages, Components.of_correlations(0.84 * 0.16, [0.01, 0.03]))
    >>> round(expect([plan]).margin, 3), round(margin_with_everybody([plan]), 3)
    (0.067, 0.054)
    """
    endless = []
    for stratum in strata:
        last = replace(stratum.stages[-1], take=ENDLESS, available=inf)
        endless.append(replace(stratum, stages=(*stratum.stages[:-1], last)))
    return expect(endless, assumptions).margin


def optimal_takes(components: Components, costs: Sequence[float]) -> tuple[float, ...]:
    """Return the best takes below the first stage: as few as pay their way.

    Parameters
    ----------
    components : Components
        One variance per stage.
    costs : sequence of float
        Cost c_s of a unit of each stage, above 0; that of the last per answer.

    Returns
    -------
    tuple of float
        One take per stage after the first, real-valued; infinite where the stage before adds no spread.

    Raises
    ------
    PlanError
        If numbers of stages differ or a cost is not above 0.

    Notes
    -----
    The takes that give the least variance for any budget, and the least cost for any variance:
    √((σ_s² / σ_{s-1}²) (c_{s-1} / c_s)) [1]_. They do not depend on the number of communes, which the budget
    decides.

    References
    ----------
    .. [1] Cochran, W. G. (1977). Sampling Techniques, sections 10.6 and 10.8.

    Examples
    --------
    >>> parts = Components.of_correlations(0.16, [0.01, 0.03])
    >>> [round(take, 1) for take in optimal_takes(parts, [3e6, 6e5, 6e4])]
    [3.9, 17.9]
    """
    if len(costs) != len(components.variances) or not all(cost > 0 for cost in costs):
        raise PlanError(
            f"Expected one cost above 0 per stage, {len(components.variances)} in all, got {list(costs)}."
        )
    spreads = pairwise(components.variances)
    return tuple(
        sqrt(below / above * dear / cheap) if above else inf
        for (above, below), (dear, cheap) in zip(spreads, pairwise(costs), strict=True)
    )


def _raised(strata: Sequence[StratumPlan], place: int, step: float) -> list[StratumPlan]:
    """Raise the take of one stage by the same step everywhere, as far as there are units."""
    return [_with_take(stratum, place, stratum.takes[place] + step) for stratum in strata]


def _with_take(stratum: StratumPlan, place: int, take: float) -> StratumPlan:
    """Change the take of one stage, up to the units that there are."""
    takes = list(stratum.takes)
    takes[place] = min(take, stratum.stages[place].available)
    return stratum.with_takes(takes)


def _one_more(strata: Sequence[StratumPlan], assumptions: Assumptions | None) -> list[StratumPlan]:
    """Add one unit of the first stage where it helps most."""
    choices = []
    for place, stratum in enumerate(strata):
        more = _with_take(stratum, 0, stratum.takes[0] + 1)
        choices.append([*strata[:place], more, *strata[place + 1 :]])
    return min(choices, key=lambda changed: expect(changed, assumptions).margin)


def _slope(stratum: StratumPlan, chosen: Assumptions, place: int) -> float:
    """Return what the take of a stage costs with all below it; the cost is linear in each take."""
    counts = [*stratum.counts[:-1], stratum.counts[-1] * chosen.response_rate]
    below = zip(stratum.stages[place:], counts[place:], strict=True)
    return sum(stage.cost * count for stage, count in below)


def _path(strata: Sequence[StratumPlan], chosen: Assumptions, place: int, budgets: Sequence[float]) -> Path:
    """Put what is left of every budget into one stage, as long as no stratum is exhausted."""
    slope = sum(_slope(stratum, chosen, place) for stratum in strata)
    room = min(stratum.stages[place].available / stratum.stages[place].taken for stratum in strata)
    factors = [1 + (budget - budgets[0]) / slope for budget in budgets] if slope else [1.0]
    reached = [factor for factor in factors if factor <= room]
    margins = [
        expect([_with_take(one, place, factor * one.stages[place].taken) for one in strata], chosen).margin
        for factor in reached
    ]
    return Path(strata[0].stages[place].code, tuple(budgets[: len(reached)]), tuple(margins))

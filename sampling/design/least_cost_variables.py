"""The fewest communes with which several variables are as precise as wanted, in every domain of a plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf, isfinite, sqrt

import numpy as np
from numpy.typing import NDArray

from sampling.design.allocation import AllocationError
from sampling.design.bethel import PrecisionTarget, allocate
from sampling.design.least_cost import SLACK, first_stage_line
from sampling.design.planning import Assumptions, Components, StratumPlan, cost_of, expect
from sampling.design.refusals import marked as _

WHOLE = ""
"""Name of the domain of all strata together."""

OTHERS = "*"
"""Stands for the strata that a value by stratum does not name."""

type Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PlanVariable:
    """One variable of a plan, and how precise its mean has to be.

    Parameters
    ----------
    name : str
        What an error and the page call it.
    means : mapping of str to float
        Expected mean of each stratum, not 0 in a domain; ``*`` stands for strata that are not named.
    components : mapping of str to Components
        Where its spread comes from, in the same way.
    cv : float or None
        Largest coefficient of variation of the mean of every domain; None if there is no limit.
    whole_cv : float or None
        The same for all strata together.

    Examples
    --------
    >>> satisfied = PlanVariable("satisfied", {"*": 0.84}, {"*": Components((0.001, 0.13))}, cv=0.03)
    >>> satisfied.mean_in("01")
    0.84
    """

    name: str
    means: Mapping[str, float]
    components: Mapping[str, Components] = field(default_factory=dict)
    cv: float | None = None
    whole_cv: float | None = None

    def __post_init__(self) -> None:
        limits = [limit for limit in (self.cv, self.whole_cv) if limit is not None]
        if not all(isfinite(limit) and limit > 0 for limit in limits):
            raise AllocationError(
                f"Variable {self.name!r}: expected coefficients of variation above 0, got {limits}."
            )
        if not all(map(isfinite, self.means.values())):
            raise AllocationError(f"Variable {self.name!r}: expected finite means, got {dict(self.means)}.")

    def mean_in(self, stratum: str) -> float:
        """Return the mean of a stratum, or say that none is known."""
        mean = self.means.get(stratum, self.means.get(OTHERS))
        if mean is None:
            raise AllocationError(
                _(
                    "Variable '%(variable)s': expected a mean of stratum '%(stratum)s', or one of "
                    "'%(others)s' for all others, got none."
                ),
                variable=self.name,
                stratum=stratum,
                others=OTHERS,
            )
        return mean

    def plan(self, stratum: StratumPlan) -> StratumPlan:
        """Return the plan of a stratum with the spread of this variable; its own if none is given."""
        parts = self.components.get(stratum.code, self.components.get(OTHERS, stratum.components))
        return replace(stratum, components=parts)


@dataclass(frozen=True, slots=True)
class VariableReach:
    """The coefficient of variation that a plan gives a variable in a domain, and the largest allowed."""

    variable: str
    domain: str
    asked: float
    reached: float

    @property
    def is_met(self) -> bool:
        """Whether the limit is kept."""
        return self.reached <= self.asked * (1 + SLACK)


def least_for_variables(
    strata: Sequence[StratumPlan],
    variables: Sequence[PlanVariable],
    domains: Mapping[str, Sequence[int]],
    assumptions: Assumptions | None = None,
    *,
    minimum: int = 2,
    maximum: float = inf,
) -> list[int]:
    """Return how many units the first stage must take in each stratum, at the least cost.

    Parameters
    ----------
    strata : sequence of StratumPlan
        Takes of the first stage do not count, those of the later stages stay.
    variables : sequence of PlanVariable
        At least one with a limit.
    domains : mapping of str to sequence of int
        Places of the strata of each domain; domains may overlap.
    assumptions : Assumptions, optional
        As for `planning.expect`; the confidence does not count.
    minimum : int, optional
        Least of each stratum, or all there are.
    maximum : float, optional
        Most of each stratum, if so many are there.

    Returns
    -------
    list of int
        One number per stratum.

    Raises
    ------
    AllocationError
        If there is no limit, a mean is missing or 0, or a limit is out of reach.

    Notes
    -----
    The variance of the mean of variable j in stratum h is a_jh / m_h - b_jh in the number m_h of units of the
    first stage, so that all limits together,

        Σ_h W_h² (a_jh / m_h - b_jh) ≤ (cv_j Ȳ_j)²  for every variable and domain, W_h = N_h / ΣN,

    are those of Bethel's allocation (`sampling.design.bethel.allocate`). Its sizes are rounded up, and single
    units are taken away again, the dearest first, as long as every limit holds.

    Examples
    --------
    >>> from sampling.design.planning import Stage
    >>> stages = (Stage("commune", 6, 3e6), Stage("village", 3, 6e5), Stage("person", 31, 6e4))
    >>> parts = Components.of_correlations(0.84 * 0.16, [0.01, 0.03])
    >>> plan = StratumPlan("01", 1, stages, parts)
    >>> satisfied = PlanVariable("satisfied", {"*": 0.84}, cv=0.03)
    >>> rare = PlanVariable("paid more", {"*": 0.1}, {"*": Components((0.002, 0.002, 0.086))}, cv=0.2)
    >>> least_for_variables([plan], [satisfied], {"01": [0]})
    [7]
    >>> least_for_variables([plan], [satisfied, rare], {"01": [0]})
    [9]
    """
    chosen = assumptions or Assumptions()
    limits = [limit for variable in variables for limit in _limits(variable, domains)]
    if not limits:
        raise AllocationError("Expected a coefficient of variation for at least one variable, got none.")
    most = [min(stratum.stages[0].available, maximum) for stratum in strata]
    high: Vector = np.maximum(np.floor(most), 1.0)
    low: Vector = np.minimum(float(minimum), high)
    costs = np.array([cost_of(_with_first(stratum, 1.0), chosen) for stratum in strata])
    found = allocate(
        [stratum.size for stratum in strata],
        [_target(strata, variable, cv, name, places, chosen) for variable, cv, name, places in limits],
        costs=costs / costs.max() if costs.max() > 0 else 1.0,
        fpc=False,
        minimum=low,
        maximum=high,
    )
    takes = np.maximum(np.minimum(np.ceil(found.sizes - SLACK), high), low)
    return _trimmed(strata, variables, domains, chosen, [int(take) for take in takes], low)


def reach_of_variables(
    strata: Sequence[StratumPlan],
    variables: Sequence[PlanVariable],
    domains: Mapping[str, Sequence[int]],
    assumptions: Assumptions | None = None,
) -> list[VariableReach]:
    """Return the coefficient of variation that a plan gives wherever there is a limit.

    Parameters
    ----------
    strata : sequence of StratumPlan
        With the takes of all stages.
    variables, domains, assumptions
        As for `least_for_variables`.

    Returns
    -------
    list of VariableReach
        By variable, then domain; the whole has the name `WHOLE`.

    Examples
    --------
    >>> from sampling.design.planning import Stage
    >>> plan = StratumPlan("01", 1, (Stage("commune", 4), Stage("person", 10)), Components((0.01, 0.1)))
    >>> (found,) = reach_of_variables([plan], [PlanVariable("x", {"*": 0.5}, cv=0.2)], {"01": [0]})
    >>> round(found.reached, 4), found.is_met
    (0.1414, True)
    """
    chosen = assumptions or Assumptions()
    return [
        VariableReach(variable.name, name, cv, _reached(strata, variable, places, chosen))
        for variable in variables
        for _variable, cv, name, places in _limits(variable, domains)
    ]


type _Limit = tuple[PlanVariable, float, str, Sequence[int]]


def _limits(variable: PlanVariable, domains: Mapping[str, Sequence[int]]) -> list[_Limit]:
    """Return every limit of a variable with the name and the strata of its domain."""
    found: list[_Limit] = []
    if variable.cv is not None:
        found += [(variable, variable.cv, name, places) for name, places in domains.items()]
    if variable.whole_cv is not None:
        everything = sorted({place for places in domains.values() for place in places})
        found.append((variable, variable.whole_cv, WHOLE, everything))
    return found


def _with_first(stratum: StratumPlan, take: float) -> StratumPlan:
    """Return a stratum with another take of the first stage."""
    return stratum.with_takes((take, *stratum.takes[1:]))


def _mean(strata: Sequence[StratumPlan], variable: PlanVariable, places: Sequence[int]) -> float:
    """Return the mean of a variable in a domain, or say that its coefficient of variation is not defined."""
    size = sum(strata[place].size for place in places)
    mean = sum(strata[place].size * variable.mean_in(strata[place].code) for place in places) / size
    if not mean:
        raise AllocationError(
            _(
                "Variable '%(variable)s': expected means that do not add up to 0 in a domain, got 0: its "
                "coefficient of variation is not defined."
            ),
            variable=variable.name,
        )
    return mean


def _target(
    strata: Sequence[StratumPlan],
    variable: PlanVariable,
    cv: float,
    name: str,
    places: Sequence[int],
    chosen: Assumptions,
) -> PrecisionTarget:
    """Write a limit in the terms of Bethel's allocation; what no sample adds is moved to the right side."""
    lines = [first_stage_line(variable.plan(stratum), chosen) for stratum in strata]
    sizes = np.array([strata[place].size for place in places])
    spared = float((sizes / sizes.sum()) ** 2 @ np.array([lines[place][1] for place in places]))
    allowed = sqrt(cv**2 + spared / _mean(strata, variable, places) ** 2)
    return PrecisionTarget.of(
        f"{variable.name}, {name}" if name else variable.name,
        [variable.mean_in(stratum.code) if at in set(places) else 0.0 for at, stratum in enumerate(strata)],
        np.sqrt([slope for slope, _constant in lines]),
        allowed,
        np.isin(np.arange(len(strata)), places),
    )


def _reached(
    strata: Sequence[StratumPlan], variable: PlanVariable, places: Sequence[int], chosen: Assumptions
) -> float:
    """Return the coefficient of variation of the mean of a variable in a domain."""
    expected = expect([variable.plan(strata[place]) for place in places], chosen)
    return expected.standard_error / abs(_mean(strata, variable, places))


def _trimmed(
    strata: Sequence[StratumPlan],
    variables: Sequence[PlanVariable],
    domains: Mapping[str, Sequence[int]],
    chosen: Assumptions,
    takes: list[int],
    low: Vector,
) -> list[int]:
    """Take units away that rounding up has added, the dearest first, as long as every limit holds."""
    plans = [_with_first(stratum, take) for stratum, take in zip(strata, takes, strict=True)]
    dearest = sorted(range(len(plans)), key=lambda place: -cost_of(_with_first(plans[place], 1.0), chosen))
    for place in dearest:
        touched = {name: places for name, places in domains.items() if place in places}
        while plans[place].takes[0] > low[place]:
            fewer = [*plans]
            fewer[place] = _with_first(plans[place], plans[place].takes[0] - 1)
            whole = [replace(variable, cv=None) for variable in variables]
            held = reach_of_variables(fewer, variables_of_domains(variables), touched, chosen)
            held += reach_of_variables(fewer, whole, domains, chosen)
            if not all(each.is_met for each in held):
                break
            plans = fewer
    return [int(plan.takes[0]) for plan in plans]


def variables_of_domains(variables: Sequence[PlanVariable]) -> list[PlanVariable]:
    """Return variables with their limits for domains alone.

    Parameters
    ----------
    variables : sequence of PlanVariable

    Returns
    -------
    list of PlanVariable
        Without limits for all strata together.

    Examples
    --------
    >>> variables_of_domains([PlanVariable("x", {"*": 1.0}, whole_cv=0.1)])[0].whole_cv is None
    True
    """
    return [replace(variable, whole_cv=None) for variable in variables]

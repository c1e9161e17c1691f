"""How the planner divides the units of the first stage among strata."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, sqrt

from django.utils.translation import gettext as _

from sampling.design.allocation import AllocationError, equal, optimal, power, proportional, round_allocation
from sampling.design.area_strata import PREDECESSOR, PROVINCE, REGION, STRATUM_ATTRIBUTES, UNIT_TYPE, URBAN
from sampling.design.least_cost import first_stage_line, least_first_stage, margin_targets
from sampling.design.least_cost_variables import PlanVariable, least_for_variables
from sampling.design.planning import Assumptions, Components, StratumPlan, cost_of
from sampling.selectors.planning import Key, PlanningBasis
from sampling.services.refusals import told

MOST = 1_000_000
"""Stands for no limit where a whole number is needed."""

ATTRIBUTES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "province": ((PROVINCE,), PROVINCE),
    "predecessor": ((PREDECESSOR,), PROVINCE),
    "region": ((REGION,), REGION),
    "urban": ((URBAN,), URBAN),
    "unit_type": ((UNIT_TYPE,), UNIT_TYPE),
    "province_urban": ((PROVINCE, URBAN), PROVINCE),
    "predecessor_urban": ((PREDECESSOR, URBAN), PROVINCE),
    "region_urban": ((REGION, URBAN), REGION),
}
"""Attributes whose values make the strata, and the domains for which results are wanted."""


def strata_of(name: str) -> tuple[tuple[str, ...], str]:
    """Return the attributes whose values make strata, and those of the domains; also of other templates."""
    if name in ATTRIBUTES:
        return ATTRIBUTES[name]
    keys = tuple(sorted((part for part in STRATUM_ATTRIBUTES if part in name), key=name.index))
    is_within = bool({PROVINCE, PREDECESSOR} & set(keys))
    return keys, PROVINCE if is_within else keys[0]


class PlanRefusedError(ValueError):
    """Raised with what a person can do when a plan cannot be made."""


@dataclass(frozen=True, slots=True)
class AreaRequest:
    """Everything the form asks, in the units of the core: shares, not per cent; đồng, not thousands."""

    attribute: str
    rule: str
    takes: tuple[float, ...]
    costs: tuple[float, ...]
    components: Components
    assumptions: Assumptions
    target: float
    whole_target: float | None = None
    n_first: int = 0
    per_stratum: int = 0
    exponent: float = 0.5
    minimum: int = 2
    maximum: int | None = None
    own_components: Mapping[str, Components] = field(default_factory=dict)
    variables: tuple[PlanVariable, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedStratum:
    """A stratum with its plan, its name and its domain."""

    code: str
    key: tuple[Key, ...]
    domain: Key
    plan: StratumPlan


def with_first(stratum: PlannedStratum, take: float) -> PlannedStratum:
    """Give a stratum its take of the first stage."""
    plan = stratum.plan.with_takes((take, *stratum.plan.takes[1:]))
    return PlannedStratum(stratum.code, stratum.key, stratum.domain, plan)


def _limits(strata: Sequence[PlannedStratum], request: AreaRequest) -> tuple[list[int], list[int]]:
    """Return least and most of every stratum, no more than there are."""
    most = [min(one.plan.stages[0].available, request.maximum or inf, MOST) for one in strata]
    high = [max(1, int(value)) for value in most]
    return [min(request.minimum, value) for value in high], high


def first_takes(
    basis: PlanningBasis, strata: Sequence[PlannedStratum], request: AreaRequest
) -> Sequence[float]:
    """Divide the units of the first stage by the rule, and round so that the total stays."""
    if request.rule in FREE_RULES:
        return FREE_RULES[request.rule](basis, strata, request)
    wanted = RULES[request.rule](strata, request)
    low, high = _limits(strata, request)
    if not sum(low) <= request.n_first <= sum(high):
        raise PlanRefusedError(
            _(
                "The strata take between %(low)s and %(high)s units of the first stage within their limits, "
                "but the plan says %(n)s. Change the total, the least or the most."
            )
            % {"low": sum(low), "high": sum(high), "n": request.n_first}
        )
    return [int(size) for size in round_allocation(wanted, minimum=low, maximum=high)]


def _as_template(
    basis: PlanningBasis, strata: Sequence[PlannedStratum], request: AreaRequest
) -> Sequence[float]:
    """Take what the template takes in each of its own strata."""
    if strata_of(request.attribute)[0] != basis.template_attributes:
        raise PlanRefusedError(
            _(
                "The template has sizes for its own strata only. Choose these strata, or another rule of "
                "allocation."
            )
        )
    return [basis.takes_in(one.code)[0] for one in strata]


def _fixed(_basis: PlanningBasis, strata: Sequence[PlannedStratum], request: AreaRequest) -> Sequence[float]:
    """Take the same number everywhere."""
    _low, high = _limits(strata, request)
    return [min(request.per_stratum, most) for most in high]


def domains_of(strata: Sequence[PlannedStratum]) -> dict[str, list[int]]:
    """Return the places of the strata of each domain; one that cuts through several is one of its own."""
    domains: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(strata):
        domains[one.domain[0] or one.code].append(place)
    return domains


def _least_for_variables(
    _basis: PlanningBasis, strata: Sequence[PlannedStratum], request: AreaRequest
) -> Sequence[float]:
    """Take the fewest units with which every variable is as precise as wanted in every domain."""
    if not any(variable.cv or variable.whole_cv for variable in request.variables):
        raise PlanRefusedError(
            _("Enter at least one variable with a coefficient of variation, or take another rule.")
        )
    try:
        return least_for_variables(
            [one.plan for one in strata],
            request.variables,
            domains_of(strata),
            request.assumptions,
            minimum=request.minimum,
            maximum=request.maximum or inf,
        )
    except AllocationError as error:
        raise PlanRefusedError(
            _(
                "The coefficients of variation cannot be reached: %(problem)s Accept larger ones, raise the "
                "most per stratum, or take more units in each."
            )
            % {"problem": told(error)}
        ) from error


def _least_cost(
    _basis: PlanningBasis, strata: Sequence[PlannedStratum], request: AreaRequest
) -> Sequence[float]:
    """Take the fewest units with which every domain reaches its margin."""
    targets = margin_targets(domains_of(strata), request.target, whole=request.whole_target)
    try:
        return least_first_stage(
            [one.plan for one in strata],
            targets,
            request.assumptions,
            minimum=request.minimum,
            maximum=request.maximum or inf,
        )
    except AllocationError as error:
        raise PlanRefusedError(
            _(
                "The target is out of reach even with the most units of the first stage. Accept a wider "
                "margin, raise the most per stratum, or take more units in each."
            )
        ) from error


def _sizes(strata: Sequence[PlannedStratum]) -> list[float]:
    return [one.plan.size for one in strata]


def _spreads(strata: Sequence[PlannedStratum], request: AreaRequest) -> list[float]:
    """Return the standard deviation of the mean of one unit of the first stage."""
    return [sqrt(first_stage_line(one.plan, request.assumptions)[0]) for one in strata]


def _power(strata: Sequence[PlannedStratum], request: AreaRequest) -> list[float]:
    """Stand between equal precision everywhere and the best figure for all."""
    sizes: list[float] = power(
        _sizes(strata), _spreads(strata, request), request.n_first, request.exponent
    ).tolist()
    return sizes


def _costs(strata: Sequence[PlannedStratum], request: AreaRequest) -> list[float]:
    """Return the cost of one unit of the first stage with all below it."""
    costs = [cost_of(with_first(one, 1.0).plan, request.assumptions) for one in strata]
    return costs if all(costs) else [1.0] * len(costs)


type RuleOfSizes = Callable[[Sequence[PlannedStratum], AreaRequest], Sequence[float]]
type FreeRule = Callable[[PlanningBasis, Sequence[PlannedStratum], AreaRequest], Sequence[float]]

RULES: Mapping[str, RuleOfSizes] = {
    "equal": lambda strata, request: equal(len(strata), request.n_first).tolist(),
    "proportional": lambda strata, request: proportional(_sizes(strata), request.n_first).tolist(),
    "neyman": lambda strata, request: optimal(
        _sizes(strata), _spreads(strata, request), request.n_first
    ).tolist(),
    "power": _power,
    "cost_optimal": lambda strata, request: optimal(
        _sizes(strata), _spreads(strata, request), request.n_first, _costs(strata, request)
    ).tolist(),
}
"""Rules that divide a total."""

FREE_RULES: Mapping[str, FreeRule] = {
    "template": _as_template,
    "fixed": _fixed,
    "margin": _least_cost,
    "bethel": _least_for_variables,
}
"""Rules that find the total themselves."""

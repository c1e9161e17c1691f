"""From what the planner was asked to plans per stratum, and what they promise per province."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from statistics import median

from django.utils.translation import gettext as _

from sampling.design.planning import Expected, Stage, StratumPlan, expect
from sampling.selectors.planning import Key, PlanningBasis, PlanningUnit
from sampling.viewsets.planner_rules import (
    AreaRequest,
    PlannedStratum,
    PlanRefusedError,
    first_takes,
    strata_of,
    with_first,
)
from sampling.viewsets.planner_words import domain_name

POINTS = 100.0
MILLION = 1_000_000
STAGES_WITH_KNOWN_PEOPLE = 3
FEW_DF = 8
WIDE_MARGIN = 5.0
"""Points beyond which a figure of a province says little."""

JOINT = "|"


@dataclass(frozen=True, slots=True)
class DomainRow:
    """A province, or what else results are wanted for, under the template (A) and under the plan (B)."""

    code: str
    name: str
    standard: Expected | None
    planned: Expected
    target: float

    @property
    def is_missed(self) -> bool:
        """Whether the margin is above the target."""
        return self.planned.margin > self.target * (1 + 1e-9)

    @property
    def people(self) -> float:
        """People asked."""
        return self.planned.counts[-1]

    @property
    def first(self) -> float:
        """Units of the first stage."""
        return self.planned.counts[0]

    @property
    def cost(self) -> float:
        """Cost in millions."""
        return self.planned.cost / MILLION

    @property
    def standard_people(self) -> float | None:
        """People asked under the template."""
        return self.standard.counts[-1] if self.standard else None

    @property
    def margin(self) -> float | None:
        """Half-width in points."""
        return points(self.planned.margin)

    @property
    def standard_margin(self) -> float | None:
        """Half-width under the template in points."""
        return points(self.standard.margin) if self.standard else None


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two plans in a few figures."""

    takes: str
    expected: Expected
    median_margin: float | None
    n_reached: int
    n_domains: int

    @property
    def margin(self) -> float | None:
        """Half-width for all domains together in points."""
        return points(self.expected.margin)

    @property
    def people(self) -> float:
        """People asked."""
        return self.expected.counts[-1]

    @property
    def cost(self) -> float:
        """Cost in millions."""
        return self.expected.cost / MILLION


@dataclass(frozen=True, slots=True)
class AreaResult:
    """What the page shows."""

    rows: tuple[DomainRow, ...]
    standard: Side | None
    planned: Side
    strata: tuple[PlannedStratum, ...]

    @property
    def n_few_df(self) -> int:
        """Domains whose intervals rest on too few primary units."""
        return sum(row.planned.df < FEW_DF for row in self.rows)

    @property
    def n_wide(self) -> int:
        """Domains with a half-width above 5 points."""
        return sum(row.margin is None or row.margin > WIDE_MARGIN for row in self.rows)

    @property
    def n_without_margin(self) -> int:
        """Domains without a single degree of freedom."""
        return sum(row.margin is None for row in self.rows)

    def of_domain(self, code: str) -> list[StratumPlan]:
        """Return the plans of the strata of a domain, or of all of them for an empty code."""
        return [one.plan for one in self.strata if code in {"", one.domain[0]}]


def points(margin: float) -> float | None:
    """Return a half-width in points, or None if there is none."""
    return margin * POINTS if isfinite(margin) else None


def plan_area(basis: PlanningBasis, request: AreaRequest) -> AreaResult:
    """Make both plans and judge them, domain by domain."""
    keys, domain = strata_of(request.attribute)
    drafts = _strata(basis, keys, domain, request)
    if not drafts:
        raise PlanRefusedError(_("No unit of the first stage has the attributes of these strata."))
    firsts = first_takes(basis, drafts, request)
    strata = [with_first(one, take) for one, take in zip(drafts, firsts, strict=True)]
    standard = _standard(basis, request, domain)
    planned_by, standard_by = _by_domain(strata), _by_domain(standard)
    rows = [
        DomainRow(
            code=key[0],
            name=domain_name(key[1]),
            standard=expect(standard_by[key], request.assumptions) if key in standard_by else None,
            planned=expect(plans, request.assumptions),
            target=request.target,
        )
        for key, plans in sorted(planned_by.items())
    ]
    return AreaResult(
        rows=tuple(rows),
        standard=_side(standard, [row.standard for row in rows], request) if standard else None,
        planned=_side(strata, [row.planned for row in rows], request),
        strata=tuple(strata),
    )


def _by_domain(strata: Iterable[PlannedStratum]) -> dict[Key, list[StratumPlan]]:
    grouped: dict[Key, list[StratumPlan]] = defaultdict(list)
    for one in strata:
        grouped[one.domain].append(one.plan)
    return grouped


def _side(strata: Sequence[PlannedStratum], rows: Sequence[Expected | None], request: AreaRequest) -> Side:
    """Sum one of the plans up."""
    plans = [one.plan for one in strata]
    margins = [row.margin for row in rows if row is not None]
    takes = [_range([plan.takes[place] for plan in plans]) for place in range(len(plans[0].takes))]
    return Side(
        takes=" × ".join(takes),
        expected=expect(plans, request.assumptions),
        median_margin=points(median(margins)) if margins else None,
        n_reached=sum(margin <= request.target for margin in margins),
        n_domains=len(rows),
    )


def _range(takes: Sequence[float]) -> str:
    low, high = round(min(takes)), round(max(takes))
    return str(low) if low == high else f"{low}–{high}"


def _strata(
    basis: PlanningBasis, keys: tuple[str, ...], domain: str, request: AreaRequest
) -> list[PlannedStratum]:
    """Group the units of the first stage into strata that take one unit each for now."""
    groups: dict[tuple[Key, ...], list[PlanningUnit]] = defaultdict(list)
    for unit in basis.units:
        if all(key in unit.keys for key in keys):
            groups[tuple(unit.keys[key] for key in keys)].append(unit)
    return [_draft(basis, key, units, domain, request) for key, units in sorted(groups.items())]


def _draft(
    basis: PlanningBasis,
    key: tuple[Key, ...],
    units: Sequence[PlanningUnit],
    domain: str,
    request: AreaRequest,
) -> PlannedStratum:
    """Make one stratum; its domain is that of all its units, or nothing if they are of several."""
    domains = {unit.keys[domain] for unit in units}
    code = JOINT.join(part[0] for part in key)
    available = _available(basis, units)
    takes = (1.0, *request.takes)
    stages = tuple(
        Stage(stage["code"], take, cost, most)
        for stage, take, cost, most in zip(basis.stages, takes, request.costs, available, strict=True)
    )
    own = request.own_components
    components = own.get(code) or own.get(key[0][0]) or request.components
    plan = StratumPlan(code, sum(unit.size for unit in units), stages, components)
    return PlannedStratum(code, key, domains.pop() if len(domains) == 1 else ("", ""), plan)


def _available(basis: PlanningBasis, units: Sequence[PlanningUnit]) -> list[float]:
    """Return how many units there are at every stage, per unit of the stage before; endless if not known."""
    n_stages = len(basis.stages)
    available = [sum(unit.count for unit in units), *[inf] * (n_stages - 1)]
    listed = [unit.n_below for unit in units if unit.n_below]
    if listed and n_stages > 1:
        available[1] = sum(listed) / len(listed)
    areas = available[0] if n_stages < STAGES_WITH_KNOWN_PEOPLE else available[0] * available[1]
    if basis.has_frame and n_stages <= STAGES_WITH_KNOWN_PEOPLE and isfinite(areas):
        available[-1] = sum(unit.size for unit in units) / areas
    return available


def _standard(basis: PlanningBasis, request: AreaRequest, domain: str) -> list[PlannedStratum]:
    """Make the plan of the template, under the same assumptions.

    There is none if its strata cut through domains, or leave no room for the total that it divides.
    """
    drafts = _strata(basis, basis.template_attributes, domain, request)
    plans = []
    for one in drafts:
        takes = basis.takes_in(one.code)
        if not takes[0]:
            return []
        plan = one.plan.with_takes(takes)
        plans.append(PlannedStratum(one.code, one.key, one.domain, plan))
    return plans if all(one.domain[0] for one in plans) else []

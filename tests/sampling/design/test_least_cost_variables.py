"""Several variables and domains under limits at an area stage: met, at the least cost, or refused."""

from collections.abc import Sequence
from itertools import product
from math import inf
from typing import Any

import pytest

from sampling.design.allocation import AllocationError
from sampling.design.least_cost import MarginTarget, least_first_stage
from sampling.design.least_cost_variables import (
    WHOLE,
    PlanVariable,
    least_for_variables,
    reach_of_variables,
)
from sampling.design.planning import Assumptions, Components, Stage, StratumPlan, cost_of, expect

PARTS = Components.of_correlations(0.84 * 0.16, [0.01, 0.03])
CLUSTERED = Components.of_correlations(0.1 * 0.9, [0.08, 0.05])
SATISFIED = PlanVariable("satisfied", {"*": 0.84}, cv=0.03)
PAID = PlanVariable("paid more", {"*": 0.1, "02": 0.2}, {"*": CLUSTERED}, cv=0.3, whole_cv=0.16)


def make_plan(
    code: str = "01", *, size: float = 1.0, cost: float = 3e6, available: float = inf
) -> StratumPlan:
    stages = (
        Stage("commune", 1, cost, available),
        Stage("village", 3, 6e5, 12),
        Stage("person", 31, 6e4, 900),
    )
    return StratumPlan(code, size, stages, PARTS)


def with_takes(strata: Sequence[StratumPlan], takes: Sequence[float]) -> list[StratumPlan]:
    return [plan.with_takes((take, 3, 31)) for plan, take in zip(strata, takes, strict=True)]


STRATA = [make_plan("01", size=3), make_plan("02", size=2, cost=6e6), make_plan("03", size=1)]
DOMAINS = {"north": [0, 1], "south": [2]}


@pytest.mark.parametrize("chosen", [Assumptions(), Assumptions(fpc=True, response_rate=0.9)])
def test_every_limit_is_met_and_no_commune_can_be_spared(chosen: Assumptions):
    variables = [SATISFIED, PAID]
    takes = least_for_variables(STRATA, variables, DOMAINS, chosen)
    reached = reach_of_variables(with_takes(STRATA, takes), variables, DOMAINS, chosen)
    assert [(each.variable, each.domain) for each in reached] == [
        ("satisfied", "north"), ("satisfied", "south"), ("paid more", "north"), ("paid more", "south"),
        ("paid more", WHOLE),
    ]  # fmt: skip
    assert all(each.is_met for each in reached)
    for place in range(3):
        fewer = [take - (place == at) for at, take in enumerate(takes)]
        again = reach_of_variables(with_takes(STRATA, fewer), variables, DOMAINS, chosen)
        assert fewer[place] < 2 or not all(each.is_met for each in again)


def test_two_strata_cost_no_more_than_the_best_of_all_pairs():
    strata, variables = STRATA[:2], [SATISFIED, PAID]
    takes = least_for_variables(strata, variables, {"north": [0, 1]})

    def cost(pair: Sequence[float]) -> float:
        return sum(cost_of(plan, Assumptions()) for plan in with_takes(strata, pair))

    best = min(
        cost(pair)
        for pair in product(range(2, 30), repeat=2)
        if all(
            each.is_met for each in reach_of_variables(with_takes(strata, pair), variables, {"north": [0, 1]})
        )
    )
    assert cost(takes) <= best * 1.03


def test_a_second_variable_asks_for_more_only_where_it_binds():
    one = least_for_variables(STRATA, [SATISFIED], DOMAINS)
    both = least_for_variables(STRATA, [SATISFIED, PAID], DOMAINS)
    loose = PlanVariable("loose", {"*": 0.5}, cv=0.9)
    assert sum(both) > sum(one)
    assert least_for_variables(STRATA, [SATISFIED, loose], DOMAINS) == one


def test_the_reached_variation_is_the_standard_error_over_the_mean():
    plans = with_takes(STRATA, (6, 4, 3))
    reached = reach_of_variables(plans, [SATISFIED], DOMAINS)
    assert reached[0].reached == pytest.approx(expect(plans[:2]).standard_error / 0.84)


def test_one_variable_agrees_with_the_margin_of_a_normal_interval():
    takes = least_for_variables([STRATA[0]], [PlanVariable("x", {"*": 0.84}, cv=0.01)], {"01": [0]})
    by_margin = least_first_stage([STRATA[0]], [MarginTarget("01", 1.96 * 0.0084, (0,))])
    assert takes[0] <= by_margin[0] <= 1.1 * takes[0], (takes, by_margin)


def test_least_and_most_are_kept():
    loose = [PlanVariable("x", {"*": 0.84}, cv=0.9)]
    assert least_for_variables(STRATA, loose, DOMAINS, minimum=4) == [4, 4, 4]
    assert least_for_variables([make_plan(available=3)], loose, {"01": [0]}, minimum=4) == [3]


@pytest.mark.parametrize(
    ("variables", "options", "match"),
    [
        ([PlanVariable("x", {"*": 0.5})], {}, "at least one variable"),
        ([PlanVariable("x", {"01": 0.5}, cv=0.1)], {}, "a mean of stratum '02'"),
        ([PlanVariable("x", {"*": 0.0}, cv=0.1)], {}, "not defined"),
        ([PlanVariable("x", {"*": 0.5}, cv=0.001)], {"maximum": 5}, "within reach"),
    ],
)
def test_what_cannot_be_is_refused(variables: list[PlanVariable], options: dict[str, Any], match: str):
    with pytest.raises(AllocationError, match=match):
        least_for_variables(STRATA, variables, DOMAINS, **options)


@pytest.mark.parametrize("values", [{"cv": 0.0}, {"whole_cv": -1.0}, {"cv": inf}])
def test_a_limit_is_a_positive_number(values: dict[str, float]):
    with pytest.raises(AllocationError, match="above 0"):
        PlanVariable("x", {"*": 0.5}, **values)


def test_a_mean_is_a_number():
    with pytest.raises(AllocationError, match="finite"):
        PlanVariable("x", {"*": inf})

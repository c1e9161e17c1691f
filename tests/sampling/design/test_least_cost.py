from collections.abc import Sequence
from itertools import product
from math import inf

import numpy as np
import pytest

from sampling.design.allocation import AllocationError
from sampling.design.least_cost import MarginTarget, first_stage_line, least_first_stage, margin_targets
from sampling.design.planning import Assumptions, Components, Stage, StratumPlan, cost_of, expect

PARTS = Components.of_correlations(0.84 * 0.16, [0.01, 0.03])


def make_plan(take: float = 1.0, *, available: float = inf, size: float = 1.0, cost: float = 3e6):
    stages = (
        Stage("commune", take, cost, available),
        Stage("village", 3, 6e5, 12),
        Stage("person", 31, 6e4, 900),
    )
    return StratumPlan("01", size, stages, PARTS)


def with_takes(strata: Sequence[StratumPlan], takes: Sequence[float]):
    return [plan.with_takes((take, 3, 31)) for plan, take in zip(strata, takes, strict=True)]


def test_every_target_is_met_and_no_commune_can_be_spared():
    strata = [make_plan(size=2), make_plan(size=3), make_plan(size=1)]
    targets = margin_targets({"x": [0, 1], "y": [2]}, 0.05, whole=0.035)
    takes = least_first_stage(strata, targets)
    for target in targets:
        chosen = [with_takes(strata, takes)[place] for place in target.strata]
        assert expect(chosen).margin <= target.margin * (1 + 1e-6)
    for place in range(3):
        fewer = [take - (place == other) for other, take in enumerate(takes)]
        plans = with_takes(strata, fewer)
        assert fewer[place] < 2 or any(
            expect([plans[other] for other in target.strata]).margin > target.margin for target in targets
        )


@pytest.mark.parametrize("chosen", [Assumptions(), Assumptions(fpc=True)])
def test_two_strata_cost_no_more_than_the_best_of_all_pairs(chosen: Assumptions):
    strata = [make_plan(size=5, available=40), make_plan(size=2, available=30, cost=6e6)]
    takes = least_first_stage(strata, [MarginTarget("all", 0.045, (0, 1))], chosen)

    def cost(pair: Sequence[float]) -> float:
        return sum(cost_of(plan, chosen) for plan in with_takes(strata, pair))

    best = min(
        cost(pair)
        for pair in product(range(2, 31), repeat=2)
        if expect(with_takes(strata, pair), chosen).margin <= 0.045
    )
    assert cost(takes) <= best * 1.03


def random_plans(seed: int) -> list[StratumPlan]:
    """Three strata with few communes, different costs and different likeness within communes."""
    rng = np.random.default_rng(seed)
    plans = []
    for size, cost, available in zip(
        rng.uniform(1, 4, 3), rng.uniform(1, 5, 3), rng.integers(7, 14, 3), strict=True
    ):
        parts = Components.of_correlations(0.1344, [rng.uniform(0.005, 0.05), rng.uniform(0.01, 0.04)])
        stages = (
            Stage("commune", 6, cost, float(available)),
            Stage("village", 3, 0.6, 8),
            Stage("person", 31, 0.06, 900),
        )
        plans.append(StratumPlan("01", size, stages, parts))
    return plans


@pytest.mark.parametrize("seed", range(10))
def test_three_strata_cost_no_more_than_the_best_of_all_plans(seed: int):
    strata, chosen = random_plans(seed), Assumptions()
    targets = margin_targets({"a": [0], "b": [1, 2]}, 0.065, whole=0.045)

    def kept(target: MarginTarget) -> set[tuple[int, ...]]:
        ranges = [range(2, int(strata[place].stages[0].available) + 1) for place in target.strata]
        plans = [strata[place] for place in target.strata]
        return {
            takes
            for takes in product(*ranges)
            if expect(with_takes(plans, takes), chosen).margin <= target.margin
        }

    first, second, whole = map(kept, targets)
    reached = [takes for takes in whole if takes[:1] in first and takes[1:] in second]
    costs = [cost_of(plan, chosen) for plan in with_takes(strata, (1, 1, 1))]
    best = min(float(np.dot(costs, takes)) for takes in reached)
    assert float(np.dot(costs, least_first_stage(strata, targets, chosen))) <= best * 1.005


def test_least_and_most_are_kept():
    assert least_first_stage([make_plan()], [MarginTarget("x", 0.5, (0,))], minimum=4) == [4]
    with pytest.raises(AllocationError, match="within reach"):
        least_first_stage([make_plan()], [MarginTarget("x", 0.045, (0,))], maximum=5)


def test_small_stratum_is_taken_whole_where_nothing_less_will_do():
    plan = make_plan(available=4)
    target = expect(with_takes([plan], [4])).margin * 1.01
    assert least_first_stage([plan], [MarginTarget("x", target, (0,))]) == [4]


def test_line_is_the_variance():
    plan = make_plan(available=60)
    a, b = first_stage_line(plan, Assumptions(fpc=True))
    for take in (3, 17, 59):
        variance = expect(with_takes([plan], [take]), Assumptions(fpc=True)).variance
        assert variance == pytest.approx(a / take - b)

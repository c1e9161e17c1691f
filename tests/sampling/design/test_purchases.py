from math import inf

import numpy as np
import pytest

from sampling.design.planning import Assumptions, Components, PlanError, Stage, StratumPlan, expect
from sampling.design.purchases import margin_with_everybody, optimal_takes, paths, purchases

PARTS = Components.of_correlations(0.84 * 0.16, [0.01, 0.03])

type Takes = tuple[float, float, float]


def make_plan(
    takes: Takes = (6, 3, 31),
    *,
    available: Takes = (inf, inf, inf),
    size: float = 1.0,
    costs: Takes = (3e6, 6e5, 6e4),
):
    names = ("commune", "village", "person")
    stages = tuple(Stage(*row) for row in zip(names, takes, costs, available, strict=True))
    return StratumPlan("01", size, stages, PARTS)


def test_more_people_in_the_same_villages_buy_almost_nothing():
    commune, village, people = purchases([make_plan()])
    assert [one.stage for one in (commune, village, people)] == ["commune", "village", "person"]
    assert commune.gain > 0.005
    assert people.gain < 0.0003
    assert commune.gain_per_million > village.gain_per_million > people.gain_per_million


def test_prices_are_those_of_the_units_added():
    commune, village, people = purchases([make_plan()])
    assert commune.cost == pytest.approx(3e6 + 3 * 6e5 + 93 * 6e4)
    assert village.cost == pytest.approx(6 * (6e5 + 31 * 6e4))
    assert people.cost == pytest.approx(10 * 6e4)
    assert commune.margin == pytest.approx(expect([make_plan((7, 3, 31))]).margin)


def test_commune_is_added_where_it_helps_most():
    small, large = make_plan(size=1), make_plan(size=10)
    commune = purchases([small, large])[0]
    assert commune.margin == pytest.approx(expect([small, make_plan((7, 3, 31), size=10)]).margin)


def test_nothing_more_of_what_is_taken_whole():
    bought = purchases([make_plan((6, 3, 31), available=(6, 20, 900))])
    assert [one.stage for one in bought] == ["village", "person"]


def test_first_margin_is_a_gain_without_measure():
    assert purchases([make_plan((1, 3, 31))])[0].gain == inf


def test_single_stage_buys_people():
    plan = StratumPlan("01", 1, (Stage("person", 100, 6e4),), Components((0.25,)))
    (people,) = purchases([plan])
    assert people.amount == 10
    assert people.cost == pytest.approx(10 * 6e4)


def test_paths_start_at_the_plan_and_fall():
    plan = make_plan()
    now = expect([plan])
    for path in paths([plan]):
        assert path.costs[0] == pytest.approx(now.cost)
        assert path.margins[0] == pytest.approx(now.margin)
        assert (np.diff(path.margins) < 0).all()
        assert path.costs[-1] == pytest.approx(2 * now.cost)


def test_doubling_the_budget_in_communes_beats_people():
    ends = {path.stage: path.margins[-1] for path in paths([make_plan()])}
    assert ends["commune"] < ends["village"] < ends["person"]


def test_point_of_a_path_costs_what_it_says():
    plan = make_plan()
    commune = paths([plan], n_points=3)[0]
    factor = commune.costs[1] / commune.costs[0]
    assert expect([make_plan((6 * factor, 3, 31))]).cost == pytest.approx(commune.costs[1])
    assert expect([make_plan((6 * factor, 3, 31))]).margin == pytest.approx(commune.margins[1])


def test_path_ends_where_there_is_no_more():
    found = {path.stage: path for path in paths([make_plan(available=(8, 20, 900))])}
    assert found["commune"].costs[-1] < found["person"].costs[-1]


def test_plan_without_costs_has_no_paths():
    with pytest.raises(PlanError, match="costs something"):
        paths([make_plan(costs=(0, 0, 0))])


def test_no_number_of_people_goes_below_the_floor():
    floor = margin_with_everybody([make_plan()])
    assert floor < expect([make_plan((6, 3, 100_000))]).margin
    assert floor == pytest.approx(expect([make_plan((6, 3, 1e9))]).margin, rel=1e-4)


def test_best_takes_have_the_least_variance_for_their_money():
    costs = [3e6, 6e5, 6e4]
    villages, people = optimal_takes(PARTS, costs)

    def variance_times_cost(k: float, n: float) -> float:
        first, second, third = PARTS.variances
        per_commune = costs[0] + k * (costs[1] + n * costs[2])
        return (first + second / k + third / (k * n)) * per_commune

    best = variance_times_cost(villages, people)
    for change in (0.8, 0.95, 1.05, 1.25):
        assert variance_times_cost(villages * change, people) > best
        assert variance_times_cost(villages, people * change) > best


def test_without_spread_between_places_people_are_all_that_counts():
    assert optimal_takes(Components((0.0, 0.1)), [3e6, 6e4]) == (inf,)


@pytest.mark.parametrize("costs", [[1.0, 1.0], [1.0, 0.0, 1.0]])
def test_best_takes_need_all_costs(costs: list[float]):
    with pytest.raises(PlanError, match="cost above 0 per stage"):
        optimal_takes(PARTS, costs)


def test_assumptions_are_passed_on():
    plan = make_plan(available=(60, 12, 900))
    with_fpc = purchases([plan], Assumptions(fpc=True, response_rate=0.5))[0]
    assert with_fpc.margin < purchases([plan], Assumptions(response_rate=0.5))[0].margin


def test_worked_example_of_the_documentation():
    bought = purchases([make_plan()])
    rows = [(round(100 * one.gain, 2), round(one.cost / 1e6, 1)) for one in bought]
    assert rows == [(0.80, 10.4), (0.59, 14.8), (0.02, 0.6)]
    assert [round(100 * one.gain_per_million, 3) for one in bought] == [0.077, 0.040, 0.034]
    assert round(100 * margin_with_everybody([make_plan()]), 1) == 5.4
    assert [round(take, 1) for take in optimal_takes(PARTS, [3e6, 6e5, 6e4])] == [3.9, 17.9]

from dataclasses import replace
from itertools import product
from math import inf, isinf
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sampling.design.planning import (
    Assumptions,
    Components,
    PlanError,
    Stage,
    StratumPlan,
    cost_of,
    expect,
    quantile,
)

PARTS = Components((0.002, 0.004, 0.12))

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


def test_variance_adds_the_stages_up():
    expected = expect([make_plan()])
    assert expected.variance == pytest.approx(0.002 / 6 + 0.004 / 18 + 0.12 / 558)
    assert expected.counts == (6, 18, 558)
    assert expected.df == 5
    assert expected.margin == pytest.approx(stats.t.ppf(0.975, 5) * np.sqrt(expected.variance))
    assert expected.deff == pytest.approx(expected.variance / (PARTS.total / 558))


def test_fpc_gives_the_formula_of_cochran():
    m, k, n, big_m, big_k, big_n = 6, 3, 31, 50, 12, 400
    plan = make_plan(available=(big_m, big_k, big_n))
    first, second, third = PARTS.variances
    between_villages = second + third / big_n
    between_communes = first + between_villages / big_k
    cochran = (
        (1 - m / big_m) * between_communes / m
        + (1 - k / big_k) * between_villages / (m * k)
        + (1 - n / big_n) * third / (m * k * n)
    )
    assert expect([plan], Assumptions(fpc=True)).variance == pytest.approx(cochran)


def test_variance_is_that_of_simulated_samples():
    rng = np.random.default_rng(20261122)
    n_draws, m, k, n = 20_000, 4, 2, 5
    a = rng.normal(0, np.sqrt(0.5), (n_draws, m, 1, 1))
    b = rng.normal(0, np.sqrt(0.8), (n_draws, m, k, 1))
    e = rng.normal(0, np.sqrt(2.0), (n_draws, m, k, n))
    means = (a + b + e).mean(axis=(1, 2, 3))
    stages = (Stage("commune", m), Stage("village", k), Stage("person", n))
    expected = expect([StratumPlan("01", 1, stages, Components((0.5, 0.8, 2.0)))])
    assert expected.variance == pytest.approx(means.var(), rel=0.04)


def test_a_census_has_no_error():
    plan = make_plan((5, 4, 3), available=(5, 4, 3))
    assert expect([plan], Assumptions(fpc=True)).variance == pytest.approx(0)
    assert expect([plan], Assumptions(fpc=True)).margin == pytest.approx(0)


def test_stratum_taken_whole_has_its_villages_as_primary_units():
    plan = make_plan((9, 3, 31), available=(5, 20, 400))
    expected = expect([plan])
    assert expected.counts[0] == 5
    assert expected.df == 5 * 3 - 5
    assert expected.variance == pytest.approx(0.004 / 15 + 0.12 / (15 * 31))


def test_fpc_never_promises_less():
    for m, k in product((2, 6, 10), (1, 3, 8)):
        plan = make_plan((m, k, 31), available=(12, 8, 300))
        assert expect([plan], Assumptions(fpc=True)).variance <= expect([plan]).variance


def test_domain_weighs_its_strata_by_size():
    small, large = make_plan(size=1), make_plan((12, 3, 31), size=3)
    both = expect([small, large])
    parts = [expect([plan]).variance for plan in (small, large)]
    assert both.variance == pytest.approx((1 / 4) ** 2 * parts[0] + (3 / 4) ** 2 * parts[1])
    shares = [parts[0] / 16, parts[1] * 9 / 16]
    assert both.df == pytest.approx(sum(shares) ** 2 / (shares[0] ** 2 / 5 + shares[1] ** 2 / 11))
    assert expect([small, small]).df == pytest.approx(5 + 5)
    assert both.counts == (18, 54, 54 * 31)


def test_certain_wards_do_not_make_up_for_few_communes():
    """Their villages are primary units, but the error comes from the rural communes."""
    rural = make_plan((6, 3, 31), size=9)
    wards = make_plan((2, 3, 31), available=(2, 20, 400), size=1)
    assert expect([wards]).df == 4
    assert 5 <= expect([rural, wards]).df < 6


def test_people_who_do_not_answer_cost_precision_and_no_interview():
    full, half = expect([make_plan()]), expect([make_plan()], Assumptions(response_rate=0.5))
    assert half.completed == full.completed / 2
    assert half.variance == pytest.approx(full.variance + 0.12 / 558)
    assert full.cost - half.cost == pytest.approx(558 / 2 * 6e4)
    assert full.cost == pytest.approx(6 * 3e6 + 18 * 6e5 + 558 * 6e4)
    assert cost_of(make_plan(), Assumptions()) == full.cost


def test_single_commune_has_no_margin():
    assert isinf(expect([make_plan((1, 3, 31))]).margin)
    assert isinf(quantile(0, 0.95))


def test_any_number_of_stages_works():
    one = StratumPlan("01", 1, (Stage("person", 400),), Components((0.25,)))
    assert expect([one]).variance == pytest.approx(0.25 / 400)
    assert expect([one]).df == 399
    assert expect([one]).deff == pytest.approx(1)
    stages = tuple(Stage(name, 3) for name in ("district", "commune", "village", "person"))
    four = StratumPlan("01", 1, stages, Components((0.1, 0.1, 0.1, 0.7)))
    assert expect([four]).variance == pytest.approx(0.1 / 3 + 0.1 / 9 + 0.1 / 27 + 0.7 / 81)


def test_correlations_are_shares_of_the_variance():
    parts = Components.of_correlations(0.16, [0.02, 0.03])
    assert parts.variances == pytest.approx((0.0032, 0.0048, 0.152))
    assert parts.total == pytest.approx(0.16)


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda: Components(()), "one variance of 0 or more"),
        (lambda: Components((0.1, -1)), "one variance of 0 or more"),
        (lambda: Components.of_correlations(1, [0.7, 0.7]), "add up to at most 1"),
        (lambda: Stage("commune", 0), "take above 0"),
        (lambda: Stage("commune", 1, cost=-1), "cost of 0 or more"),
        (lambda: Stage("commune", 1, available=0), "something available"),
        (lambda: replace(make_plan(), components=Components((1.0,))), "one variance per stage"),
        (lambda: make_plan(size=0), "size above 0"),
        (lambda: Assumptions(response_rate=0), "response rate above 0"),
        (lambda: expect([]), "no stratum"),
    ],
)
def test_impossible_plans_are_named(attempt: Any, words: str):
    with pytest.raises(PlanError, match=words):
        attempt()


def test_worked_example_of_the_documentation():
    parts = Components.of_correlations(0.84 * 0.16, [0.01, 0.03])
    assert [round(1e4 * part, 2) for part in parts.variances] == [13.44, 40.32, 1290.24]
    names, costs = ("commune", "village", "person"), (3e6, 6e5, 6e4)

    def plan(*takes: float) -> StratumPlan:
        rows = zip(names, takes, costs, strict=True)
        return StratumPlan("01", 1, tuple(Stage(*row) for row in rows), parts)

    template, spread = expect([plan(6, 3, 31)]), expect([plan(12, 2, 23)])
    assert round(1e4 * template.variance, 2) == 6.79
    assert (round(100 * template.standard_error, 2), round(template.deff, 2)) == (2.61, 2.82)
    assert (round(100 * template.margin, 1), template.cost) == (6.7, 62_280_000)
    assert (round(100 * spread.margin, 1), round(spread.cost / 1e6, 1)) == (5.0, 83.5)

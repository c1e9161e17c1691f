from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sampling.design.allocation import AllocationError
from sampling.design.schemes import METHODS, Unit, select
from sampling.design.sizes import Conditions, margin_of_mean
from sampling.design.stratified import RULES, RULES_BY_SPREAD, ListStratum, Rule, divide, expect_list

STRATA = [
    ListStratum(("01", "land"), 42_000, (38.0, 30.0), (82.0, 90.0), 60),
    ListStratum(("01", "birth"), 95_000, (30.0, 25.0), (90.0, 93.0), 40),
    ListStratum(("79", "land"), 61_000, (40.0, 35.0), (80.0, 85.0), 60),
    ListStratum(("79", "birth"), 500, (31.0, 26.0), (89.0, 92.0), 40),
]


@pytest.mark.parametrize("name", ["equal", "proportional", "neyman", "power", "cost_optimal"])
def test_sizes_add_up_and_keep_their_limits(name: str):
    sizes = divide(STRATA, Rule(name, n=1600, minimum=50, maximum=700))
    assert sum(sizes) == 1600
    assert min(sizes) >= 50
    assert max(sizes) <= 700


def test_no_stratum_gives_more_than_it_has():
    assert divide(STRATA, Rule("equal", n=4000))[3] == 500
    assert divide(STRATA, Rule("proportional", n=100, minimum=2))[3] == 2


def test_neyman_asks_more_where_answers_differ_and_costs_turn_it():
    neyman = divide(STRATA[:2], Rule("neyman", n=1000))
    cheap = divide(STRATA[:2], Rule("cost_optimal", n=1000))
    assert neyman[0] > divide(STRATA[:2], Rule("proportional", n=1000))[0]
    assert cheap[0] < neyman[0]


def test_fixed_numbers_by_kind_of_unit():
    kinds = [
        ListStratum((f"{n}", kind), 10_000, (30.0,), (80.0,))
        for n, kind in enumerate(["xã", "phường", "đặc khu"])
    ]
    assert divide(kinds, Rule("fixed", fixed={"xã": 150, "phường": 200, "*": 90})) == [150, 200, 90]
    with pytest.raises(AllocationError, match="number for every kind"):
        divide(kinds, Rule("fixed", fixed={"xã": 150, "phường": 200}))


def test_bethel_keeps_every_variable_of_every_domain_within_its_cv():
    conditions = Conditions(response_rate=0.6, deff=1.2)
    sizes = divide(STRATA, Rule("bethel", cv=0.02, whole_cv=0.012, minimum=2), conditions)
    for place in (0, 1):
        for domain, limit in (("01", 0.02), ("79", 0.02), (None, 0.012)):
            inside = [n for n, one in enumerate(STRATA) if domain in {None, one.key[0]}]
            total = sum(STRATA[n].population * STRATA[n].means[place] for n in inside)
            variance = sum(
                (STRATA[n].population * STRATA[n].sds[place]) ** 2
                * 1.2
                * (1 / (sizes[n] * 0.6) - 1 / STRATA[n].population)
                for n in inside
            )
            assert variance**0.5 / total <= limit * (1 + 1e-6)


@pytest.mark.parametrize("code", ["simple_random", "pps_systematic", "bernoulli", "poisson"])
def test_bethel_meets_its_limits_by_the_method_that_draws(code: str):
    """The half-width that is shown for the plan is that of the coefficient of variation asked for."""
    effects = (2.5, 1.2, 3.0, 1.0)
    strata = [replace(one, size_effect=effect) for one, effect in zip(STRATA, effects, strict=True)]
    conditions, method = Conditions(response_rate=0.7, deff=1.1), METHODS[code]
    sizes = divide(strata, Rule("bethel", cv=0.03, whole_cv=0.02, minimum=2), conditions, method)
    cvs = []
    for domain, limit in (("01", 0.03), ("79", 0.03), (None, 0.02)):
        inside = [place for place, one in enumerate(strata) if domain in {None, one.key[0]}]
        part = [strata[place] for place in inside]
        expected = expect_list(part, [sizes[place] for place in inside], conditions, method)
        mean = sum(one.population * one.means[0] for one in part) / expected.population
        cvs.append(expected.margin / conditions.quantile / mean / limit)
    assert max(cvs) == pytest.approx(1, abs=0.02)
    assert max(cvs) <= 1 + 1e-9


def test_bethel_takes_strata_that_are_smaller_than_the_least_of_each_whole():
    strata = [*STRATA[:2], ListStratum(("01", "death"), 20, (35.0, 28.0), (88.0, 91.0), 40)]
    sizes = divide(strata, Rule("bethel", cv=0.05, minimum=30), Conditions(response_rate=0.6))
    assert sizes[2] == 20
    assert min(sizes[:2]) >= 30


def test_bethel_lets_the_least_of_each_win_over_the_most():
    sizes = divide(STRATA, Rule("bethel", cv=0.5, minimum=40, maximum=10), Conditions(response_rate=0.6))
    assert sizes == [40, 40, 40, 40]


@pytest.mark.parametrize("name", sorted(RULES_BY_SPREAD))
def test_stratum_without_spread_is_not_left_out(name: str):
    strata = [*STRATA, ListStratum(("79", "seal"), 300, (0.0, 0.0), (100.0, 100.0), 40)]
    sizes = divide(strata, Rule(name, n=400, cv=0.02), Conditions(response_rate=0.6))
    assert sizes[-1] == 1
    assert name == "bethel" or sum(sizes) == 400


def test_margin_of_one_stratum_is_that_of_its_mean():
    conditions = Conditions(response_rate=0.5, deff=2)
    expected = expect_list(STRATA[:1], [400], conditions)
    inside = Conditions(deff=2, population=42_000)
    assert expected.margin == pytest.approx(margin_of_mean(200, sd=38, conditions=inside))
    assert (expected.drawn, expected.completed, expected.cost) == (400, 200, 200 * 60)


def test_list_weighs_its_strata_by_their_units():
    expected = expect_list(STRATA[:2], [300, 300])
    parts = [expect_list([one], [300]).margin for one in STRATA[:2]]
    shares = [42 / 137, 95 / 137]
    squares = sum((share * part) ** 2 for share, part in zip(shares, parts, strict=True))
    assert expected.margin == pytest.approx(squares**0.5)
    assert expect_list(STRATA[:2], [300, 0]).margin == float("inf")


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda: divide(STRATA, Rule("luck", n=5)), "rule among"),
        (lambda: divide(STRATA, Rule("equal", n=10, minimum=50)), "sample size 10"),
        (lambda: divide(STRATA, Rule("bethel", cv=1e-6, maximum=100)), "within reach"),
        (lambda: ListStratum(("x",), 0, (1.0,), (1.0,)), "at least 1 unit"),
        (lambda: ListStratum(("x",), 5, (1.0,), (1.0,), 0), "cost above 0"),
        (lambda: ListStratum(("x",), 5, (-1.0,), (1.0,)), "standard deviation of 0 or more"),
        (
            lambda: divide([ListStratum(("x",), 50, (1.0,), (0.0,))], Rule("power", n=5)),
            "means other than 0",
        ),
    ],
)
def test_impossible_requests_are_named(attempt: Any, words: str):
    with pytest.raises(AllocationError, match=words):
        attempt()


def test_rules_are_those_of_the_table():
    assert set(RULES) == {"equal", "proportional", "neyman", "power", "cost_optimal", "fixed", "bethel"}


def test_effect_of_sizes_widens_what_is_drawn_by_size_only():
    stratum = replace(STRATA[0], size_effect=2.0)
    equal = expect_list([stratum], [400], method=METHODS["systematic"])
    by_size = expect_list([stratum], [400], method=METHODS["pareto"])
    assert equal.margin == expect_list(STRATA[:1], [400]).margin
    unlimited = by_size.margin**2 + (1.959964 * 38) ** 2 / 42_000
    assert unlimited == pytest.approx(2 * (1.959964 * 38) ** 2 / 400)
    assert expect_list(STRATA[:1], [400], method=METHODS["pareto"]).margin == equal.margin


def test_random_size_adds_the_spread_between_strata():
    exact = expect_list(STRATA[:2], [300, 300])
    random = expect_list(STRATA[:2], [300, 300], method=METHODS["bernoulli"])
    assert random.margin > exact.margin
    alone = expect_list(STRATA[:1], [300], method=METHODS["bernoulli"])
    assert alone.margin == pytest.approx(expect_list(STRATA[:1], [300]).margin)


def test_effect_below_one_cannot_be():
    with pytest.raises(AllocationError, match="at least 1"):
        replace(STRATA[0], size_effect=0.5)


@pytest.mark.parametrize("code", ["simple_random", "pps_systematic", "sampford", "poisson", "bernoulli"])
def test_half_widths_are_those_of_repeated_draws(code: str):
    chance = np.random.default_rng(20261122)
    sizes = [int(size) for size in chance.integers(1, 9, 120)]
    answers = chance.normal(50, 10, 120)
    units = [Unit(f"{place:03d}", size) for place, size in enumerate(sizes)]
    effect = float(np.mean(sizes) * np.mean([1 / size for size in sizes]))
    sd = float(np.std(answers, ddof=1))
    stratum = ListStratum(("01",), 120, (sd,), (50.0,), size_effect=effect)
    found = []
    for repetition in range(300):
        drawn = select(code, units, 24, str(repetition), "dossier", "01")
        weights = np.array([float(1 / one.probability) for one in drawn])
        values = np.array([answers[one.index] for one in drawn])
        found.append((weights @ values) / weights.sum())
    expected = expect_list([stratum], [24], method=METHODS[code]).margin
    assert 1.959964 * np.std(found) == pytest.approx(expected, rel=0.2)

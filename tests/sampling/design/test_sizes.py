from math import sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.design.sizes import (
    Conditions,
    SizeError,
    for_index,
    for_mean,
    for_proportion,
    index_sd,
    margin_of_mean,
    margin_of_proportion,
    share_sd,
    slovin,
    slovin_margin,
)


@pytest.mark.parametrize(
    ("margin", "share", "population", "expected"),
    [
        (0.05, 0.5, None, 385),  # the textbook value, Cochran 1977, section 4.4
        (0.03, 0.5, None, 1068),
        (0.05, 0.5, 1000, 278),
        (0.05, 0.5, 10_000, 370),
        (0.05, 0.2, None, 246),
    ],
)
def test_sizes_of_shares_are_those_of_the_tables(
    margin: float, share: float, population: int | None, expected: int
):
    conditions = Conditions(population=population)
    assert for_proportion(margin, share=share, conditions=conditions).completed == expected


def test_design_effect_and_response_rate_multiply():
    plain = for_proportion(0.02).completed
    conditions = Conditions(deff=2.5, response_rate=0.8)
    size = for_proportion(0.02, conditions=conditions)
    assert size.completed == pytest.approx(2.5 * plain, abs=2)
    assert size.drawn == pytest.approx(size.completed / 0.8, abs=1)


@given(
    st.floats(0.005, 0.2),
    st.floats(0.05, 0.95),
    st.floats(0.5, 5),
    st.none() | st.integers(20_000, 10_000_000),
)
def test_margin_is_the_inverse_of_size(margin: float, share: float, deff: float, population: int | None):
    conditions = Conditions(deff=deff, population=population)
    n = for_proportion(margin, share=share, conditions=conditions).completed
    assert margin_of_proportion(n, share=share, conditions=conditions) <= margin * (1 + 1e-9)
    if n > 1:
        assert margin_of_proportion(n - 1, share=share, conditions=conditions) > margin * (1 - 1e-9)


def test_asking_everybody_leaves_no_margin():
    conditions = Conditions(population=50)
    assert margin_of_mean(50, sd=3, conditions=conditions) == 0
    assert share_sd(0.5, conditions) == pytest.approx(sqrt(0.25 * 50 / 49))


def test_index_of_equal_criteria_lies_between_independent_and_identical_ones():
    assert index_sd([0.4] * 10, correlation=0) == pytest.approx(0.4 / sqrt(10))
    assert index_sd([0.4] * 10, correlation=1) == pytest.approx(0.4)
    assert index_sd([0.4, 0.2], correlation=0, weights=[1, 0]) == pytest.approx(0.4)


def test_index_needs_fewer_people_than_one_criterion():
    index = for_index(0.03, sds=[0.4] * 51, correlation=0.3)
    assert index.completed < for_mean(0.03, sd=0.4).completed


def test_slovin_is_blind_to_the_size_of_the_population():
    assert slovin(100_000_000, 0.05).completed == 400
    assert slovin(1_000, 0.05).completed == 286
    assert len(slovin(1_000, 0.05).note) == 2
    assert slovin(600_000, 0.05, response_rate=0.5).drawn == 800


def test_slovin_asks_everybody_where_too_few_would_answer():
    census = slovin(10, 0.05, response_rate=0.9)
    assert (census.completed, census.drawn) == (10, 10)
    assert census.note[2].startswith("Asks everybody")
    assert slovin(10, 0.05).drawn == 10
    assert len(slovin(10, 0.05).note) == 2


@given(st.integers(100, 10_000_000), st.floats(0.01, 0.2))
def test_slovin_margin_is_the_inverse(population: int, margin: float):
    n = slovin(population, margin).completed
    assert slovin_margin(population, n) <= margin * (1 + 1e-9)


def test_slovin_promises_more_than_clusters_and_silence_keep():
    promised = slovin(600_000, 0.05).completed
    real = margin_of_proportion(promised * 0.9, share=0.5, conditions=Conditions(deff=2.8))
    assert real > 0.08


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda: for_proportion(0), "margin above 0"),
        (lambda: for_proportion(0.05, share=1.2), "share from 0 to 1"),
        (lambda: for_mean(0.05, sd=-1), "standard deviation"),
        (lambda: Conditions(confidence=1), "confidence between 0 and 1"),
        (lambda: Conditions(deff=0), "design effect above 0"),
        (lambda: Conditions(response_rate=0), "response rate above 0"),
        (lambda: Conditions(population=0), "population of at least 1"),
        (lambda: index_sd([], correlation=0), "at least one criterion"),
        (lambda: index_sd([0.4, 0.4], correlation=-1.5), "correlation that 2 criteria can have"),
        (lambda: margin_of_mean(0, sd=1), "number of answers above 0"),
        (lambda: margin_of_mean(60, sd=1, conditions=Conditions(population=50)), "population of 50"),
        (lambda: slovin_margin(50, 60), "up to 50"),
        (
            lambda: for_proportion(0.01, conditions=Conditions(population=100, response_rate=0.5)),
            "ask everybody",
        ),
    ],
)
def test_impossible_requests_are_named(attempt: Any, words: str):
    with pytest.raises(SizeError, match=words):
        attempt()

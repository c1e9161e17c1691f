"""Comparisons find what is there and say so where nothing can be told apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimation import Estimate, adjust_p_values
from analysis.index import (
    HIGHER,
    LOWER,
    NOT_DISTINGUISHABLE,
    compare_pairs,
    compare_with_nation,
    estimate_index,
    parse_index_method,
)
from tests.analysis.index.makers import make_answers, make_design, make_document


def make_domains(values: list[float], error: float = 1.0, df: float = 20) -> Estimate:
    k = len(values)
    return Estimate(
        names=("index",) * k,
        domains=tuple(f"p{position}" for position in range(k)),
        value=np.array(values, dtype=float),
        covariance=np.eye(k) * error**2,
        degrees_of_freedom=np.full(k, float(df)),
        n=np.full(k, 500),
        deff=np.full(k, 2.0),
        bounds=(0.0, 100.0),
    )


def test_far_provinces_are_told_apart_and_close_ones_are_not():
    pairs = compare_pairs(make_domains([90.0, 80.0, 80.5]))
    assert pairs.is_distinguishable.tolist() == [
        [False, True, True],
        [True, False, False],
        [True, False, False],
    ]
    ranks = pairs.rank_intervals()
    assert ranks["rank"].tolist() == [1, 3, 2]
    assert ranks["rank_low"].tolist() == [1, 2, 2]
    assert ranks["rank_high"].tolist() == [1, 3, 3]


def test_differences_are_antisymmetric():
    pairs = compare_pairs(make_domains([90.0, 80.0, 80.5]))
    assert pairs.difference == pytest.approx(-pairs.difference.T)
    assert pairs.standard_error[0, 1] == pytest.approx(np.sqrt(2))


def test_a_province_without_a_value_is_not_distinguishable():
    pairs = compare_pairs(make_domains([90.0, np.nan, 50.0]))
    assert not pairs.is_distinguishable[1].any()
    assert pairs.rank_intervals().loc[1, ["rank_low", "rank_high"]].tolist() == [1, 3]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=2, max_size=8), st.floats(0.1, 10))
def test_rank_intervals_hold_the_rank(values: list[float], error: float):
    ranks = compare_pairs(make_domains(values, error)).rank_intervals()
    assert (ranks["rank_low"] <= ranks["rank"]).all()
    assert (ranks["rank"] <= ranks["rank_high"]).all()


def test_provinces_are_grouped_against_the_nation():
    design, provinces = make_design()
    bases = {"01": [5, 5, 4, 2], "02": [1, 2, 3, 5], "03": [4, 4, 2, 2]}
    rng = np.random.default_rng(4)
    answers = {name: np.array([float(rng.choice(bases[p])) for p in provinces]) for name in make_answers()}
    result = estimate_index(design, answers, parse_index_method(make_document()), provinces)
    table = compare_with_nation(result).set_index("domain")
    assert table["group"].to_dict() == {"01": HIGHER, "02": LOWER, "03": NOT_DISTINGUISHABLE}
    assert (table["p_adjusted"] >= table["p_value"]).all()


def test_the_difference_to_the_nation_keeps_the_covariance():
    design, provinces = make_design()
    result = estimate_index(design, make_answers(), parse_index_method(make_document()), provinces)
    both = result.with_nation()
    expected = both.covariance[0, 0] + both.covariance[1, 1] - 2 * both.covariance[0, 1]
    table = compare_with_nation(result)
    assert table["standard_error"][0] ** 2 == pytest.approx(expected)
    assert both.covariance[0, 1] > 0


def test_pairs_without_a_limit_of_their_degrees_of_freedom_are_tested_by_the_normal_distribution():
    domains = make_domains([90.0, 80.0, 80.5], df=np.inf)
    pairs, normal = compare_pairs(domains), compare_pairs(domains, degrees_of_freedom=np.inf)
    assert np.isfinite(pairs.p_value).all()
    assert pairs.p_value.tolist() == normal.p_value.tolist()


def test_joint_tests_hold_in_both_directions_of_every_pair():
    domains = make_domains([90.0, 86.0, 82.0, 81.0])
    pairs = compare_pairs(domains)
    first, second = np.triu_indices(4, 1)
    one_sided = pairs.p_value[first, second] / 2
    both = adjust_p_values(np.concatenate([one_sided, 1 - one_sided]), "holm")[:6]
    assert np.minimum(pairs.p_adjusted[first, second], 1) == pytest.approx(both)
    assert (pairs.p_adjusted >= compare_pairs(domains, adjustment="holm").p_adjusted - 1e-12).all()

"""Variances that are nothing but rounding: no interval of zero width, no test, and a flag."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimation import (
    Brewer,
    DomainError,
    Estimate,
    HartleyRao,
    ReplicateDesign,
    SurveyDesign,
    compare_pairs,
    regress,
)
from analysis.estimation.results.intervals import METHODS

N_PER_PSU = 10
ANSWERS = np.array([1.0] * 3 + [0.0] * 7)


def make_equal(seed: int, n_psu: int = 6) -> SurveyDesign:
    """Every PSU has its own weight; shares of 0.3 in all of them leave only rounding."""
    rng = np.random.default_rng(seed)
    weights = np.repeat(rng.uniform(0.3, 2, n_psu), N_PER_PSU)
    return SurveyDesign.from_arrays(weights, clusters=np.repeat(np.arange(n_psu), N_PER_PSU))


def widths(estimate: Estimate) -> dict[str, float]:
    limits = {method: estimate.interval(method=method) for method in METHODS}
    return {method: (limit.high - limit.low).min() for method, limit in limits.items()}


@pytest.mark.parametrize("seed", range(20))
def test_equal_shares_of_psus_have_a_variance_of_zero(seed: int):
    share = make_equal(seed).proportion(np.tile(ANSWERS, 6))
    assert share.standard_error.item() == 0
    assert share.covariance.item() == 0
    assert share.flags == (("few_df", "zero_variance"),)
    assert min(widths(share).values()) > 0.1


@pytest.mark.parametrize("kind", ["jkn", "rao_wu"])
@pytest.mark.parametrize("seed", range(5))
def test_replicates_of_equal_shares_have_a_variance_of_zero(kind: str, seed: int):
    replicates = ReplicateDesign.from_design(make_equal(seed), kind, n_replicates=30, seed=1)
    share = replicates.proportion(np.tile(ANSWERS, 6))
    assert share.standard_error.item() == 0
    assert "zero_variance" in share.flags[0]
    assert min(widths(share).values()) > 0.1


def test_numbers_and_their_combinations_lose_rounding_too():
    design = make_equal(3)
    values = np.tile(np.linspace(-1, 1, N_PER_PSU), 6)
    mean = design.mean(np.column_stack([values, values + 0.1, np.full(60, 0.1)]))
    assert mean.standard_error.tolist() == [0, 0, 0]
    fitted = regress(design, pd.DataFrame({"y": 0.1 + 0.7 * values, "x": values}), "y ~ x").coefficients
    assert fitted.standard_error.tolist() == [0, 0]


def test_joint_probabilities_and_brewer_lose_rounding_too():
    weights = 1 / np.array([0.1, 0.3, 0.2])
    for pps in (Brewer(), HartleyRao()):
        design = SurveyDesign.from_arrays(weights, fpc=1 / weights, pps=pps)
        assert design.mean(np.full(3, 0.1)).standard_error.item() == 0


def test_a_small_but_real_variance_stays():
    values = 1e6 + np.array([0.0, 1.0, 2.0, 3.0])
    expected = np.std(values, ddof=1) / 2
    assert SurveyDesign.from_arrays(np.ones(4)).mean(values).standard_error.item() == pytest.approx(expected)
    share = SurveyDesign.from_arrays([1.0, 1.0, 1e-7, 1e-7], clusters=[1, 1, 2, 2]).proportion([1, 0, 1, 1])
    assert 0 < share.standard_error.item() < 1e-6


def test_a_pair_without_variance_has_no_p_value():
    design = make_equal(1, n_psu=12)
    answers = np.concatenate([np.tile(ANSWERS, 6), np.tile(1 - ANSWERS, 6)])
    domains = design.proportion(answers, by=np.repeat(["a", "b"], 60))
    pairs = compare_pairs(domains)
    assert np.isnan(pairs.p_value[0, 1])
    assert not pairs.is_distinguishable.any()


def test_a_contrast_of_the_same_twice_has_no_error():
    values = np.random.default_rng(2).normal(size=60)
    same = make_equal(2).mean(np.column_stack([values, values]))
    assert same.contrast([[0.3, -0.3]], ["nothing"]).standard_error.item() == 0
    scaled = make_equal(2).mean(np.column_stack([values, values / 3]))
    assert scaled.contrast([[1, -3]], ["nothing"]).standard_error.item() == 0


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_psu=st.integers(1, 5),
    n_yes=st.integers(0, 4),
    spread=st.sampled_from([0.0, 1.0, 8.0, 25.0]),
    odd=st.booleans(),
)
def test_no_interval_of_a_share_has_zero_width(
    seed: int, n_psu: int, n_yes: int, spread: float, *, odd: bool
):
    rng = np.random.default_rng(seed)
    rows = 4 * n_psu
    weights = np.exp(np.repeat(rng.uniform(-spread, spread, n_psu), 4))
    answers = np.tile(np.arange(4) < n_yes, n_psu)
    answers[0] ^= odd
    design = SurveyDesign.from_arrays(
        weights, clusters=np.repeat(np.arange(n_psu), 4), single_psu="certainty"
    )
    share = design.proportion(answers, by=rng.choice(["a", "b"], rows), overall=True)
    found = widths(share)
    assert all(width > 0 for width in found.values()), found


@pytest.mark.parametrize("method", METHODS)
def test_a_given_error_of_rounding_gives_the_exact_interval(method: str):
    share = Estimate(
        ("a",),
        (None,),
        np.array([0.3]),
        np.array([[1e-36]]),
        np.array([5.0]),
        np.array([60]),
        np.ones(1),
        (0, 1),
    )
    low, high = share.interval(method=method)
    assert low.item() < 0.25
    assert high.item() > 0.35
    assert "zero_variance" in share.flags[0]


def test_wald_limits_need_degrees_of_freedom_where_nothing_varies():
    single = SurveyDesign.from_arrays(np.ones(4), clusters=[1, 1, 1, 1], single_psu="certainty")
    for method in ("t", "wald"):
        assert np.isnan(single.mean([1.0, 2, 3, 4]).interval(method=method)).all()


def test_a_domain_called_like_the_whole_is_refused():
    design = SurveyDesign.from_arrays(np.ones(3))
    assert design.mean([1.0, 2, 3], by=["overall", "x", "x"]).domains == ("overall", "x")
    with pytest.raises(DomainError, match=r"no domain called 'overall'.*1 rows"):
        design.mean([1.0, 2, 3], by=["overall", "x", "x"], overall=True)

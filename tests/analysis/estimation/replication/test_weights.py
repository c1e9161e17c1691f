"""Replicate weights have the sums that make them unbiased, and come out the same on every machine."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimation import DesignError, ReplicationOptions, ResamplingStage, SinglePsuError
from analysis.estimation.replication.bootstrap import (
    count_resampled,
    draw_uniforms,
    multistage_factors,
)
from analysis.estimation.replication.factors import PsuSample
from analysis.estimation.replication.hadamard import make_hadamard
from analysis.estimation.replication.weights import make_replicates

FIRST_DRAWS = "bdcc89388d14b1e15ef8d6ef70f560112b259be3621081eebe2420bc8d62a92e"


def make_psus(*sizes: int, fraction: float | list[float] = 0.0, single_psu: str = "remove") -> PsuSample:
    stratum = np.repeat(np.arange(len(sizes)), sizes)
    labels = tuple(f"h{code}" for code in range(len(sizes)))
    return PsuSample(stratum, labels, np.broadcast_to(fraction, len(sizes)).astype(float), single_psu)


def make(sample: PsuSample, method: str, **options: float) -> np.ndarray:
    return make_replicates(sample, method, ReplicationOptions(**options)).factors


def variance_of_total(sample: PsuSample, method: str, totals: np.ndarray, **options: float) -> float:
    made = make_replicates(sample, method, ReplicationOptions(**options))
    replicates = made.factors.T @ totals
    return float(made.scale * (made.rscales * (replicates - totals.sum()) ** 2).sum())


@pytest.mark.parametrize("at_least", [1, 2, 3, 5, 12, 13, 21, 28, 36, 45, 52, 64, 93])
def test_rows_of_hadamard_matrices_are_orthogonal(at_least: int):
    matrix = make_hadamard(at_least)
    assert len(matrix) >= at_least
    np.testing.assert_array_equal(matrix @ matrix.T, len(matrix) * np.eye(len(matrix)))
    assert (matrix[0] == 1).all()


@pytest.mark.parametrize(("at_least", "order"), [(3, 4), (12, 12), (15, 16), (20, 20), (52, 56)])
def test_hadamard_matrices_are_the_smallest_that_can_be_made(at_least: int, order: int):
    assert len(make_hadamard(at_least)) == order


@pytest.mark.parametrize("method", ["jkn", "brr", "fay"])
def test_factors_of_a_stratum_average_one_in_every_replicate(method: str):
    factors = make(make_psus(2, 2, 2), method, rho=0.3 if method == "fay" else 0.0)
    for stratum in range(3):
        np.testing.assert_allclose(factors[2 * stratum : 2 * stratum + 2].mean(axis=0), 1)


@pytest.mark.parametrize("method", ["rao_wu", "rwyb"])
def test_bootstrap_factors_average_one_within_and_near_one_across_replicates(method: str):
    factors = make(make_psus(3, 5), method, seed=11, n_replicates=4000)
    np.testing.assert_allclose(factors[:3].mean(axis=0), 1)
    np.testing.assert_allclose(factors[3:].mean(axis=0), 1)
    np.testing.assert_allclose(factors.mean(axis=1), 1, atol=0.06)


def test_jackknife_of_a_simple_sample_leaves_out_one_at_a_time():
    made = make_replicates(make_psus(4), "jk1", ReplicationOptions())
    np.testing.assert_allclose(made.factors, (1 - np.eye(4)) * 4 / 3)
    assert made.scale == pytest.approx(0.75)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(2, 6), min_size=1, max_size=5), st.integers(0, 10**6), st.sampled_from([0.0, 0.4])
)
def test_stratified_jackknife_has_the_linearised_variance_of_a_total(
    sizes: list[int], seed: int, fraction: float
):
    totals = np.random.default_rng(seed).normal(10, 4, sum(sizes))
    parts = np.split(totals, np.cumsum(sizes)[:-1])
    expected = sum((1 - fraction) * n * np.var(part, ddof=1) for n, part in zip(sizes, parts, strict=True))
    assert variance_of_total(make_psus(*sizes, fraction=fraction), "jkn", totals) == pytest.approx(expected)


def test_stratum_taken_whole_has_no_replicates():
    factors = make(make_psus(2, 3, fraction=[1.0, 0.5]), "jkn")
    assert factors.shape == (5, 3)
    assert (factors[:2] == 1).all()


@pytest.mark.parametrize("policy", ["remove", "certainty"])
def test_single_psu_is_left_as_it_is_if_the_policy_says_so(policy: str):
    sample = make_psus(1, 3, single_psu=policy)
    assert make(sample, "jkn").shape == (4, 3)
    for method in ("jkn", "rwyb", "rao_wu"):
        assert (make(sample, method, seed=1, n_replicates=20)[0] == 1).all()


def test_average_policy_scales_up_and_adjust_compares_with_all_psus():
    totals = np.array([7.0, 1.0, 4.0])
    pair = variance_of_total(make_psus(1, 2, single_psu="remove"), "jkn", totals)
    averaged = variance_of_total(make_psus(1, 2, single_psu="average"), "jkn", totals)
    adjusted = variance_of_total(make_psus(1, 2, single_psu="adjust"), "jkn", totals)
    assert averaged == pytest.approx(2 * pair)
    assert adjusted == pytest.approx(pair + (7 - 4) ** 2)


def test_half_samples_have_the_linearised_variance_of_a_total():
    totals = np.random.default_rng(5).normal(size=14)
    expected = sum((first - second) ** 2 for first, second in totals.reshape(-1, 2))
    sample = make_psus(*[2] * 7)
    assert variance_of_total(sample, "brr", totals) == pytest.approx(expected)
    assert variance_of_total(sample, "fay", totals, rho=0.5) == pytest.approx(expected)


def test_fay_without_rho_is_brr():
    sample = make_psus(2, 2, 2, 2)
    assert make(sample, "fay", rho=0.0).tolist() == make(sample, "brr").tolist()
    assert set(make(sample, "brr").ravel()) == {0.0, 2.0}


def test_fay_keeps_rho_of_the_other_half():
    assert set(make(make_psus(2, 2), "fay", rho=0.25).ravel()) == {0.25, 1.75}


def test_bootstraps_with_the_correction_have_its_variance():
    totals = np.random.default_rng(2).normal(size=12)
    fraction = 0.6
    expected = 0.4 * 12 * np.var(totals, ddof=1)
    sample = make_psus(12, fraction=fraction)
    found = variance_of_total(sample, "rwyb", totals, seed=3, n_replicates=20_000)
    assert found == pytest.approx(expected, rel=0.05)


def test_bootstraps_without_correction_differ_in_scale_only():
    sample = make_psus(3, 4)
    rao_wu = make_replicates(sample, "rao_wu", ReplicationOptions(n_replicates=30, seed=8))
    rwyb = make_replicates(sample, "rwyb", ReplicationOptions(n_replicates=30, seed=8))
    np.testing.assert_allclose(rao_wu.factors, rwyb.factors)
    assert (rao_wu.scale, rwyb.scale) == (pytest.approx(1 / 29), pytest.approx(1 / 30))


def test_bootstrap_is_the_same_byte_for_byte():
    factors = make(make_psus(2, 5, 3), "rao_wu", seed=20_260_107, n_replicates=64)
    counts = np.round(factors * np.array([0.5] * 2 + [0.8] * 5 + [2 / 3] * 3)[:, None]).astype(np.uint8)
    assert hashlib.sha256(counts.tobytes()).hexdigest() == FIRST_DRAWS
    again = make(make_psus(2, 5, 3), "rao_wu", seed=20_260_107, n_replicates=64)
    assert factors.tobytes() == again.tobytes()


def test_more_replicates_leave_the_first_ones_as_they_were():
    few = make(make_psus(4, 3), "rwyb", seed=5, n_replicates=10)
    many = make(make_psus(4, 3), "rwyb", seed=5, n_replicates=25)
    assert many[:, :10].tolist() == few.tolist()


def test_seeds_and_streams_are_independent():
    draws = [draw_uniforms(seed, (50, 2), stream=stream) for seed, stream in ((1, 0), (2, 0), (1, 1))]
    assert len({draw.tobytes() for draw in draws}) == 3
    for draw in draws:
        assert 0 <= draw.min() < draw.max() < 1


def test_one_less_than_all_are_resampled_in_every_stratum():
    sample = make_psus(4, 1, 2)
    counts = count_resampled(sample.stratum, sample.sizes, draw_uniforms(1, (200, 4)))
    assert (counts[:4].sum(axis=0) == 3).all()
    assert (counts[4] == 0).all()
    assert (counts[5:].sum(axis=0) == 1).all()


def test_units_need_not_be_numbered_by_stratum():
    stratum = np.array([1, 0, 1, 0, 0])
    counts = count_resampled(stratum, np.array([3, 2]), draw_uniforms(1, (100, 3)))
    assert (counts[stratum == 0].sum(axis=0) == 2).all()


def make_two_stages(first: float, second: float) -> list[ResamplingStage]:
    psu = np.repeat(np.arange(6), 4)
    return [
        ResamplingStage(psu, np.full(24, first)),
        ResamplingStage(np.tile(np.arange(4), 6), np.full(24, second)),
    ]


def test_second_stage_adds_nothing_below_psus_drawn_with_replacement():
    options = ReplicationOptions(n_replicates=40, seed=4)
    factors = multistage_factors(make_two_stages(0.0, 0.2), options)
    one_stage = multistage_factors(make_two_stages(0.0, 0.2)[:1], options)
    np.testing.assert_allclose(factors, one_stage)


def test_two_stages_have_the_variance_of_both():
    first, second = 0.5, 0.25
    values = np.random.default_rng(9).normal(5, 1, 24) + np.repeat([0.0, 1, 2, 3, 4, 5], 4)
    weighted = values / (first * second)
    by_psu = weighted.reshape(6, 4)
    between = (1 - first) * 6 * np.var(by_psu.sum(axis=1), ddof=1)
    within = first * (1 - second) * 4 * np.var(by_psu, axis=1, ddof=1).sum()
    factors = multistage_factors(
        make_two_stages(first, second), ReplicationOptions(n_replicates=20_000, seed=6)
    )
    found = np.mean((factors.T @ weighted - weighted.sum()) ** 2)
    assert found == pytest.approx(between + within, rel=0.05)


def test_unequal_probabilities_keep_the_number_of_random_units():
    probability = np.array([0.2, 0.5, 0.9, 1.0])
    stage = ResamplingStage(np.arange(4), probability, has_equal_chances=False)
    factors = multistage_factors([stage], ReplicationOptions(n_replicates=50, seed=2))
    np.testing.assert_allclose(factors[:3].sum(axis=0), 3)
    np.testing.assert_allclose(factors[3], 1)


def test_single_unit_of_the_last_stage_is_kept():
    stages = [ResamplingStage([0, 0, 1, 2], np.full(4, 0.5)), ResamplingStage([0, 1, 0, 0], np.full(4, 0.5))]
    factors = multistage_factors(stages, ReplicationOptions(n_replicates=5, seed=2))
    one_stage = multistage_factors(stages[:1], ReplicationOptions(n_replicates=5, seed=2))
    np.testing.assert_allclose(factors[2:], one_stage[2:])


def test_single_unit_of_the_first_stage_is_refused():
    stage = ResamplingStage([0, 1, 2], np.full(3, 0.5), strata=["a", "a", "b"])
    with pytest.raises(SinglePsuError, match="stage 1"):
        multistage_factors([stage], ReplicationOptions(n_replicates=5, seed=2))


@pytest.mark.parametrize("probability", [[0.5, 1.5], [0.5, np.nan], [0.5]])
def test_probabilities_of_a_stage_must_fit(probability: list[float]):
    first = ResamplingStage([0, 1], np.full(2, 0.5))
    with pytest.raises(DesignError, match="inclusion probabilities"):
        multistage_factors(
            [first, ResamplingStage([0, 1], np.array(probability))], ReplicationOptions(seed=1)
        )


def test_row_without_a_unit_is_refused():
    stage = ResamplingStage(["a", None], np.full(2, 0.5))
    with pytest.raises(DesignError, match="for every row"):
        multistage_factors([stage], ReplicationOptions(seed=1))


def test_half_samples_refuse_three_psus_and_one():
    with pytest.raises(DesignError, match=r"two PSUs in every stratum.*got 3 in h1"):
        make(make_psus(2, 3), "brr")
    with pytest.raises(SinglePsuError, match="one PSU in h0"):
        make(make_psus(1, 2), "brr")


@pytest.mark.parametrize("method", ["brr", "fay", "rao_wu"])
def test_methods_that_cannot_hold_a_correction_refuse_it(method: str):
    with pytest.raises(DesignError, match="without finite population correction"):
        make(make_psus(2, 2, fraction=0.2), method, seed=1)


@pytest.mark.parametrize("method", ["jkn", "rao_wu", "rwyb"])
def test_single_psu_fails_by_default(method: str):
    with pytest.raises(SinglePsuError, match="one PSU in h1"):
        make(make_psus(2, 1, single_psu="fail"), method, seed=1)


def test_simple_jackknife_refuses_strata():
    with pytest.raises(DesignError, match="without strata"):
        make(make_psus(2, 2), "jk1")


@pytest.mark.parametrize("rho", [-0.1, 1.0])
def test_rho_must_leave_something(rho: float):
    with pytest.raises(DesignError, match="rho"):
        make(make_psus(2, 2), "fay", rho=rho)


def test_rho_belongs_to_fay():
    with pytest.raises(DesignError, match="Use fay"):
        make(make_psus(2, 2), "brr", rho=0.3)


@pytest.mark.parametrize("options", [{}, {"seed": -1}, {"seed": 1, "n_replicates": 1}])
def test_bootstrap_needs_a_seed_and_replicates(options: dict[str, int]):
    with pytest.raises(DesignError, match="seed"):
        make(make_psus(2, 2), "rao_wu", **options)


def test_unknown_method_is_refused():
    with pytest.raises(DesignError, match="replication method"):
        make(make_psus(2, 2), "jackknife")


def test_census_has_nothing_to_replicate():
    with pytest.raises(DesignError, match="none among 2 strata"):
        make(make_psus(2, 2, fraction=1.0), "jkn")


def test_one_replicate_is_too_few():
    with pytest.raises(DesignError, match="at least two replicates"):
        make(make_psus(1, 2, fraction=[0.0, 1.0], single_psu="adjust"), "jkn")

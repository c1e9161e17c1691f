"""Replicate designs give linearised variances where they must, and the same numbers by every way."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimation import (
    Brewer,
    DesignError,
    DomainError,
    EstimandError,
    Estimate,
    HartleyRao,
    PpsMethod,
    ReplicateDesign,
    SurveyDesign,
    quantile,
)
from analysis.estimation.replication import replicate_set

HALVES = [[2.0, 0.0], [0.0, 2.0]]


def make_sample(seed: int = 1, *, n_strata: int = 5, n_psu: int = 2, n_rows: int = 6) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = n_strata * n_psu * n_rows
    psu = np.arange(n) // n_rows
    return pd.DataFrame(
        {
            "stratum": psu // n_psu,
            "psu": psu,
            "weight": rng.uniform(5, 20, n),
            "y": rng.normal(50, 10, n) + 3 * (psu % 3),
            "x": rng.uniform(1, 5, n),
            "sex": rng.choice(["f", "m"], n),
        }
    )


def make_design(frame: pd.DataFrame) -> SurveyDesign:
    return SurveyDesign.from_frame(frame, weight="weight", strata="stratum", clusters="psu")


def assert_same(first: Estimate, second: Estimate) -> None:
    np.testing.assert_allclose(first.value, second.value)
    np.testing.assert_allclose(first.covariance, second.covariance, atol=1e-12)


@pytest.mark.parametrize(("method", "options"), [("jkn", {}), ("brr", {}), ("fay", {"rho": 0.4})])
def test_totals_have_the_linearised_covariance(method: str, options: dict[str, float]):
    frame = make_sample()
    design = make_design(frame)
    replicates = ReplicateDesign.from_design(design, method, **options)
    linear = design.total(frame[["y", "x"]], by=frame["sex"], overall=True)
    replicated = replicates.total(frame[["y", "x"]], by=frame["sex"], overall=True)
    assert_same(replicated, linear)
    assert_same(replace(replicates, mse=True).total(frame["y"]), design.total(frame["y"]))
    assert replicated.domains == linear.domains
    assert replicated.names == linear.names
    assert replicated.degrees_of_freedom.tolist() == linear.degrees_of_freedom.tolist()
    np.testing.assert_allclose(replicated.deff, linear.deff)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(2, 5))
def test_jackknife_of_any_sample_is_linearisation_for_totals(seed: int, n_strata: int, n_psu: int):
    frame = make_sample(seed, n_strata=n_strata, n_psu=n_psu, n_rows=3)
    design = make_design(frame)
    assert_same(ReplicateDesign.from_design(design).total(frame["y"]), design.total(frame["y"]))


def test_jackknife_is_near_linearisation_for_means_and_ratios():
    frame = make_sample(n_strata=10, n_psu=6)
    design = make_design(frame)
    replicates = ReplicateDesign.from_design(design, "jkn")
    pairs = [
        (replicates.mean(frame["y"], by=frame["sex"]), design.mean(frame["y"], by=frame["sex"])),
        (replicates.ratio(frame["y"], frame["x"]), design.ratio(frame["y"], frame["x"])),
        (replicates.proportion(frame["y"] > 55), design.proportion(frame["y"] > 55)),
    ]
    for replicated, linear in pairs:
        np.testing.assert_allclose(replicated.value, linear.value)
        np.testing.assert_allclose(replicated.standard_error, linear.standard_error, rtol=0.03)
        np.testing.assert_allclose(replicated.deff, linear.deff, rtol=0.06)
        assert replicated.n.tolist() == linear.n.tolist()


def test_simple_jackknife_is_linearisation_for_a_mean_of_equal_weights():
    values = np.random.default_rng(4).normal(size=30)
    design = SurveyDesign.from_arrays(np.full(30, 2.0), fpc=np.full(30, 60))
    assert_same(ReplicateDesign.from_design(design, "jk1").mean(values), design.mean(values))


@pytest.mark.parametrize("method", ["rao_wu", "rwyb"])
def test_bootstraps_are_near_linearisation(method: str):
    frame = make_sample(n_strata=8, n_psu=5)
    design = make_design(frame)
    replicates = ReplicateDesign.from_design(design, method, n_replicates=3000, seed=7)
    linear = design.mean(frame["y"])
    assert replicates.mean(frame["y"]).standard_error == pytest.approx(linear.standard_error, rel=0.08)


def make_stages(frame: pd.DataFrame, **options: object) -> SurveyDesign:
    counts = pd.DataFrame({"psu": np.full(len(frame), 10), "row": np.full(len(frame), 12)})
    clusters = frame.assign(row=np.arange(len(frame)))[["psu", "row"]]
    return SurveyDesign.from_arrays(
        frame["weight"], strata=frame["stratum"], clusters=clusters, fpc=counts, **options
    )


def test_bootstrap_of_two_stages_holds_both_corrections():
    frame = make_sample(n_strata=6, n_psu=5)
    design = make_stages(frame)
    replicates = ReplicateDesign.from_design(design, "rwyb", n_replicates=4000, seed=2)
    linear = design.total(frame["y"]).standard_error.item()
    assert replicates.total(frame["y"]).standard_error.item() == pytest.approx(linear, rel=0.05)
    assert replicates.degrees_of_freedom == design.degrees_of_freedom == 24


@pytest.mark.parametrize("pps", [Brewer(), HartleyRao()])
def test_bootstrap_of_unequal_chances_is_near_its_linearisation(pps: PpsMethod):
    rng = np.random.default_rng(8)
    size = rng.uniform(1, 4, 60)
    probability = 0.5 * size / size.max()
    values = 30 * size + rng.normal(0, 4, 60)
    design = SurveyDesign.from_arrays(1 / probability, fpc=probability, pps=pps)
    replicates = ReplicateDesign.from_design(design, "rwyb", n_replicates=4000, seed=5)
    linear = design.total(values).standard_error.item()
    assert replicates.total(values).standard_error.item() == pytest.approx(linear, rel=0.1)
    with pytest.raises(DesignError, match="equal chances"):
        ReplicateDesign.from_design(design, "jkn")


@pytest.mark.parametrize("method", ["jkn", "brr", "rao_wu"])
def test_methods_for_one_stage_refuse_corrections_of_two(method: str):
    with pytest.raises(DesignError, match="rwyb"):
        ReplicateDesign.from_design(make_stages(make_sample()), method, seed=1)


def test_systematic_order_is_refused():
    design = SurveyDesign.from_arrays(np.ones(4), systematic_order=[1.0, 2.0, 3.0, 4.0])
    with pytest.raises(DesignError, match="systematic order"):
        ReplicateDesign.from_design(design, "jk1")


def test_single_psu_that_the_policy_leaves_out_is_not_resampled():
    frame = make_sample(n_psu=4).query("psu != 1 and psu != 2 and psu != 3").reset_index(drop=True)
    design = make_stages(frame, single_psu="certainty")
    replicates = ReplicateDesign.from_design(design, "rwyb", n_replicates=3000, seed=2)
    linear = design.total(frame["y"]).standard_error.item()
    assert replicates.total(frame["y"]).standard_error.item() == pytest.approx(linear, rel=0.08)


def test_fay_without_rho_is_brr():
    frame = make_sample()
    design = make_design(frame)
    brr, fay = (ReplicateDesign.from_design(design, method) for method in ("brr", "fay"))
    assert_same(brr.mean(frame["y"]), fay.mean(frame["y"]))


def test_deviations_from_the_full_sample_are_never_smaller():
    frame = make_sample()
    design = make_design(frame)
    for method in ("jkn", "brr"):
        around_mean, around_full = (
            ReplicateDesign.from_design(design, method, mse=mse).ratio(frame["y"], frame["x"])
            for mse in (False, True)
        )
        assert around_full.standard_error >= around_mean.standard_error
        assert around_full.value == around_mean.value


def test_given_weights_are_the_same_combined_or_not():
    frame = make_sample()
    made = ReplicateDesign.from_design(make_design(frame), "brr")
    combined = np.column_stack(list(made.replicates))
    factors = combined / frame["weight"].to_numpy()[:, None]
    given = [
        ReplicateDesign.from_weights(
            frame["weight"], matrix, scale=made.replicates.scale, is_combined=is_combined
        )
        for matrix, is_combined in ((combined, True), (factors, False))
    ]
    for design in given:
        assert_same(
            design.mean(frame["y"], by=frame["sex"], overall=True),
            made.mean(frame["y"], by=frame["sex"], overall=True),
        )
        assert design.degrees_of_freedom == made.degrees_of_freedom == 5


def test_equal_rows_of_given_weights_are_kept_once():
    frame = make_sample()
    made = ReplicateDesign.from_design(make_design(frame), "rao_wu", n_replicates=20, seed=1)
    given = ReplicateDesign.from_weights(
        frame["weight"], np.column_stack(list(made.replicates)), scale=made.replicates.scale
    )
    assert len(given.replicates.factors) == 10
    np.testing.assert_allclose(
        np.column_stack(list(given.replicates)), np.column_stack(list(made.replicates))
    )


def test_row_outside_the_full_sample_must_be_outside_the_replicates():
    design = ReplicateDesign.from_weights([1.0, 0.0, 1.0], [[2.0, 0.0], [0.0, 0.0], [0.0, 2.0]], scale=0.5)
    assert design.total([1.0, 7.0, 3.0]).value.item() == 4.0
    assert design.mean([1.0, 7.0, 3.0]).n.item() == 2
    with pytest.raises(DesignError, match="weight 0 in every replicate"):
        ReplicateDesign.from_weights([1.0, 0.0], HALVES, scale=0.5)


def test_rscales_count_each_replicate_and_zero_leaves_it_out():
    values = [1.0, 5.0]
    twice = ReplicateDesign.from_weights([1.0, 1.0], HALVES, scale=1.0, rscales=[1.0, 0.0])
    assert twice.total(values).covariance.item() == 0.0
    assert replace(twice, mse=True).total(values).covariance.item() == (2 - 6) ** 2


def test_any_function_of_the_weights_can_be_estimated():
    frame = make_sample()
    design = ReplicateDesign.from_design(make_design(frame), "jkn")
    y, x = frame["y"].to_numpy(), frame["x"].to_numpy()
    both = design.estimate(
        lambda weights: (weights @ y / weights.sum(), weights @ x / weights.sum()), names=["y", "x"]
    )
    assert_same(both, design.mean(frame[["y", "x"]]))
    assert both.names == ("y", "x")
    assert np.isnan(both.deff).all()
    assert design.estimate(lambda weights: weights.sum()).names == ("estimate1",)


def test_contrast_of_domains_is_the_estimate_of_their_difference():
    frame = make_sample()
    design = ReplicateDesign.from_design(make_design(frame), "brr", mse=True)
    women, y = (frame["sex"] == "f").to_numpy(), frame["y"].to_numpy()
    difference = design.mean(frame["y"], by=frame["sex"]).contrast([[1, -1]], ["f - m"])
    direct = design.estimate(
        lambda w: (w * women) @ y / (w @ women) - (w * ~women) @ y / (w @ ~women),
        names=["f - m"],
    )
    assert_same(difference, direct)


def test_shares_of_all_categories_sum_to_one_without_variance():
    frame = make_sample()
    shares = ReplicateDesign.from_design(make_design(frame)).proportions(frame["sex"])
    assert shares.names == ("f", "m")
    assert shares.bounds == (0, 1)
    whole = shares.contrast([[1, 1]], ["all"])
    assert whole.value.item() == pytest.approx(1)
    assert whole.covariance.item() == pytest.approx(0, abs=1e-15)


def test_missing_answers_are_a_domain():
    frame = make_sample()
    design = ReplicateDesign.from_design(make_design(frame))
    answered = frame["sex"] == "f"
    masked = design.mean(frame["y"].where(answered))
    domain = design.mean(frame["y"], by=frame["sex"]).select([0])
    assert_same(masked, domain)
    assert masked.n.item() == answered.sum()


def test_memory_blocks_do_not_change_totals(monkeypatch: pytest.MonkeyPatch):
    frame = make_sample()
    weights = np.random.default_rng(1).uniform(0, 9, (len(frame), 12))
    design = ReplicateDesign.from_weights(frame["weight"], weights, scale=0.1)
    at_once = design.total(frame["y"], by=frame["sex"])
    monkeypatch.setattr(replicate_set, "BLOCK_OF_CELLS", 7)
    assert_same(design.total(frame["y"], by=frame["sex"]), at_once)


def test_replicate_without_the_domain_is_left_out_for_it():
    frame = make_sample()
    labels = np.where(frame["psu"] == 0, "one", "others")
    means = ReplicateDesign.from_design(make_design(frame), mse=True).mean(frame["y"], by=labels)
    assert means.standard_error[0] == pytest.approx(0, abs=1e-12)
    assert means.standard_error[1] > 0
    assert means.flags[0][0] == "no_df"


def test_domain_without_answers_has_no_estimate():
    frame = make_sample()
    design = ReplicateDesign.from_design(make_design(frame))
    means = design.mean(frame["y"].where(frame["sex"] == "f"), by=frame["sex"])
    assert np.isnan(means.value).tolist() == [False, True]
    assert np.isnan(means.standard_error).tolist() == [False, True]
    assert means.flags[1] == ("no_answers",)


def test_degrees_of_freedom_follow_domains_and_replicates():
    frame = make_sample(n_psu=3)
    design = make_design(frame)
    jackknife = ReplicateDesign.from_design(design)
    assert jackknife.degrees_of_freedom == design.degrees_of_freedom == 10
    part = np.where(frame["stratum"] < 2, "part", "rest")
    assert jackknife.mean(frame["y"], by=part).degrees_of_freedom.tolist() == [4, 6]
    few = ReplicateDesign.from_design(design, "rao_wu", n_replicates=6, seed=1)
    assert few.degrees_of_freedom == 5


def test_degrees_of_freedom_of_given_weights_are_their_rank_minus_one():
    rng = np.random.default_rng(1)
    factors = rng.uniform(0, 2, (40, 3)) @ rng.uniform(0, 2, (3, 9))
    design = ReplicateDesign.from_weights(np.ones(40), factors, scale=1.0)
    assert design.degrees_of_freedom == 2
    labels = np.where(np.arange(40) < 2, "two rows", "others")
    values = rng.normal(size=40)
    assert design.mean(values, by=labels).degrees_of_freedom.tolist() == [2, 1]
    missing = np.where(labels == "others", values, np.nan)
    assert design.mean(missing, by=labels).degrees_of_freedom.tolist() == [2, 0]


def post_stratify(frame: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
    known = {"f": 400.0, "m": 350.0}
    sums = pd.Series(weights).groupby(frame["sex"]).transform("sum")
    return weights * (frame["sex"].map(known) / sums).to_numpy()


def test_reweighting_every_replicate_gives_the_variance_of_calibrated_weights():
    frame = make_sample(n_strata=8, n_psu=6)
    design = make_design(frame)
    replicates = ReplicateDesign.from_design(design).reweighted(lambda weights: post_stratify(frame, weights))
    calibrated = replace(design, weights=post_stratify(frame, design.weights)).with_calibration(
        design.weights, [frame["sex"]]
    )
    assert replicates.total((frame["sex"] == "f").astype(float)).value.item() == pytest.approx(400)
    assert replicates.total((frame["sex"] == "f").astype(float)).covariance.item() == pytest.approx(0)
    replicated, linear = replicates.mean(frame["y"]), calibrated.mean(frame["y"])
    assert replicated.value == pytest.approx(linear.value)
    assert replicated.standard_error == pytest.approx(linear.standard_error, rel=0.05)
    assert replicates.degrees_of_freedom == design.degrees_of_freedom


def test_reweighting_given_weights_keeps_their_degrees_of_freedom():
    frame = make_sample()
    made = ReplicateDesign.from_design(make_design(frame), "brr")
    given = ReplicateDesign.from_weights(frame["weight"], np.column_stack(list(made.replicates)), scale=0.1)
    reweighted = given.reweighted(lambda weights: post_stratify(frame, weights))
    assert reweighted.degrees_of_freedom == given.degrees_of_freedom == 5
    assert reweighted.total(np.ones(len(frame))).value.item() == pytest.approx(750)


def test_calibrated_design_is_refused():
    design = SurveyDesign.from_arrays(np.ones(4))
    calibrated = design.with_calibration(np.ones(4), [["f", "f", "m", "m"]])
    with pytest.raises(DesignError, match="before calibration"):
        ReplicateDesign.from_design(calibrated, "jk1")


def test_weighting_step_must_return_a_weight_per_row():
    replicates = ReplicateDesign.from_design(SurveyDesign.from_arrays(np.ones(4)), "jk1")
    with pytest.raises(DesignError, match="for 4 rows"):
        replicates.reweighted(lambda weights: weights if (weights == 1).all() else weights[:2])
    with pytest.raises(DesignError, match="finite"):
        replicates.reweighted(lambda weights: weights + (np.inf if (weights == 0).any() else 0))


def test_quantile_of_replicates_by_hand():
    values = [1.0, 2.0, 3.0, 4.0]
    replicates = np.array([[2.0, 0, 1], [0, 2, 1], [2, 0, 1], [0, 2, 1]])
    design = ReplicateDesign.from_weights(np.ones(4), replicates, scale=0.5, mse=True)
    estimate = design.quantile(values, [0.5])
    # the replicates' medians are 1, 2 and 2
    assert estimate.value.tolist() == [2.0]
    assert estimate.standard_error.item() == pytest.approx(np.sqrt(0.5))
    assert estimate.high - estimate.value == pytest.approx(estimate.value - estimate.low)


def test_quantiles_of_replicates_by_domain_mask_missing_answers():
    frame = make_sample()
    design = ReplicateDesign.from_design(make_design(frame), "brr")
    by_domain = design.quantile(frame["y"], [0.25, 0.5], by=frame["sex"], overall=True, rule="hf7")
    women = design.quantile(frame["y"].where(frame["sex"] == "f"), [0.25, 0.5], rule="hf7")
    np.testing.assert_allclose(by_domain.value[2:4], women.value)
    np.testing.assert_allclose(by_domain.standard_error[2:4], women.standard_error)
    assert by_domain.domains == ("overall", "overall", "f", "f", "m", "m")
    assert by_domain.interval_type == "quantile"


def test_quantiles_can_have_intervals_from_the_replicated_share():
    frame = make_sample()
    design = ReplicateDesign.from_design(make_design(frame), "jkn")
    estimate = design.quantile(frame["y"], [0.5], interval="xlogit")
    direct = quantile(design, frame["y"], [0.5], interval="xlogit")
    linear = quantile(make_design(frame), frame["y"], [0.5], interval="xlogit")
    assert estimate.low.tolist() == direct.low.tolist()
    assert estimate.value.tolist() == linear.value.tolist()
    assert estimate.interval_type == "xlogit"


@pytest.mark.parametrize("rows", [1, 3])
def test_weights_for_another_number_of_rows_are_refused(rows: int):
    with pytest.raises(DesignError, match="replicate weights for 2 rows"):
        ReplicateDesign.from_weights([1.0, 1.0], np.ones((rows, 4)), scale=1.0)


def test_weights_must_be_a_table():
    with pytest.raises(DesignError, match=r"got shape \(2,\)"):
        ReplicateDesign.from_weights([1.0, 1.0], [1.0, 1.0], scale=1.0)


@pytest.mark.parametrize("rscales", [[1.0], [1.0, -1.0], [1.0, float("nan")], [1.0, 1.0, 1.0]])
def test_rscales_must_fit_the_replicates(rscales: list[float]):
    with pytest.raises(DesignError, match="2 rscales"):
        ReplicateDesign.from_weights([1.0, 1.0], HALVES, scale=1.0, rscales=rscales)


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan")])
def test_scale_must_be_above_zero(scale: float):
    with pytest.raises(DesignError, match="a scale above 0"):
        ReplicateDesign.from_weights([1.0, 1.0], HALVES, scale=scale)


@pytest.mark.parametrize(
    ("weights", "replicates"),
    [
        ([1.0, -1.0], HALVES),
        ([0.0, 0.0], HALVES),
        ([1.0, float("nan")], HALVES),
        ([1.0, 1.0], [[1.0, float("inf")], [1.0, 1.0]]),
    ],
)
def test_weights_must_be_finite(weights: list[float], replicates: list[list[float]]):
    with pytest.raises(DesignError, match="finite"):
        ReplicateDesign.from_weights(weights, replicates, scale=1.0)


def test_what_does_not_fit_the_design_is_refused():
    design = ReplicateDesign.from_weights([1.0, 1.0], HALVES, scale=1.0)
    with pytest.raises(EstimandError, match="2 rows"):
        design.mean([1.0, 2.0, 3.0])
    with pytest.raises(EstimandError, match="0, 1 or missing"):
        design.proportion([1.0, 2.0])
    with pytest.raises(EstimandError, match="one per numerator"):
        design.ratio(np.ones((2, 2)), np.ones((2, 1)))
    with pytest.raises(EstimandError, match="one per name"):
        design.estimate(lambda weights: weights, names=["one"])
    with pytest.raises(DomainError, match="2 domain labels"):
        design.mean([1.0, 2.0], by=["a"])


def test_design_tells_its_size():
    design = ReplicateDesign.from_weights([1.0, 1.0], HALVES, scale=1.0)
    assert repr(design) == "<ReplicateDesign: 2 rows, 2 replicates>"

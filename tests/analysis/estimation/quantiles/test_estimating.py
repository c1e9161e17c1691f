"""Quantiles agree with numpy where weights are equal, and their intervals follow from shares."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimation import EstimandError, IntervalError, SurveyDesign, quantile, weighted_quantile
from analysis.estimation.quantiles.estimating import INTERVAL_TYPES
from analysis.estimation.quantiles.rules import RULES, OrderedSample, apply_rule, find_rule

NUMPY_METHODS = {
    "hf1": "inverted_cdf",
    "hf2": "averaged_inverted_cdf",
    "hf4": "interpolated_inverted_cdf",
    "hf5": "hazen",
    "hf6": "weibull",
    "hf7": "linear",
    "hf8": "median_unbiased",
    "hf9": "normal_unbiased",
}
PROBS = np.array([0.05, 0.1, 0.25, 0.33, 0.5, 0.75, 0.9])


def make_sample(seed: int = 1, n: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    psu = np.arange(n) // 10
    return pd.DataFrame(
        {
            "stratum": psu // 5,
            "psu": psu,
            "weight": rng.uniform(1, 4, n),
            "wait": np.round(rng.lognormal(1.2, 0.8, n) + psu % 3, 2),
            "sex": rng.choice(["f", "m"], n),
        }
    )


def make_design(frame: pd.DataFrame) -> SurveyDesign:
    return SurveyDesign.from_frame(frame, weight="weight", strata="stratum", clusters="psu")


@pytest.mark.parametrize("rule", NUMPY_METHODS)
@pytest.mark.parametrize("n", [2, 11, 40])
def test_rules_with_equal_weights_are_those_of_numpy(rule: str, n: int):
    values = np.random.default_rng(n).normal(size=n)
    expected = np.quantile(values, PROBS, method=NUMPY_METHODS[rule])
    np.testing.assert_allclose(weighted_quantile(values, np.full(n, 3.0), PROBS, rule), expected)


@pytest.mark.parametrize("rule", RULES)
def test_rules_give_values_within_the_range_that_do_not_fall(rule: str):
    frame = make_sample()
    found = weighted_quantile(frame["wait"].to_numpy(), np.ones(len(frame)), np.linspace(0, 1, 41), rule)
    assert (np.diff(found) >= 0).all()
    assert found.min() >= frame["wait"].min()
    assert found.max() == frame["wait"].max()


def test_integer_weights_repeat_a_value_under_the_discrete_rules():
    values, weights = np.array([4.0, 1.0, 9.0, 2.0]), np.array([2, 3, 1, 4])
    for rule in ("math", "school"):
        once = weighted_quantile(values, weights.astype(float), PROBS, rule)
        repeated = weighted_quantile(np.repeat(values, weights), np.ones(10), PROBS, rule)
        assert once.tolist() == repeated.tolist()


def test_school_averages_at_a_tie_and_math_takes_the_lower():
    values, half = np.array([1.0, 2.0, 3.0, 10.0]), np.array([0.5])
    assert weighted_quantile(values, np.ones(4), half, "school").tolist() == [2.5]
    assert weighted_quantile(values, np.ones(4), half, "math").tolist() == [2.0]


def test_third_rule_takes_the_even_place_at_a_tie():
    values = np.array([1.0, 2.0, 3.0, 4.0])
    assert weighted_quantile(values, np.ones(4), np.array([0.25, 0.5]), "hf3").tolist() == [2.0, 2.0]


def test_rounding_in_the_sum_of_weights_does_not_decide_a_tie():
    weights = np.full(10, 0.1)
    assert np.cumsum(weights)[2] != 0.3
    found = weighted_quantile(np.arange(10.0), weights, np.array([0.3, 0.7]), "math")
    assert found.tolist() == [2.0, 6.0]


def test_probability_below_the_first_share_gives_the_first_value():
    found = [weighted_quantile(np.arange(4.0), np.ones(4), np.array([0.01]), rule).item() for rule in RULES]
    assert found == pytest.approx([0.0] * len(RULES), abs=0.1)


def test_rows_of_weight_zero_take_no_part():
    values, weights = np.array([1.0, 2.0, 50.0]), np.array([1.0, 1.0, 0.0])
    assert weighted_quantile(values, weights, np.array([1.0])).tolist() == [2.0]


def test_negative_weights_are_taken_as_they_come():
    sample = OrderedSample.from_rows(np.arange(4.0), np.array([1.0, -0.5, 2.5, 1.0]))
    # F is 0.25, 0.125, 0.75, 1: the last value with F up to 0.2 is the second
    assert apply_rule(find_rule("math"), sample, np.array([0.2])).tolist() == [2.0]


def test_sample_without_weight_has_no_quantile():
    assert np.isnan(weighted_quantile(np.array([np.nan]), np.ones(1), np.array([0.5]))).all()


@pytest.mark.parametrize("rule", ["math", "school", "hf7"])
def test_single_answer_is_every_quantile(rule: str):
    assert weighted_quantile(np.array([7.0]), np.ones(1), np.array([0.1, 0.9]), rule).tolist() == [7.0, 7.0]


@pytest.mark.parametrize("rule", ["school", "hf2", "hf5", "hf6", "hf7", "hf8", "hf9"])
def test_median_of_symmetric_values_is_their_centre(rule: str):
    half = np.array([0.3, 1.1, 4.0, 7.5])
    values = 20 + np.concatenate([half, -half])
    assert weighted_quantile(values, np.ones(8), np.array([0.5]), rule).item() == pytest.approx(20)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 9)), min_size=1, max_size=30),
    st.floats(0.01, 0.99),
)
def test_math_is_the_least_value_that_reaches_the_probability(rows: list[tuple[int, int]], prob: float):
    values, weights = np.array(rows, dtype=float).T
    found = weighted_quantile(values, weights, np.array([prob])).item()
    total = weights.sum()
    assert weights[values <= found].sum() / total >= prob - 1e-9
    assert weights[values < found].sum() / total < prob + 1e-9


def test_limits_are_the_quantiles_of_the_limits_of_the_share():
    frame = make_sample()
    design = make_design(frame)
    estimate = quantile(design, frame["wait"], [0.5])
    share = design.mean((frame["wait"] <= estimate.value.item()).astype(float))
    limits = share.interval()
    expected = weighted_quantile(
        frame["wait"].to_numpy(), design.weights, np.array([limits.low.item(), limits.high.item()])
    )
    assert [estimate.low.item(), estimate.high.item()] == expected.tolist()


def test_standard_error_is_the_width_over_twice_the_quantile_of_t():
    frame = make_sample()
    for level in (0.9, 0.95):
        estimate = quantile(make_design(frame), frame["wait"], [0.5], rule="hf7", level=level)
        design = make_design(frame)
        t = design.mean(frame["wait"]).interval(level).high - design.mean(frame["wait"]).value
        t = t / design.mean(frame["wait"]).standard_error
        np.testing.assert_allclose(estimate.standard_error, (estimate.high - estimate.low) / (2 * t))


@pytest.mark.parametrize("interval", INTERVAL_TYPES)
def test_every_interval_holds_the_quantile_and_widens_with_the_level(interval: str):
    frame = make_sample()
    design = make_design(frame)
    narrow, wide = (
        quantile(design, frame["wait"], [0.25, 0.5], interval=interval, level=level) for level in (0.5, 0.99)
    )
    assert (narrow.low <= narrow.value).all()
    assert (narrow.value <= narrow.high).all()
    assert (wide.low < narrow.low).all()
    assert (wide.high > narrow.high).all()


def test_score_interval_inverts_the_test_at_every_value():
    frame = make_sample(n=120)
    design = make_design(frame)
    estimate = quantile(design, frame["wait"], [0.4], interval="score")
    thresholds = np.unique(frame["wait"])
    shares = design.mean((frame["wait"].to_numpy()[:, None] <= thresholds).astype(float))
    t = (shares.interval().high - shares.value)[5] / shares.standard_error[5]
    excess = shares.value - 0.4
    assert estimate.low.item() == thresholds[excess >= -t * shares.standard_error][0]
    assert estimate.high.item() == thresholds[excess > t * shares.standard_error][0]


def test_domains_are_masked_and_the_whole_comes_first():
    frame = make_sample()
    design = make_design(frame)
    both = quantile(design, frame["wait"], [0.25, 0.75], by=frame["sex"], overall=True)
    assert both.domains == ("overall", "overall", "f", "f", "m", "m")
    women = frame["wait"].where(frame["sex"] == "f")
    alone = quantile(design, women, [0.25, 0.75])
    for name in ("value", "low", "high", "standard_error", "degrees_of_freedom", "n"):
        np.testing.assert_allclose(getattr(both, name)[2:4], getattr(alone, name))
    whole = quantile(design, frame["wait"], [0.25, 0.75])
    assert both.select([0, 1]).value.tolist() == whole.value.tolist()


def test_rows_outside_every_domain_change_nothing():
    frame = make_sample()
    labels = frame["sex"].where(frame["sex"] == "f", None)
    design = make_design(frame)
    outside = quantile(design, frame["wait"].where(frame["sex"] == "f", 99.0), [0.5], by=labels)
    assert (
        outside.value.tolist() == quantile(design, frame["wait"], [0.5], by=frame["sex"]).value[:1].tolist()
    )


def test_columns_and_probabilities_are_named():
    frame = make_sample().assign(again=lambda rows: rows["wait"] * 2)
    estimate = quantile(make_design(frame), frame[["wait", "again"]], [0.1, 0.5])
    assert estimate.names == ("wait", "wait", "again", "again")
    assert estimate.probs.tolist() == [0.1, 0.5, 0.1, 0.5]
    np.testing.assert_allclose(estimate.value[2:], 2 * estimate.value[:2])


def test_limit_beyond_the_answers_is_open_and_flagged():
    design = SurveyDesign.from_arrays(np.ones(12))
    estimate = quantile(design, np.arange(12.0), [0.05, 0.5, 0.98])
    assert np.isnan(estimate.low).tolist() == [True, False, False]
    assert np.isnan(estimate.high).tolist() == [False, False, True]
    assert estimate.flags == (("open_below",), (), ("open_above",))
    assert estimate.low[2] < estimate.value[2] == 11.0


def test_domain_without_answers_is_flagged_and_has_no_value():
    frame = make_sample()
    estimate = quantile(make_design(frame), frame["wait"].where(frame["sex"] == "f"), [0.5], by=frame["sex"])
    assert estimate.n.tolist()[1] == 0
    assert np.isnan([estimate.value[1], estimate.low[1], estimate.high[1]]).all()
    assert estimate.flags[1] == ("no_answers",)


def test_domain_in_one_psu_has_no_t_interval_but_no_zero_width():
    frame = make_sample()
    labels = np.where(frame["psu"] == 0, "one", "others")
    estimate = quantile(make_design(frame), frame["wait"], [0.5], by=labels)
    assert "no_df" in estimate.flags[0]
    assert not estimate.high[0] - estimate.low[0] <= 0


def test_calibrated_design_gives_narrower_quantiles_of_what_it_is_calibrated_to():
    frame = make_sample()
    margin = pd.cut(frame["wait"], [-1, 3, 5, 1000]).astype(str)
    design = make_design(frame)
    calibrated = design.with_calibration(design.weights, [margin])
    plain, known = (quantile(each, frame["wait"], [0.5]) for each in (design, calibrated))
    assert plain.value.tolist() == known.value.tolist()
    assert (known.high - known.low < plain.high - plain.low).all()


def test_frame_of_results_has_a_row_per_entry():
    frame = make_sample()
    estimate = quantile(make_design(frame), frame["wait"], [0.5], by=frame["sex"])
    table = estimate.to_frame()
    assert table["domain"].tolist() == ["f", "m"]
    assert table["prob"].tolist() == [0.5, 0.5]
    assert "domain" not in quantile(make_design(frame), frame["wait"], [0.5]).to_frame()
    assert str(estimate).splitlines()[0].split()[:2] == ["domain", "name"]
    assert repr(estimate).startswith("<QuantileEstimate of 2 values>")
    assert estimate.interval.low.tolist() == estimate.low.tolist()


@pytest.mark.parametrize("probs", [[1.5], [-0.1], [float("nan")], []])
def test_probability_outside_its_range_is_refused(probs: list[float]):
    with pytest.raises(EstimandError, match="probabilities between 0 and 1"):
        quantile(SurveyDesign.from_arrays([1.0, 1.0]), [1.0, 2.0], probs)


def test_unknown_rule_and_interval_are_refused():
    design = SurveyDesign.from_arrays([1.0, 1.0])
    with pytest.raises(EstimandError, match="quantile rule"):
        quantile(design, [1.0, 2.0], [0.5], rule="hf10")
    with pytest.raises(IntervalError, match="interval type"):
        quantile(design, [1.0, 2.0], [0.5], interval="wald")

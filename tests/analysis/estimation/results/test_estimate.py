"""Intervals, contrasts and flags of an estimate."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.estimation import (
    INTERVAL_METHODS,
    EstimandError,
    Estimate,
    IntervalError,
    SurveyDesign,
    adjust_p_values,
)
from analysis.estimation.comparisons.degrees import satterthwaite


def make_estimate(
    value: float = 0.4,
    error: float = 0.05,
    df: float = 20,
    n: int = 90,
    bounds: tuple[float, float] | None = (0.0, 1.0),
) -> Estimate:
    return Estimate(
        names=("share",),
        domains=(None,),
        value=np.array([value]),
        covariance=np.array([[error**2]]),
        degrees_of_freedom=np.array([float(df)]),
        n=np.array([n]),
        deff=np.array([2.0]),
        bounds=bounds,
    )


def test_the_default_interval_is_symmetric_with_student_quantile():
    low, high = make_estimate().interval()
    half = stats.t.ppf(0.975, 20) * 0.05
    assert (low.item(), high.item()) == pytest.approx((0.4 - half, 0.4 + half))


def test_the_logit_interval_is_symmetric_on_the_logit_scale():
    low, high = make_estimate().interval(method="logit")
    centre = (np.log(low / (1 - low)) + np.log(high / (1 - high))) / 2
    assert centre.item() == pytest.approx(np.log(0.4 / 0.6))


def test_a_score_uses_its_own_bounds():
    share = make_estimate(0.75, 0.02).interval(method="logit")
    score = make_estimate(4.0, 0.08, bounds=(1.0, 5.0)).interval(method="logit")
    assert score.low.item() == pytest.approx(1 + 4 * share.low.item())
    assert score.high.item() == pytest.approx(1 + 4 * share.high.item())


@pytest.mark.parametrize("method", sorted(INTERVAL_METHODS))
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_share_of_none_or_all_gets_a_one_sided_limit(method: str, value: float):
    estimate = make_estimate(value, 0.0, n=50)
    low, high = estimate.interval(method=method)
    margin = 1 - 0.05 ** (1 / 50)
    assert (low.item(), high.item()) == pytest.approx((0, margin) if value == 0 else (1 - margin, 1))
    assert "at_bound" in estimate.flags[0]


@pytest.mark.parametrize("method", sorted(INTERVAL_METHODS))
@pytest.mark.parametrize(("error", "df"), [(0.0, 20), (0.05, 0)])
def test_without_variance_or_degrees_of_freedom_the_width_is_binomial(method: str, error: float, df: int):
    low, high = make_estimate(0.5, error, df, n=10).interval(method=method)
    assert (low.item(), high.item()) == pytest.approx((0.187086, 0.812914), abs=1e-6)


def test_few_degrees_of_freedom_are_flagged():
    assert make_estimate(df=7).flags == (("few_df",),)
    assert make_estimate(df=8).flags == ((),)
    assert make_estimate(df=0).flags == (("no_df",),)


def test_an_unbounded_estimate_has_no_logit_interval():
    with pytest.raises(IntervalError, match="'logit'"):
        make_estimate(bounds=None).interval(method="logit")


def test_an_unknown_interval_is_refused():
    with pytest.raises(IntervalError, match="wilson"):
        make_estimate().interval(method="guess")


def test_a_contrast_needs_a_weight_for_every_entry():
    with pytest.raises(EstimandError, match="1 columns"):
        make_estimate().contrast([[1, -1]], ["difference"])


def test_a_contrast_takes_the_smallest_degrees_of_freedom_it_involves():
    design = SurveyDesign.from_arrays([1.0] * 9, strata=["a"] * 3 + ["b"] * 6)
    estimate = design.mean(np.arange(9.0), by=["a"] * 3 + ["b"] * 6)
    both = estimate.contrast([[1, -1], [0, 1]], ["difference", "b"])
    assert both.degrees_of_freedom.tolist() == [2, 5]
    assert both.value[0] == pytest.approx(1 - 5.5)
    assert both.standard_error[0] ** 2 == pytest.approx(estimate.covariance.trace())


def test_a_missing_entry_spoils_only_the_contrasts_that_use_it():
    design = SurveyDesign.from_arrays([1.0] * 6, strata=["a"] * 3 + ["b"] * 3)
    estimate = design.mean([1.0, 2.0, 4.0, np.nan, np.nan, np.nan], by=["a"] * 3 + ["b"] * 3)
    both = estimate.contrast([[1, 0], [1, -1]], ["a", "difference"])
    assert both.standard_error[0] == pytest.approx(estimate.standard_error[0])
    assert np.isnan(both.value[1])


def test_a_result_can_be_read_and_tabulated():
    design = SurveyDesign.from_arrays([1.0] * 6)
    estimate = design.proportion([1, 1, 0, 1, 0, 0], by=list("aabbcc"))
    frame = estimate.to_frame(method="logit")
    assert frame["domain"].tolist() == ["a", "b", "c"]
    assert "at_bound" in str(estimate)
    assert repr(estimate).startswith("<Estimate of 3 values>")
    assert "domain" not in design.mean(np.arange(6.0)).to_frame()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_adjusted_p_values_are_never_smaller(p_values: list[float]):
    given_values = np.array(p_values)
    holm = adjust_p_values(given_values, "holm")
    bonferroni = adjust_p_values(given_values, "bonferroni")
    assert (holm >= given_values).all()
    assert (holm <= bonferroni + 1e-12).all()
    assert (adjust_p_values(given_values, "bh") <= holm + 1e-12).all()


def test_missing_p_values_do_not_count():
    assert adjust_p_values(np.array([0.01, np.nan, 0.02])).tolist()[::2] == pytest.approx([0.02, 0.02])
    with pytest.raises(EstimandError, match="'guess'"):
        adjust_p_values(np.array([0.1]), "guess")


@given(st.floats(0.01, 10), st.floats(0.01, 10), st.floats(1, 50), st.floats(1, 50))
def test_satterthwaite_lies_between_the_smallest_and_the_sum(v: float, w: float, a: float, b: float):
    df = satterthwaite(np.array([v, w]), np.array([a, b])).item()
    assert min(a, b) * (1 - 1e-9) <= df <= (a + b) * (1 + 1e-9)


def test_a_copy_of_an_estimate_keeps_its_covariance():
    design = SurveyDesign.from_arrays(np.ones(6), clusters=[1, 1, 2, 2, 3, 3])
    estimate = design.mean(np.arange(6.0), by=list("abcabc"))
    copied = copy.deepcopy(estimate)
    assert copied.covariance == pytest.approx(estimate.covariance)
    assert copied.names == estimate.names


def test_covariances_wait_until_somebody_asks():
    design = SurveyDesign.from_arrays(np.ones(6), clusters=[1, 1, 2, 2, 3, 3])
    estimate = design.mean(np.arange(6.0), by=list("abcabc"))
    assert "covariance" not in vars(estimate.precision)
    part = estimate.select([2, 0])
    assert part.covariance == pytest.approx(estimate.covariance[np.ix_([2, 0], [2, 0])])
    assert "covariance" in vars(estimate.precision)

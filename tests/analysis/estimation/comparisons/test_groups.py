"""Differences of groups and their t test."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.estimation import EstimandError, SurveyDesign, difference_test, mean_test, regress
from tests.analysis.estimation.survey_samples import DESIGNS, make_design, make_sample


@pytest.mark.parametrize("make", DESIGNS)
def test_the_t_test_is_that_of_the_regression(make: Callable[[pd.DataFrame], SurveyDesign]):
    frame = make_sample()
    design = make(frame)
    test = difference_test(design, frame["score"], frame["sex"])
    model = regress(design, frame, "score ~ sex")
    assert test.statistic == pytest.approx(model.t_statistic[1])
    assert test.p_value == pytest.approx(model.p_value[1])
    assert test.denominator_df == model.residual_df


def test_the_interval_excludes_zero_just_where_the_test_rejects():
    frame = make_sample()
    test = difference_test(make_design(frame), frame["score"], frame["area"])
    low, high = test.estimate.interval(1 - test.p_value)
    assert min(abs(low.item()), abs(high.item())) == pytest.approx(0, abs=1e-9)


def test_a_one_sample_test_is_students_in_a_simple_random_sample():
    values = np.random.default_rng(3).normal(1, 2, 50)
    test = mean_test(SurveyDesign.from_arrays(np.ones(50)), values, 0.5)
    expected = stats.ttest_1samp(values, 0.5)
    assert (test.statistic, test.p_value) == pytest.approx((expected.statistic, expected.pvalue))
    assert test.denominator_df == 49


def test_a_domain_limits_the_comparison():
    frame = make_sample()
    inside = (frame["area"] == "urban").to_numpy()
    design = make_design(frame)
    within = difference_test(design, frame["score"], frame["sex"], within=inside)
    masked = difference_test(design, frame["score"].where(inside), frame["sex"])
    assert within.statistic == masked.statistic


def test_more_or_fewer_than_two_groups_are_refused():
    frame = make_sample()
    design = make_design(frame)
    with pytest.raises(EstimandError, match="two groups; got 3: a, b, c"):
        difference_test(design, frame["score"], frame["group"])
    with pytest.raises(EstimandError, match="two groups; got 1: x"):
        difference_test(design, frame["score"], ["x"] * len(frame))
    with pytest.raises(EstimandError, match="one variable to compare"):
        difference_test(design, frame[["score", "age"]], frame["sex"])


def test_without_degrees_of_freedom_there_is_no_p_value():
    test = difference_test(SurveyDesign.from_arrays(np.ones(2)), [1.0, 2.0], ["a", "b"])
    assert np.isnan(test.p_value)
    assert test.estimate.flags == (("no_df", "zero_variance"),)

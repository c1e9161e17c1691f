"""Population variances and covariances."""

import numpy as np
import pytest

from analysis.estimation import SurveyDesign, population_covariances
from tests.analysis.estimation.survey_samples import make_design, make_sample


def test_with_equal_weights_it_is_the_sample_covariance():
    values = np.random.default_rng(2).normal(size=(40, 3))
    estimate = population_covariances(SurveyDesign.from_arrays(np.ones(40)), values)
    np.testing.assert_allclose(estimate.value, np.cov(values.T)[np.triu_indices(3)])


def test_the_variance_of_a_share_is_p_times_1_minus_p():
    frame = make_sample()
    design = make_design(frame)
    share = design.proportion(frame["satisfied"]).value.item()
    variance = population_covariances(design, frame["satisfied"])
    n = variance.n.item()
    assert variance.value.item() == pytest.approx(share * (1 - share) * n / (n - 1))
    assert variance.names == ("satisfied*satisfied",)


def test_a_domain_is_the_same_as_everything_else_missing():
    frame = make_sample()
    design = make_design(frame)
    by_sex = population_covariances(design, frame[["score", "age"]], by=frame["sex"])
    women = population_covariances(design, frame[["score", "age"]].where(frame["sex"] == "F"))
    np.testing.assert_allclose(by_sex.value[:3], women.value)
    np.testing.assert_allclose(by_sex.covariance[:3, :3], women.covariance, rtol=1e-9)
    assert by_sex.domains == ("F",) * 3 + ("M",) * 3


def test_a_shift_changes_nothing():
    frame = make_sample()
    design = make_design(frame)
    here, there = (population_covariances(design, frame["score"] + shift) for shift in (0, 1000))
    np.testing.assert_allclose(here.covariance, there.covariance, rtol=1e-7)


def test_a_single_answer_has_no_variance():
    estimate = population_covariances(SurveyDesign.from_arrays(np.ones(3)), [1.0, np.nan, np.nan])
    assert np.isnan(estimate.value).all()

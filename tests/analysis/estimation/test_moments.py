"""Population variances and covariances."""

import numpy as np
import pandas as pd
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
    n = int((design.weights != 0).sum())
    assert variance.value.item() == pytest.approx(share * (1 - share) * n / (n - 1))
    assert variance.names == ("satisfied*satisfied",)


def test_a_domain_is_everything_else_missing_but_for_the_rows_that_count():
    frame = make_sample()
    design = make_design(frame)
    by_sex = population_covariances(design, frame[["score", "age"]], by=frame["sex"])
    women = population_covariances(design, frame[["score", "age"]].where(frame["sex"] == "F"))
    n, n_women = len(frame), (frame["sex"] == "F").sum()
    ratio = n_women / (n_women - 1) / (n / (n - 1))
    np.testing.assert_allclose(by_sex.value[:3], ratio * women.value)
    np.testing.assert_allclose(by_sex.covariance[:3, :3], ratio**2 * women.covariance, rtol=1e-9)
    assert by_sex.domains == ("F",) * 3 + ("M",) * 3


# R 4.2.2, survey 4.1.1: des <- svydesign(~psu, strata=~st, weights=~w, data=d); svyvar(~y, des, na.rm=TRUE),
# svyvar(~y+z, des, na.rm=TRUE), and the first of subset(des, sex == "f").
WITH_MISSING = {
    "st": [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2],
    "psu": [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6],
    "w": [1.0, 2.0, 1.5, 3.0, 2.5, 1.0, 4.0, 1.0, 2.0, 2.0, 0.0, 3.0],
    "sex": list("fmfmffmmfmfm"),
    "y": [3.0, np.nan, 5.0, 1.0, 4.0, 2.0, np.nan, 2.0, 5.0, 3.0, 4.0, 1.0],
    "z": [1.0, 2.0, 2.0, np.nan, 5.0, 4.0, 3.0, 1.0, 2.0, 2.0, 1.0, 4.0],
}
EXPECTED = {
    "y": {"value": [2.67292387543252596], "se": [0.62262274318595701]},
    "y, z": {
        "value": [2.38380102040816322, -0.54579081632653048, 2.15931122448979584],
        "se": [0.77521653950264446, 0.71894997416979001, 0.59752402557140349],
    },
    "women": {"value": [1.32324218750000000], "se": [0.12587603912758003]},
}


def test_with_missing_answers_it_is_that_of_r():
    frame = pd.DataFrame(WITH_MISSING)
    design = SurveyDesign.from_frame(frame, weight="w", strata="st", clusters="psu")
    found = {
        "y": population_covariances(design, frame["y"]),
        "y, z": population_covariances(design, frame[["y", "z"]]),
        "women": population_covariances(design, frame["y"], by=frame["sex"]).select([0]),
    }
    for name, estimate in found.items():
        np.testing.assert_allclose(estimate.value, EXPECTED[name]["value"], rtol=1e-12, err_msg=name)
        np.testing.assert_allclose(estimate.standard_error, EXPECTED[name]["se"], rtol=1e-9, err_msg=name)


def test_a_shift_changes_nothing():
    frame = make_sample()
    design = make_design(frame)
    here, there = (population_covariances(design, frame["score"] + shift) for shift in (0, 1000))
    np.testing.assert_allclose(here.covariance, there.covariance, rtol=1e-7)


def test_a_single_answer_has_no_variance():
    estimate = population_covariances(SurveyDesign.from_arrays(np.ones(3)), [1.0, np.nan, np.nan])
    assert np.isnan(estimate.value).all()

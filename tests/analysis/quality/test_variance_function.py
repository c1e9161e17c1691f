"""Smoothed variances."""

import numpy as np
import pytest

from analysis.quality import SmallAreaError, smooth_variances


def test_a_binomial_variance_is_found_again():
    n = np.array([40.0, 80, 120, 200, 300, 500])
    share = np.array([0.5, 0.6, 0.7, 0.8, 0.9, 0.85])
    smoothed = smooth_variances(2 * share * (1 - share) / n, n, share)
    np.testing.assert_allclose(smoothed.coefficients, [np.log(2), -1, 1], atol=1e-9)
    assert smoothed.correction == pytest.approx(1)
    assert smoothed.r_squared == pytest.approx(1)


def test_smoothed_variances_add_up_to_the_estimated_ones():
    generator = np.random.default_rng(5)
    n = generator.uniform(50, 500, 34)
    variance = generator.chisquare(5, 34) / 5 / n
    variance[:2] = [0.0, np.nan]
    smoothed = smooth_variances(variance, n)
    assert smoothed.value[2:].sum() == pytest.approx(variance[2:].sum())
    assert (smoothed.value > 0).all()


def test_equal_variances_are_explained():
    assert smooth_variances([2.0, 2.0, 2.0, 2.0], [10, 20, 30, 40]).r_squared == 1.0


@pytest.mark.parametrize(
    ("variance", "n", "share", "message"),
    [
        ([1.0, 2.0, 3.0, 4.0], [10, 10, 0, 10], None, "sample sizes above 0"),
        ([1.0, 2.0, 3.0, 4.0], [10, 10, 10], None, "4 sample sizes"),
        ([1.0, 2.0, 3.0, 4.0, 5.0], [1, 2, 3, 4, 5], [0.5, 0.5, 0.5, 0.5, 1.0], "below 1"),
        ([1.0, 0.0, 0.0, 4.0], [10, 10, 10, 10], None, "at least 4 areas"),
    ],
)
def test_what_cannot_be_smoothed_is_refused(
    variance: list[float], n: list[float], share: list[float] | None, message: str
):
    with pytest.raises(SmallAreaError, match=message):
        smooth_variances(variance, n, share)

"""Profile likelihood limits of shares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.estimation.results.likelihood import likelihood_limits


def limits(share: float, effective_n: float, quantile: float = 2.0) -> tuple[float, float]:
    low, high = likelihood_limits(*(np.array([value]) for value in (share, effective_n, 1e9, quantile)))
    return low.item(), high.item()


@given(st.floats(0.001, 0.999), st.floats(2, 1e6), st.floats(0.1, 12.0))
def test_limits_enclose_the_share_within_0_and_1(share: float, effective_n: float, quantile: float):
    low, high = limits(share, effective_n, quantile)
    assert 0 <= low < share < high <= 1


@given(st.floats(0.01, 0.99), st.floats(5, 1e4))
def test_the_share_of_the_others_has_the_mirrored_limits(share: float, effective_n: float):
    low, high = limits(share, effective_n)
    assert limits(1 - share, effective_n) == pytest.approx((1 - high, 1 - low), rel=1e-6)


def test_the_likelihood_ratio_at_a_limit_is_the_squared_quantile():
    low, _ = limits(0.8, 100, 1.96)
    ratio = 200 * (0.8 * np.log(0.8 / low) + 0.2 * np.log(0.2 / (1 - low)))
    assert ratio == pytest.approx(1.96**2)


def test_large_samples_give_walds_limits():
    low, high = limits(0.3, 1e8)
    half = 2 * np.sqrt(0.3 * 0.7 / 1e8)
    assert (low, high) == pytest.approx((0.3 - half, 0.3 + half), abs=1e-8)


@pytest.mark.parametrize("share", [0.0, 1.0, np.nan])
def test_a_share_of_none_or_all_has_no_profile(share: float):
    assert np.isnan(limits(share, 50)).all()

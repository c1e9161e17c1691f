"""Results of tests."""

import numpy as np
import pytest
from scipy import stats

from analysis.estimation import EstimandError, Estimate
from analysis.estimation.comparisons.quadratic_forms import mixture_sf
from analysis.estimation.comparisons.significance import f_test, t_test, wald_test


def make_estimate(value: list[float], covariance: list[list[float]], df: float = 20) -> Estimate:
    k = len(value)
    return Estimate(
        names=tuple("abc"[:k]),
        domains=(None,) * k,
        value=np.array(value),
        covariance=np.array(covariance),
        degrees_of_freedom=np.full(k, df),
        n=np.full(k, 50),
        deff=np.full(k, np.nan),
    )


def test_a_wald_test_of_one_entry_is_t_squared():
    one = make_estimate([3.0], [[4.0]])
    assert wald_test("one", one, 20).p_value == pytest.approx(t_test("one", one).p_value)


def test_a_wald_test_does_not_depend_on_units():
    matrix = np.array([[2.0, 0.3], [0.3, 1.0]])
    units = np.diag([1e6, 1e-6])
    plain = wald_test("plain", make_estimate([1.0, 2.0], matrix.tolist()), 9)
    scaled_estimate = make_estimate((units @ [1.0, 2.0]).tolist(), (units @ matrix @ units).tolist())
    assert wald_test("scaled", scaled_estimate, 9).statistic == pytest.approx(plain.statistic)


@pytest.mark.parametrize("covariance", [[[1.0, 1.0], [1.0, 1.0]], [[1.0, 0.0], [0.0, 0.0]]])
def test_a_singular_covariance_is_refused(covariance: list[list[float]]):
    with pytest.raises(EstimandError, match="of rank 2 to test 2 restrictions"):
        wald_test("two", make_estimate([1.0, 2.0], covariance), 9)


def test_a_test_prints_what_a_reader_needs():
    assert str(f_test("Wald test of age", 4.0, 2, 40)) == "Wald test of age: F = 4, df 2 and 40, p = 0.0261"
    assert str(t_test("Slope", make_estimate([2.0], [[1.0]]))) == "Slope: t = 2, df 20, p = 0.0593"


def test_no_degrees_of_freedom_no_p_value():
    assert np.isnan(f_test("x", 4.0, 2, 0).p_value)
    assert np.isnan(t_test("x", make_estimate([2.0], [[1.0]], df=0)).p_value)


@pytest.mark.parametrize(("k", "df"), [(1, 3.0), (2, 40.0), (5, 12.5), (8, 1e4)])
def test_an_even_mixture_is_f(k: int, df: float):
    assert mixture_sf(2.0 * k, np.full(k, 3.0) / 3, df) == pytest.approx(stats.f.sf(2.0, k, df), abs=1e-9)


def test_an_uneven_mixture_agrees_with_simulation():
    random = np.random.default_rng(4)
    weights = np.array([2.0, 1.0, 0.3])
    sums = random.chisquare(1, (200_000, 3)) @ weights
    scale = random.chisquare(20, 200_000) / 20
    assert mixture_sf(9.0, weights, 20) == pytest.approx((sums > 9 * scale).mean(), abs=0.003)

"""How much areas differ beyond what the auxiliaries explain: the variance of an area model."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import brentq

from analysis.estimation import FloatArray
from analysis.quality.errors import SmallAreaError

MAX_ITERATIONS = 500
TOLERANCE = 1e-13


@dataclass(frozen=True, eq=False)
class AreaRegression:
    """Weighted least squares of direct estimates on auxiliaries, for known total variances.

    Attributes
    ----------
    precision : float array, shape (m,)
        One over model plus sampling variance.
    basis : float array, shape (m, p)
        Orthonormal columns that span the weighted auxiliaries.
    coefficients : float array, shape (p,)
    covariance : float array, shape (p, p)
        Of the coefficients.
    residuals : float array, shape (m,)
    """

    precision: FloatArray
    basis: FloatArray
    coefficients: FloatArray
    covariance: FloatArray
    residuals: FloatArray

    @property
    def leverage(self) -> FloatArray:
        """Diagonal of the hat matrix, shape (m,)."""
        return (self.basis**2).sum(axis=1)

    @property
    def n_free(self) -> int:
        """Areas minus coefficients."""
        n_areas, n_coefficients = self.basis.shape
        return int(n_areas - n_coefficients)


@dataclass(frozen=True)
class ModelVariance:
    """Estimated variance between areas.

    Attributes
    ----------
    value : float
        At least 0.
    error_variance, bias : float
        Asymptotic variance and bias of the estimator; they enter the mean squared error.
    n_iterations : int
    """

    value: float
    error_variance: float
    bias: float
    n_iterations: int

    @property
    def standard_error(self) -> float:
        """Asymptotic standard error."""
        return float(np.sqrt(self.error_variance))


def regress(direct: FloatArray, total_variance: FloatArray, auxiliaries: FloatArray) -> AreaRegression:
    """Fit direct estimates by least squares weighted with one over their total variance.

    Parameters
    ----------
    direct, total_variance : float array, shape (m,)
    auxiliaries : float array, shape (m, p)
        With the column of ones, if there is to be an intercept.

    Returns
    -------
    AreaRegression

    Examples
    --------
    >>> fit = regress(np.array([1.0, 3.0]), np.array([1.0, 1.0]), np.ones((2, 1)))
    >>> fit.coefficients.round(9).tolist(), fit.covariance.round(9).tolist()
    ([2.0], [[0.5]])
    """
    precision = 1 / total_variance
    root = np.sqrt(precision)
    basis, triangle = np.linalg.qr(auxiliaries * root[:, None])
    inverse = solve_triangular(triangle, np.eye(len(triangle)))
    coefficients = inverse @ (basis.T @ (root * direct))
    return AreaRegression(
        precision=precision,
        basis=basis,
        coefficients=coefficients,
        covariance=inverse @ inverse.T,
        residuals=direct - auxiliaries @ coefficients,
    )


def _reml_step(fit: AreaRegression) -> float:
    weights, leverage = fit.precision, fit.leverage
    crossed = (fit.basis * weights[:, None]).T @ fit.basis
    score = -0.5 * (weights * (1 - leverage)).sum() + 0.5 * ((weights * fit.residuals) ** 2).sum()
    information = 0.5 * ((weights**2 * (1 - 2 * leverage)).sum() + (crossed**2).sum())
    return float(score / information)


def _ml_step(fit: AreaRegression) -> float:
    weights = fit.precision
    score = -0.5 * weights.sum() + 0.5 * ((weights * fit.residuals) ** 2).sum()
    return float(score / (0.5 * (weights**2).sum()))


def _moment_step(fit: AreaRegression) -> float:
    return float(((fit.precision * fit.residuals**2).sum() - fit.n_free) / fit.precision.sum())


def _reml_error(fit: AreaRegression) -> tuple[float, float]:
    return float(2 / (fit.precision**2).sum()), 0.0


def _ml_error(fit: AreaRegression) -> tuple[float, float]:
    squares = (fit.precision**2).sum()
    return float(2 / squares), float(-(fit.precision * fit.leverage).sum() / squares)


def _moment_error(fit: AreaRegression) -> tuple[float, float]:
    m, total, squares = len(fit.precision), fit.precision.sum(), (fit.precision**2).sum()
    return float(2 * m / total**2), float(2 * (m * squares - total**2) / total**3)


@dataclass(frozen=True)
class VarianceMethod:
    """A way to estimate the model variance: its scoring step, and the variance and bias of the result."""

    step: Callable[[AreaRegression], float]
    error: Callable[[AreaRegression], tuple[float, float]]


VARIANCE_METHODS: dict[str, VarianceMethod] = {
    "reml": VarianceMethod(_reml_step, _reml_error),
    "ml": VarianceMethod(_ml_step, _ml_error),
    "fh": VarianceMethod(_moment_step, _moment_error),
}


def estimate_model_variance(
    direct: FloatArray, sampling_variance: FloatArray, auxiliaries: FloatArray, *, method: str = "reml"
) -> ModelVariance:
    r"""Estimate the variance between areas by scoring from the median sampling variance.

    Parameters
    ----------
    direct, sampling_variance : float array, shape (m,)
        Variances above 0.
    auxiliaries : float array, shape (m, p)
        Of full rank, with the column of ones.
    method : {"reml", "ml", "fh"}
        Restricted maximum likelihood, maximum likelihood, or the moment equation of Fay and Herriot (1979).

    Returns
    -------
    ModelVariance

    Raises
    ------
    SmallAreaError
        If the method is unknown or does not converge.

    Notes
    -----
    With :math:`V = \operatorname{diag}(A + D_i)` and
    :math:`P = V^{-1} - V^{-1} X (X^\top V^{-1} X)^{-1} X^\top V^{-1}` the equations are
    :math:`y^\top P P y = \operatorname{tr} P` (REML), :math:`= \operatorname{tr} V^{-1}` (ML) and
    :math:`\sum r_i^2 / (A + D_i) = m - p` (FH). A step below 0 is set to 0.

    References
    ----------
    Rao and Molina (2015), Small Area Estimation, 2nd edition, section 6.1. Datta and Lahiri (2000),
    Statistica Sinica 10. Datta, Rao and Smith (2005), Biometrika 92.

    Examples
    --------
    >>> direct, variance = np.array([1.0, 5.0, 9.0, 13.0]), np.full(4, 2.0)
    >>> round(estimate_model_variance(direct, variance, np.ones((4, 1))).value, 6)
    24.666667
    """
    chosen = _find_method(method)
    unit = float(np.median(sampling_variance))
    scaled, variance = direct / np.sqrt(unit), sampling_variance / unit
    value, n_iterations = _iterate(chosen, scaled, variance, auxiliaries)
    error_variance, bias = chosen.error(regress(scaled, value + variance, auxiliaries))
    return ModelVariance(value * unit, error_variance * unit**2, bias * unit, n_iterations)


def _find_method(method: str) -> VarianceMethod:
    if method not in VARIANCE_METHODS:
        raise SmallAreaError(
            expected=f"a method among {', '.join(VARIANCE_METHODS)}", got=repr(method), hint="Use 'reml'."
        )
    return VARIANCE_METHODS[method]


def _iterate(
    method: VarianceMethod, direct: FloatArray, variance: FloatArray, auxiliaries: FloatArray
) -> tuple[float, int]:
    """Find where the step is 0, in units of the median sampling variance.

    Scoring may swing around the solution for ever; once a step turns back, the solution lies between.
    """

    def step_from(value: float) -> float:
        return method.step(regress(direct, value + variance, auxiliaries))

    value, step = 1.0, step_from(1.0)
    for n_iterations in range(1, MAX_ITERATIONS + 1):
        following = max(value + step, 0.0)
        if abs(following - value) < TOLERANCE * (1 + value):
            return following, n_iterations
        next_step = step_from(following)
        if step * next_step < 0:
            return float(brentq(step_from, value, following, xtol=TOLERANCE)), n_iterations
        value, step = following, next_step
    raise SmallAreaError(
        expected=f"a model variance that stands still within {MAX_ITERATIONS} steps",
        got=f"{value:g} times the median sampling variance, still moving",
        hint="Use method 'fh', or look for an area whose direct estimate or variance is wrong.",
    )

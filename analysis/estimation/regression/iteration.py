"""Iteratively reweighted least squares, to full convergence or to where R stops."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.estimation.arrays import FloatArray
from analysis.estimation.errors import EstimandError
from analysis.estimation.regression.families import Family

MAX_STEPS = 50
DEVIANCE_TOLERANCE = 1e-8
DEVIANCE_OFFSET = 0.1
TAIL_MOVE = 0.5  # where the data separate, every step adds 1 to a linear predictor
ROUNDING = 1e-10


@dataclass(frozen=True, eq=False)
class Fit:
    """Where the iteration ended.

    Attributes
    ----------
    coefficients : float array, shape (k,)
    residual : float array, shape (n,)
        Response minus mean.
    variance : float array, shape (n,)
        That weighs the rows in the information matrix.
    """

    coefficients: FloatArray
    residual: FloatArray
    variance: FloatArray


def weigh_products(x: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the weighted sums of products of columns, shape (k, k)."""
    rooted = x * np.sqrt(weights)[:, None]
    return np.asarray(rooted.T @ rooted)


type Fitter = Callable[[Family, FloatArray, FloatArray, FloatArray], Fit]


@dataclass(frozen=True, eq=False)
class _Rows:
    """Columns, responses and weights of the rows that take part."""

    family: Family
    x: FloatArray
    y: FloatArray
    weights: FloatArray

    def step(self, linear: FloatArray) -> FloatArray:
        """Return the coefficients of the next step of Fisher scoring, which is Newton's method here."""
        mean = self.family.mean(linear)
        variance = self.family.variance(mean)
        if not (np.isfinite(mean).all() and (variance > 0).all()):
            raise _diverged(self.family)
        information = weigh_products(self.x, self.weights * variance)
        score = self.x.T @ (self.weights * (variance * linear + self.y - mean))
        return np.asarray(np.linalg.solve(information, score))

    def deviance(self, linear: FloatArray) -> float:
        return float(self.weights @ self.family.deviance(self.y, self.family.mean(linear)))


def fit_fully(family: Family, x: FloatArray, y: FloatArray, weights: FloatArray) -> Fit:
    """Go on after R's stop until nothing moves.

    Parameters
    ----------
    family : Family
    x : float array, shape (n, k)
        Well conditioned: :func:`~analysis.estimation.regression.fitting.fit_model` makes its columns
        orthonormal.
    y, weights : float array, shape (n,)
        The weights have mean 1 in the sample.

    Returns
    -------
    Fit

    Raises
    ------
    EstimandError
        If the coefficients grow without end.

    Examples
    --------
    >>> from analysis.estimation.regression.families import LOGISTIC
    >>> fit = fit_fully(LOGISTIC, np.ones((4, 1)), np.array([1.0, 1.0, 1.0, 0.0]), np.ones(4))
    >>> round(np.exp(fit.coefficients.item()).item(), 9)
    3.0
    """
    rows = _Rows(family, x, y, weights)
    _, linear = _iterate(rows)
    for _ in range(MAX_STEPS):
        coefficients = rows.step(linear)
        before, linear = linear, x @ coefficients
        if np.abs(linear - before).max() <= ROUNDING * (1 + np.abs(linear).max()):
            mean = family.mean(linear)
            return Fit(coefficients, y - mean, family.variance(mean))
    raise _diverged(family)


def fit_like_r(family: Family, x: FloatArray, y: FloatArray, weights: FloatArray) -> Fit:
    """Stop and weigh as R's ``glm.fit``: the information matrix is the one of the last step's start.

    Parameters, returns and errors as in :func:`fit_fully`; the residual is the working residual of the end
    times the variance of the last step's start.
    """
    rows = _Rows(family, x, y, weights)
    before, linear = _iterate(rows)
    variance = family.variance(family.mean(before))
    mean = family.mean(linear)
    return Fit(rows.step(before), (y - mean) / family.variance(mean) * variance, variance)


FITTERS: dict[str, Fitter] = {"full": fit_fully, "r": fit_like_r}


def _iterate(rows: _Rows) -> tuple[FloatArray, FloatArray]:
    """Return the linear predictor before and after the step that hardly changed the deviance."""
    linear = rows.family.link(rows.family.start(rows.y, rows.weights))
    deviance = rows.deviance(linear)
    for _ in range(MAX_STEPS):
        before, linear = linear, rows.x @ rows.step(linear)
        last, deviance = deviance, rows.deviance(linear)
        if abs(deviance - last) < DEVIANCE_TOLERANCE * (abs(deviance) + DEVIANCE_OFFSET):
            if np.abs(linear - before).max() > TAIL_MOVE + ROUNDING * np.abs(linear).max():
                break
            return before, linear
    raise _diverged(rows.family)


def _diverged(family: Family) -> EstimandError:
    return EstimandError(
        expected=f"a {family.name} regression that converges",
        got="coefficients that grow without end",
        hint="A category or a value separates the responses: all who have it answer alike. "
        "Merge it with another.",
    )

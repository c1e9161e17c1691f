"""The convex problem behind an allocation: least cost under limits on sums of a / n."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.optimize import nnls

type Vector = NDArray[np.float64]
type Matrix = NDArray[np.float64]

START_STEPS = 60
NEWTON_STEPS = 200
HALVINGS = 60
TOLERANCE = 1e-13
ENOUGH_INCREASE = 1e-4
RIDGE = 1e-12
HALF = 0.5


def maximise_dual(coefficients: Matrix, cost: Vector, low: Vector, high: Vector) -> tuple[Vector, Vector]:
    """Minimise Σ c n under Σ a_j / n ≤ 1 and low ≤ n ≤ high by way of its dual.

    Parameters
    ----------
    coefficients : ndarray, shape (J, H)
        a, 0 or more.
    cost : ndarray, shape (H,)
        c, above 0.
    low, high : ndarray, shape (H,)
        Limits of n; the problem must have a solution.

    Returns
    -------
    sizes : ndarray, shape (H,)
        The best n.
    multipliers : ndarray, shape (J,)
        λ, 0 for sums that stay below 1.

    Notes
    -----
    For given λ the best n is √(Σ_j λ_j a_j / c) cut at the limits. The dual function is concave with gradient
    Σ a_j / n - 1. Each Newton step maximises its quadratic model over λ ≥ 0, a least-squares problem without
    negative solutions, so that sums that say the same twice do no harm.

    Examples
    --------
    >>> none, many = np.zeros(2), np.full(2, np.inf)
    >>> sizes, _ = maximise_dual(np.array([[100.0, 400.0]]), np.ones(2), none, many)
    >>> sizes.round(6).tolist()
    [300.0, 600.0]
    """
    dual = _Dual(coefficients, cost, low, high)
    multipliers = dual.start()
    for _step in range(NEWTON_STEPS):
        if dual.distance(multipliers) < TOLERANCE:
            break
        moved = dual.improve(multipliers)
        if moved is None:
            break
        multipliers = moved
    return dual.sizes(multipliers), multipliers


class _Dual:
    """The dual function of one problem."""

    def __init__(self, coefficients: Matrix, cost: Vector, low: Vector, high: Vector) -> None:
        self.a, self.cost, self.low, self.high = coefficients, cost, low, high
        self.smallest = np.finfo(float).tiny

    def start(self) -> Vector:
        """Return multipliers near the best ones, by Chromy's iteration."""
        spread = np.sqrt(self.a / self.cost).max(axis=1)
        multipliers: Vector = (self.cost.sum() * np.maximum(spread, self.smallest)) ** 2 / self.cost.sum()
        for _step in range(START_STEPS):
            multipliers = multipliers * (self.gradient(multipliers) + 1) ** 2
        return multipliers

    def sizes(self, multipliers: Vector) -> Vector:
        """Return the best sizes for given multipliers."""
        sizes: Vector = np.clip(np.sqrt(multipliers @ self.a / self.cost), self.low, self.high)
        return sizes

    def gradient(self, multipliers: Vector) -> Vector:
        """Return Σ a / n - 1."""
        sizes = np.maximum(self.sizes(multipliers), self.smallest)
        terms = np.divide(self.a, sizes, out=np.zeros_like(self.a), where=self.a > 0)
        gradient: Vector = terms.sum(axis=1) - 1
        return gradient

    def value(self, multipliers: Vector) -> float:
        """Return the dual function: a lower bound of the cost."""
        sizes = self.sizes(multipliers)
        alpha = multipliers @ self.a
        penalty = np.divide(alpha, sizes, out=np.zeros_like(alpha), where=alpha > 0)
        return float((self.cost * sizes + penalty).sum() - multipliers.sum())

    def distance(self, multipliers: Vector) -> float:
        """Return how far multipliers are from the best: the largest excess, or slack that is paid for."""
        gradient = self.gradient(multipliers)
        shares = multipliers / max(multipliers.sum(), self.smallest)
        return float(np.maximum(gradient, shares * np.abs(gradient)).max())

    def curvature(self, multipliers: Vector) -> Matrix:
        """Return minus the second derivatives."""
        sizes = self.sizes(multipliers)
        moves = (sizes > self.low) & (sizes < self.high) & (sizes > 0)
        part = self.a[:, moves]
        curvature: Matrix = part / (2 * self.cost[moves] * sizes[moves] ** 3) @ part.T
        return curvature

    def newton_step(self, multipliers: Vector) -> Vector:
        """Return the step to where the quadratic model around given multipliers is best.

        Least squares without negative solutions says which multipliers are 0 there; the others are then
        solved for as a change, which loses no digits near the end.
        """
        curvature, gradient = self.curvature(multipliers), self.gradient(multipliers)
        diagonal = np.diag(curvature)
        scale = 1 / np.sqrt(np.maximum(diagonal, max(RIDGE * diagonal.max(), self.smallest)))
        scaled = curvature * np.outer(scale, scale) + RIDGE * np.eye(len(scale))
        factor = np.linalg.cholesky(scaled)
        slope = scale * gradient + scaled @ (multipliers / scale)
        stays = nnls(factor.T, solve_triangular(factor, slope, lower=True))[0] > 0
        step = -multipliers / scale
        rest = (scale * gradient - scaled[:, ~stays] @ step[~stays])[stays]
        step[stays] = np.linalg.solve(scaled[np.ix_(stays, stays)], rest)
        return np.maximum(scale * step, -multipliers)

    def improve(self, multipliers: Vector) -> Vector | None:
        """Return better multipliers, or None if rounding leaves no way up."""
        direction = self.newton_step(multipliers)
        before, distance = self.value(multipliers), self.distance(multipliers)
        slope, step = float(self.gradient(multipliers) @ direction), 1.0
        for _halving in range(HALVINGS):
            moved: Vector = multipliers + step * direction
            gain = self.value(moved) - before
            if gain >= ENOUGH_INCREASE * step * slope > 0 or self.distance(moved) <= HALF * distance:
                return moved
            step /= 2
        return None

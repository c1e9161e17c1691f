"""Calibration: the weights closest to the old ones that meet known totals of any kind."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analysis.estimation import FloatArray
from analysis.weighting.distances import Bounds, Distance, find_distance
from analysis.weighting.errors import BoundsError, ConvergenceError, MarginError, WeightingError
from analysis.weighting.margins import (
    Auxiliary,
    KnownTotal,
    Margin,
    check_totals,
    check_weights,
    encode_margin,
    known_values,
    scale_totals,
)
from analysis.weighting.raking import TOLERANCE, CalibrationFactors

MAX_STEPS = 200
_HALVINGS = 60
_DAMPING = 1e-8
_TOTALS_AGREE = 1e-9
_ROUNDING = 16 * np.finfo(float).eps


@dataclass(frozen=True, eq=False)
class AuxiliaryMatrix:
    """Auxiliary variables of the rows as columns of about the same size, and their totals.

    Attributes
    ----------
    columns : sparse array, shape (n_rows, k)
        Every column with a weighted mean square of 1; numbers around their mean where margins are
        given, since these hold the constant.
    totals : float array, shape (k,)
        Of the population, in the same units.
    scale : float array, shape (k,)
        What a relative difference is relative to.
    names : tuple of str, length k
    """

    columns: sparse.csr_array
    totals: FloatArray
    scale: FloatArray
    names: tuple[str, ...]

    def difference(self, weights: FloatArray) -> FloatArray:
        """Relative difference of weighted totals from the known ones, with its sign."""
        return np.asarray((self.columns.T @ weights - self.totals) / self.scale)

    def weighted_products(self, weights: FloatArray) -> FloatArray:
        """Sum of weighted products of all columns, shape (k, k)."""
        weighted = self.columns.multiply(weights[:, None])
        return np.asarray((self.columns.T @ weighted.tocsr()).toarray())


def calibrate(
    weights: FloatArray,
    auxiliaries: Sequence[Auxiliary],
    *,
    method: str = "linear",
    bounds: Bounds | None = None,
    tolerance: float = TOLERANCE,
    max_iterations: int = MAX_STEPS,
) -> CalibrationFactors:
    r"""Change the weights as little as a distance allows so that they meet known totals.

    Parameters
    ----------
    weights : float array, shape (n_rows,)
        Not below 0.
    auxiliaries : sequence of Margin and KnownTotal
        Any mix of totals by category and totals of numbers. With no margin among them the size of the
        population is not held, unless it is given as the known total of 1.
    method : str
        Distance: ``linear``, ``raking`` or ``logit``, see
        :func:`~analysis.weighting.distances.find_distance`.
    bounds : pair of floats, optional
        Least and greatest factor; ``logit`` needs them.
    tolerance : float
        Largest relative difference allowed at the end.
    max_iterations : int
        Newton steps.

    Returns
    -------
    CalibrationFactors

    Raises
    ------
    WeightingError
        If a weight is below 0, missing or infinite, or there is no such distance.
    MarginError
        If totals do not fit the answers, or each other: the same population counted twice, or columns that
        are linear combinations of others in the sample, but not so their totals.
    BoundsError
        If no factors within the bounds meet the totals.
    ConvergenceError
        If the totals are not met after the last step.

    Notes
    -----
    The factor is :math:`F(x_i^\top \lambda)` with :math:`\sum_s w_i F(x_i^\top \lambda) x_i = T`, solved by
    Newton steps that are halved until they lower the convex function of which these equations are the
    gradient. The factors are unique even if columns are collinear. That no factors within bounds meet the
    totals is proven, not guessed: by a combination of totals that even the best factors leave unmet.

    References
    ----------
    Deville and Särndal (1992), Calibration estimators in survey sampling, JASA 87.

    Examples
    --------
    >>> sex = Margin("sex", ["f", "m", "m"], {"f": 60.0, "m": 40.0})
    >>> age = KnownTotal("age", [30.0, 20.0, 60.0], 3200.0)
    >>> calibrate(np.array([40.0, 30.0, 30.0]), [sex, age]).factor.round(6).tolist()
    [1.5, 0.833333, 0.5]
    """
    base = check_weights(weights)
    distance = find_distance(method, bounds)
    matrix = encode_auxiliaries(base, auxiliaries)
    directions = _independent_directions(matrix, base)
    factor, n_steps = _Newton(base, matrix, distance, directions).solve(tolerance, max_iterations)
    differences = matrix.difference(base * factor)
    worst = int(np.argmax(np.abs(differences)))
    if np.abs(differences[worst]) > tolerance:
        raise _unmet(matrix, base * factor, worst, bounds)
    return CalibrationFactors(factor, n_steps, float(np.abs(differences[worst])))


def encode_auxiliaries(weights: FloatArray, auxiliaries: Sequence[Auxiliary]) -> AuxiliaryMatrix:
    """Set up the columns of all auxiliary variables.

    Raises
    ------
    MarginError
        If there are none, or one does not fit the answers or another.

    Examples
    --------
    >>> encode_auxiliaries(np.ones(2), [Margin("sex", ["f", "m"], {"f": 5.0, "m": 6.0})]).names
    ('sex f', 'sex m')
    """
    if not auxiliaries:
        raise MarginError(
            expected="at least one margin or known total",
            got="none",
            hint="Without totals, stop after the nonresponse adjustment.",
        )
    margins = [auxiliary for auxiliary in auxiliaries if isinstance(auxiliary, Margin)]
    check_totals(margins)
    population = margins[0].total if margins else None
    parts = [
        _indicators(auxiliary, weights, margins[0].total)
        if isinstance(auxiliary, Margin)
        else _numbers(auxiliary, weights, population)
        for auxiliary in auxiliaries
    ]
    columns = sparse.hstack([part.columns for part in parts], format="csr")
    totals, scale = (np.concatenate([getattr(part, name) for part in parts]) for name in ("totals", "scale"))
    squares = np.asarray(columns.power(2).T @ weights) / weights.sum()
    size = np.sqrt(np.where(squares > 0, squares, 1.0))
    return AuxiliaryMatrix(
        columns=(columns @ sparse.diags_array(1 / size)).tocsr(),
        totals=totals / size,
        scale=scale / size,
        names=tuple(name for part in parts for name in part.names),
    )


def _indicators(margin: Margin, weights: FloatArray, population: float) -> AuxiliaryMatrix:
    codes, totals = encode_margin(margin, weights)
    totals = scale_totals(totals, population)
    n_rows = len(weights)
    columns = sparse.csr_array((np.ones(n_rows), (np.arange(n_rows), codes)), shape=(n_rows, len(totals)))
    names = tuple(f"{margin.name} {category}" for category in margin.totals)
    return AuxiliaryMatrix(columns, totals, totals, names)


def _numbers(known: KnownTotal, weights: FloatArray, population: float | None) -> AuxiliaryMatrix:
    values = known_values(known, len(weights))
    centre = 0.0 if population is None else float(np.average(values, weights=weights))
    total = known.total - centre * (population or 0.0)
    scale = max(abs(known.total), float(weights @ np.abs(values)), np.finfo(float).tiny)
    columns = sparse.csr_array((values - centre)[:, None])
    return AuxiliaryMatrix(columns, np.array([total]), np.array([scale]), (known.name,))


def _independent_directions(matrix: AuxiliaryMatrix, weights: FloatArray) -> FloatArray:
    """Find what of the columns is not a combination of others, shape (k, rank), and check the rest.

    Where a combination of columns is 0 in all rows, that of the totals must be 0 too.
    """
    values, vectors = np.linalg.eigh(matrix.weighted_products(weights / weights.sum()))
    is_null = values <= len(values) * np.finfo(float).eps * values.max() * 10
    null = vectors[:, is_null]
    gap = null @ (null.T @ matrix.totals)
    worst = int(np.argmax(np.abs(gap) / matrix.scale))
    if null.size and abs(gap[worst]) > _TOTALS_AGREE * np.abs(matrix.scale).max():
        raise MarginError(
            expected="totals that agree where the variables hang together in the sample",
            got=f"a contradiction, most of it in {matrix.names[worst]}",
            hint="Drop one of the variables that say the same, or take all totals from one source and day.",
        )
    return vectors[:, ~is_null]


@dataclass(frozen=True, eq=False)
class _Point:
    """Multipliers, and what they make of the rows."""

    multipliers: FloatArray
    u: FloatArray

    def step(self, direction: "_Point", length: float) -> "_Point":
        return _Point(self.multipliers + length * direction.multipliers, self.u + length * direction.u)


@dataclass(frozen=True, eq=False)
class _Newton:
    """The convex problem of the multipliers, which are combinations of the independent directions."""

    weights: FloatArray
    matrix: AuxiliaryMatrix
    distance: Distance
    directions: FloatArray

    def solve(self, tolerance: float, max_steps: int) -> tuple[FloatArray, int]:
        """Step until the totals are met and a step gains nothing; returns the factors and number of steps."""
        point, before = _Point(np.zeros(len(self.directions)), np.zeros(len(self.weights))), np.inf
        for step in range(max_steps + 1):
            factor = self.distance.factor(point.u)
            largest = np.abs(self.matrix.difference(self.weights * factor)).max()
            if (largest <= tolerance and largest >= before / 2) or step == max_steps:
                break
            moved = self._line_search(point, self._direction(point, factor))
            if moved is None or self._proves_impossible(moved):
                break
            point, before = moved, largest
        return factor, step

    def _direction(self, point: _Point, factor: FloatArray) -> _Point:
        """Newton's direction; a little of the first matrix keeps it defined where all rows are at bounds."""
        gradient = self.matrix.columns.T @ (self.weights * factor) - self.matrix.totals
        slope = self.weights * (self.distance.slope(point.u) + _DAMPING)
        projected = self.directions.T @ self.matrix.weighted_products(slope) @ self.directions
        multipliers = -self.directions @ np.linalg.solve(projected, self.directions.T @ gradient)
        return _Point(multipliers, self.matrix.columns @ multipliers)

    def _line_search(self, point: _Point, direction: _Point) -> _Point | None:
        before, slack = self._objective(point)
        for halving in range(_HALVINGS):
            moved = point.step(direction, 0.5**halving)
            if self._objective(moved)[0] <= before + slack:
                return moved
        return None

    def _proves_impossible(self, point: _Point) -> bool:
        """Whether even the best factors within the limits leave this combination of totals unmet (Farkas)."""
        low, high = self.distance.limits
        below = float(self.weights @ np.minimum(point.u, 0.0))
        above = float(self.weights @ np.maximum(point.u, 0.0))
        best = (below * low if below else 0.0) + (above * high if above else 0.0)
        wanted = float(point.multipliers @ self.matrix.totals)
        return best < wanted - _TOTALS_AGREE * abs(wanted)

    def _objective(self, point: _Point) -> tuple[float, float]:
        """Return the convex function and how far rounding may put it off."""
        with np.errstate(over="ignore", invalid="ignore"):
            integral = self.distance.integral(point.u)
        first, second = float(self.weights @ integral), float(point.multipliers @ self.matrix.totals)
        return first - second, _ROUNDING * (abs(first) + abs(second))


def _unmet(matrix: AuxiliaryMatrix, weights: FloatArray, worst: int, bounds: Bounds | None) -> WeightingError:
    difference = matrix.difference(weights)[worst]
    got = f"a relative difference of {difference:+.2g} in {matrix.names[worst]}, the farthest"
    hint = "Merge the category with a similar one, or ask whether the totals belong to this population."
    if bounds is None:
        return ConvergenceError(expected="all totals met", got=got, hint=hint)
    return BoundsError(
        expected=f"all totals met with factors from {bounds[0]:g} to {bounds[1]:g}",
        got=got,
        hint=f"Widen the bounds. {hint}",
    )

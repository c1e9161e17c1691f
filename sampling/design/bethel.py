"""The cheapest sample that meets precision targets for several variables and domains at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.design.allocation import AllocationError
from sampling.design.convex import maximise_dual
from sampling.design.refusals import marked as _

type Vector = NDArray[np.float64]
type Matrix = NDArray[np.float64]

FEASIBILITY_TOLERANCE = 1e-9
SOLVER_TOLERANCE = 1e-7


@dataclass(frozen=True, slots=True)
class PrecisionTarget:
    """The largest coefficient of variation of one estimated total.

    Parameters
    ----------
    name : str
        What an error calls the target, for example ``"satisfied, Hà Nội"``.
    mean, sd : ndarray, shape (H,)
        Mean and standard deviation of the variable in each stratum.
    cv : float
        Largest coefficient of variation of the total, for example 0.02.
    strata : ndarray of bool, shape (H,)
        Strata of the domain.
    effect : ndarray, shape (H,)
        What multiplies S² / n, and not S² / N: 1 for equal chances, the effect of the sizes for others.
    """

    name: str
    mean: Vector
    sd: Vector
    cv: float
    strata: NDArray[np.bool_]
    effect: Vector

    @classmethod
    def of(
        cls,
        name: str,
        mean: ArrayLike,
        sd: ArrayLike,
        cv: float,
        strata: ArrayLike | None = None,
        *,
        effect: ArrayLike = 1.0,
    ) -> Self:
        """Return a target from plain lists; without `strata` it is for the whole population.

        Raises
        ------
        AllocationError
            If lengths differ, a standard deviation is negative or `cv` is not above 0.

        Examples
        --------
        >>> PrecisionTarget.of("satisfied", [0.8, 0.7], [0.4, 0.46], 0.02).strata.tolist()
        [True, True]
        """
        means, sds = np.asarray(mean, dtype=np.float64), np.asarray(sd, dtype=np.float64)
        members = np.ones(means.shape, bool) if strata is None else np.asarray(strata, dtype=bool)
        if not means.shape == sds.shape == members.shape:
            raise AllocationError(
                f"Target {name!r}: expected mean, sd and strata of one length,"
                f" got {means.shape}, {sds.shape} and {members.shape}."
            )
        if not (np.isfinite(means).all() and np.isfinite(sds).all() and (sds >= 0).all()):
            raise AllocationError(
                f"Target {name!r}: expected finite means, and standard deviations of 0 or more."
            )
        if not cv > 0:
            raise AllocationError(f"Target {name!r}: expected a coefficient of variation above 0, got {cv}.")
        effects = np.broadcast_to(np.asarray(effect, dtype=np.float64), means.shape)
        return cls(name, means, sds, cv, members, effects)

    def total(self, sizes: Vector) -> float:
        """Return the total of the variable in the domain."""
        return float((sizes * self.mean)[self.strata].sum())

    def coefficients(self, sizes: Vector, *, fpc: bool) -> Vector:
        """Return a with Σ a/n ≤ 1 exactly if the target is met."""
        total = self.total(sizes)
        if total == 0:
            raise AllocationError(
                f"Target {self.name!r}: expected a total other than 0, its cv is not defined."
            )
        allowed = (self.cv * total) ** 2
        if fpc:
            allowed += float((sizes * self.sd**2)[self.strata].sum())
        coefficients: Vector = np.where(self.strata, self.effect * (sizes * self.sd) ** 2, 0.0) / allowed
        return coefficients

    def reached(self, sizes: Vector, allocation: Vector, *, fpc: bool) -> float:
        """Return the coefficient of variation that an allocation gives."""
        part = self.strata & (self.sd > 0)
        squares = (sizes * self.sd)[part] ** 2
        variance = float((self.effect[part] * squares / allocation[part]).sum())
        if fpc:
            variance -= float((squares / sizes[part]).sum())
        return sqrt(max(variance, 0.0)) / abs(self.total(sizes))


@dataclass(frozen=True, slots=True)
class BethelAllocation:
    """The cheapest allocation.

    Parameters
    ----------
    sizes : ndarray, shape (H,)
        Real-valued sample sizes; `numpy.ceil` of them meets the targets, too.
    cost : float
        Σ cost · size.
    cv : ndarray, shape (J,)
        Coefficient of variation reached for each target.
    load : ndarray, shape (J,)
        Σ a/n of each target: 1 where it binds, less where it is met with room to spare.
    multipliers : ndarray, shape (J,)
        Share of each target in what the sample costs; they add up to 1, and are 0 for targets that do not
        bind.
    """

    sizes: Vector
    cost: float
    cv: Vector
    load: Vector
    multipliers: Vector


def allocate(
    sizes: ArrayLike,
    targets: Sequence[PrecisionTarget],
    *,
    costs: ArrayLike = 1.0,
    fpc: bool = True,
    minimum: ArrayLike = 0.0,
    maximum: ArrayLike | None = None,
) -> BethelAllocation:
    """Return the cheapest sample sizes with which every estimated total is as precise as its target asks.

    Parameters
    ----------
    sizes : array_like, shape (H,)
        Number of units N of each stratum.
    targets : sequence of PrecisionTarget
        One for each variable and domain.
    costs : array_like, shape (H,), optional
        Cost of an interview in each stratum; equal by default.
    fpc : bool, optional
        Whether drawing without replacement counts: Var = Σ N² S² (1/n - 1/N) instead of Σ N² S² / n.
    minimum, maximum : array_like, shape (H,) or one number, optional
        Least and most of each stratum. With `fpc` the most is at first the number of units; give
        ``numpy.inf`` to lift it.

    Returns
    -------
    BethelAllocation
        Real-valued sizes, cost, reached precision and multipliers.

    Raises
    ------
    AllocationError
        If there is no target, a value cannot be, or a target is out of reach even with the most of each
        stratum.

    Notes
    -----
    With k the `effect` of a target and a_jh = k_jh N_h² S_jh² / (cv_j² T_j² + [fpc] Σ_h N_h S_jh²) the
    problem is to minimise Σ c_h n_h under
    Σ_h a_jh / n_h ≤ 1 for all j [1]_. With multipliers λ ≥ 0 the best sizes are n_h = √(Σ_j λ_j a_jh /
    c_h), cut at the limits of the stratum, so only the concave dual function of λ is to be maximised.
    Chromy's iteration λ_j ← λ_j (Σ_h a_jh / n_h)² [2]_ gives the start, projected Newton steps the digits.

    References
    ----------
    .. [1] Bethel, J. (1989). Sample allocation in multivariate surveys. Survey Methodology 15.
    .. [2] Chromy, J. R. (1987). Design optimization with multiple objectives. Proceedings of the
       Survey Research Methods Section, American Statistical Association.

    Examples
    --------
    >>> target = PrecisionTarget.of("satisfied", [0.5, 0.5], [0.5, 0.5], 0.05)
    >>> allocate([1000, 1000], [target], fpc=False).sizes.round(6).tolist()
    [200.0, 200.0]
    """
    population = np.asarray(sizes, dtype=np.float64)
    cost = np.broadcast_to(np.asarray(costs, dtype=np.float64), population.shape)
    most = (population if fpc else np.inf) if maximum is None else maximum
    low = np.broadcast_to(np.asarray(minimum, dtype=np.float64), population.shape)
    high = np.broadcast_to(np.asarray(most, dtype=np.float64), population.shape)
    _check(population, cost, low, high, targets)
    coefficients = np.stack([target.coefficients(population, fpc=fpc) for target in targets])
    _check_reach(coefficients, high, targets)
    chosen, multipliers = maximise_dual(coefficients, cost, low, high)
    loads = _loads(coefficients, chosen)
    if loads.max() > 1 + SOLVER_TOLERANCE:
        raise AllocationError(
            f"Expected a solution, {loads.max() - 1:.1e} is missing. Scale the costs near 1."
        )
    return BethelAllocation(
        sizes=chosen,
        cost=float(cost @ chosen),
        cv=np.array([target.reached(population, chosen, fpc=fpc) for target in targets]),
        load=loads,
        multipliers=multipliers / max(multipliers.sum(), np.finfo(float).tiny),
    )


def _loads(coefficients: Matrix, chosen: Vector) -> Vector:
    """Return Σ a/n of every target; a stratum without spread adds nothing."""
    terms = np.divide(coefficients, chosen, out=np.zeros_like(coefficients), where=coefficients > 0)
    loads: Vector = terms.sum(axis=1)
    return loads


def _check(
    population: Vector, cost: Vector, low: Vector, high: Vector, targets: Sequence[PrecisionTarget]
) -> None:
    """Refuse strata, costs and limits that cannot be."""
    if population.ndim != 1 or not (population > 0).all():
        raise AllocationError("Expected one number of units above 0 per stratum.")
    if not (np.isfinite(cost) & (cost > 0)).all():
        raise AllocationError("Expected costs above 0. Give every stratum the cost of an interview.")
    if not ((low >= 0) & (low <= high) & (high > 0)).all():
        raise AllocationError("Expected limits with 0 ≤ minimum ≤ maximum in every stratum.")
    if not targets:
        raise AllocationError("Expected at least one precision target, got none.")
    for target in targets:
        if target.mean.shape != population.shape:
            raise AllocationError(
                f"Target {target.name!r}: expected values of {population.size} strata,"
                f" got {target.mean.size}."
            )


def _check_reach(coefficients: Matrix, high: Vector, targets: Sequence[PrecisionTarget]) -> None:
    """Refuse targets that are missed even with the most of each stratum."""
    best = _loads(coefficients, high)
    missed = [
        target.name for target, load in zip(targets, best, strict=True) if load > 1 + FEASIBILITY_TOLERANCE
    ]
    if missed:
        raise AllocationError(
            _(
                "Expected targets within reach, got %(missed)s, missed even with the most of each stratum. "
                "Ask for less precision or raise the maximum."
            ),
            missed=[repr(name) for name in missed],
        )

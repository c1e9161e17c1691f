"""True inclusion probabilities of Pareto and sequential Poisson sampling, to see how far targets are met."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.design.probabilities import ProbabilityError, Vector, checked_probabilities
from sampling.design.schemes.units import target_probabilities

type Matrix = NDArray[np.float64]

type Below = Callable[[Vector, float, Vector], Matrix]

N_NODES = 32
"""Nodes of the Gauss-Legendre rule on each piece."""

N_PIECES = 8
"""Pieces into which the interval from 0 to 1 is cut anyhow."""

MOST_STEPS = 600_000_000
"""Work beyond which strata are not looked at: a few seconds."""


def order_probabilities(targets: ArrayLike, method: str) -> Vector:
    """Return the inclusion probabilities that an order sampling design really has.

    Parameters
    ----------
    targets : array_like, shape (N,)
        Probabilities π strictly between 0 and 1 that the design aims at; their sum n is whole.
    method : {"pareto", "sequential_poisson"}
        The ranking value: u (1 - π) / ((1 - u) π), or u / π.

    Returns
    -------
    ndarray, shape (N,)
        Inclusion probabilities, correct to about ten digits. They add up to n.

    Raises
    ------
    ProbabilityError
        If the method is another, or a target cannot be.

    Notes
    -----
    A unit is in the sample if fewer than n others have a smaller ranking value [1]_. Given its own number u
    these others are independent, so the chance is a Poisson-binomial probability, which is integrated over u
    by Gauss-Legendre rules. The work grows with N³: this is for planning and analysis, not for draws.

    References
    ----------
    .. [1] Aires, N. (1999). Algorithms to find exact inclusion probabilities for conditional Poisson sampling
       and Pareto πps sampling designs. Methodology and Computing in Applied Probability 1.

    Examples
    --------
    >>> order_probabilities([0.2, 0.4, 0.6, 0.8], "pareto").round(4).tolist()
    [0.1863, 0.3853, 0.6147, 0.8137]
    """
    if method not in ORDERS:
        raise ProbabilityError(f"Expected a method out of {', '.join(ORDERS)}, got {method!r}.")
    pi, n = checked_probabilities(targets)
    if not ((pi > 0) & (pi < 1)).all():
        raise ProbabilityError("Expected targets strictly between 0 and 1. Take certain units out first.")
    return np.array([_chance(ORDERS[method], pi, unit, n) for unit in range(pi.size)])


@dataclass(frozen=True, slots=True)
class Nearness:
    """How far the targets of strata are from what a method really does.

    Parameters
    ----------
    largest : float
        Largest error of a target as a share of the true probability, over the strata looked at.
    stratum : str
        Where it is; empty if there is none.
    n_known, n_strata : int
        Strata looked at, and those from which a part is drawn.
    """

    largest: float
    stratum: str
    n_known: int
    n_strata: int


def nearness_of_targets(strata: Mapping[str, tuple[Sequence[int], int]], method: str) -> Nearness:
    """Return the largest relative error of weights that are made of targets.

    Parameters
    ----------
    strata : mapping of str to (sequence of int, int)
        Sizes of the units, and units wanted.
    method : {"pareto", "sequential_poisson"}
        As for :func:`order_probabilities`.

    Returns
    -------
    Nearness
        The strata with the least work come first: they have the fewest units, and the largest errors.

    Examples
    --------
    >>> found = nearness_of_targets({"01": ([1, 2, 3, 4], 2), "02": ([1, 1], 2)}, "sequential_poisson")
    >>> round(found.largest, 3), found.stratum, found.n_known, found.n_strata
    (0.204, '01', 1, 1)
    """
    open_ones: dict[str, list[float]] = {}
    for stratum, (sizes, n) in strata.items():
        if targets := [float(pi) for pi in target_probabilities(sizes, n) if 0 < pi < 1]:
            open_ones[stratum] = targets
    left, errors = MOST_STEPS, {}
    for stratum, targets in sorted(open_ones.items(), key=lambda item: _steps(item[1])):
        left -= _steps(targets)
        if left < 0:
            break
        errors[stratum] = _largest_error(targets, method)
    worst = max(errors, key=lambda stratum: errors[stratum], default="")
    return Nearness(errors.get(worst, 0.0), worst, len(errors), len(open_ones))


def _steps(targets: Iterable[float]) -> int:
    """Estimate the work that the true probabilities of a stratum cost."""
    known = list(targets)
    n_different, n_units = len(set(known)), len(known)
    return n_different * (N_PIECES + n_different) * N_NODES * n_units * round(sum(known))


def _largest_error(targets: Sequence[float], method: str) -> float:
    """Return the largest error of targets as a share of the true probabilities, each target once."""
    pi, n = checked_probabilities(targets)
    places = [targets.index(target) for target in sorted(set(targets))]
    true = np.array([_chance(ORDERS[method], pi, place, n) for place in places])
    return float(np.abs(pi[places] / true - 1).max())


def _odds_below(u: Vector, own: float, others: Vector) -> Matrix:
    """Return, for numbers u of one unit, the chances of smaller odds of u against π for the others."""
    odds = np.multiply.outer(u / (1 - u), others / (1 - others) * (1 - own) / own)
    smaller: Matrix = odds / (1 + odds)
    return smaller


def _ratio_below(u: Vector, own: float, others: Vector) -> Matrix:
    """Return, for numbers u of one unit, the chances of a smaller u / π for the others."""
    return np.minimum(1.0, np.multiply.outer(u, others / own))


def _chance(below: Below, pi: Vector, unit: int, n: int) -> float:
    """Integrate the chance that fewer than `n` others come before a unit, from kink to kink."""
    own, others = float(pi[unit]), np.delete(pi, unit)
    nodes, weights = np.polynomial.legendre.leggauss(N_NODES)
    breaks = np.unique(np.concatenate([np.linspace(0, 1, N_PIECES + 1), own / others[others > own]]))
    half = np.diff(breaks) / 2
    u = ((breaks[:-1] + half)[:, None] + half[:, None] * nodes).ravel()
    fewer = _chance_of_fewer(below(u, own, others), n)
    return float((half[:, None] * weights).ravel() @ fewer)


def _chance_of_fewer(chances: Matrix, n: int) -> Vector:
    """Return, for each row of chances of independent events, the probability that fewer than `n` happen."""
    counts = np.zeros((chances.shape[0], n))
    counts[:, 0] = 1
    for column in chances.T[:, :, None]:
        more = counts[:, :-1] * column
        counts *= 1 - column
        counts[:, 1:] += more
    total: Vector = counts.sum(axis=1)
    return total


ORDERS: Mapping[str, Below] = {"pareto": _odds_below, "sequential_poisson": _ratio_below}
"""How units are compared under every order sampling design, by its code."""

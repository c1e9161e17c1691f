"""True inclusion probabilities of Pareto and sequential Poisson sampling, to see how far targets are met."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.design.probabilities import ProbabilityError, Vector, checked_probabilities

type Matrix = NDArray[np.float64]

type Below = Callable[[Vector, float, Vector], Matrix]

N_NODES = 32
"""Nodes of the Gauss-Legendre rule on each piece."""

N_PIECES = 8
"""Pieces into which the interval from 0 to 1 is cut anyhow."""


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

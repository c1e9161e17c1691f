"""How many of independent units are selected, with and without some of them."""

import numpy as np
from numpy.typing import NDArray

type Array = NDArray[np.float64]

HALF = 0.5


def count_distribution(p: Array) -> Array:
    """Return the probabilities that 0, 1, … of independent units are selected.

    Parameters
    ----------
    p : ndarray, shape (N,)
        Probability of each unit.

    Returns
    -------
    ndarray, shape (N + 1,)
        The Poisson-binomial distribution, by adding one unit after another.

    Examples
    --------
    >>> count_distribution(np.array([0.5, 0.5])).tolist()
    [0.25, 0.5, 0.25]
    """
    counts = np.zeros(p.size + 1)
    counts[0] = 1
    for probability in p:
        counts[1:] = counts[1:] * (1 - probability) + counts[:-1] * probability
        counts[0] *= 1 - probability
    return counts


def without_each(counts: Array, p: Array, length: int | None = None) -> Array:
    """Return the distributions that remain when one unit is taken out, for each unit in turn.

    Parameters
    ----------
    counts : ndarray, shape (M + 1,)
        Distribution of the number of selected units among M, of which every unit of `p` may be one.
    p : ndarray, shape (N,)
        Probability of each unit that is taken out, strictly between 0 and 1.
    length : int, optional
        How many of the first probabilities are needed; all M by default.

    Returns
    -------
    ndarray, shape (N, length)
        One distribution per unit.

    Notes
    -----
    counts(m) = q(m) (1 - p) + q(m-1) p is solved for q from below where p is at most a half, and from above
    otherwise, so that rounding errors shrink from step to step.

    Examples
    --------
    >>> without_each(np.array([0.25, 0.5, 0.25]), np.array([0.5])).tolist()
    [[0.5, 0.5]]
    """
    m = counts.size - 1
    length = m if length is None else length
    low = p <= HALF
    left = np.zeros((p.size, length))
    left[low] = _from_below(counts, p[low], length)
    if not low.all():
        left[~low] = _from_above(counts, p[~low])[:, :length]
    return left


def _from_below(counts: Array, p: Array, length: int) -> Array:
    """Solve for the remaining distributions starting with none selected; stable for small p."""
    left = np.zeros((length + 1, p.size))  # the last row stays 0 and stands before the first
    for k in range(length):
        left[k] = (counts[k] - left[k - 1] * p) / (1 - p)
    return left[:length].T


def _from_above(counts: Array, p: Array) -> Array:
    """Solve for the remaining distributions starting with all selected; stable for large p."""
    m = counts.size - 1
    left = np.zeros((m + 1, p.size))
    for k in range(m - 1, -1, -1):
        left[k] = (counts[k + 1] - left[k + 1] * (1 - p)) / p
    return left[:m].T


def weigh_without_pairs(p: Array, counts: Array, weights: Array) -> Array:
    """Return weighted sums of the distributions that remain when two units are taken out.

    Parameters
    ----------
    p : ndarray, shape (N,)
        Probability of each unit, strictly between 0 and 1.
    counts : ndarray, shape (N + 1,)
        Distribution of the number of selected units.
    weights : ndarray, shape (J, N - 1)
        Weights of 0 … N - 2 selected units.

    Returns
    -------
    ndarray, shape (J, N, N)
        For each pair of different units; the diagonal has no meaning.

    Examples
    --------
    >>> p = np.array([0.5, 0.5, 0.5])
    >>> weigh_without_pairs(p, count_distribution(p), np.array([[0.0, 1.0]]))[0, 0, 1].item()
    0.5
    """
    sums = np.empty((weights.shape[0], p.size, p.size))
    length = int(np.flatnonzero(weights.any(axis=0)).max(initial=-1)) + 1
    for k, remaining in enumerate(without_each(counts, p)):
        sums[:, k, :] = weights[:, :length] @ without_each(remaining, p, length).T
    return sums

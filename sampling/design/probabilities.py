"""Inclusion probabilities proportional to size."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

type Vector = NDArray[np.float64]

SUM_TOLERANCE = 1e-6
"""How far a sum of probabilities may be from a whole number and still count as a fixed sample size."""


class ProbabilityError(ValueError):
    """Raised when probabilities cannot be computed from what was given."""


def inclusion_probabilities(sizes: ArrayLike, n: float) -> Vector:
    """Return inclusion probabilities proportional to size for samples of a given (expected) size.

    Parameters
    ----------
    sizes : array_like, shape (N,)
        Measure of size of each unit, 0 or more. A unit of size 0 cannot be drawn and gets probability 0.
    n : float
        Sample size; a fraction is an expected size, as under Poisson sampling.

    Returns
    -------
    ndarray, shape (N,)
        Probabilities from 0 to 1 that add up to `n`.

    Raises
    ------
    ProbabilityError
        If a size is negative or not finite, or `n` is negative or above the number of units with a size.

    Notes
    -----
    A unit with n · size ≥ total is taken with certainty. It is taken out, n and the total shrink, and the
    rule is applied again until no unit qualifies [1]_; the others get (n - certain units) · size / total.

    References
    ----------
    .. [1] Särndal, Swensson, Wretman (1992). Model Assisted Survey Sampling, section 3.6.1.

    Examples
    --------
    >>> inclusion_probabilities([100, 30, 20, 10, 0], 2).round(3).tolist()
    [1.0, 0.5, 0.333, 0.167, 0.0]
    """
    size = _checked_sizes(sizes)
    n_possible = int(np.count_nonzero(size))
    if not 0 <= n <= n_possible:
        raise ProbabilityError(
            f"Expected a sample size from 0 to {n_possible}, the number of units with a size, got {n}."
        )
    certain = np.zeros(size.shape, dtype=bool)
    while True:
        wanted = n - np.count_nonzero(certain)
        total = size[~certain].sum()
        found = ~certain & (size > 0) & (wanted * size >= total)
        if wanted <= 0 or not found.any():
            break
        certain |= found
    rest = np.where(certain, 0.0, size)
    share = wanted * rest / total if wanted > 0 and total > 0 else np.zeros_like(rest)
    return np.where(certain, 1.0, share)


def _checked_sizes(sizes: ArrayLike) -> Vector:
    """Return sizes as a vector, or say which one cannot be."""
    size = np.asarray(sizes, dtype=np.float64)
    if size.ndim != 1 or not size.size:
        raise ProbabilityError(f"Expected one size per unit in a list, got the shape {size.shape}.")
    wrong = np.flatnonzero(~np.isfinite(size) | (size < 0))
    if wrong.size:
        raise ProbabilityError(
            f"Expected sizes of 0 or more, got {size[wrong[0]]} at place {wrong[0] + 1}."
            " Correct it or leave the unit out."
        )
    return size


def checked_probabilities(probabilities: ArrayLike) -> tuple[Vector, int]:
    """Return inclusion probabilities of a design of fixed size, and that size.

    Parameters
    ----------
    probabilities : array_like, shape (N,)
        Inclusion probabilities from 0 to 1 whose sum is a whole number.

    Returns
    -------
    ndarray, int
        The probabilities and the sample size.

    Raises
    ------
    ProbabilityError
        If a probability is outside [0, 1] or the sum is no whole number.

    Examples
    --------
    >>> checked_probabilities([0.5, 0.75, 0.75])[1]
    2
    """
    pi = probability_vector(probabilities)
    n = round(float(pi.sum()))
    if abs(pi.sum() - n) > SUM_TOLERANCE:
        raise ProbabilityError(f"Expected probabilities that add up to a whole number, got {pi.sum()}.")
    return pi, n


def probability_vector(probabilities: ArrayLike) -> Vector:
    """Return inclusion probabilities as a vector, whatever they add up to.

    Parameters
    ----------
    probabilities : array_like, shape (N,)
        Inclusion probabilities from 0 to 1.

    Returns
    -------
    ndarray, shape (N,)
        The probabilities.

    Raises
    ------
    ProbabilityError
        If a probability is outside [0, 1] or there is no list of them.

    Examples
    --------
    >>> probability_vector([0.5, 0.25]).tolist()
    [0.5, 0.25]
    """
    pi = np.asarray(probabilities, dtype=np.float64)
    if pi.ndim != 1 or not pi.size:
        raise ProbabilityError(f"Expected one probability per unit in a list, got the shape {pi.shape}.")
    if not ((pi >= 0) & (pi <= 1)).all():
        raise ProbabilityError(
            "Expected probabilities from 0 to 1. Compute them with inclusion_probabilities."
        )
    return pi

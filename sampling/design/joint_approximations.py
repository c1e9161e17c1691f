"""Joint inclusion probabilities where no exact formula is known or it takes too long."""

import numpy as np
from numpy.typing import NDArray

from sampling.design.probabilities import Vector

type Matrix = NDArray[np.float64]


def hartley_rao(pi: Vector) -> Matrix:
    """Return approximate joint probabilities under systematic selection from a list in random order.

    Parameters
    ----------
    pi : ndarray, shape (N,)
        Inclusion probabilities strictly between 0 and 1 whose sum n is whole.

    Returns
    -------
    ndarray, shape (N, N)
        Joint probabilities to the order N⁻⁴; the diagonal has no meaning.

    Notes
    -----
    With S2 and S3 the sums of π² and π³ [1]_,

        π_kl ≈ (n-1)/n π_kπ_l + (n-1)/n² (π_k²π_l + π_kπ_l²) - (n-1)/n³ π_kπ_l S2
        + 2(n-1)/n³ (π_k³π_l + π_kπ_l³ + π_k²π_l²) - 3(n-1)/n⁴ (π_k²π_l + π_kπ_l²) S2
        + 3(n-1)/n⁵ π_kπ_l S2² - 2(n-1)/n⁴ π_kπ_l S3.

    References
    ----------
    .. [1] Hartley, H. O., Rao, J. N. K. (1962). Sampling with unequal probabilities and without replacement.
       Annals of Mathematical Statistics 33.

    Examples
    --------
    >>> float(hartley_rao(np.full(20, 0.25))[0, 1].round(4)), round(5 * 4 / (20 * 19), 4)
    (0.0526, 0.0526)
    """
    n = float(round(float(pi.sum())))
    squares, cubes = float((pi**2).sum()), float((pi**3).sum())
    product = np.outer(pi, pi)
    mean = np.add.outer(pi, pi) / n
    higher = (np.add.outer(pi**2, pi**2) + product) / n**2
    relative = 1 + mean - squares / n**2
    relative += 2 * higher - 3 * mean * squares / n**2 + 3 * (squares / n**2) ** 2 - 2 * cubes / n**3
    joint: Matrix = (n - 1) / n * product * relative
    return joint


def hajek(pi: Vector) -> Matrix:
    """Return approximate joint probabilities under designs of large entropy: Pareto, sequential Poisson.

    Parameters
    ----------
    pi : ndarray, shape (N,)
        Inclusion probabilities strictly between 0 and 1 whose sum n is whole.

    Returns
    -------
    ndarray, shape (N, N)
        Joint probabilities; the diagonal has no meaning.

    Notes
    -----
    With d the sum of π (1 - π) [1]_,

        π_kl ≈ π_k π_l (1 - (1 - π_k) (1 - π_l) / d),

    with an error that is small against 1 / d.

    References
    ----------
    .. [1] Hájek, J. (1964). Asymptotic theory of rejective sampling with varying probabilities from a finite
       population. Annals of Mathematical Statistics 35.

    Examples
    --------
    >>> float(hajek(np.full(40, 0.25))[0, 1].round(4)), round(10 * 9 / (40 * 39), 4)
    (0.0578, 0.0577)
    """
    complement = 1 - pi
    joint: Matrix = np.outer(pi, pi) * (1 - np.outer(complement, complement) / (pi @ complement))
    return joint

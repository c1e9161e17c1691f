"""Joint inclusion probabilities: how often two units are in the sample together."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike

from sampling.design.joint_approximations import Matrix, hajek, hartley_rao
from sampling.design.poisson_binomial import count_distribution, weigh_without_pairs, without_each
from sampling.design.probabilities import (
    ProbabilityError,
    Vector,
    checked_probabilities,
    inclusion_probabilities,
    probability_vector,
)

NEARLY_CERTAIN = 1e-12
"""A unit closer than this to probability 0 or 1 is treated as never or always selected."""

NEWTON_STEPS = 100
NEWTON_TOLERANCE = 1e-13
LARGEST_DISTANCE = 1e-8


def joint_probabilities(probabilities: ArrayLike, method: str) -> Matrix:
    """Return the probabilities that two units are in the sample together.

    Parameters
    ----------
    probabilities : array_like, shape (N,)
        Inclusion probabilities from 0 to 1 whose sum is the sample size n; any sum for ``poisson``.
    method : str
        How the sample is drawn, a key of `METHODS`; see the function of that name. ``hartley_rao``
        approximates systematic selection from a list in random order and ``hajek`` selections of large
        entropy such as Pareto; the others are exact.

    Returns
    -------
    ndarray, shape (N, N)
        Symmetric; the inclusion probabilities stand on the diagonal. Rows add up to n times the diagonal for
        exact methods.

    Raises
    ------
    ProbabilityError
        If the method is unknown, a probability is outside [0, 1], the sum is no whole number though the
        sample size is fixed, or the probabilities differ though the method wants equal ones.

    Notes
    -----
    Units with probability 1 are in every sample and those with 0 in none, so their joint probabilities are
    products. The method applies to the others.

    Examples
    --------
    >>> joint_probabilities([0.5, 0.5, 0.5, 0.5], "sampford").round(4)[0].tolist()
    [0.5, 0.1667, 0.1667, 0.1667]
    """
    if method not in METHODS:
        raise ProbabilityError(f"Expected a method out of {', '.join(METHODS)}, got {method!r}.")
    pi = (
        probability_vector(probabilities)
        if method in RANDOM_SIZE
        else checked_probabilities(probabilities)[0]
    )
    chance = np.flatnonzero((pi > NEARLY_CERTAIN) & (pi < 1 - NEARLY_CERTAIN))
    joint = np.outer(pi, pi)
    if chance.size:
        joint[np.ix_(chance, chance)] = METHODS[method](pi[chance])
    np.fill_diagonal(joint, pi)
    return joint


def sampford(pi: Vector) -> Matrix:
    """Return joint probabilities under Sampford's rejective design.

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
    With λ = π / (1 - π), L_m the sum over all sets of m units of the products of their λ, and L_m(kl) the
    same without units k and l [1]_,

        π_kl = λ_k λ_l Σ_{t=2..n} (t - π_k - π_l) L_{n-t}(kl) / Σ_{t=1..n} t L_{n-t}.

    L_m is computed as the probability that m independent units with probabilities π are selected, which
    avoids the alternating sums of the usual recursion.

    References
    ----------
    .. [1] Sampford, M. R. (1967). On sampling without replacement with unequal probabilities of selection.
       Biometrika 54.

    Examples
    --------
    >>> pi = np.array([0.2, 0.4, 0.6, 0.8])
    >>> joint = sampford(pi)
    >>> float(joint[0, 1:].sum().round(12))
    0.2
    """
    n = round(float(pi.sum()))
    counts = count_distribution(pi)
    scale = float((np.arange(1, n + 1) * counts[n - 1 :: -1][:n]).sum())
    weights = np.zeros((2, pi.size - 1))
    weights[0, : n - 1] = 1
    weights[1, : n - 1] = np.arange(n, 1, -1)
    sums = weigh_without_pairs(pi, counts, weights)
    joint: Matrix = np.outer(pi, pi) * (sums[1] - np.add.outer(pi, pi) * sums[0]) / scale
    return joint


def tille(pi: Vector) -> Matrix:
    """Return joint probabilities under Tillé's elimination procedure.

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
    Units are eliminated one by one until n are left. With π(i) the probabilities of samples of i units,
    unit k is eliminated in the step from i + 1 to i with r_k = 1 - π_k(i) / π_k(i+1), and π_kl is the
    product of 1 - r_k - r_l over all steps [1]_.

    References
    ----------
    .. [1] Tillé, Y. (1996). An elimination procedure for unequal probability sampling without replacement.
       Biometrika 83.

    Examples
    --------
    >>> float(tille(np.array([0.5, 0.5, 0.5, 0.5]))[0, 1].round(12))
    0.166666666667
    """
    n = round(float(pi.sum()))
    joint = np.ones((pi.size, pi.size))
    larger = np.ones(pi.size)
    for size in range(pi.size - 1, n - 1, -1):
        smaller = inclusion_probabilities(pi, size) if size > n else pi
        eliminated = 1 - smaller / larger
        joint *= 1 - np.add.outer(eliminated, eliminated)
        larger = smaller
    return joint


def midzuno(pi: Vector) -> Matrix:
    """Return joint probabilities under the Midzuno design: the complement of Tillé's elimination.

    Parameters
    ----------
    pi : ndarray, shape (N,)
        Inclusion probabilities strictly between 0 and 1 whose sum is whole.

    Returns
    -------
    ndarray, shape (N, N)
        Joint probabilities; the diagonal has no meaning.

    Notes
    -----
    The units that are not drawn are an elimination sample with probabilities 1 - π, so
    π_kl = π_k + π_l - 1 + π̄_kl with π̄ the joint probabilities of that sample.

    Examples
    --------
    >>> float(midzuno(np.array([0.5, 0.5, 0.5, 0.5]))[0, 1].round(12))
    0.166666666667
    """
    joint: Matrix = np.add.outer(pi, pi) - 1 + tille(1 - pi)
    return joint


def systematic(pi: Vector) -> Matrix:
    """Return joint probabilities under systematic selection from a list in this very order.

    Parameters
    ----------
    pi : ndarray, shape (N,)
        Inclusion probabilities strictly between 0 and 1, in the order of the list, whose sum is whole.

    Returns
    -------
    ndarray, shape (N, N)
        Joint probabilities, many of them 0: no design-unbiased variance estimator exists.

    Notes
    -----
    A random start between two neighbouring fractional parts of the cumulated probabilities gives the same
    sample, so there are at most N samples, each with the length of its interval as probability (Madow
    1949).

    Examples
    --------
    >>> systematic(np.array([0.5, 0.5, 0.5, 0.5]))[0].tolist()
    [0.5, 0.0, 0.5, 0.0]
    """
    ends = np.concatenate([[0.0], np.cumsum(pi)])
    ends[-1] = round(ends[-1])
    breaks = np.unique(np.concatenate([ends % 1, [0.0, 1.0]]))
    starts = (breaks[:-1] + breaks[1:]) / 2
    hits = np.floor(ends - starts[:, None])
    selected = np.diff(hits, axis=1)
    joint: Matrix = selected.T @ (selected * np.diff(breaks)[:, None])
    return joint


def max_entropy(pi: Vector) -> Matrix:
    """Return joint probabilities under conditional Poisson sampling, the design of maximum entropy.

    Parameters
    ----------
    pi : ndarray, shape (N,)
        Inclusion probabilities strictly between 0 and 1 whose sum n is whole.

    Returns
    -------
    ndarray, shape (N, N)
        Joint probabilities; the diagonal has no meaning.

    Raises
    ------
    ProbabilityError
        If no working probabilities are found.

    Notes
    -----
    Independent selections with working probabilities p are kept if n units came out. p solves the equations
    that the units kept have probabilities π [1]_, by Newton's method on the log odds, whose Jacobian is the
    covariance matrix of the sample.

    References
    ----------
    .. [1] Chen, S. X., Dempster, A. P., Liu, J. S. (1994). Weighted finite population sampling to maximize
       entropy. Biometrika 81.

    Examples
    --------
    >>> float(max_entropy(np.array([0.2, 0.4, 0.6, 0.8]))[0, 1:].sum().round(12))
    0.2
    """
    n = round(float(pi.sum()))
    log_odds = np.log(pi) - np.log1p(-pi)
    for _step in range(NEWTON_STEPS):
        missing = pi - conditional_poisson(log_odds, n)
        joint = _conditional_pairs(log_odds, n)
        if np.abs(missing).max() < NEWTON_TOLERANCE:
            return joint
        covariance = joint - np.outer(pi - missing, pi - missing)
        np.fill_diagonal(covariance, (pi - missing) * (1 - pi + missing))
        step = np.linalg.lstsq(covariance, missing, rcond=None)[0]
        log_odds = log_odds + step / max(1.0, np.abs(step).max())
    left = float(np.abs(missing).max())
    if left < LARGEST_DISTANCE:
        return joint
    raise ProbabilityError(f"Expected working probabilities to be found, {left:.1e} is left. Use sampford.")


def conditional_poisson(log_odds: Vector, n: int) -> Vector:
    """Return the inclusion probabilities of independent selections that happened to give `n` units.

    Parameters
    ----------
    log_odds : ndarray, shape (N,)
        log(p / (1 - p)) of the working probabilities p.
    n : int
        Sample size, from 1 to N - 1.

    Returns
    -------
    ndarray, shape (N,)
        Inclusion probabilities that add up to `n`.

    Examples
    --------
    >>> conditional_poisson(np.zeros(4), 2).tolist()
    [0.5, 0.5, 0.5, 0.5]
    """
    p = _centred(log_odds, n)
    counts = count_distribution(p)
    single: Vector = p * without_each(counts, p)[:, n - 1] / counts[n]
    return single


def _conditional_pairs(log_odds: Vector, n: int) -> Matrix:
    """Return the joint probabilities of independent selections that gave `n` units."""
    p = _centred(log_odds, n)
    counts = count_distribution(p)
    weights = np.zeros((1, p.size - 1))
    if n > 1:
        weights[0, n - 2] = 1
    joint: Matrix = np.outer(p, p) * weigh_without_pairs(p, counts, weights)[0] / counts[n]
    return joint


def _centred(log_odds: Vector, n: int) -> Vector:
    """Return probabilities whose sum is `n`; the factor common to all odds does not change the design."""
    shift = 0.0
    for _step in range(NEWTON_STEPS):
        p: Vector = 1 / (1 + np.exp(-(log_odds + shift)))
        missing = n - p.sum()
        if abs(missing) < LARGEST_DISTANCE:
            break
        shift += float(np.clip(missing / (p * (1 - p)).sum(), -1, 1))
    return p


def simple_random(pi: Vector) -> Matrix:
    """Return joint probabilities under simple random sampling without replacement.

    Parameters
    ----------
    pi : ndarray, shape (N,)
        Inclusion probabilities n / N, all the same.

    Returns
    -------
    ndarray, shape (N, N)
        n (n - 1) / (N (N - 1)) everywhere; the diagonal has no meaning.

    Raises
    ------
    ProbabilityError
        If the probabilities differ.

    Examples
    --------
    >>> float(simple_random(np.full(4, 0.5))[0, 1].round(12))
    0.166666666667
    """
    if np.ptp(pi) > NEARLY_CERTAIN:
        raise ProbabilityError(
            f"Expected equal probabilities, got {pi.min()} to {pi.max()}."
            " Take the method that the sample was drawn with."
        )
    n = float(round(float(pi.sum())))
    return np.full((pi.size, pi.size), n * (n - 1) / (pi.size * max(pi.size - 1, 1)))


def poisson(pi: Vector) -> Matrix:
    """Return joint probabilities of units that are selected independently.

    Parameters
    ----------
    pi : ndarray, shape (N,)
        Inclusion probabilities, with any sum.

    Returns
    -------
    ndarray, shape (N, N)
        Products; the diagonal has no meaning.

    Examples
    --------
    >>> float(poisson(np.array([0.5, 0.25]))[0, 1])
    0.125
    """
    joint: Matrix = np.outer(pi, pi)
    return joint


RANDOM_SIZE = frozenset({"poisson"})
"""Methods whose sample size is random, so that probabilities may have any sum."""

METHODS: Mapping[str, Callable[[Vector], Matrix]] = {
    "sampford": sampford,
    "tille": tille,
    "midzuno": midzuno,
    "systematic": systematic,
    "max_entropy": max_entropy,
    "hartley_rao": hartley_rao,
    "hajek": hajek,
    "simple_random": simple_random,
    "poisson": poisson,
}
"""Every method by its name."""

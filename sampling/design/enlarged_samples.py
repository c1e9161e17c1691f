"""Inclusion probabilities of a systematic sample and the units added by rule when some fell out."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt

from sampling.design.selection import SelectionError, select_systematic, split_certainty_units

type FloatArray = npt.NDArray[np.float64]

MOST_POINTS = 64
NEGLIGIBLE = 1e-18


def enlarged_probabilities(sizes: Sequence[int], n: int, n_added: int) -> FloatArray:
    r"""Return the probability of every unit to be in a systematic sample or among the units added to it.

    Parameters
    ----------
    sizes : sequence of int, shape (n_units,)
        Measure of size by which each unit was drawn, positive, in the order of the list from which was drawn;
        1 each where the draw gave all the same probability.
    n : int
        Units that the draw wanted.
    n_added : int
        Units added afterwards: of those not in the sample, the ones with the smallest u / size, where u is a
        uniform number of each unit (`sampling.design.replacements.replacement_order`).

    Returns
    -------
    float array, shape (n_units,)
        Sums to n + n_added, or to the number of units if there are not as many.

    Raises
    ------
    SelectionError
        If a size is not a positive integer, or a number of units is negative.

    Notes
    -----
    With the order of the list as it stood,

    .. math:: \pi'_k = \pi_k + \sum_{s \not\ni k} p(s) \int_0^{1/x_k} x_k
              P\bigl(\#\{j \notin s, j \neq k: u_j / x_j < t\} < r\bigr) \, dt .

    The sum goes over the samples that the random starts give, at most one more than the list has units. The
    integrand is a polynomial between two of the limits 1 / x, so that Gauss-Legendre quadrature is exact but
    for rounding. The number added, r, is taken as given: that it depends on which units were drawn, since
    only a drawn unit falls out, is what remains approximate.

    References
    ----------
    .. [1] Ohlsson, E. (1998). Sequential Poisson sampling. Journal of Official Statistics 14.

    Examples
    --------
    >>> enlarged_probabilities([90, 60, 30, 20], 1, 1).round(2).tolist()
    [0.82, 0.66, 0.31, 0.21]
    """
    if n_added < 0:
        raise SelectionError(f"Expected 0 or more units added, got {n_added}.")
    found = np.zeros(len(sizes))
    for share, selected in _samples(sizes, n):
        found[selected] += share
        others = np.setdiff1d(np.arange(len(sizes)), selected)
        found[others] += share * first_probabilities([sizes[place] for place in others], n_added)
    return np.minimum(found, 1.0)


def _samples(sizes: Sequence[int], n: int) -> Iterator[tuple[float, list[int]]]:
    """Yield every sample that a random start gives, with its probability."""
    certain, rest = split_certainty_units(sizes, n)
    wanted = n - len(certain)
    if not rest or wanted <= 0:
        select_systematic(sizes, n, None)
        yield 1.0, certain
        return
    ends = list(accumulate(sizes[place] for place in rest))
    total = ends[-1]
    starts = sorted({0, *(wanted * end % total for end in ends)})
    for start, following in zip(starts, [*starts[1:], total], strict=True):
        yield (
            (following - start) / total,
            [unit.index for unit in select_systematic(sizes, n, start)],
        )


def first_probabilities(sizes: Sequence[int], n: int) -> FloatArray:
    """Return the probability of every unit to be among the `n` with the smallest u / size.

    Parameters
    ----------
    sizes : sequence of int, shape (n_units,)
        Measure of size of each unit, positive.
    n : int
        How many are taken.

    Returns
    -------
    float array, shape (n_units,)
        The first-order inclusion probabilities of sequential Poisson sampling; 1 if all are taken.

    Examples
    --------
    >>> first_probabilities([10, 90], 1).round(4).tolist()
    [0.0556, 0.9444]
    """
    if n >= len(sizes) or not n:
        return np.full(len(sizes), fill_value=float(n > 0))
    scaled = np.asarray(sizes, dtype=float) / max(sizes)
    found = np.zeros(len(sizes))
    for points, weights in _intervals(1.0 / scaled):
        chances = np.minimum(1.0, points[:, None] * scaled)
        fewer = _fewer_than(n, chances)
        is_possible = points[:, None] * scaled <= 1.0
        found += scaled * np.sum(weights[:, None] * np.where(is_possible, fewer, 0.0), axis=0)
        if fewer[-1].max() < NEGLIGIBLE:
            break
    return np.asarray(found * (n / found.sum()))


def _intervals(limits: FloatArray) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Yield points and weights of the quadrature between the limits, from 0 on."""
    points, weights = np.polynomial.legendre.leggauss(min(MOST_POINTS, len(limits) // 2 + 1))
    bounds = [0.0, *np.unique(limits)]
    for low, high in pairwise(bounds):
        half = (high - low) / 2
        yield half * (points + 1) + low, half * weights


def _fewer_than(n: int, chances: FloatArray) -> FloatArray:
    """Return for every point and unit the probability that fewer than n of the other units come before.

    `chances` has one row for each point, one column for each unit; counts of the units before and behind a
    unit are joined, so that nothing is divided.
    """
    before = _counts(n, chances)
    behind = _counts(n, chances[:, ::-1])[::-1]
    joined = [before[:-1, :, count] * np.sum(behind[1:, :, : n - count], axis=2) for count in range(n)]
    return np.asarray(np.sum(joined, axis=0).T)


def _counts(n: int, chances: FloatArray) -> FloatArray:
    """Return the distribution, up to n - 1, of how many of the first units come before each point.

    The result has the shape (units + 1, points, n).
    """
    counts = np.zeros((chances.shape[1] + 1, chances.shape[0], n))
    counts[0, :, 0] = 1.0
    for place, chance in enumerate(chances.T, start=1):
        counts[place] = counts[place - 1] * (1.0 - chance[:, None])
        counts[place, :, 1:] += counts[place - 1, :, :-1] * chance[:, None]
    return counts

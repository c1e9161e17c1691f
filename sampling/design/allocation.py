"""Dividing a sample among strata: closed forms, and rounding that keeps the total."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.design.refusals import RefusalError

type Vector = NDArray[np.float64]
type Counts = NDArray[np.int64]

ROUNDING_SLACK = 1e-9
"""A size that misses a whole number by less is that number."""

BISECTIONS = 200


class AllocationError(RefusalError):
    """Raised when a sample cannot be divided as asked."""


def equal(n_strata: int, n: float) -> Vector:
    """Divide a sample equally, so that every stratum is estimated about as well.

    Parameters
    ----------
    n_strata : int
        Number of strata, at least 1.
    n : float
        Sample size.

    Returns
    -------
    ndarray, shape (H,)
        Real-valued sizes that add up to `n`.

    Raises
    ------
    AllocationError
        If there is no stratum or `n` is negative.

    Examples
    --------
    >>> equal(3, 12).tolist()
    [4.0, 4.0, 4.0]
    """
    if n_strata < 1:
        raise AllocationError(f"Expected at least 1 stratum, got {n_strata}.")
    return _divide(np.ones(n_strata), n)


def proportional(sizes: ArrayLike, n: float) -> Vector:
    """Divide a sample in proportion to the sizes of the strata, so that all weights are alike.

    Parameters
    ----------
    sizes : array_like, shape (H,)
        Number of units N of each stratum.
    n : float
        Sample size.

    Returns
    -------
    ndarray, shape (H,)
        n · N / ΣN, real-valued.

    Raises
    ------
    AllocationError
        If a size is negative or not finite, all are 0, or `n` is negative.

    Examples
    --------
    >>> proportional([100, 300], 20).tolist()
    [5.0, 15.0]
    """
    return _divide(_positive(sizes, "size"), n)


def optimal(sizes: ArrayLike, sd: ArrayLike, n: float, costs: ArrayLike = 1.0) -> Vector:
    """Divide a sample so that a total is estimated best: Neyman's allocation, or the cost-optimal one.

    Parameters
    ----------
    sizes : array_like, shape (H,)
        Number of units N of each stratum.
    sd : array_like, shape (H,)
        Standard deviation S of the variable in each stratum.
    n : float
        Sample size.
    costs : array_like, shape (H,), optional
        Cost c of an interview in each stratum, in any currency; equal by default.

    Returns
    -------
    ndarray, shape (H,)
        n · (N S / √c) / Σ(N S / √c), real-valued.

    Raises
    ------
    AllocationError
        If a value is negative or not finite, a cost is 0, all products are 0, or `n` is negative.

    References
    ----------
    .. [1] Neyman, J. (1934). On the two different aspects of the representative method. Journal of the Royal
       Statistical Society 97.
    .. [2] Cochran, W. G. (1977). Sampling Techniques, sections 5.5 and 5.9.

    Examples
    --------
    >>> optimal([100, 100], [1, 3], 20).tolist()
    [5.0, 15.0]
    >>> optimal([100, 100], [1, 1], 30, costs=[1, 4]).tolist()
    [20.0, 10.0]
    """
    cost = _positive(costs, "cost")
    if not cost.all():
        raise AllocationError("Expected costs above 0, got 0. Give every stratum the cost of an interview.")
    return _divide(_positive(sizes, "size") * _positive(sd, "standard deviation") / np.sqrt(cost), n)


def power(importance: ArrayLike, cv: ArrayLike, n: float, exponent: float) -> Vector:
    """Divide a sample between good figures for the nation and good figures for every stratum.

    Parameters
    ----------
    importance : array_like, shape (H,)
        Importance X of each stratum, for example its total of the variable or its number of units.
    cv : array_like, shape (H,)
        Coefficient of variation S / mean of the variable in each stratum.
    n : float
        Sample size.
    exponent : float
        From 0, strata of equal coefficient of variation, to 1, with X the total: Neyman's allocation.

    Returns
    -------
    ndarray, shape (H,)
        n · X^q CV / Σ(X^q CV), real-valued.

    Raises
    ------
    AllocationError
        If the exponent is outside [0, 1], a value is negative or not finite, or `n` is negative.

    References
    ----------
    .. [1] Bankier, M. D. (1988). Power allocations: determining sample sizes for subnational areas.
       The American Statistician 42.

    Examples
    --------
    >>> power([100, 400], [1, 1], 30, 0.5).tolist()
    [10.0, 20.0]
    """
    if not 0 <= exponent <= 1:
        raise AllocationError(f"Expected an exponent from 0 to 1, got {exponent}.")
    return _divide(_positive(importance, "importance") ** exponent * _positive(cv, "variation"), n)


def fixed_per_unit(
    kinds: Sequence[str], per_kind: Mapping[str, float], *, otherwise: float | None = None
) -> Vector:
    """Give every unit of a kind the same number of people, whatever its size.

    Parameters
    ----------
    kinds : sequence of str, length H
        Kind of each stratum, for example the type of the administrative unit.
    per_kind : mapping of str to float
        People of a unit of each kind.
    otherwise : float, optional
        People of a unit of any other kind; without it every kind must be named.

    Returns
    -------
    ndarray, shape (H,)
        Sizes; their sum is what it is.

    Raises
    ------
    AllocationError
        If a kind has no number or a number is negative.

    Notes
    -----
    Bình Dương asked 150 people in every rural commune and 200 in every ward or township in 2018. Small units
    are then estimated as well as large ones, and weights differ widely.

    Examples
    --------
    >>> fixed_per_unit(["xã", "phường", "xã"], {"xã": 150, "phường": 200}).tolist()
    [150.0, 200.0, 150.0]
    """
    missing = sorted(set(kinds) - set(per_kind)) if otherwise is None else []
    if missing:
        raise AllocationError(f"Expected a number for every kind of unit, got none for {', '.join(missing)}.")
    return _positive([per_kind.get(kind, otherwise or 0.0) for kind in kinds], "size")


def round_allocation(sizes: ArrayLike, *, minimum: ArrayLike = 0, maximum: ArrayLike | None = None) -> Counts:
    """Round an allocation to whole numbers without changing its total, within limits for each stratum.

    Parameters
    ----------
    sizes : array_like, shape (H,)
        Real-valued sizes; their sum, rounded, is the sample size n that is kept.
    minimum, maximum : array_like of int, shape (H,) or one number, optional
        Least and most of each stratum, for example 2, so that a variance can be estimated, and the number
        of its units.

    Returns
    -------
    ndarray of int, shape (H,)
        Sizes that add up to n.

    Raises
    ------
    AllocationError
        If a size is negative, a minimum is above its maximum, or n does not fit between the sums of the
        limits.

    Notes
    -----
    Strata beyond a limit are set to it and the others shrink or grow in proportion until all fit. What is
    left is rounded down, and the units still missing go to the largest remainders, earlier strata first.

    Examples
    --------
    >>> round_allocation([0.4, 3.3, 6.3], minimum=2).tolist()
    [2, 3, 5]
    """
    wanted = _positive(sizes, "size")
    n = round(float(wanted.sum()))
    low = np.broadcast_to(np.asarray(minimum, dtype=np.int64), wanted.shape)
    most = np.maximum(low, n) if maximum is None else np.asarray(maximum, dtype=np.int64)
    high = np.broadcast_to(most, wanted.shape)
    if (low < 0).any() or (low > high).any() or not low.sum() <= n <= high.sum():
        raise AllocationError(
            f"Expected limits with 0 ≤ minimum ≤ maximum between whose sums the sample size {n} lies,"
            f" got sums of {low.sum()} and {high.sum()}. Change the limits or the sample size."
        )
    fitted = _fit(wanted, low, high, n)
    rounded = np.floor(fitted + ROUNDING_SLACK).astype(np.int64)
    remainder = np.where(rounded < high, fitted - rounded, -np.inf)
    for stratum in np.argsort(-remainder, kind="stable")[: n - rounded.sum()]:
        rounded[stratum] += 1
    return rounded


def _fit(wanted: Vector, low: Counts, high: Counts, n: int) -> Vector:
    """Scale sizes by the one factor with which, cut at the limits, they add up to `n`."""
    has_room_only_without_share = np.where(wanted > 0, high, low).sum() < n
    least = ROUNDING_SLACK * wanted.max(
        initial=0.0
    )  # a share that vanishes beside the largest overflows its factor
    without_share = ROUNDING_SLACK if has_room_only_without_share else 0.0
    shares = np.where(wanted > 0, np.maximum(wanted, least), without_share)
    smallest, largest = 0.0, 2.0
    while np.clip(shares * largest, low, high).sum() < n:
        largest *= 2
    for _step in range(BISECTIONS):
        factor = (smallest + largest) / 2
        is_short = np.clip(shares * factor, low, high).sum() < n
        smallest, largest = (factor, largest) if is_short else (smallest, factor)
    fitted: Vector = np.clip(shares * largest, low, high)
    return fitted


def _divide(shares: Vector, n: float) -> Vector:
    """Divide `n` in proportion to shares."""
    if n < 0:
        raise AllocationError(f"Expected a sample size of 0 or more, got {n}.")
    total = shares.sum()
    if not total > 0:
        raise AllocationError("Expected at least one stratum with a size and a spread above 0, got none.")
    sizes: Vector = n * shares / total
    return sizes


def _positive(values: ArrayLike, name: str) -> Vector:
    """Return values as a vector, or say which one cannot be."""
    checked = np.asarray(values, dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(checked) | (checked < 0))
    if wrong.size:
        raise AllocationError(
            f"Expected a {name} of 0 or more in every stratum, got {checked.flat[wrong[0]]} in stratum"
            f" {wrong[0] + 1}."
        )
    return checked

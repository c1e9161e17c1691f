"""Systematic selection: equal steps through a list with a random start."""

from collections.abc import Iterable
from dataclasses import replace

from sampling.design.schemes.units import Unit, checked_units, equal_sizes
from sampling.design.seeds import random_order
from sampling.design.selection import Selected, pps_systematic


def systematic(units: Iterable[Unit], n: int, seed: str, *labels: str) -> list[Selected]:
    """Select every (N / n)th unit of a list, each with the same probability.

    Parameters
    ----------
    units : iterable of Unit
        In the order of the list; sort it first, for example with `serpentine_order`.
    n : int
        Units wanted; all are taken if there are not more.
    seed : str
        The seed of the draw.
    *labels : str
        What the selection is for.

    Returns
    -------
    list of Selected
        Exactly `n` units with probability n / N, in the order of the list.

    Raises
    ------
    SelectionError
        If the units or `n` cannot be.

    Notes
    -----
    The interval N / n need not be whole. In units of 1/n, unit k covers the integers from n·k to n·k + n - 1
    and the points r, r + N, r + 2N … are selected, with r a uniform integer below N [1]_.

    References
    ----------
    .. [1] Madow, W. G., Madow, L. H. (1944). On the theory of systematic sampling. Annals of Mathematical
       Statistics 15.

    Examples
    --------
    >>> units = [Unit(letter) for letter in "abcde"]
    >>> [str(one.probability) for one in systematic(units, 2, "2026")]
    ['2/5', '2/5']
    """
    return systematic_by_size(equal_sizes(units), n, seed, *labels)


def systematic_by_size(units: Iterable[Unit], n: int, seed: str, *labels: str) -> list[Selected]:
    """Select systematically with probability proportional to size, from the list as it stands.

    Parameters
    ----------
    units, n, seed, *labels
        As for `systematic`.

    Returns
    -------
    list of Selected
        As from `sampling.design.selection.pps_systematic`, in the order of the list.

    Raises
    ------
    SelectionError
        If the units or `n` cannot be.

    Examples
    --------
    >>> units = [Unit("a", 30), Unit("b", 30), Unit("c", 30), Unit("d", 10)]
    >>> len(systematic_by_size(units, 2, "2026"))
    2
    """
    sizes = [unit.size for unit in checked_units(units, n)]
    return pps_systematic(sizes, n, seed, *labels)


def systematic_in_random_order(units: Iterable[Unit], n: int, seed: str, *labels: str) -> list[Selected]:
    """Put the units into random order, then select systematically with probability proportional to size.

    Parameters
    ----------
    units : iterable of Unit
        In any order.
    n, seed, *labels
        As for `systematic`.

    Returns
    -------
    list of Selected
        Exactly `n` units, in the order given.

    Raises
    ------
    SelectionError
        If the units or `n` cannot be.

    Notes
    -----
    A fresh order makes nearly every pair of units possible, which a fixed order does not. The joint
    probabilities are known approximately [1]_.

    References
    ----------
    .. [1] Hartley, H. O., Rao, J. N. K. (1962). Sampling with unequal probabilities and without replacement.
       Annals of Mathematical Statistics 33.

    Examples
    --------
    >>> units = [Unit("a", 30), Unit("b", 30), Unit("c", 30), Unit("d", 10)]
    >>> [one.index for one in systematic_in_random_order(units, 4, "2026")]
    [0, 1, 2, 3]
    """
    listed = checked_units(units, n)
    place = {unit.id: index for index, unit in enumerate(listed)}
    order = random_order(place, seed, *labels, "order")
    selected = systematic_by_size([listed[place[unit]] for unit in order], n, seed, *labels, "start")
    back = [replace(one, index=place[order[one.index]]) for one in selected]
    return sorted(back, key=lambda one: one.index)

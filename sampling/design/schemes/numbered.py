"""Methods that look at one random number per unit, so that fixed numbers coordinate samples.

Each rule takes units that are not certain, how many are wanted, and one number from 0 to 2**256 - 1 for each
unit; it returns the places of the drawn units. Numbers from a seed make a sample of its own, permanent
numbers one that avoids or meets earlier samples.
"""

from collections.abc import Callable, Iterable, Sequence
from heapq import nsmallest

from sampling.design.schemes.units import Unit, checked_units, equal_sizes, select_beside_certain
from sampling.design.seeds import NUMBER_BITS, uniform_numbers
from sampling.design.selection import Selected

type NumberRule = Callable[[Sequence[Unit], int, Sequence[int]], list[int]]

SPACE = 1 << NUMBER_BITS
RANK_BITS = 128
"""Binary places to which ranking values are computed; units that agree in all of them are ordered by id."""


def draw_independently(units: Sequence[Unit], n: int, numbers: Sequence[int]) -> list[int]:
    """Draw each unit on its own: u < π, with an expected sample size of `n`.

    Parameters
    ----------
    units : sequence of Unit
        Units that are not certain.
    n : int
        Expected number of units.
    numbers : sequence of int
        A number from 0 to 2**256 - 1 for each unit; u is the number divided by 2**256.

    Returns
    -------
    list of int
        Places of the drawn units.

    Examples
    --------
    >>> draw_independently([Unit("a"), Unit("b")], 1, [0, 2**256 - 1])
    [0]
    """
    total = sum(unit.size for unit in units)
    return [
        place
        for place, (unit, number) in enumerate(zip(units, numbers, strict=True))
        if number * total < n * unit.size << NUMBER_BITS
    ]


def draw_smallest(units: Sequence[Unit], n: int, numbers: Sequence[int]) -> list[int]:
    """Draw the units with the `n` smallest values of u / π: simple random if all sizes are equal.

    Parameters
    ----------
    units, n, numbers
        As for `draw_independently`, but exactly `n` units are drawn.

    Returns
    -------
    list of int
        Places of the drawn units.

    Examples
    --------
    >>> draw_smallest([Unit("a", 1), Unit("b", 4)], 1, [10, 30])
    [1]
    """
    values = [(number << RANK_BITS) // unit.size for unit, number in zip(units, numbers, strict=True)]
    return _first(units, n, values)


def draw_smallest_odds(units: Sequence[Unit], n: int, numbers: Sequence[int]) -> list[int]:
    """Draw the units with the `n` smallest ratios of the odds of u to the odds of π.

    Parameters
    ----------
    units, n, numbers
        As for `draw_smallest`; n times the size of a unit is below the total size.

    Returns
    -------
    list of int
        Places of the drawn units.

    Examples
    --------
    >>> draw_smallest_odds([Unit("a", 5), Unit("b", 4)], 1, [2**255, 2**255 - 2**250])
    [0]
    """
    total = sum(unit.size for unit in units)
    values = [
        (number * (total - n * unit.size) << RANK_BITS) // ((SPACE - number) * unit.size)
        for unit, number in zip(units, numbers, strict=True)
    ]
    return _first(units, n, values)


def _first(units: Sequence[Unit], n: int, values: Sequence[int]) -> list[int]:
    """Return the places of the `n` smallest values, ties by id."""
    return nsmallest(n, range(len(units)), key=lambda place: (values[place], units[place].id))


def simple(units: Iterable[Unit], n: int, seed: str, *labels: str) -> list[Selected]:
    """Select `n` units at random without replacement, all with the same probability.

    Parameters
    ----------
    units : iterable of Unit
        In any order; sizes are not looked at.
    n : int
        Units wanted; all are taken if there are not more.
    seed : str
        The seed of the draw.
    *labels : str
        What the selection is for.

    Returns
    -------
    list of Selected
        In the order given; the same units as `sampling.design.selection.simple_random` takes.

    Raises
    ------
    SelectionError
        If the units or `n` cannot be.

    Examples
    --------
    >>> [str(one.probability) for one in simple([Unit("a"), Unit("b"), Unit("c")], 1, "2026")]
    ['1/3']
    """
    return select_by_seed(draw_smallest, equal_sizes(units), n, seed, *labels)


def bernoulli(units: Iterable[Unit], n: int, seed: str, *labels: str) -> list[Selected]:
    """Select each unit on its own with probability n / N; the sample size is random with mean `n`.

    Parameters
    ----------
    units, n, seed, *labels
        As for `simple`, with `n` the expected sample size.

    Returns
    -------
    list of Selected
        In the order given.

    Raises
    ------
    SelectionError
        If the units or `n` cannot be.

    Examples
    --------
    >>> units = [Unit(str(number)) for number in range(1_000)]
    >>> 400 < len(bernoulli(units, 500, "2026")) < 600
    True
    """
    return select_by_seed(draw_independently, equal_sizes(units), n, seed, *labels)


def poisson(units: Iterable[Unit], n: int, seed: str, *labels: str) -> list[Selected]:
    """Select each unit on its own with probability proportional to size [1]_.

    Parameters
    ----------
    units, n, seed, *labels
        As for `simple`, with `n` the expected sample size and sizes that count.

    Returns
    -------
    list of Selected
        In the order given; units that are certain are always there.

    Raises
    ------
    SelectionError
        If the units or `n` cannot be.

    References
    ----------
    .. [1] Hájek, J. (1964). Asymptotic theory of rejective sampling with varying probabilities from a finite
       population. Annals of Mathematical Statistics 35.

    Examples
    --------
    >>> poisson([Unit("a", 90), Unit("b", 5), Unit("c", 5)], 2, "2026")[0].is_certainty
    True
    """
    return select_by_seed(draw_independently, units, n, seed, *labels)


def sequential_poisson(units: Iterable[Unit], n: int, seed: str, *labels: str) -> list[Selected]:
    """Select the `n` units with the smallest u / π: nearly proportional to size [1]_.

    Parameters
    ----------
    units, n, seed, *labels
        As for `simple`, with sizes that count.

    Returns
    -------
    list of Selected
        Exactly `n` units in the order given; probabilities of units that are not certain are approximate.

    Raises
    ------
    SelectionError
        If the units or `n` cannot be.

    References
    ----------
    .. [1] Ohlsson, E. (1998). Sequential Poisson sampling. Journal of Official Statistics 14.

    Examples
    --------
    >>> units = [Unit("a", 30), Unit("b", 30), Unit("c", 30), Unit("d", 10)]
    >>> [one.is_approximate for one in sequential_poisson(units, 2, "2026")]
    [True, True]
    """
    return select_by_seed(draw_smallest, units, n, seed, *labels, is_approximate=True)


def pareto(units: Iterable[Unit], n: int, seed: str, *labels: str) -> list[Selected]:
    """Select the `n` units with the smallest u (1 - π) / ((1 - u) π): very nearly proportional to size.

    Parameters
    ----------
    units, n, seed, *labels
        As for `simple`, with sizes that count.

    Returns
    -------
    list of Selected
        Exactly `n` units in the order given; probabilities of units that are not certain are approximate.

    Raises
    ------
    SelectionError
        If the units or `n` cannot be.

    Notes
    -----
    Of all order sampling designs this one has the smallest variance in large samples [1]_. How far the true
    probabilities are from π says `sampling.design.schemes.order_probabilities`.

    References
    ----------
    .. [1] Rosén, B. (1997). On sampling with probability proportional to size. Journal of Statistical
       Planning and Inference 62.

    Examples
    --------
    >>> units = [Unit("a", 30), Unit("b", 30), Unit("c", 30), Unit("d", 10)]
    >>> len(pareto(units, 2, "2026"))
    2
    """
    return select_by_seed(draw_smallest_odds, units, n, seed, *labels, is_approximate=True)


def select_by_seed(
    rule: NumberRule, units: Iterable[Unit], n: int, seed: str, *labels: str, is_approximate: bool = False
) -> list[Selected]:
    """Apply a rule with fresh numbers, one for each id.

    Parameters
    ----------
    rule : NumberRule
        What draws from units and numbers.
    units : iterable of Unit
        In any order.
    n : int
        Units wanted.
    seed : str
        The seed of the draw.
    *labels : str
        What the selection is for.
    is_approximate : bool, optional
        Whether the probabilities are met only nearly.

    Returns
    -------
    list of Selected
        In the order given.

    Raises
    ------
    SelectionError
        If the units or `n` cannot be.

    Examples
    --------
    >>> len(select_by_seed(draw_smallest, [Unit("a"), Unit("b")], 1, "2026"))
    1
    """

    def draw(rest: Sequence[Unit], wanted: int) -> list[int]:
        return rule(rest, wanted, uniform_numbers((unit.id for unit in rest), seed, *labels))

    return select_beside_certain(checked_units(units, n), n, draw, is_approximate=is_approximate)

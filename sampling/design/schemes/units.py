"""What every method of selection has in common: units, target probabilities, units that are certain."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from sampling.design.selection import Selected, SelectionError, split_certainty_units


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit to select from: its id, its size, and the variables a balanced sample should get right."""

    id: str
    size: int = 1
    balance: tuple[int, ...] = ()


type Draw = Callable[[Sequence[Unit], int], Iterable[int]]
"""Draws some of units that are not certain: units in, wanted number in, places of the drawn ones out."""


def checked_units(units: Iterable[Unit], n: int) -> list[Unit]:
    """Return the units as a list, or say which one cannot be.

    Parameters
    ----------
    units : iterable of Unit
        Each id once, sizes positive whole numbers, as many balancing variables everywhere.
    n : int
        Units wanted, 0 or more.

    Returns
    -------
    list of Unit
        In the order given.

    Raises
    ------
    SelectionError
        If one of these does not hold.

    Examples
    --------
    >>> len(checked_units([Unit("a", 3), Unit("b", 2)], 1))
    2
    """
    listed = list(units)
    if n < 0:
        raise SelectionError(f"Expected a sample size of 0 or more, got {n}.")
    twice = [unit for unit, count in Counter(unit.id for unit in listed).items() if count > 1]
    if twice:
        raise SelectionError(
            f"Expected every id once, got {twice[0]!r} again. Make the ids of the frame unique."
        )
    for unit in listed:
        if not isinstance(unit.size, int) or unit.size <= 0:
            raise SelectionError(
                f"Expected a positive whole size, got {unit.size!r} for unit {unit.id!r}."
                " Correct it or leave the unit out of the frame."
            )
        if len(unit.balance) != len(listed[0].balance):
            raise SelectionError(
                f"Expected {len(listed[0].balance)} balancing variables, as the first unit has,"
                f" got {len(unit.balance)} for unit {unit.id!r}."
            )
    return listed


def equal_sizes(units: Iterable[Unit]) -> list[Unit]:
    """Return the units with size 1, for methods that do not look at the size.

    Parameters
    ----------
    units : iterable of Unit
        Units of any size.

    Returns
    -------
    list of Unit
        In the order given.

    Examples
    --------
    >>> equal_sizes([Unit("a", 30)])
    [Unit(id='a', size=1, balance=())]
    """
    return [replace(unit, size=1) for unit in units]


def target_probabilities(sizes: Sequence[int], n: int) -> list[Fraction]:
    """Return the inclusion probabilities proportional to size that samples of `n` units should have.

    Parameters
    ----------
    sizes : sequence of int
        Measure of size of each unit, positive.
    n : int
        Units wanted.

    Returns
    -------
    list of Fraction
        1 for units that are certain, (n - certain units) · size / total of the others for the others. They
        add up to `n`, or to the number of units if that is less.

    Examples
    --------
    >>> [str(p) for p in target_probabilities([100, 6, 5, 4], 2)]
    ['1', '2/5', '1/3', '4/15']
    """
    certain, rest = split_certainty_units(sizes, n)
    wanted, total = n - len(certain), sum(sizes[index] for index in rest)
    targets = [Fraction(1)] * len(sizes)
    for index in rest:
        targets[index] = Fraction(wanted * sizes[index], total)
    return targets


def select_beside_certain(
    units: Sequence[Unit], n: int, draw: Draw, *, is_approximate: bool = False
) -> list[Selected]:
    """Take the certain units, and let a method draw from the others.

    Parameters
    ----------
    units : sequence of Unit
        Checked units.
    n : int
        Units wanted.
    draw : Draw
        Gets the units that are not certain, sorted by id so that the order of the list cannot matter, and
        how many are still wanted.
    is_approximate : bool, optional
        Whether the method meets the target probabilities of the others only nearly.

    Returns
    -------
    list of Selected
        In the order of the list.

    Examples
    --------
    >>> units = [Unit("c", 90), Unit("b", 5), Unit("a", 5)]
    >>> [one.index for one in select_beside_certain(units, 2, lambda rest, wanted: [0])]
    [0, 2]
    """
    sizes = [unit.size for unit in units]
    certain, rest = split_certainty_units(sizes, n)
    wanted, total = n - len(certain), sum(sizes[index] for index in rest)
    selected = [Selected(index, Fraction(1), is_certainty=True) for index in certain]
    if wanted > 0 and rest:
        rest.sort(key=lambda index: units[index].id)
        drawn = (rest[place] for place in draw([units[index] for index in rest], wanted))
        selected += [
            Selected(
                index,
                Fraction(wanted * sizes[index], total),
                is_certainty=False,
                is_approximate=is_approximate,
            )
            for index in drawn
        ]
    return sorted(selected, key=lambda one: one.index)

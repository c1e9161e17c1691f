"""Which random numbers can be drawn, so that a query hands over few units and leaves out the others.

For every size of a stratum there is one bound: a unit is a candidate if its number lies below it. Bounds are
whole numbers and follow from one cut through the ranking values, so candidates are exactly the units with
values below the cut, and while there are as many as wanted, the first of them are the first of all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from sampling.design.list_design import Selection
from sampling.design.schemes.numbered import RANK_BITS
from sampling.design.seeds import NUMBER_BITS

SPACE = 1 << NUMBER_BITS
DIGITS = NUMBER_BITS // 4
NOTHING, EVERYTHING = 0, SPACE
TOP = "g"
"""Text above every hexadecimal number."""

SLACK_DEVIATIONS, SLACK_UNITS = 6, 10
CUT_BITS = 96
"""Binary places to which a cut is chosen; it need not be exact."""

HALVINGS = 100


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of a stratum: how many units have each, and which are certain.

    Parameters
    ----------
    counts : mapping of int to int
        Units by size, without those that are certain.
    wanted : int
        Units wanted besides the certain ones.
    certain : mapping of int to int
        Certain units by size.
    """

    counts: Mapping[int, int]
    wanted: int
    certain: Mapping[int, int]

    @classmethod
    def of(cls, counts: Mapping[int, int], n: int) -> "Sizes":
        """Take the certain units out, as :func:`sampling.design.selection.split_certainty_units` does.

        Parameters
        ----------
        counts : mapping of int to int
            Units by size, all sizes above 0.
        n : int
            Units wanted.

        Returns
        -------
        Sizes
            Without the certain units.

        Examples
        --------
        >>> Sizes.of({100: 1, 6: 1, 5: 1, 4: 1}, 2)
        Sizes(counts={6: 1, 5: 1, 4: 1}, wanted=1, certain={100: 1})
        """
        rest: dict[int, int] = dict(counts)
        certain: dict[int, int] = {}
        while True:
            wanted, total = n - sum(certain.values()), sum(size * count for size, count in rest.items())
            found = [size for size in rest if wanted > 0 and wanted * size >= total]
            if not found:
                return cls(rest, wanted, certain)
            certain |= {size: rest.pop(size) for size in found}

    @property
    def total(self) -> int:
        """Total size of the units that are not certain."""
        return sum(size * count for size, count in self.counts.items())

    @property
    def n_open(self) -> int:
        """Number of the units that are not certain."""
        return sum(self.counts.values())

    @property
    def n_certain(self) -> int:
        """Number of the certain units."""
        return sum(self.certain.values())

    def probability(self, size: int, n_reserve: int = 0) -> Fraction:
        """Return the inclusion probability of a unit of the stratum.

        Parameters
        ----------
        size : int
            Its size.
        n_reserve : int, optional
            Units of a reserve, in a simple random sample.

        Returns
        -------
        Fraction
            The target, where the method meets it only nearly.

        Examples
        --------
        >>> str(Sizes.of({1: 10}, 2).probability(1)), str(Sizes.of({1: 10}, 2).probability(1, 3))
        ('1/5', '1/2')
        """
        if size in self.certain:
            return Fraction(1)
        return min(Fraction((self.wanted + n_reserve) * size, self.total), Fraction(1))


type Value = Callable[[int, int, Sizes], int]
"""Ranking value of a unit, from its number, its size and the sizes of its stratum."""

type Bound = Callable[[int, int, Sizes], int]
"""Number from which on ranking values are not below a cut, from the cut, the size and the sizes."""

type Chance = Callable[[float, int, Sizes], float]
"""Chance that a unit of a size is a candidate, if a cut is made at x times where n units are expected."""


def value_by_size(number: int, size: int, _sizes: Sizes) -> int:
    """Return u / size, as :func:`sampling.design.schemes.numbered.draw_smallest` ranks it.

    Parameters
    ----------
    number : int
        From 0 to 2**256 - 1.
    size : int
        Size of the unit.
    _sizes : Sizes
        Not looked at.

    Returns
    -------
    int
        To 128 binary places.

    Examples
    --------
    >>> value_by_size(6, 2, Sizes.of({2: 3}, 1)) == 3 << 128
    True
    """
    return (number << RANK_BITS) // size


def value_by_odds(number: int, size: int, sizes: Sizes) -> int:
    """Return the odds of u to those of π, as Pareto sampling ranks units.

    Parameters
    ----------
    number : int
        From 0 to 2**256 - 1.
    size : int
        Size of the unit.
    sizes : Sizes
        Of its stratum.

    Returns
    -------
    int
        To 128 binary places.

    Examples
    --------
    >>> value_by_odds(0, 2, Sizes.of({2: 3}, 1))
    0
    """
    return (number * (sizes.total - sizes.wanted * size) << RANK_BITS) // ((SPACE - number) * size)


def _bound_by_size(cut: int, size: int, _sizes: Sizes) -> int:
    return -(-cut * size >> RANK_BITS)


def _bound_by_odds(cut: int, size: int, sizes: Sizes) -> int:
    share = cut * size
    return -(-share * SPACE // ((sizes.total - sizes.wanted * size << RANK_BITS) + share))


def _chance_by_size(x: float, size: int, sizes: Sizes) -> float:
    return min(x * sizes.wanted * size / sizes.total, 1.0)


def _chance_by_odds(x: float, size: int, sizes: Sizes) -> float:
    odds = x * sizes.wanted * size / (sizes.total - sizes.wanted * size)
    return odds / (1 + odds)


def _cut_by_size(x: Fraction, sizes: Sizes) -> int:
    return int(x * sizes.wanted * (SPACE << RANK_BITS) / sizes.total)


def _cut_by_odds(x: Fraction, sizes: Sizes) -> int:
    return int(x * sizes.wanted * (1 << RANK_BITS))


@dataclass(frozen=True, slots=True)
class Ranking:
    """How a method ranks units, and where a cut leaves few of them."""

    value: Value
    bound: Bound
    chance: Chance
    cut: Callable[[Fraction, Sizes], int]


BY_SIZE = Ranking(value_by_size, _bound_by_size, _chance_by_size, _cut_by_size)
BY_ODDS = Ranking(value_by_odds, _bound_by_odds, _chance_by_odds, _cut_by_odds)
RANKINGS: Mapping[Selection, Ranking] = {
    Selection.SIMPLE_RANDOM: BY_SIZE,
    Selection.SEQUENTIAL_POISSON: BY_SIZE,
    Selection.PARETO: BY_ODDS,
}
"""Methods that take the smallest values; the others with a number per unit decide for each unit alone."""


def bounds(selection: Selection, sizes: Sizes, n_all: int, *, is_cut: bool = True) -> dict[int, int]:
    """Return below which number a unit of each size is a candidate.

    Parameters
    ----------
    selection : Selection
        A method with one number per unit.
    sizes : Sizes
        Of the stratum.
    n_all : int
        Units to take besides the certain ones, a reserve included.
    is_cut : bool, optional
        False to make every unit a candidate; of no meaning for methods that decide for each unit alone.

    Returns
    -------
    dict of int to int
        From 0 (none) to 2**256 (all), by size; certain units are not in it.

    Notes
    -----
    Poisson and Bernoulli samples: u T < n·size exactly if the number is below ⌈n·size·2²⁵⁶ / T⌉; the
    candidates are the sample. The others: the cut leaves six standard deviations and ten units more than
    wanted on average.

    Examples
    --------
    >>> bounds(Selection.BERNOULLI, Sizes.of({1: 4}, 2), 2) == {1: 1 << 255}
    True
    """
    if sizes.wanted <= 0:
        return dict.fromkeys(sizes.counts, NOTHING)
    if selection not in RANKINGS:
        return {size: -(-sizes.wanted * size * SPACE // sizes.total) for size in sizes.counts}
    if not is_cut or n_all + _slack(n_all) >= sizes.n_open:
        return dict.fromkeys(sizes.counts, EVERYTHING)
    ranking = RANKINGS[selection]
    cut = ranking.cut(_stretch(ranking, sizes, n_all + _slack(n_all)), sizes)
    return {size: min(ranking.bound(cut, size, sizes), SPACE) for size in sizes.counts}


def _slack(n_all: int) -> int:
    return SLACK_DEVIATIONS * (isqrt(n_all) + 1) + SLACK_UNITS


def _stretch(ranking: Ranking, sizes: Sizes, n_expected: int) -> Fraction:
    """Return the x at which about so many candidates are expected, by halving an interval."""
    low, high = 0.0, 1.0
    while _expected(ranking, sizes, high) < n_expected:
        high *= 2
    for _step in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if _expected(ranking, sizes, middle) >= n_expected else (middle, high)
    return Fraction(int(high * (1 << CUT_BITS)), 1 << CUT_BITS)


def _expected(ranking: Ranking, sizes: Sizes, x: float) -> float:
    return sum(count * ranking.chance(x, size, sizes) for size, count in sizes.counts.items())


def arc(start: Fraction, length: int) -> tuple[str, str, int]:
    """Return which hexadecimal numbers lie less than a length after a starting point.

    Parameters
    ----------
    start : Fraction
        Part of the circle, from 0 to below 1.
    length : int
        From 0 to 2**256.

    Returns
    -------
    low, high : str
        The numbers from `low` to below `high`, if `wraps` is 0; those from `low` on and those below `high`,
        if it is 1.
    wraps : int
        Whether the arc goes round at the end of the circle.

    Examples
    --------
    >>> [part[:2] for part in arc(Fraction(1, 2), 1 << 254)[:2]], arc(Fraction(0), 1 << 256)[1]
    (['80', 'c0'], 'g')
    """
    if length >= SPACE:
        return "", TOP, 0
    begin = start.numerator * SPACE // start.denominator
    end = begin + length
    if end == SPACE:
        return _hex(begin), TOP, 0
    return _hex(begin), _hex(end % SPACE), int(end > SPACE)


def _hex(number: int) -> str:
    return f"{number:0{DIGITS}x}"

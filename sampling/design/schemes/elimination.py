"""Tillé's elimination: units leave the frame one by one until the sample is left."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from sampling.design.schemes.units import Unit, checked_units, select_beside_certain
from sampling.design.seeds import uniform_below
from sampling.design.selection import Selected


@dataclass(frozen=True, slots=True)
class _Step:
    """Samples of one size: how many of the largest units are certain, and what is wanted of which total."""

    certain: int
    wanted: int
    total: int


def tille(units: Iterable[Unit], n: int, seed: str, *labels: str) -> list[Selected]:
    """Select exactly `n` units with probability exactly proportional to size, by eliminating the others.

    Parameters
    ----------
    units : iterable of Unit
        In any order.
    n : int
        Units wanted; all are taken if there are not more.
    seed : str
        The seed of the draw.
    *labels : str
        What the selection is for.

    Returns
    -------
    list of Selected
        In the order given.

    Raises
    ------
    SelectionError
        If the units or `n` cannot be.

    Notes
    -----
    With π(i) the probabilities of samples of i units, certain units set to 1, unit k is eliminated in the
    step from i + 1 to i units with probability 1 - π_k(i) / π_k(i+1) [1]_. These are whole multiples of
    1 / (T(i) c(i+1)), where T(i) is the total size and c(i) the wanted number of units without the certain
    ones, so a uniform integer decides every step exactly.

    References
    ----------
    .. [1] Tillé, Y. (1996). An elimination procedure for unequal probability sampling without replacement.
       Biometrika 83.

    Examples
    --------
    >>> units = [Unit("a", 30), Unit("b", 30), Unit("c", 30), Unit("d", 10)]
    >>> len(tille(units, 2, "2026"))
    2
    """

    def draw(rest: Sequence[Unit], wanted: int) -> list[int]:
        return _eliminate(rest, wanted, seed, labels)

    return select_beside_certain(checked_units(units, n), n, draw)


def _eliminate(units: Sequence[Unit], n: int, seed: str, labels: tuple[str, ...]) -> list[int]:
    """Return the places of the units that are left; `exposed` are those that were not certain before."""
    order = sorted(range(len(units)), key=lambda place: (-units[place].size, units[place].id))
    sizes = [units[place].size for place in order]
    exposed: list[int] = []
    before = _Step(certain=len(sizes), wanted=0, total=0)
    for step in _steps(sizes, n):
        scale = max(before.wanted, 1)
        weight = before.wanted * step.total - step.wanted * before.total
        fresh = list(range(step.certain, before.certain))
        point = uniform_below(step.total * scale, seed, *labels, str(step.certain + step.wanted))
        if point < weight * len(exposed):
            exposed.pop(point // weight)
        else:
            ends = accumulate(scale * (step.total - step.wanted * sizes[place]) for place in fresh)
            fresh.pop(bisect_right(list(ends), point - weight * len(exposed)))
        exposed += fresh
        before = step
    return [order[place] for place in (*range(before.certain), *exposed)]


def _steps(sizes: Sequence[int], n: int) -> Iterator[_Step]:
    """Yield the steps to samples of N - 1, N - 2 … n units; sizes fall."""
    all_sizes = sum(sizes)
    totals = [all_sizes - end for end in accumulate(sizes, initial=0)]
    certain = len(sizes)
    for n_left in range(len(sizes) - 1, n - 1, -1):
        while certain and (n_left - certain + 1) * sizes[certain - 1] < totals[certain - 1]:
            certain -= 1
        yield _Step(certain, n_left - certain, totals[certain])

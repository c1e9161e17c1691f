"""Selecting units: systematic with probability proportional to size, and simple random."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from sampling.design.refusals import RefusalError
from sampling.design.seeds import random_order, uniform_below


class SelectionError(RefusalError):
    """Raised when units cannot be selected as asked."""


@dataclass(frozen=True, slots=True)
class Selected:
    """One selected unit: its place in the list, its probability, and whether it was certain.

    The probability is exact unless `is_approximate`: then it is the target, which the method meets closely.
    """

    index: int
    probability: Fraction
    is_certainty: bool
    is_approximate: bool = False


def split_certainty_units(sizes: Sequence[int], n: int) -> tuple[list[int], list[int]]:
    """Separate the units that must be in every sample of `n` from the others.

    Parameters
    ----------
    sizes : sequence of int
        Measure of size of each unit, positive.
    n : int
        Units wanted.

    Returns
    -------
    certain, rest : list of int
        Indices in the order of the list.

    Notes
    -----
    A unit is certain if n × size ≥ total. Taking it out lowers both n and the total, so the rule is applied
    to what is left until nobody qualifies [1]_.

    References
    ----------
    .. [1] Särndal, Swensson, Wretman (1992). Model Assisted Survey Sampling, section 3.6.1.

    Examples
    --------
    >>> split_certainty_units([100, 6, 5, 4], 2)
    ([0], [1, 2, 3])
    """
    rest = list(range(len(sizes)))
    certain: list[int] = []
    while True:
        wanted = n - len(certain)
        total = sum(sizes[index] for index in rest)
        found = [index for index in rest if wanted * sizes[index] >= total] if wanted > 0 else []
        if not found:
            return sorted(certain), rest
        certain += found
        rest = sorted(set(rest).difference(found))


def pps_systematic(sizes: Sequence[int], n: int, seed: str, *labels: str) -> list[Selected]:
    """Select `n` units systematically with probability proportional to size.

    Parameters
    ----------
    sizes : sequence of int
        Measure of size of each unit, positive, in the order of the sorted frame.
    n : int
        Units wanted; all units are selected with certainty if there are not more than `n`.
    seed : str
        The seed of the draw.
    *labels : str
        What the selection is for.

    Returns
    -------
    list of Selected
        In the order of the list; the probabilities of the whole list add up to `n`.

    Raises
    ------
    SelectionError
        If a size is not a positive integer or `n` is negative.

    Notes
    -----
    After the certainty units are taken out, unit k covers the integers from n·C(k-1) to n·C(k) - 1, where C
    is the cumulated size [1]_. The points r, r + T, r + 2T … are selected, where T is the total size and r a
    uniform integer below T. Exactly n·size(k) of the T possible starts hit unit k, so its probability is
    n·size(k) / T without any rounding.

    References
    ----------
    .. [1] Madow, W. G. (1949). On the theory of systematic sampling, II. Annals of Mathematical
       Statistics 20.

    Examples
    --------
    >>> [str(unit.probability) for unit in pps_systematic([30, 30, 30, 10], 2, "2026")]
    ['3/5', '3/5']
    """
    return select_systematic(sizes, n, random_start(sizes, n, seed, *labels))


def random_start(sizes: Sequence[int], n: int, seed: str, *labels: str) -> int | None:
    """Return the random start of a systematic selection, or None if every unit is certain.

    Parameters
    ----------
    sizes, n, seed, *labels
        As for `pps_systematic`.

    Returns
    -------
    int or None
        A uniform integer below the total size of the units that are not certain.

    Raises
    ------
    SelectionError
        If a size is not a positive integer or `n` is negative.

    Examples
    --------
    >>> random_start([30, 30, 30, 10], 2, "2026") < 100, random_start([30, 30], 2, "2026")
    (True, None)
    """
    _check(sizes, n)
    certain, rest = split_certainty_units(sizes, n)
    if not rest or n == len(certain):
        return None
    return uniform_below(sum(sizes[index] for index in rest), seed, *labels)


def select_systematic(sizes: Sequence[int], n: int, start: int | None) -> list[Selected]:
    """Select from a sorted list with a random start that is already known: what an auditor replays.

    Parameters
    ----------
    sizes : sequence of int
        Measure of size of each unit, positive, in the order of the sorted frame.
    n : int
        Units wanted.
    start : int or None
        The random start, below the total size of the units that are not certain; None if all are certain.

    Returns
    -------
    list of Selected
        As from `pps_systematic`.

    Raises
    ------
    SelectionError
        If a size, `n` or the start cannot be.

    Examples
    --------
    >>> [unit.index for unit in select_systematic([30, 30, 30, 10], 2, 5)]
    [0, 1]
    """
    _check(sizes, n)
    certain, rest = split_certainty_units(sizes, n)
    selected = [Selected(index, Fraction(1), is_certainty=True) for index in certain]
    if rest and n > len(certain):
        total = sum(sizes[index] for index in rest)
        if start is None or not 0 <= start < total:
            raise SelectionError(f"Expected a random start from 0 to {total - 1}, got {start}.")
        selected += _systematic(sizes, rest, n - len(certain), start)
    return sorted(selected, key=lambda unit: unit.index)


def _check(sizes: Sequence[int], n: int) -> None:
    """Refuse sizes and sample sizes that no frame may have."""
    if n < 0:
        raise SelectionError(f"Expected a sample size of 0 or more, got {n}.")
    for index, size in enumerate(sizes):
        if not isinstance(size, int) or size <= 0:
            raise SelectionError(f"Expected a positive integer size at place {index + 1}, got {size!r}.")


def _systematic(sizes: Sequence[int], rest: Sequence[int], n: int, start: int) -> list[Selected]:
    """Select by equidistant points on the cumulated sizes."""
    ends = [n * end for end in accumulate(sizes[index] for index in rest)]
    total = ends[-1] // n
    places = (bisect_right(ends, start + step * total) for step in range(n))
    return [
        Selected(rest[place], Fraction(n * sizes[rest[place]], total), is_certainty=False) for place in places
    ]


@dataclass(frozen=True, slots=True)
class SimpleRandomSample:
    """Ids in random order: of the sample, of the reserve, of the rest; and the probability of the sample."""

    main: tuple[str, ...]
    reserve: tuple[str, ...]
    probability: Fraction
    rest: tuple[str, ...] = ()


def simple_random(
    ids: Sequence[str], n: int, seed: str, *labels: str, n_reserve: int = 0
) -> SimpleRandomSample:
    """Select `n` ids without replacement, and a reserve that continues the same random order.

    Parameters
    ----------
    ids : sequence of str
        Identifiers, each once.
    n : int
        Ids wanted; all are taken if there are not more.
    seed : str
        The seed of the draw.
    *labels : str
        What the selection is for.
    n_reserve : int, optional
        Ids put aside for later.

    Returns
    -------
    SimpleRandomSample
        Main list, reserve list, the inclusion probability n / N of the main list, and the ids not taken.

    Raises
    ------
    SelectionError
        If the list is empty, an id occurs twice, or a sample size is negative.

    Notes
    -----
    The first n ids of a random order are a simple random sample, and so are the first n + k: releasing
    reserves in order keeps the sample simple random.

    Examples
    --------
    >>> sample = simple_random(["01", "02", "03", "04"], 1, "2026", n_reserve=1)
    >>> len(sample.main), len(sample.reserve), str(sample.probability)
    (1, 1, '1/4')
    """
    if min(n, n_reserve) < 0:
        raise SelectionError(f"Expected sample sizes of 0 or more, got {n} and {n_reserve}.")
    if not ids:
        raise SelectionError("Expected at least one id to select from, got an empty list.")
    if len(set(ids)) < len(ids):
        twice = Counter(ids).most_common(1)[0][0]
        raise SelectionError(f"Expected every id once, got {twice!r} again.")
    order = random_order(ids, seed, *labels)
    return SimpleRandomSample(
        main=tuple(order[:n]),
        reserve=tuple(order[n : n + n_reserve]),
        probability=Fraction(min(n, len(order)), len(order)),
        rest=tuple(order[n + n_reserve :]),
    )

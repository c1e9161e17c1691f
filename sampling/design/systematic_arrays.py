"""Systematic selection from arrays of any length, read batch after batch in the order of the ids.

The same units as :func:`sampling.design.list_draws.draw_list` selects, at the speed of NumPy: memory holds
one batch, the selection points and a few numbers by stratum.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sampling.design.list_queries import start_of
from sampling.design.selection import SelectionError

type Integers = npt.NDArray[np.integer]
type Batch = tuple[Integers, Integers]
"""Stratum of each row as a number from 0, and its size."""

type Batches = Callable[[], Iterable[Batch]]
"""Starts reading from the beginning; called two or three times."""

EXACT_LIMIT = 1 << 53
"""Sums of whole numbers below it are exact in floating point."""


@dataclass(frozen=True, slots=True)
class Selected:
    """Selected rows of a batch: places, whether they are certain, and the probability n × size / T."""

    places: Integers
    is_certainty: npt.NDArray[np.bool_]
    numerator: Integers
    denominator: Integers


def select_from_batches(
    batches: Batches, names: Sequence[str], wanted: Sequence[int], seed: str
) -> Iterator[Selected]:
    """Select systematically with probability proportional to size; yield one answer for each batch.

    Parameters
    ----------
    batches : callable
        Returns the rows in the order of their ids, as pairs of arrays.
    names : sequence of str
        Keys of the strata, for the random starts.
    wanted : sequence of int
        Units to select by stratum.
    seed : str
        The seed of the draw.

    Yields
    ------
    Selected
        Places in the batch by stratum and order, with the exact probabilities.

    Raises
    ------
    SelectionError
        If a size is below 1, or sizes add up to 2**53 or more.

    Examples
    --------
    >>> strata, sizes = np.array([0, 0, 1, 0]), np.array([30, 30, 9, 40])
    >>> chosen = list(select_from_batches(lambda: [(strata, sizes)], ["01", "02"], [2, 1], "2026"))
    >>> chosen[0].places.tolist(), chosen[0].numerator.tolist(), chosen[0].denominator.tolist()
    ([0, 1, 2], [60, 60, 1], [100, 100, 1])
    """
    totals, largest = measure(batches(), len(names))
    n, limits = list(wanted), largest.tolist()
    concerned = [
        code for code, size in enumerate(limits) if wanted[code] > 0 and wanted[code] * size >= totals[code]
    ]
    for code, sizes in _largest_sizes(batches, {code: wanted[code] for code in concerned}).items():
        n[code], totals[code], limits[code] = _without_certain(sizes, n[code], totals[code])
    starts = [start_of(max(total, 1), seed, name) for total, name in zip(totals, names, strict=True)]
    passing = _Pass(n, totals, np.array(limits) if concerned else None, starts)
    for strata, sizes in batches():
        yield passing.take(strata, sizes)


def measure(batches: Iterable[Batch], n_strata: int) -> tuple[list[int], Integers]:
    """Return the total and the largest size of each stratum.

    Parameters
    ----------
    batches : iterable of (strata, sizes)
        The rows.
    n_strata : int
        Number of strata.

    Returns
    -------
    totals : list of int
        0 where there is no row.
    largest : array of int
        0 where there is no row.

    Raises
    ------
    SelectionError
        If a size is below 1, or sizes add up to 2**53 or more.
    """
    totals, largest = np.zeros(n_strata), np.zeros(n_strata, np.int64)
    for strata, sizes in batches:
        if len(sizes) and sizes.min() < 1:
            raise SelectionError(f"Expected sizes of 1 or more, got {sizes.min()}. Correct the frame.")
        totals += np.bincount(strata, sizes, n_strata)
        np.maximum.at(largest, strata, sizes)
    if totals.sum() >= EXACT_LIMIT:
        raise SelectionError(f"Expected sizes that add up to less than 2**53, got {totals.sum():g}.")
    return [int(total) for total in totals], largest


def _largest_sizes(batches: Batches, wanted: dict[int, int]) -> dict[int, Integers]:
    """Return the largest sizes of some strata, descending: as many as are wanted, and one more."""
    found: dict[int, Integers] = {code: np.zeros(0, np.int64) for code in wanted}
    for strata, sizes in batches() if wanted else ():
        for code, n in wanted.items():
            members = np.concatenate([found[code], sizes[strata == code]])
            found[code] = np.sort(members)[::-1][: n + 1]
    return found


def _without_certain(sizes: Integers, n: int, total: int) -> tuple[int, int, int]:
    """Take certainty units out, from the largest down; return n and T of the others, and the largest."""
    rest = [int(size) for size in sizes]
    while rest and n > 0 and n * rest[0] >= total:
        n, total = n - 1, total - rest.pop(0)
    return n, total, rest[0] if rest else 0


class _Pass:
    """Selection points of all strata on one axis, and how far each stratum has been read."""

    def __init__(
        self, n: Sequence[int], totals: Sequence[int], limits: Integers | None, starts: Sequence[int]
    ) -> None:
        self._n, self._totals, self._limits = np.array(n), np.array(totals), limits
        self._beginnings = np.concatenate([[0], np.cumsum(self._totals)])
        self._read = self._beginnings[:-1].copy()
        points = [
            beginning + (start + step * total) // stratum_n
            for stratum_n, total, start, beginning in zip(
                n, totals, starts, self._beginnings.tolist(), strict=False
            )
            for step in range(stratum_n)
        ]
        self._points = np.array(points, np.int64)

    def take(self, strata: Integers, sizes: Integers) -> Selected:
        """Select from the next rows."""
        certain = self._certain(strata, sizes)
        widths = sizes if certain is None else np.where(certain, 0, sizes)
        places = self._hit(strata, widths)
        if certain is not None:
            places = np.concatenate([places, np.flatnonzero(certain)])
            places = places[np.lexsort((places, strata[places]))]
        is_certainty = np.zeros(len(places), np.bool_) if certain is None else certain[places]
        code = strata[places]
        return Selected(
            places,
            is_certainty,
            np.where(is_certainty, 1, self._n[code] * sizes[places]),
            np.where(is_certainty, 1, self._totals[code]),
        )

    def _certain(self, strata: Integers, sizes: Integers) -> npt.NDArray[np.bool_] | None:
        return None if self._limits is None else sizes > self._limits[strata]

    def _hit(self, strata: Integers, widths: Integers) -> Integers:
        """Return the places of the rows that cover a selection point."""
        order = np.argsort(strata, kind="stable")
        reach = np.cumsum(widths[order], dtype=np.int64)
        n_rows = np.bincount(strata, minlength=len(self._n))
        to_here = np.concatenate([[0], reach])[np.concatenate([[0], np.cumsum(n_rows)])]
        end = self._read + np.diff(to_here)
        first, last = np.searchsorted(self._points, self._read), np.searchsorted(self._points, end)
        n_points = last - first
        chosen = np.repeat(first - np.concatenate([[0], np.cumsum(n_points)[:-1]]), n_points)
        chosen += np.arange(n_points.sum())
        on_batch = self._points[chosen] + np.repeat(to_here[:-1] - self._read, n_points)
        self._read = end
        places: Integers = order[np.searchsorted(reach, on_batch, side="right")]
        return places

"""Small cells: which figures rest on too few people to be published, and counts that are rounded."""

import numpy as np

from analysis.estimation import BoolArray, IntArray
from analysis.quality.errors import SuppressionError

MINIMUM_PUBLISHED = 10
ROUNDING_BASE = 5


def find_small_cells(counts: IntArray, *, minimum: int = MINIMUM_PUBLISHED) -> BoolArray:
    """Mark cells with fewer answers than may be published.

    Primary suppression only: where totals are published too, a reader could find a hidden cell as the
    difference between a total and the other cells. See :func:`analysis.quality.suppress_table`.

    Parameters
    ----------
    counts : int array
        Answers behind each figure.
    minimum : int
        Least number that may be published; an empty cell reveals nobody and is not marked.

    Returns
    -------
    bool array, same shape

    Examples
    --------
    >>> find_small_cells(np.array([0, 3, 10])).tolist()
    [False, True, False]
    """
    values = np.asarray(counts)
    return (values > 0) & (values < minimum)


def round_counts(counts: IntArray, *, base: int = ROUNDING_BASE) -> IntArray:
    """Round counts to the nearest multiple of a base, halves up.

    Cells and totals are rounded each for itself, so that no difference between them is exact; a rounded table
    need not add up, and says so. Not a protection by itself for cells below half the base, which become 0.

    Parameters
    ----------
    counts : int array
        At least 0.
    base : int
        At least 1.

    Returns
    -------
    int array, same shape

    Raises
    ------
    SuppressionError
        If a count is negative or the base below 1.

    Examples
    --------
    >>> round_counts(np.array([0, 2, 3, 12, 13])).tolist()
    [0, 0, 5, 10, 15]
    """
    values = np.asarray(counts, dtype=np.int64)
    if base < 1 or values.min(initial=0) < 0:
        raise SuppressionError(
            expected="counts of at least 0 and a base of at least 1",
            got=f"a smallest count of {values.min(initial=0)} and base {base}",
            hint="Round numbers of people, not differences.",
        )
    return (2 * values + base) // (2 * base) * base

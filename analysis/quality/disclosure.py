"""Small cells: which figures rest on too few people to be published."""

import numpy as np

from analysis.estimation import BoolArray, IntArray

MINIMUM_PUBLISHED = 10


def find_small_cells(counts: IntArray, *, minimum: int = MINIMUM_PUBLISHED) -> BoolArray:
    """Mark cells with fewer answers than may be published.

    Primary suppression only: a reader could still find one hidden cell as the difference between a
    published total and the other cells.

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

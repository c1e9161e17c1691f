"""Who takes part in an analysis: a domain of the rows, never a smaller sample."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.estimation.arrays import BoolArray
from analysis.estimation.errors import DomainError

type Mask = BoolArray | pd.Series | Sequence[bool]


def find_participants(complete: BoolArray, within: Mask | None = None) -> BoolArray:
    """Mark the rows that have all answers and lie in a domain.

    Parameters
    ----------
    complete : bool array, shape (n_rows,)
        Whether no answer is missing.
    within : array-like of bool, shape (n_rows,), optional
        Whether the row belongs to the domain; all rows by default.

    Returns
    -------
    bool array, shape (n_rows,)

    Raises
    ------
    DomainError
        If the mask does not fit the rows, or no row is left.

    Examples
    --------
    >>> find_participants(np.array([True, False, True]), [True, True, False]).tolist()
    [True, False, False]
    """
    inside = np.ones_like(complete) if within is None else np.asarray(within)
    if inside.shape != complete.shape or inside.dtype != np.bool_:
        raise DomainError(
            expected=f"{len(complete)} times True or False, one per row of the design",
            got=f"{inside.dtype} values of shape {inside.shape}",
            hint="Compare first, for example frame['area'] == 'urban'.",
        )
    participants = complete & inside
    if not participants.any():
        raise DomainError(
            expected="a domain with at least one row that has all answers",
            got="none",
            hint="Check the domain, and whether the variables were asked in it.",
        )
    return participants

"""Units that could be drawn by more than one row of a frame: their weight is shared among these rows."""

import numpy as np

from analysis.estimation import FloatArray
from analysis.estimation.arrays import Values, as_floats
from analysis.weighting.errors import WeightingError

DRAWN_UNIT, PERSON = "drawn_unit", "person"
UNITS_OF_ANALYSIS = (DRAWN_UNIT, PERSON)
"""What an estimate counts: what was drawn, a dossier or a person; or persons, however they were drawn."""


def share_weights(multiplicity: Values) -> FloatArray:
    r"""Return the factor that turns weights of rows into weights of the units behind them.

    Parameters
    ----------
    multiplicity : array of int, shape (n_rows,)
        By how many rows of the frame, the drawn one included, the same unit could have been drawn; 1 where a
        unit has one row, as persons who were drawn themselves.

    Returns
    -------
    float array, shape (n_rows,)
        1 / multiplicity.

    Raises
    ------
    WeightingError
        If a multiplicity is not a whole number from 1 on.

    Notes
    -----
    The generalised weight share method (Lavallée 2007) with links of equal weight. Of a unit :math:`u` with
    :math:`M_u` rows, every drawn row :math:`i` keeps :math:`w_i / M_u`, so that the sum over its drawn rows
    has the expectation :math:`\sum_{i \in u} \pi_i w_i / M_u = 1`, whatever the probabilities are: totals of
    units are estimated without bias, also where a unit is drawn twice.

    References
    ----------
    .. [1] Lavallée, P. (2007). Indirect Sampling. Springer.

    Examples
    --------
    Three persons with 3, 1 and 2 dossiers; of the first, two dossiers were drawn:

    >>> share_weights([3, 3, 1]).round(3).tolist()
    [0.333, 0.333, 1.0]
    """
    counts = as_floats(multiplicity, "multiplicities", WeightingError)
    if counts.size and (counts.min() < 1 or np.any(counts != np.floor(counts))):
        raise WeightingError(
            expected="multiplicities that are whole numbers from 1 on",
            got=f"{counts[(counts < 1) | (counts != np.floor(counts))][0]:g}",
            hint="Count by how many rows of the frame each unit could have been drawn.",
        )
    return np.asarray(1.0 / counts)

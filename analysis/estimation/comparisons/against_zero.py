"""Differences and changes against zero, adjusted for their number."""

import numpy as np
import pandas as pd
from scipy import stats

from analysis.estimation.comparisons.multiplicity import adjust_p_values
from analysis.estimation.comparisons.pairwise import HIGHER, LOWER, NOT_COMPARABLE, NOT_DISTINGUISHABLE
from analysis.estimation.results.estimate import Estimate


def compare_with_zero(
    differences: Estimate, *, alpha: float = 0.05, adjustment: str = "holm_directional"
) -> pd.DataFrame:
    r"""Test every entry of an estimate of differences, each with its own degrees of freedom.

    Parameters
    ----------
    differences : Estimate
        From :func:`analysis.estimation.change`, :func:`analysis.estimation.minus_overall`,
        :func:`analysis.estimation.difference` or a contrast.
    alpha : float
        Probability of any false finding; with ``bh`` the expected share of false ones.
    adjustment : str
        For the number of entries, see :func:`analysis.estimation.adjust_p_values`; by default Holm's over
        both directions of every test, so that no sign is wrong either.

    Returns
    -------
    DataFrame
        domain, name, difference, standard_error, df, p_value, p_adjusted and group: ``higher``, ``lower``,
        ``not_distinguishable``, or ``not_comparable`` without a p-value, where there are no degrees of
        freedom or the variance of the difference or of a part of it is 0.

    Raises
    ------
    EstimandError
        If the adjustment is unknown.

    Notes
    -----
    :math:`t = \hat d / \widehat{se}`, two-sided, from Student's t; normal where the degrees of freedom are
    infinite.

    Examples
    --------
    >>> from analysis.estimation import SurveyDesign, change
    >>> design = SurveyDesign.from_arrays(np.ones(8))
    >>> scores, rounds = [1, 2, 1, 2, 4, 5, 4, 5], [2024] * 4 + [2025] * 4
    >>> tests = compare_with_zero(change(design, scores, rounds), adjustment="holm")
    >>> tests["group"].tolist()
    ['higher']
    """
    spread = np.where(differences.is_testable, differences.standard_error, np.nan)
    p_value = 2 * stats.t.sf(np.abs(differences.value / spread), differences.degrees_of_freedom)
    p_adjusted = adjust_p_values(p_value, adjustment)
    is_shown = p_adjusted < alpha
    return pd.DataFrame(
        {
            "domain": list(differences.domains),
            "name": list(differences.names),
            "difference": differences.value,
            "standard_error": differences.standard_error,
            "df": differences.degrees_of_freedom,
            "p_value": p_value,
            "p_adjusted": p_adjusted,
            "group": np.select(
                [is_shown & (differences.value > 0), is_shown & (differences.value < 0), np.isnan(p_value)],
                [HIGHER, LOWER, NOT_COMPARABLE],
                NOT_DISTINGUISHABLE,
            ),
        }
    )

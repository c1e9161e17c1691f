"""How variances know that a transaction list was drawn without replacement, partly with certainty.

The fraction of a respondent is the chance of being drawn times the response rate of the nonresponse class:
one over the weight before calibration, without the factor of multiplicity, which is no chance. With equal
chances in a stratum, Brewer's variance with these fractions is that of a simple random sample of the
respondents with its finite population correction; with unequal chances it approximates the variance of
samples of fixed size without joint probabilities (Brewer 2002, p. 158).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.estimation import Brewer
from analysis.snapshots import ANALYSIS_ID
from sampling.selectors.cases import CERTAIN

FRACTION = "sampling_fraction"
STRATUM = "variance_stratum"
VARIANCE, WITHOUT_REPLACEMENT = "variance", "without_replacement"
"""Key and value by which the first step of a weighting says what its variances know."""

BREWER = Brewer()


def is_list(rows: pd.DataFrame) -> bool:
    """Tell whether the rows of a snapshot come from a transaction list: each is its own primary unit."""
    return bool(rows["psu"].eq(rows[ANALYSIS_ID]).all())


def is_without_replacement(design: Mapping[str, Any]) -> bool:
    """Tell from the first step of a weighting whether its variances know of the draw without replacement."""
    return design.get(VARIANCE) == WITHOUT_REPLACEMENT


def variance_columns(rows: pd.DataFrame) -> pd.DataFrame:
    """Return stratum and fraction of every respondent, for Brewer's variance.

    Whoever was drawn with certainty is in a stratum of their own beside the others of the list stratum: with
    every answer there it adds nothing to the variance. One who is alone in it, while others did not answer,
    stays with the stratum, since a single answer says nothing about those missing.

    Parameters
    ----------
    rows : data frame
        Respondents with ``stratum``, ``variance_stratum``, ``base_weight`` and ``nonresponse_factor``.
    """
    chance = 1 / (rows["base_weight"] * rows["nonresponse_factor"]).to_numpy(dtype=float)
    fraction = np.minimum(chance, 1.0)
    strata = rows[STRATUM]
    n_beside = strata.groupby(strata).transform("size")
    is_lone = strata.str.endswith(f"/{CERTAIN}") & n_beside.eq(1) & (fraction < 1)
    return pd.DataFrame({STRATUM: strata.mask(is_lone, rows["stratum"]), FRACTION: fraction})

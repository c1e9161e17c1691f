"""Response propensities of the whole sample, as representativity needs them: on categories only."""

import pandas as pd

from analysis.estimation import BoolArray, EstimandError, PropensityModel, SurveyDesign, fit_response
from analysis.estimation.arrays import as_truth
from analysis.quality.errors import RepresentativityError


def fit_propensities(
    design: SurveyDesign, responded: BoolArray, auxiliaries: pd.DataFrame
) -> PropensityModel:
    r"""Fit response propensities by weighted logistic regression.

    Parameters
    ----------
    design : SurveyDesign
        Of the whole sample, those who did not respond included, with design weights.
    responded : bool array, shape (n,)
    auxiliaries : DataFrame, shape (n, k)
        Categories known for everybody; numbers are taken as categories too.

    Returns
    -------
    PropensityModel

    Raises
    ------
    RepresentativityError
        If a response or category is missing, everybody or nobody responded, or the fit runs off because a
        category responds wholly or not at all.

    Notes
    -----
    :func:`analysis.estimation.fit_response` with main effects: the covariance of its coefficients is that of
    the design, clusters included.

    Examples
    --------
    >>> design = SurveyDesign.from_arrays([1.0] * 8)
    >>> responded = [True, True, True, False, True, False, False, False]
    >>> model = fit_propensities(design, responded, pd.DataFrame({"area": list("rrrruuuu")}))
    >>> model.propensity.round(4).tolist()
    [0.75, 0.75, 0.75, 0.75, 0.25, 0.25, 0.25, 0.25]
    """
    answered = as_truth(responded, "responses", RepresentativityError)
    _check_sample(answered, auxiliaries, design.n_rows)
    try:
        return fit_response(design, answered, auxiliaries.astype(str))
    except EstimandError as error:
        raise RepresentativityError(
            expected="response neither whole nor nil in any category, and no variable that repeats others",
            got=f"{error.got}, in a model of {', '.join(map(str, auxiliaries.columns))}",
            hint="Merge small categories or leave a variable out.",
        ) from error


def _check_sample(responded: BoolArray, auxiliaries: pd.DataFrame, n_rows: int) -> None:
    if len(auxiliaries) != n_rows or auxiliaries.isna().to_numpy().any():
        raise RepresentativityError(
            expected=f"{n_rows} rows of auxiliaries without missing categories",
            got=f"{len(auxiliaries)} rows, {int(auxiliaries.isna().to_numpy().sum())} missing categories",
            hint="Make a missing value a category of its own.",
        )
    if len(responded) != n_rows or responded.all() or not responded.any():
        raise RepresentativityError(
            expected=f"{n_rows} entries of which some responded and some did not",
            got=f"{len(responded)} with {responded.sum():g} responses",
            hint="Pass the whole sample, nonrespondents included.",
        )

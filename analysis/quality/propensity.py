"""Response propensities of sampled people from what the frame knows about all of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.estimation import BoolArray, EstimandError, FloatArray, SurveyDesign, regress
from analysis.quality.errors import RepresentativityError

RESPONSE = "responded"


@dataclass(frozen=True, eq=False)
class PropensityModel:
    """A logistic regression of response on categories, weighted by the design.

    Attributes
    ----------
    matrix : float array, shape (n, p)
        Intercept and indicators of all categories but the first of each variable.
    names : tuple of str, length p
    coefficients : float array, shape (p,)
    covariance : float array, shape (p, p)
        Design-based (linearised).
    propensity : float array, shape (n,)
    """

    matrix: FloatArray
    names: tuple[str, ...]
    coefficients: FloatArray
    covariance: FloatArray
    propensity: FloatArray

    @property
    def gradient(self) -> FloatArray:
        """Derivative of each propensity by the coefficients, shape (n, p)."""
        return (self.propensity * (1 - self.propensity))[:, None] * self.matrix


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
        If a category is missing, everybody or nobody responded, or the fit runs off because a category
        responds wholly or not at all.

    Notes
    -----
    A logistic regression with main effects, see :func:`analysis.estimation.regress`: the covariance of its
    coefficients is that of the design, clusters included.

    Examples
    --------
    >>> design = SurveyDesign.from_arrays(np.ones(8))
    >>> responded = np.array([1, 1, 1, 0, 1, 0, 0, 0], dtype=bool)
    >>> model = fit_propensities(design, responded, pd.DataFrame({"area": list("rrrruuuu")}))
    >>> model.propensity.round(4).tolist()
    [0.75, 0.75, 0.75, 0.75, 0.25, 0.25, 0.25, 0.25]
    """
    answered = np.asarray(responded, dtype=float)
    matrix, names = _indicators(auxiliaries, design.n_rows)
    if len(answered) != len(matrix) or answered.min() == answered.max():
        raise RepresentativityError(
            expected=f"{len(matrix)} entries of which some responded and some did not",
            got=f"{len(answered)} with {answered.sum():g} responses",
            hint="Pass the whole sample, nonrespondents included.",
        )
    fit = _regress(design, answered, auxiliaries)
    propensity = 1 / (1 + np.exp(-(matrix @ fit[0])))
    return PropensityModel(matrix, names, fit[0], fit[1], propensity)


def _regress(
    design: SurveyDesign, answered: FloatArray, auxiliaries: pd.DataFrame
) -> tuple[FloatArray, FloatArray]:
    """Return the coefficients and their covariance, in the order of the indicators."""
    terms = [f"v{position}" for position in range(auxiliaries.shape[1])]
    frame = auxiliaries.astype(str).set_axis(terms, axis=1).assign(**{RESPONSE: answered})
    try:
        fit = regress(design, frame, f"{RESPONSE} ~ {' + '.join(terms) or '1'}", family="binomial")
    except EstimandError as error:
        raise RepresentativityError(
            expected="response neither whole nor nil in any category, and no variable that repeats others",
            got=f"a model of {', '.join(map(str, auxiliaries.columns))} that cannot be fitted: {error}",
            hint="Merge small categories or leave a variable out.",
        ) from error
    return fit.coefficients.value, fit.coefficients.covariance


def _indicators(auxiliaries: pd.DataFrame, n_rows: int) -> tuple[FloatArray, tuple[str, ...]]:
    if len(auxiliaries) != n_rows or auxiliaries.isna().to_numpy().any():
        raise RepresentativityError(
            expected=f"{n_rows} rows of auxiliaries without missing categories",
            got=f"{len(auxiliaries)} rows, {int(auxiliaries.isna().to_numpy().sum())} missing categories",
            hint="Make a missing value a category of its own.",
        )
    columns = pd.get_dummies(auxiliaries.astype(str), drop_first=True, dtype=float, prefix_sep=" ")
    return np.column_stack([np.ones(n_rows), columns.to_numpy()]), ("intercept", *map(str, columns.columns))

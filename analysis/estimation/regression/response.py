"""Response propensity: how probable an answer was, modelled on what the frame knows of everybody."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from analysis.estimation.arrays import BoolArray, FloatArray, as_truth
from analysis.estimation.designs.survey_design import SurveyDesign
from analysis.estimation.errors import EstimandError
from analysis.estimation.regression.families import LOGISTIC
from analysis.estimation.regression.fitting import fit_model
from analysis.estimation.regression.model_matrix import ModelMatrix
from analysis.estimation.results.estimate import Estimate

CONSTANT = "constant"


@dataclass(frozen=True, eq=False, repr=False)
class PropensityModel:
    """A logistic regression of response on what is known of everybody.

    Attributes
    ----------
    matrix : float array, shape (n_sampled, p)
        A constant, the numbers, and an indicator of every category but the first of each variable.
    estimate : Estimate
        One coefficient per column, on the logit scale, with design-based covariance.
    propensity : float array, shape (n_sampled,)
    """

    matrix: FloatArray
    estimate: Estimate
    propensity: FloatArray

    def __repr__(self) -> str:
        return f"<PropensityModel of {len(self.propensity)} people: {', '.join(self.names)}>"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the terms, the constant first."""
        return self.estimate.names

    @property
    def coefficients(self) -> pd.Series:
        """Coefficients by name of the term; categories against the first one in sorted order."""
        return pd.Series(self.estimate.value, index=list(self.names))

    @property
    def covariance(self) -> FloatArray:
        """Design-based (linearised) covariance of the coefficients, shape (p, p)."""
        return self.estimate.covariance

    @property
    def gradient(self) -> FloatArray:
        """Derivative of each propensity by the coefficients, shape (n_sampled, p)."""
        return (self.propensity * (1 - self.propensity))[:, None] * self.matrix


def fit_response(design: SurveyDesign, responded: BoolArray, covariates: pd.DataFrame) -> PropensityModel:
    r"""Fit :math:`\operatorname{logit} p_i = x_i^\top \beta` by weighted maximum likelihood.

    Parameters
    ----------
    design : SurveyDesign
        Of the whole sample, those who did not respond included, with design weights.
    responded : bool array, shape (n_sampled,)
    covariates : data frame, n_sampled rows
        Known for everybody: numbers enter as they are, everything else as categories. Without columns,
        everybody gets the overall rate.

    Returns
    -------
    PropensityModel

    Raises
    ------
    EstimandError
        If all or none responded, a term follows from the terms before it, or a term tells respondents and
        nonrespondents apart completely.

    Examples
    --------
    >>> responded = np.array([True, False, True, True])
    >>> design = SurveyDesign.from_arrays(np.ones(4))
    >>> model = fit_response(design, responded, pd.DataFrame({"area": list("uurr")})[[]])
    >>> model.propensity.round(6).tolist()
    [0.75, 0.75, 0.75, 0.75]
    """
    answered = as_truth(responded, "responses", EstimandError)
    _check_categories(answered, covariates)
    columns = _code_terms(covariates)
    matrix = np.column_stack(list(columns.values()))
    model = ModelMatrix(
        response=answered.astype(float),
        columns=matrix,
        names=tuple(columns),
        terms={name: (place,) for place, name in enumerate(columns)},
        participates=np.ones(design.n_rows, dtype=bool),
    )
    estimate = fit_model(design, model, LOGISTIC)
    return PropensityModel(matrix, estimate, np.asarray(expit(matrix @ estimate.value)))


def _code_terms(covariates: pd.DataFrame) -> dict[str, FloatArray]:
    """Return a constant, the numbers and an indicator of every category but the first."""
    columns: dict[str, FloatArray] = {CONSTANT: np.ones(len(covariates))}
    for name, column in covariates.items():
        if _is_number(column):
            columns[str(name)] = column.to_numpy(dtype=float)
            continue
        for category in sorted(column.unique())[1:]:
            columns[f"{name} {category}"] = (column == category).to_numpy(dtype=float)
    return columns


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _check_categories(responded: BoolArray, covariates: pd.DataFrame) -> None:
    """Refuse a category that responded wholly or not at all: its coefficient would be infinite."""
    answers = pd.Series(responded.astype(float))
    for name, column in covariates.items():
        if _is_number(column):
            continue
        rates = answers.groupby(column.to_numpy()).mean()
        extreme = rates.index[(rates == 0) | (rates == 1)]
        if len(extreme):
            raise EstimandError(
                expected="respondents and nonrespondents in every category",
                got=f"a response rate of {rates[extreme[0]]:.0%} in {name} {extreme[0]}",
                hint="Merge the category with a similar one, or drop the covariate.",
            )

"""Response propensity: how probable an answer was, modelled on what the frame knows of everybody."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.estimation import (
    BoolArray,
    EstimandError,
    FloatArray,
    PropensityModel,
    SurveyDesign,
    fit_response,
)
from analysis.estimation.arrays import as_floats, as_truth
from analysis.estimation.labels import Labels
from analysis.weighting.cells import CellMerge, CellMinimum
from analysis.weighting.errors import BoundsError, PropensityError
from analysis.weighting.nonresponse import adjust_nonresponse

N_CLASSES = 5
SMALLEST_PROPENSITY = 0.05
_LIMITS = (SMALLEST_PROPENSITY, 1.0)


@dataclass(frozen=True, eq=False)
class PropensityAdjustment:
    """Factors of the respondents from a model of response.

    Attributes
    ----------
    factor : float array, shape (n_respondents,)
    model : PropensityModel
    n_limited : int
        Respondents whose propensity was put at a limit; none where classes were used.
    merges : tuple of CellMerge
        Thin classes that were merged.
    """

    factor: FloatArray
    model: PropensityModel
    n_limited: int = 0
    merges: tuple[CellMerge, ...] = ()


def fit_propensity(
    responded: BoolArray, covariates: pd.DataFrame, *, weights: FloatArray | None = None
) -> PropensityModel:
    r"""Fit :math:`\operatorname{logit} p_i = x_i^\top \beta` by (weighted) maximum likelihood.

    Parameters
    ----------
    responded : bool array, shape (n_sampled,)
    covariates : data frame, n_sampled rows
        What the frame knows of everybody: numbers enter as they are, everything else as categories.
        Without columns, everybody gets the overall rate.
    weights : float array, shape (n_sampled,), optional
        Design weights. Without them the model describes the sample, with them the population (Little and
        Vartivarian 2003 compare the two).

    Returns
    -------
    PropensityModel

    Raises
    ------
    PropensityError
        If a response or covariate is missing somewhere, lengths differ, all or none answered, terms are
        linear combinations of others, or a term tells respondents and nonrespondents apart completely.

    References
    ----------
    Little and Vartivarian (2003), On weighting the rates in non-response weights, Stat. Med. 22.

    Examples
    --------
    >>> responded = np.array([True, False, True, True])
    >>> model = fit_propensity(responded, pd.DataFrame({"area": ["urban", "urban", "rural", "rural"]})[[]])
    >>> model.propensity.round(6).tolist()
    [0.75, 0.75, 0.75, 0.75]
    """
    answered = as_truth(responded, "responses", PropensityError)
    base = np.ones(len(answered)) if weights is None else as_floats(weights, "weights", PropensityError)
    _check_sample(answered, covariates, base)
    try:
        return fit_response(SurveyDesign.from_arrays(base), answered, covariates)
    except EstimandError as error:
        raise PropensityError(
            expected="terms of their own, with respondents and nonrespondents at every value",
            got=error.got,
            hint=error.hint,
        ) from error


def adjust_by_propensity(
    model: PropensityModel, responded: BoolArray, *, limits: tuple[float, float] = _LIMITS
) -> PropensityAdjustment:
    r"""Divide the weights of the respondents by their propensity, :math:`1 / \hat p_i`.

    Parameters
    ----------
    model : PropensityModel
    responded : bool array, shape (n_sampled,)
    limits : pair of floats
        Least and greatest propensity that is divided by; 0.05 and 1 by default.

    Returns
    -------
    PropensityAdjustment

    Raises
    ------
    BoundsError
        If the limits are not probabilities in order.

    Examples
    --------
    >>> responded = np.array([True, False])
    >>> model = fit_propensity(responded, pd.DataFrame(index=range(2)))
    >>> adjust_by_propensity(model, responded).factor.round(6).tolist()
    [2.0]
    """
    low, high = limits
    if not 0 < low <= high <= 1:
        raise BoundsError(
            expected="limits of the propensity above 0 and up to 1, the smaller first",
            got=f"{low:g} and {high:g}",
            hint="A propensity of 0.05 multiplies a weight by 20: do not go far below.",
        )
    propensity = model.propensity[as_truth(responded, "responses", PropensityError)]
    limited = np.clip(propensity, low, high)
    return PropensityAdjustment(1 / limited, model, int((limited != propensity).sum()))


def adjust_by_propensity_classes(
    model: PropensityModel,
    weights: FloatArray,
    responded: BoolArray,
    *,
    psu: Labels,
    n_classes: int = N_CLASSES,
    minimum: CellMinimum | None = None,
) -> PropensityAdjustment:
    """Weight up by the response rate of classes of people with about the same propensity.

    Five classes take away some nine tenths of the bias that the model sees, and an odd propensity
    cannot make an odd weight (Rosenbaum and Rubin 1984).

    Parameters
    ----------
    model : PropensityModel
    weights : float array, shape (n_sampled,)
    responded : bool array, shape (n_sampled,)
    psu : array-like of labels, shape (n_sampled,)
    n_classes : int
        Quantile classes of the sample; equal propensities share a class, so there may be fewer.
    minimum : CellMinimum, optional
        Thin classes are merged, see :func:`~analysis.weighting.nonresponse.adjust_nonresponse`.

    Returns
    -------
    PropensityAdjustment

    Raises
    ------
    WeightingError
        As :func:`~analysis.weighting.nonresponse.adjust_nonresponse`.

    References
    ----------
    Rosenbaum and Rubin (1984), Reducing bias in observational studies using subclassification on the
    propensity score, JASA 79.

    Examples
    --------
    >>> responded = np.array([True, False, True, True])
    >>> model = fit_propensity(responded, pd.DataFrame(index=range(4)))
    >>> adjustment = adjust_by_propensity_classes(
    ...     model, np.ones(4), responded, psu=[1, 1, 2, 2], minimum=CellMinimum(answers=1)
    ... )
    >>> adjustment.factor.round(6).tolist()
    [1.333333, 1.333333, 1.333333]
    """
    rounded = np.round(model.propensity, 12)
    edges = np.unique(np.quantile(rounded, np.arange(1, n_classes) / n_classes))
    classes = np.searchsorted(edges, rounded, side="left")
    adjustment = adjust_nonresponse(weights, responded, classes, psu=psu, minimum=minimum)
    return PropensityAdjustment(adjustment.factor, model, merges=adjustment.merges)


def _check_sample(responded: BoolArray, covariates: pd.DataFrame, weights: FloatArray) -> None:
    lengths = {len(responded), len(covariates), len(weights)}
    if len(lengths) > 1:
        raise PropensityError(
            expected="responses, covariates and weights of the same people",
            got=f"lengths {', '.join(map(str, sorted(lengths)))}",
            hint="Take all from the rows of the sample.",
        )
    missing = [str(name) for name in covariates.columns if covariates[name].isna().any()]
    if missing:
        raise PropensityError(
            expected="covariates known for everybody in the sample",
            got=f"missing ones in {', '.join(missing)}",
            hint="Use what the frame knows of nonrespondents too, or make missing a category.",
        )
    if responded.all() or not responded.any():
        raise PropensityError(
            expected="respondents and nonrespondents",
            got=f"{int(responded.sum())} respondents among {len(responded)}",
            hint="Where everybody answered no adjustment is needed.",
        )

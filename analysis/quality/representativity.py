"""Representativity of response: R-indicators, for the whole, by variable and by category."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.estimation import BoolArray, FloatArray, PropensityModel, SurveyDesign
from analysis.quality.propensity import fit_propensities


@dataclass(frozen=True)
class ResponseIndicator:
    """How alike response propensities are: 1 if equal for all, 0 if response is as selective as can be.

    Attributes
    ----------
    value : float
        Adjusted for the part of the variation of propensities that comes from estimating them.
    unadjusted : float
    standard_error : float
        NaN where propensities do not vary.
    response_rate : float
        Weighted mean propensity.
    deviation : float
        Adjusted standard deviation of propensities.
    adjustment : float
        Adjusted over unadjusted variance of propensities, from 0 to 1; may exceed 1 with clustered samples.
    n : int
    """

    value: float
    unadjusted: float
    standard_error: float
    response_rate: float
    deviation: float
    adjustment: float
    n: int

    @property
    def cv(self) -> float:
        """Coefficient of variation of propensities: bounds the bias of a mean in standard deviations."""
        return self.deviation / self.response_rate


def response_indicator(
    design: SurveyDesign, responded: BoolArray, auxiliaries: pd.DataFrame
) -> ResponseIndicator:
    r"""R-indicator of a sample, with bias adjustment and standard error.

    Parameters
    ----------
    design : SurveyDesign
        Of the whole sample, with design weights.
    responded : bool array, shape (n,)
    auxiliaries : DataFrame, shape (n, k)
        Categories known for everybody. Indicators compare only when the auxiliaries are the same.

    Returns
    -------
    ResponseIndicator

    Raises
    ------
    RepresentativityError
        If the response model cannot be fitted.

    Notes
    -----
    :math:`R = 1 - 2 S(\hat\rho)`. With :math:`z_i = \partial\rho_i/\partial\beta` less its mean and
    :math:`\Sigma = \hat V(\hat\beta)` the bias of :math:`S^2` is
    :math:`\sum w_i z_i^\top \Sigma z_i / N - \hat V(\bar\rho)`. Shlomo, Skinner and Schouten do not take the
    mean off z, and so count the error of the response rate as variation between people. Further,
    :math:`V(S^2) = 4 a^\top \Sigma a + 2 \operatorname{tr}(B \Sigma B \Sigma) + \hat V(\bar d)` with
    :math:`d = (\rho - \bar\rho)^2`, a the weighted covariance of :math:`\rho` and z, and B that of z. The
    variances are those of the design, with its PSUs, where the original has simple random sampling.

    References
    ----------
    Schouten, Cobben and Bethlehem (2009), Survey Methodology 35. Shlomo, Skinner and Schouten (2012), Journal
    of Statistical Planning and Inference 142.

    Examples
    --------
    >>> design = SurveyDesign.from_arrays(np.ones(400))
    >>> area = pd.DataFrame({"area": np.repeat(["rural", "urban"], 200)})
    >>> responded = np.concatenate([np.arange(200) < 160, np.arange(200) < 120])
    >>> round(response_indicator(design, responded, area).unadjusted, 6)
    0.8
    """
    return _summarise(design, fit_propensities(design, responded, auxiliaries))


def partial_indicators(
    design: SurveyDesign, responded: BoolArray, auxiliaries: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    r"""How much every variable, and every category, contributes to the lack of representativity.

    Parameters
    ----------
    design, responded, auxiliaries
        As in :func:`response_indicator`.

    Returns
    -------
    by_variable : DataFrame
        variable, unconditional and conditional indicator, both adjusted; 0 is best.
    by_category : DataFrame
        variable, category, unconditional (below 0: underrepresented) with its standard error, and
        conditional; not adjusted.

    Raises
    ------
    RepresentativityError
        If the response model cannot be fitted.

    Notes
    -----
    Unconditional: :math:`\sqrt{N_h / N}\,(\bar\rho_h - \bar\rho)` for category h, the root of their sum of
    squares for the variable; since the model has main effects, :math:`\bar\rho_h` is the response rate of h,
    whose design-based error is used. Conditional: :math:`\sqrt{\sum w_i (\rho_i - \bar\rho_{l(i)})^2 / N}`
    within the cells l of all other variables.

    References
    ----------
    Schouten, Shlomo and Skinner (2011), Journal of Official Statistics 27. de Heij, Schouten and Shlomo
    (2015), RISQ manual 2.1.

    Examples
    --------
    >>> design = SurveyDesign.from_arrays(np.ones(400))
    >>> area = pd.DataFrame({"area": np.repeat(["rural", "urban"], 200)})
    >>> responded = np.concatenate([np.arange(200) < 160, np.arange(200) < 120])
    >>> _by_variable, by_category = partial_indicators(design, responded, area)
    >>> by_category["unconditional"].round(4).tolist()
    [0.0707, -0.0707]
    """
    model = fit_propensities(design, responded, auxiliaries)
    root = np.sqrt(_summarise(design, model).adjustment)
    shares = design.weights / design.weights.sum()
    labels = auxiliaries.astype(str)
    categories = pd.concat(
        [_by_category(design, responded, model, shares, labels, str(name)) for name in labels],
        ignore_index=True,
    )
    squares = (categories[["unconditional", "conditional"]] ** 2).groupby(categories["variable"], sort=False)
    variables = (np.sqrt(squares.sum()) * root).reset_index()
    return variables, categories


def _summarise(design: SurveyDesign, model: PropensityModel) -> ResponseIndicator:
    shares = design.weights / design.weights.sum()
    mean = float(shares @ model.propensity)
    centred = model.propensity - mean
    variance = float(shares @ centred**2)
    gradient = model.gradient - shares @ model.gradient
    spread = float(shares @ ((gradient @ model.covariance) * gradient).sum(axis=1))
    bias = spread - float(design.mean(model.propensity).covariance[0, 0])
    adjusted = max(variance - bias, 0.0)
    return ResponseIndicator(
        value=1 - 2 * float(np.sqrt(adjusted)),
        unadjusted=1 - 2 * float(np.sqrt(variance)),
        standard_error=float(np.sqrt(_variance_of_square(design, model, shares) / variance))
        if variance > 0
        else float("nan"),
        response_rate=mean,
        deviation=float(np.sqrt(adjusted)),
        adjustment=adjusted / variance if variance > 0 else 0.0,
        n=len(shares),
    )


def _variance_of_square(design: SurveyDesign, model: PropensityModel, shares: FloatArray) -> float:
    """Variance of the estimated variance of propensities."""
    centred = model.propensity - shares @ model.propensity
    gradient = model.gradient - shares @ model.gradient
    slope = gradient.T @ (shares * centred)
    spread = (gradient * shares[:, None]).T @ gradient @ model.covariance
    sampling = design.mean(centred**2).covariance[0, 0]
    return float(4 * slope @ model.covariance @ slope + 2 * np.trace(spread @ spread) + sampling)


def _by_category(
    design: SurveyDesign,
    responded: BoolArray,
    model: PropensityModel,
    shares: FloatArray,
    labels: pd.DataFrame,
    variable: str,
) -> pd.DataFrame:
    """Return the partial indicators of the categories of a variable."""
    rates = design.mean(np.asarray(responded, dtype=float), by=labels[variable], overall=True)
    k = len(rates) - 1
    gaps = rates.contrast(np.hstack([-np.ones((k, 1)), np.eye(k)]), [str(name) for name in rates.domains[1:]])
    sizes = pd.Series(shares).groupby(labels[variable].to_numpy()).sum()[list(gaps.names)].to_numpy()
    return pd.DataFrame(
        {
            "variable": variable,
            "category": gaps.names,
            "unconditional": np.sqrt(sizes) * gaps.value,
            "standard_error": np.sqrt(sizes) * gaps.standard_error,
            "conditional": _conditional(model.propensity, shares, labels, variable, gaps.names),
        }
    )


def _conditional(
    propensity: FloatArray, shares: FloatArray, labels: pd.DataFrame, variable: str, names: tuple[str, ...]
) -> FloatArray:
    """Variation of propensities within cells of the other variables, by category of this one."""
    others = labels.drop(columns=variable)
    cells = others.agg(" | ".join, axis=1) if len(others.columns) else pd.Series("all", index=others.index)
    frame = pd.DataFrame({"cell": cells.to_numpy(), "size": shares, "sum": shares * propensity})
    sums = frame.groupby("cell")[["size", "sum"]].transform("sum")
    within = shares * (propensity - (sums["sum"] / sums["size"]).to_numpy()) ** 2
    by_category = pd.Series(within).groupby(labels[variable].to_numpy()).sum()
    return np.sqrt(by_category[list(names)].to_numpy())

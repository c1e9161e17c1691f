"""Linear, logistic and Poisson regression whose precision is that of the design."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import linalg, stats

from analysis.estimation.arrays import FloatArray
from analysis.estimation.comparisons.participation import Mask
from analysis.estimation.comparisons.significance import SignificanceTest, wald_test
from analysis.estimation.designs.survey_design import SurveyDesign
from analysis.estimation.domains import Domains
from analysis.estimation.errors import EstimandError
from analysis.estimation.regression.families import LINEAR, Family, find_family
from analysis.estimation.regression.formulas import parse_formula, parse_term
from analysis.estimation.regression.iteration import FITTERS, weigh_products
from analysis.estimation.regression.model_matrix import INTERCEPT, ModelMatrix, build_model_matrix
from analysis.estimation.results.estimate import Estimate

COLLINEAR = 1e-9


@dataclass(frozen=True, eq=False)
class Regression:
    """Coefficients of a regression on a survey sample.

    Attributes
    ----------
    coefficients : Estimate
        One entry per column of the model; its degrees of freedom are the residual ones.
    formula : str
    family : Family
    terms : dict of str to tuple of int
        Positions of the coefficients of each term, the intercept under ``(Intercept)``.
    """

    coefficients: Estimate
    formula: str
    family: Family
    terms: dict[str, tuple[int, ...]]

    def __str__(self) -> str:
        return f"{self.family.name} regression {self.formula}\n{self.to_frame().to_string(index=False)}"

    def __repr__(self) -> str:
        return f"<Regression of {len(self.coefficients)} coefficients>\n{self}"

    @property
    def residual_df(self) -> float:
        """PSUs minus strata among the participants, plus 1, minus the number of coefficients."""
        return float(self.coefficients.degrees_of_freedom[0])

    @property
    def t_statistic(self) -> FloatArray:
        """Coefficients over their standard errors."""
        return self.coefficients.value / self.coefficients.standard_error

    @property
    def p_value(self) -> FloatArray:
        """Two-sided, from t with the residual degrees of freedom; NaN if there are none."""
        df = self.residual_df if self.residual_df > 0 else np.nan
        return np.asarray(2 * stats.t.sf(np.abs(self.t_statistic), df))

    def term_test(self, *terms: str) -> SignificanceTest:
        r"""Test that all coefficients of some terms are zero.

        Parameters
        ----------
        *terms : str
            As in the formula, for example ``"factor(region)"`` or ``"area:sex"``.

        Returns
        -------
        SignificanceTest
            Wald's :math:`F = \hat\beta^\top \hat V^{-1} \hat\beta / k` on k and the residual degrees of
            freedom, as R's ``regTermTest``.

        Raises
        ------
        EstimandError
            If the model has no such term, or its coefficients outnumber the degrees of freedom.
        """
        positions = [position for term in terms for position in self._positions(term)]
        tested = self.coefficients.select(sorted(set(positions)))
        return wald_test(f"Wald test of {' and '.join(terms)}", tested, self.residual_df)

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row per coefficient: value, standard error, interval, t, df and p value."""
        limits = self.coefficients.interval(level)
        return pd.DataFrame(
            {
                "name": list(self.coefficients.names),
                "value": self.coefficients.value,
                "standard_error": self.coefficients.standard_error,
                "low": limits.low,
                "high": limits.high,
                "t": self.t_statistic,
                "df": self.residual_df,
                "p_value": self.p_value,
            }
        )

    def ratios(self, level: float = 0.95) -> pd.DataFrame:
        """Return odds ratios (logistic) or rate ratios (Poisson) with their intervals, one per coefficient.

        Raises
        ------
        EstimandError
            If the regression is linear: its coefficients are differences, not logarithms of ratios.
        """
        if self.family is LINEAR:
            raise EstimandError(
                expected="a logistic or Poisson regression",
                got="a linear one",
                hint="Its coefficients are differences already: use to_frame().",
            )
        limits = self.coefficients.interval(level)
        columns = {"ratio": self.coefficients.value, "low": limits.low, "high": limits.high}
        exponentials = {name: np.exp(column) for name, column in columns.items()}
        return pd.DataFrame({"name": list(self.coefficients.names), **exponentials})

    def _positions(self, term: str) -> tuple[int, ...]:
        if term == INTERCEPT and INTERCEPT in self.terms:
            return self.terms[term]
        wanted = parse_term(term).key
        for label, positions in self.terms.items():
            if label != INTERCEPT and parse_term(label).key == wanted:
                return positions
        raise EstimandError(
            expected=f"a term of {self.formula!r}: {', '.join(self.terms)}",
            got=repr(term),
            hint="Write the term as in the formula, factor() included.",
        )


def regress(
    design: SurveyDesign,
    frame: pd.DataFrame,
    formula: str,
    *,
    family: str = "gaussian",
    within: Mask | None = None,
    convergence: str = "full",
) -> Regression:
    r"""Fit a generalised linear model by weighted estimating equations.

    Parameters
    ----------
    design : SurveyDesign
    frame : data frame
        One row per row of the design, with the columns of the formula.
    formula : str
        See :func:`analysis.estimation.regression.formulas.parse_formula`.
    family : str
        ``linear`` or ``gaussian``, ``logistic``, ``binomial`` or ``quasibinomial``, ``poisson`` or
        ``quasipoisson`` (log-linear). The variance comes from the design, so that a quasi family is the
        same as the other.
    within : array-like of bool, shape (n_rows,), optional
        Domain of the model.
    convergence : str
        ``full``, or ``r`` to stop where R does: its standard errors then agree to the last digits, whereas
        they differ from those of the full convergence by some millionths.

    Returns
    -------
    Regression

    Raises
    ------
    EstimandError
        If the formula does not fit the data, the response does not fit the family, terms are collinear, or
        the fit does not converge (categories that separate the response).
    DomainError
        If nobody has all the answers.

    Notes
    -----
    :math:`\hat\beta` solves :math:`\sum_i w_i x_i (y_i - \mu_i(\beta)) = 0` (iteratively reweighted least
    squares). Its linearised variable is :math:`u_i = \hat A^{-1} x_i (y_i - \hat\mu_i)` with
    :math:`\hat A = \sum_i w_i v(\hat\mu_i) x_i x_i^\top`, and its covariance that of :math:`\sum_i w_i u_i`
    in the design: the sandwich, with clusters, strata, corrections and calibration. Rows with a missing
    variable are outside the domain of the model and stay in the design. Tests take PSUs minus strata,
    plus 1, minus the number of coefficients as degrees of freedom. Equal to R's ``svyglm``.

    References
    ----------
    Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys.
    International Statistical Review 51, 279-292.
    Lumley, T. and Scott, A. (2017). Fitting regression models to survey data. Statistical Science 32,
    265-278.

    Examples
    --------
    >>> design = SurveyDesign.from_arrays([1.0, 2.0, 1.0, 2.0])
    >>> frame = pd.DataFrame({"score": [1.0, 2.0, 5.0, 5.0], "area": ["r", "r", "u", "u"]})
    >>> regress(design, frame, "score ~ area").coefficients.value.round(6).tolist()
    [1.666667, 3.333333]
    """
    if len(frame) != design.n_rows:
        raise EstimandError(
            expected=f"{design.n_rows} rows, one per row of the design",
            got=f"{len(frame)}",
            hint="Keep rows with missing answers: they are a domain.",
        )
    chosen = find_family(family)
    if convergence not in FITTERS:
        raise EstimandError(
            expected=f"a convergence among {', '.join(FITTERS)}",
            got=repr(convergence),
            hint="Use full unless digits are compared with R.",
        )
    model = build_model_matrix(frame, parse_formula(formula), within)
    coefficients = fit_model(design, model, chosen, convergence)
    return Regression(coefficients, formula, chosen, model.terms)


def fit_model(
    design: SurveyDesign, model: ModelMatrix, family: Family, convergence: str = "full"
) -> Estimate:
    """Fit a model matrix.

    Parameters
    ----------
    design : SurveyDesign
    model : ModelMatrix
    family : Family
    convergence : str
        ``full`` or ``r``.

    Returns
    -------
    Estimate
        One entry per column; its degrees of freedom are the residual ones.

    Raises
    ------
    EstimandError
        If the response does not fit the family, columns are collinear, or the fit does not converge.

    Examples
    --------
    >>> from analysis.estimation.regression.families import LINEAR
    >>> frame = pd.DataFrame({"y": [1.0, 2.0, 6.0]})
    >>> model = build_model_matrix(frame, parse_formula("y ~ 1"))
    >>> fit_model(SurveyDesign.from_arrays(np.ones(3)), model, LINEAR).value.round(9).tolist()
    [3.0]
    """
    coefficients, scores = _linearise(model, family, design.weights, convergence)
    estimate = design.estimate(
        coefficients[None, :],
        design.sum_scores(scores)[:, None, :],
        names=model.names,
        domains=Domains.whole(design.n_rows),
        valid=np.repeat(model.participates[:, None], len(coefficients), axis=1),
        srs_variance=np.full((1, len(coefficients)), np.nan),
    )
    return replace(estimate, degrees_of_freedom=estimate.degrees_of_freedom + 1 - len(coefficients))


def _linearise(
    model: ModelMatrix, family: Family, weights: FloatArray, convergence: str
) -> tuple[FloatArray, FloatArray]:
    """Return the coefficients and their linearised variables, shape (n_rows, k)."""
    rows = model.participates
    x, y, w = model.columns[rows], model.response[rows], weights[rows]
    _check_weights(w)
    _check_response(family, y, w)
    basis = _find_basis(x * np.sqrt(w)[:, None], model.names)
    x = x @ basis
    fit = FITTERS[convergence](family, x, y, w / weights.mean())
    bread = np.linalg.inv(weigh_products(x, w * fit.variance)) @ basis.T
    scores = np.zeros(model.columns.shape, order="F")
    scores[rows] = (x * fit.residual[:, None]) @ bread
    return basis @ fit.coefficients, scores


def _check_weights(weights: FloatArray) -> None:
    n_negative = int((weights < 0).sum())
    if n_negative:
        raise EstimandError(
            expected="weights of at least 0 for a regression",
            got=f"{n_negative} below 0, as a linear calibration may give",
            hint="Calibrate with bounds, or with method='raking', which keeps weights above 0.",
        )


def _check_response(family: Family, y: FloatArray, weights: FloatArray) -> None:
    low, high = family.bounds
    if y.min() < low or y.max() > high:
        raise EstimandError(
            expected=f"responses between {low:g} and {high:g} for a {family.name} regression",
            got=f"{y.min():g} to {y.max():g}",
            hint="Compare first, for example overall >= 4, or choose another family.",
        )
    if not low < np.average(y, weights=weights) < high:
        raise EstimandError(
            expected=f"responses that differ for a {family.name} regression",
            got=f"{y[0]:g} in every row",
            hint="There is nothing to explain: report the share or the mean alone.",
        )


def _find_basis(weighted: FloatArray, names: tuple[str, ...]) -> FloatArray:
    """Return the matrix that makes the columns orthonormal; refuse one that the columns before it explain."""
    norms = np.linalg.norm(weighted, axis=0)
    scale = np.where(norms > 0, norms, 1.0)
    triangle = np.linalg.qr(weighted / scale, mode="r")
    left = np.zeros(len(names))
    left[: len(triangle)] = np.abs(np.diag(triangle))
    collinear = np.flatnonzero(left < COLLINEAR)
    if len(collinear):
        raise EstimandError(
            expected="terms that do not determine each other",
            got=f"{names[collinear[0]]!r}, which follows from the terms before it",
            hint="Take it out, or merge categories that only occur together.",
        )
    inverse = linalg.solve_triangular(triangle, np.eye(len(triangle)))
    return np.asarray(inverse * np.sqrt(len(weighted)) / scale[:, None])

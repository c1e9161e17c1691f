"""Tests of association of two categorical variables: Rao-Scott and Wald."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray
from analysis.estimation.comparisons.participation import Mask, find_participants
from analysis.estimation.comparisons.quadratic_forms import mixture_sf
from analysis.estimation.comparisons.significance import SignificanceTest, f_test, quadratic_form
from analysis.estimation.designs.survey_design import SurveyDesign
from analysis.estimation.domains import Domains
from analysis.estimation.errors import EstimandError
from analysis.estimation.labels import Labels

TWO_LEVELS = 2


@dataclass(frozen=True, eq=False)
class CrossTable:
    """Estimated counts of a two-way table with what their error is made of.

    Attributes
    ----------
    counts : data frame, shape (n_row_levels, n_column_levels)
        Estimated population counts.
    scores : float array, shape (n_units, n_cells)
        Totals of the cells by variance unit, row by row.
    n : int
        Rows of the domain, those without answers included.
    design_df : int
        PSUs minus strata of the domain, those without answers included.
    participates : bool array, shape (n_units, 1)
        Variance units with a member of the table.
    design : SurveyDesign
    """

    counts: pd.DataFrame
    scores: FloatArray
    n: int
    design_df: int
    participates: BoolArray
    design: SurveyDesign

    def __str__(self) -> str:
        return self.counts.to_string()

    def __repr__(self) -> str:
        return f"<CrossTable of {self.n} rows>\n{self}"

    @property
    def shares(self) -> FloatArray:
        """Cell proportions, shape (n_row_levels, n_column_levels)."""
        counts = self.counts.to_numpy()
        return np.asarray(counts / counts.sum())

    @property
    def restrictions(self) -> int:
        """Degrees of freedom of the interaction."""
        return (self.counts.shape[0] - 1) * (self.counts.shape[1] - 1)

    @property
    def expected(self) -> FloatArray:
        """Cell proportions under independence."""
        return np.outer(self.shares.sum(axis=1), self.shares.sum(axis=0))

    @property
    def pearson(self) -> float:
        """Pearson's X-squared of the table scaled to the rows of the domain."""
        squares = (self.shares - self.expected) ** 2 / self.expected
        return self.n * float(squares.sum())

    def covariance(self, jacobian: FloatArray) -> FloatArray:
        """Covariance of functions of the counts, given their derivatives, shape (n_functions, n_cells)."""
        scores = self.scores @ jacobian.T
        return self.design.covariance(scores, np.repeat(self.participates, scores.shape[1], axis=1))

    def generalised_deffs(self) -> FloatArray:
        r"""Matrix :math:`\Delta` whose eigenvalues are the generalised design effects.

        :math:`\Delta = (C^\top D_p^{-1} C / n)^{-1} C^\top D_p^{-1} \hat V D_p^{-1} C`, where C spans the
        interactions and :math:`\hat V` is the covariance of the proportions.
        """
        share = self.shares.ravel()
        n_rows, n_columns = self.counts.shape
        contrasts = np.kron(_contrasts(n_rows), _contrasts(n_columns))
        inverse = np.where(share > 0, 1 / np.where(share > 0, share, 1.0), 0.0)
        total = self.counts.to_numpy().sum()
        covariance = self.covariance(_centring(share) / total)
        weighted = contrasts * inverse[:, None]
        simple = contrasts.T @ weighted / self.n
        if np.linalg.matrix_rank(simple, hermitian=True) < self.restrictions:
            raise EstimandError(
                expected="a table whose interactions can be estimated",
                got=f"{int((share == 0).sum())} empty cells of {len(share)}",
                hint="Merge categories until most cells have answers.",
            )
        return np.asarray(np.linalg.solve(simple, weighted.T @ covariance @ weighted))


def cross_table(
    design: SurveyDesign, rows: Labels, columns: Labels, *, within: Mask | None = None
) -> CrossTable:
    """Estimate the counts of a two-way table; a row without both answers is outside its domain.

    Parameters
    ----------
    design : SurveyDesign
    rows, columns : array-like of labels, shape (n_rows,)
    within : array-like of bool, shape (n_rows,), optional
        Domain of the table.

    Returns
    -------
    CrossTable

    Raises
    ------
    EstimandError
        If a variable has one level only among those who answered both.
    DomainError
        If nobody answered both.

    Examples
    --------
    >>> design = SurveyDesign.from_arrays(np.array([1.0, 2.0, 3.0, 4.0]))
    >>> cross_table(design, ["a", "a", "b", "b"], [1, 2, 1, 2]).counts.to_numpy().tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    by_row, by_column = (Domains.from_observed(labels, n_rows=design.n_rows) for labels in (rows, columns))
    inside = find_participants(np.ones(design.n_rows, dtype=bool), within)
    participates = find_participants((by_row.codes >= 0) & (by_column.codes >= 0), inside)
    row, row_levels = _recode(by_row, participates)
    column, column_levels = _recode(by_column, participates)
    cell = np.where(participates, row * len(column_levels) + column, -1)
    n_cells = len(row_levels) * len(column_levels)
    indicators = (cell == np.arange(n_cells)[:, None]).astype(float).T
    counts = (design.weights @ indicators).reshape(len(row_levels), -1)
    return CrossTable(
        counts=pd.DataFrame(counts, index=pd.Index(row_levels), columns=pd.Index(column_levels)),
        scores=design.sum_scores(indicators),
        n=int(inside.sum()),
        design_df=int(design.domain_degrees_of_freedom(_in_units(design, inside))[0]),
        participates=_in_units(design, participates),
        design=design,
    )


def association_test(
    design: SurveyDesign,
    rows: Labels,
    columns: Labels,
    *,
    statistic: str = "F",
    within: Mask | None = None,
) -> SignificanceTest:
    r"""Test that two categorical variables are independent.

    Parameters
    ----------
    design : SurveyDesign
    rows, columns : array-like of labels, shape (n_rows,)
        A row without both is outside the domain of the table.
    statistic : str
        ``F``: Pearson's X-squared with Rao and Scott's second-order correction, referred to F (the default,
        and the one to report). ``Chisq``: with their first-order correction. ``lincom``: referred to
        the exact asymptotic mixture of chi-squared variables. ``Wald`` and ``adjWald``: Wald's test of the
        differences from independence, with and without the correction for few degrees of freedom;
        both reject too often in large tables.
    within : array-like of bool, shape (n_rows,), optional
        Domain of the table.

    Returns
    -------
    SignificanceTest

    Raises
    ------
    EstimandError
        If the statistic is unknown, or a variable has one level only.
    DomainError
        If nobody answered both.

    Notes
    -----
    With the generalised design effects :math:`\delta_1, \ldots, \delta_k`,
    :math:`F = X^2 / \sum \delta` on :math:`d_0 = (\sum \delta)^2 / \sum \delta^2` and :math:`d_0 \nu`
    degrees of freedom, where :math:`\nu` is PSUs minus strata. Equal to R's ``svychisq``.

    References
    ----------
    Rao, J. N. K. and Scott, A. J. (1984). On chi-squared tests for multiway contingency tables with cell
    proportions estimated from survey data. Annals of Statistics 12, 46-60.
    Thomas, D. R. and Rao, J. N. K. (1987). Small-sample comparisons of level and power for simple
    goodness-of-fit statistics under cluster sampling. JASA 82, 630-636.

    Examples
    --------
    >>> design = SurveyDesign.from_arrays(np.ones(8))
    >>> test = association_test(design, list("aaaabbbb"), list("xxxyxyyy"))
    >>> test.statistic_name, test.numerator_df, test.denominator_df
    ('F', 1.0, 7.0)
    """
    if statistic not in STATISTICS:
        raise EstimandError(
            expected=f"a statistic among {', '.join(STATISTICS)}",
            got=repr(statistic),
            hint="F is the usual choice.",
        )
    return STATISTICS[statistic](cross_table(design, rows, columns, within=within))


def _second_order(table: CrossTable) -> SignificanceTest:
    deffs = table.generalised_deffs()
    trace = np.trace(deffs)
    df = float(trace**2 / np.trace(deffs @ deffs))
    return f_test("Rao-Scott test of association", table.pearson / trace, df, df * table.design_df)


def _first_order(table: CrossTable) -> SignificanceTest:
    mean_deff = np.trace(table.generalised_deffs()) / table.restrictions
    p_value = float(stats.chi2.sf(table.pearson / mean_deff, table.restrictions))
    method = "Rao-Scott test of association, first order"
    return SignificanceTest(method, "X-squared", table.pearson, table.restrictions, np.inf, p_value)


def _mixture(table: CrossTable) -> SignificanceTest:
    deffs = table.generalised_deffs()
    eigenvalues = np.linalg.eigvals(deffs).real
    df = np.trace(deffs) ** 2 / np.trace(deffs @ deffs) * table.design_df
    p_value = mixture_sf(table.pearson, eigenvalues, float(df))
    method = "Rao-Scott test of association, exact asymptotic distribution"
    return SignificanceTest(method, "X-squared", table.pearson, table.restrictions, float(df), p_value)


def _wald_statistic(table: CrossTable) -> float:
    """Wald's statistic of the differences from independence in all but the first row and column."""
    row, column = table.shares.sum(axis=1), table.shares.sum(axis=0)
    kept = np.arange(table.counts.size).reshape(table.counts.shape)[1:, 1:].ravel()
    jacobian = np.asarray(np.kron(_centring(row), _centring(column))[kept], dtype=float)
    total = table.counts.to_numpy().sum()
    difference = (total * (table.shares - table.expected)).ravel()[kept]
    return quadratic_form(difference, table.covariance(jacobian))


def _wald(table: CrossTable) -> SignificanceTest:
    statistic = _wald_statistic(table) / table.restrictions
    return f_test("Wald test of association", statistic, table.restrictions, table.design_df)


def _adjusted_wald(table: CrossTable) -> SignificanceTest:
    df = table.design_df - table.restrictions + 1
    statistic = _wald_statistic(table) * df / (table.restrictions * table.design_df)
    return f_test("Adjusted Wald test of association", statistic, table.restrictions, df)


STATISTICS: dict[str, Callable[[CrossTable], SignificanceTest]] = {
    "F": _second_order,
    "Chisq": _first_order,
    "lincom": _mixture,
    "Wald": _wald,
    "adjWald": _adjusted_wald,
}


def _contrasts(n_levels: int) -> FloatArray:
    """Return columns that span all contrasts of the levels."""
    return np.eye(n_levels)[:, 1:] - 1 / n_levels


def _centring(share: FloatArray) -> FloatArray:
    """Return the matrix that takes from counts what they would be with given shares of the same total."""
    return np.eye(len(share)) - share[:, None]


def _recode(domains: Domains, participates: BoolArray) -> tuple[IntArray, list[Hashable]]:
    """Give numbers to the levels that occur among the participants."""
    codes = np.full(len(domains.codes), -1, dtype=np.int64)
    present, codes[participates] = np.unique(domains.codes[participates], return_inverse=True)
    levels = [domains.labels[code] for code in present]
    if len(levels) < TWO_LEVELS:
        raise EstimandError(
            expected="at least two levels of each variable among those who answered both",
            got=f"only {levels[0]!r}",
            hint="There is nothing to test; report the shares alone.",
        )
    return codes, levels


def _in_units(design: SurveyDesign, rows: BoolArray) -> BoolArray:
    return (np.bincount(design.unit[rows], minlength=design.n_units) > 0)[:, None]

"""Estimands as score functions of PSU totals: the value, and each PSU's share in its error.

A function takes totals by PSU (axis 0), in one or more further axes (domains, variables), and returns the
estimate and the PSU totals of its linearised variable (Woodruff 1971; Binder 1983). The variance of
the estimate is the variance of the sum of these scores, so covariances, contrasts and indices come free.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import sparse

from analysis.estimation.arrays import BoolArray, FloatArray, IntArray
from analysis.estimation.domains import Domains
from analysis.estimation.rows.columns import Numbers, Variables

BLOCK = 1 << 16


def total_scores(totals: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""Total :math:`\hat T = \sum_j t_j`; the score of a PSU is its weighted total.

    Parameters
    ----------
    totals : float array, shape (n_psu, ...)

    Returns
    -------
    value : float array, shape (...)
    scores : float array, shape (n_psu, ...)

    Examples
    --------
    >>> total_scores(np.array([2.0, 3.0]))[0].item()
    5.0
    """
    return totals.sum(axis=0), totals


def ratio_scores(numerator: FloatArray, denominator: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""Ratio of two totals :math:`\hat R = \hat Y / \hat X` with scores :math:`(y_j - \hat R x_j) / \hat X`.

    Parameters
    ----------
    numerator, denominator : float array, shape (n_psu, ...)
        Weighted PSU totals. A mean has the number of valid answers as denominator.

    Returns
    -------
    value : float array, shape (...)
        NaN where the denominator's total is 0.
    scores : float array, shape (n_psu, ...)

    Examples
    --------
    >>> value, scores = ratio_scores(np.array([2.0, 4.0]), np.array([4.0, 4.0]))
    >>> value.item(), scores.tolist()
    (0.75, [-0.125, 0.125])
    """
    bottom = denominator.sum(axis=0)
    bottom = np.where(bottom == 0, np.nan, bottom)
    value = numerator.sum(axis=0) / bottom
    return value, linearise_ratio(numerator, denominator, value, bottom)


def linearise_ratio(
    numerator: FloatArray, denominator: FloatArray, ratio: FloatArray, total: FloatArray
) -> FloatArray:
    """Scores of a ratio from totals of any groups, given the ratio and the total in its denominator."""
    scores: FloatArray = (numerator - ratio * denominator) / np.where(total == 0, np.nan, total)
    return scores


@dataclass(frozen=True, eq=False)
class RowScores:
    """Rows behind ratios of totals, kept to ask what a simple random sample would have given.

    Attributes
    ----------
    numerator, denominator : float array, shape (n_rows, n_columns)
        Unweighted values of the rows, 0 where there is no answer; 32 bits or truth values do as well.
    valid : bool array, shape (n_rows, n_columns)
        Whether the row answers.
    combination : float array, shape (n_estimates, n_columns), optional
        Linear combinations of the ratios, as an index takes them; each column itself by default.
    """

    numerator: Numbers
    denominator: Numbers
    valid: BoolArray
    combination: FloatArray | None = None

    def variables(self) -> Variables:
        """Return the numerators and denominators as variables; who did not answer is missing."""
        pairs = zip(self.numerator.T, self.valid.T, strict=True)
        above = [partial(_with_missing, numerator, valid) for numerator, valid in pairs]
        names = tuple(f"ratio{position}" for position in range(1, len(above) + 1))
        return Variables(above, names, len(self.valid), denominators=list(self.denominator.T))

    def linearised(
        self, rows: slice | IntArray, ratio: FloatArray, total: FloatArray
    ) -> tuple[FloatArray, BoolArray]:
        """Return the linearised variable of some rows, and whether a row takes part."""
        scores = (self.numerator[rows] - ratio * self.denominator[rows]) / total
        valid = self.valid[rows]
        if self.combination is None:
            return scores, valid
        part = valid.astype(float) @ (self.combination != 0).T.astype(float)
        return scores @ self.combination.T, part > 0


def simple_random_variance(
    domains: Domains, weights: FloatArray, rows: RowScores, ratio: FloatArray, total: FloatArray
) -> FloatArray:
    r"""Variance that a simple random sample without replacement of the same size would have given.

    With the linearised variable :math:`u`, the ``n`` rows of the domain that take part and
    :math:`\hat N` the sum of their weights,
    :math:`V_0 = \hat N^2 (1 - n / \hat N) S_u^2 / n`, where
    :math:`S_u^2 = \frac{n}{n-1} \sum w (u - \bar u)^2 / \hat N`:
    the denominator of the design effect of R ``survey`` with ``deff=TRUE``.

    Parameters
    ----------
    domains : Domains
    weights : float array, shape (n_rows,)
    rows : RowScores
    ratio, total : float array, shape (n_domains, n_columns)
        The estimated ratio and the total in its denominator (0 and 1 for a total).

    Returns
    -------
    float array, shape (n_domains, n_estimates)
        NaN where the weights do not sum to more than the sample size, or n < 2.
    """
    return spread_of_sample(*row_moments(domains, weights, rows, ratio, total))


def row_moments(
    domains: Domains, weights: FloatArray, rows: RowScores, ratio: FloatArray, total: FloatArray
) -> FloatArray:
    r"""Moments of linearised rows by domain, a block of rows at a time.

    Parameters
    ----------
    domains, weights, rows, ratio, total
        As in :func:`simple_random_variance`.

    Returns
    -------
    float array, shape (4, n_domains, n_estimates)
        Number of rows that take part, and :math:`\sum w, \sum w u, \sum w u^2` over them.
    """
    n_domains = len(domains.all_labels)
    ratio, total = np.nan_to_num(ratio), np.where(np.nan_to_num(total) == 0, 1.0, total)
    n_estimates = rows.numerator.shape[1] if rows.combination is None else len(rows.combination)
    sums = np.zeros((n_domains, 4 * n_estimates))
    for index, position in domains.views():
        for start in range(0, len(index), BLOCK):
            block, domain = index[start : start + BLOCK], position[start : start + BLOCK]
            scores, valid = rows.linearised(block, ratio[domain], total[domain])
            weight = weights[block, None]
            weighted = weight * valid
            moments = np.hstack([valid & (weight != 0), weighted, weighted * scores, weighted * scores**2])
            member = sparse.csr_array(
                (np.ones(len(domain)), (domain, np.arange(len(domain)))), shape=(n_domains, len(domain))
            )
            sums += member @ moments
    return sums.reshape(n_domains, 4, n_estimates).swapaxes(0, 1)


def _with_missing(values: Numbers, valid: BoolArray) -> FloatArray:
    return np.where(valid, values, np.nan)


def spread_of_sample(n: FloatArray, size: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
    r"""Variance of a total under simple random sampling, from the moments of its linearised variable.

    Parameters
    ----------
    n : float array, shape (...)
        Rows that take part.
    size, first, second : float array, shape (...)
        :math:`\sum w`, :math:`\sum w u` and :math:`\sum w u^2` over them.

    Returns
    -------
    float array, shape (...)
        NaN where the weights do not sum to more than the sample size, or n < 2.

    Examples
    --------
    >>> one = np.ones(1)
    >>> spread_of_sample(2 * one, 4 * one, 2 * one, 4 * one).item()
    6.0
    """
    defined = (n > 1) & (size > n)
    n, size = np.where(defined, n, np.nan), np.where(defined, size, np.nan)
    spread = np.maximum(second / size - (first / size) ** 2, 0.0)
    return np.asarray(size**2 * (1 - n / size) * spread / (n - 1))

"""Variances and covariances of variables in the population."""

from dataclasses import replace
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd

from analysis.estimation.arrays import IntArray, Values, as_columns
from analysis.estimation.designs.survey_design import SurveyDesign
from analysis.estimation.domains import Domains
from analysis.estimation.labels import Labels
from analysis.estimation.results.estimate import Estimate


def population_covariances(design: SurveyDesign, values: Values, *, by: Labels | None = None) -> Estimate:
    r"""Variance of every variable and covariance of every pair in the population.

    Parameters
    ----------
    design : SurveyDesign
    values : array-like, shape (n_rows,) or (n_rows, k)
        A row with a missing value takes no part.
    by : array-like of labels, shape (n_rows,), optional
        Domains.

    Returns
    -------
    Estimate
        k (k + 1) / 2 entries per domain, named ``a*a``, ``a*b``, ..., with their joint covariance.

    Raises
    ------
    DomainError
        If no row is in any domain.

    Notes
    -----
    :math:`\hat S_{ab} = \frac{n}{n-1} \sum w (a - \bar a)(b - \bar b) / \sum w` over the rows that take
    part, with n the rows of the domain that have a weight other than 0, whether they answered or not. Its
    error is that of the mean of the products: the estimation of the means adds nothing to first order.
    Equal to R's ``svyvar`` (``na.rm=TRUE``), but for a single answer, which has no variance here.

    Examples
    --------
    >>> design = SurveyDesign.from_arrays(np.ones(4))
    >>> population_covariances(design, [1.0, 2.0, 3.0, 4.0]).value.round(6).tolist()
    [1.666667]
    """
    columns, names = as_columns(values, n_rows=design.n_rows, name="values")
    columns = np.where(np.isnan(columns).any(axis=1, keepdims=True), np.nan, columns)
    mean = design.mean(columns, by=by).value.reshape(-1, len(names))
    domains = Domains.whole(design.n_rows)
    if by is not None:
        domains = Domains.from_labels(by, n_rows=design.n_rows)
    deviations = columns - mean[domains.codes]
    pairs = list(combinations_with_replacement(range(len(names)), 2))
    products = pd.DataFrame({f"{names[a]}*{names[b]}": deviations[:, a] * deviations[:, b] for a, b in pairs})
    sizes = np.bincount(domains.codes[(domains.codes >= 0) & (design.weights != 0)], minlength=len(mean))
    return _unbiased(design.mean(products, by=by), np.repeat(sizes, len(pairs)))


def _unbiased(products: Estimate, n: IntArray) -> Estimate:
    """Divide by n - 1 instead of n, the rows of the domain; a single answer has no variance."""
    factor = n / np.where(products.n > 1, n - 1, np.nan)
    return replace(
        products,
        value=products.value * factor,
        covariance=products.covariance * np.outer(factor, factor),
        deff=np.full(len(products), np.nan),
    )

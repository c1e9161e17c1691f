"""Direct standardisation: what domains would show if they had the same composition."""

from collections.abc import Hashable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.estimation.arrays import FloatArray, Values, as_columns
from analysis.estimation.designs.survey_design import SurveyDesign
from analysis.estimation.domains import Domains
from analysis.estimation.errors import DomainError, EstimandError
from analysis.estimation.labels import Labels, name_unknown
from analysis.estimation.results.estimate import Estimate

_SHOWN = 3


def standardised_mean(
    design: SurveyDesign,
    values: Values,
    classes: Labels,
    population: Mapping[Hashable, float],
    *,
    by: Labels | None = None,
    empty: str = "fail",
    bounds: tuple[float, float] | None = None,
) -> Estimate:
    r"""Mean by domain as if every domain had the composition of a standard population.

    Parameters
    ----------
    design : SurveyDesign
    values : array-like, shape (n_rows,) or (n_rows, k)
        NaN is a missing answer.
    classes : array-like of labels, shape (n_rows,), or data frame
        Class of each row, for example its age group; a data frame crosses its columns.
    population : mapping of label to float
        Count or share of every class in the standard population; a tuple of labels where classes are crossed.
    by : array-like of labels, shape (n_rows,), or data frame, optional
        Domains.
    empty : str
        What to do if nobody of a class answered in a domain: ``fail``, or ``rescale`` the shares of the
        classes that are there, which is then no longer the standard population.
    bounds : pair of floats, optional
        Least and greatest possible value; (0, 1) for a share.

    Returns
    -------
    Estimate
        One entry per domain and column; df and n are those of the domain, the design effect is not defined.

    Raises
    ------
    EstimandError
        If the population does not name every class, or its counts are not above 0.
    DomainError
        If a class is empty in a domain and ``empty`` is ``fail``.

    Notes
    -----
    :math:`\hat\theta_d = \sum_a \pi_a \bar y_{da}` with the shares :math:`\pi_a` of the standard
    population, and the covariance of this combination of the means of domains by classes. Equal to R's
    ``svystandardize`` followed by ``svyby`` where nobody's answer is missing.

    References
    ----------
    Klein, R. J. and Schoenborn, C. A. (2001). Age adjustment using the 2000 projected U.S. population.
    Healthy People Statistical Notes 20. National Center for Health Statistics.

    Examples
    --------
    >>> design = SurveyDesign.from_arrays(np.ones(4))
    >>> age = ["young", "young", "old", "old"]
    >>> standardised_mean(design, [0.0, 1.0, 1.0, 1.0], age, {"young": 3, "old": 1}).value.tolist()
    [0.625]
    """
    columns, names = as_columns(values, n_rows=design.n_rows, name="values")
    domains = Domains.whole(design.n_rows)
    if by is not None:
        domains = Domains.from_labels(by, n_rows=design.n_rows)
    parts = Domains.from_observed(classes, n_rows=design.n_rows)
    shares = _population_shares(parts.labels, population)
    inside = (domains.codes >= 0) & (parts.codes >= 0)
    cell = pd.Series(domains.codes * len(shares) + parts.codes).where(inside)
    means = design.mean(pd.DataFrame(columns, columns=list(names)), by=cell)
    weights = _combination(means, shares, domains.labels, names, empty=empty)
    crude = design.mean(columns, by=pd.Series(domains.codes).where(inside))
    labels = tuple(label for label in domains.labels for _ in names)
    return replace(
        means.contrast(weights, names * len(domains.labels)),
        domains=labels,
        n=crude.n,
        degrees_of_freedom=crude.degrees_of_freedom,
        bounds=bounds,
    )


def _population_shares(labels: tuple[Hashable, ...], population: Mapping[Hashable, float]) -> FloatArray:
    missing = [label for label in labels if label not in population]
    if missing:
        raise EstimandError(
            expected="a standard population for every class",
            got=f"none for {name_unknown(missing[:_SHOWN], population)}",
            hint="Add the class, or set its label to missing to leave it out of all domains.",
        )
    absent = [label for label in population if label not in labels]
    counts = np.array([population[label] for label in labels], dtype=float)
    if absent or not (np.isfinite(counts) & (counts > 0)).all():
        raise EstimandError(
            expected="a count above 0 for every class of the standard population, and somebody in it",
            got=f"nobody in {absent[0]!r}" if absent else f"{counts.min():g}",
            hint="Merge the class with another in both the sample and the population.",
        )
    shares: FloatArray = counts / counts.sum()
    return shares


def _combination(
    means: Estimate,
    shares: FloatArray,
    labels: tuple[Hashable, ...],
    names: tuple[str, ...],
    *,
    empty: str,
) -> FloatArray:
    """Weights of the domain-by-class means, shape (n_domains * n_names, n_means)."""
    cells = np.array(means.domains[:: len(names)], dtype=float).astype(np.int64)
    domain, part = np.divmod(cells, len(shares))
    answered = ~np.isnan(means.value.reshape(-1, len(names)))
    weights = np.zeros((len(labels), len(names), len(cells), len(names)))
    for name in range(len(names)):
        weights[domain, name, np.arange(len(cells)), name] = shares[part] * answered[:, name]
    reached = weights.sum(axis=(2, 3))
    short = np.argwhere(reached < 1 - np.sqrt(np.finfo(float).eps))
    if len(short) and empty != "rescale":
        raise DomainError(
            expected="somebody of every class in every domain",
            got=f"an empty class in {labels[short[0, 0]]!r}",
            hint="Merge classes, leave the domain out, or allow rescaling (empty='rescale').",
        )
    reached = np.where(reached > 0, reached, np.nan)
    return (weights / reached[:, :, None, None]).reshape(len(labels) * len(names), -1)

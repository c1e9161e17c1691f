"""Differences between domains, from the whole, and between rounds: covariances are kept in all of them."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.estimation.arrays import FloatArray, IntArray, Values, as_columns, bounds_of_shares
from analysis.estimation.comparisons.degrees import pair_degrees
from analysis.estimation.designs.survey_design import SurveyDesign
from analysis.estimation.domains import Domains
from analysis.estimation.errors import DomainError, EstimandError
from analysis.estimation.labels import Labels
from analysis.estimation.results.estimate import Estimate

TWO_ROUNDS = 2


def difference(estimate: Estimate, first: Hashable, second: Hashable) -> Estimate:
    """First domain minus second, of every variable.

    Parameters
    ----------
    estimate : Estimate
        With domains.
    first, second : hashable
        Labels of two domains.

    Returns
    -------
    Estimate
        One entry per variable. Its variance holds the covariance of domains that share PSUs; its degrees of
        freedom are Satterthwaite's, at most PSUs minus strata where either domain has members. A part whose
        variance is 0 leaves its flag, and no test; limits then come from those of the parts.

    Raises
    ------
    DomainError
        If there is no such domain.

    Examples
    --------
    >>> design = SurveyDesign.from_arrays(np.ones(4))
    >>> shares = design.proportion([1, 0, 1, 1], by=["a", "a", "b", "b"])
    >>> difference(shares, "b", "a").value.tolist()
    [0.5]
    """
    above, below = _positions(estimate, first), _positions(estimate, second)
    return _subtract(estimate, above, below, [f"{first} minus {second}"] * len(above))


def minus_overall(estimate: Estimate) -> Estimate:
    """Every domain minus the whole that contains it.

    Parameters
    ----------
    estimate : Estimate
        Made with ``overall=True``.

    Returns
    -------
    Estimate
        One entry per domain and variable, with the domain's degrees of freedom; the covariance with
        the whole is kept.

    Raises
    ------
    EstimandError
        If the estimate does not begin with the whole.

    Examples
    --------
    >>> design = SurveyDesign.from_arrays(np.ones(4))
    >>> shares = design.proportion([1, 0, 1, 1], by=["a", "a", "b", "b"], overall=True)
    >>> minus_overall(shares).value.tolist()
    [-0.25, 0.25]
    """
    n_names = estimate.domains.count(estimate.domains[0])
    n_domains = len(estimate) // n_names
    if n_domains == 1 or estimate.domains[0] is None:
        raise EstimandError(
            expected="an estimate of the whole and of its domains",
            got=f"domains {estimate.domains[:3]}",
            hint="Estimate with by=... and overall=True.",
        )
    below = np.tile(np.arange(n_names), n_domains - 1)
    above = np.arange(n_names, len(estimate))
    contrast = _subtract(estimate, above, below, [estimate.names[place] for place in above])
    return replace(
        contrast,
        domains=tuple(estimate.domains[place] for place in above),
        degrees_of_freedom=estimate.degrees_of_freedom[above],
        n=estimate.n[above],
    )


def stack_rounds(rounds: Mapping[Hashable, pd.DataFrame], name: str = "round") -> pd.DataFrame:
    """Put the rows of several rounds under each other, with a column that tells them apart.

    A design built from the result knows a PSU that was kept from round to round as one PSU, so that changes
    have the covariance of its answers; PSUs that were replaced are PSUs of one round only. PSU and stratum
    labels must mean the same in all rounds.

    Parameters
    ----------
    rounds : mapping of label to DataFrame
        With the same design columns; the earliest first.
    name : str
        Of the new column, an ordered category.

    Returns
    -------
    DataFrame

    Raises
    ------
    EstimandError
        If a round brings a column of that name.

    Examples
    --------
    >>> first = pd.DataFrame({"psu": ["a", "b"], "w": [1.0, 1.0], "y": [1.0, 2.0]})
    >>> both = stack_rounds({2024: first, 2025: first.assign(y=first["y"] + 1)})
    >>> design = SurveyDesign.from_frame(both, weight="w", clusters="psu")
    >>> change(design, both["y"], both["round"]).standard_error.round(12).tolist()
    [0.0]
    """
    if any(name in frame.columns for frame in rounds.values()):
        raise EstimandError(
            expected=f"rounds without a column {name!r}",
            got="one",
            hint="Choose another name for the column of rounds.",
        )
    stacked = pd.concat(rounds.values(), ignore_index=True)
    lengths = [len(frame) for frame in rounds.values()]
    codes = np.repeat(np.arange(len(rounds)), lengths)
    return stacked.assign(**{name: pd.Categorical.from_codes(codes, pd.Index(list(rounds)), ordered=True)})


def change(
    design: SurveyDesign,
    values: Values,
    rounds: Labels,
    *,
    by: Labels | None = None,
    bounds: tuple[float, float] | None = None,
) -> Estimate:
    """Mean in the later round minus mean in the earlier one.

    Parameters
    ----------
    design : SurveyDesign
        Of the rows of both rounds, see :func:`stack_rounds`.
    values : array-like, shape (n_rows,) or (n_rows, k)
    rounds : array-like, shape (n_rows,)
        Two labels; the later comes later in order.
    by : array-like or data frame of labels, optional
        Domains; those without rows in both rounds are left out.
    bounds : pair of floats, optional
        Least and greatest possible value, for example (1, 5); (0, 1) by default where there are only zeros
        and ones. They give an interval where everybody in a round gave the same answer.

    Returns
    -------
    Estimate
        One entry per domain and variable. The variance holds the covariance between the rounds; the degrees
        of freedom are those of the PSUs of both. Test it with
        :func:`analysis.estimation.compare_with_zero`, which adjusts for the number of domains.

    Raises
    ------
    DomainError
        If there are not two rounds, or no domain has rows in both.
    """
    labels = Domains.from_observed(rounds, n_rows=design.n_rows)
    if len(labels.labels) != TWO_ROUNDS:
        raise DomainError(
            expected="two rounds",
            got=f"{len(labels.labels)}: {', '.join(map(str, labels.labels))}",
            hint="Mark the rows of other rounds with a missing label.",
        )
    domains = Domains.whole(design.n_rows) if by is None else Domains.from_labels(by, n_rows=design.n_rows)
    columns, _ = as_columns(values, n_rows=design.n_rows, name="values")
    return _change_by_domain(design, values, labels, domains, bounds or bounds_of_shares(columns))


def _change_by_domain(
    design: SurveyDesign,
    values: Values,
    rounds: Domains,
    domains: Domains,
    bounds: tuple[float, float] | None,
) -> Estimate:
    is_inside = (domains.codes >= 0) & (rounds.codes >= 0)
    pairs = {"domain": domains.codes, "round": rounds.codes}
    cells = pd.DataFrame({name: np.where(is_inside, codes, np.nan) for name, codes in pairs.items()})
    means = design.mean(values, by=cells)
    both = replace(means, bounds=bounds, covariance=means.precision.deferred())
    place = _by_label(both)
    kept = [code for code in range(len(domains.labels)) if (code, 0) in place and (code, 1) in place]
    if not kept:
        raise DomainError(
            expected="a domain with rows in both rounds",
            got="none",
            hint="Check that domains have the same labels in both rounds.",
        )
    later = np.concatenate([place[code, 1] for code in kept])
    earlier = np.concatenate([place[code, 0] for code in kept])
    contrast = _subtract(both, later, earlier, [both.names[position] for position in later])
    together = design.mean(values, by=cells["domain"])
    union = _by_label(together)
    return replace(
        contrast,
        domains=tuple(domains.labels[code] for code in kept for _ in union[code]),
        degrees_of_freedom=together.degrees_of_freedom[np.concatenate([union[code] for code in kept])],
    )


def _by_label(estimate: Estimate) -> dict[Hashable, IntArray]:
    """Positions of the entries of every domain."""
    positions: dict[Hashable, list[int]] = {}
    for position, label in enumerate(estimate.domains):
        positions.setdefault(label, []).append(position)
    return {label: np.array(places) for label, places in positions.items()}


def _positions(estimate: Estimate, label: Hashable) -> IntArray:
    places = _by_label(estimate)
    if label not in places:
        raise DomainError(
            expected=f"a domain among {', '.join(map(str, list(places)[:10]))}",
            got=repr(label),
            hint="Estimate with by=... first.",
        )
    return places[label]


def _subtract(estimate: Estimate, above: IntArray, below: IntArray, names: Sequence[str]) -> Estimate:
    """Contrast pairs of entries, with the degrees of freedom of both parts."""
    used, place = np.unique(np.concatenate([above, below]), return_inverse=True)
    chosen = estimate.select(used)
    matrix = np.zeros((len(above), len(used)))
    rows = np.arange(len(above))
    matrix[rows, place[: len(above)]] += 1
    matrix[rows, place[len(above) :]] -= 1
    contrast = chosen.contrast(matrix, names)
    return replace(
        contrast, degrees_of_freedom=_pair_degrees(chosen, place[: len(above)], place[len(above) :])
    )


def _pair_degrees(estimate: Estimate, above: IntArray, below: IntArray) -> FloatArray:
    """Degrees of freedom of the pairs; the smaller of the two without variance."""
    df = estimate.degrees_of_freedom
    both = pair_degrees(estimate, above, below)
    return np.where(np.isnan(both), np.minimum(df[above], df[below]), both)

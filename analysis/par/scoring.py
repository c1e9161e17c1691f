"""Totals, domain indices, groups and means of the reform index."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from analysis.par.criteria import CriteriaSet, Criterion, Group
from analysis.par.errors import ParError
from analysis.par.exact import Number, as_decimal
from analysis.par.points import INCOMPLETE, SCORED, WHOLE


@dataclass(frozen=True, slots=True)
class DomainScore:
    """Points of one domain and its index, both None while a leaf is missing."""

    code: str
    maximum: Decimal
    points: Decimal | None
    index: Decimal | None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The reform index of one province, unrounded; without all leaves it has no total."""

    unit: str
    domains: tuple[DomainScore, ...]
    points: Decimal | None
    index: Decimal | None
    group: str | None
    status: str
    missing: tuple[str, ...]


def percent_of(points: Number, maximum: Number) -> Decimal:
    """Return points as a percentage of their maximum: the index of a domain, a block or the whole.

    Parameters
    ----------
    points, maximum
        Points achieved and points possible.

    Returns
    -------
    Decimal
        ``points / maximum * 100``, unrounded.

    Raises
    ------
    ParError
        ``no_points_possible`` if the maximum is not positive.

    Examples
    --------
    >>> percent_of("54.2", "61.5").quantize(Decimal("0.01"))
    Decimal('88.13')
    """
    possible = as_decimal(maximum)
    if possible <= 0:
        raise ParError(
            "no_points_possible", expected="a maximum above 0", got=str(possible), hint="Correct the maximum."
        )
    return as_decimal(points) / possible * WHOLE


def group_of(index: Number, groups: Iterable[Group]) -> str:
    """Return the group of an index value.

    Parameters
    ----------
    index
        The unrounded index.
    groups
        Groups in falling order of their floor; the last floor is 0.

    Returns
    -------
    str
        Code of the first group whose floor the index reaches.

    Raises
    ------
    ParError
        ``no_group`` if the index is below every floor.

    Examples
    --------
    >>> group_of("89.99", [Group("A", Decimal(90), False), Group("B", Decimal(0), False)])
    'B'
    """
    value = as_decimal(index)
    for group in groups:
        if value >= group.at_least:
            return group.code
    raise ParError(
        "no_group",
        expected="an index of at least the lowest group",
        got=str(value),
        hint="Correct the index or the groups.",
    )


def national_mean(values: Iterable[Number]) -> Decimal:
    """Return the plain mean over provinces, each counted once whatever its population.

    Parameters
    ----------
    values
        Index values of the provinces that have one.

    Returns
    -------
    Decimal
        Their unweighted mean.

    Raises
    ------
    ParError
        ``no_values`` if there are none.

    Examples
    --------
    >>> national_mean(["90", "80.5"])
    Decimal('85.25')
    """
    listed = [as_decimal(value) for value in values]
    if not listed:
        raise ParError(
            "no_values",
            expected="at least one province with an index",
            got="none",
            hint="Score the provinces first.",
        )
    return sum(listed, Decimal(0)) / len(listed)


def mean_of_regions(means: Mapping[str, Number], counts: Mapping[str, int]) -> Decimal:
    """Rebuild the national mean from published region means and the number of provinces in each.

    Parameters
    ----------
    means
        Mean by region.
    counts
        Number of provinces by region, for the same regions.

    Returns
    -------
    Decimal
        ``sum(count * mean) / sum(count)``.

    Raises
    ------
    ParError
        ``different_regions`` if means and counts name different regions.

    Examples
    --------
    >>> mean_of_regions({"north": "80", "south": "90"}, {"north": 3, "south": 1})
    Decimal('82.5')
    """
    if set(means) != set(counts):
        raise ParError(
            "different_regions",
            expected=f"means and counts of the same regions, {sorted(means)}",
            got=f"counts of {sorted(counts)}",
            hint="Name the same regions in both.",
        )
    total = sum((counts[region] * as_decimal(mean) for region, mean in means.items()), Decimal(0))
    return total / sum(counts.values())


def score_unit(criteria_set: CriteriaSet, unit: str, points: Mapping[str, Number | None]) -> Scorecard:
    """Add up the points of one province.

    Parameters
    ----------
    criteria_set
        A complete set.
    unit
        Code of the province.
    points
        Points by leaf code; a leaf that is None or absent is missing and leaves the province without total.

    Returns
    -------
    Scorecard
        Domains, total, index and group; ``status`` is ``"incomplete"`` and the total None if a leaf is
        missing.

    Raises
    ------
    ParError
        ``not_scorable`` for a set whose points are not all known; ``unknown_leaf``; ``points_out_of_range``.

    Notes
    -----
    Nothing is rounded: published totals are not the sums of published, rounded parts.

    Examples
    --------
    >>> from analysis.methods import criteria_set
    >>> demo = criteria_set("DEMO-876-SHAPE").parsed
    >>> full = score_unit(demo, "01", {leaf.code: leaf.maximum for leaf in demo.leaves})
    >>> full.index, full.group
    (Decimal('100.0'), 'A')
    """
    _require_scorable(criteria_set)
    known = _read_points(criteria_set, unit, points)
    domains = tuple(_score_domain(domain, known) for domain in criteria_set.domains)
    missing = tuple(leaf.code for leaf in criteria_set.leaves if leaf.code not in known)
    if missing:
        return Scorecard(unit, domains, None, None, None, INCOMPLETE, missing)
    total = sum(known.values(), Decimal(0))
    index = percent_of(total, criteria_set.declared_total)
    return Scorecard(unit, domains, total, index, group_of(index, criteria_set.groups), SCORED, ())


def _require_scorable(criteria_set: CriteriaSet) -> None:
    if not criteria_set.is_scorable:
        raise ParError(
            "not_scorable",
            expected="a complete criteria set for a total, with every maximum known",
            got=f"{criteria_set.code}, which is {criteria_set.completeness}",
            hint="Score its satisfaction item alone, or load the complete table.",
        )


def _read_points(
    criteria_set: CriteriaSet, unit: str, points: Mapping[str, Number | None]
) -> dict[str, Decimal]:
    maxima = {leaf.code: leaf.maximum for leaf in criteria_set.leaves if leaf.maximum is not None}
    unknown = sorted(set(points) - set(maxima))
    if unknown:
        raise ParError(
            "unknown_leaf",
            expected=f"points of unit {unit} for leaves of criteria set {criteria_set.code}",
            got=", ".join(unknown),
            hint="Correct the codes.",
        )
    known = {code: as_decimal(value) for code, value in points.items() if value is not None}
    for code, value in known.items():
        if not 0 <= value <= maxima[code]:
            raise ParError(
                "points_out_of_range",
                expected=f"0 to {maxima[code]} points of unit {unit} for {code}",
                got=str(value),
                hint="Correct the points.",
            )
    return known


def _score_domain(domain: Criterion, known: Mapping[str, Decimal]) -> DomainScore:
    maximum = domain.maximum or Decimal(0)
    codes = [leaf.code for leaf in domain.leaves]
    if any(code not in known for code in codes):
        return DomainScore(domain.code, maximum, None, None)
    points = sum((known[code] for code in codes), Decimal(0))
    return DomainScore(domain.code, maximum, points, percent_of(points, maximum))

"""Ranks of provinces, and how much of a ranking the sample can tell apart."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

import numpy as np
from scipy import stats

from analysis.estimation.multiplicity import adjust_p_values
from analysis.par.errors import ParError
from analysis.par.exact import Number, as_decimal, as_variance, round_half_up


@dataclass(frozen=True, slots=True)
class Rank:
    """The place of one unit; ``rank`` is None for a unit without a value.

    ``is_tied`` marks equal unrounded values, which share a rank; ``is_tied_as_shown`` marks values that print
    alike, equal or not.
    """

    unit: str
    value: Decimal | None
    rank: int | None
    is_tied: bool
    is_tied_as_shown: bool


@dataclass(frozen=True, slots=True)
class RankedEstimate:
    """A value with its sampling variance, for comparison with others; the units' samples are independent."""

    unit: str
    value: Number
    variance: Number
    df: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The difference of two units, and whether the sample tells them apart."""

    first: str
    second: str
    difference: Decimal
    standard_error: Decimal
    p_value: float
    is_distinguishable: bool


@dataclass(frozen=True, slots=True)
class RankInterval:
    """The ranks a unit may hold in truth, given which others are told apart from it."""

    unit: str
    best: int
    worst: int


def competition_ranks(values: Mapping[str, Number | None]) -> tuple[Rank, ...]:
    """Rank units by falling value, equal values sharing the better rank (1, 2, 2, 4).

    Parameters
    ----------
    values
        Unrounded value by unit; None for a unit that has none and is not ranked.

    Returns
    -------
    tuple of Rank
        Best first, ties in the order given; units without a value last.

    Examples
    --------
    >>> ranks = competition_ranks({"a": 90, "b": 91, "c": 90, "d": 89, "e": None})
    >>> [(rank.unit, rank.rank, rank.is_tied) for rank in ranks]
    [('b', 1, False), ('a', 2, True), ('c', 2, True), ('d', 4, False), ('e', None, False)]
    """
    known = {unit: as_decimal(value) for unit, value in values.items() if value is not None}
    ordered = sorted(known.items(), key=lambda item: -item[1])
    n_exact = Counter(known.values())
    n_shown = Counter(round_half_up(value) for value in known.values())
    first_place: dict[Decimal, int] = {}
    for place, (_, value) in enumerate(ordered, start=1):
        first_place.setdefault(value, place)
    ranked = [
        Rank(unit, value, first_place[value], n_exact[value] > 1, n_shown[round_half_up(value)] > 1)
        for unit, value in ordered
    ]
    unranked = [
        Rank(unit, None, None, is_tied=False, is_tied_as_shown=False) for unit in values if unit not in known
    ]
    return (*ranked, *unranked)


def pairwise_comparisons(
    estimates: Iterable[RankedEstimate], *, confidence: float = 0.95, is_simultaneous: bool = True
) -> tuple[Comparison, ...]:
    """Test every pair of units for a difference.

    Parameters
    ----------
    estimates
        Value, variance and degrees of freedom of independently sampled units.
    confidence
        One minus the level of the tests.
    is_simultaneous
        Hold the level over all pairs together (Holm's step-down over both directions of every pair), so
        that the rank intervals hold jointly. False tests every pair on its own, for a comparison chosen
        beforehand.

    Returns
    -------
    tuple of Comparison
        One per unordered pair, in the order of the estimates; ``p_value`` is two-sided and unadjusted.

    Notes
    -----
    The statistic is the difference over ``sqrt(v1 + v2)``; its degrees of freedom are Satterthwaite's.
    The joint statement follows Mogstad, Romano, Shaikh and Wilhelm, "Inference for Ranks" (2024).
    Two units whose difference has no variance are told apart when they differ at all.

    Examples
    --------
    >>> high, low = RankedEstimate("a", 90, 1), RankedEstimate("b", 80, 1)
    >>> pairwise_comparisons([high, low])[0].is_distinguishable
    True
    """
    pairs = list(combinations(estimates, 2))
    p_values = [_p_value(first, second) for first, second in pairs]
    alpha = 1 - confidence
    told_apart = (
        _told_apart_together(p_values, alpha)
        if is_simultaneous
        else [p_value <= alpha for p_value in p_values]
    )
    return tuple(
        Comparison(
            first.unit, second.unit, _difference(first, second), _spread(first, second), p_value, is_apart
        )
        for (first, second), p_value, is_apart in zip(pairs, p_values, told_apart, strict=True)
    )


def rank_intervals(comparisons: Iterable[Comparison]) -> dict[str, RankInterval]:
    """Turn pairwise comparisons into the range of ranks each unit may hold.

    Parameters
    ----------
    comparisons
        Every unordered pair of the units once, however it was tested.

    Returns
    -------
    dict of str to RankInterval
        ``best`` is one more than the number of units shown to be higher, ``worst`` the number of units less
        those shown to be lower.

    Raises
    ------
    ParError
        ``incomplete_comparisons`` if a pair is missing or given twice.

    Examples
    --------
    >>> apart = Comparison("a", "b", Decimal(10), Decimal(1), 0.0, True)
    >>> rank_intervals([apart])["b"]
    RankInterval(unit='b', best=2, worst=2)
    """
    listed = tuple(comparisons)
    units = list(dict.fromkeys(unit for pair in listed for unit in (pair.first, pair.second)))
    expected = len(units) * (len(units) - 1) // 2
    distinct = {frozenset((pair.first, pair.second)) for pair in listed}
    if not len(listed) == len(distinct) == expected:
        raise ParError(
            "incomplete_comparisons",
            expected=f"every pair of {len(units)} units once, {expected} pairs",
            got=f"{len(listed)}, {len(distinct)} of them different",
            hint="Compare all pairs.",
        )
    n_higher, n_lower = _count_told_apart(listed)
    return {unit: RankInterval(unit, 1 + n_higher[unit], len(units) - n_lower[unit]) for unit in units}


def _count_told_apart(comparisons: Iterable[Comparison]) -> tuple[Counter[str], Counter[str]]:
    """Count for every unit how many others are shown to be higher and how many lower."""
    n_higher: Counter[str] = Counter()
    n_lower: Counter[str] = Counter()
    for pair in comparisons:
        if not pair.is_distinguishable:
            continue
        winner, loser = (pair.first, pair.second) if pair.difference > 0 else (pair.second, pair.first)
        n_higher[loser] += 1
        n_lower[winner] += 1
    return n_higher, n_lower


def _difference(first: RankedEstimate, second: RankedEstimate) -> Decimal:
    return as_decimal(first.value) - as_decimal(second.value)


def _spread(first: RankedEstimate, second: RankedEstimate) -> Decimal:
    """Return the standard error of the difference of two independent estimates."""
    return (as_variance(first.variance, of=first.unit) + as_variance(second.variance, of=second.unit)).sqrt()


def _p_value(first: RankedEstimate, second: RankedEstimate) -> float:
    difference, spread = _difference(first, second), _spread(first, second)
    if not spread:
        return float(not difference)
    statistic = abs(float(difference / spread))
    df = _welch_df(first, second)
    return float(2 * (stats.norm.sf(statistic) if df is None else stats.t.sf(statistic, df)))


def _welch_df(first: RankedEstimate, second: RankedEstimate) -> float | None:
    """Return Satterthwaite's degrees of freedom; a unit without any counts as infinitely many."""
    variances = [(float(as_decimal(unit.variance)), unit.df) for unit in (first, second)]
    loss = sum(variance**2 / df for variance, df in variances if df is not None)
    return sum(variance for variance, _ in variances) ** 2 / loss if loss else None


def _told_apart_together(p_values: list[float], alpha: float) -> list[bool]:
    """Test all pairs at one joint level, each pair in both directions, so that no sign is wrong either."""
    one_sided = np.array(p_values) / 2
    adjusted = adjust_p_values(np.concatenate([one_sided, 1 - one_sided]), "holm")
    return [bool(p_value <= alpha) for p_value in adjusted[: len(p_values)]]

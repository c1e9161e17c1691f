"""Ranks of provinces by their points; the rank intervals come from the comparison of their indices."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from analysis.par.exact import Number, as_decimal, round_half_up


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

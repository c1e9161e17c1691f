"""Sorting by several keys like a winding road, so that neighbours in the list are alike."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from sampling.design.selection import SelectionError


def serpentine_order(keys: Mapping[str, Sequence[Any]]) -> list[str]:
    """Sort ids by several keys, every second group the other way round.

    Parameters
    ----------
    keys : mapping of str to sequence
        The keys of every id, the first one sorted first; as many for each, and comparable with each other.

    Returns
    -------
    list of str
        Ids in order. Ids with the same keys are neighbours, ordered by id.

    Raises
    ------
    SelectionError
        If one id has another number of keys than the others.

    Notes
    -----
    Inside the first group of the first key the second key goes up, inside the second group it goes down, and
    so on at every level. The last unit of a group and the first one of the next are therefore alike in all
    keys but the first that changes, which makes systematic samples spread evenly over every key [1]_.

    References
    ----------
    .. [1] Williams, R. L., Chromy, J. R. (1980). SAS sample selection MACROS. Proceedings of the SAS Users
       Group International Conference 5.

    Examples
    --------
    >>> serpentine_order({"a": ("north", 1), "b": ("north", 9), "c": ("south", 2), "d": ("south", 8)})
    ['a', 'b', 'd', 'c']
    """
    lengths = {len(key) for key in keys.values()}
    if len(lengths) > 1:
        raise SelectionError(f"Expected as many keys for every unit, got {sorted(lengths)}.")
    return _wind(sorted(keys), keys, 0, max(lengths, default=0))


def _wind(ids: list[str], keys: Mapping[str, Sequence[Any]], level: int, n_levels: int) -> list[str]:
    """Sort by the keys from one level on."""
    if level == n_levels:
        return ids
    by_key = sorted(ids, key=lambda unit: keys[unit][level])
    ordered: list[str] = []
    for place, (_value, group) in enumerate(groupby(by_key, key=lambda unit: keys[unit][level])):
        inner = _wind(list(group), keys, level + 1, n_levels)
        ordered += reversed(inner) if place % 2 else inner
    return ordered

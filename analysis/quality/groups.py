"""Groups of domains that cannot be told apart, in a form that reads well in a table."""

from collections.abc import Hashable
from string import ascii_lowercase
from typing import Protocol

import numpy as np
import pandas as pd

from analysis.estimation import BoolArray, FloatArray
from analysis.quality.ranks import observed_ranks


class Comparison(Protocol):
    """Domains and which of them is shown to be higher: a set of ranks, or all tests between pairs."""

    @property
    def labels(self) -> tuple[Hashable, ...]:
        """Return the domains, length k."""

    @property
    def value(self) -> FloatArray:
        """Return their values, shape (k,)."""

    @property
    def is_higher(self) -> BoolArray:
        """Tell whether the row is shown to be higher than the column, shape (k, k)."""


def describe_groups(comparison: Comparison) -> pd.DataFrame:
    """Say for every domain where it stands and from whom it cannot be told apart.

    Parameters
    ----------
    comparison : Comparison
        For example ``joint_rank_sets(...)``, or the tests of all pairs with Holm's adjustment.

    Returns
    -------
    DataFrame
        One row per domain, highest first: domain, value, rank, rank_low, rank_high, tier, letters and
        n_not_distinguishable, the number of others it cannot be told apart from.

    Notes
    -----
    "Cannot be told apart" is not transitive: a may not differ from b, nor b from c, and still a from c. Tiers
    (:func:`find_tiers`) are the only grouping where that never hides a difference across groups, and with few
    PSUs there is often just one; rank intervals say more; letters (:func:`compact_letters`) say all.

    Examples
    --------
    >>> from analysis.quality.ranks import RankSets
    >>> higher = np.array([[0, 0, 1], [0, 0, 0], [0, 0, 0]], dtype=bool)
    >>> sets = RankSets(("x", "y", "z"), np.array([9.0, 8.0, 7.0]), higher, 0.95, "differences", 0.02)
    >>> describe_groups(sets)[["domain", "rank_low", "rank_high", "tier", "letters"]].to_numpy().tolist()
    [['x', 1, 2, 1, 'a'], ['y', 1, 3, 1, 'ab'], ['z', 2, 3, 1, 'b']]
    """
    is_higher = comparison.is_higher
    apart = is_higher | is_higher.T
    k = len(comparison.labels)
    frame = pd.DataFrame(
        {
            "domain": list(comparison.labels),
            "value": comparison.value,
            "rank": observed_ranks(comparison.value),
            "rank_low": 1 + is_higher.sum(axis=0),
            "rank_high": k - is_higher.sum(axis=1),
            "tier": find_tiers(comparison.value, is_higher),
            "letters": compact_letters(comparison.value, apart),
            "n_not_distinguishable": k - 1 - apart.sum(axis=1),
        }
    )
    return frame.sort_values("rank", kind="stable", ignore_index=True)


def find_tiers(value: FloatArray, is_higher: BoolArray) -> list[int]:
    """Cut the order of domains wherever everyone above is shown to be higher than everyone below.

    Parameters
    ----------
    value : float array, shape (k,)
    is_higher : bool array, shape (k, k)

    Returns
    -------
    list of int, length k
        Tier of each domain, from 1, the highest.

    Examples
    --------
    >>> higher = np.array([[0, 0, 1], [0, 0, 1], [0, 0, 0]], dtype=bool)
    >>> find_tiers(np.array([9.0, 8.0, 7.0]), higher)
    [1, 1, 2]
    """
    order = np.argsort(-value, kind="stable")
    sorted_higher = is_higher[np.ix_(order, order)]
    is_cut = [bool(sorted_higher[:place, place:].all()) for place in range(1, len(value))]
    tiers = np.empty(len(value), dtype=np.int64)
    tiers[order] = np.concatenate([[1], 1 + np.cumsum(is_cut)])
    return [int(tier) for tier in tiers]


def compact_letters(value: FloatArray, is_apart: BoolArray) -> list[str]:
    """Give domains letters so that two share one exactly if they cannot be told apart.

    Parameters
    ----------
    value : float array, shape (k,)
        Letters begin at the highest.
    is_apart : bool array, shape (k, k)
        Symmetric.

    Returns
    -------
    list of str, length k

    References
    ----------
    Piepho (2004), Journal of Computational and Graphical Statistics 13: insert and absorb.

    Examples
    --------
    >>> apart = np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0]], dtype=bool)
    >>> compact_letters(np.array([9.0, 8.0, 7.0]), apart)
    ['a', 'ab', 'b']
    """
    order = np.argsort(-value, kind="stable")
    groups = [frozenset(range(len(value)))]
    for first, second in np.argwhere(np.triu(is_apart[np.ix_(order, order)], 1)).tolist():
        groups = _separate(groups, first, second)
    listed = sorted(sorted(group) for group in groups)
    letters = [""] * len(value)
    for number, group in enumerate(listed):
        for place in group:
            letters[order[place]] += _letter(number)
    return letters


def _separate(groups: list[frozenset[int]], first: int, second: int) -> list[frozenset[int]]:
    """Split every group that holds both, and drop what is then part of another group."""
    pair = {first, second}
    kept = [group for group in groups if not pair <= group]
    for group in groups:
        if pair <= group:
            halves = (group - {first}, group - {second})
            kept += [half for half in halves if not any(half <= other for other in kept)]
    return kept


def _letter(number: int) -> str:
    """Return a to z, then a1 to z1, and so on."""
    turn, place = divmod(number, len(ascii_lowercase))
    return ascii_lowercase[place] + (str(turn) if turn else "")

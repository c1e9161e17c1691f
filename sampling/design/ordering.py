"""Sorted lists as they stood when units were drawn from them, so that a selection can be replayed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sampling.design.fingerprints import Cell, digest_of_rows
from sampling.design.selection import Selected, select_systematic, split_certainty_units

type ListedRow = tuple[int, str, int, int | None]
"""Place, code, size, and the cumulated size of the units before; None for a certain unit."""


def digest_of_list(
    stage: str, stratum: str, wanted: int, start: int | None, rows: Iterable[ListedRow]
) -> str:
    """Return the SHA-256 of a sorted list.

    Parameters
    ----------
    stage, stratum : str
        Where the list belongs; for villages the stratum is the commune.
    wanted : int
        Units to select.
    start : int or None
        Random start of the systematic selection; None if all units are certain.
    rows : iterable of (place, code, size, cumulated size before or None)
        The units in their order.

    Returns
    -------
    str
        64 hexadecimal digits, over one JSON array for the list and one for each row.

    Examples
    --------
    >>> len(digest_of_list("commune", "01", 1, 5, [(1, "00004", 10, 0)]))
    64
    """
    header: list[Cell] = [stage, stratum, wanted, start]
    return digest_of_rows([header, *rows])


def digest_of_random_order(stage: str, stratum: str, wanted: int, ids: Iterable[str]) -> str:
    """Return the SHA-256 of a list in random order whose first units are drawn.

    Parameters
    ----------
    stage, stratum : str
        Where the list belongs; for adults the stratum is the village.
    wanted : int
        Units to select.
    ids : iterable of str
        All ids in their order.

    Returns
    -------
    str
        64 hexadecimal digits, over one JSON array.

    Examples
    --------
    >>> digest_of_random_order("person", "v", 1, "ab") == digest_of_random_order("person", "v", 1, "ba")
    False
    """
    row: list[Cell] = [stage, stratum, wanted, *ids]
    return digest_of_rows([row])


@dataclass(frozen=True, slots=True)
class OrderedList:
    """The units of one stratum in their order, and what selects from them."""

    stage: str
    stratum: str
    codes: tuple[str, ...]
    sizes: tuple[int, ...]
    wanted: int
    start: int | None

    @property
    def total(self) -> int:
        """Total size T of the units that are not certain."""
        _certain, rest = split_certainty_units(self.sizes, self.wanted)
        return sum(self.sizes[index] for index in rest)

    def select(self) -> list[Selected]:
        """Select systematically from the list."""
        return select_systematic(self.sizes, self.wanted, self.start)

    def rows(self) -> Iterator[ListedRow]:
        """Yield place, code, size and the cumulated size of the units before; None for a certain unit."""
        certain = frozenset(split_certainty_units(self.sizes, self.wanted)[0])
        cumulated = 0
        for index, (code, size) in enumerate(zip(self.codes, self.sizes, strict=True)):
            is_certain = index in certain
            yield index + 1, code, size, None if is_certain else cumulated
            cumulated += 0 if is_certain else size

    def digest(self) -> str:
        """Return the SHA-256 of the list."""
        return digest_of_list(self.stage, self.stratum, self.wanted, self.start, self.rows())

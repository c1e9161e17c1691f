"""Sorted lists as they stood when units were drawn from them, so that a selection can be replayed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sampling.design.area_selection import START, AreaSelection, Values
from sampling.design.fingerprints import Cell, digest_of_rows
from sampling.design.schemes.units import Unit
from sampling.design.selection import Selected, split_certainty_units
from sampling.design.stage_coordination import Steering

FIRST_METHOD = AreaSelection().method
"""The method whose lists are proved without its name."""

type ListedRow = tuple[int, str, int, int | None]
"""Place, code, size, and the cumulated size of the units before; None for a certain unit.

Where probabilities are equal every unit counts as 1; where selection is not systematic nothing is cumulated.
"""


def digest_of_list(
    stage: str,
    stratum: str,
    wanted: int,
    start: int | None,
    rows: Iterable[ListedRow],
    selection: AreaSelection | None = None,
) -> str:
    """Return the SHA-256 of a sorted list.

    Parameters
    ----------
    stage, stratum : str
        Where the list belongs; for villages the stratum is the commune.
    wanted : int
        Units to select.
    start : int or None
        Random start of a systematic selection; None if all units are certain.
    rows : iterable of (place, code, size, cumulated size before or None)
        The units in their order.
    selection : AreaSelection, optional
        How was selected, if not systematically by size: method, equal or not, balance.

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
    if selection is not None and selection.method != FIRST_METHOD:
        header += [selection.method, selection.by_size, *selection.balance]
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
    """The units of one stratum in their order, and what selects from them.

    `balance` are the balancing variables of each unit, `seed` is that of the stage: methods without a random
    start need them. With `steering` the permanent numbers of the units select, not the seed.
    """

    stage: str
    stratum: str
    codes: tuple[str, ...]
    sizes: tuple[int, ...]
    wanted: int
    start: int | None
    selection: AreaSelection = field(default_factory=AreaSelection)
    balance: tuple[Values, ...] = ()
    seed: str = field(default="", repr=False)
    steering: Steering | None = None

    @property
    def total(self) -> int:
        """Total size T of the units that are not certain; their number where probabilities are equal."""
        counting = self.selection.counting_sizes(self.sizes)
        _certain, rest = split_certainty_units(counting, self.wanted)
        return sum(counting[index] for index in rest)

    def select(self) -> list[Selected]:
        """Select from the list, as its stage says."""
        if self.steering is not None:
            units = [Unit(code, size) for code, size in zip(self.codes, self.sizes, strict=True)]
            return self.steering.select(self.selection.method, units, self.wanted, self.stage)
        balance = self.balance or ((),) * len(self.codes)
        units = [Unit(*unit) for unit in zip(self.codes, self.sizes, balance, strict=True)]
        return self.selection.select(
            units, self.wanted, start=self.start, seed=self.seed, labels=(self.stage, START, self.stratum)
        )

    def rows(self) -> Iterator[ListedRow]:
        """Yield place, code, size and the cumulated size of the units before; None for a certain unit."""
        counting = self.selection.counting_sizes(self.sizes)
        certain = frozenset(split_certainty_units(counting, self.wanted)[0])
        cumulated = 0
        units = zip(self.codes, self.sizes, counting, strict=True)
        for index, (code, size, counts_as) in enumerate(units):
            is_outside = index in certain or not self.selection.has_start
            yield index + 1, code, size, None if is_outside else cumulated
            cumulated += 0 if is_outside else counts_as

    def digest(self) -> str:
        """Return the SHA-256 of the list."""
        return digest_of_list(self.stage, self.stratum, self.wanted, self.start, self.rows(), self.selection)

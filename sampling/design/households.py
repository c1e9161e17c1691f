"""Households of a drawn village: how they are listed, selected, and sealed for the choice of one adult."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sampling.design.fingerprints import Cell
from sampling.design.schemes.serpentine import serpentine_order
from sampling.design.seeds import random_order
from sampling.design.selection import SelectionError, SimpleRandomSample, pps_systematic, simple_random
from sampling.design.within_household import sealed_number

HOUSEHOLD_STAGE = "household"
SIMPLE_RANDOM, SYSTEMATIC = "simple_random", "systematic"
RANDOM_ORDER, SORTED_ORDER, SERPENTINE_ORDER = "random", "sorted", "serpentine"
ORDERS_OF_SELECTION: Mapping[str, tuple[str, ...]] = {
    SIMPLE_RANDOM: (RANDOM_ORDER,),
    SYSTEMATIC: (SORTED_ORDER, SERPENTINE_ORDER),
}
"""Ways of selecting households, and the orders of the list that each may have."""

WITHIN_HOUSEHOLD = "within_household"
"""Selection of the stage of persons that ends a sample of households."""

LISTED_ADULTS, LAST_BIRTHDAY = "listed_adults", "last_birthday"
ADULT_RULES = (LISTED_ADULTS, LAST_BIRTHDAY)
"""How the one adult is chosen: by the sealed number among listed adults, or by birthday (quasi-random)."""


@dataclass(frozen=True, slots=True)
class HouseholdStage:
    """How households of a village are drawn, and by which rule one adult of each is chosen.

    Attributes
    ----------
    wanted, reserves : int
        Households of the main list and of the reserve, per village.
    selection : str
        A key of `ORDERS_OF_SELECTION`.
    order : str
        One of its orders.
    rule : str
        One of `ADULT_RULES`.
    """

    wanted: int
    reserves: int = 0
    selection: str = SIMPLE_RANDOM
    order: str = RANDOM_ORDER
    rule: str = LISTED_ADULTS

    @classmethod
    def from_documents(cls, household: Mapping[str, Any], person: Mapping[str, Any]) -> "HouseholdStage":
        """Read the stage out of the last two stages of a sampling template.

        Parameters
        ----------
        household, person : mapping
            The stages with the codes ``household`` and ``person``.

        Returns
        -------
        HouseholdStage
            What they say.

        Raises
        ------
        SelectionError
            If the way of selecting, the order of the list, the rule or the number of adults is another one.

        Examples
        --------
        >>> household = {"selection": "systematic", "order": ["serpentine"], "n_units": 20, "n_reserve": 5}
        >>> person = {"selection": "within_household", "rule": "listed_adults", "n_units": 1}
        >>> HouseholdStage.from_documents(household, person).order
        'serpentine'
        """
        orders = ORDERS_OF_SELECTION.get(household["selection"], ())
        asked = (person["n_units"], person.get("n_reserve", 0))
        for got, expected, what in (
            (household["selection"], tuple(ORDERS_OF_SELECTION), "the selection of households"),
            (tuple(household["order"]), tuple((order,) for order in orders), "the order of households"),
            (person["selection"], (WITHIN_HOUSEHOLD,), "the selection of the adult"),
            (person.get("rule", ""), ADULT_RULES, "the rule for the adult"),
            (asked, ((1, 0),), "adults of a household and their reserve"),
        ):
            if got not in expected:
                raise SelectionError(f"Expected one of {expected} as {what}, got {got!r}. Correct the stage.")
        return cls(
            wanted=household["n_units"],
            reserves=household.get("n_reserve", 0),
            selection=household["selection"],
            order=household["order"][0],
            rule=person["rule"],
        )


@dataclass(frozen=True, slots=True)
class ListedHousehold:
    """A household of a list: its number, and by what the list may be sorted; nothing that names anybody.

    Attributes
    ----------
    number : str
        Number in the list of the village, each once.
    group : str
        Part of the village, such as a hamlet or an alley; may be empty.
    position : int
        Place along the way through the group; 0 where it is not known.
    """

    number: str
    group: str = ""
    position: int = 0


def draw_households(
    village: str, households: Iterable[ListedHousehold], stage: HouseholdStage, seed: str
) -> SimpleRandomSample:
    """Draw households of one village from its list, with a reserve in random order.

    Parameters
    ----------
    village : str
        Code of the drawn village.
    households : iterable of ListedHousehold
        Each number once, in any order.
    stage : HouseholdStage
        How many, how, and in which order of the list.
    seed : str
        The seed of the stage.

    Returns
    -------
    SimpleRandomSample
        Main list, reserve and rest by number; all households with probability 1 if there are not more than
        wanted. A systematic sample stands in the order of the list.

    Raises
    ------
    SelectionError
        If the list is empty or a number occurs twice.

    Notes
    -----
    A systematic sample takes every (N / n)th household of the sorted list with a random start, as
    `sampling.design.schemes.systematic` does. Its reserve is a simple random sample of the other households,
    so that n drawn and r released households have probability n/N + (1 - n/N)·r/(N - n) = (n + r)/N each,
    exactly as with simple random sampling.

    Examples
    --------
    >>> households = [ListedHousehold(str(number)) for number in range(1, 9)]
    >>> drawn = draw_households("00004-01", households, HouseholdStage(2, reserves=1), "2026")
    >>> len(drawn.main), len(drawn.reserve), str(drawn.probability)
    (2, 1, '1/4')
    """
    listed = list(households)
    numbers = [household.number for household in listed]
    drawn = simple_random(numbers, stage.wanted, seed, HOUSEHOLD_STAGE, village, n_reserve=stage.reserves)
    if stage.selection == SIMPLE_RANDOM:
        return drawn
    ordered = order_of_list(listed, stage.order)
    chosen = pps_systematic([1] * len(ordered), stage.wanted, seed, HOUSEHOLD_STAGE, "start", village)
    main = tuple(ordered[unit.index] for unit in chosen)
    taken = frozenset(main)
    others = [number for number in numbers if number not in taken]
    rest = random_order(others, seed, HOUSEHOLD_STAGE, "reserve", village)
    return SimpleRandomSample(
        main, tuple(rest[: stage.reserves]), drawn.probability, tuple(rest[stage.reserves :])
    )


def order_of_list(households: Sequence[ListedHousehold], order: str) -> list[str]:
    """Return the numbers of households in the order of a systematic selection.

    Parameters
    ----------
    households : sequence of ListedHousehold
        In any order.
    order : str
        ``sorted`` by group and position, or ``serpentine``: every second group the other way round.

    Returns
    -------
    list of str
        Numbers; households in the same place are ordered by number.

    Examples
    --------
    >>> a, b, c, d = (ListedHousehold(str(n), "xy"[n > 2], n) for n in (1, 2, 3, 4))
    >>> order_of_list([d, c, b, a], "serpentine")
    ['1', '2', '4', '3']
    """
    if order == SERPENTINE_ORDER:
        return serpentine_order({one.number: (one.group, one.position) for one in households})
    in_order = sorted(households, key=lambda one: (one.group, one.position, one.number))
    return [household.number for household in in_order]


def seal_of(seed: str, village: str, number: str) -> str:
    """Return the sealed number of a household, which decides among its adults.

    Parameters
    ----------
    seed : str
        The seed of the draw of the households.
    village, number : str
        Code of the village and number in its list.

    Returns
    -------
    str
        64 hexadecimal digits, see `sampling.design.within_household.sealed_number`.

    Examples
    --------
    >>> seal_of("2026", "00004-01", "17") == sealed_number("2026", "00004-01/17")
    True
    """
    return sealed_number(seed, f"{village}/{number}")


def household_rows(lists: Mapping[str, Iterable[ListedHousehold]]) -> Iterator[list[Cell]]:
    """Return the canonical rows of the household lists of villages.

    Parameters
    ----------
    lists : mapping of village code to households

    Yields
    ------
    list
        Village, number, group and position: all on which the selection depends.

    Examples
    --------
    >>> list(household_rows({"00004-01": [ListedHousehold("1", "A", 3)]}))
    [['00004-01', '1', 'A', 3]]
    """
    for village, households in lists.items():
        for one in households:
            yield [village, one.number, one.group, one.position]

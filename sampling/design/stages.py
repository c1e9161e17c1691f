"""The three stages of the national sample: communes, villages, adults."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sampling.design.ordering import OrderedList
from sampling.design.seeds import random_order
from sampling.design.selection import SimpleRandomSample, random_start, simple_random

TYPE_ORDER = ("phường", "thị trấn", "xã", "đặc khu")
"""Types of communes from town to island, in which a stratum is sorted; other types follow by name."""

COMMUNE_STAGE, VILLAGE_STAGE, PERSON_STAGE = "commune", "village", "person"
SUPPORTED_SELECTION = {
    COMMUNE_STAGE: "pps_systematic",
    VILLAGE_STAGE: "pps_systematic",
    PERSON_STAGE: "simple_random",
}


class DesignError(ValueError):
    """Raised when a sampling template asks for something that cannot be drawn."""


@dataclass(frozen=True, slots=True)
class CommuneUnit:
    """A commune of the frame."""

    code: str
    stratum: str
    unit_type: str
    size: int


@dataclass(frozen=True, slots=True)
class VillageUnit:
    """A village of the frame."""

    code: str
    commune: str
    size: int


@dataclass(frozen=True, slots=True)
class DrawnUnit:
    """A unit drawn at an area stage; both orders count from 1 inside the stratum or commune."""

    code: str
    stratum: str
    frame_order: int
    draw_order: int
    is_certainty: bool
    probability: Fraction


@dataclass(frozen=True, slots=True)
class StagePlan:
    """How many units each stage takes."""

    communes: int
    villages: int
    persons: int
    reserves: int = 0
    communes_in: Mapping[str, int] = field(default_factory=dict)

    def communes_of(self, stratum: str) -> int:
        """Return how many communes a stratum gives."""
        return self.communes_in.get(stratum, self.communes)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "StagePlan":
        """Read the plan out of a sampling template.

        Parameters
        ----------
        document : mapping
            A template with ``stages`` for commune, village and person in this order.

        Returns
        -------
        StagePlan
            The sizes of the stages.

        Raises
        ------
        DesignError
            If the stages are others, or one asks for a way of selecting that is not known here.
        """
        stages = {stage["code"]: stage for stage in document["stages"]}
        if tuple(stages) != tuple(SUPPORTED_SELECTION):
            raise DesignError(f"Expected the stages {tuple(SUPPORTED_SELECTION)}, got {tuple(stages)}.")
        for code, selection in SUPPORTED_SELECTION.items():
            if stages[code]["selection"] != selection:
                raise DesignError(
                    f"Expected {selection!r} at stage {code!r}, got {stages[code]['selection']!r}."
                )
        return cls(
            communes=stages[COMMUNE_STAGE]["n_units"],
            villages=stages[VILLAGE_STAGE]["n_units"],
            persons=stages[PERSON_STAGE]["n_units"],
            reserves=stages[PERSON_STAGE].get("n_reserve", 0),
            communes_in={
                row["stratum"]: row["n_units"] for row in stages[COMMUNE_STAGE].get("exceptions", ())
            },
        )


def draw_communes(frame: Iterable[CommuneUnit], plan: StagePlan, seed: str) -> list[DrawnUnit]:
    """Draw communes in every stratum by systematic selection with probability proportional to adults.

    Parameters
    ----------
    frame : iterable of CommuneUnit
        Communes with residents, in any order.
    plan : StagePlan
        Sizes of the stages.
    seed : str
        The seed of the draw.

    Returns
    -------
    list of DrawnUnit
        By stratum, then in the order of the sorted frame.

    Notes
    -----
    A stratum is sorted by type of unit (`TYPE_ORDER`) and in a fresh random order inside a type, so that town
    and country share the sample in proportion and no fixed neighbours are drawn together. A stratum with no
    more communes than wanted gives all of them, with probability 1.

    A commune drawn with certainty represents itself only. In variance estimation it is a stratum of its own
    whose villages are the primary units.

    Examples
    --------
    >>> frame = [CommuneUnit("00004", "01", "phường", 500), CommuneUnit("00008", "01", "phường", 700)]
    >>> sorted(
    ...     unit.code for unit in draw_communes(frame, StagePlan(communes=2, villages=1, persons=1), "2026")
    ... )
    ['00004', '00008']
    """
    return [unit for ordered in order_communes(frame, plan, seed) for unit in drawn_units(ordered)]


def order_communes(frame: Iterable[CommuneUnit], plan: StagePlan, seed: str) -> list[OrderedList]:
    """Sort the communes of every stratum into the list from which it is drawn.

    Parameters
    ----------
    frame, plan, seed
        As for `draw_communes`.

    Returns
    -------
    list of OrderedList
        By stratum: every commune in its place, and the random start.

    Examples
    --------
    >>> frame = [CommuneUnit("00008", "01", "xã", 700), CommuneUnit("00004", "01", "phường", 500)]
    >>> order_communes(frame, StagePlan(communes=1, villages=1, persons=1), "2026")[0].codes
    ('00004', '00008')
    """
    strata: dict[str, list[CommuneUnit]] = defaultdict(list)
    for commune in frame:
        strata[commune.stratum].append(commune)
    return [
        _order_stratum(stratum, strata[stratum], plan.communes_of(stratum), seed)
        for stratum in sorted(strata)
    ]


def _order_stratum(stratum: str, communes: Sequence[CommuneUnit], n: int, seed: str) -> OrderedList:
    """Sort one stratum by type and in a fresh random order inside a type."""
    by_code = {commune.code: commune for commune in communes}
    fresh = random_order(by_code, seed, COMMUNE_STAGE, "order", stratum)
    ordered = sorted((by_code[code] for code in fresh), key=_type_rank)
    return _ordered_list(COMMUNE_STAGE, stratum, [(unit.code, unit.size) for unit in ordered], n, seed)


def _ordered_list(
    stage: str, stratum: str, units: Sequence[tuple[str, int]], n: int, seed: str
) -> OrderedList:
    """Join sorted units with the random start of their selection."""
    sizes = tuple(size for _code, size in units)
    return OrderedList(
        stage=stage,
        stratum=stratum,
        codes=tuple(code for code, _size in units),
        sizes=sizes,
        wanted=n,
        start=random_start(sizes, n, seed, stage, "start", stratum),
    )


def _type_rank(commune: CommuneUnit) -> tuple[int, str]:
    """Rank a commune by its type."""
    known = commune.unit_type in TYPE_ORDER
    return (TYPE_ORDER.index(commune.unit_type) if known else len(TYPE_ORDER), commune.unit_type)


def drawn_units(ordered: OrderedList) -> list[DrawnUnit]:
    """Select from a sorted list and give the selected units their places.

    Parameters
    ----------
    ordered : OrderedList
        The list, its random start and how many are wanted.

    Returns
    -------
    list of DrawnUnit
        In the order of the list.

    Examples
    --------
    >>> ordered = OrderedList("village", "00004", ("00004-01", "00004-02"), (90, 60), wanted=1, start=100)
    >>> [(unit.code, unit.frame_order, str(unit.probability)) for unit in drawn_units(ordered)]
    [('00004-02', 2, '2/5')]
    """
    return [
        DrawnUnit(
            code=ordered.codes[unit.index],
            stratum=ordered.stratum,
            frame_order=unit.index + 1,
            draw_order=place,
            is_certainty=unit.is_certainty,
            probability=unit.probability,
        )
        for place, unit in enumerate(ordered.select(), start=1)
    ]


def draw_villages(
    commune: str, villages: Iterable[VillageUnit], plan: StagePlan, seed: str
) -> list[DrawnUnit]:
    """Draw the villages of one commune, in random order, with probability proportional to adults.

    Parameters
    ----------
    commune : str
        Code of the drawn commune.
    villages : iterable of VillageUnit
        Its villages with residents, in any order.
    plan : StagePlan
        Sizes of the stages.
    seed : str
        The seed of the draw.

    Returns
    -------
    list of DrawnUnit
        In the order of the sorted frame; all villages with probability 1 if there are not more than wanted.

    Examples
    --------
    >>> villages = [VillageUnit("00004-01", "00004", 90), VillageUnit("00004-02", "00004", 60)]
    >>> len(draw_villages("00004", villages, StagePlan(communes=1, villages=1, persons=1), "2026"))
    1
    """
    return drawn_units(order_villages(commune, villages, plan, seed))


def order_villages(commune: str, villages: Iterable[VillageUnit], plan: StagePlan, seed: str) -> OrderedList:
    """Put the villages of one commune into the random order from which they are drawn.

    Parameters
    ----------
    commune, villages, plan, seed
        As for `draw_villages`.

    Returns
    -------
    OrderedList
        Every village in its place, and the random start.

    Examples
    --------
    >>> villages = [VillageUnit("00004-01", "00004", 90), VillageUnit("00004-02", "00004", 60)]
    >>> ordered = order_villages("00004", villages, StagePlan(communes=1, villages=1, persons=1), "2026")
    >>> len(ordered.codes), ordered.total
    (2, 150)
    """
    size = {village.code: village.size for village in villages}
    ordered = random_order(size, seed, VILLAGE_STAGE, "order", commune)
    units = [(code, size[code]) for code in ordered]
    return _ordered_list(VILLAGE_STAGE, commune, units, plan.villages, seed)


def draw_persons(village: str, ids: Sequence[str], plan: StagePlan, seed: str) -> SimpleRandomSample:
    """Draw adults of one village from its register, with a reserve list in random order.

    Parameters
    ----------
    village : str
        Code of the drawn village.
    ids : sequence of str
        Numbers in the register, each once, in any order.
    plan : StagePlan
        Sizes of the stages.
    seed : str
        The seed of the draw.

    Returns
    -------
    SimpleRandomSample
        Main list and reserve list; all adults, with probability 1, if there are not more than wanted.

    Examples
    --------
    >>> plan = StagePlan(communes=1, villages=1, persons=2, reserves=1)
    >>> len(draw_persons("00004-01", ["1", "2", "3"], plan, "2026").reserve)
    1
    """
    return simple_random(ids, plan.persons, seed, PERSON_STAGE, village, n_reserve=plan.reserves)

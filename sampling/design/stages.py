"""The stages of an area sample: as many area stages as a template has, then the adults of a register.

Since 1 July 2025 the area stages are communes and villages; before, districts stood above the communes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sampling.design.area_selection import RANDOM, START, AreaSelection, serpentine_codes, type_rank
from sampling.design.fingerprints import Cell
from sampling.design.households import HOUSEHOLD_STAGE, HouseholdStage
from sampling.design.ordering import OrderedList
from sampling.design.seeds import random_order
from sampling.design.selection import SelectionError, SimpleRandomSample, random_start, simple_random

COMMUNE_STAGE, VILLAGE_STAGE, PERSON_STAGE = "commune", "village", "person"
PERSON_SELECTION = "simple_random"
IN_RANDOM_ORDER = AreaSelection(order=(RANDOM,))
LAST_STAGES = (COMMUNE_STAGE, VILLAGE_STAGE, PERSON_STAGE)
"""Every area design ends with these; area stages above the communes may come before them."""


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
class AreaUnit:
    """A unit of any area stage; `above` is the stratum at the first stage, the unit above it later."""

    code: str
    above: str
    size: int
    unit_type: str = ""


@dataclass(frozen=True, slots=True)
class DrawnUnit:
    """A unit drawn at an area stage; both orders count from 1 inside the stratum or unit above.

    The probability is the stated one; a method that meets it only nearly marks it `is_approximate`.
    """

    code: str
    stratum: str
    frame_order: int
    draw_order: int
    is_certainty: bool
    probability: Fraction
    is_approximate: bool = False

    def canonical_row(self, stage: str) -> list[Cell]:
        """Return the row that enters the fingerprint of the draw of an area stage.

        Returns
        -------
        list
            Stage, stratum (the unit above at a later stage), code, place in the sorted frame, order of the
            draw, certain or not, probability as an exact fraction.
        """
        return [
            stage,
            self.stratum,
            self.code,
            self.frame_order,
            self.draw_order,
            self.is_certainty,
            str(self.probability),
        ]


@dataclass(frozen=True, slots=True)
class AreaStage:
    """How many units an area stage takes from each stratum or unit above, and how.

    `wanted_in` are the strata that give another number.
    """

    code: str
    wanted: int
    wanted_in: Mapping[str, int] = field(default_factory=dict)
    selection: AreaSelection = field(default_factory=AreaSelection)

    def wanted_of(self, above: str) -> int:
        """Return how many units a stratum or unit above gives."""
        return self.wanted_in.get(above, self.wanted)


@dataclass(frozen=True, slots=True)
class StagePlan:
    """How many units each stage takes; `above` are the area stages over the communes, from the top."""

    communes: int
    villages: int
    persons: int
    reserves: int = 0
    communes_in: Mapping[str, int] = field(default_factory=dict)
    above: tuple[AreaStage, ...] = ()
    commune_selection: AreaSelection = field(default_factory=AreaSelection)
    village_selection: AreaSelection = IN_RANDOM_ORDER
    households: HouseholdStage | None = None

    @property
    def areas(self) -> tuple[AreaStage, ...]:
        """The area stages in the order of the draw."""
        return (
            *self.above,
            AreaStage(COMMUNE_STAGE, self.communes, self.communes_in, self.commune_selection),
            AreaStage(VILLAGE_STAGE, self.villages, selection=self.village_selection),
        )

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all stages in the order of the draw."""
        return (*(stage.code for stage in self.areas), self.last)

    @property
    def last(self) -> str:
        """The code of the last stage that has a draw: households, where one adult of each is asked."""
        return PERSON_STAGE if self.households is None else HOUSEHOLD_STAGE

    def area(self, code: str) -> AreaStage:
        """Return an area stage by its code."""
        return next(stage for stage in self.areas if stage.code == code)

    def communes_of(self, stratum: str) -> int:
        """Return how many communes a stratum gives."""
        return self.communes_in.get(stratum, self.communes)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "StagePlan":
        """Read the plan out of a sampling template.

        Parameters
        ----------
        document : mapping
            A template whose ``stages`` end with commune, village and person, or with commune, village,
            household and person; area stages such as district may come before.

        Returns
        -------
        StagePlan
            The sizes of the stages.

        Raises
        ------
        DesignError
            If the stages are others, or one asks for a way of selecting that is not known here.
        """
        stages, households = _fold_households(list(document.get("stages", ())))
        codes = tuple(stage["code"] for stage in stages)
        if codes[-len(LAST_STAGES) :] != LAST_STAGES or len(set(codes)) < len(codes):
            raise DesignError(f"Expected stages that end with {LAST_STAGES}, each once, got {codes}.")
        *above, communes, villages, persons = stages
        if persons["selection"] != PERSON_SELECTION:
            raise DesignError(
                f"Expected {PERSON_SELECTION!r} at stage {PERSON_STAGE!r}, got {persons['selection']!r}."
            )
        selections = area_selections(stages[:-1])
        return cls(
            communes=communes["n_units"],
            villages=villages["n_units"],
            persons=persons["n_units"],
            reserves=persons.get("n_reserve", 0),
            communes_in=_exceptions(communes),
            above=tuple(
                AreaStage(stage["code"], stage["n_units"], _exceptions(stage), selections[stage["code"]])
                for stage in above
            ),
            commune_selection=selections[COMMUNE_STAGE],
            village_selection=selections[VILLAGE_STAGE],
            households=households,
        )


def _fold_households(
    stages: list[Mapping[str, Any]],
) -> tuple[list[Mapping[str, Any]], HouseholdStage | None]:
    """Take households and the adult in them for one stage, which asks one person of each."""
    if tuple(stage["code"] for stage in stages[-2:]) != (HOUSEHOLD_STAGE, PERSON_STAGE):
        return stages, None
    try:
        households = HouseholdStage.from_documents(*stages[-2:])
    except SelectionError as error:
        raise DesignError(str(error)) from error
    asked = {"n_units": households.wanted, "n_reserve": households.reserves}
    return [*stages[:-2], {"code": PERSON_STAGE, "selection": PERSON_SELECTION} | asked], households


def _exceptions(stage: Mapping[str, Any]) -> dict[str, int]:
    """Return the strata that give another number of units."""
    return {row["stratum"]: row["n_units"] for row in stage.get("exceptions", ())}


def area_selections(stages: Iterable[Mapping[str, Any]]) -> dict[str, AreaSelection]:
    """Read how area stages are selected.

    Parameters
    ----------
    stages : iterable of mapping
        The area stages of a template, from the first one on.

    Returns
    -------
    dict of str to AreaSelection
        By the code of the stage.

    Raises
    ------
    DesignError
        If one asks for what is not known, or cannot be at its place.

    Examples
    --------
    >>> area_selections([{"code": "commune", "selection": "tille"}])["commune"].method
    'tille'
    """
    try:
        return {
            stage["code"]: AreaSelection.from_document(stage, is_first=place == 0)
            for place, stage in enumerate(stages)
        }
    except SelectionError as error:
        raise DesignError(str(error)) from error


def order_units(stage: AreaStage, units: Iterable[AreaUnit], seed: str) -> list[OrderedList]:
    """Sort the units of an area stage into the lists from which it is drawn.

    Parameters
    ----------
    stage : AreaStage
        The stage and how many units it takes.
    units : iterable of AreaUnit
        Units with residents, in any order.
    seed : str
        The seed of the stage.

    Returns
    -------
    list of OrderedList
        One for each stratum or unit above, sorted by its code: every unit in its place, by type
        (`sampling.design.area_selection.TYPES_IN_ORDER`) where the stage says so and in a fresh random order
        inside a type, or like a winding road; and what selects from the list.

    Examples
    --------
    >>> units = [AreaUnit("001", "01", 700, "huyện"), AreaUnit("002", "01", 500, "quận")]
    >>> order_units(AreaStage("district", 1), units, "2026")[0].codes
    ('002', '001')
    """
    lists: dict[str, dict[str, AreaUnit]] = defaultdict(dict)
    for unit in units:
        lists[unit.above][unit.code] = unit
    return [_order_list(stage, above, lists[above], seed) for above in sorted(lists)]


def _order_list(stage: AreaStage, above: str, units: Mapping[str, AreaUnit], seed: str) -> OrderedList:
    """Sort the units below one unit and join them with what selects from them."""
    selection, wanted = stage.selection, stage.wanted_of(above)
    ordered = [units[code] for code in _sorted_codes(stage, above, units, seed)]
    sizes = tuple(unit.size for unit in ordered)
    counting = selection.counting_sizes(sizes)
    start = random_start(counting, wanted, seed, stage.code, START, above) if selection.has_start else None
    return OrderedList(
        stage=stage.code,
        stratum=above,
        codes=tuple(unit.code for unit in ordered),
        sizes=sizes,
        wanted=wanted,
        start=start,
        selection=selection,
        balance=selection.balancing_values([(unit.size, unit.unit_type) for unit in ordered]),
        seed=seed,
    )


def _sorted_codes(stage: AreaStage, above: str, units: Mapping[str, AreaUnit], seed: str) -> list[str]:
    """Sort the units below one unit: like a winding road, or by type where it counts and then at random."""
    if stage.selection.is_serpentine:
        keys = stage.selection.order[1:]
        return serpentine_codes({code: (unit.size, unit.unit_type) for code, unit in units.items()}, keys)
    fresh = random_order(units, seed, stage.code, "order", above)
    if stage.selection.uses_type_in_order:
        fresh.sort(key=lambda code: type_rank(units[code].unit_type))
    return fresh


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
    units = (AreaUnit(unit.code, unit.stratum, unit.size, unit.unit_type) for unit in frame)
    return order_units(plan.area(COMMUNE_STAGE), units, seed)


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
            is_approximate=unit.is_approximate,
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
    units = {village.code: AreaUnit(village.code, commune, village.size) for village in villages}
    return _order_list(plan.area(VILLAGE_STAGE), commune, units, seed)


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

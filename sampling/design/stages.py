"""The stages of an area sample: as many area stages as a template has, then the adults of a register.

Since 1 July 2025 the area stages are communes and villages; before, districts stood above the communes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sampling.design.area_selection import START, serpentine_codes, type_rank
from sampling.design.fingerprints import Cell
from sampling.design.ordering import OrderedList
from sampling.design.seeds import random_order
from sampling.design.selection import SimpleRandomSample, random_start, simple_random
from sampling.design.stage_plans import COMMUNE_STAGE, PERSON_STAGE, VILLAGE_STAGE, AreaStage, StagePlan


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
    stage = stage.for_sizes({above: [unit.size for unit in below.values()] for above, below in lists.items()})
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
        steering=stage.steering,
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

"""Drawing a list of dossiers or persons in memory: the rule in its plainest form.

Engines and the stand-alone verifier give the same list, unit for unit.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sampling.design.coordination.permanent import shifted
from sampling.design.fingerprints import Cell
from sampling.design.list_coordination import unit_name
from sampling.design.list_design import (
    FRAME_COLUMNS,
    ListDesign,
    Selection,
    Unit,
    cell_text,
    stratum_key,
)
from sampling.design.schemes.registry import select
from sampling.design.schemes.units import Unit as SchemeUnit
from sampling.design.schemes.units import equal_sizes, select_beside_certain
from sampling.design.seeds import random_order
from sampling.design.selection import SelectionError, split_certainty_units

LIST_STAGE = "dossier"
"""Label of the seeds of a list, whether dossiers or persons are drawn."""

PLACE = {name: place for place, name in enumerate(FRAME_COLUMNS)}

type FrameRow = Sequence[Cell]
"""Cells in the order of :data:`sampling.design.list_design.FRAME_COLUMNS`; dates are ISO text."""

type Multiplicity = Callable[[FrameRow], int]
"""Says how many chances the person of a row had."""

type Numbers = Callable[[str], int]
"""Gives the permanent number of a unit by :func:`sampling.design.list_coordination.unit_name`."""

type Place = tuple[str, bool, int, int]
"""A drawn unit: id, reserve or not, numerator and denominator of its probability."""


def _no_number(unit: str) -> int:
    """Refuse to coordinate without numbers."""
    raise SelectionError(f"Expected a permanent number for {unit!r}, got none. Give the numbers.")


@dataclass(frozen=True, slots=True)
class ListedUnit:
    """A drawn unit of a list.

    Parameters
    ----------
    stratum, id, agency, province : str
        Where it belongs; a person is named by the first of their dossiers that could be drawn.
    multiplicity : int
        What a weight is divided by for figures about persons: the dossiers of the same person that could be
        drawn. It is 1 where persons are not known, and 1 for a drawn person, who had one chance however many
        dossiers they have.
    draw_order : int
        Place in the list of the stratum, from 1.
    is_reserve : bool
        Whether the unit waits for its release.
    numerator, denominator : int
        Inclusion probability of the sample without its reserve, not reduced.
    """

    stratum: str
    id: str
    agency: str
    province: str
    multiplicity: int
    draw_order: int
    is_reserve: bool
    numerator: int
    denominator: int

    @property
    def probability(self) -> Fraction:
        """Exact inclusion probability of the sample without its reserve."""
        return Fraction(self.numerator, self.denominator)

    def canonical_row(self) -> list[Cell]:
        """Return the row that enters the fingerprint of a list."""
        return [self.id, self.stratum, self.draw_order, self.is_reserve, str(self.probability)]

    def row(self) -> tuple[str, str, str, str, int, int, bool, int, int]:
        """Return the cells in the order of the fields, as engines return them."""
        return (
            self.stratum,
            self.id,
            self.agency,
            self.province,
            self.multiplicity,
            self.draw_order,
            self.is_reserve,
            self.numerator,
            self.denominator,
        )


def draw_list(
    rows: Iterable[FrameRow], design: ListDesign, seed: str, numbers: Numbers = _no_number
) -> list[ListedUnit]:
    """Draw a list from the rows of a frame.

    Parameters
    ----------
    rows : iterable of rows
        The frame, in any order.
    design : ListDesign
        What is drawn.
    seed : str
        The seed of the draw.
    numbers : callable, optional
        Permanent numbers, for a coordinated design.

    Returns
    -------
    list of ListedUnit
        By stratum (in the order of their text) and `draw_order`, reserves at the end of each stratum.

    Raises
    ------
    SelectionError
        If an id is missing or stands twice, or a size is not a positive integer.
    ListDesignError
        If a stratum has fewer units than wanted, or strata of the frame have no size.

    Notes
    -----
    The filter comes first, and rows of strata of size 0 go with what it leaves out. A person is then
    represented by their first dossier by (settled_on, id), with the stratum of that dossier; a row without a
    key is a person of its own.

    Simple random: the ids of a stratum are put in the order of SHA-256 of ``stage_seed:id``, where the stage
    seed is :func:`sampling.design.seeds.derive` of the seed, ``dossier`` and the stratum; the first n are the
    sample, the next ones the reserve.

    Systematic with probability proportional to size: the units of a stratum are put in the order of their
    ids (by code point) and selected as :func:`sampling.design.selection.pps_systematic` does, with the random
    start that belongs to the seed, ``dossier``, ``start`` and the stratum. Systematic with equal steps: the
    same with all sizes 1. Both walk by the order of the design, if it has one.

    Other methods are those of :mod:`sampling.design.schemes` with the labels ``dossier`` and the stratum; the
    list stands in the order of the ids.

    Coordinated: a unit has its permanent number in place of one from the seed, counted from the starting
    point of the design; simple random samples then take the units that follow it, and their reserve.

    The multiplicity of a dossier is the one of the frame if all its rows take part; otherwise the rows that
    do are counted by person. The multiplicity of a person is 1.

    Examples
    --------
    >>> place = ("a1", "01", "01", "north", True, "commune", "land", "portal", "2026-01-05", "person")
    >>> rows = [(f"D{number}", *place, "", 1, 1) for number in range(100)]
    >>> design = ListDesign(Unit.DOSSIER, ("province",), ((("01",), 2),), reserve_percent=50)
    >>> [(unit.id, unit.is_reserve, str(unit.probability)) for unit in draw_list(rows, design, "2026")]
    [('D78', False, '1/50'), ('D76', False, '1/50'), ('D17', True, '1/50')]
    """
    left_out = design.left_out
    kept = [row for row in keep_rows(rows, design.filter) if _stratum_of(row, design) not in left_out]
    units = first_dossiers(kept) if design.unit is Unit.PERSON else kept
    strata: dict[str, list[FrameRow]] = {}
    for row in units:
        strata.setdefault(_stratum_of(row, design), []).append(row)
    design.check_counts({key: len(members) for key, members in strata.items()})
    draw = _coordinated if design.coordination else DRAWS.get(design.selection, _by_scheme)
    count = _multiplicity(kept, design)
    return [
        _listed(row_of[unit], (key, order), place, count)
        for key in sorted(strata)
        for row_of in [{cell_text(row[0]): row for row in strata[key]}]
        for order, (unit, *place) in enumerate(draw(_Stratum(key, row_of, design, seed, numbers)), start=1)
    ]


@dataclass(frozen=True, slots=True)
class _Stratum:
    """A stratum with its rows by id, and what it is drawn by."""

    name: str
    rows: Mapping[str, FrameRow]
    design: ListDesign
    seed: str
    numbers: Numbers

    @property
    def wanted(self) -> int:
        return self.design.wanted[self.name]

    @property
    def n_all(self) -> int:
        """Units wanted with the reserve."""
        return self.wanted + self.design.reserves[self.name]

    def units(self) -> list[SchemeUnit]:
        """Return the units in the order of the design, with the sizes that count."""
        if not self.design.selection.method.needs_size:
            order = self.design.order.sorted_ids(self._cells())
            return equal_sizes(SchemeUnit(unit) for unit in order)
        return [
            SchemeUnit(unit, _size(self.rows[unit])) for unit in self.design.order.sorted_ids(self._cells())
        ]

    def _cells(self) -> dict[str, Callable[[str], Cell]]:
        return {unit: _cells_of(row) for unit, row in self.rows.items()}


def _cells_of(row: FrameRow) -> Callable[[str], Cell]:
    return lambda name: row[PLACE[name]]


def _stratum_of(row: FrameRow, design: ListDesign) -> str:
    """Return the name of the stratum of a row."""
    return stratum_key([row[PLACE[name]] for name in design.strata])


def _multiplicity(kept: Iterable[FrameRow], design: ListDesign) -> Multiplicity:
    """Return what says the multiplicity of a drawn row, given the rows that take part."""
    if design.unit is Unit.PERSON:
        return lambda _row: 1
    if design.takes_all_rows:
        return lambda row: int(row[PLACE["multiplicity"]] or 1)
    counts = count_dossiers(kept)
    return lambda row: counts.get(cell_text(row[PLACE["person_key"]]), 1)


def keep_rows(rows: Iterable[FrameRow], kept_values: Mapping[str, tuple[str, ...]]) -> list[FrameRow]:
    """Return the rows that a filter leaves in.

    Parameters
    ----------
    rows : iterable of rows
        The frame.
    kept_values : mapping of column to tuple of str
        The filter of the design.

    Returns
    -------
    list of rows
        In the order given.

    Raises
    ------
    SelectionError
        If an id is missing or stands twice in the frame, left in or not.
    """
    tests = [(PLACE[name], frozenset(values)) for name, values in kept_values.items()]
    seen: set[Cell] = set()
    kept = []
    for row in rows:
        if row[0] is None:
            raise SelectionError("Expected an id in every row, got a row without. Import the frame anew.")
        if row[0] in seen:
            raise SelectionError(f"Expected every id once, got {row[0]!r} again. Import the frame anew.")
        seen.add(row[0])
        if all(cell_text(row[column]) in values for column, values in tests):
            kept.append(row)
    return kept


def first_dossiers(rows: Iterable[FrameRow]) -> list[FrameRow]:
    """Return the row that stands for each person: the first by (settled_on, id).

    Parameters
    ----------
    rows : iterable of rows
        Rows that the filter leaves in.

    Returns
    -------
    list of rows
        One per person key, and every row without a key.
    """
    date, key = PLACE["settled_on"], PLACE["person_key"]
    first: dict[tuple[bool, str], FrameRow] = {}
    for row in sorted(rows, key=lambda row: (cell_text(row[date]), cell_text(row[0]))):
        person = cell_text(row[key])
        first.setdefault((bool(person), person or cell_text(row[0])), row)
    return list(first.values())


def count_dossiers(rows: Iterable[FrameRow]) -> Counter[str]:
    """Count the rows by person key; rows without a key are not counted.

    Parameters
    ----------
    rows : iterable of rows
        Rows that the filter leaves in.

    Returns
    -------
    Counter of str
        Dossiers by person key.
    """
    keys = (cell_text(row[PLACE["person_key"]]) for row in rows)
    return Counter(key for key in keys if key)


def _listed(row: FrameRow, where: tuple[str, int], place: Sequence[int], count: Multiplicity) -> ListedUnit:
    """Make a drawn unit of its row, (stratum, draw order) and (reserve or not, numerator, denominator)."""
    stratum, draw_order = where
    is_reserve, numerator, denominator = place
    return ListedUnit(
        stratum=stratum,
        id=cell_text(row[0]),
        agency=cell_text(row[PLACE["agency"]]),
        province=cell_text(row[PLACE["province"]]),
        multiplicity=count(row),
        draw_order=draw_order,
        is_reserve=bool(is_reserve),
        numerator=numerator,
        denominator=denominator,
    )


def _simple_random(stratum: _Stratum) -> list[Place]:
    """Take the first ids of the random order of a stratum, then the reserve."""
    return _first(stratum, random_order(stratum.rows, stratum.seed, LIST_STAGE, stratum.name))


def _first(stratum: _Stratum, order: Sequence[str]) -> list[Place]:
    """Take the first ids of an order, then the reserve."""
    n, n_units = stratum.wanted, len(stratum.rows)
    return [(unit, place > n, n, n_units) for place, unit in enumerate(order[: stratum.n_all], start=1)]


def _by_scheme(stratum: _Stratum) -> list[Place]:
    """Select by a method of the registry; probabilities as n × size / T without certain units."""
    return select_units(stratum.design.selection, stratum.units(), stratum.wanted, stratum.seed, stratum.name)


def select_units(
    selection: Selection, units: Sequence[SchemeUnit], n: int, seed: str, stratum: str
) -> list[Place]:
    """Select from the units of one stratum by a method that looks at nothing but ids and sizes.

    Parameters
    ----------
    selection : Selection
        The method.
    units : sequence of sampling.design.schemes.units.Unit
        In the order of the list.
    n : int
        Units wanted.
    seed : str
        The seed of the draw.
    stratum : str
        The name of the stratum.

    Returns
    -------
    list of (id, False, numerator, denominator)
        In the order of the list.

    Raises
    ------
    SelectionError
        If the units or `n` cannot be.

    Examples
    --------
    >>> select_units(Selection.TILLE, [SchemeUnit("a", 30), SchemeUnit("b", 30)], 2, "2026", "01")
    [('a', False, 1, 1), ('b', False, 1, 1)]
    """
    labels = (LIST_STAGE, "start", stratum) if selection.method.uses_order else (LIST_STAGE, stratum)
    selected = select(selection.value, units, n, seed, *labels)
    return _places(units, n, (one.index for one in selected))


def _places(units: Sequence[SchemeUnit], n: int, chosen: Iterable[int]) -> list[Place]:
    """Return the drawn units with their probabilities as whole numbers."""
    sizes = [unit.size for unit in units]
    certain, rest = split_certainty_units(sizes, n)
    wanted, total, is_certain = n - len(certain), sum(sizes[index] for index in rest), frozenset(certain)
    return [
        (units[index].id, False, 1, 1)
        if index in is_certain
        else (units[index].id, False, wanted * sizes[index], total)
        for index in chosen
    ]


def _coordinated(stratum: _Stratum) -> list[Place]:
    """Select by permanent numbers, counted from the starting point of the design."""
    coordination, rule = stratum.design.coordination, stratum.design.selection.method.rule
    if coordination is None or rule is None:  # pragma: no cover - the design has been checked
        raise SelectionError("Expected a coordinated design with a number for each unit.")
    names = {unit: unit_name(unit, cell_text(row[PLACE["person_key"]])) for unit, row in stratum.rows.items()}
    numbers = [stratum.numbers(name) for name in names.values()]
    distance = dict(zip(names, shifted(numbers, coordination.start_at(stratum.seed)), strict=True))
    if stratum.design.selection is Selection.SIMPLE_RANDOM:
        return _first(stratum, sorted(names, key=lambda unit: (distance[unit], unit)))
    units = stratum.units()

    def draw(rest: Sequence[SchemeUnit], wanted: int) -> list[int]:
        return rule(rest, wanted, [distance[unit.id] for unit in rest])

    selected = select_beside_certain(units, stratum.wanted, draw)
    return _places(units, stratum.wanted, (one.index for one in selected))


def _size(row: FrameRow) -> int:
    """Return the size of a row, refusing what is none."""
    size = row[PLACE["size"]]
    if not isinstance(size, int) or isinstance(size, bool) or size <= 0:
        raise SelectionError(
            f"Expected a size that is a whole number above 0, got {size!r} for {row[0]!r}. Correct the frame."
        )
    return size


DRAWS: Mapping[Selection, Callable[[_Stratum], list[Place]]] = {Selection.SIMPLE_RANDOM: _simple_random}
"""Methods with a rule of their own; the others are schemes."""

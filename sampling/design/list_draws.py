"""Drawing a list of dossiers or persons in memory: the rule in its plainest form.

Engines and the stand-alone verifier give the same list, unit for unit.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sampling.design.fingerprints import Cell
from sampling.design.list_design import (
    FRAME_COLUMNS,
    ListDesign,
    Selection,
    Unit,
    cell_text,
    stratum_key,
)
from sampling.design.seeds import random_order
from sampling.design.selection import SelectionError, random_start, select_systematic

LIST_STAGE = "dossier"
"""Label of the seeds of a list, whether dossiers or persons are drawn."""

PLACE = {name: place for place, name in enumerate(FRAME_COLUMNS)}

type FrameRow = Sequence[Cell]
"""Cells in the order of :data:`sampling.design.list_design.FRAME_COLUMNS`; dates are ISO text."""

type Multiplicity = Callable[[FrameRow], int]
"""Says how many chances the person of a row had."""


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

    def row(self) -> tuple[str, str, str, str, int, int, bool, int, int]:
        """Return the cells in the order of the fields: a row of the list for fingerprints and files."""
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


def draw_list(rows: Iterable[FrameRow], design: ListDesign, seed: str) -> list[ListedUnit]:
    """Draw a list from the rows of a frame.

    Parameters
    ----------
    rows : iterable of rows
        The frame, in any order.
    design : ListDesign
        What is drawn.
    seed : str
        The seed of the draw.

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
    start that belongs to the seed, ``dossier``, ``start`` and the stratum.

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
    draw, wanted, reserves = DRAWS[design.selection], design.wanted, design.reserves
    count = _multiplicity(kept, design)
    return [
        unit
        for key in sorted(strata)
        for unit in draw(key, strata[key], (wanted[key], reserves[key]), seed, count)
    ]


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


def _listed(
    row: FrameRow, stratum: str, place: tuple[int, bool, int, int], count: Multiplicity
) -> ListedUnit:
    """Make a drawn unit of its row and of (draw order, reserve or not, numerator, denominator)."""
    draw_order, is_reserve, numerator, denominator = place
    return ListedUnit(
        stratum=stratum,
        id=cell_text(row[0]),
        agency=cell_text(row[PLACE["agency"]]),
        province=cell_text(row[PLACE["province"]]),
        multiplicity=count(row),
        draw_order=draw_order,
        is_reserve=is_reserve,
        numerator=numerator,
        denominator=denominator,
    )


def _simple_random(
    stratum: str, rows: list[FrameRow], n: tuple[int, int], seed: str, count: Multiplicity
) -> list[ListedUnit]:
    """Take the first ids of the random order of a stratum, then the reserve."""
    wanted, reserve = n
    by_id = {cell_text(row[0]): row for row in rows}
    order = random_order(by_id, seed, LIST_STAGE, stratum)[: wanted + reserve]
    return [
        _listed(by_id[unit], stratum, (place, place > wanted, wanted, len(rows)), count)
        for place, unit in enumerate(order, start=1)
    ]


def _pps_systematic(
    stratum: str, rows: list[FrameRow], n: tuple[int, int], seed: str, count: Multiplicity
) -> list[ListedUnit]:
    """Select systematically from the units of a stratum in the order of their ids."""
    wanted, _reserve = n
    ordered = sorted(rows, key=lambda row: cell_text(row[0]))
    sizes = [_size(row) for row in ordered]
    selected = select_systematic(
        sizes, wanted, random_start(sizes, wanted, seed, LIST_STAGE, "start", stratum)
    )
    rest = sum(sizes) - sum(sizes[unit.index] for unit in selected if unit.is_certainty)
    n_others = sum(not unit.is_certainty for unit in selected)
    listed = []
    for place, unit in enumerate(selected, start=1):
        fraction = (1, 1) if unit.is_certainty else (n_others * sizes[unit.index], rest)
        listed.append(_listed(ordered[unit.index], stratum, (place, False, *fraction), count))
    return listed


def _size(row: FrameRow) -> int:
    """Return the size of a row, refusing what is none."""
    size = row[PLACE["size"]]
    if not isinstance(size, int) or isinstance(size, bool) or size <= 0:
        raise SelectionError(
            f"Expected a size that is a whole number above 0, got {size!r} for {row[0]!r}. Correct the frame."
        )
    return size


DRAWS = {Selection.SIMPLE_RANDOM: _simple_random, Selection.PPS_SYSTEMATIC: _pps_systematic}

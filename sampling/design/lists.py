"""The list of respondents: numbers of cases, probabilities through all stages, canonical rows."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby

from sampling.design.fingerprints import Cell
from sampling.design.ordering import OrderedList
from sampling.design.selection import SimpleRandomSample
from sampling.design.stages import DrawnUnit


@dataclass(frozen=True, slots=True)
class AreaDraw:
    """The drawn communes and villages, the sorted lists, and the province of each commune.

    `above` are the drawn units over each commune, from the top; empty where communes are the first stage.
    """

    communes: tuple[DrawnUnit, ...]
    villages: Mapping[str, tuple[DrawnUnit, ...]]
    province_of: Mapping[str, str]
    lists: tuple[OrderedList, ...] = ()
    above: Mapping[str, tuple[DrawnUnit, ...]] = field(default_factory=dict)

    def village_codes(self) -> list[str]:
        """Return the codes of the drawn villages in the order of the list."""
        return [village.code for commune in self.communes for village in self.villages[commune.code]]


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """One drawn adult; one probability for each stage, from the first area stage to the register."""

    number: str
    commune: str
    village: str
    register_number: str
    draw_order: int
    is_reserve: bool
    probabilities: tuple[Fraction, ...]
    weight: float

    def canonical_row(self) -> list[Cell]:
        """Return the row that enters the fingerprint: exact fractions, no floating-point numbers."""
        return [
            self.number,
            self.commune,
            self.village,
            self.register_number,
            self.is_reserve,
            *map(str, self.probabilities),
        ]


def case_number(province: str, commune: int, village: int, person: int) -> str:
    """Return a case number that says where a case belongs.

    Parameters
    ----------
    province : str
        Code of the province of today.
    commune : int
        Place of the commune among the drawn communes of the province, from 1.
    village : int
        Place of the village among the drawn villages of the commune, from 1.
    person : int
        Place of the adult in the random order of the village, from 1; reserves follow the main list.

    Returns
    -------
    str
        Four numbers with hyphens between them.

    Examples
    --------
    >>> case_number("79", 1, 3, 12)
    '79-0001-03-012'
    """
    return f"{province}-{commune:04d}-{village:02d}-{person:03d}"


def list_persons(area: AreaDraw, samples: Mapping[str, SimpleRandomSample]) -> Iterator[ListedPerson]:
    """Join the stages into the list of respondents.

    Parameters
    ----------
    area : AreaDraw
        Drawn communes and villages.
    samples : mapping of str to SimpleRandomSample
        The drawn adults of each drawn village.

    Yields
    ------
    ListedPerson
        By province, commune, village and random order; the weight is 1 / (p1 · p2 · …), computed exactly
        and rounded once. Reserves carry the values of the main list; they change when one is released.
    """
    for province, commune_number, commune in _numbered(area):
        for village_number, village in enumerate(area.villages[commune.code], start=1):
            sample = samples[village.code]
            areas = (*area.above.get(commune.code, ()), commune, village)
            probabilities = (*(unit.probability for unit in areas), sample.probability)
            weight = float(1 / math.prod(probabilities))
            for place, person in enumerate(sample.main + sample.reserve, start=1):
                yield ListedPerson(
                    number=case_number(province, commune_number, village_number, place),
                    commune=commune.code,
                    village=village.code,
                    register_number=person,
                    draw_order=place,
                    is_reserve=place > len(sample.main),
                    probabilities=probabilities,
                    weight=weight,
                )


def _numbered(area: AreaDraw) -> Iterator[tuple[str, int, DrawnUnit]]:
    """Give the communes numbers inside each province, by stratum and then in the order of the draw."""

    def key(commune: DrawnUnit) -> tuple[str, str, int]:
        return (area.province_of[commune.code], commune.stratum, commune.draw_order)

    communes: Sequence[DrawnUnit] = sorted(area.communes, key=key)
    for province, members in groupby(communes, key=lambda commune: area.province_of[commune.code]):
        for number, commune in enumerate(members, start=1):
            yield province, number, commune

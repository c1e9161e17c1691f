"""The demonstration's scene: the nation it is played in, and what is true of it."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from analysis.index import IndexMethod, parse_index_method
from analysis.index.nodes import map_nodes
from analysis.models import IndexMethod as StoredIndexMethod
from analysis.services.margins import RURAL, URBAN, MarginRow
from sampling.models import AdministrativeUnit
from sampling.services import Register
from survey_site.demo.answers import village_cells
from survey_site.demo.population import AGE_GROUPS, SEXES, Commune, Nation, build_nation, true_index

SEED = 2026
METHOD_CODE = "M2023"
CRITERIA_SET_CODE = "DEMO-876-SHAPE"
UNINHABITED = frozenset({"Hoàng Sa"})
"""Communes without residents in the demonstration; they are excluded from the frame by name."""


@dataclass(frozen=True)
class Stage:
    """A synthetic nation over the real units."""

    nation: Nation
    names: Mapping[str, str]
    reference_date: datetime.date
    method: IndexMethod

    @cached_property
    def village_by_code(self) -> dict[str, int]:
        """Index of each village by its code."""
        return {self.nation.village_code(village): village for village in range(len(self.nation.commune_of))}

    @cached_property
    def truth(self) -> dict[str, float]:
        """True index in per cent by province code; the nation under an empty code."""
        return true_index(self.nation, criterion_weights(self.method))

    def commune_rows(self) -> Iterator[dict[str, str]]:
        """Yield the frame of communes."""
        adults = np.bincount(
            self.nation.commune_of, weights=self.nation.village_sizes, minlength=len(self.nation.communes)
        )
        for commune, size in zip(self.nation.communes, adults.tolist(), strict=True):
            yield _row(commune.code, self.names[commune.code], commune.province, int(size))

    def village_rows(self, communes: frozenset[str]) -> Iterator[dict[str, str]]:
        """Yield the frame of villages of the given communes."""
        sizes = self.nation.village_sizes.tolist()
        for code, village in self.village_by_code.items():
            commune = self.nation.communes[self.nation.commune_of[village]]
            if commune.code in communes:
                number = int(self.nation.number_in_commune[village])
                label = "Tổ dân phố" if commune.unit_type == "phường" else "Thôn"
                yield _row(code, f"{label} {number}", commune.code, sizes[village])

    def register(self, village_code: str) -> Register:
        """Return the register of one village."""
        cells = self.cells(village_code)
        return Register(
            ids=[f"{number:05d}" for number in range(1, len(cells) + 1)],
            sex=[SEXES[cell // len(AGE_GROUPS)] for cell in cells],
            age_group=[AGE_GROUPS[cell % len(AGE_GROUPS)] for cell in cells],
        )

    def cells(self, village_code: str) -> npt.NDArray[np.int64]:
        """Return the cell of sex × age of every adult of a village, in register order."""
        return village_cells(self.nation, self.village_by_code[village_code], SEED)

    def margin_rows(self) -> Iterator[MarginRow]:
        """Yield the population of each province by sex, age group and town or country."""
        provinces = np.array([commune.province for commune in self.nation.communes])[self.nation.commune_of]
        urban = np.array([commune.unit_type == "phường" for commune in self.nation.communes])
        is_urban = urban[self.nation.commune_of]
        cube = self.nation.adults.reshape(-1, len(SEXES), len(AGE_GROUPS))
        for province in sorted(set(provinces.tolist())):
            here = provinces == province
            counts = {
                "sex": dict(zip(SEXES, cube[here].sum(axis=(0, 2)).tolist(), strict=True)),
                "age_group": dict(zip(AGE_GROUPS, cube[here].sum(axis=(0, 1)).tolist(), strict=True)),
                "urban": {
                    URBAN: int(cube[here & is_urban].sum()),
                    RURAL: int(cube[here & ~is_urban].sum()),
                },
            }
            for variable, categories in counts.items():
                for category, population in categories.items():
                    yield {
                        "province": province,
                        "variable": variable,
                        "category": category,
                        "population": population,
                    }


def criterion_weights(method: IndexMethod) -> dict[str, float]:
    """Return the weight of each question in the index, by the method's own rules (they add up to 1)."""
    nodes = map_nodes(method)
    return dict(zip(nodes.questions, nodes.weights[0].tolist(), strict=True))


def set_stage(reference_date: datetime.date) -> Stage:
    """Build the nation on the communes that are valid on the date."""
    units = list(
        AdministrativeUnit.objects.valid_on(reference_date)
        .communes()
        .select_related("parent", "predecessor_province")
        .order_by("code")
    )
    method = parse_index_method(StoredIndexMethod.objects.get(code=METHOD_CODE).document)
    communes = [
        Commune(
            code=unit.code,
            province=unit.parent.code if unit.parent else "",
            stratum=unit.predecessor_province.code if unit.predecessor_province else "",
            unit_type=unit.unit_type,
            is_inhabited=unit.name not in UNINHABITED,
        )
        for unit in units
    ]
    return Stage(
        nation=build_nation(communes, method.questions, SEED),
        names={unit.code: unit.name for unit in units},
        reference_date=reference_date,
        method=method,
    )


def _row(code: str, name: str, parent_code: str, size: int) -> dict[str, str]:
    return {"code": code, "name": name, "parent_code": parent_code, "measure_of_size": str(size)}

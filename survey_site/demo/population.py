"""A synthetic nation whose true index is known.

Nothing here describes a real province: sizes, effects and answers come from a seed. Only the list of
units is real. The model is a probit with effects of province, commune, village and person, so the share
satisfied in any group has a closed form and the truth needs no simulation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

SEXES = ("male", "female")
AGE_GROUPS = ("18-24", "25-34", "35-49", "50-60", "61+")
N_CELLS = len(SEXES) * len(AGE_GROUPS)

_ADULTS_BY_TYPE: Mapping[str, float] = {"phường": 24_000.0, "xã": 15_000.0, "đặc khu": 7_000.0}
_SIZE_SPREAD = 0.45
_ADULTS_PER_VILLAGE = 950.0
_FEWEST_VILLAGES = 3
_AGE_SHARES_URBAN = np.array([0.16, 0.27, 0.30, 0.15, 0.12])
_AGE_SHARES_RURAL = np.array([0.13, 0.21, 0.28, 0.20, 0.18])
_FEMALE_SHARE = 0.51
_AGE_EFFECTS = np.array([-0.15, -0.10, 0.0, 0.12, 0.22])
_FEMALE_EFFECT = 0.05
_URBAN_EFFECT = -0.12
_PROVINCE_SPREAD, _CONTENT_SPREAD = 0.20, 0.06
_COMMUNE_SPREAD, _VILLAGE_SPREAD, PERSON_SPREAD = 0.16, 0.10, 0.80
_OVERALL_LEVEL = 1.32
_CRITERION_SPREAD = 0.12
THRESHOLDS = np.array([-1.30, -0.75])
"""Limits between the two lowest answers and neutral, below zero, where satisfaction begins."""
VERY_SATISFIED_FROM = 1.15


@dataclass(frozen=True, slots=True)
class Commune:
    """What the model needs to know of a commune."""

    code: str
    province: str
    stratum: str
    unit_type: str
    is_inhabited: bool = True


@dataclass(frozen=True, slots=True)
class Nation:
    """Villages as parallel arrays of length V, with head counts and mean satisfaction on the latent scale."""

    communes: tuple[Commune, ...]
    commune_of: Integers
    """Index of the commune of each village (V)."""
    number_in_commune: Integers
    """Running number of the village in its commune, from 1 (V)."""
    adults: Integers
    """Adults by village and cell of sex × age (V, 10)."""
    level: Floats
    """Latent level of each village by content P and S, before criterion and person (V, 2)."""
    criterion_effects: Mapping[str, float]

    def village_code(self, village: int) -> str:
        """Return the code of a village: that of its commune and a running number."""
        return f"{self.communes[self.commune_of[village]].code}-{self.number_in_commune[village]:03d}"

    @property
    def village_sizes(self) -> Integers:
        """Adults of each village (V)."""
        return self.adults.sum(axis=1)


def cell_effects() -> Floats:
    """Return the latent effect of each cell of sex × age (10)."""
    effects: Floats = np.add.outer([0.0, _FEMALE_EFFECT], _AGE_EFFECTS).ravel()
    return effects


def build_nation(communes: Sequence[Commune], criteria: Sequence[str], seed: int) -> Nation:
    """Return a nation of villages for the given real communes; the same seed gives the same nation."""
    rng = np.random.default_rng(seed)
    sizes = _commune_sizes(communes, rng)
    n_villages = np.where(sizes > 0, np.maximum(_FEWEST_VILLAGES, np.round(sizes / _ADULTS_PER_VILLAGE)), 0)
    commune_of = np.repeat(np.arange(len(communes)), n_villages.astype(np.int64))
    first = np.concatenate([[0], np.cumsum(n_villages)[:-1]]).astype(np.int64)
    number = np.arange(len(commune_of)) - first[commune_of] + 1
    shares = rng.gamma(12.0, size=len(commune_of))
    shares /= np.bincount(commune_of, weights=shares, minlength=len(communes))[commune_of]
    village_sizes = np.maximum(40, np.round(sizes[commune_of] * shares)).astype(np.int64)
    is_urban = np.array([commune.unit_type == "phường" for commune in communes])[commune_of]
    return Nation(
        communes=tuple(communes),
        commune_of=commune_of,
        number_in_commune=number,
        adults=_adults_by_cell(village_sizes, is_urban, rng),
        level=_levels(communes, commune_of, is_urban, rng),
        criterion_effects={code: float(rng.normal(0.0, _CRITERION_SPREAD)) for code in criteria},
    )


def _commune_sizes(communes: Sequence[Commune], rng: np.random.Generator) -> Floats:
    typical = np.array([_ADULTS_BY_TYPE[commune.unit_type] for commune in communes])
    inhabited = np.array([commune.is_inhabited for commune in communes])
    sizes: Floats = typical * rng.lognormal(0.0, _SIZE_SPREAD, size=len(communes)) * inhabited
    return sizes


def _adults_by_cell(sizes: Integers, is_urban: npt.NDArray[np.bool_], rng: np.random.Generator) -> Integers:
    ages = np.where(is_urban[:, None], _AGE_SHARES_URBAN, _AGE_SHARES_RURAL)
    ages = ages * rng.lognormal(0.0, 0.08, size=ages.shape)
    ages /= ages.sum(axis=1, keepdims=True)
    cells = np.concatenate([(1 - _FEMALE_SHARE) * ages, _FEMALE_SHARE * ages], axis=1)
    return rng.multinomial(sizes, cells).astype(np.int64)


def _levels(
    communes: Sequence[Commune],
    commune_of: Integers,
    is_urban: npt.NDArray[np.bool_],
    rng: np.random.Generator,
) -> Floats:
    provinces = sorted({commune.province for commune in communes})
    place = {province: index for index, province in enumerate(provinces)}
    province_of = np.array([place[commune.province] for commune in communes])[commune_of]
    by_province = rng.normal(0.0, _PROVINCE_SPREAD, size=(len(provinces), 1))
    by_content = rng.normal(0.0, _CONTENT_SPREAD, size=(len(provinces), 2))
    by_commune = rng.normal(0.0, _COMMUNE_SPREAD, size=(len(communes), 1))
    by_village = rng.normal(0.0, _VILLAGE_SPREAD, size=(len(commune_of), 1))
    by_village += (_URBAN_EFFECT * is_urban)[:, None]
    levels: Floats = (
        _OVERALL_LEVEL + (by_province + by_content)[province_of] + by_commune[commune_of] + by_village
    )
    return levels


def content_column(criterion: str) -> int:
    """Return the column of `Nation.level` that a criterion belongs to: P first, then S."""
    return 0 if criterion.startswith("P") else 1


def true_shares(nation: Nation) -> dict[str, dict[str, float]]:
    """Return the true share satisfied in per cent, by province code ("" is the nation) and criterion."""
    provinces = sorted({commune.province for commune in nation.communes})
    place = {province: index for index, province in enumerate(provinces)}
    province_of = np.array([place[commune.province] for commune in nation.communes])[nation.commune_of]
    people = np.bincount(province_of, weights=nation.village_sizes, minlength=len(provinces))
    effects = cell_effects()
    scale = np.sqrt(1.0 + PERSON_SPREAD**2)
    truth: dict[str, dict[str, float]] = {province: {} for province in ["", *provinces]}
    for criterion, effect in nation.criterion_effects.items():
        level = nation.level[:, content_column(criterion)][:, None] + effects + effect
        satisfied = (nation.adults * ndtr(level / scale)).sum(axis=1)
        totals = np.bincount(province_of, weights=satisfied, minlength=len(provinces))
        truth[""][criterion] = float(100.0 * totals.sum() / people.sum())
        for province, index in place.items():
            truth[province][criterion] = float(100.0 * totals[index] / people[index])
    return truth


def true_index(nation: Nation, weights: Mapping[str, float]) -> dict[str, float]:
    """Return the true index by province code; `weights` gives each criterion's share of the index."""
    return {
        province: sum(weights[criterion] * share for criterion, share in shares.items())
        for province, shares in true_shares(nation).items()
    }

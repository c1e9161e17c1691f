"""Answers of the synthetic nation's sampled adults."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from survey_site.demo.population import (
    AGE_GROUPS,
    PERSON_SPREAD,
    SEXES,
    THRESHOLDS,
    VERY_SATISFIED_FROM,
    Nation,
    cell_effects,
    content_column,
)

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_RESPONSE_BY_AGE = np.array([0.86, 0.89, 0.93, 0.96, 0.94])
_URBAN_RESPONSE = -0.04
_SKIPPED = 0.03
_DOES_NOT_APPLY = 0.04
_REFUSAL_AMONG_NONRESPONSE = 0.45
_CONTINUOUS_CUTS = np.concatenate([THRESHOLDS, [0.0, VERY_SATISFIED_FROM]])
_MODE_SHARES = {"web": 0.45, "interview": 0.30, "paper": 0.25}


@dataclass(frozen=True, slots=True)
class Person:
    """A sampled adult as the model sees one."""

    village: int
    cell: int
    is_urban: bool

    @property
    def sex(self) -> str:
        """Sex in the register."""
        return SEXES[self.cell // len(AGE_GROUPS)]

    @property
    def age_group(self) -> str:
        """Age group in the register."""
        return AGE_GROUPS[self.cell % len(AGE_GROUPS)]


def village_cells(nation: Nation, village: int, seed: int) -> Integers:
    """Return the cell of every adult in the village's register, in register order."""
    rng = np.random.default_rng([seed, 1, village])
    cells = np.repeat(np.arange(nation.adults.shape[1]), nation.adults[village])
    return rng.permutation(cells)


def responds(persons: Sequence[Person], seed: int) -> npt.NDArray[np.bool_]:
    """Tell who answers: less often the young and people in towns, regardless of how satisfied they are."""
    rng = np.random.default_rng([seed, 2])
    age = np.array([person.cell % len(AGE_GROUPS) for person in persons])
    urban = np.array([person.is_urban for person in persons])
    drawn: npt.NDArray[np.bool_] = rng.random(len(persons)) < _RESPONSE_BY_AGE[age] + _URBAN_RESPONSE * urban
    return drawn


def refuses(n: int, seed: int) -> npt.NDArray[np.bool_]:
    """Tell which nonrespondents refuse; the others are not met."""
    drawn: npt.NDArray[np.bool_] = np.random.default_rng([seed, 3]).random(n) < _REFUSAL_AMONG_NONRESPONSE
    return drawn


def modes(n: int, seed: int) -> list[str]:
    """Return how each respondent answers."""
    rng = np.random.default_rng([seed, 4])
    return [str(mode) for mode in rng.choice(list(_MODE_SHARES), size=n, p=list(_MODE_SHARES.values()))]


def ratings(nation: Nation, persons: Sequence[Person], seed: int) -> dict[str, Integers]:
    """Return 1–5 by criterion and person; 0 stands for skipped, -1 for "does not apply"."""
    rng = np.random.default_rng([seed, 5])
    villages = np.array([person.village for person in persons])
    base = cell_effects()[[person.cell for person in persons]] + rng.normal(0.0, PERSON_SPREAD, len(persons))
    answers = {}
    for criterion, effect in nation.criterion_effects.items():
        latent = (
            nation.level[villages, content_column(criterion)] + base + effect + rng.normal(size=len(persons))
        )
        rating = np.searchsorted(_CONTINUOUS_CUTS, latent).astype(np.int64) + 1
        luck = rng.random(len(persons))
        rating[luck < _SKIPPED + _DOES_NOT_APPLY] = -1
        rating[luck < _SKIPPED] = 0
        answers[criterion] = rating
    return answers


def background(
    options: Mapping[str, Sequence[Any]], multiple: frozenset[str], n: int, seed: int
) -> dict[str, list[Any]]:
    """Return answers to the questions that carry no rating: options by falling likelihood."""
    rng = np.random.default_rng([seed, 6])
    answers: dict[str, list[Any]] = {}
    for code, values in options.items():
        likelihood = 1.0 / np.arange(2, len(values) + 2)
        chosen = rng.choice(len(values), size=n, p=likelihood / likelihood.sum())
        answers[code] = [[values[index]] if code in multiple else values[index] for index in chosen]
    return answers


def documents(
    rated: Mapping[str, Integers], others: Mapping[str, Sequence[Any]], does_not_apply: Any
) -> Iterator[dict[str, Any]]:
    """Yield one answer document per respondent from the columns."""
    columns = {code: values.tolist() for code, values in rated.items()}
    for row in range(len(next(iter(columns.values())))):
        document = {code: values[row] for code, values in others.items()}
        for code, values in columns.items():
            if values[row] > 0:
                document[code] = values[row]
            elif values[row] < 0:
                document[code] = does_not_apply
        yield document

"""Variance components of a file of microdata, as the planner of the next sample reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.estimation import FloatArray
from analysis.quality import ComponentsError, variance_components
from analysis.shell.errors import InputError
from analysis.shell.reading import as_codes, as_numbers, read_microdata, require_columns
from analysis.shell.settings import DesignSettings

ALL = "*"
"""Stands for every stratum of a plan that has no line of its own."""
PERSON = "person"


@dataclass(frozen=True, slots=True)
class WantedComponents:
    """A column of answers, the lowest that counts as satisfied, and the columns of the domains."""

    item: str
    at_least: float | None
    by: tuple[str, ...]


def components_frame(data: Path, settings: DesignSettings, wanted: WantedComponents) -> pd.DataFrame:
    """Return one row for all people, and one per domain whose spread can be split among the stages."""
    if not settings.clusters:
        raise InputError(
            expected="clusters in design.toml, from the first stage on",
            got="none",
            hint='Name them, for example clusters = ["commune", "village"].',
        )
    frame = read_microdata(data)
    require_columns(frame, (wanted.item, *wanted.by, *settings.columns), "the command line or design.toml")
    answers = _answers(as_numbers(frame[wanted.item]).to_numpy(dtype=float), wanted.at_least)
    everybody = np.ones(len(frame), dtype=bool)
    rows = [_row(ALL, frame, answers, settings, everybody)]
    if not wanted.by:
        return pd.DataFrame(rows)
    names = frame[list(wanted.by)].astype(str).agg("|".join, axis=1)
    for name in sorted(names.unique()):
        try:
            rows.append(_row(name, frame, answers, settings, (names == name).to_numpy()))
        except ComponentsError:
            continue
    return pd.DataFrame(rows)


def _answers(values: FloatArray, at_least: float | None) -> FloatArray:
    """Count an answer as 1 from a value on; without it, take the values themselves."""
    if at_least is None:
        return values
    return np.where(np.isfinite(values), (values >= at_least).astype(float), np.nan)


def _row(
    name: str, frame: pd.DataFrame, answers: FloatArray, settings: DesignSettings, members: np.ndarray
) -> dict[str, Any]:
    """Estimate the components of some people."""
    inside = frame[members]
    found = variance_components(
        answers[members],
        _columns(inside, settings.clusters),
        strata=as_codes(inside[settings.strata]).to_numpy() if settings.strata else None,
        weights=as_numbers(inside[settings.weight]).to_numpy(dtype=float),
    )
    stages = (*settings.clusters, PERSON)
    return {"stratum": name, "mean": found.mean, "n": int(found.n_units[-1])} | dict(
        zip(stages, found.value.tolist(), strict=True)
    )


def _columns(frame: pd.DataFrame, names: Sequence[str]) -> list[np.ndarray]:
    return [as_codes(frame[name]).to_numpy() for name in names]

"""Weights of a snapshot: design × nonresponse class × raking to the margins of the province."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.marks import NO_MARGINS_NOTE
from analysis.models import PopulationMargin
from analysis.selectors.margins import Margins
from analysis.services.margins import RURAL, URBAN
from analysis.snapshots import ANALYSIS_ID, WEIGHT_COLUMNS, SnapshotContent
from analysis.weighting import (
    DRAWN_UNIT,
    PERSON,
    CellMinimum,
    Margin,
    Weighting,
    WeightingStep,
    start_weighting,
    weight_respondents,
)
from analysis.weighting.steps import DESIGN, MULTIPLICITY, NONRESPONSE, RAKING
from sampling.models import Disposition
from sampling.models.samples import RESPONDENT_DISPOSITIONS

CALIBRATED_NOTE = "residual_errors"
RESERVES_NOTE = "reserves_released"
SHARED_NOTE = "persons_counted"
CLASS_PARENTS = ("stratum", "province", "region")
"""Where thin nonresponse classes are merged, from near to wide; those of margins begin at the province."""
CELL_SEPARATOR = "/"
_DECIMALS = 6


@dataclass(frozen=True, eq=False)
class Weighted:
    """Weights of the respondents of a snapshot, and the steps to them as a release stores them.

    `cells` has one label per respondent for every margin that the weights meet, thin ones merged, in the
    order of `weights`.
    """

    weights: pd.DataFrame
    steps: tuple[Mapping[str, Any], ...]
    cells: tuple[np.ndarray, ...] = ()

    @property
    def is_calibrated(self) -> bool:
        """Whether the weights meet population margins."""
        return bool(self.cells)

    @property
    def uncalibrated(self) -> np.ndarray:
        """Weights before raking, which the errors of calibrated figures need."""
        return self.weights[list(WEIGHT_COLUMNS[1:4])].prod(axis=1).to_numpy()


def weight_snapshot(
    content: SnapshotContent,
    margins: Margins | None,
    *,
    single_psu: str = "fail",
    minimum: CellMinimum | None = None,
    unit: str = DRAWN_UNIT,
) -> Weighted:
    """Weight the respondents of a snapshot; without margins, stop after nonresponse and say so.

    Ineligible cases drop out before the first step; cases of unknown eligibility count as eligible. The
    design weight counts reserves already: releasing one has counted its village or stratum again. Where one
    adult of a household was asked, classes compare households: those that were never listed count as one
    household each, since nobody knows how many adults live there.

    Where `unit` is the person, the weight of a drawn dossier is shared among the dossiers by which its person
    could have been drawn; a person drawn as such has one.
    """
    issued = content.rows.assign(base_weight=content.rows["design_weight"])
    cases = issued[issued["disposition"] != Disposition.NOT_ELIGIBLE].reset_index(drop=True)
    responded = cases["disposition"].isin(list(RESPONDENT_DISPOSITIONS)).to_numpy()
    started = start_weighting(cases["base_weight"].to_numpy())
    if unit == PERSON:
        started = started.then_share(cases["multiplicity"].to_numpy(dtype=float))
    classes = cases["stratum"] + CELL_SEPARATOR + cases["is_urban"].map({True: URBAN, False: RURAL})
    weighting = weight_respondents(
        started,
        responded,
        classes,
        persons_per_unit=cases["household_adults"].to_numpy(dtype=float),
        psu=cases["psu"],
        margins=[] if margins is None else _raking_margins(cases, margins),
        class_parents=[dict(zip(classes, cases[parent], strict=True)) for parent in CLASS_PARENTS],
        minimum=minimum,
    )
    design = {
        "single_psu": single_psu,
        "note": RESERVES_NOTE if content.rows["is_reserve"].any() else "",
        "is_approximate": bool(content.rows["is_approximate"].any()),
    }
    return Weighted(
        weights=_weights_frame(cases.loc[responded, ANALYSIS_ID], weighting),
        steps=_steps_document(weighting, margins, design),
        cells=tuple(np.asarray(margin.labels, dtype=object) for margin in weighting.margins),
    )


def margin_labels(cases: pd.DataFrame, variable: str) -> pd.Series:
    """Return the cell of every case in one margin: its province and its category there."""
    categories = {
        PopulationMargin.Variable.SEX: cases["sex"],
        PopulationMargin.Variable.AGE_GROUP: cases["age_group"],
        PopulationMargin.Variable.URBAN: cases["is_urban"].map({True: URBAN, False: RURAL}),
    }
    return cases["province"] + CELL_SEPARATOR + categories[PopulationMargin.Variable(variable)]


def _raking_margins(cases: pd.DataFrame, margins: Margins) -> list[Margin]:
    """Return one margin per variable, with categories inside provinces."""
    table = margins.table.assign(cell=margins.table["province"] + CELL_SEPARATOR + margins.table["category"])
    sampled = table[table["province"].isin(cases["province"])]
    region_of = dict(zip(cases["province"], cases["region"], strict=True))
    return [
        Margin(
            name=str(variable),
            labels=margin_labels(cases, str(variable)),
            totals=dict(zip(part["cell"], part["population"].astype(float), strict=True)),
            source=margins.source,
            reference_date=margins.date.isoformat(),
            parents=[
                dict(zip(part["cell"], part["province"], strict=True)),
                dict(zip(part["cell"], part["province"].map(region_of), strict=True)),
            ],
        )
        for variable, part in sampled.groupby("variable")
    ]


def _weights_frame(analysis_ids: pd.Series, weighting: Weighting) -> pd.DataFrame:
    factors = {step.name: step.factor for step in weighting.steps}
    none = np.ones(len(weighting.weights))
    by_step = (factors.get(name, none) for name in (DESIGN, MULTIPLICITY, NONRESPONSE, RAKING))
    columns = (analysis_ids.to_numpy(), *by_step, weighting.weights)
    return pd.DataFrame(dict(zip(WEIGHT_COLUMNS, columns, strict=True)))


def _steps_document(
    weighting: Weighting, margins: Margins | None, design: Mapping[str, Any]
) -> tuple[dict[str, Any], ...]:
    more: dict[str, Mapping[str, Any]] = {
        DESIGN: design,
        MULTIPLICITY: {"note": SHARED_NOTE},
        NONRESPONSE: {"note": NO_MARGINS_NOTE if margins is None else ""},
    }
    if margins is not None:
        more[RAKING] = {
            "source": margins.source,
            "date": margins.date.isoformat(),
            "note": CALIBRATED_NOTE,
            "margins": [margin.name for margin in weighting.margins],
        }
    return tuple({**_step(step), **more[step.name]} for step in weighting.steps)


def _step(step: WeightingStep) -> dict[str, Any]:
    return {
        "step": step.name,
        "n": len(step.factor),
        "min": round(float(step.factor.min()), _DECIMALS),
        "max": round(float(step.factor.max()), _DECIMALS),
        "sum": round(step.weights_sum, _DECIMALS),
        "deff_before": round(step.deff_before, _DECIMALS),
        "deff_after": round(step.deff_after, _DECIMALS),
        "merges": [
            {"cells": list(merge.labels), "into": merge.into, "n": merge.n_answers, "psus": merge.n_psus}
            for merge in step.merges
        ],
        "note": "",
    }

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
from analysis.weighting import CellMinimum, Margin, Weighting, WeightingStep, weight_respondents
from sampling.models import Disposition
from sampling.models.samples import RESPONDENT_DISPOSITIONS

CALIBRATED_NOTE = "residual_errors"
RESERVES_NOTE = "reserves_released"
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
        return (self.weights["base_weight"] * self.weights["nonresponse_factor"]).to_numpy()


def weight_snapshot(
    content: SnapshotContent,
    margins: Margins | None,
    *,
    single_psu: str = "fail",
    minimum: CellMinimum | None = None,
) -> Weighted:
    """Weight the respondents of a snapshot; without margins, stop after nonresponse and say so.

    Ineligible cases drop out before the first step; cases of unknown eligibility count as eligible. The
    design weight counts reserves already: releasing one has counted its village or stratum again.
    """
    issued = content.rows.assign(base_weight=content.rows["design_weight"])
    cases = issued[issued["disposition"] != Disposition.NOT_ELIGIBLE].reset_index(drop=True)
    responded = cases["disposition"].isin(list(RESPONDENT_DISPOSITIONS)).to_numpy()
    base = cases["base_weight"]
    classes = cases["stratum"] + CELL_SEPARATOR + cases["is_urban"].map({True: URBAN, False: RURAL})
    weighting = weight_respondents(
        base.to_numpy(),
        responded,
        classes,
        psu=cases["psu"],
        margins=[] if margins is None else _raking_margins(cases, margins),
        class_parents=[dict(zip(classes, cases[parent], strict=True)) for parent in CLASS_PARENTS],
        minimum=minimum,
    )
    has_reserves = bool(content.rows["is_reserve"].any())
    return Weighted(
        weights=_weights_frame(cases.loc[responded, ANALYSIS_ID], weighting),
        steps=_steps_document(weighting, margins, single_psu=single_psu, has_reserves=has_reserves),
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
    base, nonresponse, *rest = (step.factor for step in weighting.steps)
    calibration = np.prod(rest, axis=0) if rest else np.ones(len(base))
    columns = (analysis_ids.to_numpy(), base, nonresponse, calibration, weighting.weights)
    return pd.DataFrame(dict(zip(WEIGHT_COLUMNS, columns, strict=True)))


def _steps_document(
    weighting: Weighting, margins: Margins | None, *, single_psu: str, has_reserves: bool
) -> tuple[dict[str, Any], ...]:
    design, nonresponse, *raking = (_step(step) for step in weighting.steps)
    design |= {"single_psu": single_psu, "note": RESERVES_NOTE if has_reserves else ""}
    nonresponse["note"] = NO_MARGINS_NOTE if margins is None else ""
    for step in raking:
        if margins is not None:
            step |= {
                "source": margins.source,
                "date": margins.date.isoformat(),
                "note": CALIBRATED_NOTE,
                "margins": [margin.name for margin in weighting.margins],
            }
    return design, nonresponse, *raking


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

"""Weights of a snapshot: design × nonresponse class × raking to the margins of the province."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.estimation import COUNTED, EFFECTIVE
from analysis.marks import NO_MARGINS_NOTE
from analysis.models import PopulationMargin
from analysis.selectors.margins import FrameTotals, Margins
from analysis.services.list_variances import (
    VARIANCE,
    WITHOUT_REPLACEMENT,
    is_list,
    is_without_replacement,
    variance_columns,
)
from analysis.services.margins import RURAL, UNKNOWN_AREA, URBAN
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
FRAME_NOTE = "frame_counts"
RESERVES_NOTE = "reserves_released"
DEGREES = "degrees"
"""Key by which the first step says how degrees of freedom are found; releases without it count PSUs only."""
UNRESOLVED = (str(Disposition.PENDING), str(Disposition.UNKNOWN))
"""Outcomes of cases of which nobody knows whether they are eligible."""
SHARED_NOTE = "persons_counted"
UNKNOWN_AREAS = "unknown_areas"
"""Key of the first step: cases of which nobody knows whether they are urban or rural."""
CELL_SEPARATOR = "/"
STRATUM_MARGIN = "stratum"
"""The margin of a list: its strata with the number of their units."""
WHOLE = "*"
"""Where strata are pooled that belong to no single province or region."""
_DECIMALS = 6


@dataclass(frozen=True, eq=False)
class Weighted:
    """Weights of the respondents of a snapshot, and the steps to them as a release stores them.

    `cells` has one label per respondent for every margin that the weights meet, thin ones merged, in the
    order of `weights`; `variance` the strata and fractions of a transaction list, in the same order, and is
    None for an area sample.
    """

    weights: pd.DataFrame
    steps: tuple[Mapping[str, Any], ...]
    cells: tuple[np.ndarray, ...] = ()
    variance: pd.DataFrame | None = None

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
    margins: Margins | FrameTotals | None,
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
    classes = cases["stratum"] + CELL_SEPARATOR + areas_of(cases)
    weighting = weight_respondents(
        started,
        responded,
        classes,
        persons_per_unit=cases["household_adults"].to_numpy(dtype=float),
        psu=cases["psu"],
        margins=_known_margins(content.rows, cases, margins),
        class_parents=_class_parents(cases, classes),
        minimum=minimum,
    )
    weights = _weights_frame(cases.loc[responded, ANALYSIS_ID], weighting)
    design = _of_design(content.rows, single_psu)
    return Weighted(
        weights=weights,
        steps=_steps_document(weighting, margins, design),
        cells=tuple(np.asarray(margin.labels, dtype=object) for margin in weighting.margins),
        variance=_variance(cases[responded], weights) if is_without_replacement(design) else None,
    )


def _of_design(rows: pd.DataFrame, single_psu: str) -> dict[str, Any]:
    """Return what the first step says of the design."""
    return {
        "single_psu": single_psu,
        "note": RESERVES_NOTE if rows["is_reserve"].any() else "",
        "is_approximate": bool(rows["is_approximate"].any()),
        DEGREES: EFFECTIVE,
        **_of_list(rows),
    }


def _of_list(rows: pd.DataFrame) -> dict[str, Any]:
    """Return what the first step says of a transaction list; nothing of an area sample."""
    if not is_list(rows):
        return {}
    return {VARIANCE: WITHOUT_REPLACEMENT, UNKNOWN_AREAS: int(rows["is_urban"].isna().sum())}


def _variance(respondents: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    """Return strata and fractions of the respondents of a list, in the order of their weights."""
    named = respondents[["stratum", "variance_stratum"]].reset_index(drop=True)
    return variance_columns(named.join(weights[["base_weight", "nonresponse_factor"]]))


def rests_on_approximation(steps: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether weights were made of inclusion probabilities that are approximate."""
    return any(step.get("is_approximate") for step in steps)


def degrees_of(steps: Sequence[Mapping[str, Any]]) -> str:
    """Tell how the degrees of freedom of a weighting are found; earlier releases count PSUs less strata."""
    return str(steps[0].get(DEGREES, COUNTED))


def areas_of(cases: pd.DataFrame) -> pd.Series:
    """Return town, countryside or not known of every case: the agency of a dossier may name no commune."""
    return cases["is_urban"].map({True: URBAN, False: RURAL}).fillna(UNKNOWN_AREA)


def margin_labels(cases: pd.DataFrame, variable: str) -> pd.Series:
    """Return the cell of every case in one margin: its province and its category there, or its stratum."""
    if variable == STRATUM_MARGIN:
        return cases["stratum"]
    categories = {
        PopulationMargin.Variable.SEX: cases["sex"],
        PopulationMargin.Variable.AGE_GROUP: cases["age_group"],
        PopulationMargin.Variable.URBAN: areas_of(cases),
    }
    return cases["province"] + CELL_SEPARATOR + categories[PopulationMargin.Variable(variable)]


def _known_margins(
    issued: pd.DataFrame, cases: pd.DataFrame, margins: Margins | FrameTotals | None
) -> list[Margin]:
    """Return what the weights are brought to: population margins, the strata of a list, or nothing."""
    if margins is None:
        return []
    if isinstance(margins, FrameTotals):
        return [_stratum_margin(issued, cases, margins)]
    return _raking_margins(cases, margins)


def _class_parents(cases: pd.DataFrame, classes: pd.Series) -> list[dict[str, str]]:
    """Return where thin nonresponse classes are merged: stratum, province, region, from near to wide.

    A stratum that crosses provinces stays alone at the province, one that crosses regions joins the whole.
    """
    provinces, regions = (_only_one(cases, column) for column in ("province", "region"))
    stratum_of = {str(name): str(stratum) for name, stratum in zip(classes, cases["stratum"], strict=True)}
    return [
        stratum_of,
        {name: provinces.get(stratum, WHOLE + stratum) for name, stratum in stratum_of.items()},
        {name: regions.get(stratum, WHOLE) for name, stratum in stratum_of.items()},
    ]


def _only_one(cases: pd.DataFrame, column: str) -> dict[str, str]:
    """Return the value of every stratum in a column, without the strata that have several."""
    values = cases.groupby("stratum")[column]
    only = values.first()[values.nunique().eq(1)]
    return {str(stratum): str(value) for stratum, value in only.items()}


def _stratum_margin(issued: pd.DataFrame, cases: pd.DataFrame, totals: FrameTotals) -> Margin:
    """Return the strata of a list with their counts, less the share that is not eligible.

    A stratum from which nobody was drawn counts, too: it is merged like every other one without answers.
    """
    provinces = _only_one(cases, "province") | dict(totals.provinces)
    province_of = {stratum: provinces.get(stratum, WHOLE) for stratum in totals.counts}
    shares = _eligible_shares(issued, totals.counts)
    return Margin(
        name=STRATUM_MARGIN,
        labels=margin_labels(cases, STRATUM_MARGIN),
        totals={name: count * shares[name] for name, count in totals.counts.items() if shares[name] > 0},
        source=totals.source,
        reference_date=totals.date.isoformat(),
        parents=[province_of, dict.fromkeys(province_of, WHOLE)],
    )


def _eligible_shares(issued: pd.DataFrame, strata: Iterable[str]) -> dict[str, float]:
    """Return the weighted share of eligible cases among the resolved ones, or that of the list without any.

    Unresolved cases are taken to be eligible as often as the others, as in RR3: fieldwork that has come
    further in one stratum than in another does not shift weights between them.
    """
    resolved = issued[~issued["disposition"].isin(UNRESOLVED)]
    weights, strata_of = resolved["design_weight"], resolved["stratum"]
    eligible = weights.where(resolved["disposition"].ne(str(Disposition.NOT_ELIGIBLE)), 0.0)
    found = eligible.groupby(strata_of).sum() / weights.groupby(strata_of).sum()
    whole = float(eligible.sum() / weights.sum()) if len(resolved) else 1.0
    return {stratum: float(found.get(stratum, whole)) for stratum in strata}


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
    weighting: Weighting, margins: Margins | FrameTotals | None, design: Mapping[str, Any]
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
            "note": FRAME_NOTE if isinstance(margins, FrameTotals) else CALIBRATED_NOTE,
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

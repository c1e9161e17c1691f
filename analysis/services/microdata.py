"""Weighted microdata of a release: one row per respondent, with design, weights and answers."""

from collections.abc import Iterator, Mapping

import pandas as pd
from django.contrib.auth.models import AbstractBaseUser
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from wagtail.log_actions import log

from analysis.exports import Column, ExportTable, Kind, ValueLabels
from analysis.marks import sentences
from analysis.models import PopulationMargin, Release
from analysis.selectors import province_names
from analysis.services.list_variances import FRACTION
from analysis.services.snapshots import require_frozen
from analysis.services.uniqueness import public_table, with_uniqueness
from analysis.services.weighted_samples import Cells, open_release
from analysis.services.weighting import STRATUM_MARGIN
from analysis.snapshots import (
    ANALYSIS_ID,
    CODE_COLUMNS,
    FLAG_COLUMNS,
    NUMBER_COLUMNS,
    WEIGHT_COLUMNS,
    Storage,
    Variable,
)
from questionnaires.models import Helper, Mode, Pressure
from sampling.models import Disposition, SamplingFrame
from sampling.selectors.frames import stage_codes
from sampling.services.territories import require_territory

Stage = SamplingFrame.Stage

DESIGN_LABELS = {
    ANALYSIS_ID: gettext_lazy("random identifier, without relation to the case number"),
    "province": gettext_lazy("province"),
    "region": gettext_lazy("region"),
    "stratum": gettext_lazy("stratum"),
    "psu": gettext_lazy("primary sampling unit"),
    "village": gettext_lazy("village, by a random number in its commune"),
    "variance_stratum": gettext_lazy("stratum for variances: a unit drawn with certainty is its own"),
    "variance_psu": gettext_lazy("primary unit for variances: the units below one drawn with certainty"),
    "sex": gettext_lazy("sex in the register"),
    "age_group": gettext_lazy("age group in the register"),
    "disposition": gettext_lazy("disposition"),
    "mode": gettext_lazy("mode"),
    "helper": gettext_lazy("who helped the respondent"),
    "pressure": gettext_lazy("whether somebody told the respondent what to answer"),
    "is_urban": gettext_lazy("urban commune; empty where the commune is not known"),
    "is_reserve": gettext_lazy("reserve"),
    "design_weight": gettext_lazy("design weight"),
    "multiplicity": gettext_lazy("dossiers of the person in the list"),
    "household_adults": gettext_lazy("adults of the household, which the design weight contains"),
    "is_approximate": gettext_lazy("inclusion probability is approximate"),
    FRACTION: gettext_lazy("sampling fraction for variances: chance of being drawn × response rate"),
    "base_weight": gettext_lazy("design weight, counting released reserves"),
    "multiplicity_factor": gettext_lazy("factor of multiplicity: 1 / dossiers where persons are counted"),
    "nonresponse_factor": gettext_lazy("nonresponse factor"),
    "calibration_factor": gettext_lazy("calibration factor"),
    "final_weight": gettext_lazy("final weight"),
}
FIRST_STAGE_LABELS: Mapping[str, Mapping[str, Promise]] = {
    Stage.DISTRICT: {
        "psu": gettext_lazy("primary sampling unit (district)"),
        "variance_stratum": gettext_lazy("stratum for variances: a district drawn with certainty is its own"),
        "variance_psu": gettext_lazy("primary unit for variances: the communes of such a district"),
    },
    Stage.COMMUNE: {
        "psu": gettext_lazy("primary sampling unit (commune)"),
        "variance_stratum": gettext_lazy("stratum for variances: a commune drawn with certainty is its own"),
        "variance_psu": gettext_lazy("primary unit for variances: the villages of such a commune"),
    },
    Stage.DOSSIER: {
        "psu": gettext_lazy("primary sampling unit (drawn dossier or person)"),
        "village": gettext_lazy("agency, by a random number in its province"),
        "variance_stratum": gettext_lazy("stratum for variances: those drawn with certainty are apart"),
        "variance_psu": gettext_lazy("primary unit for variances (drawn dossier or person)"),
    },
}
"""What the labels of a design name, by the first stage of the round."""

UNCALIBRATED = "uncalibrated_weight"
MARGIN_PREFIX = "margin_"
KEPT_BEHIND = frozenset({"commune_probability", "village_probability", "person_probability"})
"""Exact probabilities tell the size of a village, and so which one was drawn: no file carries them."""

HAS_APPROXIMATE = "has_approximate"
"""Column of every file that tells of its release what `is_approximate` tells of a case."""

MARK_LABELS = {
    "release": gettext_lazy("release"),
    "is_provisional": gettext_lazy("provisional method"),
    "is_demo": gettext_lazy("demonstration"),
    "is_rehearsed": gettext_lazy("sample drawn without a public commitment"),
    HAS_APPROXIMATE: gettext_lazy("weights rest on approximate inclusion probabilities"),
}


def yes_no() -> dict[int, str]:
    """Return the labels of a flag in the active language."""
    return {0: _("no"), 1: _("yes")}


def mark_columns() -> tuple[Column, ...]:
    """Return the columns that every file carries: the release, and the marks of method, draw and weights."""
    return (
        Column("release", str(MARK_LABELS["release"])),
        Column("is_provisional", str(MARK_LABELS["is_provisional"]), Kind.FLAG, yes_no()),
        Column("is_demo", str(MARK_LABELS["is_demo"]), Kind.FLAG, yes_no()),
        Column("is_rehearsed", str(MARK_LABELS["is_rehearsed"]), Kind.FLAG, yes_no()),
        Column(HAS_APPROXIMATE, str(MARK_LABELS[HAS_APPROXIMATE]), Kind.FLAG, yes_no()),
    )


def marks_of(release: Release) -> dict[str, str | bool]:
    """Return the values of the mark columns."""
    return {
        "release": release.code,
        "is_provisional": release.is_provisional,
        "is_demo": release.is_demo,
        "is_rehearsed": release.is_rehearsed,
        HAS_APPROXIMATE: release.is_approximate,
    }


def export_microdata(
    *,
    release: Release,
    language: str = "vi",
    include_sensitive: bool = False,
    is_public: bool = False,
    user: AbstractBaseUser | None = None,
) -> ExportTable:
    """Return the weighted microdata of a release of a frozen round; note in the audit log who took them.

    Those for the public say less, until nobody is picked out; the others say how many are.
    """
    require_territory(user, release.snapshot.round)
    require_frozen(release.snapshot.round)
    with override(language):
        table = _microdata_table(release, language, include_sensitive=include_sensitive and not is_public)
        table = public_table(release, table) if is_public else with_uniqueness(table)
    details = {
        "n_rows": len(table.rows),
        "include_sensitive": include_sensitive and not is_public,
        "is_public": is_public,
    }
    log(release, "analysis.export_microdata", user=user, data=details)
    return table


def margin_columns(cells: Cells) -> dict[str, str]:
    """Return the name of the column of every margin that the weights meet: margin_1, margin_2 and so on."""
    return {name: f"{MARGIN_PREFIX}{number}" for number, name in enumerate(cells, start=1)}


def _microdata_table(release: Release, language: str, *, include_sensitive: bool) -> ExportTable:
    sample = open_release(release)
    by_margin = {column: sample.cells[name] for name, column in margin_columns(sample.cells).items()}
    rows = sample.content.rows.assign(**marks_of(release), **{UNCALIBRATED: sample.uncalibrated}, **by_margin)
    variables = sample.content.variables
    answers = [variable for variable in variables if include_sensitive or not variable.is_sensitive]
    labels: Mapping[str, ValueLabels] = {
        "province": province_names(release.snapshot.round),
        "mode": {value: str(label) for value, label in Mode.choices},
        "helper": {value: str(label) for value, label in Helper.choices},
        "pressure": {value: str(label) for value, label in Pressure.choices},
        "disposition": {value: str(label) for value, label in Disposition.choices},
    }
    columns = (
        *mark_columns(),
        *_design_columns(labels, next(iter(stage_codes(release.snapshot.round)), "")),
        *_fraction_columns(rows),
        *_calibration_columns(sample.cells),
        *(_answer_column(variable, language) for variable in answers),
    )
    title = str(release.snapshot.round)
    return ExportTable.build(f"{release.code}-microdata", title, columns, rows, sentences(release))


def _design_columns(value_labels: Mapping[str, ValueLabels], first_stage: str) -> Iterator[Column]:
    named = {**DESIGN_LABELS, **FIRST_STAGE_LABELS.get(first_stage, {})}
    kinds = {
        **dict.fromkeys(CODE_COLUMNS, Kind.CODE),
        **dict.fromkeys(FLAG_COLUMNS, Kind.FLAG),
        **dict.fromkeys((*NUMBER_COLUMNS, *WEIGHT_COLUMNS[1:]), Kind.NUMBER),
    }
    for name, kind in kinds.items():
        if name in KEPT_BEHIND:
            continue
        labels = yes_no() if kind is Kind.FLAG else value_labels.get(name, {})
        yield Column(name, str(named[name]), kind, labels)


def _fraction_columns(rows: pd.DataFrame) -> Iterator[Column]:
    """Describe the fractions with which variances of a list know that it was drawn without replacement."""
    if FRACTION in rows:
        yield Column(FRACTION, str(DESIGN_LABELS[FRACTION]), Kind.NUMBER)


def _calibration_columns(cells: Cells) -> Iterator[Column]:
    """Describe what the errors of calibrated figures need: weights before raking, and the cells they met."""
    yield Column(
        UNCALIBRATED, _("weight before calibration: the product of the factors before it"), Kind.NUMBER
    )
    for name, column in margin_columns(cells).items():
        label = _("cell of the margin “%(margin)s” that the weights meet, thin cells merged")
        yield Column(column, label % {"margin": _margin_label(name)})


def _margin_label(name: str) -> str:
    """Return a margin in words."""
    return _("stratum") if name == STRATUM_MARGIN else str(PopulationMargin.Variable(name).label)


def _answer_column(variable: Variable, language: str) -> Column:
    labels = {value: by_language[language] for value, by_language in variable.value_labels.items()}
    label = variable.labels[language]
    if variable.storage is Storage.TEXT:
        return Column(variable.name, label, Kind.CODE, labels)
    return Column(variable.name, label, Kind.NUMBER, {int(value): text for value, text in labels.items()})

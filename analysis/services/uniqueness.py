"""Whom a file could pick out: joint uniqueness of a snapshot, and microdata that the public may have."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pandas as pd
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from analysis.exports import Column, ExportTable
from analysis.index import parse_index_method
from analysis.index.nodes import map_nodes
from analysis.models import Release, Snapshot
from analysis.quality.uniqueness import Uniqueness, joint_uniqueness, protect
from analysis.services.snapshots import open_cases, open_snapshot
from analysis.snapshots import ANALYSIS_ID
from sampling.models.samples import RESPONDENT_DISPOSITIONS

QUASI_IDENTIFIERS = (
    "province",
    "stratum",
    "psu",
    "village",
    "is_urban",
    "sex",
    "age_group",
    "mode",
    "design_weight",
    "multiplicity",
    "household_adults",
    "is_reserve",
)
"""What a file says of a person beside the answers, and somebody who knows the person may know too."""
PUBLIC_KEYS = (
    "province", "stratum", "is_urban", "sex", "age_group", "mode", "multiplicity", "household_adults",
)  # fmt: skip
"""Those that the public file keeps: none leads to a village, nor is there a weight that a village shares."""
SUPPRESSED_FIRST = (
    "household_adults", "multiplicity", "mode", "age_group", "sex", "is_urban", "stratum", "province",
)  # fmt: skip
COARSER: Mapping[str, Mapping[str, str]] = {
    "age_group": {"18-24": "18-34", "25-34": "18-34", "35-49": "35-60", "50-60": "35-60"}
}
PUBLIC_COLUMNS = frozenset(
    {
        *PUBLIC_KEYS,
        ANALYSIS_ID,
        "region",
        "final_weight",
        "release",
        "is_provisional",
        "is_demo",
        "is_rehearsed",
        "has_approximate",
    }
)
WEIGHT, WEIGHT_DIGITS = "final_weight", 3
DAY_SECONDS = 24 * 3600


def uniqueness_of_snapshot(snapshot: Snapshot) -> Uniqueness:
    """Test the quasi-identifiers of the respondents of a snapshot; kept for a day: a file never changes."""

    def test() -> Uniqueness:
        rows = open_cases(snapshot).rows
        return uniqueness_of(rows[rows["disposition"].isin(list(RESPONDENT_DISPOSITIONS))])

    return cast("Uniqueness", cache.get_or_set(f"uniqueness:{snapshot.digest}", test, DAY_SECONDS))


def uniqueness_of(rows: pd.DataFrame) -> Uniqueness:
    """Test the quasi-identifiers among the columns of a table; a case that is its own unit tells no place."""
    tested = rows[[name for name in QUASI_IDENTIFIERS if name in rows]]
    if "psu" in tested and ANALYSIS_ID in rows:
        tested = tested.assign(psu=tested["psu"].mask(tested["psu"] == rows[ANALYSIS_ID]))
    return joint_uniqueness(tested)


def uniqueness_sentence(found: Uniqueness) -> str:
    """Say in the active language how far a table picks out persons."""
    return _(
        "Quasi-identifiers together: %(n)d of %(total)d rows (%(share)s %%) are unique, the smallest group "
        "has %(k)d; %(worst)s adds most. Do not pass on."
    ) % {
        "n": found.n_unique,
        "total": found.n_rows,
        "share": f"{100 * found.share_unique:.1f}",
        "k": found.smallest,
        "worst": found.worst or "–",
    }


def with_uniqueness(table: ExportTable) -> ExportTable:
    """Write into a table of microdata how far it picks out persons."""
    return replace(table, marks=(*table.marks, uniqueness_sentence(uniqueness_of(table.rows))))


def public_table(release: Release, table: ExportTable) -> ExportTable:
    """Return microdata in which every combination of quasi-identifiers occurs often enough for the public.

    Village, primary unit, stratum of variances and all weights but the final one are left out, and so is
    every answer that is no rating of the index: sex, age or schooling that somebody told identify as well.
    """
    kept = PUBLIC_COLUMNS | _rating_columns(release)
    columns = [column for column in table.columns if column.name in kept]
    keys = [name for name in PUBLIC_KEYS if name in table.rows]
    minimum: int = settings.MICRODATA_MINIMUM
    done = protect(
        table.rows[keys],
        minimum=minimum,
        coarser=COARSER,
        suppress=[name for name in SUPPRESSED_FIRST if name in keys],
    )
    rows = table.rows.assign(**{name: done.table[name] for name in keys})
    rows[WEIGHT] = _rounded(rows[WEIGHT])
    if "province" in done.n_suppressed:
        rows["region"] = rows["region"].where(rows["province"].notna(), None)
    told = _(
        "For the public: every combination of %(keys)s occurs at least %(k)d times. Values removed: %(n)s."
    )
    removed = ", ".join(f"{name} {n}" for name, n in done.n_suppressed.items()) or "0"
    marks = (*table.marks, told % {"keys": ", ".join(keys), "k": minimum, "n": removed})
    return ExportTable.build(
        f"{table.name}-public", table.title, _relabelled(columns, done.steps), rows, marks
    )


def _rating_columns(release: Release) -> frozenset[str]:
    """Return the answer columns of the ratings in the index of a release."""
    ratings = set(map_nodes(parse_index_method(release.method.document)).questions)
    variables = open_snapshot(release.snapshot).variables
    return frozenset(
        variable.name for variable in variables if (variable.explains or variable.question) in ratings
    )


def _rounded(weights: "pd.Series[Any]") -> "pd.Series[Any]":
    """Round weights to few digits, so that they do not lead to a village."""
    values = weights.astype(float).to_numpy()
    magnitude = np.floor(np.log10(np.where(values > 0, values, 1.0)))
    unit = 10.0 ** (magnitude - WEIGHT_DIGITS + 1)
    return pd.Series(np.round(values / unit) * unit, index=weights.index)


def _relabelled(columns: list[Column], steps: tuple[str, ...]) -> list[Column]:
    """Say of a column that its values were made coarser."""
    note = _("coarser for the public")
    return [
        replace(column, label=f"{column.label} ({note})") if column.name in steps else column
        for column in columns
    ]

"""The index of a release with and without the units that took the place of others."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.estimation.errors import AnalysisError
from analysis.index import NATION, IndexMethod, IndexResult
from analysis.models import Release
from analysis.quality import find_small_cells
from analysis.selectors.margins import FrameTotals, Margins
from analysis.services.index_queries import estimate_release
from analysis.services.weighted_samples import count_replacements_out, is_in_replacement
from analysis.services.weighting import weight_snapshot
from analysis.snapshots import SnapshotContent
from analysis.weighting import DRAWN_UNIT
from sampling.models.samples import RESPONDENT_DISPOSITIONS

NOT_ESTIMABLE = "not_estimable"
WHOLE = ""
"""Code of the nation in the rows."""

type Document = dict[str, Any]


def compare_without_replacements(
    path: Path,
    content: SnapshotContent,
    margins: Margins | FrameTotals | None,
    result: IndexResult,
    *,
    single_psu: str = "fail",
    unit: str = DRAWN_UNIT,
) -> Document:
    """Return the headline index with and without replacements; nothing if there were none.

    Without them, whoever answered in a unit that took the place of another one counts as a nonrespondent, and
    everything is weighted and estimated again. The document has the number of `villages` that were not drawn
    at first, and `rows` for the nation and every province that has some: `domain`, `with`, `without`,
    `difference` in points, or the `reason` why nothing is shown.
    """
    is_late = is_in_replacement(content.rows)
    if not is_late.any():
        return {}
    document: Document = {"villages": int(content.rows.loc[is_late, "village"].nunique())}
    try:
        without = _estimate(path, count_replacements_out(content), margins, result.method, single_psu, unit)
    except AnalysisError:
        return document | {"rows": [], "reason": NOT_ESTIMABLE}
    return document | {"rows": list(_rows(content.rows, result, without)), "reason": ""}


def _estimate(
    path: Path,
    content: SnapshotContent,
    margins: Margins | FrameTotals | None,
    method: IndexMethod,
    single_psu: str,
    unit: str,
) -> IndexResult:
    weighted = weight_snapshot(content, margins, single_psu=single_psu, unit=unit)
    return estimate_release(path, content.variables, weighted, method, single_psu=single_psu)


def _rows(rows: pd.DataFrame, result: IndexResult, without: IndexResult) -> Iterator[Document]:
    """Yield the nation, then every province that has replacements, by its code."""
    late = rows[is_in_replacement(rows)]
    answered = late["disposition"].isin(list(RESPONDENT_DISPOSITIONS)).groupby(late["province"]).sum()
    first, second = _values(result), _values(without)
    reasons = {
        province: _reason(int(count), province, second) for province, count in answered.sort_index().items()
    }
    nation = _reason(int(answered.sum()), NATION, second)
    if not nation and str(Release.Withheld.FEW_ANSWERS) in reasons.values():
        nation = str(Release.Withheld.PROTECTS_ANOTHER)
    for domain, reason in ((NATION, nation), *reasons.items()):
        row: Document = {"domain": WHOLE if domain == NATION else domain, "reason": reason}
        if not reason:
            row |= {
                "with": first[domain],
                "without": second[domain],
                "difference": second[domain] - first[domain],
            }
        yield row


def _values(result: IndexResult) -> dict[Any, float]:
    """Return the headline index of every domain that has an error; the others have no figure."""
    index = result.with_nation()
    return {
        domain: float(value)
        for domain, value, df in zip(result.domains, index.value, index.degrees_of_freedom, strict=True)
        if df > 0 and not np.isnan(value)
    }


def _reason(n_answers: int, domain: Any, without: dict[Any, float]) -> str:
    """Say why a difference is not shown: few answers make it, or there is no figure without them."""
    if find_small_cells(np.array(n_answers)):
        return str(Release.Withheld.FEW_ANSWERS)
    return "" if domain in without else str(Release.Withheld.NO_PRECISION)


def within_published(document: Document, published: Collection[str]) -> Document:
    """Take the figures of domains out whose index is not published."""
    rows = [
        row
        if row["domain"] in published or row["reason"]
        else {"domain": row["domain"], "reason": str(Release.Withheld.PROTECTS_ANOTHER)}
        for row in document.get("rows", ())
    ]
    return document | {"rows": rows} if document else {}

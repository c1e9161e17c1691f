"""Outcome rates of a round, computed from its snapshot."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from analysis.index import NATION, IndexResult
from analysis.index.nodes import CRITERION
from analysis.quality import DispositionCounts, outcome_rates
from sampling.models import Disposition

PUBLISHED_RATES: Mapping[str, str] = {
    "response_rate_1": "RR1",
    "response_rate_2": "RR2",
    "cooperation_rate_1": "COOP1",
    "refusal_rate_1": "REF1",
    "contact_rate_1": "CON1",
}
"""Rates of a release by the names they are stored under."""

FIELD_BY_DISPOSITION: Mapping[str, str] = {
    Disposition.COMPLETE: "complete",
    Disposition.PARTIAL: "partial",
    Disposition.REFUSAL: "refusal",
    Disposition.BREAKOFF: "refusal",
    Disposition.NON_CONTACT: "non_contact",
    Disposition.OTHER: "other",
    Disposition.UNKNOWN: "unknown_other",
    Disposition.PENDING: "unknown_other",
}
"""Where an outcome counts; an untried case may be ineligible, and an ineligible one counts nowhere."""

NOT_APPLICABLE = "not_applicable"
_DECIMALS = 6


def rates_document(rows: pd.DataFrame, result: IndexResult) -> dict[str, Any]:
    """Return the rates of the nation, and of every province below it, as a release stores them.

    Beside the outcome rates stands the share of respondents to whom each criterion does not apply.
    """
    excused = dict(zip(map(str, result.domains), _shares_not_applicable(result), strict=True))
    by_province = {
        str(province): _rates(part) | {NOT_APPLICABLE: excused.get(str(province), {})}
        for province, part in rows.groupby("province")["disposition"]
    }
    return _rates(rows["disposition"]) | {NOT_APPLICABLE: excused[NATION], "provinces": by_province}


def _shares_not_applicable(result: IndexResult) -> Iterator[dict[str, float]]:
    """Yield the shares by criterion, domain after domain."""
    criteria = [(place, node.code) for place, node in enumerate(result.nodes) if node.level == CRITERION]
    for shares in result.not_applicable.tolist():
        yield {code: round(shares[place], _DECIMALS) for place, code in criteria}


def _rates(dispositions: pd.Series) -> dict[str, Any]:
    found = Counter(dispositions.tolist())
    counts: Counter[str] = Counter(complete=0)
    for disposition, number in found.items():
        if disposition in FIELD_BY_DISPOSITION:
            counts[FIELD_BY_DISPOSITION[disposition]] += number
    document: dict[str, Any] = {"n": found.total(), "dispositions": dict(sorted(found.items()))}
    if not counts.total():
        return document
    rates = outcome_rates(DispositionCounts(**counts))
    published = {name: rates[symbol] for name, symbol in PUBLISHED_RATES.items()}
    return document | {name: rate for name, rate in published.items() if not math.isnan(rate)}

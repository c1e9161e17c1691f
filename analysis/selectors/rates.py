"""Outcome rates of a round, computed from its snapshot."""

import math
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from analysis.index import NATION, IndexResult
from analysis.index.nodes import CRITERION
from analysis.quality import count_dispositions, estimate_eligibility, outcome_rates
from sampling.models import Disposition

PUBLISHED_RATES: Mapping[str, str] = {
    "response_rate_1": "RR1",
    "response_rate_2": "RR2",
    "response_rate_3": "RR3",
    "cooperation_rate_1": "COOP1",
    "refusal_rate_1": "REF1",
    "contact_rate_1": "CON1",
}
"""Rates of a release by the names they are stored under."""

FIELD_BY_DISPOSITION: Mapping[Hashable, str] = {
    Disposition.COMPLETE: "complete",
    Disposition.PARTIAL: "partial",
    Disposition.REFUSAL: "refusal",
    Disposition.WITHHELD: "refusal",
    Disposition.BREAKOFF: "refusal",
    Disposition.NON_CONTACT: "non_contact",
    Disposition.OTHER: "other",
    Disposition.UNKNOWN: "unknown_other",
    Disposition.PENDING: "unknown_other",
    Disposition.NOT_ELIGIBLE: "not_eligible",
}
"""Where an outcome counts; nobody knows of an untried case whether it is eligible."""

NOT_APPLICABLE = "not_applicable"
_DECIMALS = 6


def rates_document(rows: pd.DataFrame, result: IndexResult) -> dict[str, Any]:
    """Return the rates of the nation, and of every province below it, as a release stores them.

    Beside the outcome rates stands the share of respondents to whom each criterion does not apply.
    """
    excused = dict(zip(map(str, result.domains), _shares_not_applicable(result), strict=True))
    by_province = {
        str(province): disposition_rates(part) | {NOT_APPLICABLE: excused.get(str(province), {})}
        for province, part in rows.groupby("province")["disposition"]
    }
    return disposition_rates(rows["disposition"]) | {
        NOT_APPLICABLE: excused[NATION],
        "provinces": by_province,
    }


def _shares_not_applicable(result: IndexResult) -> Iterator[dict[str, float]]:
    """Yield the shares by criterion, domain after domain."""
    criteria = [(place, node.code) for place, node in enumerate(result.nodes) if node.level == CRITERION]
    for shares in result.not_applicable.tolist():
        yield {code: round(shares[place], _DECIMALS) for place, code in criteria}


def disposition_rates(dispositions: pd.Series) -> dict[str, Any]:
    """Return the outcomes of cases with the rates that follow from them, and the eligibility these assume."""
    found = Counter(dispositions.tolist())
    document: dict[str, Any] = {"n": found.total(), "dispositions": dict(sorted(found.items()))}
    if not found.keys() - {Disposition.NOT_ELIGIBLE}:
        return document
    counts = count_dispositions(dispositions, FIELD_BY_DISPOSITION)
    eligibility = estimate_eligibility(counts)
    rates = outcome_rates(counts, eligibility=eligibility)
    published = {name: rates[symbol] for name, symbol in PUBLISHED_RATES.items()}
    known = {name: rate for name, rate in published.items() if not math.isnan(rate)}
    return document | {"eligibility": eligibility} | known

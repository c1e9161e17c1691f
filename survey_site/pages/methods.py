"""What readers are told about a method."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from analysis.marks import confidence
from sampling.models import MethodDocument
from survey_site.core.numbers import EN_DASH


@dataclass(frozen=True)
class MethodDescription:
    """One method as it is listed."""

    code: str
    version: int
    title: str
    decision: str
    period: str
    sources: tuple[str, ...]
    confidence: Any
    is_provisional: bool
    provisional_reason: str


def period(document: dict[str, Any]) -> str:
    """Return the years for which a method holds; empty when the document does not say."""
    years = document.get("result_years") or [
        year for year in (document.get("valid_from_year"), document.get("valid_to_year")) if year
    ]
    if not years:
        return ""
    first, last = min(years), max(years)
    return str(first) if first == last else f"{first}{EN_DASH}{last}"


def source_texts(document: dict[str, Any]) -> tuple[str, ...]:
    """Return the sources of a method as texts."""
    sources = document.get("sources") or document.get("source") or []
    return tuple(sources) if isinstance(sources, list) else (str(sources),)


def describe(methods: Iterable[MethodDocument]) -> list[MethodDescription]:
    """Return what readers are told about each method, in the active language."""
    return [
        MethodDescription(
            code=method.code,
            version=method.version,
            title=method.title,
            decision=method.decision,
            period=period(method.document),
            sources=source_texts(method.document),
            confidence=confidence(method.document),
            is_provisional=method.is_provisional,
            provisional_reason=method.provisional_reason,
        )
        for method in methods
    ]

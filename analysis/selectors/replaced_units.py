"""The index with and without places that replaced others, as pages show it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from analysis.models import PublishedEstimate, Release


@dataclass(frozen=True, slots=True)
class ReplacementRow:
    """The headline index of a domain with and without replacements, or the reason why it is not shown."""

    name: str
    reason: Promise | str = ""
    included: float | None = None
    excluded: float | None = None
    difference: float | None = None


def replacement_rows(release: Release) -> list[ReplacementRow]:
    """Return the rows of a release, the nation first; none where nothing was replaced."""
    rows = release.replacements.get("rows", ())
    codes = [row["domain"] for row in rows]
    named = PublishedEstimate.objects.filter(release=release, domain_code__in=codes).exclude(domain_code="")
    names = dict(named.values_list("domain_code", "domain_name").distinct()) if rows else {}
    return [
        ReplacementRow(
            name=names.get(row["domain"], row["domain"]) or _("Whole country"),
            reason=Release.Withheld(row["reason"]).label if row["reason"] else "",
            included=row.get("with"),
            excluded=row.get("without"),
            difference=row.get("difference"),
        )
        for row in rows
    ]

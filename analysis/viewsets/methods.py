"""Listings of methods, with what is known about each."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column

from analysis.marks import confidence
from analysis.models import CriteriaSet, IndexMethod
from analysis.viewsets.listing import ReadOnlyViewSet
from sampling.viewsets.columns import mark_column
from sampling.viewsets.marks import MarkedMethodView


class MethodInspectView(MarkedMethodView):
    """Shows what a method rests on, read from its document."""

    def get_fields_context(self) -> list[dict[str, Any]]:
        """Add period, confidence and sources to the stored fields."""
        return [
            *super().get_fields_context(),
            *(self._document_field(*field) for field in self._documented()),
        ]

    def _documented(self) -> list[tuple[str, Any]]:
        document = self.object.document
        years = [document.get("valid_from_year"), document.get("valid_to_year")]
        period = "–".join(str(year or "…") for year in years) if any(years) else ""
        results = ", ".join(str(year) for year in document.get("result_years", ()))
        return [
            (_("Period"), period or results),
            (_("Date of the decision"), document.get("decision_date") or ""),
            (_("Confidence"), confidence(document)),
            (_("Sources"), ", ".join(document.get("sources", ()))),
        ]

    def _document_field(self, label: str, value: Any) -> dict[str, Any]:
        return {"label": label, "value": value}


class MethodViewSet(ReadOnlyViewSet):
    """Methods: decision, period, confidence, and why provisional."""

    icon = "doc-full"
    inspect_view_class = MethodInspectView
    inspect_view_fields = [
        "code",
        "version",
        "title_vi",
        "title_en",
        "decision",
        "is_provisional",
        "provisional_reason_vi",
        "provisional_reason_en",
        "digest",
        "loaded_at",
    ]
    list_display = [
        Column("title", label=gettext_lazy("Title")),
        "code",
        "version",
        "decision",
        mark_column(lambda method: method.is_provisional),
    ]
    list_filter = ["is_provisional"]
    ordering = ("code", "version")


class IndexMethodViewSet(MethodViewSet):
    """Methods of the satisfaction index."""

    model = IndexMethod
    menu_label = gettext_lazy("Index methods")


class CriteriaSetViewSet(MethodViewSet):
    """Criteria sets of the reform index."""

    model = CriteriaSet
    menu_label = gettext_lazy("Criteria sets")

"""Listings of published figures, exported with their marks."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from django.db.models import Field, QuerySet
from django.http import HttpResponse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import IndexView

from analysis.exports import FORMATS, write_table
from analysis.marks import Mark, index_marks, points_marks
from analysis.models import PublishedEstimate, Scorecard
from analysis.resources import EstimateResource, ScorecardResource, resource_table
from analysis.services.microdata import yes_no
from analysis.views import active_language, file_response
from analysis.viewsets.listing import ReadOnlyViewSet, RepeatedTextSearchMixin
from sampling.viewsets.columns import grouped, number_column
from sampling.viewsets.marks import MarkedInspectView
from sampling.viewsets.territories import TerritoryViewSetMixin

SHOWN_DECIMALS = 2


def flags_in_words(estimate: PublishedEstimate) -> str:
    """Return what a reader must know of a figure."""
    labels = dict(PublishedEstimate.Flag.choices)
    return "; ".join(str(labels.get(flag, flag)) for flag in estimate.flags)


def marks_column() -> Column:
    """Return a column with the marks of the release of a figure: its method, and its probabilities."""

    def shown(figure: PublishedEstimate | Scorecard) -> str:
        release = figure.release
        words = (
            (release.is_provisional, _("Provisional method")),
            (release.is_approximate, _("Approximate inclusion probabilities")),
        )
        marks = [(text,) for is_marked, text in words if is_marked]
        return format_html_join(" ", '<span class="mark-provisional">{}</span>', marks)

    return Column("mark", label=gettext_lazy("mark"), accessor=shown)


def interval_in_words(figure: PublishedEstimate | Scorecard) -> str:
    """Return both limits in one cell, so that a row fits a screen."""
    return "–".join(grouped(limit, SHOWN_DECIMALS) for limit in (figure.lower, figure.upper))


class ResourceIndexView(RepeatedTextSearchMixin, IndexView):
    """Lists figures, and exports what is filtered through an import-export resource."""

    resource_class: type[EstimateResource] | type[ScorecardResource] = EstimateResource
    list_export = ["pk"]

    def get_base_queryset(self) -> QuerySet:
        """Read the release along."""
        figures: QuerySet = super().get_base_queryset()
        return figures.select_related("release")

    def as_spreadsheet(self, queryset: QuerySet, spreadsheet_format: str) -> HttpResponse:
        """Run the resource instead of Wagtail's own export, whose files carry no marks."""
        resource = self.resource_class(active_language())
        name = str(self.model_name)
        table = resource_table(resource, queryset, name, name)
        return file_response(
            write_table(table, spreadsheet_format), FORMATS[spreadsheet_format], f"sipas-{name}"
        )


class FigureInspectView(MarkedInspectView, ABC):
    """Shows one figure below its marks, its numbers as they are published."""

    template_name = "analysis/figure_inspect.html"

    def get_page_subtitle(self) -> str:
        """Name the figure without its value, which stands below in full."""
        return f"{self.title_of(self.object)} · {self.object.release.code}"

    @abstractmethod
    def title_of(self, figure: Any) -> str:
        """Return what a figure is about."""

    def get_field_display_value(self, field_name: str, field: Field) -> Any:
        """Write numbers with two decimals, flags in words."""
        value = super().get_field_display_value(field_name, field)
        return grouped(value, SHOWN_DECIMALS) if isinstance(value, float) else value


class EstimateInspectView(FigureInspectView):
    """Shows one estimate."""

    def get_marks(self) -> Iterable[Mark]:
        """Return why the index is provisional."""
        return index_marks(self.object.release)

    def title_of(self, figure: PublishedEstimate) -> str:
        """Return domain and part of the index."""
        return f"{figure.domain_name}, {figure.node_code}"

    def get_flags_display_value(self) -> str:
        """Return the flags in words."""
        return flags_in_words(self.object)


class ScorecardInspectView(FigureInspectView):
    """Shows the points of one province."""

    def get_marks(self) -> Iterable[Mark]:
        """Return why the points are provisional."""
        return points_marks(self.object.release)

    def title_of(self, figure: Scorecard) -> str:
        """Return the province."""
        return figure.province_name

    def get_candidate_input_display_value(self) -> str:
        """Return the input in words."""
        return input_in_words(self.object)

    def get_is_tied_display_value(self) -> str:
        """Say it in words."""
        return yes_no()[int(self.object.is_tied)]


class EstimateIndexView(ResourceIndexView):
    """Lists estimates."""

    resource_class = EstimateResource
    model_name = "estimates"
    searched_texts = ("domain_name", "node_code")


class ScorecardIndexView(ResourceIndexView):
    """Lists scorecards."""

    resource_class = ScorecardResource
    model_name = "scorecards"
    searched_texts = ("province_name",)


INPUTS = {
    "headline": gettext_lazy("the whole index"),
    "service": gettext_lazy("the service part only"),
}


def input_in_words(scorecard: Scorecard) -> str:
    """Say which part of the index became points."""
    return str(INPUTS.get(scorecard.candidate_input, scorecard.candidate_input))


class EstimateViewSet(TerritoryViewSetMixin, ReadOnlyViewSet):
    """Published estimates."""

    territory_path = "release__snapshot__round__"

    model = PublishedEstimate
    icon = "list-ol"
    menu_label = gettext_lazy("Estimates")
    index_view_class = EstimateIndexView
    inspect_view_class = EstimateInspectView
    inspect_view_fields_exclude = ["id"]
    list_display = [
        "domain_name",
        "release",
        marks_column(),
        "node_code",
        Column("get_statistic_display", label=gettext_lazy("statistic")),
        number_column("value", gettext_lazy("value"), SHOWN_DECIMALS),
        Column("interval", label=gettext_lazy("Interval, 95%"), accessor=interval_in_words),
        number_column("n", gettext_lazy("answers")),
        number_column("deff", gettext_lazy("design effect"), SHOWN_DECIMALS),
        Column("flags", label=gettext_lazy("flags"), accessor=flags_in_words),
    ]
    list_filter = ["release", "domain_level", "domain_code", "node", "statistic", "comparison"]
    search_fields = ["domain_name", "node_code"]
    ordering = ("-release", "pk")
    add_to_reference_index = False


class ScorecardViewSet(TerritoryViewSetMixin, ReadOnlyViewSet):
    """Points of the reform index."""

    territory_path = "release__snapshot__round__"

    model = Scorecard
    icon = "order"
    menu_label = gettext_lazy("Scorecards")
    index_view_class = ScorecardIndexView
    inspect_view_class = ScorecardInspectView
    inspect_view_fields_exclude = ["id"]
    list_display = [
        "province_name",
        "release",
        marks_column(),
        Column("candidate_input", label=gettext_lazy("input"), accessor=input_in_words),
        number_column("points", gettext_lazy("points"), SHOWN_DECIMALS),
        Column("interval", label=gettext_lazy("Interval, 95%"), accessor=interval_in_words),
        "rank",
        "rank_low",
        "rank_high",
    ]
    list_filter = ["release", "candidate_input"]
    search_fields = ["province_name"]
    ordering = ("-release", "candidate_input", "rank")
    add_to_reference_index = False

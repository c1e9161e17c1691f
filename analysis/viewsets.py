"""Listings of the admin: methods, snapshots, releases and their figures."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import floatformat
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.generic import FormView
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views.generic import IndexView, InspectView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.admin.widgets.button import HeaderButton

from analysis.exports import FORMATS, write_table
from analysis.forms import PublishForm
from analysis.models import (
    CriteriaSet,
    IndexMethod,
    PopulationMargin,
    PublishedEstimate,
    Release,
    Scorecard,
    Snapshot,
)
from analysis.permissions import EXPORT_MICRODATA
from analysis.resources import EstimateResource, ScorecardResource, describe_table, resource_table
from analysis.services import export_microdata
from analysis.services.margins import RURAL, URBAN
from analysis.services.microdata import yes_no
from analysis.services.weighting import CALIBRATED_NOTE, CELL_SEPARATOR, NO_MARGINS_NOTE, RESERVES_NOTE
from analysis.tasks import snapshot_and_publish
from analysis.views import active_language, file_response

MICRODATA, CODEBOOK = "microdata", "codebook"
SHOWN_DECIMALS = 2
STEP_TITLES = {
    "design": gettext_lazy("design weight"),
    "nonresponse": gettext_lazy("nonresponse"),
    "raking": gettext_lazy("raking to population margins"),
}
CATEGORIES = {
    "male": gettext_lazy("men"),
    "female": gettext_lazy("women"),
    URBAN: gettext_lazy("urban"),
    RURAL: gettext_lazy("rural"),
}
"""Categories of cells in words; age groups speak for themselves."""
NOTES = {
    NO_MARGINS_NOTE: gettext_lazy("There were no population margins: weighting stopped here."),
    RESERVES_NOTE: gettext_lazy("Reserves were released: they share the weight of their village."),
    CALIBRATED_NOTE: gettext_lazy(
        "Standard errors are those of the residuals from the margins, as raking leaves only these to chance."
    ),
}


def number_column(name: str, label: Any) -> Column:
    """Return a column of numbers with two decimals, sortable."""

    def shown(row: Model) -> str:
        return floatformat(getattr(row, name), SHOWN_DECIMALS)

    return Column(name, label=label, accessor=shown, sort_key=name)


def flags_in_words(estimate: PublishedEstimate) -> str:
    """Return what a reader must know of a figure."""
    labels = dict(PublishedEstimate.Flag.choices)
    return "; ".join(str(labels.get(flag, flag)) for flag in estimate.flags)


class ReadOnlyViewSet(ModelViewSet):
    """A listing whose rows can be looked at."""

    inspect_view_enabled = True
    copy_view_enabled = False
    exclude_form_fields: list[str] = []
    list_per_page = 50


class MethodInspectView(InspectView):
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
            (_("Confidence"), document.get("confidence", "")),
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
        BooleanColumn("is_provisional", label=gettext_lazy("provisional method")),
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


class SnapshotViewSet(ReadOnlyViewSet):
    """Snapshots with their hashes."""

    model = Snapshot
    icon = "history"
    menu_label = gettext_lazy("Snapshots")
    list_display = ["file_name", "round", "n_rows", "digest", "created_at"]
    list_filter = ["round"]


class ReleaseIndexView(IndexView):
    """Lists releases, with the way to publish one."""

    def get_base_queryset(self) -> QuerySet:
        """Read the methods along."""
        releases: QuerySet = super().get_base_queryset()
        return releases.select_related("method", "criteria_set", "snapshot__round")

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """Offer publication to those who may."""
        if not self.user_has_permission("publish"):
            return []
        return [
            HeaderButton(_("Take snapshot and publish"), url=reverse("release:publish"), icon_name="upload")
        ]


class ReleaseInspectView(InspectView):
    """Shows a release and offers its files."""

    template_name = "analysis/release_inspect.html"

    def get_published_at_display_value(self) -> datetime.datetime:
        """Return the moment of publication in the time zone of the site."""
        return timezone.localtime(self.object.published_at)

    def get_is_provisional_display_value(self) -> str:
        """Return the provisional mark in words."""
        return yes_no()[int(self.object.is_provisional)]

    def get_is_demo_display_value(self) -> str:
        """Return the demonstration mark in words."""
        return yes_no()[int(self.object.is_demo)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the weighting, and the addresses of the microdata for those who may take them."""
        files = []
        if self.request.user.has_perm(EXPORT_MICRODATA):
            files = [
                (what, name, reverse("release:microdata", args=[self.object.pk, what, name]))
                for what in (MICRODATA, CODEBOOK)
                for name in FORMATS
            ]
        context: dict[str, Any] = super().get_context_data(**kwargs)
        steps = [described_step(step) for step in self.object.weighting]
        withheld = [described_part(part) for part in self.object.rates.get("withheld", ())]
        return context | {"microdata_files": files, "weighting_steps": steps, "withheld_parts": withheld}


def described_step(step: Mapping[str, Any]) -> dict[str, Any]:
    """Return a step of the weighting with its name, its note and its merged cells in words."""
    return {
        **step,
        "title": STEP_TITLES.get(step["step"], step["step"]),
        "remark": NOTES.get(step["note"], ""),
        "merged_cells": [described_merge(merge) for merge in step["merges"]],
    }


def described_merge(merge: Mapping[str, Any]) -> str:
    """Say which cells were taken together, place by place, and what they hold now."""
    by_place: dict[str, list[str]] = {}
    for cell in merge["cells"]:
        place, _separator, category = cell.partition(CELL_SEPARATOR)
        by_place.setdefault(place, []).append(str(CATEGORIES.get(category, category)))
    cells = "; ".join(f"{place}: {' + '.join(categories)}" for place, categories in by_place.items())
    return _("%(cells)s, now one cell of %(n)d answers from %(psus)d communes") % {**merge, "cells": cells}


def described_part(part: Mapping[str, str]) -> dict[str, Any]:
    """Return a part of the index that has no figure, and the reason, in words."""
    return {
        **part,
        "statistic": PublishedEstimate.Statistic(part["statistic"]).label,
        "reason": Release.Withheld(part["reason"]).label,
    }


class PublishView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Queues a snapshot and its publication."""

    model = Release
    permission_required = "publish"
    form_class = PublishForm
    template_name = "wagtailadmin/generic/form.html"
    page_title = gettext_lazy("Take snapshot and publish")
    header_icon = "upload"

    def get_success_url(self) -> str:
        """Return to the list of releases."""
        return reverse("release:index")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the list of releases."""
        here = [
            {"url": reverse("release:index"), "label": _("Releases")},
            {"url": "", "label": self.page_title},
        ]
        return [*super().get_breadcrumbs_items(), *here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the button and where it goes."""
        labels = {
            "submit_button_label": pgettext("release", "Publish"),
            "submit_button_active_label": pgettext("release", "Publishing…"),
        }
        return super().get_context_data(**kwargs) | labels | {"action_url": self.request.path}

    def form_valid(self, form: PublishForm) -> HttpResponse:
        """Hand the work to a worker."""
        chosen = form.cleaned_data
        snapshot_and_publish.enqueue(
            round_id=chosen["round"].pk,
            method_id=chosen["method"].pk,
            criteria_set_id=chosen["criteria_set"].pk,
            code=chosen["code"],
            single_psu=chosen["single_psu"],
            user_id=int(self.request.user.pk or 0),
        )
        messages.success(
            self.request,
            _("Publication of %(code)s has begun; it appears here when done.") % {"code": chosen["code"]},
        )
        return super().form_valid(form)


def download_microdata(request: HttpRequest, pk: int, what: str, file_format: str) -> HttpResponse:
    """Send the microdata of a release, or their codebook, to somebody who may have them."""
    user = request.user
    if not (user.is_authenticated and user.has_perm(EXPORT_MICRODATA)):
        raise PermissionDenied
    if file_format not in FORMATS:
        raise Http404
    release = get_object_or_404(Release.objects.select_related("method", "snapshot__round"), pk=pk)
    language = active_language()
    table = export_microdata(release=release, language=language, user=user)
    if what == CODEBOOK:
        table = describe_table(release, table, language)
    chosen = FORMATS[file_format]
    return file_response(chosen.write(table), chosen, f"sipas-{table.name}-{language}")


class ReleaseViewSet(ReadOnlyViewSet):
    """Releases: what was published, from which snapshot, by which methods."""

    model = Release
    icon = "upload"
    menu_label = gettext_lazy("Releases")
    index_view_class = ReleaseIndexView
    inspect_view_class = ReleaseInspectView
    list_display = [
        "code",
        "snapshot",
        "method",
        "criteria_set",
        BooleanColumn("is_provisional", label=gettext_lazy("provisional method")),
        BooleanColumn("is_demo", label=gettext_lazy("demonstration")),
        "published_at",
    ]
    list_filter = ["is_demo", "is_provisional", "method"]
    inspect_view_fields = [
        "code",
        "snapshot",
        "method",
        "criteria_set",
        "is_provisional",
        "is_demo",
        "published_at",
        "weights_file",
        "weights_digest",
    ]

    def get_urlpatterns(self) -> list[URLPattern]:
        """Add publication and microdata to the views of the listing."""
        return [
            *super().get_urlpatterns(),
            path("publish/", PublishView.as_view(), name="publish"),
            path("microdata/<int:pk>/<str:what>/<str:file_format>/", download_microdata, name="microdata"),
        ]


class ResourceIndexView(IndexView):
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


class EstimateIndexView(ResourceIndexView):
    """Lists estimates."""

    resource_class = EstimateResource
    model_name = "estimates"


class ScorecardIndexView(ResourceIndexView):
    """Lists scorecards."""

    resource_class = ScorecardResource
    model_name = "scorecards"


def marked_release(row: PublishedEstimate | Scorecard) -> str:
    """Return the release of a figure with its provisional mark; the demonstration mark is on the page."""
    mark = [_("Provisional method")] if row.release.is_provisional else []
    return " · ".join([row.release.code, *mark])


INPUTS = {
    "headline": gettext_lazy("the whole index"),
    "service": gettext_lazy("the service part only"),
}


def input_in_words(scorecard: Scorecard) -> str:
    """Say which part of the index became points."""
    return str(INPUTS.get(scorecard.candidate_input, scorecard.candidate_input))


class EstimateViewSet(ReadOnlyViewSet):
    """Published estimates."""

    model = PublishedEstimate
    icon = "list-ol"
    menu_label = gettext_lazy("Estimates")
    index_view_class = EstimateIndexView
    list_display = [
        "domain_name",
        Column("release", label=gettext_lazy("release"), accessor=marked_release),
        "node_code",
        Column("get_statistic_display", label=gettext_lazy("statistic")),
        number_column("value", gettext_lazy("value")),
        number_column("standard_error", gettext_lazy("standard error")),
        number_column("lower", gettext_lazy("lower limit, 95 %")),
        number_column("upper", gettext_lazy("upper limit, 95 %")),
        "n",
        Column("flags", label=gettext_lazy("flags"), accessor=flags_in_words),
    ]
    list_filter = ["release", "domain_level", "domain_code", "node", "statistic", "comparison"]
    search_fields = ["domain_name", "node_code"]
    ordering = ("-release", "pk")
    add_to_reference_index = False


class ScorecardViewSet(ReadOnlyViewSet):
    """Points of the reform index."""

    model = Scorecard
    icon = "order"
    menu_label = gettext_lazy("Scorecards")
    index_view_class = ScorecardIndexView
    list_display = [
        "province_name",
        Column("release", label=gettext_lazy("release"), accessor=marked_release),
        Column("candidate_input", label=gettext_lazy("input"), accessor=input_in_words),
        number_column("points", gettext_lazy("points")),
        number_column("lower", gettext_lazy("lower limit, 95 %")),
        number_column("upper", gettext_lazy("upper limit, 95 %")),
        "rank",
        "rank_low",
        "rank_high",
    ]
    list_filter = ["release", "candidate_input"]
    search_fields = ["province_name"]
    ordering = ("-release", "candidate_input", "rank")
    add_to_reference_index = False


class PopulationMarginViewSet(ReadOnlyViewSet):
    """Population margins with their source and date."""

    model = PopulationMargin
    icon = "group"
    menu_label = gettext_lazy("Population margins")
    list_display = [
        "round",
        "province_code",
        "variable",
        "category",
        "population",
        "source",
        "reference_date",
    ]
    list_filter = ["round", "variable", "province_code"]
    ordering = ("round", "province_code", "variable", "category")
    add_to_reference_index = False


class AnalysisViewSetGroup(ModelViewSetGroup):
    """The menu of what the answers say."""

    menu_label = gettext_lazy("Results")
    menu_icon = "list-ol"
    menu_order = 400
    items = (
        ReleaseViewSet,
        EstimateViewSet,
        ScorecardViewSet,
        SnapshotViewSet,
        PopulationMarginViewSet,
        IndexMethodViewSet,
        CriteriaSetViewSet,
    )

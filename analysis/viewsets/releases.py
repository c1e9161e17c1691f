"""Snapshots and releases: what was published, from what, by which steps."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import BooleanColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.widgets.button import HeaderButton

from analysis.exports import FORMATS
from analysis.marks import NO_MARGINS_NOTE, Mark, points_marks
from analysis.models import PublishedEstimate, Release, Snapshot
from analysis.permissions import EXPORT_MICRODATA
from analysis.selectors.replaced_units import replacement_rows
from analysis.services.margins import RURAL, UNKNOWN_AREA, URBAN
from analysis.services.microdata import DESIGN_LABELS, yes_no
from analysis.services.recipes import DESIGN_FILE, INDEX_FILE
from analysis.services.uniqueness import uniqueness_of_snapshot
from analysis.services.weighting import (
    CALIBRATED_NOTE,
    CELL_SEPARATOR,
    FRAME_NOTE,
    RESERVES_NOTE,
    SHARED_NOTE,
    UNKNOWN_AREAS,
)
from analysis.snapshots import SnapshotError
from analysis.viewsets.listing import ReadOnlyViewSet
from analysis.viewsets.publication import (
    CODEBOOK,
    MICRODATA,
    PUBLIC,
    PublishView,
    download_microdata,
    download_recipe,
    freezing_url,
    last_failure,
)
from sampling.models.rounds import RoundStatus
from sampling.selectors.territories import runs_round
from sampling.viewsets.columns import mark_column, number_column
from sampling.viewsets.marks import MarkedInspectView
from sampling.viewsets.territories import TerritoryViewSetMixin

STEP_TITLES = {
    "design": gettext_lazy("design weight"),
    "multiplicity": gettext_lazy("persons counted once"),
    "nonresponse": gettext_lazy("nonresponse"),
    "raking": gettext_lazy("raking to population margins"),
}
NOTED_TITLES = {FRAME_NOTE: gettext_lazy("calibration to the counts of the list")}
"""Steps that a note names better than their code."""
CATEGORIES = {
    "male": gettext_lazy("men"),
    "female": gettext_lazy("women"),
    URBAN: gettext_lazy("urban"),
    RURAL: gettext_lazy("rural"),
    UNKNOWN_AREA: gettext_lazy("not known whether urban or rural"),
}
"""Categories of cells in words; age groups speak for themselves."""
NOTES = {
    NO_MARGINS_NOTE: gettext_lazy("There were no population margins: weighting stopped here."),
    RESERVES_NOTE: gettext_lazy("Reserves were released: they share the weight of their village."),
    SHARED_NOTE: gettext_lazy("The weight of a dossier is divided by the dossiers of its person."),
    FRAME_NOTE: gettext_lazy(
        "Weights are brought to the number of units that each stratum has in the list, less the share found "
        "to be ineligible. Standard errors are those of the residuals from the means of the strata."
    ),
    CALIBRATED_NOTE: gettext_lazy(
        "Standard errors are those of the residuals from the margins, as raking leaves only these to chance."
    ),
}


class SnapshotInspectView(MarkedInspectView):
    """Shows a snapshot, and how far its rows pick persons out."""

    template_name = "analysis/snapshot_inspect.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the joint uniqueness, or why the file cannot be read."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        try:
            found = uniqueness_of_snapshot(self.object)
        except SnapshotError as error:
            return context | {"problem": str(error)}
        percent = 100 * found.share_unique
        gains = [(DESIGN_LABELS[name], gain) for name, gain in found.gains.items()]
        return context | {"uniqueness": found, "percent": percent, "gains": gains}


class SnapshotViewSet(TerritoryViewSetMixin, ReadOnlyViewSet):
    """Snapshots with their hashes."""

    territory_path = "round__"

    model = Snapshot
    icon = "history"
    menu_label = gettext_lazy("Snapshots")
    inspect_view_class = SnapshotInspectView
    inspect_view_fields_exclude = ["id"]
    list_display = [
        "file_name",
        "round",
        number_column("n_rows", gettext_lazy("rows")),
        "digest",
        "created_at",
    ]
    list_filter = ["round"]


class ReleaseIndexView(IndexView):
    """Lists releases, with the way to publish one and what became of the last attempt."""

    template_name = "analysis/release_index.html"

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

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say to those who may publish if the last publication failed."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"failure": last_failure() if self.user_has_permission("publish") else None}


class ReleaseInspectView(MarkedInspectView):
    """Shows a release and offers its files."""

    template_name = "analysis/release_inspect.html"

    def get_marks(self) -> Iterable[Mark]:
        """Return everything in the release that has no official text."""
        return points_marks(self.object)

    def get_is_provisional_display_value(self) -> str:
        """Return the provisional mark in words."""
        return yes_no()[int(self.object.is_provisional)]

    def get_is_demo_display_value(self) -> str:
        """Return the demonstration mark in words."""
        return yes_no()[int(self.object.is_demo)]

    def get_is_rehearsed_display_value(self) -> str:
        """Return the mark of a sample without a commitment in words."""
        return yes_no()[int(self.object.is_rehearsed)]

    def get_is_approximate_display_value(self) -> str:
        """Return the mark of approximate inclusion probabilities in words."""
        return yes_no()[int(self.object.is_approximate)]

    def files(self) -> dict[str, Any]:
        """Return the addresses of microdata and recipe for those who may have them, or what to do first."""
        survey_round = self.object.snapshot.round
        user = self.request.user
        if not (runs_round(user, survey_round) and user.has_perm(EXPORT_MICRODATA)):
            return {"microdata_files": [], "recipe_files": []}
        if survey_round.status != RoundStatus.FROZEN:
            url = freezing_url(user, survey_round)
            return {"microdata_files": [], "recipe_files": [], "freezing_url": url}
        microdata = [
            (what, name, reverse("release:microdata", args=[self.object.pk, what, name]))
            for what in (MICRODATA, PUBLIC, CODEBOOK)
            for name in FORMATS
        ]
        recipe = [
            (name, reverse("release:recipe", args=[self.object.pk, name]))
            for name in (DESIGN_FILE, INDEX_FILE)
        ]
        return {"microdata_files": microdata, "recipe_files": recipe}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the weighting, and the files."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        steps = [described_step(step) for step in self.object.weighting]
        withheld = [described_part(part) for part in self.object.rates.get("withheld", ())]
        return context | {
            **self.files(),
            "weighting_steps": steps,
            "withheld_parts": withheld,
            "n_unknown_areas": sum(step.get(UNKNOWN_AREAS, 0) for step in self.object.weighting),
            "replacement_rows": replacement_rows(self.object),
        }


def described_step(step: Mapping[str, Any]) -> dict[str, Any]:
    """Return a step of the weighting with its name, its note and its merged cells in words."""
    return {
        **step,
        "title": NOTED_TITLES.get(step["note"]) or STEP_TITLES.get(step["step"], step["step"]),
        "remark": NOTES.get(step["note"], ""),
        "merged_cells": [described_merge(merge) for merge in step["merges"]],
    }


def described_merge(merge: Mapping[str, Any]) -> str:
    """Say which cells were taken together, place by place, and what they hold now."""
    by_place: dict[str, list[str]] = {}
    for cell in merge["cells"]:
        place, _separator, category = cell.partition(CELL_SEPARATOR)
        by_place.setdefault(place, []).append(str(CATEGORIES.get(category, category)))
    cells = "; ".join(
        f"{place}: {' + '.join(categories)}" if any(categories) else place
        for place, categories in by_place.items()
    )
    words = _("%(cells)s, now one cell of %(n)d answers from %(psus)d primary units")
    return words % {**merge, "cells": cells}


def described_part(part: Mapping[str, str]) -> dict[str, Any]:
    """Return a part of the index that has no figure, and the reason, in words."""
    return {
        **part,
        "statistic": PublishedEstimate.Statistic(part["statistic"]).label,
        "reason": Release.Withheld(part["reason"]).label,
    }


class ReleaseViewSet(TerritoryViewSetMixin, ReadOnlyViewSet):
    """Releases: what was published, from which snapshot, by which methods."""

    territory_path = "snapshot__round__"

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
        mark_column(lambda release: release.is_provisional),
        BooleanColumn("is_demo", label=gettext_lazy("demonstration")),
        BooleanColumn("is_rehearsed", label=gettext_lazy("sample drawn without a public commitment")),
        BooleanColumn("is_approximate", label=gettext_lazy("inclusion probabilities are approximate")),
        "published_at",
    ]
    list_filter = ["is_demo", "is_provisional", "is_rehearsed", "is_approximate", "method"]
    inspect_view_fields = [
        "code",
        "snapshot",
        "method",
        "criteria_set",
        "is_provisional",
        "is_demo",
        "is_rehearsed",
        "is_approximate",
        "published_at",
        "weights_file",
        "weights_digest",
    ]

    def get_urlpatterns(self) -> list[URLPattern]:
        """Add publication and microdata to the views of the listing."""
        return [
            *super().get_urlpatterns(),
            path("publish/", PublishView.as_view(), name="publish"),
            path("recipe/<int:pk>/<str:file_name>/", download_recipe, name="recipe"),
            path("microdata/<int:pk>/<str:what>/<str:file_format>/", download_microdata, name="microdata"),
        ]

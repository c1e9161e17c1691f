"""Listings of the admin: rounds, units, frames and samples."""

import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Field, Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, re_path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views.generic import CreateView, DeleteView, EditView, IndexView, InspectView
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup

from sampling.models import (
    AdministrativeUnit,
    FrameUnit,
    Sample,
    SamplingFrame,
    SamplingTemplate,
    SurveyRound,
)
from sampling.services import create_round
from sampling.vietnamese import search_key
from sampling.viewsets.draws import DrawView
from sampling.viewsets.frames import FrameConfirmView, FrameUploadView
from sampling.viewsets.rounds import BY_SLUG, RoundActionView, RoundInspectView, download_list

ROUND_FIELDS = [
    "code", "name_vi", "name_en", "year", "agency_vi", "agency_en", "decision", "contact_phone",
    "reference_period_start", "reference_period_end", "opens_at", "closes_at", "template", "is_demo",
]  # fmt: skip


class RoundCreateView(CreateView):
    """Creates a round through its service."""

    def save_instance(self) -> SurveyRound:
        """Hand the checked values over."""
        return create_round(user=self.request.user, **self.form.cleaned_data)


def require_round_permission(view: EditView | DeleteView) -> None:
    """Ask the policy about the round itself: Wagtail's views ask about rounds in general only."""
    if not view.user_has_permission_for_instance(view.permission_required, view.get_object()):
        raise PermissionDenied


class RoundEditView(EditView):
    """Edits a round in preparation."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse a round that was opened."""
        require_round_permission(self)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


class RoundDeleteView(DeleteView):
    """Deletes a round that has no sample."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse a round that was opened or drawn."""
        require_round_permission(self)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


class RoundIndexView(IndexView):
    """Lists rounds; what can be done with one depends on its state, so its name leads to its page."""

    def get_edit_url(self, instance: SurveyRound) -> str | None:
        """Offer to edit only what the policy lets be edited."""
        if not self.user_has_permission_for_instance("change", instance):
            return None
        address: str | None = super().get_edit_url(instance)
        return address


class UnitIndexView(IndexView):
    """Finds units whatever tone marks were typed."""

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        """Compare the search keys of what is typed and of the names; a code is found as well."""
        if not self.is_searching:
            return queryset
        return queryset.filter(
            Q(search_key__contains=search_key(self.search_query)) | Q(code=self.search_query)
        )


class FrameUnitIndexView(IndexView):
    """Lists the units of frames with few queries."""

    def get_base_queryset(self) -> QuerySet:
        """Fetch the frame and its round along."""
        units: QuerySet = super().get_base_queryset()
        return units.select_related("frame__round")


class OfRoundIndexView(IndexView):
    """Lists what belongs to rounds with few queries."""

    def get_base_queryset(self) -> QuerySet:
        """Fetch the round along."""
        rows: QuerySet = super().get_base_queryset()
        return rows.select_related("round")


class LocalTimeInspectView(InspectView):
    """Shows moments in the time zone of the site."""

    def get_field_display_value(self, field_name: str, field: Field) -> Any:
        """Convert moments, leave everything else as it is."""
        value = super().get_field_display_value(field_name, field)
        return timezone.localtime(value) if isinstance(value, datetime.datetime) else value


class ReadOnlyViewSet(ModelViewSet):
    """A listing whose rows can be looked at."""

    inspect_view_enabled = True
    inspect_view_class = LocalTimeInspectView
    copy_view_enabled = False
    exclude_form_fields: list[str] = []
    list_per_page = 50


class SurveyRoundViewSet(ModelViewSet):
    """Rounds, editable while in preparation."""

    model = SurveyRound
    icon = "calendar-alt"
    menu_label = _("Rounds")
    form_fields = ROUND_FIELDS
    index_view_class = RoundIndexView
    add_view_class = RoundCreateView
    edit_view_class = RoundEditView
    delete_view_class = RoundDeleteView
    inspect_view_enabled = True
    inspect_view_class = RoundInspectView
    inspect_view_fields_exclude = ["id"]
    copy_view_enabled = False
    list_display = [
        "__str__",
        "code",
        "year",
        Column("get_status_display", label=_("Status")),
        "opens_at",
        "closes_at",
    ]
    list_filter = ["status", "year"]
    search_fields = ["code", "name_vi", "name_en"]

    def get_urlpatterns(self) -> list[URLPattern]:
        """Add frames, states and the drawn list to the views of the listing."""
        states = "|".join(BY_SLUG)
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/frame/", FrameUploadView.as_view(), name="frame"),
            path("<int:pk>/frame/confirm/", FrameConfirmView.as_view(), name="frame_confirm"),
            path("<int:pk>/draw/", DrawView.as_view(), name="draw"),
            path("<int:pk>/drawn-list/", download_list, name="drawn_list"),
            re_path(rf"^(?P<pk>\d+)/(?P<action>{states})/$", RoundActionView.as_view(), name="action"),
        ]


class AdministrativeUnitViewSet(ReadOnlyViewSet):
    """Administrative units of both periods."""

    model = AdministrativeUnit
    icon = "site"
    menu_label = _("Administrative units")
    index_view_class = UnitIndexView
    search_fields = ["search_key"]
    list_display = ["name", "code", "unit_type", "valid_from", "valid_to"]
    list_filter = ["level", "valid_to", "unit_type"]
    ordering = ("sort_key", "code")
    add_to_reference_index = False


class SamplingTemplateViewSet(ReadOnlyViewSet):
    """Sampling templates; the documents never change."""

    model = SamplingTemplate
    icon = "doc-full"
    menu_label = _("Sampling templates")
    list_display = [
        "title",
        "code",
        "version",
        BooleanColumn("is_provisional", label=_("provisional method")),
    ]


class SamplingFrameViewSet(ReadOnlyViewSet):
    """Frames with their digests."""

    model = SamplingFrame
    icon = "list-ul"
    menu_label = _("Frames")
    index_view_class = OfRoundIndexView
    list_display = ["__str__", "source", "reference_date", "n_units", "created_at"]
    list_filter = ["round", "stage"]


class FrameUnitViewSet(ReadOnlyViewSet):
    """Units of the frames, the excluded ones with their reason."""

    model = FrameUnit
    icon = "list-ul"
    menu_label = _("Frame units")
    index_view_class = FrameUnitIndexView
    search_fields = ["code", "name"]
    list_display = ["name", "code", "parent_code", "measure_of_size", "exclusion_reason", "frame"]
    list_filter = ["frame"]
    ordering = ("frame", "code")
    add_to_reference_index = False


class SampleViewSet(ReadOnlyViewSet):
    """Samples with the proof of their draw."""

    model = Sample
    icon = "group"
    inspect_view_fields_exclude = ["seed"]
    menu_label = _("Samples")
    index_view_class = OfRoundIndexView
    list_display = ["__str__", "n_communes", "n_villages", "n_persons", "n_reserves", "drawn_at"]
    list_filter = ["round"]


class SamplingViewSetGroup(ModelViewSetGroup):
    """The menu of who is asked."""

    menu_label = _("Sampling")
    menu_icon = "group"
    menu_order = 200
    items = (
        SurveyRoundViewSet,
        SampleViewSet,
        SamplingFrameViewSet,
        FrameUnitViewSet,
        SamplingTemplateViewSet,
        AdministrativeUnitViewSet,
    )

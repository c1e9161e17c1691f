"""Listings of the admin: rounds, units, frames and samples."""

from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, re_path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import CreateView, DeleteView, EditView, IndexView
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.admin.widgets.button import HeaderButton

from sampling.models import (
    AdministrativeUnit,
    FrameUnit,
    Sample,
    SamplingFrame,
    SurveyRound,
)
from sampling.selectors import province_of
from sampling.selectors.draws import is_rehearsed
from sampling.selectors.templates import templates_seen_by
from sampling.services import create_round
from sampling.viewsets.columns import day_column, mark_column, number_column
from sampling.viewsets.draw_urls import DRAW_URLS
from sampling.viewsets.draws import DrawView
from sampling.viewsets.frames import FrameConfirmView, FrameUploadView
from sampling.viewsets.handing_out import HANDING_OUT_URLS
from sampling.viewsets.import_urls import IMPORT_URLS
from sampling.viewsets.marks import MarkedInspectView
from sampling.viewsets.objections import ObjectionViewSet
from sampling.viewsets.orders import ListOrderView, order_button
from sampling.viewsets.planner import PlannerViewSet
from sampling.viewsets.reading import ReadOnlyViewSet
from sampling.viewsets.replaced_communes import COMMUNE_URLS
from sampling.viewsets.reserves import RESERVE_URLS
from sampling.viewsets.rounds import BY_SLUG, RoundActionView, RoundInspectView, download_list
from sampling.viewsets.search import StoredKeySearchMixin, TextSearchMixin
from sampling.viewsets.slips import SLIP_URLS
from sampling.viewsets.templates import SamplingTemplateViewSet
from sampling.viewsets.territories import (
    TerritoryIndexMixin,
    TerritoryMemberViewSet,
    TerritoryObjectMixin,
    TerritoryViewSetMixin,
)

ROUND_FIELDS = [
    "code", "name_vi", "name_en", "year", "agency_vi", "agency_en", "decision", "contact_phone",
    "reference_period_start", "reference_period_end", "opens_at", "closes_at", "template", "territory",
    "is_demo",
]  # fmt: skip


FIXED_BY_DRAW = ("code", "template", "territory")
"""What commitments, frames and samples stand on."""


class RoundFormMixin:
    """Offers the provinces of today and all templates; to people of a province those of their own."""

    request: HttpRequest

    def get_form(self, *args: Any, **kwargs: Any) -> Any:
        """Narrow the choices of territory and template."""
        form: Any = super().get_form(*args, **kwargs)  # type: ignore[misc]  # Wagtail is untyped
        provinces = AdministrativeUnit.objects.valid_on(timezone.localdate()).provinces()
        own = province_of(self.request.user)
        field = form.fields["territory"]
        field.queryset = (provinces.filter(pk=own) if own else provinces).in_vietnamese_order()
        form.fields["template"].queryset = templates_seen_by(self.request.user).order_by("code", "version")
        return form


class RoundCreateView(RoundFormMixin, CreateView):
    """Creates a round through its service."""

    def save_instance(self) -> SurveyRound:
        """Hand the checked values over."""
        return create_round(user=cast("AbstractBaseUser", self.request.user), **self.form.cleaned_data)


def require_round_permission(view: EditView | DeleteView) -> None:
    """Ask the policy about the round itself: Wagtail's views ask about rounds in general only."""
    if not view.user_has_permission_for_instance(view.permission_required, view.get_object()):
        raise PermissionDenied


class RoundEditView(TerritoryObjectMixin, RoundFormMixin, EditView):
    """Edits a round in preparation; what a draw stands on stays as it is."""

    def get_form(self, *args: Any, **kwargs: Any) -> Any:
        """Lock what a draft, a commitment or a sample has taken over."""
        form = super().get_form(*args, **kwargs)
        if self.object.draws.exists() or hasattr(self.object, "sample"):
            for name in FIXED_BY_DRAW:
                form.fields[name].disabled = True
        return form

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse a round that was opened."""
        require_round_permission(self)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


class RoundDeleteView(TerritoryObjectMixin, DeleteView):
    """Deletes a round that has no sample."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse a round that was opened or drawn."""
        require_round_permission(self)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


class RoundIndexView(TerritoryIndexMixin, TextSearchMixin, IndexView):
    """Lists rounds; what can be done with one depends on its state, so its name leads to its page."""

    searched_texts = ("code", "name_vi", "name_en")

    def get_edit_url(self, instance: SurveyRound) -> str | None:
        """Offer to edit only what the policy lets be edited."""
        if not self.user_has_permission_for_instance("change", instance):
            return None
        address: str | None = super().get_edit_url(instance)
        return address


class UnitIndexView(StoredKeySearchMixin, IndexView):
    """Finds units whatever tone marks were typed."""


class FrameUnitIndexView(TerritoryIndexMixin, StoredKeySearchMixin, IndexView):
    """Lists the units of frames with few queries."""

    territory_path = "frame__round__"

    def get_base_queryset(self) -> QuerySet:
        """Fetch the frame and its round along."""
        units: QuerySet = super().get_base_queryset()
        return units.select_related("frame__round")


class OfRoundIndexView(TerritoryIndexMixin, IndexView):
    """Lists what belongs to rounds with few queries."""

    territory_path = "round__"

    def get_base_queryset(self) -> QuerySet:
        """Fetch the round along."""
        rows: QuerySet = super().get_base_queryset()
        return rows.select_related("round")


class SampleIndexView(TextSearchMixin, OfRoundIndexView):
    """Finds samples by the name of their round; the templates come along for their marks."""

    searched_texts = ("round__code", "round__name_vi", "round__name_en")

    def get_base_queryset(self) -> QuerySet:
        """Fetch the template along."""
        return super().get_base_queryset().select_related("template")


class OfRoundInspectView(TerritoryObjectMixin, MarkedInspectView):
    """Shows what belongs to a round."""

    territory_path = "round__"


class FrameUnitInspectView(TerritoryObjectMixin, MarkedInspectView):
    """Shows a unit of a frame."""

    territory_path = "frame__round__"


class SampleInspectView(OfRoundInspectView):
    """Shows a sample, how it came about, and leads to the order of the lists it was drawn from."""

    method_paths = ("template",)
    template_name = "sampling/sample_inspect.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say whether the sample was drawn with public commitments."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"is_rehearsal": is_rehearsed(self.object.round)}

    @property
    def header_buttons(self) -> list[HeaderButton]:
        """Offer the order of the lists."""
        return [order_button(self.object), *super().header_buttons]


class SurveyRoundViewSet(TerritoryViewSetMixin, ModelViewSet):
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
            *DRAW_URLS,
            *IMPORT_URLS,
            *HANDING_OUT_URLS,
            *SLIP_URLS,
            *RESERVE_URLS,
            *COMMUNE_URLS,
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
    list_display = [
        "name",
        "code",
        "unit_type",
        day_column("valid_from", _("valid from")),
        day_column("valid_to", _("valid to")),
    ]
    list_filter = ["level", "valid_to", "unit_type"]
    ordering = ("sort_key", "code")
    add_to_reference_index = False


class SamplingFrameViewSet(TerritoryViewSetMixin, ReadOnlyViewSet):
    """Frames with their digests."""

    model = SamplingFrame
    territory_path = "round__"
    inspect_view_class = OfRoundInspectView
    icon = "list-ul"
    menu_label = _("Frames")
    index_view_class = OfRoundIndexView
    list_display = [
        "__str__",
        "source",
        "reference_date",
        number_column("n_units", _("number of units")),
        "created_at",
    ]
    list_filter = ["round", "stage"]


class FrameUnitViewSet(TerritoryViewSetMixin, ReadOnlyViewSet):
    """Units of the frames, the excluded ones with their reason."""

    model = FrameUnit
    territory_path = "frame__round__"
    inspect_view_class = FrameUnitInspectView
    icon = "list-ul"
    menu_label = _("Frame units")
    index_view_class = FrameUnitIndexView
    search_fields = ["search_key", "code"]
    list_display = [
        "name",
        "code",
        "parent_code",
        number_column("measure_of_size", _("measure of size (adults)")),
        "exclusion_reason",
        "frame",
    ]
    list_filter = ["frame"]
    ordering = ("frame", "code")
    add_to_reference_index = False


class SampleViewSet(TerritoryViewSetMixin, ReadOnlyViewSet):
    """Samples with the proof of their draw."""

    model = Sample
    territory_path = "round__"
    icon = "group"
    inspect_view_class = SampleInspectView
    inspect_view_fields_exclude = ["id", "seed"]
    menu_label = _("Samples")
    index_view_class = SampleIndexView
    list_display = [
        "__str__",
        number_column("n_communes", _("communes")),
        number_column("n_villages", _("villages")),
        number_column("n_persons", _("respondents")),
        number_column("n_reserves", _("reserves")),
        "drawn_at",
        mark_column(lambda sample: sample.template.is_provisional),
    ]
    list_filter = ["round"]
    search_fields = ["round__code", "round__name_vi", "round__name_en"]

    def get_urlpatterns(self) -> list[URLPattern]:
        """Add the order of the lists to the views of the listing."""
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/order/", ListOrderView.as_view(), name="order"),
            path("<int:pk>/order/results/", ListOrderView.as_view(results_only=True), name="order_results"),
        ]


class SamplingViewSetGroup(ModelViewSetGroup):
    """The menu of who is asked."""

    menu_label = _("Sampling")
    menu_icon = "group"
    menu_order = 200
    items = (
        SurveyRoundViewSet,
        PlannerViewSet,
        SampleViewSet,
        SamplingFrameViewSet,
        FrameUnitViewSet,
        SamplingTemplateViewSet,
        AdministrativeUnitViewSet,
        TerritoryMemberViewSet,
        ObjectionViewSet,
    )

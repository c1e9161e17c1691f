"""Open rounds in the admin: one short page to make one, and one page with everything it needs."""

import datetime
from typing import Any

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, re_path
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import CreateView, DeleteView, EditView, IndexView, InspectView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets import AdminDateInput

from questionnaires.models import OpenRound, OpenRoundStatus, QuestionnaireVersion
from questionnaires.permissions import CHANGE_OPEN_ROUND, EXPORT_OPEN_ROUND, runs_open_round
from questionnaires.selectors import open_counts
from questionnaires.services.open_papers import chat_text, open_address, qr_svg
from questionnaires.services.open_rounds import (
    KEPT_ONCE_OPEN,
    OpenRoundStateError,
    change_open_round,
    create_open_round,
)
from questionnaires.viewsets.open_pages import (
    ACTIONS,
    BY_SLUG,
    AnswersView,
    CountView,
    OpenActionView,
    PosterView,
    ResultsView,
    SquareView,
    open_round_url,
)
from questionnaires.viewsets.open_tokens import TokensView
from sampling.models import AdministrativeUnit
from sampling.selectors.territories import province_of
from sampling.services.territories import TerritoryError
from sampling.viewsets.territories import TerritoryObjectMixin, TerritoryViewSetMixin

DAYS = 30
COPIED = ("agency_vi", "agency_en", "decision", "contact_phone", "office_networks")
"""What a person's next open round takes over from the last one."""
LAST_MOMENT = datetime.time(23, 59, 59)
TEXTS = ("name_vi", "name_en", *COPIED)


class OpenRoundForm(WagtailAdminModelForm):
    """An open round with days instead of moments; the address may be left to chance."""

    opens_on = forms.DateField(label=gettext_lazy("First day"), widget=AdminDateInput)
    closes_on = forms.DateField(
        label=gettext_lazy("Last day"), widget=AdminDateInput, help_text=gettext_lazy("Until its midnight.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = QuestionnaireVersion.objects.select_related("questionnaire").defer(
            "document", "questionnaire__sections"
        )
        self.fields["version"].queryset = versions.order_by("-published_at")
        self.fields["code"].required = False
        self.fields["code"].help_text = format_lazy(
            "{} {}",
            gettext_lazy("End of the address, letters and digits: short enough to read out."),
            gettext_lazy("Left empty, it is made up."),
        )
        self._fill_days()
        self._limit_territory()
        if self.instance.pk and self.instance.status != OpenRoundStatus.PREPARING:
            for name in set(KEPT_ONCE_OPEN) & set(self.fields):
                self.fields[name].disabled = True

    def _fill_days(self) -> None:
        """Show the days of the round, or from today on for a month."""
        today = timezone.localdate()
        is_new = self.instance.pk is None
        first = today if is_new else timezone.localtime(self.instance.opens_at).date()
        last = today + datetime.timedelta(days=DAYS)
        self.initial["opens_on"] = first
        self.initial["closes_on"] = last if is_new else timezone.localtime(self.instance.closes_at).date()

    def _limit_territory(self) -> None:
        """Offer the provinces of today; whoever works for one has no choice."""
        field, home = self.fields["territory"], province_of(self.for_user)
        provinces = AdministrativeUnit.objects.valid_on(timezone.localdate()).provinces()
        field.queryset = provinces.in_vietnamese_order()
        if home is not None:
            field.queryset = AdministrativeUnit.objects.filter(pk=home)
            field.disabled = True
            self.initial.setdefault("territory", home)

    def clean(self) -> dict[str, Any]:
        """Ask that the last day follows the first."""
        values: dict[str, Any] = super().clean()
        first, last = values.get("opens_on"), values.get("closes_on")
        if first and last and last < first:
            self.add_error("closes_on", _("Choose a last day that is not before the first."))
        if first and last:
            self.instance.opens_at = _moment(first, datetime.time())
            self.instance.closes_at = _moment(last, LAST_MOMENT)
        self.instance.code = values.get("code") or self.instance.code or "-"
        return values

    def _get_validation_exclusions(self) -> set[str]:
        """Leave the moments and an empty address to the service."""
        left: set[str] = super()._get_validation_exclusions()
        return left | {"opens_at", "closes_at", "code"}

    def values(self) -> dict[str, Any]:
        """Return what the service takes."""
        given = {name: self.cleaned_data[name] for name in ("version", "needs_token", "territory", *TEXTS)}
        given["opens_at"], given["closes_at"] = self.instance.opens_at, self.instance.closes_at
        return given | ({"code": self.cleaned_data["code"]} if self.cleaned_data["code"] else {})

    def hand_over(self, user: AbstractBaseUser) -> OpenRound:
        """Create through the service."""
        return create_open_round(user=user, **self.values())


def _moment(day: datetime.date, hour: datetime.time) -> datetime.datetime:
    """Return a moment of a day in the time zone of the site."""
    return timezone.make_aware(datetime.datetime.combine(day, hour))


class OpenServiceMixin:
    """Saves through a service, tells what it refuses at the form, and leads to the page of the round."""

    form: Any
    request: Any
    object: Any

    def save_action(self) -> HttpResponse:
        """Save, and go to the page with link, poster and count."""
        try:
            self.object = self.save_through_service()
        except (OpenRoundStateError, TerritoryError) as error:
            return self.refuse([str(error)])
        except ValidationError as error:
            return self.refuse(error.messages)
        return redirect(open_round_url(self.object))

    def refuse(self, words: list[str]) -> HttpResponse:
        """Show the form again with what stands in the way."""
        self.form.add_error(None, ValidationError(words))
        view: Any = self
        answer: HttpResponse = view.form_invalid(self.form)
        return answer

    def form_valid(self, form: Any) -> HttpResponse:
        """Hand the checked values over."""
        self.form = form
        return self.save_action()

    def save_through_service(self) -> OpenRound:
        """Save what the form holds."""
        raise NotImplementedError


class OpenRoundCreateView(OpenServiceMixin, CreateView):
    """Makes an open round."""

    def get_initial(self) -> dict[str, Any]:
        """Fill in the version that somebody comes from, and what the person's last open round said."""
        last = OpenRound.objects.filter(created_by=self.request.user).order_by("-created_at").first()
        copied = {name: getattr(last, name) for name in COPIED} if last else {}
        initial: dict[str, Any] = super().get_initial()
        return initial | copied | {"version": self.request.GET.get("version")}

    def save_through_service(self) -> OpenRound:
        """Create it."""
        created: OpenRound = self.form.hand_over(self.request.user)
        return created


class OwnRoundMixin:
    """A page for those whose round it is, as long as its state allows what the page does."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask the policy about this very round."""
        view: Any = self
        if not view.user_has_permission_for_instance(view.permission_required, view.get_object()):
            raise PermissionDenied
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]  # the mixin stands before a view
        return answer


class OpenRoundDeleteView(OwnRoundMixin, DeleteView):
    """Deletes an open round that was never opened."""


class OpenRoundEditView(OwnRoundMixin, OpenServiceMixin, EditView):
    """Changes an open round."""

    def save_through_service(self) -> OpenRound:
        """Change it; the row is read again, as the form has written on this one."""
        stored = OpenRound.objects.get(pk=self.object.pk)
        return change_open_round(round=stored, values=self.form.values(), user=self.request.user)


class OpenRoundInspectView(TerritoryObjectMixin, InspectView):
    """Link, square, poster, message, count, answers: everything on one page, in the order it is needed."""

    template_name = "questionnaires/admin/open_round.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the page shows."""
        open_round: OpenRound = self.object
        user = self.request.user
        is_own = runs_open_round(user, open_round)
        runs = is_own and user.has_perm(CHANGE_OPEN_ROUND)
        address = open_address(open_round)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "open_round": open_round,
            "address": address,
            "square": qr_svg(address),
            "chat_text": chat_text(open_round),
            "counts": open_counts(open_round),
            "action": ACTIONS.get(open_round.status) if runs else None,
            "may_change": runs,
            "may_export": is_own and user.has_perm(EXPORT_OPEN_ROUND),
            "is_taking": open_round.accepts_answers(),
        }


class OpenRoundIndexView(IndexView):
    """Lists open rounds with few queries."""

    def get_base_queryset(self) -> QuerySet:
        """Fetch the version along."""
        rounds: QuerySet = super().get_base_queryset()
        return rounds.select_related("version__questionnaire").defer("version__document")

    def get_edit_url(self, instance: OpenRound) -> str:
        """Lead to the page of a round first; changing it is one step further."""
        return open_round_url(instance)


class OpenRoundViewSet(TerritoryViewSetMixin, ModelViewSet):
    """Forms that anybody with the link may answer."""

    model = OpenRound
    name = "openround"
    icon = "group"
    menu_label = gettext_lazy("Open rounds")
    menu_order = 225
    add_to_admin_menu = True
    copy_view_enabled = False
    inspect_view_enabled = True
    index_view_class = OpenRoundIndexView
    add_view_class = OpenRoundCreateView
    edit_view_class = OpenRoundEditView
    delete_view_class = OpenRoundDeleteView
    inspect_view_class = OpenRoundInspectView
    list_display = [
        "__str__",
        "code",
        "agency",
        Column("get_status_display", label=gettext_lazy("Status")),
        "opens_at",
        "closes_at",
    ]
    list_filter = ["status"]
    edit_handler = ObjectList(
        [
            FieldPanel("version"),
            FieldRowPanel([FieldPanel("name_vi"), FieldPanel("name_en")]),
            FieldRowPanel([FieldPanel("agency_vi"), FieldPanel("agency_en")]),
            FieldRowPanel([FieldPanel("decision"), FieldPanel("contact_phone")]),
            FieldRowPanel([FieldPanel("opens_on"), FieldPanel("closes_on")]),
            MultiFieldPanel(
                [
                    FieldPanel("code"),
                    FieldPanel("needs_token"),
                    FieldPanel("office_networks"),
                    FieldPanel("territory"),
                ],
                heading=gettext_lazy("More settings, none of them needed"),
                classname="collapsed",
            ),
        ],
        base_form_class=OpenRoundForm,
    )

    def get_urlpatterns(self) -> list[URLPattern]:
        """Add the pages below a round."""
        states = "|".join(BY_SLUG)
        return [
            *super().get_urlpatterns(),
            re_path(rf"^(?P<pk>\d+)/(?P<action>{states})/$", OpenActionView.as_view(), name="action"),
            re_path(r"^(?P<pk>\d+)/poster/(?P<paper>html|pdf)/$", PosterView.as_view(), name="poster"),
            re_path(
                r"^(?P<pk>\d+)/answers/(?P<file_format>csv|xlsx)/$", AnswersView.as_view(), name="answers"
            ),
            path("<int:pk>/qr/", SquareView.as_view(), name="square"),
            path("<int:pk>/count/", CountView.as_view(), name="count"),
            path("<int:pk>/results/", ResultsView.as_view(), name="open_results"),
            path("<int:pk>/tokens/", TokensView.as_view(), name="tokens"),
        ]

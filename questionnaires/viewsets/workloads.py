"""Workloads in the admin: a proposal as table and picture, then the assignments."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView

from questionnaires.permissions import ASSIGN_VILLAGES, CONDUCT_INTERVIEWS
from questionnaires.services import ProposalChangedError, apply_workloads, propose_workloads
from questionnaires.viewsets.field_pages import RightMenuItem, RightViewSet
from questionnaires.viewsets.workload_map import workload_map
from sampling.viewsets.handing_out import PlacedMixin


class PeopleField(forms.ModelMultipleChoiceField):
    """Enumerators by name."""

    def label_from_instance(self, obj: Any) -> str:
        """Return name and user name."""
        name = obj.get_full_name()
        return f"{name} ({obj.get_username()})" if name else str(obj.get_username())


class WorkloadForm(forms.Form):
    """Who works in the province, and what is shared out."""

    enumerators = PeopleField(
        label=gettext_lazy("Enumerators"),
        queryset=get_user_model().objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    is_everything = forms.BooleanField(
        label=gettext_lazy("Share out again villages that somebody has already"), required=False
    )
    seen_digest = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["enumerators"]
        people = get_user_model().objects.with_perm(CONDUCT_INTERVIEWS, include_superusers=False)
        field.queryset = people.filter(is_active=True).order_by("last_name", "first_name", "username")


class WorkloadView(PlacedMixin, FormView):
    """Proposes who works where; the second button assigns."""

    needed_right = ASSIGN_VILLAGES
    form_class = WorkloadForm
    template_name = "questionnaires/admin/workloads.html"
    page_title = gettext_lazy("Workloads of enumerators")
    header_icon = "user"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form of the province."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"place_form": self.place_form(), "province": self.chosen_province()}

    def form_valid(self, form: WorkloadForm) -> HttpResponse:
        """Show the proposal, or carry out the one that was seen."""
        values, province = form.cleaned_data, self.chosen_province()
        if province is None:
            raise PermissionDenied
        proposal = propose_workloads(
            round=self.survey_round,
            province=province,
            enumerators=list(values["enumerators"]),
            is_everything=values["is_everything"],
        )
        if "apply" in self.request.POST:
            try:
                n_villages = apply_workloads(
                    round=self.survey_round,
                    proposal=proposal,
                    seen_digest=values["seen_digest"],
                    user=self.staff,
                )
            except ProposalChangedError as error:
                messages.error(self.request, str(error))
            else:
                words = ngettext("%(n)s village was assigned.", "%(n)s villages were assigned.", n_villages)
                messages.success(self.request, words % {"n": n_villages})
                return redirect(self.request.get_full_path())
        context = {"proposal": proposal, "map": workload_map(proposal.shares)}
        return self.render_to_response(self.get_context_data(form=form, **context))


class WorkloadsMenuItem(RightMenuItem):
    """An entry for those who assign villages."""

    right = ASSIGN_VILLAGES


class WorkloadsViewSet(RightViewSet):
    """The menu entry of workloads."""

    name = "workloads"
    icon = "group"
    menu_label = gettext_lazy("Workloads")
    menu_item_class = WorkloadsMenuItem

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses of rounds, and of the workloads of one."""
        return [
            path("", self.index_view, name="index"),
            path("<int:pk>/", WorkloadView.as_view(), name="round"),
        ]

"""Replaced communes in the admin: the rule names the next one, its villages and registers are sent."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from sampling.files.problems import Difference
from sampling.models import SampledUnit, SamplingFrame
from sampling.selectors.frames import last_stage_of
from sampling.selectors.territories import province_of
from sampling.services import (
    CaseError,
    RoundStateError,
    receive_replacement_registers,
    receive_replacement_villages,
    replace_commune,
)
from sampling.services.kept_uploads import KeptUploads
from sampling.services.replacement import next_of_list
from sampling.viewsets.awaited import FORMS, UnitsForm
from sampling.viewsets.awaited_lists import Reading, last_lists, read_last
from sampling.viewsets.frames import frame_values_of
from sampling.viewsets.handing_out import PlacedMixin
from sampling.viewsets.repairs import RepairsMixin

REPLACE = "sampling.change_sampledunit"
TEMPLATE = "sampling/commune_replace.html"
LONGEST_REASON = 200


class CommuneForm(forms.Form):
    """Why a commune is given up."""

    reason = forms.CharField(
        label=gettext_lazy("Why nothing in the commune can be surveyed"),
        help_text=gettext_lazy("The reason is published with the proof of the draw: name no person."),
        max_length=LONGEST_REASON,
    )


class CommuneMixin(PlacedMixin):
    """A page for one drawn commune, for those who work for the whole country."""

    needed_right = REPLACE
    header_icon = "group"

    @cached_property
    def commune(self) -> SampledUnit:
        """Return the commune in the address."""
        if province_of(self.request.user) is not None:
            raise PermissionDenied
        units = SampledUnit.objects.filter(sample=self.sample, stage=SampledUnit.Stage.COMMUNE)
        related = (
            "sample__round",
            "sample__template",
            "frame_unit",
            "parent__frame_unit",
            "replaces__frame_unit",
        )
        return get_object_or_404(units.select_related(*related), pk=self.kwargs["unit"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the commune and the way back."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"commune": self.commune, "back_url": self.back_url()}

    def back_url(self) -> str:
        """Return the address of the province of the commune."""
        address = reverse("surveyround:reserves", args=[self.survey_round.pk])
        return f"{address}?province={self.commune.province_id}"


class ReplaceCommuneView(CommuneMixin, FormView):
    """Replaces a commune by the one that the rule gives."""

    form_class = CommuneForm
    template_name = TEMPLATE
    page_title = gettext_lazy("Replace the commune")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the commune that the rule gives."""
        context = super().get_context_data(**kwargs)
        try:
            return context | {"next": next_of_list(self.commune)}
        except CaseError as error:
            return context | {"refusal": str(error)}

    def form_valid(self, form: CommuneForm) -> HttpResponse:
        """Hand over to the service."""
        try:
            commune = replace_commune(unit=self.commune, reason=form.cleaned_data["reason"], user=self.staff)
        except (CaseError, RoundStateError) as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        messages.success(
            self.request,
            _("Commune %(commune)s takes the place of %(replaced)s. Its list of villages is next.")
            % {"commune": commune.frame_unit.name, "replaced": self.commune.frame_unit.name},
        )
        return redirect(self.back_url())


class ReplacementVillagesView(RepairsMixin, CommuneMixin, FormView):
    """Takes the list of villages of a commune that replaces another one, and draws from it."""

    form_class = UnitsForm
    files_field = "file"
    template_name = TEMPLATE
    page_title = gettext_lazy("Send the list of villages")
    consequence = gettext_lazy(
        "The villages are drawn as soon as the list is accepted. It cannot be changed afterwards."
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say what happens with the list."""
        return super().get_context_data(**kwargs) | {"lead": self.consequence}

    def read_files(self, kept: KeptUploads) -> Reading:
        """Read the list."""
        differences: list[Difference] = []
        about = {**kept.values, "stage": SamplingFrame.Stage.VILLAGE.value}
        values = frame_values_of(kept.paths, about, differences)
        del values["stage"]
        return Reading(values, differences)

    def carry_out(self, reading: Reading, _values: Mapping[str, Any]) -> HttpResponse:
        """Draw the villages."""
        drawn = receive_replacement_villages(commune=self.commune, user=self.staff, **reading.values)
        names = ", ".join(str(village.frame_unit) for village in drawn)
        messages.success(
            self.request, _("Drawn: %(villages)s. Their registers are next.") % {"villages": names}
        )
        return redirect(self.back_url())


class ReplacementRegistersView(RepairsMixin, CommuneMixin, FormView):
    """Takes the registers of all drawn villages of a commune that replaces another one."""

    template_name = TEMPLATE
    page_title = gettext_lazy("Send the registers")
    consequence = gettext_lazy("The respondents are drawn at once.")

    @property
    def last_stage(self) -> str:
        """What the villages list: adults or households."""
        return last_stage_of(self.survey_round)

    def get_form_class(self) -> type[forms.Form]:
        """Return the form of registers or of lists of households."""
        return FORMS[self.last_stage]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the villages."""
        villages = self.commune.children.select_related("frame_unit").order_by("draw_order")
        names = ", ".join(str(village.frame_unit) for village in villages)
        lead = _("The registers of all drawn villages are needed together: %(villages)s.") % {
            "villages": names
        }
        return super().get_context_data(**kwargs) | {"lead": lead}

    def read_files(self, kept: KeptUploads) -> Reading:
        """Read registers, or lists of households."""
        return read_last(kept, self.last_stage)

    def carry_out(self, reading: Reading, _values: Mapping[str, Any]) -> HttpResponse:
        """Draw the respondents."""
        read = last_lists(reading)
        n_cases = receive_replacement_registers(
            commune=self.commune, registers=read.lists, heads=read.heads, user=self.staff
        )
        messages.success(
            self.request,
            _("%(count)s respondents are drawn. They need letters of their own.") % {"count": n_cases},
        )
        return redirect(self.back_url())


COMMUNE_URLS = [
    path(
        "<int:pk>/reserves/communes/<int:unit>/replace/",
        ReplaceCommuneView.as_view(),
        name="replace_commune",
    ),
    path(
        "<int:pk>/reserves/communes/<int:unit>/villages/",
        ReplacementVillagesView.as_view(),
        name="replacement_villages",
    ),
    path(
        "<int:pk>/reserves/communes/<int:unit>/registers/",
        ReplacementRegistersView.as_view(),
        name="replacement_registers",
    ),
]
"""Pages of replaced communes."""

"""Replaced communes in the admin: the rule names the next one, its villages and registers are sent."""

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

from sampling.models import SampledUnit, SamplingFrame
from sampling.models.areas import UnknownPeriodError
from sampling.resources import RegisterFilesError, read_registers
from sampling.selectors.territories import province_of
from sampling.services import (
    CaseError,
    FrameFileError,
    FrameRefusedError,
    Register,
    RegisterError,
    RoundStateError,
    receive_replacement_registers,
    receive_replacement_villages,
    replace_commune,
)
from sampling.services.replacement import next_of_list
from sampling.viewsets.awaited import RegistersForm, UnitsForm
from sampling.viewsets.frames import frame_values, kept_upload, shown_problem
from sampling.viewsets.handing_out import PlacedMixin

REPLACE = "sampling.change_sampledunit"
TEMPLATE = "sampling/commune_replace.html"
LONGEST_REASON = 200
REFUSALS = (
    CaseError,
    FrameFileError,
    RegisterError,
    RegisterFilesError,
    RoundStateError,
    UnknownPeriodError,
)


class CommuneForm(forms.Form):
    """Why a commune is given up."""

    reason = forms.CharField(
        label=gettext_lazy("Why nothing in the commune can be surveyed"), max_length=LONGEST_REASON
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


class ReplacementVillagesView(CommuneMixin, FormView):
    """Takes the list of villages of a commune that replaces another one, and draws from it."""

    form_class = UnitsForm
    template_name = TEMPLATE
    page_title = gettext_lazy("Send the list of villages")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say what happens with the list."""
        lead = _("The villages are drawn as soon as the list is accepted. It cannot be changed afterwards.")
        return super().get_context_data(**kwargs) | {"lead": lead}

    def form_valid(self, form: UnitsForm) -> HttpResponse:
        """Read the file and hand over to the service."""
        try:
            values = frame_values(form.cleaned_data | {"stage": SamplingFrame.Stage.VILLAGE.value}, [])
            del values["stage"]
            drawn = receive_replacement_villages(commune=self.commune, user=self.staff, **values)
        except FrameRefusedError as error:
            problem = shown_problem(error.report.problems[0])
            form.add_error("file", f"{error} {problem.row} {problem.column}: {problem.hint}")
            return self.form_invalid(form)
        except REFUSALS as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        names = ", ".join(str(village.frame_unit) for village in drawn)
        messages.success(
            self.request, _("Drawn: %(villages)s. Their registers are next.") % {"villages": names}
        )
        return redirect(self.back_url())


class ReplacementRegistersView(CommuneMixin, FormView):
    """Takes the registers of all drawn villages of a commune that replaces another one."""

    form_class = RegistersForm
    template_name = TEMPLATE
    page_title = gettext_lazy("Send the registers")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the villages."""
        villages = self.commune.children.select_related("frame_unit").order_by("draw_order")
        names = ", ".join(str(village.frame_unit) for village in villages)
        lead = _("The registers of all drawn villages are needed together: %(villages)s.") % {
            "villages": names
        }
        return super().get_context_data(**kwargs) | {"lead": lead}

    def form_valid(self, form: RegistersForm) -> HttpResponse:
        """Read the files and hand over to the service."""
        registers: dict[str, Register] = {}
        try:
            for file in form.cleaned_data["registers"]:
                with kept_upload(file) as place:
                    registers |= read_registers(place)
            n_cases = receive_replacement_registers(
                commune=self.commune, registers=registers, user=self.staff
            )
        except REFUSALS as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
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

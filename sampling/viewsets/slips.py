"""Selection slips of households in the admin: chosen by place, printed from the browser, on record."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from sampling.selectors.territories import province_of
from sampling.services.issuing import ExportTooEarlyError, scope_of
from sampling.services.issuing.access import ISSUE_DRAW
from sampling.services.issuing.slips import has_slips, make_selection_slips
from sampling.viewsets.handing_out import PlacedMixin, scope_choices, sent


class SlipForm(forms.Form):
    """The part of the sample."""

    unit = forms.ChoiceField(label=gettext_lazy("Slips of"), required=False)

    def __init__(self, *args: Any, units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        field.choices = units


class SlipsView(PlacedMixin, FormView):
    """Prints the slips of a round that draws households; nobody of a province may."""

    form_class = SlipForm
    template_name = "sampling/slips.html"
    page_title = gettext_lazy("Selection slips")
    header_icon = "key"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let those in who issue lists for the whole country."""
        if not request.user.has_perm(ISSUE_DRAW) or province_of(request.user) is not None:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Offer the units of the province, if there are households at all."""
        if not has_slips(self.sample):
            raise Http404
        units = scope_choices(self.sample, self.chosen_province())
        return {**super().get_form_kwargs(), "units": units}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form of the province."""
        return super().get_context_data(**kwargs) | {
            "place_form": self.place_form(),
            "province": self.chosen_province(),
        }

    def form_valid(self, form: SlipForm) -> HttpResponse:
        """Print, or say why not now."""
        unit, province = form.cleaned_data["unit"], self.chosen_province()
        scope = scope_of(self.sample, province.pk if province else None, int(unit) if unit else None)
        try:
            return sent(make_selection_slips(scope=scope, user=self.staff))
        except ExportTooEarlyError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)


SLIP_URLS = [path("<int:pk>/slips/", SlipsView.as_view(), name="slips")]
"""The page on which selection slips are printed."""

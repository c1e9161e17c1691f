"""Letters with access codes: chosen by place, printed by a worker, fetched once."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import models
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.generic import FormView

from questionnaires.models import AccessCode
from questionnaires.permissions import ISSUE_CODES
from questionnaires.tasks import write_letters
from questionnaires.viewsets.field_pages import RightMenuItem, RightViewSet
from sampling.issue_jobs import jobs_of
from sampling.services.issuing import Scope, may_see_names, scope_of
from sampling.services.issuing.kept import new_token
from sampling.viewsets.handing_out import FetchListView, PlacedMixin, scope_choices


class Which(models.TextChoices):
    """Who gets a letter."""

    MISSING = "missing", gettext_lazy("everybody who has no code yet")
    ALL = "all", gettext_lazy("everybody, with new codes; codes printed before stop working")


class LettersForm(forms.Form):
    """Part of the sample, who in it, or a single case."""

    unit = forms.ChoiceField(label=gettext_lazy("Letters for"), required=False)
    which = forms.ChoiceField(label=gettext_lazy("Who gets a letter"), choices=Which.choices)
    number = forms.CharField(
        label=gettext_lazy("Only this case number"),
        max_length=24,
        required=False,
        help_text=gettext_lazy("For a letter that was lost: the case gets a new code."),
    )

    def __init__(self, *args: Any, units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        field.choices = units


class LettersView(PlacedMixin, FormView):
    """Chooses who is written to and hands the printing to the worker."""

    needed_right = ISSUE_CODES
    form_class = LettersForm
    template_name = "questionnaires/admin/letters.html"
    page_title = gettext_lazy("Letters with access codes")
    header_icon = "mail"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Offer the units of the province."""
        units = scope_choices(self.sample, self.chosen_province())
        return {**super().get_form_kwargs(), "units": units}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form of the province, counts and the letters asked for."""
        scope = Scope(self.sample, self.chosen_province())
        cases = scope.cases()
        return super().get_context_data(**kwargs) | {
            "place_form": self.place_form(),
            "scope": scope,
            "n_cases": cases.count(),
            "n_without": cases.exclude(access_codes__carrier=AccessCode.Carrier.LETTER).count(),
            "may_see": may_see_names(self.staff, self.survey_round),
            "jobs": jobs_of(write_letters, self.staff, self.survey_round),
            "fetch_name": "letters:fetch",
        }

    def form_valid(self, form: LettersForm) -> HttpResponse:
        """Hand the letters to the worker; whether they may be made is asked there again."""
        values = form.cleaned_data
        province, unit = self.chosen_province(), values["unit"]
        if not may_see_names(self.staff, self.survey_round):
            form.add_error(None, _("Letters are made once the list is issued. Names are not given out yet."))
            return self.form_invalid(form)
        scope = scope_of(self.sample, province.pk if province else None, int(unit) if unit else None)
        number = values["number"].strip()
        write_letters.enqueue(
            sample_id=self.sample.pk,
            scope={
                "province_id": province.pk if province else None,
                "unit_id": scope.unit.pk if scope.unit else None,
            },
            form={"only_missing": values["which"] == Which.MISSING and not number, "number": number},
            user_id=int(self.staff.pk),
            job={
                "token": new_token(),
                "round": self.survey_round.pk,
                "language": get_language() or "vi",
                "label": number or scope.name,
            },
        )
        messages.success(
            self.request, _("The letters are being made. They appear below; open the page again in a while.")
        )
        return redirect(self.request.get_full_path())


class FetchLettersView(FetchListView):
    """Hands finished letters over, once."""

    needed_right = ISSUE_CODES
    work = write_letters
    action = "questionnaires.fetch_letters"


class LettersMenuItem(RightMenuItem):
    """An entry for those who issue codes."""

    right = ISSUE_CODES


class LettersViewSet(RightViewSet):
    """The menu entry of letters."""

    name = "letters"
    icon = "mail"
    menu_label = gettext_lazy("Letters")
    menu_item_class = LettersMenuItem

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses of rounds, of the letters of one, and of finished files."""
        return [
            path("", self.index_view, name="index"),
            path("<int:pk>/", LettersView.as_view(), name="round"),
            path("<int:pk>/<str:token>/", FetchLettersView.as_view(), name="fetch"),
        ]

"""Lists of respondents in the admin: chosen, made at once or by a worker, fetched once."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from sampling.issue_jobs import find_job, jobs_of, write_respondent_lists
from sampling.models import AdministrativeUnit, Sample, SampledUnit
from sampling.printing import PDF, ZIP
from sampling.selectors.territories import province_of
from sampling.services.audit import record
from sampling.services.contacts import ContactError
from sampling.services.issuing import (
    ExportTooEarlyError,
    IssuedFile,
    ListFormat,
    Request,
    Scope,
    Split,
    make_respondent_lists,
    may_see_names,
    scope_of,
)
from sampling.services.issuing.access import EXPORT_CONTACT, ISSUE_DRAW
from sampling.services.issuing.kept import new_token, take_file
from sampling.services.issuing.slips import has_slips
from sampling.viewsets.rounds import OfRoundMixin

AT_ONCE = 2_000
"""Rows of a list without pages that a request may make itself."""
TYPES = {"zip": ZIP, "pdf": PDF}


def provinces_of(sample: Sample, user: Any) -> QuerySet[AdministrativeUnit]:
    """Return the provinces of a sample that a person may hand out lists of."""
    drawn = SampledUnit.objects.filter(sample=sample).values("province")
    provinces = AdministrativeUnit.objects.filter(pk__in=drawn).in_vietnamese_order()
    home = province_of(user)
    return provinces.filter(pk=home) if home else provinces


def scope_choices(sample: Sample, province: AdministrativeUnit | None) -> list[tuple[str, str]]:
    """Return what a list may be for: the whole, or the communes and villages of a province."""
    if province is None:
        return [("", _("the whole sample"))]
    choices = [("", str(province.name))]
    commune = ""
    for village in Scope(sample, province).villages():
        if village.commune != commune and village.unit.parent_id:
            commune = village.commune
            choices.append((str(village.unit.parent_id), commune))
        choices.append((str(village.unit.pk), f"  – {village.village}"))
    return choices


class PlaceForm(forms.Form):
    """The province, before anything in it."""

    province = forms.ModelChoiceField(
        label=gettext_lazy("Province"),
        queryset=AdministrativeUnit.objects.none(),
        required=False,
        empty_label=gettext_lazy("all provinces"),
    )

    def __init__(self, *args: Any, sample: Sample, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["province"]
        self.provinces = provinces_of(sample, user)
        field.queryset = self.provinces
        if province_of(user):
            field.empty_label = None
        field.label_from_instance = lambda province: province.name


class ListForm(forms.Form):
    """Part of the sample, kind of file, number of files."""

    unit = forms.ChoiceField(label=gettext_lazy("List of"), required=False)
    file_format = forms.ChoiceField(label=gettext_lazy("File"), choices=ListFormat.choices)
    split = forms.ChoiceField(label=gettext_lazy("How many files"), choices=Split.choices)

    def __init__(self, *args: Any, units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        field.choices = units


class PlacedMixin(OfRoundMixin):
    """A page of a round with a sample on which one chooses a province first."""

    permission_required = None
    any_permission_required = None
    needed_right = EXPORT_CONTACT
    is_to_change = False
    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let those in who have the right."""
        if not request.user.has_perm(self.needed_right):
            raise PermissionDenied
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    @property
    def staff(self) -> AbstractUser:
        """Whoever is signed in."""
        return cast("AbstractUser", self.request.user)

    @property
    def sample(self) -> Sample:
        """The sample of the round."""
        return get_object_or_404(Sample.objects.select_related("round", "template"), round=self.survey_round)

    def place_form(self) -> PlaceForm:
        """Return the form of the province."""
        return PlaceForm(self.request.GET, sample=self.sample, user=self.request.user)

    def chosen_province(self) -> AdministrativeUnit | None:
        """Return the chosen province; people of a province have theirs."""
        form = self.place_form()
        chosen = form.cleaned_data.get("province") if form.is_valid() else None
        if chosen is None and province_of(self.request.user):
            chosen = form.provinces.first()
            if chosen is None:
                raise PermissionDenied(_("The sample of this round has nobody in your province."))
        return chosen


class HandingOutView(PlacedMixin, FormView):
    """Chooses the list, makes a short one at once and hands a long one to the worker."""

    form_class = ListForm
    template_name = "sampling/handing_out.html"
    page_title = gettext_lazy("Lists of respondents")
    header_icon = "list-ul"

    def get_form_kwargs(self) -> dict[str, Any]:
        """Offer the units of the province."""
        units = scope_choices(self.sample, self.chosen_province())
        return {**super().get_form_kwargs(), "units": units}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form of the province and the lists asked for."""
        return super().get_context_data(**kwargs) | {
            "place_form": self.place_form(),
            "province": self.chosen_province(),
            "may_see": may_see_names(self.staff, self.survey_round),
            "jobs": jobs_of(write_respondent_lists, self.staff, self.survey_round),
            "fetch_name": "surveyround:fetch_list",
            "slips_url": slips_url(self.sample, self.staff),
        }

    def form_valid(self, form: ListForm) -> HttpResponse:
        """Make the list now or later."""
        values = form.cleaned_data
        province = self.chosen_province()
        scope = scope_of(
            self.sample, province.pk if province else None, int(values["unit"]) if values["unit"] else None
        )
        request = Request(scope, ListFormat(values["file_format"]), Split(values["split"]))
        if (
            request.file_format == ListFormat.PDF
            or request.split != Split.NONE
            or scope.cases().count() > AT_ONCE
        ):
            return self.enqueue(request)
        try:
            return sent(make_respondent_lists(request=request, user=self.staff))
        except (ExportTooEarlyError, ContactError) as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)

    def enqueue(self, request: Request) -> HttpResponse:
        """Hand the list to the worker; whether it may be made is asked there again."""
        scope = request.scope
        write_respondent_lists.enqueue(
            sample_id=scope.sample.pk,
            scope={
                "province_id": scope.province.pk if scope.province else None,
                "unit_id": scope.unit.pk if scope.unit else None,
            },
            form={"file_format": request.file_format.value, "split": request.split.value},
            user_id=int(self.staff.pk),
            job={
                "token": new_token(),
                "round": self.survey_round.pk,
                "language": get_language() or "vi",
                "label": f"{scope.name}, {request.file_format.value.upper()}",
            },
        )
        messages.success(
            self.request, _("The list is being made. It appears below; open the page again in a while.")
        )
        return redirect(self.request.get_full_path())


class FetchListView(PlacedMixin, View):
    """Hands a finished list over, once; only by the button, so that no browser fetches it ahead."""

    http_method_names = ["post"]
    work: Any = write_respondent_lists
    action = "sampling.fetch_file"

    def post(self, _request: HttpRequest, pk: int, token: str) -> HttpResponse:
        """Send the file and forget it."""
        job = find_job(self.work, self.staff, self.survey_round, token)
        content = take_file(token) if job else None
        if job is None or content is None:
            raise Http404
        record(self.survey_round, self.action, user=self.staff, details={"file": job.name, "round": pk})
        kind = TYPES.get(job.name.rpartition(".")[2], "application/octet-stream")
        return sent(IssuedFile(job.name, content, kind, 0))


def sent(made: IssuedFile) -> HttpResponse:
    """Return a file as an answer that no cache keeps; a page to print opens in the browser."""
    response = HttpResponse(made.content, content_type=made.content_type)
    is_page = made.content_type.startswith("text/html")
    disposition = content_disposition_header(as_attachment=not is_page, filename=made.name)
    response["Content-Disposition"] = disposition or "attachment"
    add_never_cache_headers(response)
    return response


def slips_url(sample: Sample, user: AbstractUser) -> str:
    """Return the address of the selection slips, for those who may print them and where there are any."""
    may_print = user.has_perm(ISSUE_DRAW) and province_of(user) is None and has_slips(sample)
    return reverse("surveyround:slips", args=[sample.round_id]) if may_print else ""


def handing_out_url(pk: int) -> str:
    """Return the address of the page of a round's lists."""
    return reverse("surveyround:handing_out", args=[pk])


HANDING_OUT_URLS = [
    path("<int:pk>/handing-out/", HandingOutView.as_view(), name="handing_out"),
    path("<int:pk>/handing-out/<str:token>/", FetchListView.as_view(), name="fetch_list"),
]
"""Pages on which lists of respondents are made and fetched."""

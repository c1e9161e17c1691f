"""Sampling templates in the admin: the listing, and taking in one that a person made."""

import json
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import IndexView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from sampling.models import SamplingTemplate
from sampling.selectors.templates import templates_seen_by
from sampling.services import TemplateRefusedError, import_sampling_template
from sampling.services.template_imports import ADD_ROUND
from sampling.services.territories import TerritoryError
from sampling.viewsets.columns import mark_column
from sampling.viewsets.marks import MarkedMethodView
from sampling.viewsets.reading import ReadOnlyViewSet

LARGEST_FILE = 1_000_000
"""A template is some kilobytes; bytes."""

LONGEST_CODE = 64
MOST_VERSIONS = 10_000


class TemplateImportForm(forms.Form):
    """The file, and where its code or version is taken, others."""

    file = forms.FileField(
        label=gettext_lazy("File of the template"),
        help_text=gettext_lazy("The JSON file that the planner gives (sampling-template/1)."),
        widget=forms.ClearableFileInput(attrs={"accept": ".json,application/json"}),
    )
    code = forms.SlugField(
        label=gettext_lazy("Another code"),
        help_text=gettext_lazy("Leave empty for the code in the file."),
        max_length=LONGEST_CODE,
        required=False,
    )
    version = forms.IntegerField(
        label=gettext_lazy("Another version"),
        help_text=gettext_lazy("Leave empty for the version in the file. A stored version never changes."),
        min_value=1,
        max_value=MOST_VERSIONS,
        required=False,
    )

    def clean_file(self) -> dict[str, Any]:
        """Return the document of the file."""
        return read_document(self.cleaned_data["file"])


def read_document(upload: UploadedFile) -> dict[str, Any]:
    """Read a JSON object, or say what came instead."""
    if (upload.size or 0) > LARGEST_FILE:
        raise forms.ValidationError(_("Expected a file of at most 1 MB, got a larger one."))
    try:
        document = json.loads(upload.read().decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise forms.ValidationError(
            _("Expected a JSON file in UTF-8, got another file. Download the template again.")
        ) from error
    if not isinstance(document, dict):
        raise forms.ValidationError(_("Expected a JSON object, got another value."))
    return document


def _refuse_constant(name: str) -> None:
    """Refuse what no JSON has, such as NaN."""
    raise ValueError(name)


class TemplateImportView(WagtailAdminTemplateMixin, FormView):
    """Takes in a template, and says of one that is refused which field is wrong."""

    form_class = TemplateImportForm
    template_name = "wagtailadmin/generic/form.html"
    page_title = gettext_lazy("Load a template")
    header_icon = "doc-full"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let those in who may plan a round."""
        if not request.user.has_perm(ADD_ROUND):
            raise PermissionDenied
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the list of templates."""
        here = [
            {"url": reverse("samplingtemplate:index"), "label": _("Sampling templates")},
            {"url": "", "label": self.get_page_title()},
        ]
        return [*super().get_breadcrumbs_items(), *here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the button and where it goes."""
        labels = {"submit_button_label": _("Load"), "submit_button_active_label": _("Loading…")}
        address = {"action_url": self.request.path, "form_is_multipart": True}
        return super().get_context_data(**kwargs) | labels | address

    def form_valid(self, form: TemplateImportForm) -> HttpResponse:
        """Store the template, or say what is wrong with it."""
        values = form.cleaned_data
        try:
            taken = import_sampling_template(
                document=values["file"],
                code=values["code"],
                version=values["version"],
                user=cast("AbstractBaseUser", self.request.user),
            )
        except (TemplateRefusedError, TerritoryError) as error:
            form.add_error("file", str(error))
            return self.form_invalid(form)
        words = (
            _("The template is loaded: %(template)s. A round can use it now.")
            if taken.is_new
            else _("This template was loaded before: %(template)s.")
        )
        messages.success(self.request, words % {"template": taken.template})
        if not self.request.user.has_perm("sampling.view_samplingtemplate"):
            return redirect("wagtailadmin_home")
        return redirect("samplingtemplate:inspect", taken.template.pk)


class TemplateIndexView(IndexView):
    """Lists the templates that a person may use."""

    def get_base_queryset(self) -> QuerySet:
        """Leave out those of other provinces."""
        rows: QuerySet = super().get_base_queryset()
        return rows.filter(pk__in=templates_seen_by(self.request.user).values("pk"))

    @cached_property
    def columns(self) -> list[Column]:
        """Name the first column in the reader's language: it shows no field of the model."""
        columns: list[Column] = super().columns
        columns[0].label = _("Title")
        return columns

    @property
    def header_buttons(self) -> list[HeaderButton]:
        """Offer to load a template."""
        buttons: list[HeaderButton] = super().header_buttons
        if not self.request.user.has_perm(ADD_ROUND):
            return buttons
        address = reverse("samplingtemplate:import")
        return [*buttons, HeaderButton(_("Load a template"), url=address, icon_name="upload")]


class TemplateInspectView(MarkedMethodView):
    """Shows a template that a person may use."""

    def get_object(self, *args: Any, **kwargs: Any) -> SamplingTemplate:
        """Refuse one of another province."""
        template: SamplingTemplate = super().get_object(*args, **kwargs)
        if not templates_seen_by(self.request.user).filter(pk=template.pk).exists():
            raise PermissionDenied
        return template


class SamplingTemplateViewSet(ReadOnlyViewSet):
    """Sampling templates; the documents never change."""

    model = SamplingTemplate
    icon = "doc-full"
    menu_label = gettext_lazy("Sampling templates")
    index_view_class = TemplateIndexView
    inspect_view_class = TemplateInspectView
    list_display = [
        "title",
        "code",
        "version",
        mark_column(lambda template: template.is_provisional),
    ]

    def get_urlpatterns(self) -> list[URLPattern]:
        """Add the page that loads a template."""
        return [*super().get_urlpatterns(), path("import/", TemplateImportView.as_view(), name="import")]

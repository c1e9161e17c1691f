"""Forms in and out: the page that takes over an XLSForm or a JSON form, and the downloads."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import FormView

from questionnaires.exchange.problems import FileProblem, FileProblemsError
from questionnaires.findings import FileFinding, described, described_in_file
from questionnaires.models import Questionnaire, QuestionnaireVersion
from questionnaires.permissions import ADD_DRAFT, CHANGE_DRAFT, VIEW_DRAFT, VIEW_VERSION
from questionnaires.schema import SchemaError
from questionnaires.services import (
    FORM_FORMATS,
    DraftExistsError,
    draft_to_document,
    latest_draft,
    take_over_form,
)
from questionnaires.services.workbooks import LARGEST_FORM

SHOWN_NOTICES = 30


class ImportForm(forms.Form):
    """A file, and whether it may replace a draft."""

    file = forms.FileField(
        label=gettext_lazy("Form"),
        help_text=gettext_lazy("An XLSForm (XLSX) or a JSON form of this platform, at most 5 MB."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.json"}),
    )
    may_replace = forms.BooleanField(
        label=gettext_lazy("Replace the draft with the same code"),
        required=False,
        help_text=gettext_lazy("The draft gets a new revision; the one before stays in its history."),
    )


class ImportFormView(PermissionRequiredMixin, FormView):
    """Takes a form over as a draft; what cannot be taken over is named cell by cell, and nothing is saved."""

    permission_required = ADD_DRAFT
    raise_exception = True
    form_class = ImportForm
    template_name = "questionnaires/admin/import_form.html"

    def form_valid(self, form: ImportForm) -> HttpResponse:
        """Take the file over, or say what stands in the way."""
        user = cast("Any", self.request.user)
        may_replace = form.cleaned_data["may_replace"] and user.has_perm(CHANGE_DRAFT)
        try:
            draft, notices = take_over_form(
                content=form.cleaned_data["file"].read(LARGEST_FORM + 1), may_replace=may_replace, user=user
            )
        except DraftExistsError as error:
            form.add_error("may_replace", str(error))
            return self.form_invalid(form)
        except FileProblemsError as error:
            return self.show_problems(form, map(described_in_file, error.problems))
        except SchemaError as error:
            found = map(described, error.problems)
            return self.show_problems(form, (FileFinding(item.path, item.message, "") for item in found))
        self.tell(draft, notices)
        return redirect(reverse("wagtailsnippets_questionnaires_questionnaire:edit", args=[draft.pk]))

    def show_problems(self, form: ImportForm, problems: Iterable[FileFinding]) -> HttpResponse:
        """Show the page again with everything found."""
        return self.render_to_response(self.get_context_data(form=form, problems=list(problems)))

    def tell(self, draft: Questionnaire, notices: tuple[FileProblem, ...]) -> None:
        """Say what was taken over, and what of it differs from the file."""
        messages.success(self.request, _("“%(draft)s” was taken over as a draft.") % {"draft": draft})
        for notice in notices[:SHOWN_NOTICES]:
            found = described_in_file(notice)
            messages.info(self.request, f"{found.place}: {found.cause} {found.fix}")
        if len(notices) > SHOWN_NOTICES:
            rest = len(notices) - SHOWN_NOTICES
            messages.info(self.request, _("%(n)d more remarks of this kind.") % {"n": rest})


class FormDownload(PermissionRequiredMixin, View):
    """A questionnaire as a file."""

    raise_exception = True

    def answer(self, request: HttpRequest, document: dict[str, Any], name: str, version: str) -> HttpResponse:
        """Return the file, or a page with what keeps the form from being written."""
        wanted = FORM_FORMATS.get(self.kwargs["file_format"])
        if wanted is None:
            raise Http404
        try:
            content = wanted.write(document, version=version)
        except FileProblemsError as error:
            return self.refuse(request, list(map(described_in_file, error.problems)))
        except SchemaError as error:
            found = map(described, error.problems)
            return self.refuse(request, [FileFinding(item.path, item.message, "") for item in found])
        response = HttpResponse(content, content_type=wanted.content_type)
        response["Content-Disposition"] = f'attachment; filename="{name}{wanted.suffix}"'
        return response

    def refuse(self, request: HttpRequest, problems: list[FileFinding]) -> HttpResponse:
        """Say what the author has to repair first."""
        context = {"problems": problems, "is_export": True}
        return render(request, "questionnaires/admin/import_form.html", context, status=409)


class ExportDraftView(FormDownload):
    """The latest draft."""

    permission_required = VIEW_DRAFT

    def get(self, request: HttpRequest, pk: int, **_format: str) -> HttpResponse:
        """Send the file."""
        questionnaire = get_object_or_404(Questionnaire, pk=pk)
        document = draft_to_document(latest_draft(questionnaire))
        return self.answer(request, document, questionnaire.code, "")


class ExportVersionView(FormDownload):
    """A published version: exactly what is stored, or the same as an XLSForm."""

    permission_required = VIEW_VERSION

    def get(self, request: HttpRequest, pk: int, **_format: str) -> HttpResponse:
        """Send the file."""
        version = get_object_or_404(QuestionnaireVersion.objects.select_related("questionnaire"), pk=pk)
        name = f"{version.questionnaire.code}-v{version.number}"
        return self.answer(request, version.document, name, str(version.number))

"""Test paths of a draft: walked again on opening the page, typed, recorded anew, taken away."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View

from questionnaires.models import RecordedPath
from questionnaires.permissions import CHANGE_DRAFT
from questionnaires.schema import DEFAULT_LANGUAGE
from questionnaires.services.paths import (
    PathNameError,
    record_again,
    record_path,
    remove_path,
    run_paths,
    unreached_sections,
)
from questionnaires.viewsets.path_forms import PathForm
from questionnaires.viewsets.walks import DraftPageMixin


class PathsView(DraftPageMixin, View):
    """Every test path with its result, and what none of them reaches."""

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Walk the paths and list what came."""
        if self.schema is None:
            return self.refuse_unreadable()
        runs = run_paths(self.questionnaire, self.document)
        missed = set(unreached_sections(self.document, runs))
        context = {
            "questionnaire": self.questionnaire,
            "runs": runs,
            "n_failed": sum(not run.is_passed for run in runs),
            "unreached": [section for section in self.schema.sections if section.code in missed],
            "n_sections": len(self.schema.sections),
            "may_change": cast("Any", request.user).has_perm(CHANGE_DRAFT),
            "edit_url": self.edit_url,
        }
        return render(request, "questionnaires/admin/paths.html", context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Record a path anew, or take it away."""
        if not cast("Any", request.user).has_perm(CHANGE_DRAFT):
            return self.handle_no_permission()
        number = request.POST.get("path", "")
        found = self.questionnaire.recorded_paths.filter(pk=number if number.isdecimal() else 0)
        recorded = get_object_or_404(found)
        if self.schema is not None:
            self.change(recorded, request.POST.get("move", ""))
        return redirect(self.url("questionnaires_paths"))

    def change(self, recorded: RecordedPath, move: str) -> None:
        """Do what the button says."""
        user = cast("AbstractBaseUser", self.request.user)
        name = {"path": recorded.name}
        if move == "again":
            record_again(recorded=recorded, user=user)
            messages.success(self.request, _("What comes now is what must come of “%(path)s”.") % name)
        elif move == "remove":
            remove_path(recorded=recorded, user=user)
            messages.success(self.request, _("The test path “%(path)s” was taken away.") % name)


class PathEntryView(DraftPageMixin, View):
    """A test path whose answers are typed."""

    permission_required = CHANGE_DRAFT

    def form(self, data: Any = None) -> PathForm:
        """Return the form of the draft."""
        return PathForm(data, schema=cast("Any", self.schema), language=get_language() or DEFAULT_LANGUAGE)

    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Show the form."""
        return self.refuse_unreadable() if self.schema is None else self.show(self.form())

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Keep the path, with the sections and errors that come of it."""
        if self.schema is None:
            return self.refuse_unreadable()
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            record_path(
                questionnaire=self.questionnaire,
                name=form.cleaned_data["name"],
                answers=form.answers,
                attributes=form.attributes,
                user=cast("AbstractBaseUser", request.user),
            )
        except PathNameError as error:
            form.add_error("name", str(error))
            return self.show(form)
        return redirect(self.url("questionnaires_paths"))

    def show(self, form: PathForm) -> HttpResponse:
        """Render the form."""
        context = {"questionnaire": self.questionnaire, "form": form}
        return render(self.request, "questionnaires/admin/path_entry.html", context)

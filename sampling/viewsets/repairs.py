"""Files from which a page draws at once: what in them is read otherwise than written is shown before."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from sampling.models.areas import UnknownPeriodError
from sampling.resources import RegisterFilesError
from sampling.selectors import StrataError
from sampling.services import (
    CaseError,
    DrawRefusedError,
    FrameFileError,
    FrameRefusedError,
    RegisterError,
    RoundStateError,
)
from sampling.services.contacts import ContactError
from sampling.services.frame_files import refuse_large_file
from sampling.services.kept_uploads import KeptUploads, forget_uploads, keep_uploads, taken_uploads
from sampling.viewsets.awaited_lists import Reading
from sampling.viewsets.frames import MOST_SHOWN, shown_problem

REFUSALS = (
    CaseError,
    ContactError,
    DrawRefusedError,
    FrameFileError,
    FrameRefusedError,
    RegisterError,
    RegisterFilesError,
    RoundStateError,
    StrataError,
    UnknownPeriodError,
)
"""What keeps files from being drawn from, told in words."""


class RepairsMixin:
    """A form with one field of files.

    Files that are read as they are written are taken at once. Where something is read otherwise, nothing is
    done before a person has seen what and has confirmed it; the files wait meanwhile, for that person alone.
    """

    files_field = "registers"
    repairs_template_name = "sampling/repairs.html"
    problems_template_name = "sampling/frame_report.html"
    consequence: str | Promise = ""
    """What follows when somebody confirms, in a sentence."""
    request: HttpRequest
    template_name: str

    def read_files(self, kept: KeptUploads) -> Reading:
        """Return what a service takes of the files, or refuse them."""
        raise NotImplementedError

    def carry_out(self, reading: Reading, values: Mapping[str, Any]) -> HttpResponse:
        """Hand over to the service what was read, with what the form says of it."""
        raise NotImplementedError

    @property
    def owner(self) -> str:
        """Whose files these are: this person's, for this page."""
        return f"{self.request.path}:{self.request.user.pk}"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take files, or carry out what was shown."""
        token = request.POST.get("token", "")
        if token:
            return self.confirm(token)
        answer: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]
        return answer

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Read the files; go on at once, or show what was repaired."""
        values = {**form.cleaned_data}
        files = values.pop(self.files_field)
        files = files if isinstance(files, list) else [files]
        try:
            refuse_large_file(sum(file.size for file in files))
            token, kept = keep_uploads(self.owner, files, values)
        except FrameFileError as error:
            return self.refused(form, error)
        try:
            reading = self.read_files(kept)
            if reading.differences:
                return self.shown(form, files, reading, token)
            answer = self.carry_out(reading, values)
        except REFUSALS as error:
            forget_uploads(token)
            return self.refused(form, error)
        forget_uploads(token)
        return answer

    def confirm(self, token: str) -> HttpResponse:
        """Carry out what was shown, or say why it cannot be."""
        with taken_uploads(self.owner, token) as kept:
            if kept is None:
                words = _("The checked files are no longer kept. Please choose them again.")
                messages.error(self.request, words)
                return redirect(self.request.path)
            try:
                return self.carry_out(self.read_files(kept), kept.values)
            except REFUSALS as error:
                messages.error(self.request, str(error))
                return redirect(self.request.path)

    def shown(
        self, form: forms.Form, files: list[UploadedFile], reading: Reading, token: str
    ) -> HttpResponse:
        """Show what was read otherwise than it is written."""
        self.template_name = self.repairs_template_name
        return self._page(
            form,
            differences=reading.differences[:MOST_SHOWN],
            n_untold=max(len(reading.differences) - MOST_SHOWN, 0),
            file_name=", ".join(str(file.name) for file in files),
            consequence=self.consequence,
            token=token,
        )

    def refused(self, form: forms.Form, error: Exception) -> HttpResponse:
        """Show every problem of the files in place of the form, or the refusal in it."""
        problems: list[Any] = list(getattr(error, "problems", ()))
        if isinstance(error, FrameRefusedError):
            problems = [shown_problem(problem) for problem in error.report.problems]
        if problems:
            self.template_name = self.problems_template_name
            return self._page(form, problems=problems, summary=str(error), file_name=_("Lists"))
        field = self.files_field if isinstance(error, FrameFileError) else None
        form.add_error(field, str(error))
        answer: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        return answer

    def _page(self, form: forms.Form, **context: Any) -> HttpResponse:
        """Return a page in place of the form."""
        view: Any = self
        answer: HttpResponse = view.render_to_response(view.get_context_data(form=form, **context))
        return answer

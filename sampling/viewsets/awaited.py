"""Which drawn units have sent their lists, and where they are taken in."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView

from sampling.models import SamplingFrame
from sampling.models.areas import UnknownPeriodError
from sampling.models.draws import DrawStatus
from sampling.resources import RegisterFilesError
from sampling.selectors.draws import awaited_lists, count_by_province, round_stages
from sampling.selectors.territories import runs_round
from sampling.services import (
    DrawRefusedError,
    FrameFileError,
    FrameRefusedError,
    RegisterError,
    RoundStateError,
)
from sampling.services.frame_files import refuse_large_file
from sampling.services.kept_uploads import forget_uploads, keep_uploads, note_values, taken_uploads
from sampling.viewsets.awaited_lists import REPLACES, preview, take_in
from sampling.viewsets.draw_pages import COMMIT_DRAW, StageMixin
from sampling.viewsets.frames import FrameForm, SeveralFilesField, shown_problem

PERSON, HOUSEHOLD = SamplingFrame.Stage.PERSON, SamplingFrame.Stage.HOUSEHOLD
MOST_ROWS = 500
FULL = 100
REFUSALS = (
    DrawRefusedError,
    FrameFileError,
    FrameRefusedError,
    RegisterError,
    RegisterFilesError,
    RoundStateError,
    UnknownPeriodError,
)
"""What keeps lists from being taken in, told in words."""


class UnitsForm(FrameForm):
    """Lists of villages, or of other units below drawn ones."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave out the stage, which the page knows."""
        super().__init__(*args, **kwargs)
        del self.fields["stage"]


class RegistersForm(forms.Form):
    """Registers of drawn villages."""

    registers = SeveralFilesField(
        label=gettext_lazy("Registers"),
        help_text=gettext_lazy(
            "CSV or XLSX with the columns village, number, sex, age_group; no names, no addresses."
        ),
    )


class HouseholdsForm(forms.Form):
    """Lists of households of drawn villages."""

    registers = SeveralFilesField(
        label=gettext_lazy("Lists of households"),
        help_text=gettext_lazy(
            "CSV or XLSX with the columns village, number and, if known, group, position, head, address, "
            "phone, email. Names and addresses are kept encrypted apart from the list."
        ),
    )


class AwaitedListsView(StageMixin, FormView):
    """Shows what has come and what is awaited, and takes in lists."""

    template_name = "sampling/awaited_lists.html"
    report_template_name = "sampling/frame_report.html"
    checked_template_name = "sampling/awaited_report.html"
    any_permission_required = ["view"]
    is_to_change = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let those in who may see samples; lists are taken from those who may commit."""
        is_listed = {each.code: each.is_listed for each in round_stages(self.survey_round)}[self.stage]
        may_see = request.user.has_perm("sampling.view_sample") and is_listed
        if not may_see or (request.method == "POST" and not self.may_upload()):
            raise PermissionDenied
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def may_upload(self) -> bool:
        """Tell whether this person may send lists."""
        return self.request.user.has_perm(COMMIT_DRAW) and runs_round(self.request.user, self.survey_round)

    def get_form_class(self) -> type[forms.Form]:
        """Return the form of registers or of units."""
        return FORMS.get(self.stage, UnitsForm)

    def get_page_title(self) -> str:
        """Name the lists."""
        return _("Lists of drawn units: %(stage)s") % {"stage": self.stage_label}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what has come, by province, and the filter."""
        lists = awaited_lists(self.survey_round, self.stage)
        n_come = sum(each.has_come for each in lists)
        province, state = self.request.GET.get("province", ""), self.request.GET.get("state", "")
        shown = [
            each
            for each in lists
            if province in ("", each.province_code) and state in ("", "come" if each.has_come else "missing")
        ]
        is_open = self.draw is None or self.draw.status in (DrawStatus.DRAFTED, DrawStatus.CHECKED)
        context: dict[str, Any] = super().get_context_data(**kwargs)
        labels = {"submit_button_label": _("Send the lists"), "submit_button_active_label": _("Checking…")}
        return (
            context
            | labels
            | {
                "lists": shown[:MOST_ROWS],
                "n_more": len(shown[MOST_ROWS:]),
                "n_wanted": len(lists),
                "n_come": n_come,
                "percent": FULL * n_come // len(lists) if lists else 0,
                "provinces": count_by_province(lists),
                "province": province,
                "state": state,
                "may_upload": self.may_upload() and bool(lists) and is_open,
                "action_url": self.request.path,
                "form_is_multipart": True,
            }
        )

    @property
    def owner(self) -> str:
        """Whose checked files these are: this person's, for this stage of this round."""
        return f"{self.survey_round.pk}:{self.stage}:{self.request.user.pk}"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check what is sent, or take in what was checked."""
        token = request.POST.get("token", "")
        return self.confirm(token) if token else super().post(request, *args, **kwargs)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Check the lists and show what would come of them, or every problem."""
        cleaned = {**form.cleaned_data}
        files = cleaned.pop("file", None) or cleaned.pop("registers")
        values = cleaned | {"stage": self.stage}
        try:
            refuse_large_file(sum(file.size for file in files))
            token, kept = keep_uploads(self.owner, files, values)
        except FrameFileError as error:
            return self._refused(form, error)
        try:
            found = preview(kept, self.survey_round, self.staff)
        except REFUSALS as error:
            forget_uploads(token)
            return self._refused(form, error)
        seen = {each.unit: each.digest for each in found.received.replaced}
        note_values(self.owner, token, values | {REPLACES: seen})
        self.template_name = self.checked_template_name
        told = {
            "differences": found.differences[:MOST_ROWS],
            "n_untold": max(len(found.differences) - MOST_ROWS, 0),
            "file_name": ", ".join(path.name for path in kept.paths),
        }
        context = self.get_context_data(form=form, received=found.received, token=token, **told)
        return self.render_to_response(context)

    def confirm(self, token: str) -> HttpResponse:
        """Take in what was checked, or say why it cannot be."""
        with taken_uploads(self.owner, token) as kept:
            if kept is None:
                words = _("The checked lists are no longer kept. Please choose them again.")
                messages.error(self.request, words)
                return redirect(self.request.path)
            try:
                received = take_in(kept, self.survey_round, self.staff)
            except REFUSALS as error:
                messages.error(self.request, str(error))
                return redirect(self.request.path)
        words = ngettext("%(count)s list was taken in.", "%(count)s lists were taken in.", received.n_lists)
        messages.success(self.request, words % {"count": received.n_lists})
        return redirect(self.request.path)

    @property
    def staff(self) -> AbstractBaseUser:
        """Whoever is signed in."""
        return cast("AbstractBaseUser", self.request.user)

    def _refused(self, form: forms.Form, error: Exception) -> HttpResponse:
        """Show every problem of the files in place of the form, or the refusal above it."""
        problems: list[Any] = list(getattr(error, "problems", ()))
        if isinstance(error, FrameRefusedError):
            problems = [shown_problem(problem) for problem in error.report.problems]
        if not problems:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        self.template_name = self.report_template_name
        context = {"problems": problems, "summary": str(error), "file_name": _("Lists")}
        return self.render_to_response(self.get_context_data(form=form, **context))


FORMS: Mapping[str, type[forms.Form]] = {PERSON.value: RegistersForm, HOUSEHOLD.value: HouseholdsForm}
"""Forms of the stages whose lists stay in private files."""

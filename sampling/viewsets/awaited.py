"""Which drawn units have sent their lists, and where they are taken in."""

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

from sampling.files.problems import Difference
from sampling.models import SamplingFrame
from sampling.models.areas import UnknownPeriodError
from sampling.models.draws import DrawStatus
from sampling.resources import RegisterFilesError, read_registers
from sampling.selectors.draws import awaited_lists, count_by_province, round_stages
from sampling.selectors.territories import runs_round
from sampling.services import (
    DrawRefusedError,
    FrameFileError,
    FrameRefusedError,
    Register,
    RegisterError,
    RoundStateError,
    receive_registers,
    receive_units,
)
from sampling.services.draws import Received
from sampling.viewsets.draw_pages import COMMIT_DRAW, StageMixin
from sampling.viewsets.frames import (
    FrameForm,
    SeveralFilesField,
    frame_values,
    kept_upload,
    shown_problem,
)

PERSON = SamplingFrame.Stage.PERSON
MOST_ROWS = 500
FULL = 100


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


class AwaitedListsView(StageMixin, FormView):
    """Shows what has come and what is awaited, and takes in lists."""

    template_name = "sampling/awaited_lists.html"
    report_template_name = "sampling/frame_report.html"
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
        return RegistersForm if self.stage == PERSON else UnitsForm

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

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Take the lists in, or show every problem."""
        differences: list[Difference] = []
        try:
            received = self._receive(form, differences)
        except FrameRefusedError as error:
            problems = [shown_problem(problem) for problem in error.report.problems]
            return self._report(form, problems, str(error))
        except RegisterFilesError as error:
            return self._report(form, list(error.problems), str(error))
        except (
            DrawRefusedError,
            FrameFileError,
            RegisterError,
            RoundStateError,
            UnknownPeriodError,
        ) as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        words = ngettext("%(count)s list was taken in.", "%(count)s lists were taken in.", received.n_lists)
        messages.success(self.request, words % {"count": received.n_lists})
        return redirect(self.request.path)

    def _receive(self, form: forms.Form, differences: list[Difference]) -> Received:
        """Read the files and hand their lists to the service."""
        user = cast("AbstractBaseUser", self.request.user)
        if self.stage != PERSON:
            values = frame_values(form.cleaned_data | {"stage": self.stage}, differences)
            return receive_units(round=self.survey_round, user=user, **values)
        registers: dict[str, Register] = {}
        for file in form.cleaned_data["registers"]:
            with kept_upload(file) as path:
                registers |= read_registers(path)
        return receive_registers(
            round=self.survey_round, villages=list(registers), registers=registers, user=user
        )

    def _report(self, form: forms.Form, problems: list[Any], summary: str) -> HttpResponse:
        """Show every problem in place of the form."""
        self.template_name = self.report_template_name
        context = {"problems": problems, "summary": summary, "file_name": _("Lists")}
        return self.render_to_response(self.get_context_data(form=form, **context))

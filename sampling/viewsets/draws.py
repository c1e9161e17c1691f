"""Rehearsing a draw in the admin, with a seed of one's own: registers are checked at once, a worker draws."""

import secrets
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from sampling.models import Sample
from sampling.models.rounds import RoundStatus
from sampling.resources import RegisterFilesError, missing_registers, read_register_files
from sampling.services import DrawRefusedError, Register
from sampling.services.draws import area_draw, refuse_rehearsal
from sampling.services.kept_uploads import KeptUploads
from sampling.tasks import draw_from_kept_registers
from sampling.viewsets.awaited_lists import Reading
from sampling.viewsets.frames import KEEP_SECONDS, TOKEN_BYTES
from sampling.viewsets.repairs import RepairsMixin
from sampling.viewsets.rounds import DRAW_SAMPLE, OfRoundMixin, round_url

LONGEST_SEED = 128
SEED_BYTES = 16


class DrawForm(forms.Form):
    """The seed with which communes and villages were listed, and the registers of the drawn villages."""

    seed = forms.CharField(
        label=gettext_lazy("Seed"),
        max_length=LONGEST_SEED,
        required=False,
        help_text=gettext_lazy(
            "The seed with which communes and villages were listed. Left empty, an unpredictable one is made."
        ),
    )
    registers = forms.FileField(
        label=gettext_lazy("Registers"),
        help_text=gettext_lazy(
            "CSV (UTF-8) or XLSX with the columns village, number, sex, age_group; no names, no addresses."
        ),
    )


class DrawView(RepairsMixin, OfRoundMixin, FormView):
    """Checks the registers of the drawn villages and hands the draw to a worker."""

    form_class = DrawForm
    permission_required = None
    template_name = "wagtailadmin/generic/form.html"
    page_title = gettext_lazy("Draw without a commitment (rehearsal)")
    consequence = gettext_lazy("A worker draws as soon as this is confirmed.")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let those in who may draw."""
        if not request.user.has_perm(DRAW_SAMPLE):
            raise PermissionDenied
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Name the button and where it goes."""
        labels = {"submit_button_label": _("Draw"), "submit_button_active_label": _("Checking…")}
        address = {"action_url": self.request.path, "form_is_multipart": True}
        return super().get_context_data(**kwargs) | labels | address

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Make a seed where none was given, before the files wait for a confirmation."""
        form.cleaned_data["seed"] = form.cleaned_data["seed"] or secrets.token_hex(SEED_BYTES)
        try:
            self._refuse_second_draw()
        except DrawRefusedError as error:
            return self.refused(form, error)
        return super().form_valid(form)

    def read_files(self, kept: KeptUploads) -> Reading:
        """Read the registers; every drawn village must have one."""
        read = read_register_files(kept.paths)
        self._refuse_missing(kept.values["seed"], read.registers)
        return Reading({"registers": read.registers}, list(read.differences))

    def carry_out(self, reading: Reading, values: Mapping[str, Any]) -> HttpResponse:
        """Queue the draw."""
        self._refuse_second_draw()
        return self._queue(values["seed"], reading.values["registers"])

    def _refuse_second_draw(self) -> None:
        """Say at once what the worker would say later."""
        refuse_rehearsal(self.survey_round)
        is_preparing = self.survey_round.status == RoundStatus.PREPARING
        if not is_preparing or Sample.objects.filter(round=self.survey_round).exists():
            raise DrawRefusedError(
                _("A sample is drawn once, before its round opens. For another draw, prepare a new round.")
            )

    def _refuse_missing(self, seed: str, registers: dict[str, Register]) -> None:
        """Name every drawn village without a register."""
        drawn = area_draw(round=self.survey_round, seed=seed).village_codes()
        missing = missing_registers(drawn, registers)
        if missing:
            raise RegisterFilesError(missing)

    def _queue(self, seed: str, registers: dict[str, Register]) -> HttpResponse:
        """Keep the registers for the worker and go back to the round."""
        key = f"sampling.registers:{self.survey_round.pk}:{secrets.token_hex(TOKEN_BYTES)}"
        cache.set(key, registers, KEEP_SECONDS)
        draw_from_kept_registers.enqueue(
            round_id=self.survey_round.pk, seed=seed, key=key, user_id=int(self.request.user.pk or 0)
        )
        messages.success(
            self.request,
            _("The draw has begun with the seed %(seed)s; the sample appears here when done.")
            % {"seed": seed},
        )
        return redirect(round_url(self.survey_round))

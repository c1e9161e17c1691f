"""The page of a round in the admin: what was loaded and drawn, and the next state."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from sampling.models import Sample, SurveyRound
from sampling.models.draws import DrawStatus
from sampling.models.rounds import RoundStatus
from sampling.resources import drawn_list
from sampling.selectors.draws import is_rehearsed, may_rehearse
from sampling.selectors.territories import runs_round, sees_round
from sampling.selectors.withheld import withheld_by_province
from sampling.services import RoundStateError, close_round, freeze_round, open_round
from sampling.services.audit import record
from sampling.spreadsheets import BYTE_ORDER_MARK
from sampling.task_results import Failure, last_failure
from sampling.tasks import draw_from_kept_registers
from sampling.viewsets.draw_steps import draw_steps
from sampling.viewsets.marks import MarkedInspectView
from sampling.viewsets.territories import TerritoryObjectMixin

DRAW_SAMPLE = "sampling.draw_sample"


@dataclass(frozen=True, slots=True)
class RoundAction:
    """A step from one state to the next, and what a person reads before taking it."""

    slug: str
    service: Callable[..., SurveyRound]
    label: Promise
    consequence: Promise


ACTIONS: Mapping[str, RoundAction] = {
    RoundStatus.PREPARING: RoundAction(
        "open",
        open_round,
        gettext_lazy("Open the round"),
        gettext_lazy(
            "Answers are taken between the dates of the round. Frames, sample and dates stay as they are."
        ),
    ),
    RoundStatus.OPEN: RoundAction(
        "close",
        close_round,
        gettext_lazy("Close the round"),
        gettext_lazy("No further answer is taken, and figures may be computed. A closed round stays closed."),
    ),
    RoundStatus.CLOSED: RoundAction(
        "freeze",
        freeze_round,
        gettext_lazy("Freeze the round"),
        gettext_lazy(
            "Answers are cut from their cases and can no longer be withdrawn, contacts are erased, outcomes "
            "and weights never change again. Results and microdata can be published after that. A frozen "
            "round stays frozen."
        ),
    ),
}
"""What can be done with a round, by its state."""

BY_SLUG: Mapping[str, RoundAction] = {action.slug: action for action in ACTIONS.values()}


def round_url(survey_round: SurveyRound) -> str:
    """Return the address of the page of a round."""
    return reverse("surveyround:inspect", args=[survey_round.pk])


class RoundInspectView(TerritoryObjectMixin, MarkedInspectView):
    """Shows a round, its frames and its sample, and offers what may be done now."""

    template_name = "sampling/round_inspect.html"
    method_paths = ("template",)

    def get_year_display_value(self) -> str:
        """Write a year without a separator of thousands."""
        return str(self.object.year)

    def get_opens_at_display_value(self) -> datetime.datetime:
        """Return the local time."""
        return timezone.localtime(self.object.opens_at)

    def get_closes_at_display_value(self) -> datetime.datetime:
        """Return the local time."""
        return timezone.localtime(self.object.closes_at)

    def get_is_demo_display_value(self) -> str:
        """Say it in words."""
        return _("yes") if self.object.is_demo else _("no")

    def get_territory_display_value(self) -> str:
        """Name the province that runs the round, or say that it is nobody's alone."""
        return str(self.object.territory or _("Whole country"))

    def failed_draw(self) -> Failure | None:
        """Return why the last draw failed, to those who may draw."""
        if not self.request.user.has_perm(DRAW_SAMPLE):
            return None
        return last_failure(draw_from_kept_registers, round_id=self.object.pk)

    def _may_rehearse(self, n_frames: int) -> bool:
        """Tell whether the round can be drawn without a commitment now: it has its frames and no draw."""
        is_preparing = self.object.status == RoundStatus.PREPARING
        is_begun = self.object.draws.exclude(status=DrawStatus.ABANDONED).exists()
        return is_preparing and n_frames > 1 and not is_begun and may_rehearse(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add frames, sample and actions."""
        survey_round = self.object
        runs = runs_round(self.request.user, survey_round)
        may_change = self.user_has_permission("change") and runs
        may_draw = self.request.user.has_perm(DRAW_SAMPLE) and runs
        frames = list(survey_round.frames.order_by("pk"))
        is_preparing = survey_round.status == RoundStatus.PREPARING
        sample = Sample.objects.filter(round=survey_round).first()
        is_committed = survey_round.draws.exclude(status=DrawStatus.ABANDONED).exists()
        is_rehearsal = is_rehearsed(survey_round)
        action = ACTIONS.get(survey_round.status) if may_change else None
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "frames": frames,
            "imports": survey_round.imports.all() if may_change else [],
            "sample": sample,
            "withheld": withheld_by_province(sample, self.request.user) if sample else [],
            "action": action if sample or not is_preparing else None,
            "may_load_frame": may_change and is_preparing and sample is None,
            "may_draw": self._may_rehearse(len(frames)) if may_draw and sample is None else False,
            "steps": draw_steps(survey_round) if sample is None or is_committed else [],
            "is_rehearsal": is_rehearsal,
            "rehearsal_seed": sample.seed if sample and is_rehearsal and may_draw else "",
            "may_download": may_draw and sample is not None,
            "failure": self.failed_draw() if sample is None else None,
        }


class OfRoundMixin(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """A page below the page of a round, for those who may change rounds and whose round it is."""

    model = SurveyRound
    permission_required: str | None = "change"
    header_icon = "calendar-alt"
    is_to_change = True
    """Whether the page changes the round; one that only shows is open to all who may look at it."""
    survey_round: SurveyRound

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Keep people of a province to their rounds."""
        is_allowed = runs_round if self.is_to_change else sees_round
        if not is_allowed(request.user, self.survey_round):
            raise PermissionDenied
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Fetch the round."""
        super().setup(request, *args, **kwargs)
        self.survey_round = get_object_or_404(SurveyRound.objects.select_related("template"), pk=kwargs["pk"])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Lead back to the round and the list of rounds."""
        here = [
            {"url": reverse("surveyround:index"), "label": _("Rounds")},
            {"url": round_url(self.survey_round), "label": str(self.survey_round)},
            {"url": "", "label": self.get_page_title()},
        ]
        return [*super().get_breadcrumbs_items(), *here]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the round and the way back."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"survey_round": self.survey_round, "round_url": round_url(self.survey_round)}


class RoundActionView(OfRoundMixin, TemplateView):
    """Asks before a round takes its next state."""

    template_name = "sampling/round_confirm.html"
    action: RoundAction

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the action."""
        super().setup(request, *args, **kwargs)
        self.action = BY_SLUG[kwargs["action"]]

    def get_page_title(self) -> str:
        """Return what is about to be done."""
        return str(self.action.label)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the action."""
        return super().get_context_data(**kwargs) | {"action": self.action}

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        """Take the state, or say why it cannot be taken."""
        try:
            survey_round = self.action.service(round=self.survey_round, user=request.user)
        except RoundStateError as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request,
                _("Round %(round)s: %(state)s.")
                % {"round": survey_round.code, "state": survey_round.get_status_display()},
            )
        return redirect(round_url(self.survey_round))


@require_safe
def download_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the drawn list, without personal data, to somebody who may draw; the audit log keeps who."""
    if not request.user.has_perm(DRAW_SAMPLE):
        raise PermissionDenied
    sample = get_object_or_404(Sample.objects.select_related("round"), round=pk)
    if not sees_round(request.user, sample.round):
        raise PermissionDenied
    response = HttpResponse(BYTE_ORDER_MARK + drawn_list(sample), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"{sample.round.code}-sample.csv"
    )
    record(sample, "sampling.export_list", user=cast("AbstractBaseUser", request.user))
    return response

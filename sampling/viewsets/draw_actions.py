"""Steps of a draw in the admin: each tells its consequences first; a worker takes the long ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from sampling.design.fingerprints import digest_of_document
from sampling.draw_tasks import take_draw_step
from sampling.models import Draw, SamplingFrame
from sampling.selectors.steering import can_be_coordinated
from sampling.services import (
    DrawRefusedError,
    RoundStateError,
    close_draw,
    draft_draw,
    issue_draw,
)
from sampling.services.abandoning import refuse_alone
from sampling.services.draws import checked_public_value
from sampling.services.draws.proof_rows import digest_of_draw_frame
from sampling.services.draws.states import commitment_of
from sampling.viewsets.draw_forms import (
    AbandonForm,
    CommitForm,
    ConfirmForm,
    CoordinationForm,
    DraftForm,
    PublicValueForm,
)
from sampling.viewsets.draw_pages import COMMIT_DRAW, ISSUE_DRAW, StageMixin

NOT_YET = ("secret_sha256", "public_source", "public_source_url", "public_value_due", "committed_at")
"""What a commitment says that nobody knows before it is made."""

DOSSIER = SamplingFrame.Stage.DOSSIER
REFUSALS = (DrawRefusedError, RoundStateError)

type Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DrawAction:
    """A step: what it is called, what comes of it, who may take it and what must be filled in."""

    label: Promise
    consequence: Promise
    permission: str
    form_class: type[forms.Form]
    step: str = ""
    """Name of the step for the worker; empty for one that is taken at once."""


ACTIONS: Mapping[str, DrawAction] = {
    "draft": DrawAction(
        gettext_lazy("Draft the draw"),
        gettext_lazy("A draft fixes nothing. Frame and design are checked next."),
        COMMIT_DRAW,
        ConfirmForm,
    ),
    "check": DrawAction(
        gettext_lazy("Check frame and design"),
        gettext_lazy("Everything that forbids the draw is named. Nothing is fixed yet."),
        COMMIT_DRAW,
        ConfirmForm,
        "check",
    ),
    "commit": DrawAction(
        gettext_lazy("Commit publicly"),
        gettext_lazy(
            "The frame is frozen, a secret is made, and the text below is published. From then on nothing of "
            "it can be changed; the draw can only be carried out with the named value, or be abandoned in "
            "public."
        ),
        COMMIT_DRAW,
        CommitForm,
        "commit",
    ),
    "carry-out": DrawAction(
        gettext_lazy("Enter the public value and draw"),
        gettext_lazy(
            "The seed follows from the commitment, the secret and this value; the list follows from the "
            "seed. One commitment is one draw."
        ),
        COMMIT_DRAW,
        PublicValueForm,
        "carry_out",
    ),
    "issue": DrawAction(
        gettext_lazy("Issue the list"),
        gettext_lazy("The drawn units may be told and asked for their lists. An issued draw stays."),
        ISSUE_DRAW,
        ConfirmForm,
    ),
    "close": DrawAction(
        gettext_lazy("Close the draw"),
        gettext_lazy("The secret is revealed, so that everybody can verify the draw."),
        ISSUE_DRAW,
        ConfirmForm,
    ),
    "abandon": DrawAction(
        gettext_lazy("Abandon the draw"),
        gettext_lazy(
            "What the stage has drawn is taken back and kept as evidence. The commitment and the reason stay "
            "public; another draw needs another commitment. Once the list can be known, whoever took the "
            "last step cannot abandon the draw."
        ),
        COMMIT_DRAW,
        AbandonForm,
        "abandon",
    ),
}
"""What can be done with a draw, by the last part of the address."""


class DrawActionView(StageMixin, FormView):
    """Asks before a step of a draw is taken, and takes it."""

    template_name = "sampling/draw_form.html"
    action: DrawAction
    name: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let those in who may take the step."""
        self.name = kwargs["action"]
        if self.name not in ACTIONS:
            raise Http404
        self.action = ACTIONS[self.name]
        if not request.user.has_perm(self.action.permission):
            raise PermissionDenied
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def get_form_class(self) -> type[forms.Form]:
        """Return the form of the step; a list is drafted with its design, an area perhaps coordinated."""
        if self.name != "draft":
            return self.action.form_class
        if self.stage == DOSSIER:
            return DraftForm
        return CoordinationForm if self._can_be_coordinated else self.action.form_class

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form of a coordinated stage which rounds it can follow."""
        kwargs: dict[str, Any] = super().get_form_kwargs()
        if self.get_form_class() is CoordinationForm:
            kwargs |= {"survey_round": self.survey_round, "stage": self.stage}
        return kwargs

    @property
    def _can_be_coordinated(self) -> bool:
        """Whether permanent numbers may select at this stage."""
        return can_be_coordinated(self.survey_round, self.stage)

    def get_page_title(self) -> str:
        """Name step and stage."""
        return f"{self.action.label}: {self.stage_label}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the consequences, and what a commitment will say."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        commitment = self._preview() if self.name == "commit" and self.draw else None
        labels = {"submit_button_label": self.action.label, "submit_button_active_label": _("Working…")}
        return (
            context
            | labels
            | {
                "action": self.action,
                "action_url": self.request.path,
                "commitment": commitment,
                "draw": self.draw,
                "stage_url": self._stage_url(),
            }
        )

    def _preview(self) -> dict[str, Any] | None:
        """Return the document that will be published, as far as it exists already."""
        draw = self.draw
        if draw is None:
            return None
        try:
            is_list = self.stage == DOSSIER and draw.frame
            draw.frame_digest = draw.frame.digest if is_list and draw.frame else digest_of_draw_frame(draw)
        except DrawRefusedError:
            return None
        draw.design_digest = digest_of_document(draw.design)
        document: dict[str, Any] = dict(commitment_of(draw).document())
        return document | dict.fromkeys(NOT_YET, _("(when committed)"))

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Take the step, or say why it cannot be taken."""
        try:
            if self.action.step:
                self._queue(form.cleaned_data)
            else:
                TAKE[self.name](self, form.cleaned_data)
        except REFUSALS as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        words = _("The step is under way: %(step)s.") if self.action.step else _("Done: %(step)s.")
        messages.success(self.request, words % {"step": self.action.label})
        return redirect(self._stage_url())

    def living(self) -> Draw:
        """Return the draw, or say that there is none."""
        if self.draw is None:
            raise DrawRefusedError(_("The stage has no draw yet. Draft it first."))
        return self.draw

    @property
    def person(self) -> AbstractBaseUser:
        """Whoever takes the step."""
        return cast("AbstractBaseUser", self.request.user)

    def _queue(self, values: Values) -> None:
        """Hand the step to a worker; what can be refused at once is refused at once."""
        draw = self.living()
        if self.name == "carry-out":
            checked_public_value(draw, values["public_value"])
        if self.name == "abandon":
            refuse_alone(draw, self.person)
        texts = {
            name: value.isoformat() if hasattr(value, "isoformat") else str(value)
            for name, value in values.items()
        }
        take_draw_step.enqueue(
            draw_id=draw.pk, step=self.action.step, user_id=int(self.request.user.pk or 0), values=texts
        )

    def _stage_url(self) -> str:
        """Return the address of the page of the stage."""
        return reverse("surveyround:stage", args=[self.survey_round.pk, self.stage])


def _draft(view: DrawActionView, values: Values) -> None:
    draft_draw(round=view.survey_round, stage=view.stage, design=values.get("design"), user=view.person)


def _issue(view: DrawActionView, _values: Values) -> None:
    issue_draw(draw=view.living(), user=view.person)


def _close(view: DrawActionView, _values: Values) -> None:
    close_draw(draw=view.living(), user=view.person)


TAKE: Mapping[str, Callable[[DrawActionView, Values], None]] = {
    "draft": _draft,
    "issue": _issue,
    "close": _close,
}
"""How the steps are taken that no worker takes."""

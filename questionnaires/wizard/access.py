"""What all pages of somebody who answers share: whose answers, privacy, and kind words where it ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from questionnaires.models import Assignment, Mode, Response
from questionnaires.permissions import CONDUCT_INTERVIEWS
from questionnaires.selectors import RoundWithoutQuestionnaireError
from questionnaires.selectors.cases import CASES_ANSWERING
from questionnaires.services import (
    CaseNotAskedError,
    DuplicateSubmissionError,
    RoundNotOpenError,
    check_can_answer,
    refuse_answered,
)
from questionnaires.wizard import once, session
from sampling.models import Case, SurveyRound
from sampling.models.rounds import RoundStatus


@dataclass(frozen=True, slots=True)
class KindPage:
    """A page that says why it does not go on, and what to do."""

    status: int
    title: Promise
    text: Promise


USED = KindPage(
    409,
    _("This code has already been used"),
    _("This code has already been used to send answers. If it was not you, call the number on the letter."),
)
NOT_YET_OPEN = KindPage(
    403,
    _("The survey has not begun yet"),
    _("Your code will work from the first day of the survey. Keep the letter."),
)
CLOSED = KindPage(
    410, _("The survey is over"), _("No more answers are taken in this round. Thank you for your interest.")
)
NOT_ASKED = KindPage(
    403, _("This code is not in use"), _("Call the number on the letter; we will look into it with you.")
)
WITHDRAWN = KindPage(
    410,
    _("These questions are being revised"),
    _(
        "Your answers so far are kept. Enter your code again in a few days to go on, "
        "or call the number on the letter."
    ),
)
TAKEN_OVER = KindPage(
    409,
    _("An interview is under way"),
    _(
        "These questions are being answered together with an enumerator. "
        "To answer alone instead, enter your code again."
    ),
)


class TakenOverError(ValueError):
    """Raised where an interview began on the answers of somebody who was answering alone."""


KIND_PAGES: Mapping[type[Exception], KindPage] = {
    TakenOverError: TAKEN_OVER,
    DuplicateSubmissionError: USED,
    RoundWithoutQuestionnaireError: NOT_YET_OPEN,
    CaseNotAskedError: NOT_ASKED,
}
REFUSALS: tuple[type[Exception], ...] = (*KIND_PAGES, RoundNotOpenError)


def kind_page(
    request: HttpRequest, error: Exception, survey_round: SurveyRound | None, *, has_begun: bool = False
) -> HttpResponse:
    """Return the page for a refusal, with a status that says the same to machines."""
    page = KIND_PAGES.get(type(error)) or _page_for_dates(survey_round)
    if has_begun and isinstance(error, RoundWithoutQuestionnaireError):
        page = WITHDRAWN
    context = {"problem": page, "round": survey_round}
    return private(render(request, "questionnaires/kind_page.html", context, status=page.status))


def _page_for_dates(survey_round: SurveyRound | None) -> KindPage:
    """Return the page for a round that takes no answers now."""
    if survey_round is None or survey_round.status == RoundStatus.PREPARING:
        return NOT_YET_OPEN
    return NOT_YET_OPEN if timezone.now() < survey_round.opens_at else CLOSED


EMPTY_PAGE_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""Policy of a redirect, which has no page to protect: every second answer of an interview is one."""

PAGE_POLICY = (
    "default-src 'none'; base-uri 'none'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "img-src 'self' data:; media-src 'self'; script-src 'self'; style-src 'self'"
)
"""Policy of a page of the form: nothing inline, nothing from elsewhere."""


def private[ResponseType: HttpResponseBase](response: ResponseType) -> ResponseType:
    """Keep a page out of every cache and its address from other sites; our own forms need their origin."""
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Referrer-Policy"] = "same-origin"
    if response.status_code == HTTPStatus.FOUND:
        response.headers[str(CSP.HEADER_ENFORCE)] = EMPTY_PAGE_POLICY
        del response.headers["Content-Type"]
        response.xframe_options_exempt = True  # type: ignore[attr-defined]  # Django's mark; the policy says the same
    return response


def answering_page[ResponseType: HttpResponseBase](response: ResponseType) -> ResponseType:
    """Return a page of the form itself, with a policy that fits on a line: it comes with every section."""
    if response.status_code != HTTPStatus.FOUND:
        response.headers[str(CSP.HEADER_ENFORCE)] = PAGE_POLICY
    return private(response)


class AnsweringMixin:
    """Finds the case of the session and refuses kindly; `case` and `mode` are there afterwards."""

    case: Case
    mode: Mode
    code_digest = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let only the session that entered the code pass, while the round takes answers."""
        answering = session.current(request)
        if answering is None:
            return private(once.recall_receipt(request) or self.refuse_stranger(request))
        self.case, self.mode = CASES_ANSWERING.get(answering.case_id), Mode(answering.mode)
        self.code_digest = answering.code_digest
        self.check_interviewer(request)
        try:
            self.check_open()
            early = self.prepare(request)
            return answering_page(early or super().dispatch(request, *args, **kwargs))  # type: ignore[misc]  # the mixin stands before a view
        except REFUSALS as error:
            if sent := once.recall_receipt(request):
                return private(sent)
            session.end(request)
            return kind_page(
                request, error, self.case.sample.round, has_begun=self.response_under_way is not None
            )

    @property
    def survey_round(self) -> SurveyRound:
        """The round that is answered."""
        return self.case.sample.round

    def prepare(self, _request: HttpRequest) -> HttpResponse | None:
        """Make ready once the case is known; an answer given here stands for the page."""
        return None

    def refuse_stranger(self, request: HttpRequest) -> HttpResponse:
        """Lead whoever has no answers under way to the receipt just earned, or to the code."""
        if session.receipt_of(request):
            return redirect("questionnaires:receipt")
        response = redirect("questionnaires:enter_code")
        response.headers["Location"] += "?expired=1"
        return response

    def check_interviewer(self, request: HttpRequest) -> None:
        """Make sure that an interview is still led by the person the village is assigned to."""
        if self.mode is not Mode.INTERVIEW:
            return
        if not request.user.has_perm(CONDUCT_INTERVIEWS):
            raise PermissionDenied
        if not Assignment.objects.filter(village=self.case.village_id, enumerator=request.user.pk).exists():
            raise Http404

    def check_open(self) -> None:
        """Raise where no answers may be given any more."""
        check_can_answer(self.case)
        refuse_answered(self.case)

    @property
    def response_under_way(self) -> Response | None:
        """The draft of the case, if there is one."""
        return cast("Response | None", getattr(self.case, "response", None))

    @property
    def is_sealed(self) -> bool:
        """Whether the draft was begun in another mode or with another code: its answers must not be read."""
        draft = self.response_under_way
        return draft is not None and draft.is_sealed_for(self.mode, self.code_digest)

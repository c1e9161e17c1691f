"""What the pages of an open round share: whose form it is, and kind words where it does not go on."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from questionnaires.models import Mode, OpenResponse, OpenRound, OpenRoundStatus, ResponseStatus
from questionnaires.open_tokens import ExpiredTokenError, TokenError
from questionnaires.services import DuplicateSubmissionError, RoundNotOpenError
from questionnaires.services.open_responses import TokenUsedError, check_open_round
from questionnaires.wizard import once, open_session, session
from questionnaires.wizard.access import AnsweringMixin, KindPage, answering_page, private

NOT_YET_OPEN = KindPage(
    403, _("This form is not open yet"), _("Come back from its first day on. The link stays the same.")
)
CLOSED = KindPage(
    410, _("This form is closed"), _("No more answers are taken here. Thank you for your interest.")
)
SENT_BEFORE = KindPage(
    409, _("This form has already been sent"), _("The answers are kept. Nothing needs to be done.")
)
TOKEN_USED = KindPage(
    409,
    _("This number has already been used"),
    _("One form was sent with the number on this receipt. If it was not you, call the number below."),
)
TOKEN_OVER = KindPage(
    410,
    _("This number is over"),
    _("The number on a receipt serves for some weeks only. Your opinion still counts: ask at the counter."),
)
TOKEN_WRONG = KindPage(
    403,
    _("This number is not right yet"),
    _("Look at the receipt of your dossier again, and open the form anew."),
)
FLOODED = KindPage(
    429,
    _("Very many forms were begun here"),
    _("Wait a quarter of an hour, then open the form again. Nothing that was sent is lost."),
)
TIMED_OUT = KindPage(
    200,
    _("This page timed out"),
    _("Nobody touched it for a while, so the answers were put away. Scan the code or open the link again."),
)

KIND_PAGES: Mapping[type[Exception], KindPage] = {
    DuplicateSubmissionError: SENT_BEFORE,
    TokenUsedError: TOKEN_USED,
    ExpiredTokenError: TOKEN_OVER,
}
REFUSALS: tuple[type[Exception], ...] = (*KIND_PAGES, TokenError, RoundNotOpenError)


def kind_page(request: HttpRequest, page: KindPage, open_round: OpenRound | None) -> HttpResponse:
    """Return a page that says why it does not go on, with a status that says the same to machines."""
    context: dict[str, Any] = {"problem": page, "round": open_round}
    return private(render(request, "questionnaires/open/kind_page.html", context, status=page.status))


def page_for(error: Exception, open_round: OpenRound) -> KindPage:
    """Return the kind page of a refusal."""
    if isinstance(error, RoundNotOpenError):
        return page_for_dates(open_round)
    default = TOKEN_WRONG if isinstance(error, TokenError) else SENT_BEFORE
    return KIND_PAGES.get(type(error), default)


def page_for_dates(open_round: OpenRound) -> KindPage:
    """Return the page of a round that takes no answers now."""
    is_early = open_round.status == OpenRoundStatus.PREPARING or (
        open_round.status == OpenRoundStatus.OPEN and timezone.now() < open_round.opens_at
    )
    return NOT_YET_OPEN if is_early else CLOSED


class OpenAnsweringMixin(AnsweringMixin):
    """Finds the form of the session instead of a case; `open_response` and `survey_round` are there then."""

    open_response: OpenResponse
    filling: open_session.Filling
    mode = Mode.WEB

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let only the session that began the form pass, while the round takes answers."""
        filling = open_session.current(request)
        if filling is None:
            return private(once.recall_receipt(request) or self.refuse_stranger(request))
        found = OpenResponse.objects.filter(pk=filling.response_id, status=ResponseStatus.DRAFT)
        drafts = found.select_related("round", "version").defer(
            "version__document", "version__comparison", "version__mapping"
        )
        response = drafts.first()
        if response is None:
            open_session.end(request)
            return private(once.recall_receipt(request) or self.refuse_stranger(request))
        self.open_response, self.filling = response, filling
        try:
            check_open_round(response.round)
            early = self.prepare(request)
            return answering_page(early or self.go_on(request, *args, **kwargs))
        except REFUSALS as error:
            if sent := once.recall_receipt(request):
                return private(sent)
            open_session.end(request)
            return kind_page(request, page_for(error, response.round), response.round)

    def go_on(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Hand the request to the view behind the mixins."""
        response: HttpResponseBase = super(AnsweringMixin, self).dispatch(  # type: ignore[misc]  # the mixin stands before a view
            request, *args, **kwargs
        )
        return response

    def refuse_stranger(self, request: HttpRequest) -> HttpResponse:
        """Lead whoever has no form under way to the receipt just earned, or say how to begin again."""
        if session.receipt_of(request):
            return redirect("questionnaires:receipt")
        return redirect("questionnaires:open_timed_out")

    @property
    def survey_round(self) -> OpenRound:  # type: ignore[override]  # all that the pages ask of a round, it has
        """The round that is answered."""
        return self.open_response.round

    @property
    def is_sealed(self) -> bool:
        """Whether somebody else began the form: never, a session finds the form that it began itself."""
        return False

    @property
    def response_under_way(self) -> OpenResponse:  # type: ignore[override]  # a drafted sheet like a response
        """The form that the session fills in."""
        return self.open_response

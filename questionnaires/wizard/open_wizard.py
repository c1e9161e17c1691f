"""The form of an open round: the pages of every questionnaire, without a code, a case or a way to pause."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.views import View
from django.views.generic import TemplateView

from questionnaires.services.open_responses import discard_open_response, submit_open_response
from questionnaires.wizard import once, open_session, session
from questionnaires.wizard.access import private
from questionnaires.wizard.bursts import flags_of, note_sent
from questionnaires.wizard.open_access import TIMED_OUT, OpenAnsweringMixin, kind_page
from questionnaires.wizard.views import AnswerWizard

STOP = "stop"


class OpenWizard(OpenAnsweringMixin, AnswerWizard):
    """One section a page; what was answered stays with this session until it is sent."""

    review_url_name = "questionnaires:open_review"
    pause_url_name = "questionnaires:open_continue"
    is_open_round = True

    def known_before(self) -> dict[str, Any]:
        """Nothing is known of whoever stands at a counter: no sample attribute has a value."""
        return {}

    def take_page(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the page, or delete the form where whoever answers stops."""
        is_own = f"{self.prefix}-current_step" in self.request.POST
        if is_own and self.request.POST.get("move") == STOP:
            discard_open_response(response=self.open_response)
            open_session.end(self.request)
            return once.note_taken(self.request, redirect("questionnaires:open_stopped"))
        return super().take_page(*args, **kwargs)

    @cached_property
    def flags(self) -> Any:
        """Remarks on the arrival, found before this form is counted."""
        return flags_of(self.request, self.survey_round)

    def send(self) -> str:
        """Send the form with its token and its remarks; the receipt number is told once."""
        return submit_open_response(response=self.open_response, token=self.filling.token, flags=self.flags)

    def render_done(self, form: Any, **kwargs: Any) -> HttpResponse:
        """Count the form where it was sent."""
        response = super().render_done(form, **kwargs)
        if session.OPEN_FORM not in self.request.session:
            note_sent(self.request, response, self.survey_round)
        return response


class OpenTimedOutView(View):
    """Says that a form was put away: telephones and tablets at counters are shared."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page."""
        return kind_page(request, TIMED_OUT, None)


class OpenStoppedView(TemplateView):
    """Says that a form which was not sent is gone."""

    template_name = "questionnaires/open/stopped.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page."""
        return private(super().get(request, *args, **kwargs))

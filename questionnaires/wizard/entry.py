"""The way in: the code on the letter, typed or followed as a link, and the consent."""

import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.views import View
from django.views.generic import FormView, TemplateView

from questionnaires.access_codes import MalformedCodeError, in_groups, normalize
from questionnaires.models import Mode
from questionnaires.schema import Consent, Questionnaire
from questionnaires.selectors import schema_by_digest, version_for_round
from questionnaires.services import decline_case, digest_of_code, find_case, start_response
from questionnaires.wizard import attempts, followed, session, wordings
from questionnaires.wizard.access import AnsweringMixin, private
from questionnaires.wizard.forms import WRONG_CODE, CodeForm, ConsentForm
from questionnaires.wizard.players import consent_booth
from sampling.models import Case


class EnterCodeView(View):
    """The card with the code field; opening it changes nothing, sending it begins or continues."""

    template_name = "questionnaires/enter_code.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the empty field; whoever opens it may be the next person at this device."""
        session.drop_receipt(request)
        form = form_of_link(followed.CODE.carried(request))
        return self.show(request, form, from_link=bool(form.initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the code; what a link carried has served now."""
        return followed.CODE.forget(request, self.take(request))

    def take(self, request: HttpRequest) -> HttpResponse:
        """Let in whoever has a code; one that nobody has counts against network and session.

        A slip of the finger, which the check digit shows, counts nowhere: it is no guess.
        """
        if until := attempts.CODES.blocked_until(request):
            return self.wait(request, until)
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self.show(request, form)
        code = form.cleaned_data["code"]
        if until := attempts.take_turn_of_code(code):
            return self.wait(request, until, is_one_code=True)
        case = find_case(code)
        if case is None:
            attempts.CODES.count_failure(request)
            form.add_error("code", WRONG_CODE)
            return self.show(request, form)
        return self.let_in(request, case, code)

    def wait(
        self, request: HttpRequest, until: datetime.datetime, *, is_one_code: bool = False
    ) -> HttpResponse:
        """Say when a code may be entered again: any code from here, or this one from anywhere."""
        status = attempts.TOO_MANY_REQUESTS
        response = self.show(request, CodeForm(), status=status, until=until, is_one_code=is_one_code)
        response.headers["Retry-After"] = attempts.retry_after(until)
        return response

    def let_in(self, request: HttpRequest, case: Case, code: str) -> HttpResponse:
        """Begin, or say kindly why not."""
        session.begin(request, case, Mode.WEB, digest_of_code(code))
        return private(redirect("questionnaires:consent"))

    def show(
        self, request: HttpRequest, form: CodeForm, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        """Render the card."""
        values = {"form": form, "is_expired": "expired" in request.GET}
        return private(render(request, self.template_name, values | context, status=status))


def form_of_link(code: str) -> CodeForm:
    """Return the field with the code of a link, or with what to look at in it; empty without a link."""
    try:
        return CodeForm(initial={"code": in_groups(normalize(code))} if code else None)
    except MalformedCodeError:
        return CodeForm({"code": code})


class FollowLinkView(View):
    """A link with the code in it: the code is filled in, the person still presses the button."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        """Lead to the field, changing nothing and saying nothing about whether the code exists."""
        session.drop_receipt(request)
        return private(followed.CODE.lead(reverse("questionnaires:enter_code"), code))


class ConsentView(AnsweringMixin, FormView):
    """What is told before answering; a response exists only once somebody agreed."""

    template_name = "questionnaires/consent.html"
    form_class = ConsentForm

    @cached_property
    def schema(self) -> Questionnaire:
        """Read the version that the round asks."""
        return schema_by_digest(version_for_round(self.case.sample.round).digest)

    @property
    def language(self) -> str:
        """The language of the questions."""
        return wordings.chosen(self.request, self.schema)

    @property
    def consent(self) -> Consent | None:
        """The consent of the version."""
        return self.schema.consent

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Go on at once where consent was given before with this code; another person is asked anew."""
        consent, draft = self.consent, None if self.is_sealed else self.response_under_way
        if consent is None or (draft is not None and draft.consent_version == consent.version):
            return self.start(consent.version if consent else "", [])
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the consent, or the wish not to take part."""
        move = request.POST.get("move", "")
        if move.startswith(wordings.MOVE):
            wordings.choose(request, self.schema, move.removeprefix(wordings.MOVE))
            return redirect("questionnaires:consent")
        if "decline" in request.POST:
            decline_case(case=self.case, user=self.interviewer)
            session.end(request)
            return render(request, "questionnaires/declined.html", {"round": self.case.sample.round})
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: ConsentForm) -> HttpResponse:
        """Start the response with the version of the text agreed to."""
        return self.start(self.consent.version if self.consent else "", form.agreed())

    def start(self, consent_version: str, statements: list[str]) -> HttpResponse:
        """Open the questionnaire where it was left."""
        start_response(
            case=self.case,
            mode=self.mode,
            language=self.language,
            user=self.interviewer,
            consent_version=consent_version,
            consent_statements=statements,
            code_digest=self.code_digest,
        )
        return redirect("questionnaires:continue")

    @property
    def interviewer(self) -> Any:
        """The enumerator of an interview; nobody on a citizen's own device."""
        return self.request.user if self.mode is Mode.INTERVIEW else None

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the consent whose statements are asked."""
        return super().get_form_kwargs() | {"consent": self.consent, "language": self.language}

    @property
    def is_anew(self) -> bool:
        """Whether going on erases answers that were entered with another code."""
        draft = self.response_under_way
        return draft is not None and self.is_sealed and bool(draft.begun_with and draft.answers)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the texts in the active language."""
        language, consent = self.language, self.consent
        points = consent.points if consent else ()
        return super().get_context_data(**kwargs) | {
            "round": self.case.sample.round,
            "consent": consent,
            "is_anew": self.is_anew,
            "is_provisional": self.schema.is_provisional,
            "wordings": wordings.choices(self.request, self.schema),
            "provisional_reason": wordings.told(self.schema.provisional_reason, language),
            "title": wordings.told(consent.title, language) if consent else "",
            "booth": consent_booth(consent, language) if consent else None,
            "points": [
                (wordings.told(point.heading, language), wordings.told(point.text, language))
                for point in points
            ],
        }


class PauseView(TemplateView):
    """Answers are kept; the session ends, so that the next person at this device sees nothing."""

    template_name = "questionnaires/pause.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """End the session and say how to continue; without one there is nothing to pause."""
        answering = session.current(request)
        if answering is None:
            return private(redirect("questionnaires:enter_code"))
        session.end(request)
        is_interview = answering.mode == Mode.INTERVIEW
        return private(super().get(request, *args, is_interview=is_interview, **kwargs))


class ReceiptView(TemplateView):
    """The receipt of the answers just sent, for some minutes."""

    template_name = "questionnaires/receipt.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the receipt, or the code field where there is none."""
        receipt = session.receipt_of(request)
        if receipt is None:
            return private(redirect("questionnaires:enter_code"))
        kwargs |= {"receipt": receipt, "phone": receipt.get("phone", "")}
        return private(super().get(request, *args, **kwargs))

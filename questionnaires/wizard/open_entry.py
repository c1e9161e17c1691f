"""The way into an open round: one page with who asks, the token where one is needed, and the consent."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView

from questionnaires.access_codes import in_groups
from questionnaires.models import OpenRound
from questionnaires.models.open_rounds import LONGEST_PLACE
from questionnaires.open_tokens import (
    LENGTH,
    ExpiredTokenError,
    MalformedTokenError,
    TokenError,
    normalize,
)
from questionnaires.schema import Consent, LocalizedText, Questionnaire
from questionnaires.selectors import schema_by_digest
from questionnaires.services.open_papers import open_address
from questionnaires.services.open_responses import TokenUsedError, check_token, start_open_response
from questionnaires.wizard import followed, open_session, session, wordings
from questionnaires.wizard.access import private
from questionnaires.wizard.attempts import TOO_MANY_REQUESTS, retry_after
from questionnaires.wizard.bursts import STARTS, TOKENS
from questionnaires.wizard.forms import ConsentForm
from questionnaires.wizard.open_access import (
    FLOODED,
    TOKEN_OVER,
    TOKEN_USED,
    kind_page,
    page_for_dates,
)
from questionnaires.wizard.players import consent_booth

WRONG_TOKEN = _("This number is not right yet. Look at the receipt of your dossier and enter it again.")
TOKEN_LENGTH = _("The number has 24 digits; %(n)d were entered. Look at the receipt of your dossier.")
NO_CONSENT = Consent(version="", title=LocalizedText())
NUMBER_FIELD = "_token"
"""Name of the field of the token; no statement of a consent can be called so."""
COUNTED = frozenset({"token", "over", "used"})
"""Why a token is not taken, and that it counts: each tells something to whoever has a list of tokens."""


class TokenConsentForm(ConsentForm):
    """The consent, with the number on the receipt before it where the round needs one."""

    def __init__(self, *args: Any, open_round: OpenRound, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.open_round = open_round
        if open_round.needs_token:
            required = _("Enter the 24 digits printed on the receipt of your dossier.")
            field = forms.CharField(max_length=80, error_messages={"required": required})
            self.fields = {NUMBER_FIELD: field} | self.fields

    def clean__token(self) -> str:
        """Return the digits of a token that is taken; what is over or used has a page of its own."""
        typed = self.cleaned_data[NUMBER_FIELD]
        try:
            check_token(round=self.open_round, token=typed)
        except MalformedTokenError as error:
            n_digits = sum(sign.isdecimal() for sign in typed)
            message = WRONG_TOKEN if n_digits == LENGTH else TOKEN_LENGTH
            raise forms.ValidationError(message, code="slip", params={"n": n_digits}) from error
        except ExpiredTokenError as error:
            raise forms.ValidationError(str(TOKEN_OVER.title), code="over") from error
        except TokenUsedError as error:
            raise forms.ValidationError(str(TOKEN_USED.title), code="used") from error
        except TokenError as error:
            raise forms.ValidationError(WRONG_TOKEN, code="token") from error
        return normalize(typed)

    @property
    def consent_errors(self) -> list[str]:
        """Names of the statements that still need a tick."""
        return [name for name in self.errors if name != NUMBER_FIELD]

    def agreed(self) -> list[str]:
        """Return the codes of the statements agreed to."""
        return [code for code in super().agreed() if code != NUMBER_FIELD]


class OpenEntryView(FormView):
    """Opening the address changes nothing; agreeing begins a form."""

    template_name = "questionnaires/open/entry.html"
    form_class = TokenConsentForm
    open_round: OpenRound

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the round; one that takes no answers says so, and no place has so long a name."""
        session.drop_receipt(request)
        if len(kwargs.get("place", "")) > LONGEST_PLACE:
            raise Http404
        rounds = OpenRound.objects.select_related("version").defer(
            "version__document", "version__comparison", "version__mapping"
        )
        self.open_round = get_object_or_404(rounds, code=kwargs["code"])
        if "token" in kwargs:
            clean = reverse("questionnaires:open_round", args=[self.open_round.code])
            return private(followed.TOKEN.lead(clean, kwargs["token"], only_for=self.open_round.code))
        if not self.open_round.accepts_answers():
            return kind_page(request, page_for_dates(self.open_round), self.open_round)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return private(answer)

    @cached_property
    def schema(self) -> Questionnaire:
        """Return the version that is asked."""
        return schema_by_digest(self.open_round.version.digest)

    @property
    def language(self) -> str:
        """The language of the questions."""
        return wordings.chosen(self.request, self.schema)

    @property
    def consent(self) -> Consent:
        """The consent of the version; one without statements where the version has none."""
        return self.schema.consent or NO_CONSENT

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the consent and the token, or say what stands in the way."""
        move = request.POST.get("move", "")
        if move.startswith(wordings.MOVE):
            wordings.choose(request, self.schema, move.removeprefix(wordings.MOVE))
            return redirect(request.get_full_path())
        if "decline" in request.POST:
            open_session.end(request)
            stopped = render(request, "questionnaires/open/stopped.html", self.about())
            return followed.TOKEN.forget(request, stopped)
        if until := TOKENS.blocked_until(request):
            return self.wait(until)
        return followed.TOKEN.forget(request, super().post(request, *args, **kwargs))

    def form_valid(self, form: TokenConsentForm) -> HttpResponse:
        """Begin the form, unless a flood of them comes from here."""
        if until := STARTS.take_turn(self.request):
            return self.wait(until)
        response = start_open_response(
            round=self.open_round,
            language=self.language,
            place=self.kwargs.get("place", ""),
            consent_version=self.consent.version,
            consent_statements=form.agreed(),
        )
        open_session.begin(self.request, response, form.cleaned_data.get(NUMBER_FIELD, ""))
        return redirect("questionnaires:open_continue")

    def form_invalid(self, form: TokenConsentForm) -> HttpResponse:
        """Count a token that is not taken; tell kindly of one that is over or was used."""
        codes = {error.code for error in form.errors.as_data().get(NUMBER_FIELD, ())}
        if codes & COUNTED:
            TOKENS.count_failure(self.request)
        for code, page in (("over", TOKEN_OVER), ("used", TOKEN_USED)):
            if code in codes:
                return kind_page(self.request, page, self.open_round)
        return super().form_invalid(form)

    def wait(self, until: Any) -> HttpResponse:
        """Say that very many came from here, and when to try again."""
        response = kind_page(self.request, FLOODED, self.open_round)
        response.status_code = TOO_MANY_REQUESTS
        response.headers["Retry-After"] = retry_after(until)
        return response

    @property
    def carried(self) -> str:
        """The token of a link into this round, followed some minutes ago."""
        return followed.TOKEN.carried(self.request, only_for=self.open_round.code)

    def get_initial(self) -> dict[str, Any]:
        """Fill in the token of a link; whoever followed it still presses the button."""
        typed = self.carried
        try:
            return {NUMBER_FIELD: in_groups(normalize(typed))} if typed else {}
        except MalformedTokenError:
            return {NUMBER_FIELD: typed[:LENGTH]}

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the round, and the consent whose statements are asked."""
        return super().get_form_kwargs() | {
            "open_round": self.open_round,
            "consent": self.consent,
            "language": self.language,
        }

    def about(self) -> dict[str, Any]:
        """Return what every page says of the round."""
        return {
            "round": self.open_round,
            "entry_url": self.request.get_full_path(),
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the texts in the language of the questions."""
        language, consent = self.language, self.consent
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return (
            context
            | self.about()
            | {
                "consent": consent,
                "address": open_address(self.open_round, place=self.kwargs.get("place", "")),
                "from_link": bool(self.request.method == "GET" and self.carried),
                "is_provisional": self.schema.is_provisional,
                "provisional_reason": wordings.told(self.schema.provisional_reason, language),
                "wordings": wordings.choices(self.request, self.schema),
                "booth": consent_booth(consent, language),
                "points": [
                    (wordings.told(point.heading, language), wordings.told(point.text, language))
                    for point in consent.points
                ],
            }
        )

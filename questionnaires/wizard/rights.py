"""“Your rights over your data”: six rights in plain words, and a form that reaches somebody who answers."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views import View

from questionnaires.models import Right, RightsRequest
from questionnaires.models.rights import CHOICE
from questionnaires.services import receive_rights_request
from questionnaires.wizard.access import private
from questionnaires.wizard.attempts import RIGHTS, TOO_MANY_REQUESTS, retry_after
from sampling.models import SurveyRound

RECEIVED = "received_rights_request"
"""What the next page shows once: the number of a request, and until when it is answered."""


@dataclass(frozen=True, slots=True)
class RightInWords:
    """One right: what it means, and how it is served here."""

    right: Right
    title: Promise
    how: Promise


RIGHTS_IN_WORDS = (
    RightInWords(
        Right.KNOW,
        _("To know what happens with your data"),
        _(
            "The page you agree to says what is asked, why, by whom and for how long. "
            "Ask here for anything it leaves open."
        ),
    ),
    RightInWords(
        Right.CONSENT,
        _("To agree, to refuse, and to change your mind"),
        _(
            "Taking part is voluntary. With the receipt number you withdraw your answers yourself until the "
            "data of the round are frozen; no reason is asked."
        ),
    ),
    RightInWords(
        Right.VIEW,
        _("To see your data and have them corrected"),
        _(
            "Name, address and telephone can be shown to you and corrected until the round is frozen; then "
            "they are erased. Answers are shown to nobody: to correct them, withdraw them with the receipt "
            "number and answer again."
        ),
    ),
    RightInWords(
        Right.ERASE,
        _("To be given your data, to have them erased, to object, and not to be contacted again"),
        _(
            "Say what you want. For the do-not-contact list we need the telephone number or e-mail address; "
            "only a fingerprint of it is kept that nobody can read."
        ),
    ),
    RightInWords(
        Right.COMPLAIN,
        _("To complain, to denounce, to sue, and to claim damages"),
        _(
            "Write here, call, or go to the agency that asks. You may also go to the authorities and the "
            "courts at once; that does you no harm here."
        ),
    ),
    RightInWords(
        Right.PROTECT,
        _("To ask for protection"),
        _(
            "If somebody forces you, reads your answers or uses your data, tell us: we stop it and pass it "
            "on to the authority for personal data, if you wish."
        ),
    ),
)


class RightsForm(forms.Form):
    """What somebody wants, and how to answer them."""

    right = forms.ChoiceField(
        choices=[(entry.right.value, entry.title) for entry in RIGHTS_IN_WORDS],
        error_messages={"required": _("Choose what it is about.")},
    )
    text = forms.CharField(
        max_length=4000, error_messages={"required": _("Write in a few words what you want.")}
    )
    reply_to = forms.CharField(
        max_length=400,
        error_messages={"required": _("Write how to reach you: telephone, e-mail or address.")},
    )


class RightsView(View):
    """Tells the rights and takes requests; every request counts against network and session."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the number just given, once, or the rights with the empty form."""
        received = RightsRequest.objects.filter(pk=request.session.pop(RECEIVED, None)).first()
        if received is not None:
            return private(render(request, "questionnaires/rights_received.html", {"received": received}))
        return self.show(request, RightsForm(initial={"right": request.GET.get(CHOICE, "")}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take a request, or show what to look at."""
        form = RightsForm(request.POST)
        if not form.is_valid():
            return self.show(request, form)
        if until := RIGHTS.take_turn(request):
            blocked = self.show(request, form, status=TOO_MANY_REQUESTS, until=until)
            blocked.headers["Retry-After"] = retry_after(until)
            return blocked
        values = form.cleaned_data
        received = receive_rights_request(
            right=Right(values["right"]),
            channel=RightsRequest.Channel.PAGE,
            text=values["text"],
            reply_to=values["reply_to"],
        )
        request.session[RECEIVED] = received.pk
        return private(redirect("questionnaires:rights"))

    def show(
        self, request: HttpRequest, form: RightsForm, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        """Render the page."""
        rounds = SurveyRound.objects.accepting_answers()
        phones = sorted({found.contact_phone for found in rounds if found.contact_phone})
        values = {"form": form, "rights": RIGHTS_IN_WORDS, "phones": phones}
        return private(render(request, "questionnaires/rights.html", values | context, status=status))

"""What the holder of a receipt may do alone: see that the form counts, and take it back until the freeze.

A receipt number never stands in an address. What was found is shown once: after that the page is empty again,
so that the next person at the same device sees nothing, by Back or by loading it anew.
"""

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views import View

from questionnaires.models import OpenRound
from questionnaires.services import Counted, WithdrawalError, find_counted, withdraw_by_receipt
from questionnaires.services.open_responses import withdraw_open_response
from questionnaires.wizard import session
from questionnaires.wizard.access import private
from questionnaires.wizard.attempts import LOOKS, RECEIPTS, TOO_MANY_REQUESTS, WITHDRAWALS, retry_after
from sampling.models import SurveyRound

CHECKED, ASKED, WITHDRAWN = "checked_receipt", "receipt_to_withdraw", "withdrawn_from"
"""What the next page shows once: a receipt found, one to be withdrawn, the round of one that was."""


class ReceiptForm(forms.Form):
    """A receipt number; `counted` is what was found with it."""

    counted: Counted

    number = forms.CharField(
        max_length=80,
        error_messages={"required": _("Enter the receipt number: 10 letters and digits after BN.")},
    )

    def clean_number(self) -> str:
        """Return the number as it is stored, or say kindly that nothing has it."""
        found = find_counted(self.cleaned_data["number"])
        if found is None:
            raise ValidationError(
                _(
                    "No answers are kept under this number. Look at each sign again: a receipt number has "
                    "neither 0 nor 1, neither I nor O. Answers that were withdrawn no longer count."
                )
            )
        self.counted = found
        return found.number


class ReceiptView(View):
    """Takes a receipt number; wrong ones count against network and session, every look generously."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Go on with a form that counts, or show what to look at."""
        if until := RECEIPTS.blocked_until(request) or LOOKS.take_turn(request):
            return refuse_until(request, until)
        form = ReceiptForm(request.POST)
        if not form.is_valid():
            RECEIPTS.count_failure(request)
            return show_form(request, form)
        return private(self.go_on(request, form.counted))

    def go_on(self, request: HttpRequest, counted: Counted) -> HttpResponse:
        """Lead to the page that shows once what was found."""
        request.session[CHECKED] = counted.number
        return redirect("questionnaires:check_receipt")


class CheckReceiptView(ReceiptView):
    """Tells whoever holds a receipt that the answers were counted, never which they were."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what was just found, or the empty field."""
        number = request.session.pop(CHECKED, "")
        if number and (until := LOOKS.take_turn(request)):
            return refuse_until(request, until)
        counted = find_counted(number) if number else None
        if counted is None:
            return show_form(request, ReceiptForm({"number": number}) if number else ReceiptForm())
        context = {"counted": counted, "round": counted.round}
        return private(render(request, "questionnaires/receipt_counted.html", context))


class WithdrawView(ReceiptView):
    """Asks whether answers are to be withdrawn, and withdraws them on the press of the second button."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the question or the outcome, each once; without them there is nothing to see here."""
        asked, withdrawn = request.session.pop(ASKED, ""), request.session.pop(WITHDRAWN, None)
        if asked and (until := LOOKS.take_turn(request)):
            return refuse_until(request, until)
        counted = find_counted(asked) if asked else None
        if counted is not None:
            context: dict[str, Any] = {"counted": counted, "round": counted.round}
            return private(render(request, "questionnaires/receipt_withdraw.html", context))
        survey_round = round_of(withdrawn)
        if survey_round is None:
            return private(redirect("questionnaires:check_receipt"))
        context = {"round": survey_round, "is_open_round": isinstance(survey_round, OpenRound)}
        return private(render(request, "questionnaires/receipt_withdrawn.html", context))

    def go_on(self, request: HttpRequest, counted: Counted) -> HttpResponse:
        """Ask, or withdraw; where the round was frozen meanwhile, the page of the receipt says so."""
        if counted.is_frozen or not counted.is_alone:
            return super().go_on(request, counted)
        if "confirm" not in request.POST:
            request.session[ASKED] = counted.number
            return redirect("questionnaires:withdraw")
        if until := WITHDRAWALS.take_turn(request):
            return refuse_until(request, until, is_withdrawal=True)
        try:
            withdraw = withdraw_open_response if counted.is_open_round else withdraw_by_receipt
            survey_round = withdraw(number=counted.number, keys=counted.keys)
        except WithdrawalError:
            return super().go_on(request, counted)
        session.drop_receipt(request)
        request.session[WITHDRAWN] = [counted.is_open_round, survey_round.pk]
        return redirect("questionnaires:withdraw")


def round_of(withdrawn: Any) -> SurveyRound | OpenRound | None:
    """Return the round that a form was withdrawn from, of whichever kind."""
    if not isinstance(withdrawn, list):
        return None
    is_open_round, pk = withdrawn
    if is_open_round:
        return OpenRound.objects.filter(pk=pk).first()
    return SurveyRound.objects.filter(pk=pk).first()


def refuse_until(request: HttpRequest, until: datetime.datetime, **context: Any) -> HttpResponse:
    """Return the page that says when it may be tried again."""
    blocked = show_form(request, ReceiptForm(), status=TOO_MANY_REQUESTS, until=until, **context)
    blocked.headers["Retry-After"] = retry_after(until)
    return blocked


def show_form(request: HttpRequest, form: ReceiptForm, *, status: int = 200, **context: Any) -> HttpResponse:
    """Return the page with the field for a receipt number."""
    page = render(request, "questionnaires/receipt_check.html", {"form": form} | context, status=status)
    return private(page)

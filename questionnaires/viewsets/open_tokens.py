"""Tokens for the receipts of a one-stop shop: a list of dossier numbers in, a file to print out."""

import csv
import datetime
import io
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin.widgets import AdminDateInput

from questionnaires.models import OpenRound
from questionnaires.permissions import CHANGE_OPEN_ROUND
from questionnaires.services.open_tokens import (
    PrintedToken,
    TokenBatchError,
    make_tokens,
    tokens_page,
)
from questionnaires.viewsets.open_pages import CSV, XLSX, OpenPageMixin, uncached
from sampling.printing import PDF, pdf_from_html
from sampling.spreadsheets import BYTE_ORDER_MARK, csv_text, workbook_of

LARGEST = 2 << 20
DAYS = 30


class TokenFile(models.TextChoices):
    """What the tokens come as."""

    XLSX = "xlsx", gettext_lazy("workbook: number, token, link")
    CSV = "csv", gettext_lazy("CSV, for the program that prints receipts")
    PDF = "pdf", gettext_lazy("PDF with a slip and QR code for each dossier")


class TokensForm(forms.Form):
    """Dossier numbers, pasted or as a file, and how long their tokens are taken."""

    dossiers = forms.CharField(
        label=gettext_lazy("Dossier numbers"),
        widget=forms.Textarea(attrs={"rows": 8}),
        required=False,
        help_text=gettext_lazy("One on each line. They are not kept."),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file"),
        required=False,
        help_text=gettext_lazy("Text or CSV; the first column holds the numbers, without a heading."),
    )
    last_day = forms.DateField(
        label=gettext_lazy("Taken until the end of the week of"), widget=AdminDateInput
    )
    file_format = forms.ChoiceField(label=gettext_lazy("File"), choices=TokenFile.choices)

    def clean_file(self) -> Any:
        """Refuse what is far too large for a list of numbers."""
        sent = self.cleaned_data["file"]
        if sent and sent.size > LARGEST:
            raise ValidationError(_("The file is larger than %(limit)s MB.") % {"limit": LARGEST >> 20})
        return sent

    def numbers(self) -> list[str]:
        """Return the dossier numbers of both fields; raise ValueError for a file that is no text."""
        sent = self.cleaned_data["file"]
        text = sent.read().decode("utf-8-sig") if sent else ""
        listed = [row[0] for row in csv.reader(io.StringIO(text)) if row]
        return [*self.cleaned_data["dossiers"].splitlines(), *listed]


class TokensView(OpenPageMixin, FormView):
    """Makes tokens and hands them over at once; the page never shows them, and nothing keeps them."""

    template_name = "questionnaires/admin/open_tokens.html"
    page_title = gettext_lazy("Tokens for receipts")
    form_class = TokensForm
    needed_right = CHANGE_OPEN_ROUND
    is_to_change = True

    def get_initial(self) -> dict[str, Any]:
        """Offer a month, and no day after the round closes."""
        closes = timezone.localtime(self.open_round.closes_at).date()
        return {"last_day": min(closes, timezone.localdate() + datetime.timedelta(days=DAYS))}

    def form_valid(self, form: TokensForm) -> HttpResponseBase:  # type: ignore[override]  # a file instead of a page
        """Send the file."""
        values = form.cleaned_data
        try:
            made = make_tokens(
                round=self.open_round, dossiers=form.numbers(), last_day=values["last_day"], user=self.staff
            )
        except (TokenBatchError, UnicodeDecodeError, csv.Error) as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        written = WRITERS[values["file_format"]](self.open_round, made, values["last_day"])
        return uncached(written, f"{self.file_name('tokens')}.{values['file_format']}")


def _header() -> tuple[str, ...]:
    """Return the names of the columns."""
    return (_("dossier"), _("token"), _("link"), _("taken until the end of the week of"))


def _rows(made: list[PrintedToken], last_day: datetime.date) -> list[tuple[str, ...]]:
    """Return one row a token."""
    day = f"{last_day:%d/%m/%Y}"
    return [(token.dossier, token.token_in_groups, token.address, day) for token in made]


def _csv(_open_round: OpenRound, made: list[PrintedToken], last_day: datetime.date) -> HttpResponse:
    """Return the tokens as CSV."""
    return HttpResponse(BYTE_ORDER_MARK + csv_text(_header(), _rows(made, last_day)), content_type=CSV)


def _xlsx(open_round: OpenRound, made: list[PrintedToken], last_day: datetime.date) -> HttpResponse:
    """Return the tokens as a workbook."""
    return HttpResponse(workbook_of(open_round.code, _header(), _rows(made, last_day)), content_type=XLSX)


def _pdf(open_round: OpenRound, made: list[PrintedToken], last_day: datetime.date) -> HttpResponse:
    """Return slips with squares."""
    return HttpResponse(pdf_from_html(tokens_page(open_round, made, last_day)), content_type=PDF)


WRITERS: Mapping[str, Callable[[OpenRound, list[PrintedToken], datetime.date], HttpResponse]] = {
    TokenFile.CSV: _csv,
    TokenFile.XLSX: _xlsx,
    TokenFile.PDF: _pdf,
}

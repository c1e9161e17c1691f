"""Tokens for the receipts of a one-stop shop: a list of dossier numbers in, a file to print out."""

import csv
import datetime
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin.widgets import AdminDateInput

from questionnaires.permissions import CHANGE_OPEN_ROUND
from questionnaires.services.open_tokens import (
    TokenBatchError,
    TokenFile,
    dossiers_in,
    make_tokens,
    tokens_file,
)
from questionnaires.viewsets.open_pages import CSV, XLSX, OpenPageMixin, uncached
from sampling.printing import PDF

LARGEST = 2 << 20
DAYS = 30


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
        return [*self.cleaned_data["dossiers"].splitlines(), *dossiers_in(text)]


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
        file_format = TokenFile(values["file_format"])
        content = tokens_file(self.open_round, made, values["last_day"], file_format)
        answer = HttpResponse(content, content_type=CONTENT_TYPES[file_format])
        return uncached(answer, f"{self.file_name('tokens')}.{file_format}")


CONTENT_TYPES: Mapping[TokenFile, str] = {
    TokenFile.CSV: CSV,
    TokenFile.XLSX: XLSX,
    TokenFile.PDF: PDF,
}

"""Tokens for a one-stop shop: from dossier numbers to what is printed on their receipts; nothing is kept."""

import csv
import datetime
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import log

from questionnaires.access_codes import in_groups
from questionnaires.models import OpenRound
from questionnaires.open_tokens import canonical, make_token
from questionnaires.services.open_papers import open_address, qr_svg
from questionnaires.services.open_rounds import require_own_open_round
from sampling.printing import pdf_from_html
from sampling.spreadsheets import BYTE_ORDER_MARK, csv_text, workbook_of

MOST_TOKENS = 5_000
TEMPLATE = "questionnaires/print/open_tokens.html"


class TokenFile(models.TextChoices):
    """What the tokens come as."""

    XLSX = "xlsx", gettext_lazy("workbook: number, token, link")
    CSV = "csv", gettext_lazy("CSV, for the program that prints receipts")
    PDF = "pdf", gettext_lazy("PDF with a slip and QR code for each dossier")


class TokenBatchError(ValueError):
    """Raised when no tokens can be made of a list of dossier numbers."""


@dataclass(frozen=True, slots=True)
class PrintedToken:
    """What stands on the receipt of one dossier."""

    dossier: str
    token: str
    address: str

    @property
    def token_in_groups(self) -> str:
        """The token as it is printed."""
        return in_groups(self.token)

    @property
    def square(self) -> SafeString:
        """QR code of the link as SVG inside a page."""
        return qr_svg(self.address)


def make_tokens(
    *,
    round: OpenRound,
    dossiers: Iterable[str],
    last_day: datetime.date,
    user: AbstractBaseUser | None = None,
) -> list[PrintedToken]:
    """Return one token a dossier, in the order given; the audit log keeps how many, never for which."""
    require_own_open_round(user, round)
    listed = list(dict.fromkeys(" ".join(dossier.split()) for dossier in dossiers))
    listed = [dossier for dossier in listed if canonical(dossier)]
    if not listed:
        raise TokenBatchError(_("Expected dossier numbers, one on each line; got none."))
    if len(listed) > MOST_TOKENS:
        raise TokenBatchError(
            _("Expected at most %(most)s dossier numbers at once, got %(n)s. Divide the list.")
            % {"most": MOST_TOKENS, "n": len(listed)}
        )
    made = [_printed(round, dossier, last_day) for dossier in listed]
    log(
        instance=round,
        action="questionnaires.make_tokens",
        user=user,
        data={"n_tokens": len(made), "last_day": last_day.isoformat()},
    )
    return made


def _printed(open_round: OpenRound, dossier: str, last_day: datetime.date) -> PrintedToken:
    """Return what is printed for one dossier."""
    try:
        token = make_token(dossier, open_round.code, last_day)
    except ValueError as error:
        raise TokenBatchError(str(error)) from error
    return PrintedToken(dossier, token, open_address(open_round, token=token))


def tokens_page(open_round: OpenRound, tokens: list[PrintedToken], last_day: datetime.date) -> str:
    """Return the page with slips to put on receipts: square, token, address, last day."""
    context = {
        "round": open_round,
        "tokens": tokens,
        "last_day": last_day,
        "is_demo": open_round.is_demo,
        "entry_address": open_address(open_round),
    }
    return render_to_string(TEMPLATE, context)


def dossiers_in(text: str) -> list[str]:
    """Return the dossier numbers of a file: the first column, or one on each line."""
    return [row[0] for row in csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK))) if row]


def tokens_file(
    open_round: OpenRound, tokens: list[PrintedToken], last_day: datetime.date, file_format: TokenFile
) -> bytes:
    """Return tokens as a file: a table with numbers, tokens and links, or slips to print."""
    return WRITERS[file_format](open_round, tokens, last_day)


def _header() -> tuple[str, ...]:
    """Return the names of the columns."""
    return (_("dossier"), _("token"), _("link"), _("taken until the end of the week of"))


def _rows(made: list[PrintedToken], last_day: datetime.date) -> list[tuple[str, ...]]:
    """Return one row a token."""
    day = f"{last_day:%d/%m/%Y}"
    return [(token.dossier, token.token_in_groups, token.address, day) for token in made]


def _csv(_open_round: OpenRound, made: list[PrintedToken], last_day: datetime.date) -> bytes:
    """Return the tokens as CSV."""
    return (BYTE_ORDER_MARK + csv_text(_header(), _rows(made, last_day))).encode()


def _xlsx(open_round: OpenRound, made: list[PrintedToken], last_day: datetime.date) -> bytes:
    """Return the tokens as a workbook."""
    return workbook_of(open_round.code, _header(), _rows(made, last_day))


def _pdf(open_round: OpenRound, made: list[PrintedToken], last_day: datetime.date) -> bytes:
    """Return slips with squares."""
    return pdf_from_html(tokens_page(open_round, made, last_day))


WRITERS: Mapping[TokenFile, Callable[[OpenRound, list[PrintedToken], datetime.date], bytes]] = {
    TokenFile.CSV: _csv,
    TokenFile.XLSX: _xlsx,
    TokenFile.PDF: _pdf,
}

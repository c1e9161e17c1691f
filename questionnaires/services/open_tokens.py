"""Tokens for a one-stop shop: from dossier numbers to what is printed on their receipts; nothing is kept."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from questionnaires.access_codes import in_groups
from questionnaires.models import OpenRound
from questionnaires.open_tokens import canonical, make_token
from questionnaires.services.open_papers import open_address, qr_svg
from questionnaires.services.open_rounds import require_own_open_round

MOST_TOKENS = 5_000
TEMPLATE = "questionnaires/print/open_tokens.html"


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

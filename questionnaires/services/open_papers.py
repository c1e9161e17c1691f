"""What sends people to the form of an open round: its address, the square, a poster, a chat message."""

import io

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from questionnaires.models import OpenRound

POSTER = "questionnaires/print/open_poster.html"
LANGUAGES = ("vi", "en")
"""One sheet of a poster for each, and one part of a message."""
NEVER_ASKED = gettext_noop(
    "We never ask for your identity card, codes sent to your phone (OTP), your VNeID account or money."
)
QR_LEVEL, QR_BORDER, PICTURE_SCALE = "m", 2, 12


def open_address(open_round: OpenRound, *, place: str = "", token: str = "") -> str:
    """Return the public address of an open round, of a place of it, or with a token filled in."""
    name, arguments = "questionnaires:open_round", [open_round.code]
    if token:
        name, arguments = "questionnaires:open_round_token", [open_round.code, token]
    elif place:
        name, arguments = "questionnaires:open_round_place", [open_round.code, place]
    with override(LANGUAGES[0]):
        path = reverse(name, args=arguments)
    return f"{settings.WAGTAILADMIN_BASE_URL.rstrip('/')}{path}"


def qr_svg(address: str) -> SafeString:
    """Return the QR code of an address as SVG that stands inside a page and takes the size of its place."""
    drawing = segno.make(address, error=QR_LEVEL, micro=False)
    svg: str = drawing.svg_inline(border=QR_BORDER, omitsize=True, svgclass=None, lineclass=None)
    return mark_safe(svg)  # noqa: S308 - drawn by segno from an address of ours


def qr_picture(address: str) -> bytes:
    """Return the QR code of an address as a PNG picture that can be sent in a message."""
    target = io.BytesIO()
    segno.make(address, error=QR_LEVEL, micro=False).save(
        target, kind="png", border=QR_BORDER + 2, scale=PICTURE_SCALE
    )
    return target.getvalue()


def poster_page(open_round: OpenRound, *, place: str = "") -> str:
    """Return the poster of an open round: a sheet of A4 in each language."""
    site_address = settings.WAGTAILADMIN_BASE_URL.rstrip("/")
    address = open_address(open_round, place=place)
    context = {
        "round": open_round,
        "place": place,
        "languages": LANGUAGES,
        "is_demo": open_round.is_demo,
        "square": qr_svg(address),
        "address": address.removeprefix("https://").removeprefix("http://"),
        "site_address": site_address.removeprefix("https://").removeprefix("http://"),
    }
    return render_to_string(POSTER, context)


def chat_text(open_round: OpenRound, *, place: str = "") -> str:
    """Return a message for a chat group, Vietnamese above English."""
    return "\n\n".join(_message(open_round, place, language) for language in LANGUAGES)


def _message(open_round: OpenRound, place: str, language: str) -> str:
    """Return the message in one language."""
    with override(language):
        decision = (
            _("Decision %(decision)s") % {"decision": open_round.decision} if open_round.decision else ""
        )
        phone = _("Questions: %(phone)s") % {"phone": open_round.contact_phone}
        last = timezone.localtime(open_round.closes_at)
        lines = (
            f"{open_round.agency}: {open_round.name}",
            _("You may tell us what you think until %(day)s:") % {"day": f"{last:%d/%m/%Y}"},
            open_address(open_round, place=place),
            _("A few minutes, no name. Your answers are confidential."),
            _(NEVER_ASKED),
            " · ".join(filter(None, (decision, phone if open_round.contact_phone else ""))),
        )
    return "\n".join(filter(None, lines))

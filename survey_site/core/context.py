"""What every template of the site may ask for; each entry costs its query only when it is used."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from sampling.models import SurveyRound
from sampling.models.rounds import RoundStatus


def current_round() -> SurveyRound | None:
    """Return the round that takes answers now, else the latest that was opened, else none."""
    accepting = SurveyRound.objects.accepting_answers().first()
    return (
        accepting or SurveyRound.objects.exclude(status=RoundStatus.PREPARING).order_by("-opens_at").first()
    )


def holds_demonstration() -> bool:
    """Tell whether the database holds demonstration data."""
    return SurveyRound.objects.filter(is_demo=True).exists()


def menu_pages(request: HttpRequest) -> list[dict[str, str]]:
    """Return title and address of the pages that the editors put into the menu, in the active language."""
    pages = Page.objects.live().in_menu().filter(locale__language_code=get_language())
    return [{"title": page.title, "url": page.get_url(request) or ""} for page in pages.order_by("path")]


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the product's name and, lazily, the current round, the demonstration flag and the menu."""
    return {
        "product_name": _("Satisfaction survey"),
        "current_round": SimpleLazyObject(current_round),
        "is_demo": SimpleLazyObject(holds_demonstration),
        "menu_pages": SimpleLazyObject(lambda: menu_pages(request)),
    }

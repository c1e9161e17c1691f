"""Navigation between the results and the methods."""

from dataclasses import dataclass

from django.apps import apps
from django.http import HttpRequest
from wagtail.models import Page

PORTAL_MODELS = ("ResultsPage", "MethodologyPage")


@dataclass(frozen=True)
class PortalLink:
    """One entry of the portal's navigation."""

    title: str
    url: str
    is_current: bool
    is_methodology: bool


def portal_links(page: Page, request: HttpRequest) -> list[PortalLink]:
    """Return links to the results and methodology pages in the language of a page."""
    models = [apps.get_model("pages", name) for name in PORTAL_MODELS]
    pages = Page.objects.live().exact_type(*models).filter(locale_id=page.locale_id).order_by("path")
    return [
        PortalLink(
            title=other.title,
            url=other.get_url(request) or "",
            is_current=other.pk == page.pk,
            is_methodology=other.cached_content_type.model == "methodologypage",
        )
        for other in pages
    ]

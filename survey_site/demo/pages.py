"""The public portal of the demonstration, in both languages."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wagtail.models import Locale, Page, Site

from analysis.models import Release
from survey_site.pages.models import HomePage, MethodologyPage, ResultsPage, StandardPage

LANGUAGES = ("vi", "en")
TEXTS = Path(__file__).with_name("portal.json")

type Texts = Mapping[str, Mapping[str, Any]]
"""The fields of one page by language."""


def build_portal(release: Release) -> None:
    """Make the pages that are missing, and one results page per language for the release."""
    texts = json.loads(TEXTS.read_text(encoding="utf-8"))
    homes = _ensure_homes(texts["home"])
    for page_texts in texts["text_pages"]:
        _ensure(StandardPage, homes, page_texts)
    _ensure(MethodologyPage, homes, texts["methodology"])
    _ensure(ResultsPage, homes, texts["results"], release=release)


def _ensure_homes(texts: Texts) -> dict[str, Page]:
    """Return the landing pages, the English one a translation of the Vietnamese, which is the site's root."""
    vietnamese = _ensure_home("vi", texts["vi"])
    Site.objects.update_or_create(
        is_default_site=True,
        defaults={"hostname": "localhost", "root_page": vietnamese, "site_name": vietnamese.title},
    )
    Page.objects.filter(depth=2).exact_type(Page).delete()  # the welcome page of Wagtail's migrations
    return {"vi": vietnamese, "en": _ensure_home("en", texts["en"], **_same_translation(vietnamese))}


def _ensure_home(language: str, fields: Mapping[str, Any], **values: object) -> Page:
    locale, _created = Locale.objects.get_or_create(language_code=language)
    home: Page | None = HomePage.objects.filter(locale=locale).first()
    if home is None:
        home = HomePage(locale=locale, **fields, **values)
        Page.get_first_root_node().add_child(instance=home)
    return home


def _ensure(model: type[Page], homes: Mapping[str, Page], texts: Texts, **values: object) -> None:
    """Add a page in each language under its landing page unless it is there."""
    first: Page | None = None
    for language in LANGUAGES:
        parent = Page.objects.get(pk=homes[language].pk)
        page = model.objects.child_of(parent).filter(slug=texts[language]["slug"]).first()
        if page is None:
            page = model(locale=parent.locale, **texts[language], **values, **_same_translation(first))
            parent.add_child(instance=page)
        first = first or page


def _same_translation(page: Page | None) -> dict[str, object]:
    return {"translation_key": page.translation_key} if page is not None else {}

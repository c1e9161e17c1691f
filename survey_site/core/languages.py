"""The address of the current page in the other languages."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import get_language, get_language_info
from wagtail.models import Page

PATHS_KEPT = 512
"""Paths whose other languages are remembered: finding one resolves the address twice."""


@dataclass(frozen=True)
class LanguageLink:
    """One entry of the language switch."""

    code: str
    letters: str
    name: str
    url: str
    is_current: bool


def local_name(code: str) -> str:
    """Return the name of a language in itself: Tiếng Việt, in composed letters."""
    name = unicodedata.normalize("NFC", get_language_info(code)["name_local"])
    return name[:1].upper() + name[1:]


def home_url(code: str) -> str:
    """Return the address of the first page in a language."""
    return "/" if code == settings.LANGUAGE_CODE else f"/{code}/"


def page_urls(page: Page, request: HttpRequest) -> dict[str, str]:
    """Return the addresses of a page and its live translations by language."""
    query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
    translations = page.get_translations(inclusive=True).live().select_related("locale")
    addresses = ((other.locale.language_code, other.get_url(request)) for other in translations)
    return {code: f"{url}{query}" for code, url in addresses if url}


def address_in(code: str, request: HttpRequest, known: dict[str, str] | None) -> str:
    """Return where the reader lands who switches to a language: the same page if it exists there."""
    if known is not None:
        return known.get(code) or home_url(code)
    path, mark, query = request.get_full_path().partition("?")
    return translated_path(path, get_language(), code) + mark + query


@lru_cache(maxsize=PATHS_KEPT)
def translated_path(path: str, _language: str | None, code: str) -> str:
    """Return a path in a language; what a path of the active language leads to depends on nothing else."""
    return str(translate_url(path, code))


def language_links(request: HttpRequest, page: Any = None) -> list[LanguageLink]:
    """Return one link per language of the site; a page without translation leads to the first page."""
    known = page_urls(page, request) if isinstance(page, Page) and page.pk else None
    return [
        LanguageLink(
            code=code,
            letters=code.upper(),
            name=local_name(code),
            url=address_in(code, request, known),
            is_current=code == get_language(),
        )
        for code, _name in settings.LANGUAGES
    ]

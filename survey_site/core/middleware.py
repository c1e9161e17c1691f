"""Middleware of the whole site."""

from collections.abc import Callable, Collection, Mapping
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.urls import reverse
from django.utils import translation
from django.utils.csp import CSP, build_policy
from django.utils.functional import cached_property


class CompressionMiddleware(GZipMiddleware):
    """Compress pages and tables; sound is compressed already, and browsers ask for parts of it."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Leave sound as it is."""
        if response.headers.get("Content-Type", "").startswith("audio/"):
            return response
        compressed: HttpResponseBase = super().process_response(request, response)
        return compressed


class ForTheAdmin:
    """What middleware of the admin shares: whom it asks next, and where the admin is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    @cached_property
    def admin_path(self) -> str:
        """Path under which every admin page lies."""
        return reverse("wagtailadmin_home")


class AdminLanguageMiddleware(ForTheAdmin):
    """Refuse in the language of whoever is signed in to the admin, too; Wagtail does so in pages only."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the language that the person has chosen."""
        profile = None
        if request.path.startswith(self.admin_path):
            profile = getattr(request.user, "wagtail_userprofile", None)
        if profile is None:
            return self.get_response(request)
        with translation.override(profile.get_preferred_language()):
            return self.get_response(request)


class AdminPolicyMiddleware(ForTheAdmin):
    """Give the admin its own content security policy: it runs inline scripts and previews pages in frames."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the headers before the site-wide middleware would."""
        response = self.get_response(request)
        if request.path.startswith(self.admin_path):
            response.headers[str(CSP.HEADER_ENFORCE)] = build_policy(self.policy)
            response.headers["X-Frame-Options"] = "SAMEORIGIN"
        return response

    @property
    def policy(self) -> Mapping[str, Collection[str] | str]:
        """Policy of the admin, as the settings state it."""
        return cast("Mapping[str, Collection[str] | str]", settings.ADMIN_CSP)

"""Paper: a page of our own becomes a PDF; nothing is fetched for it from anywhere."""

import io
import zipfile
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

PDF, ZIP = "application/pdf", "application/zip"
ZIP_EPOCH = datetime(1980, 1, 1).timetuple()[:6]  # noqa: DTZ001 - ZIP files know no time zones
PRIVATE = 0o600


class OutsideAddressError(FatalURLFetchingError):
    """Raised when a page that is printed points at a picture, a font or a stylesheet outside itself."""


class RefusingFetcher(URLFetcher):
    """Fetches nothing: what is printed holds its styles and pictures itself."""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:  # noqa: ARG002 - the library's signature
        """Refuse, whatever the address."""
        raise OutsideAddressError(
            _("Expected a page that needs nothing else, got the address %(url)s. Put it into the page.")
            % {"url": url}
        )


def pdf_from_html(html: str) -> bytes:
    """Return the PDF of a page; any address in it that would have to be fetched is refused."""
    written: bytes = HTML(string=html, url_fetcher=RefusingFetcher()).write_pdf()
    return written


def zip_of(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return an archive of files in the order in which they come; equal files give equal archives."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = PRIVATE << 16
            archive.writestr(entry, content)
    return target.getvalue()

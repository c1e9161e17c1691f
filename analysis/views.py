"""Downloads of published figures."""

from collections.abc import Callable, Mapping

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from analysis.exports import FORMATS, ExportFormat, ExportTable
from analysis.models import Release
from analysis.resources import estimates_table, scorecards_table

PUBLIC_FORMATS = ("csv", "csv-semicolon", "xlsx", "json")
LANGUAGES = ("vi", "en")
CACHE_SECONDS = 3_600

type Tables = Mapping[str, Callable[[Release, str], ExportTable]]


TABLES: Tables = {"estimates": estimates_table, "scorecards": scorecards_table}
STEMS: Mapping[str, str] = {"estimates": "", "scorecards": "scorecards-"}
"""What the names of the files say about their content."""


@require_safe
def download(
    _request: HttpRequest, release_code: str, file_format: str, what: str = "estimates"
) -> HttpResponse:
    """Send a table of a release; a release never changes, so its files are kept in the cache."""
    if file_format not in PUBLIC_FORMATS:
        raise Http404
    release = get_object_or_404(
        Release.objects.select_related("method", "snapshot__round"), code=release_code
    )
    language = active_language()
    chosen = FORMATS[file_format]
    key = f"analysis.download:{release.pk}:{what}:{file_format}:{language}"
    content = cache.get_or_set(key, lambda: chosen.write(TABLES[what](release, language)), CACHE_SECONDS)
    return file_response(content or b"", chosen, f"sipas-{release.code}-{STEMS[what]}{language}")


def active_language() -> str:
    """Return the language of the request among those that files come in."""
    language = (get_language() or LANGUAGES[0])[:2]
    return language if language in LANGUAGES else LANGUAGES[0]


def file_response(content: bytes, chosen: ExportFormat, stem: str) -> HttpResponse:
    """Return a file to be saved under a name."""
    response = HttpResponse(content, content_type=chosen.content_type)
    response["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=chosen.file_name(stem)
    )
    return response

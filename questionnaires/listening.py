"""Recordings and pictures as browsers fetch them: kept for good, and only those of versions, or for staff."""

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views import View

from questionnaires.media import path_of
from questionnaires.pictures import MEDIA_TYPES as PICTURE_TYPES
from questionnaires.references import PictureReference, Reference
from questionnaires.selectors.pictures import may_be_seen
from questionnaires.selectors.recordings import is_published, may_be_heard
from questionnaires.sounds import MEDIA_TYPES

FOR_GOOD = "public, max-age=31536000, immutable"
FOR_A_WHILE = "private, max-age=300"
"""Recordings of a draft are heard by staff only."""
_RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})")


class ListenView(View):
    """One recording, named by its hash: what a published version refers to, and drafts for their authors."""

    def get(self, request: HttpRequest, digest: str, extension: str, **_kwargs: Any) -> HttpResponse:
        """Send the recording, or the part of it that was asked for."""
        reference = Reference.of(f"{digest}.{extension}")
        if reference is None or extension not in MEDIA_TYPES:
            raise Http404
        is_public = is_published(reference)
        if not is_public and not may_be_heard(reference, request.user):
            raise Http404
        try:
            content = path_of(reference).read_bytes()
        except FileNotFoundError:
            raise Http404 from None
        response = answer(request, content, f'"{digest}"')
        response["Content-Type"] = MEDIA_TYPES[extension]
        response["Cache-Control"] = FOR_GOOD if is_public else FOR_A_WHILE
        response["Accept-Ranges"] = "bytes"
        response["X-Content-Type-Options"] = "nosniff"
        return response


class LookView(View):
    """One picture, named by hash and size: what a published version shows, and drafts for their authors."""

    def get(self, request: HttpRequest, name: str, **_kwargs: Any) -> HttpResponse:
        """Send the picture."""
        reference = PictureReference.of(name)
        if reference is None or reference.extension not in PICTURE_TYPES:
            raise Http404
        is_public = is_published(reference)
        if not is_public and not may_be_seen(reference, request.user):
            raise Http404
        try:
            content = path_of(reference).read_bytes()
        except FileNotFoundError:
            raise Http404 from None
        response = answer(request, content, f'"{reference.digest}"')
        response["Content-Type"] = PICTURE_TYPES[reference.extension]
        response["Cache-Control"] = FOR_GOOD if is_public else FOR_A_WHILE
        response["X-Content-Type-Options"] = "nosniff"
        return response


def answer(request: HttpRequest, content: bytes, tag: str) -> HttpResponse:
    """Return a file as it was asked for: whole, in part, or not again."""
    if tag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers={"ETag": tag})
    wanted = wanted_part(request, len(content), tag)
    if wanted is None:
        return HttpResponse(content, headers={"ETag": tag})
    if not wanted:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{len(content)}"})
    part = f"bytes {wanted.start}-{wanted.stop - 1}/{len(content)}"
    headers = {"ETag": tag, "Content-Range": part}
    return HttpResponse(content[wanted.start : wanted.stop], status=206, headers=headers)


def wanted_part(request: HttpRequest, size: int, tag: str) -> range | None:
    """Return the bytes asked for, none where the file has none of them, None where the whole is wanted.

    A list of parts, or a form that is not understood, gets the whole, as the protocol allows.
    """
    found = _RANGE.fullmatch(request.headers.get("Range", ""))
    if found is None or not any(found.groups()) or request.headers.get("If-Range", tag) != tag:
        return None
    first, last = found.groups()
    if not first:
        return range(max(size - int(last), 0), size)
    end = min(int(last) + 1, size) if last else size
    return range(int(first), end) if last == "" or int(last) >= int(first) else None

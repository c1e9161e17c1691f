"""Pictures that documents and drafts name, and what authors should know about them."""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.contenttypes.models import ContentType
from wagtail.models import Revision

from questionnaires.media import path_of
from questionnaires.models import Questionnaire
from questionnaires.permissions import VIEW_DRAFT
from questionnaires.pictures import HEAVY_PICTURE
from questionnaires.references import PictureReference
from questionnaires.schema import Problem, Severity
from questionnaires.schema import Questionnaire as Schema
from questionnaires.schema.lint_texts import pictures_of

KIB = 1024
_NAMES = re.compile(r"[0-9a-f]{64}-[0-9]{1,5}x[0-9]{1,5}\.webp")


def picture_problems(schema: Schema) -> list[Problem]:
    """Return pictures that are not stored here, which nobody would see, and those that are heavy."""
    return [
        problem
        for path, names in pictures_of(schema)
        for language, name in names.items()
        for problem in _problems_of(path, language, name)
    ]


def _problems_of(path: str, language: str, name: str) -> Iterator[Problem]:
    """Yield what is wrong with one picture."""
    reference = PictureReference.of(name)
    if reference is None or not path_of(reference).is_file():
        yield Problem("picture_not_stored", f"{path}.{language}", {"name": name})
        return
    n_bytes = path_of(reference).stat().st_size
    if n_bytes > HEAVY_PICTURE:
        weights = {"kilobytes": -(-n_bytes // KIB), "limit": HEAVY_PICTURE // KIB, "language": language}
        yield Problem("picture_heavy", f"{path}.{language}", weights, Severity.WARNING)


def may_be_seen(reference: PictureReference, user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether somebody may look at a picture that no version shows yet: whoever may look at drafts."""
    return path_of(reference).is_file() and bool(cast("Any", user).has_perm(VIEW_DRAFT))


def drafted_pictures() -> frozenset[str]:
    """Return the files of all pictures that drafts show, or showed in a revision one can go back to."""
    return frozenset(name for text in _drafts_as_text() for name in _NAMES.findall(text))


def _drafts_as_text() -> Iterator[str]:
    """Yield what drafts and their revisions hold."""
    for draft in Questionnaire.objects.only("sections", "scales").iterator():
        yield json.dumps([list(draft.sections.raw_data), list(draft.scales.raw_data)])
    kind = ContentType.objects.get_for_model(Questionnaire)
    contents = Revision.objects.filter(base_content_type=kind).values_list("content", flat=True)
    yield from map(json.dumps, contents.iterator())

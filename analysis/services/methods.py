"""Loading the method files into the database, where a version never changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from analysis import methods
from analysis.index import IndexMethod as ParsedIndexMethod
from analysis.models import CriteriaSet, IndexMethod
from analysis.par import CriteriaSet as ParsedCriteriaSet
from sampling.services import ChangedMethodError

type Parsed = ParsedIndexMethod | ParsedCriteriaSet


@dataclass(frozen=True, slots=True)
class LoadedMethods:
    """How many methods are in the database, and how many of them are new."""

    n_methods: int
    n_new: int


@transaction.atomic
def load_methods(*, user: AbstractBaseUser | None = None) -> LoadedMethods:
    """Load every index method and criteria set; a version that is there already must be the same document."""
    index_methods = [_load(IndexMethod, loaded, user) for loaded in methods.index_methods().values()]
    criteria_sets = [_load(CriteriaSet, loaded, user) for loaded in methods.criteria_sets().values()]
    return _counted([*index_methods, *criteria_sets])


def _counted(are_new: Iterable[bool]) -> LoadedMethods:
    listed = list(are_new)
    return LoadedMethods(n_methods=len(listed), n_new=sum(listed))


def _load(
    model: type[IndexMethod] | type[CriteriaSet],
    loaded: methods.LoadedMethod[Any],
    user: AbstractBaseUser | None,
) -> bool:
    """Create the row of a method unless it is there; tell whether it was created."""
    parsed: Parsed = loaded.parsed
    existing = model.objects.filter(code=parsed.code, version=parsed.version).first()
    if existing is None:
        row = model(**_fields(loaded))
        row.full_clean()
        row.save()
        log(row, "analysis.load_methods", user=user, data={"digest": row.digest})
        return True
    if existing.digest != loaded.digest:
        raise ChangedMethodError(
            _(
                "Expected %(method)s with SHA-256 %(known)s, as loaded; the file has %(found)s. "
                "A method never changes: give the changed document a new version."
            )
            % {"method": existing, "known": existing.digest, "found": loaded.digest}
        )
    return False


def _fields(loaded: methods.LoadedMethod[Any]) -> dict[str, Any]:
    document: Any = loaded.document
    reason = document["provisional_reason"] or {"vi": "", "en": ""}
    return {
        "code": document["code"],
        "version": document["version"],
        "title_vi": document["title"]["vi"],
        "title_en": document["title"]["en"],
        "decision": document["decision"] or "",
        "is_provisional": document["is_provisional"],
        "provisional_reason_vi": reason["vi"],
        "provisional_reason_en": reason["en"],
        "document": document,
        "digest": loaded.digest,
    }

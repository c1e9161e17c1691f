"""Methods as data: index methods and criteria sets, read from versioned files and validated."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

from django.utils.translation import gettext as _

from analysis.index import IndexMethod, parse_index_method
from analysis.par import CriteriaSet, parse_criteria_set
from sampling.methods import document_digest

PUBLISHED_CHECKS = "published_checks.json"

#: Identity of a method: its code and version.
type MethodKey = tuple[str, int]

__all__ = [
    "LoadedMethod",
    "MethodKey",
    "MethodsError",
    "collect_methods",
    "criteria_set",
    "criteria_sets",
    "document_digest",
    "index_method",
    "index_methods",
    "published_checks_document",
]


class MethodsError(ValueError):
    """Method files that contradict one another, or a method that is not there."""


@dataclass(frozen=True, slots=True)
class LoadedMethod[T]:
    """A method file: the document as read, the values parsed from it, and its fingerprint."""

    document: Mapping[str, object]
    parsed: T
    digest: str


def index_methods() -> dict[MethodKey, LoadedMethod[IndexMethod]]:
    """Read and validate every method of the satisfaction index, by code and version."""
    return _load_all("sipas", parse_index_method)


def criteria_sets() -> dict[MethodKey, LoadedMethod[CriteriaSet]]:
    """Read and validate every criteria set of the reform index, by code and version."""
    return _load_all("par", parse_criteria_set)


def index_method(code: str, version: int | None = None) -> LoadedMethod[IndexMethod]:
    """Return one index method; without a version, the newest."""
    return _choose(index_methods(), code, version)


def criteria_set(code: str, version: int | None = None) -> LoadedMethod[CriteriaSet]:
    """Return one criteria set; without a version, the newest."""
    return _choose(criteria_sets(), code, version)


def published_checks_document() -> Mapping[str, object]:
    """Return the published figures that the rules of the reform index are checked against."""
    return _read("par", PUBLISHED_CHECKS)


def _load_all[T](folder: str, parse: Callable[[Mapping[str, object]], T]) -> dict[MethodKey, LoadedMethod[T]]:
    return collect_methods(_documents(folder), parse)


def collect_methods[T](
    documents: Iterator[tuple[str, Mapping[str, object]]], parse: Callable[[Mapping[str, object]], T]
) -> dict[MethodKey, LoadedMethod[T]]:
    """Parse named documents and refuse two with the same code and version."""
    loaded: dict[MethodKey, LoadedMethod[T]] = {}
    names: dict[MethodKey, str] = {}
    for name, document in documents:
        parsed = parse(document)
        key = (str(document["code"]), int(str(document["version"])))
        if key in loaded:
            raise MethodsError(
                _(
                    "%(file)s: version %(version)s of %(code)s is already defined in %(other)s. "
                    "Raise the version of one of them; a loaded method never changes."
                )
                % {"file": name, "code": key[0], "version": key[1], "other": names[key]}
            )
        loaded[key] = LoadedMethod(document, parsed, document_digest(document))
        names[key] = name
    return loaded


def _documents(folder: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    names = sorted(entry.name for entry in files("analysis.methods").joinpath(folder).iterdir())
    for name in names:
        if name.endswith(".json") and name != PUBLISHED_CHECKS:
            yield name, _read(folder, name)


def _read(folder: str, name: str) -> Mapping[str, object]:
    text = files("analysis.methods").joinpath(folder, name).read_text(encoding="utf-8")
    document = json.loads(text)
    if not isinstance(document, dict):
        raise MethodsError(_("%(file)s is not a JSON object. Correct the file.") % {"file": name})
    return document


def _choose[T](
    loaded: Mapping[MethodKey, LoadedMethod[T]], code: str, version: int | None
) -> LoadedMethod[T]:
    versions = sorted(number for name, number in loaded if name == code)
    wanted = versions[-1] if version is None and versions else version
    if wanted not in versions:
        known = ", ".join(f"{name} v{number}" for name, number in sorted(loaded))
        text = _("There is no method %(code)s; there are: %(known)s.")
        if wanted is not None:
            text = _("There is no method %(code)s in version %(version)s; there are: %(known)s.")
        raise MethodsError(text % {"code": code, "version": wanted, "known": known})
    return loaded[code, wanted]

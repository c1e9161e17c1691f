"""What an XLSForm cannot carry: kept beside it, on a sheet of its own, and put back on the way in.

What the standard sheets alone would lose is found by reading them back and comparing, so that nothing has to
be listed by hand. A value that they say otherwise is put back only where the row was not touched since.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from questionnaires.exchange.choices import OWN_LIST, choice_names
from questionnaires.exchange.problems import FileProblem
from questionnaires.exchange.sheets import PLATFORM, Row, Sheet

OF, KEPT, INSTEAD, CELLS = "of", "kept", "instead", "cells"
COLUMNS = (OF, KEPT, INSTEAD, CELLS)
LONGEST_CELL = 30_000
DIGEST_LENGTH = 16

CHILDREN = frozenset({"sections", "scales", "attributes", "questions", "options"})
STANDARD: Mapping[str, frozenset[str]] = {
    "form": frozenset({"code", "title", "languages"}),
    "section": frozenset({"code", "title", "heading", "intro", "visible_when", "rules"}),
    "question": frozenset(
        {
            *("code", "kind", "text", "help", "scale", "is_required", "visible_when", "minimum", "maximum"),
            *("is_integer", "max_length", "is_multiline", "earliest", "latest", "audio", "picture"),
            *("allows_not_applicable", "allows_no_answer"),
        }
    ),
    "option": frozenset({"value", "label", "audio", "picture", "is_exclusive"}),
    "attribute": frozenset({"code", "label"}),
    "scale": frozenset({"code"}),
}
"""Keys that the standard columns say, by the kind of thing."""


@dataclass(frozen=True, slots=True)
class Extra:
    """What is kept of one thing: `kept` always, `instead` as long as its cells are the same."""

    of: str
    kept: Mapping[str, Any] = field(default_factory=dict)
    instead: Mapping[str, Any] = field(default_factory=dict)
    cells: str = ""


def parts(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every thing in a questionnaire that has a name, without the things inside it.

    Parameters
    ----------
    document : mapping
        A questionnaire as JSON.

    Yields
    ------
    tuple of (str, dict)
        A key such as ``question:Q1`` or ``option:satisfaction/5``, and the object itself: it may be changed.
    """
    yield "form", document
    for attribute in document.get("attributes", ()):
        yield f"attribute:{attribute['code']}", attribute
    for scale in document.get("scales", ()):
        yield f"scale:{scale['code']}", scale
        yield from _options(scale["code"], scale["options"])
    for section in document["sections"]:
        yield f"section:{section['code']}", section
        for question in section["questions"]:
            yield f"question:{question['code']}", question
            yield from _options(f"{question['code']}{OWN_LIST}", question.get("options", ()))


def _options(name: str, options: Iterable[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the options of a list by the names of their choices."""
    found = list(options)
    for choice, option in zip(choice_names([option["value"] for option in found]), found, strict=True):
        yield f"option:{name}/{choice}", option


def cells_digest(rows: Iterable[Row]) -> str:
    """Return the fingerprint of rows of the standard sheets."""
    content = json.dumps([sorted(row.cells.items()) for row in rows], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:DIGEST_LENGTH]


def lost(
    document: dict[str, Any], read_back: dict[str, Any], sources: Mapping[str, Iterable[Row]]
) -> list[Extra]:
    """Return what reading the standard sheets alone would lose of a questionnaire.

    Parameters
    ----------
    document, read_back : mapping
        What was written, and what the standard sheets say, both as JSON of the same structure.
    sources : mapping of str to iterable of Row
        The rows each part was read from.

    Returns
    -------
    list of Extra
        Only those that say something, and every scale, so that it stays one.
    """
    standard = dict(parts(read_back))
    found = []
    for name, whole in parts(document):
        extra = _lost_of(name, whole, standard[name], cells_digest(sources.get(name, ())))
        if extra.kept or extra.instead or name.startswith("scale:"):
            found.append(extra)
    return found


def _lost_of(name: str, whole: Mapping[str, Any], said: Mapping[str, Any], cells: str) -> Extra:
    """Return what is lost of one thing."""
    standard = STANDARD[name.partition(":")[0]]
    keys = [key for key in {**whole, **said} if key not in CHILDREN and whole.get(key) != said.get(key)]
    instead = {key: whole.get(key) for key in keys if key in standard}
    kept = {key: whole[key] for key in keys if key not in standard and key in whole}
    return Extra(name, kept, instead, cells if instead else "")


def put_back(
    document: dict[str, Any], extras: Mapping[str, Extra], sources: Mapping[str, Iterable[Row]]
) -> list[tuple[str, tuple[str, ...]]]:
    """Put back what was kept, changing the document in place.

    Parameters
    ----------
    document : mapping
        What the standard sheets say.
    extras : mapping of str to Extra
        From the sheet beside them.
    sources : mapping of str to iterable of Row
        The rows each part was read from.

    Returns
    -------
    list of (str, tuple of str)
        Parts whose rows were changed since, and the keys that therefore follow the rows.
    """
    changed = []
    for name, part in list(parts(document)):
        extra = extras.get(name)
        if extra is None:
            continue
        for key, value in extra.kept.items():
            if key not in CHILDREN:
                part[key] = value
        if extra.cells == cells_digest(sources.get(name, ())):
            _replace(part, extra.instead)
        elif extra.instead:
            changed.append((name, tuple(extra.instead)))
    return changed


def _replace(part: dict[str, Any], values: Mapping[str, Any]) -> None:
    """Set or remove values."""
    for key, value in values.items():
        if key in CHILDREN:
            continue
        if value is None:
            part.pop(key, None)
        else:
            part[key] = value


def extra_rows(extras: Iterable[Extra]) -> list[dict[str, str]]:
    """Return the rows of the sheet beside the standard ones; what is too long for a cell goes on below."""
    return [row for extra in extras for row in _rows_of(extra)]


def _rows_of(extra: Extra) -> Iterator[dict[str, str]]:
    """Yield one row, or several where a value is long."""
    values = {
        name: json.dumps(value) if value else ""
        for name, value in ((KEPT, extra.kept), (INSTEAD, extra.instead))
    }
    n_rows = max(1, *(-(-len(text) // LONGEST_CELL) for text in values.values()))
    for place in range(n_rows):
        cut = slice(place * LONGEST_CELL, (place + 1) * LONGEST_CELL)
        yield {OF: extra.of, CELLS: extra.cells} | {name: text[cut] for name, text in values.items()}


def read_extras(sheet: Sheet) -> tuple[dict[str, Extra], list[FileProblem]]:
    """Return what is kept, by the name of the thing, and what of it cannot be read."""
    texts: dict[str, dict[str, str]] = {}
    numbers: dict[str, int] = {}
    for row in sheet.rows:
        found = texts.setdefault(row.get(OF), {KEPT: "", INSTEAD: "", CELLS: ""})
        numbers.setdefault(row.get(OF), row.number)
        for name in (KEPT, INSTEAD):
            found[name] += row.get(name)
        found[CELLS] = row.get(CELLS)
    extras, problems = {}, []
    for of, found in texts.items():
        try:
            kept, instead = (_object(found[name]) for name in (KEPT, INSTEAD))
            extras[of] = Extra(of, kept, instead, found[CELLS])
        except (ValueError, TypeError, RecursionError):
            problems.append(FileProblem(PLATFORM, sheet.place(OF, numbers[of]), "broken_extra"))
    return extras, problems


def _object(text: str) -> dict[str, Any]:
    """Return an object written as JSON."""
    value = json.loads(text) if text else {}
    if not isinstance(value, dict):
        raise TypeError
    return value

"""What an author reads about a questionnaire; the schema only says what is wrong, in codes and parameters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from questionnaires.exchange.problems import FileProblem
from questionnaires.exchange.wording import CAUSES, FIXES
from questionnaires.schema import MappingProblem, Problem, SchemaProblem
from questionnaires.schema.wording import EXPECTED, FINDINGS, HINTS, MAPPING_FINDINGS, NOTHING


@dataclass(frozen=True, slots=True)
class Finding:
    """A place in a document, and one sentence in the reader's language."""

    path: str
    message: str


def described(problem: Problem | SchemaProblem) -> Finding:
    """Return a finding of linting or of reading in the active language."""
    if isinstance(problem, SchemaProblem):
        return Finding(problem.path, _worded(FINDINGS["unreadable"], _unread_words(problem)))
    words = problem.params if problem.unread is None else _unread_words(problem.unread)
    return Finding(problem.path, _worded(FINDINGS[problem.code], words))


@dataclass(frozen=True, slots=True)
class FileFinding:
    """A cell of a file, why it is named, and what to do, in the reader's language."""

    place: str
    cause: str
    fix: str


def described_in_file(problem: FileProblem) -> FileFinding:
    """Return a finding in a file in the active language."""
    cause = _worded(CAUSES[problem.code], problem.params)
    return FileFinding(problem.place, cause, _worded(FIXES[problem.code], problem.params))


def listed(problems: Iterable[Problem | SchemaProblem]) -> str:
    """Return findings as lines of text, each with its place."""
    return "\n".join(f"{found.path}: {found.message}" for found in map(described, problems))


def mapping_words(problem: MappingProblem) -> str:
    """Return what is wrong with a mapping between versions, with its place."""
    return f"{problem.path}: {_worded(MAPPING_FINDINGS[problem.code], problem.params)}"


def _unread_words(problem: SchemaProblem) -> dict[str, str]:
    """Return the parts of the sentence about what could not be read."""
    return {
        "expected": _worded(EXPECTED[problem.expected_code], problem.params),
        "got": gettext(NOTHING) if problem.got == NOTHING else problem.got,
        "hint": _worded(HINTS[problem.hint_code], problem.params),
    }


def _worded(text: str, params: Mapping[str, Any]) -> str:
    """Translate a text and fill its places."""
    return gettext(text).format_map(params)

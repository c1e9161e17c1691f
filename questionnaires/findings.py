"""What an author reads about a questionnaire; the schema only says what is wrong, in codes and parameters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from questionnaires.schema import Problem, SchemaProblem
from questionnaires.schema.wording import EXPECTED, FINDINGS, HINTS, NOTHING


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


def listed(problems: Iterable[Problem | SchemaProblem]) -> str:
    """Return findings as lines of text, each with its place."""
    return "\n".join(f"{found.path}: {found.message}" for found in map(described, problems))


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

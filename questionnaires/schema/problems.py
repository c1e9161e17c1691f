"""What linting finds: a code for the message, its place, how bad it is; and walks over a questionnaire."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from questionnaires.schema.model import Question, Questionnaire, Rule, Section
from questionnaires.schema.nodes import SchemaProblem
from questionnaires.schema.wording import FINDINGS


class Severity(StrEnum):
    """Whether a problem forbids publication."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: a code for the message, the JSON path, what the message needs, and how bad it is.

    `unread` is the problem of a document that could not be read: its words are translated one by one.
    """

    code: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = Severity.ERROR
    unread: SchemaProblem | None = None

    @property
    def message(self) -> str:
        """The finding in English."""
        return FINDINGS[self.code].format_map(self.params)


def warning(code: str, path: str, /, **params: Any) -> Problem:
    """Return a problem that does not forbid publication."""
    return Problem(code, path, params, Severity.WARNING)


def error(code: str, path: str, /, **params: Any) -> Problem:
    """Return a problem that forbids publication."""
    return Problem(code, path, params)


def sections_of(questionnaire: Questionnaire) -> Iterator[tuple[str, Section]]:
    """Yield the sections with their JSON paths."""
    for position, section in enumerate(questionnaire.sections):
        yield f"$.sections[{position}]", section


def questions_of(questionnaire: Questionnaire) -> Iterator[tuple[str, Question]]:
    """Yield the questions with their JSON paths."""
    for path, section in sections_of(questionnaire):
        for position, question in enumerate(section.questions):
            yield f"{path}.questions[{position}]", question


def rules_of(questionnaire: Questionnaire) -> Iterator[tuple[str, Rule]]:
    """Yield the rules with their JSON paths."""
    for position, rule in enumerate(questionnaire.rules):
        yield f"$.rules[{position}]", rule
    for path, section in sections_of(questionnaire):
        for position, rule in enumerate(section.rules):
            yield f"{path}.rules[{position}]", rule

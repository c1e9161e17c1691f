"""The way through a questionnaire, computed from the answers each time and never stored.

Questions are walked in order. An answer counts only while its question is on the path, so a change of mind
early on takes everything that hung on it off the path at once.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from questionnaires.schema.conditions import Test, Values, compile_optional
from questionnaires.schema.model import Questionnaire, Section


@dataclass(frozen=True, slots=True)
class Path:
    """Codes of the sections and questions that are asked, in order."""

    sections: tuple[str, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Stop:
    """One section, ready to be walked."""

    code: str
    is_open: Test | None
    questions: tuple[tuple[str, Test | None], ...]


def path(questionnaire: Questionnaire, answers: Values, attributes: Values | None = None) -> Path:
    """Return the sections and questions a respondent is asked.

    Parameters
    ----------
    questionnaire : Questionnaire
        What is asked.
    answers : mapping of str to answer
        Answers given so far, by question code.
    attributes : mapping of str to value, optional
        What the sample knows about the respondent.

    Returns
    -------
    Path
        A section whose questions are all hidden is not on the path.

    Examples
    --------
    >>> from questionnaires.schema import Kind, LocalizedText, Question, Section
    >>> note = Question("N1", Kind.NOTE, LocalizedText.of({"vi": "Xin chào"}))
    >>> section = Section("A", LocalizedText.of({"vi": "Mở đầu"}), (note,))
    >>> path(Questionnaire("x", section.title, ("vi",), (section,)), {})
    Path(sections=('A',), questions=('N1',))
    """
    known = attributes or {}
    on_path: dict[str, Any] = {}
    sections: list[str] = []
    questions: list[str] = []
    for stop in _stops(questionnaire):
        visible = _walk(stop, answers, known, on_path)
        if visible:
            sections.append(stop.code)
            questions += visible
    return Path(tuple(sections), tuple(questions))


def keep_on_path(
    questionnaire: Questionnaire, answers: Values, attributes: Values | None = None
) -> dict[str, Any]:
    """Return the answers whose questions are asked, in the order asked; the others are not kept.

    Parameters
    ----------
    questionnaire : Questionnaire
        What is asked.
    answers : mapping of str to answer
        Answers by question code.
    attributes : mapping of str to value, optional
        What the sample knows about the respondent.

    Returns
    -------
    dict
        A new dictionary; doing it twice changes nothing.
    """
    return {
        code: answers[code] for code in path(questionnaire, answers, attributes).questions if code in answers
    }


def _walk(stop: _Stop, answers: Values, attributes: Values, on_path: dict[str, Any]) -> list[str]:
    """Return the visible questions of a section and let their answers count from here on."""
    visible: list[str] = []
    if stop.is_open is not None and not stop.is_open(on_path, attributes):
        return visible
    for code, is_asked in stop.questions:
        if is_asked is None or is_asked(on_path, attributes):
            visible.append(code)
            if code in answers:
                on_path[code] = answers[code]
    return visible


@lru_cache(maxsize=64)
def _stops(questionnaire: Questionnaire) -> tuple[_Stop, ...]:
    """Return the sections with their conditions compiled, once per questionnaire."""
    return tuple(_stop(section) for section in questionnaire.sections)


def _stop(section: Section) -> _Stop:
    """Compile one section."""
    questions = tuple(
        (question.code, compile_optional(question.visible_when)) for question in section.questions
    )
    return _Stop(section.code, compile_optional(section.visible_when), questions)

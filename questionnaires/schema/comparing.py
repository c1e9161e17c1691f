"""Versions of a questionnaire compared question by question, and answers carried over from one to another.

The code is the identity: the same code with the same kind and the same options stays comparable, whatever the
order. Where a question was renamed or its options were given other values, a mapping document says so::

    {"questions": {"Q5": {"from": "Q4", "values": {"1": 1, "2": 1, "3": 2}}, "Q9": {"from": null}}}

``"from": null`` says that a code was given another meaning: the question counts as new and its old answers as
dropped.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from questionnaires.schema.model import (
    SPECIAL_VALUES,
    Kind,
    Option,
    Question,
    Questionnaire,
    Scalar,
    questions_by_code,
)
from questionnaires.schema.texts import DEFAULT_LANGUAGE, LocalizedText


class Change(StrEnum):
    """What became of a question between two versions."""

    SAME = "same"
    WORDING = "wording"
    OPTIONS = "options"
    RECODED = "recoded"
    KIND = "kind"
    NEW = "new"
    DROPPED = "dropped"


COMPARABLE = frozenset({Change.SAME, Change.WORDING, Change.RECODED})
"""Changes after which answers may stand in one series; a change of wording is a note beside it."""


class MappingError(ValueError):
    """A mapping document that does not fit the two versions; `problems` lists everything found."""

    def __init__(self, problems: tuple["MappingProblem", ...]) -> None:
        super().__init__("\n".join(f"{found.path}: {found.code} {dict(found.params)}" for found in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class MappingProblem:
    """One thing wrong with a mapping: a code for the message, its place, and what the message needs."""

    code: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Renaming:
    """Where the answers of a question come from.

    Parameters
    ----------
    source : str
        Code in the older version; empty where the question is new although the code is not.
    values : mapping of str to (int, str or None)
        Older value, as text, to newer value; None for an answer that has no counterpart. Empty: as they are.
    """

    source: str
    values: Mapping[str, Scalar | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Correspondence:
    """One question in two versions.

    Parameters
    ----------
    code : str
        Code in the newer version, or in the older one where the question was dropped.
    change : Change
        What became of it.
    source : str
        Code in the older version; empty for a new question.
    options : tuple of (int or str)
        Values that were added, taken away, or given another label.
    """

    code: str
    change: Change
    source: str = ""
    options: tuple[Scalar, ...] = ()

    @property
    def is_comparable(self) -> bool:
        """Whether older and newer answers may stand in one series."""
        return self.change in COMPARABLE


def read_mapping(
    document: Mapping[str, Any], older: Questionnaire, newer: Questionnaire
) -> Mapping[str, Renaming]:
    """Read a mapping document and check it against both versions.

    Parameters
    ----------
    document : mapping
        ``{"questions": {newer code: {"from": older code or None, "values": {older value: newer value}}}}``.
    older, newer : Questionnaire
        The versions it connects.

    Returns
    -------
    mapping of str to Renaming
        By newer code.

    Raises
    ------
    MappingError
        With every code and value that is in neither version.
    """
    if not isinstance(document, Mapping):
        raise MappingError((MappingProblem("not_an_object", "$"),))
    entries = document.get("questions", {})
    unknown = sorted(set(document) - {"questions"})
    problems = [MappingProblem("unknown_key", f"$.{key}", {"key": key}) for key in unknown]
    if not isinstance(entries, Mapping):
        problems.append(MappingProblem("not_an_object", "$.questions"))
        entries = {}
    renamings: dict[str, Renaming] = {}
    for code, entry in entries.items():
        problems += _entry_problems(code, entry, older, newer)
        if isinstance(entry, Mapping):
            renamings[code] = _renaming(code, entry)
    if problems:
        raise MappingError(tuple(problems))
    return MappingProxyType(renamings)


def _renaming(code: str, entry: Mapping[str, Any]) -> Renaming:
    """Return one entry as a value."""
    source, values = entry.get("from", code), entry.get("values", {})
    return Renaming("" if source is None else source, values if isinstance(values, Mapping) else {})


def _entry_problems(
    code: str, entry: Any, older: Questionnaire, newer: Questionnaire
) -> Iterator[MappingProblem]:
    """Report what one entry says that neither version knows."""
    place = f"$.questions.{code}"
    if not isinstance(entry, Mapping) or not isinstance(entry.get("values", {}), Mapping):
        yield MappingProblem("not_an_object", place)
        return
    for key in sorted(set(entry) - {"from", "values"}):
        yield MappingProblem("unknown_key", f"{place}.{key}", {"key": key})
    source = entry.get("from", code)
    old, new = questions_by_code(older).get(source), questions_by_code(newer).get(code)
    if new is None:
        yield MappingProblem("unknown_question", place, {"code": code})
    if source is not None and old is None:
        yield MappingProblem("unknown_source", f"{place}.from", {"code": source})
    if old is not None and new is not None:
        yield from _value_problems(place, entry.get("values", {}), old, new)


def _value_problems(
    place: str, values: Mapping[str, Any], old: Question, new: Question
) -> Iterator[MappingProblem]:
    """Report values that are no options of their question."""
    before = {str(option.value) for option in old.options}
    after = {option.value for option in new.options} | set(SPECIAL_VALUES) | {None}
    for value, target in values.items():
        if value not in before:
            yield MappingProblem("unknown_value", f"{place}.values", {"value": value, "code": old.code})
        if isinstance(target, list | dict) or target not in after:
            yield MappingProblem("unknown_value", f"{place}.values", {"value": target, "code": new.code})


def compare(
    older: Questionnaire, newer: Questionnaire, renamings: Mapping[str, Renaming] | None = None
) -> tuple[Correspondence, ...]:
    """Return what became of every question between two versions.

    Parameters
    ----------
    older, newer : Questionnaire
        Two versions, the earlier one first.
    renamings : mapping of str to Renaming, optional
        See :func:`read_mapping`.

    Returns
    -------
    tuple of Correspondence
        The questions of the newer version in the order asked, then those that were dropped. Notes have no
        answers and are left out.

    Examples
    --------
    >>> from questionnaires.schema import LocalizedText, Section
    >>> words = LocalizedText.of({"vi": "Tuổi"})
    >>> def form(code):
    ...     return Questionnaire(
    ...         "x", words, ("vi",), (Section("A", words, (Question(code, Kind.TEXT, words),)),)
    ...     )
    >>> [(found.code, found.change.value) for found in compare(form("AGE"), form("YEARS"))]
    [('YEARS', 'new'), ('AGE', 'dropped')]
    >>> compare(form("AGE"), form("YEARS"), {"YEARS": Renaming("AGE")})[0].is_comparable
    True
    """
    known = renamings or {}
    before = _answered(older)
    found = [_correspondence(question, before, known) for question in _answered(newer).values()]
    used = {item.source for item in found if item.source}
    dropped = [Correspondence(code, Change.DROPPED, code) for code in before if code not in used]
    return (*found, *dropped)


def _answered(questionnaire: Questionnaire) -> dict[str, Question]:
    """Return the questions that take answers."""
    questions = questions_by_code(questionnaire).items()
    return {code: question for code, question in questions if question.kind is not Kind.NOTE}


def _correspondence(
    question: Question, before: Mapping[str, Question], renamings: Mapping[str, Renaming]
) -> Correspondence:
    """Return what became of one question of the newer version."""
    renaming = renamings.get(question.code, Renaming(question.code))
    old = before.get(renaming.source)
    if old is None:
        return Correspondence(question.code, Change.NEW)
    changed = _changed_options(old, question)
    change = _change(old, question, renaming, is_changed=bool(changed))
    return Correspondence(question.code, change, old.code, changed)


def _change(old: Question, new: Question, renaming: Renaming, *, is_changed: bool) -> Change:
    """Return the gravest change of a question."""
    if renaming.values:
        return Change.RECODED
    if old.kind is not new.kind or _words(old.unit) != _words(new.unit):
        return Change.KIND
    if is_changed:
        return Change.OPTIONS
    return Change.SAME if _wording(old) == _wording(new) else Change.WORDING


def _wording(question: Question) -> tuple[Any, ...]:
    """Return every word of a question in every language, in whatever order its options stand."""
    labels = frozenset((option.value, _words(option.label)) for option in question.options)
    return _words(question.text), _words(question.help), labels


def _words(text: LocalizedText) -> frozenset[tuple[str, str]]:
    """Return the wordings of a text, in whatever order its languages stand: a database may change it."""
    return frozenset(text.entries)


def _changed_options(old: Question, new: Question) -> tuple[Scalar, ...]:
    """Return the values that do not mean the same in both versions."""
    before, after = _labels(old.options), _labels(new.options)
    values = dict.fromkeys((*after, *before))
    special = set(old.special_values) ^ set(new.special_values)
    return (*(value for value in values if before.get(value) != after.get(value)), *sorted(special))


def _labels(options: tuple[Option, ...]) -> dict[Scalar, str]:
    """Return the labels of options by value in the original language: a translation changes no answer."""
    return {option.value: option.label.in_language(DEFAULT_LANGUAGE) for option in options}


def carry_over(
    answers: Mapping[str, Any],
    correspondences: tuple[Correspondence, ...],
    renamings: Mapping[str, Renaming] | None = None,
) -> dict[str, Any]:
    """Return the answers to an older version as answers to the newer one, as far as they are comparable.

    Parameters
    ----------
    answers : mapping of str to answer
        By older code.
    correspondences : tuple of Correspondence
        See :func:`compare`.
    renamings : mapping of str to Renaming, optional
        The same as given to :func:`compare`.

    Returns
    -------
    dict
        By newer code. What has no counterpart is left out, never guessed.

    Examples
    --------
    >>> found = (Correspondence("Q5", Change.RECODED, "Q4"),)
    >>> carry_over({"Q4": 3}, found, {"Q5": Renaming("Q4", {"3": 2})})
    {'Q5': 2}
    """
    known = renamings or {}
    carried: dict[str, Any] = {}
    for item in correspondences:
        if item.is_comparable and item.source in answers:
            value = _recoded(answers[item.source], known.get(item.code, Renaming(item.source)).values)
            if value not in (None, []):
                carried[item.code] = value
    return carried


def _recoded(answer: Any, values: Mapping[str, Scalar | None]) -> Any:
    """Return an answer with its values replaced; one without counterpart becomes nothing."""
    if not values:
        return answer
    if isinstance(answer, list):
        recoded = (values.get(str(value)) for value in answer)
        return list(dict.fromkeys(value for value in recoded if value is not None))
    return answer if answer in SPECIAL_VALUES else values.get(str(answer))

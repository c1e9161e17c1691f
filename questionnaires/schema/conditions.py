"""Conditions on earlier answers and on attributes of the sample: a table of operators and a small evaluator.

A comparison with something unanswered is false, whatever the operator: ``not_equals`` asks for an answer too.
Where "unanswered counts as well" is meant, write ``not`` around the comparison.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from questionnaires.schema.days import is_day

type Values = Mapping[str, Any]
type Test = Callable[[Values, Values], bool]


class Subject(StrEnum):
    """What a comparison looks at."""

    QUESTION = "question"
    ATTRIBUTE = "attribute"


@dataclass(frozen=True, slots=True)
class Reference:
    """Another answer or attribute to compare with, in the place of a value."""

    subject: Subject
    code: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One operator applied to one earlier answer or attribute; `value` may be a :class:`Reference`."""

    subject: Subject
    code: str
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Combination:
    """Conditions joined by ``all``, ``any`` or ``not`` (none of them)."""

    operator: str
    conditions: tuple["Condition", ...]


type Condition = Comparison | Combination


def _is_number(value: Any) -> bool:
    """Whether a value can be ordered."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Return an order comparison that is false for anything but numbers."""
    return lambda answer, value: _is_number(answer) and compare(answer, value)


def _chosen(answer: Any) -> Iterable[Any]:
    """Return what was chosen as a list, also for a single choice."""
    return answer if isinstance(answer, list | tuple) else (answer,)


def _dated(compare: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    """Return an order comparison of days that is false for anything but dates."""
    return lambda answer, value: is_day(answer) and is_day(value) and compare(answer, value)


def _counted(compare: Callable[[int, Any], bool]) -> Callable[[Any, Any], bool]:
    """Return a comparison of how many options were chosen; false for anything but a list."""
    return lambda answer, value: isinstance(answer, list | tuple) and compare(len(answer), value)


def _contains(answer: Any, value: Any) -> bool:
    """Whether a text contains a piece of text, whatever the case of its letters."""
    return isinstance(answer, str) and str(value).casefold() in answer.casefold()


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "equals": lambda answer, value: bool(answer == value),
    "not_equals": lambda answer, value: bool(answer != value),
    "in": lambda answer, values: answer in values,
    "not_in": lambda answer, values: answer not in values,
    "any_of": lambda answer, values: any(chosen in values for chosen in _chosen(answer)),
    "all_of": lambda answer, values: set(values) <= set(_chosen(answer)),
    "answered": lambda _answer, expected: bool(expected),
    "greater": _ordered(lambda answer, value: answer > value),
    "greater_or_equal": _ordered(lambda answer, value: answer >= value),
    "less": _ordered(lambda answer, value: answer < value),
    "less_or_equal": _ordered(lambda answer, value: answer <= value),
    "before": _dated(lambda answer, value: answer < value),
    "not_after": _dated(lambda answer, value: answer <= value),
    "after": _dated(lambda answer, value: answer > value),
    "not_before": _dated(lambda answer, value: answer >= value),
    "count": _counted(lambda count, value: count == value),
    "count_at_least": _counted(lambda count, value: count >= value),
    "count_at_most": _counted(lambda count, value: count <= value),
    "contains": _contains,
}
LIST_OPERATORS = frozenset({"in", "not_in", "any_of", "all_of"})
NUMBER_OPERATORS = frozenset({"greater", "greater_or_equal", "less", "less_or_equal"})
DATE_OPERATORS = frozenset({"before", "not_after", "after", "not_before"})
COUNT_OPERATORS = frozenset({"count", "count_at_least", "count_at_most"})
TEXT_OPERATORS = frozenset({"contains"})
REFERRING_OPERATORS = NUMBER_OPERATORS | DATE_OPERATORS | {"equals", "not_equals"}
"""Operators that also compare with another answer or attribute."""

COMBINATIONS: dict[str, Callable[[Iterator[bool]], bool]] = {
    "all": all,
    "any": any,
    "not": lambda results: not any(results),
}


def is_unanswered(value: Any) -> bool:
    """Return whether a value counts as no answer: nothing, an empty text or an empty list.

    Parameters
    ----------
    value : object
        An answer or attribute. "Does not apply" and "prefer not to say" are answers.

    Returns
    -------
    bool
        True for ``None``, ``""`` and ``[]``.

    Examples
    --------
    >>> is_unanswered(""), is_unanswered(0), is_unanswered("na")
    (True, False, False)
    """
    return value is None or value in ("", [])


def compile_condition(condition: Condition) -> Test:
    """Return a function of (answers, attributes) that says whether a condition holds.

    Parameters
    ----------
    condition : Comparison or Combination
        The condition, nested at will.

    Returns
    -------
    callable
        Cheap to call often: operators are looked up here, once.

    Raises
    ------
    KeyError
        If an operator is unknown.

    Examples
    --------
    >>> holds = compile_condition(Comparison(Subject.QUESTION, "Q8.4", "equals", 1))
    >>> holds({"Q8.4": 1}, {}), holds({}, {})
    (True, False)
    """
    if isinstance(condition, Combination):
        combine = COMBINATIONS[condition.operator]
        tests = tuple(compile_condition(part) for part in condition.conditions)
        return lambda answers, attributes: combine(test(answers, attributes) for test in tests)
    return _compile_comparison(condition)


def _compile_comparison(comparison: Comparison) -> Test:
    """Return the test of one comparison."""
    compare, code, value = COMPARISONS[comparison.operator], comparison.code, comparison.value
    is_about_answers = comparison.subject is Subject.QUESTION
    when_unanswered = comparison.operator == "answered" and not value
    if isinstance(value, Reference):
        return _compile_reference(comparison, value)

    def test(answers: Values, attributes: Values) -> bool:
        found = (answers if is_about_answers else attributes).get(code)
        return when_unanswered if is_unanswered(found) else compare(found, value)

    return test


def _compile_reference(comparison: Comparison, reference: Reference) -> Test:
    """Return the test of a comparison with another answer; false until both are there."""
    compare = COMPARISONS[comparison.operator]

    def test(answers: Values, attributes: Values) -> bool:
        sources = {Subject.QUESTION: answers, Subject.ATTRIBUTE: attributes}
        found = sources[comparison.subject].get(comparison.code)
        other = sources[reference.subject].get(reference.code)
        if is_unanswered(found) or is_unanswered(other):
            return False
        if comparison.operator in NUMBER_OPERATORS and not _is_number(other):
            return False
        return compare(found, other)

    return test


def compile_optional(condition: Condition | None) -> Test | None:
    """Return the compiled condition, or None where nothing has to be tested.

    Parameters
    ----------
    condition : Comparison, Combination or None
        A condition or its absence.

    Returns
    -------
    callable or None
        See :func:`compile_condition`.

    Examples
    --------
    >>> compile_optional(None) is None
    True
    """
    return None if condition is None else compile_condition(condition)


def holds(condition: Condition | None, answers: Values, attributes: Values) -> bool:
    """Return whether a condition holds; no condition always does.

    Parameters
    ----------
    condition : Comparison, Combination or None
        The condition.
    answers, attributes : mapping
        Answers by question code, attributes of the sample by their code.

    Returns
    -------
    bool
        The truth of the condition.

    Examples
    --------
    >>> rural = Comparison(Subject.ATTRIBUTE, "area", "in", ("rural",))
    >>> holds(Combination("not", (rural,)), {}, {"area": "urban"})
    True
    """
    return condition is None or compile_condition(condition)(answers, attributes)


def comparisons(condition: Condition | None) -> tuple[Comparison, ...]:
    """Return every comparison inside a condition, in order.

    Parameters
    ----------
    condition : Comparison, Combination or None
        The condition.

    Returns
    -------
    tuple of Comparison
        Empty without a condition.

    Examples
    --------
    >>> comparisons(None)
    ()
    """
    if condition is None:
        return ()
    if isinstance(condition, Comparison):
        return (condition,)
    return tuple(leaf for part in condition.conditions for leaf in comparisons(part))


def subjects(condition: Condition | None) -> tuple[Reference, ...]:
    """Return everything a condition looks at: what it compares, and what it compares with.

    Parameters
    ----------
    condition : Comparison, Combination or None
        The condition.

    Returns
    -------
    tuple of Reference
        In order, repetitions included.

    Examples
    --------
    >>> other = Reference(Subject.QUESTION, "ADULTS")
    >>> [found.code for found in subjects(Comparison(Subject.QUESTION, "WORKERS", "less_or_equal", other))]
    ['WORKERS', 'ADULTS']
    """
    found: list[Reference] = []
    for leaf in comparisons(condition):
        found.append(Reference(leaf.subject, leaf.code))
        if isinstance(leaf.value, Reference):
            found.append(leaf.value)
    return tuple(found)

"""What linting says about conditions and rules: known by then, possible answers, able to hold."""

import datetime
import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

from questionnaires.schema.conditions import (
    COUNT_OPERATORS,
    DATE_OPERATORS,
    LIST_OPERATORS,
    NUMBER_OPERATORS,
    TEXT_OPERATORS,
    Comparison,
    Condition,
    Reference,
    Subject,
    comparisons,
    compile_condition,
    subjects,
)
from questionnaires.schema.days import is_day
from questionnaires.schema.model import (
    CHOICE_KINDS,
    LIST_KINDS,
    TODAY,
    Kind,
    Question,
    Questionnaire,
    Rule,
    Section,
)
from questionnaires.schema.problems import Problem, error, rules_of, sections_of, warning

ANY_DAY = "2026-01-01"  # stands for every day where no condition mentions one
MAX_COMBINATIONS = 20_000  # beyond this a condition is taken to be satisfiable


def check_conditions(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let conditions refer to what is known by then, compare with possible answers, and be able to hold."""
    walk = _Walk(questionnaire)
    for path, section in sections_of(questionnaire):
        yield from walk.references(section.visible_when, f"{path}.visible_when")
        is_reachable = walk.can_hold(section.visible_when)
        if not is_reachable:
            yield error("unreachable_section", path, section=section.code)
        on_page: set[str] = set()
        for position, question in enumerate(section.questions):
            place = f"{path}.questions[{position}]"
            yield from walk.references(question.visible_when, f"{place}.visible_when", frozenset(on_page))
            can_show = walk.can_hold(question.visible_when)
            if is_reachable and not can_show:
                yield error("unreachable_question", place, question=question.code)
            walk.pass_by(question, is_asked=is_reachable and can_show)
            on_page.add(question.code)


class _Walk:
    """The questions passed so far, and what each may have been answered with."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.by_code = {question.code: question for question in questionnaire.questions}
        self.attributes = {attribute.code for attribute in questionnaire.attributes}
        self.constants = _constants(questionnaire)
        self.domains: dict[str, tuple[Any, ...]] = {}

    def pass_by(self, question: Question, *, is_asked: bool) -> None:
        """Remember what a question may have been answered with; nothing if it cannot be reached."""
        self.domains[question.code] = (None, *(self._answers(question) if is_asked else ()))

    def _answers(self, question: Question) -> tuple[Any, ...]:
        """Return answers that represent all possible ones as far as conditions can tell them apart."""
        values: tuple[Any, ...] = tuple(option.value for option in question.options)
        if question.kind in LIST_KINDS:
            sizes = range(1, len(values) + 1)
            sets = itertools.chain.from_iterable(itertools.combinations(values, size) for size in sizes)
            values = tuple(list(chosen) for chosen in itertools.islice(sets, MAX_COMBINATIONS))
        elif question.kind is Kind.NUMBER:
            bounds = [limit for limit in (question.minimum, question.maximum) if limit is not None]
            near = (0, *bounds, *self._near(question.code))
            values = tuple(value for value in near if _is_within(question, value))
        elif question.kind is Kind.DATE:
            ends = [limit for limit in (question.earliest, question.latest) if is_day(limit)]
            days = (ANY_DAY, *ends, *self._days(question.code))
            values = tuple(day for day in days if _is_day_within(question, day))
        elif question.kind is Kind.TEXT:
            values = (*(v for v in self.constants.get(question.code, ()) if isinstance(v, str)), "…")
        return values + question.special_values

    def _near(self, code: str) -> Iterator[int | float]:
        """Yield the numbers conditions mention and their neighbours."""
        for value in self.constants.get(code, ()):
            if isinstance(value, int | float):
                yield from (value - 1, value, value + 1)

    def _days(self, code: str) -> Iterator[str]:
        """Yield the days conditions mention and their neighbours."""
        for value in self.constants.get(code, ()):
            if is_day(value):
                day = datetime.date.fromisoformat(value)
                yield from ((day + datetime.timedelta(days=step)).isoformat() for step in (-1, 0, 1))

    def references(
        self, condition: Condition | None, path: str, on_page: frozenset[str] = frozenset()
    ) -> Iterator[Problem]:
        """Report what the comparisons of a condition refer to wrongly."""
        for comparison in comparisons(condition):
            others = [comparison.value] if isinstance(comparison.value, Reference) else []
            for item in (Reference(comparison.subject, comparison.code), *others):
                yield from self._reference_problems(item, path, on_page)
            if comparison.subject is Subject.QUESTION and comparison.code in self.domains:
                yield from _value_problems(comparison, self.by_code[comparison.code], path)

    def _reference_problems(self, item: Reference, path: str, on_page: frozenset[str]) -> Iterator[Problem]:
        """Report something that is not known, or not known by then."""
        if item.subject is Subject.ATTRIBUTE:
            if item.code not in self.attributes:
                yield error("dangling_attribute", path, code=item.code)
        elif item.code not in self.by_code:
            yield error("dangling_question", path, code=item.code)
        elif item.code not in self.domains:
            yield error("later_question", path, code=item.code)
        elif item.code in on_page:
            yield warning("same_section_condition", path, code=item.code)

    def can_hold(self, condition: Condition | None) -> bool:
        """Return whether any answers to earlier questions make a condition true."""
        if condition is None:
            return True
        if any(isinstance(leaf.value, Reference) for leaf in comparisons(condition)):
            return True
        looked_at = sorted({(item.subject, item.code) for item in subjects(condition)})
        domains = [self._domain(subject, code) for subject, code in looked_at]
        if math.prod(len(domain) for domain in domains) > MAX_COMBINATIONS:
            return True
        test = compile_condition(condition)
        for values in itertools.product(*domains):
            known = dict(zip(looked_at, values, strict=True))
            answers = {code: value for (kind, code), value in known.items() if kind is Subject.QUESTION}
            sample = {code: value for (kind, code), value in known.items() if kind is Subject.ATTRIBUTE}
            if test(answers, sample):
                return True
        return False

    def _domain(self, subject: Subject, code: str) -> tuple[Any, ...]:
        """Return the values a subject may have; a dangling one, reported already, may have any."""
        if subject is Subject.QUESTION and code in self.domains:
            return self.domains[code]
        numbers = tuple(self._near(code)) if self.constants.get(code) else ()
        return (None, *self.constants.get(code, ()), *numbers, "…")


def _constants(questionnaire: Questionnaire) -> dict[str, tuple[Any, ...]]:
    """Return the values that conditions compare each question or attribute with."""
    found: dict[str, list[Any]] = {}
    holders: tuple[Section | Question, ...] = (*questionnaire.sections, *questionnaire.questions)
    conditions = [holder.visible_when for holder in holders]
    conditions += [rule.must for _path, rule in rules_of(questionnaire)]
    for condition in conditions:
        for comparison in comparisons(condition):
            found.setdefault(comparison.code, []).extend(_operands(comparison))
    return {code: tuple(dict.fromkeys(values)) for code, values in found.items()}


def _operands(comparison: Comparison) -> tuple[Any, ...]:
    """Return the values of a comparison as a tuple."""
    if comparison.operator == "answered" or isinstance(comparison.value, Reference):
        return ()
    return tuple(comparison.value) if comparison.operator in LIST_OPERATORS else (comparison.value,)


def _is_within(question: Question, value: float) -> bool:
    """Whether a number is in the range of a question."""
    low = -math.inf if question.minimum is None else question.minimum
    high = math.inf if question.maximum is None else question.maximum
    return low <= value <= high


def _is_day_within(question: Question, day: str) -> bool:
    """Whether a day is in the range of a question."""
    latest = "" if question.latest == TODAY else question.latest
    return question.earliest <= day and (not latest or day <= latest)


def _value_problems(comparison: Comparison, question: Question, path: str) -> Iterator[Problem]:
    """Report comparisons with values that the question can never have."""
    operator = comparison.operator
    if question.kind is Kind.NOTE:
        yield error("note_has_no_answer", path, code=question.code)
        return
    for operators, fits, code in FITTING:
        if operator in operators:
            if not fits(question):
                yield error(code, path, code=question.code)
            return
    if question.kind in CHOICE_KINDS and not isinstance(comparison.value, Reference):
        possible = {option.value for option in question.options} | set(question.special_values)
        for value in _operands(comparison):
            if value not in possible:
                yield error("impossible_value", path, code=question.code, value=value)


def _has_numbers(question: Question) -> bool:
    """Whether the answers to a question can be ordered as numbers."""
    is_choice = question.kind in CHOICE_KINDS - LIST_KINDS
    return question.kind is Kind.NUMBER or (
        is_choice and {type(option.value) for option in question.options} == {int}
    )


FITTING: tuple[tuple[frozenset[str], Callable[[Question], bool], str], ...] = (
    (NUMBER_OPERATORS, _has_numbers, "not_a_number_question"),
    (DATE_OPERATORS, lambda question: question.kind is Kind.DATE, "not_a_date_question"),
    (COUNT_OPERATORS, lambda question: question.kind in LIST_KINDS, "not_a_list_question"),
    (TEXT_OPERATORS, lambda question: question.kind is Kind.TEXT, "not_a_text_question"),
)
"""Operators, the questions they fit, and what is found elsewhere."""


def check_rules(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let rules look at questions known by then, be able to hold, and be reported on a page."""
    walk = _Walk(questionnaire)
    seen: set[str] = set()
    for path, section in sections_of(questionnaire):
        for question in section.questions:
            walk.pass_by(question, is_asked=True)
        for position, rule in enumerate(section.rules):
            on_page = {question.code for question in section.questions}
            yield from _rule_problems(rule, f"{path}.rules[{position}]", walk, on_page)
    for position, rule in enumerate(questionnaire.rules):
        yield from _rule_problems(rule, f"$.rules[{position}]", walk, set(walk.domains))
    for path, rule in rules_of(questionnaire):
        if rule.code in seen:
            yield error("duplicate_rule", f"{path}.code", code=rule.code)
        seen.add(rule.code)


def _rule_problems(rule: Rule, path: str, walk: _Walk, at_home: set[str]) -> Iterator[Problem]:
    """Report what is wrong with one rule."""
    yield from walk.references(rule.must, f"{path}.must")
    looked_at = {item.code for item in subjects(rule.must) if item.subject is Subject.QUESTION}
    if not looked_at & at_home:
        yield error("rule_elsewhere", path, rule=rule.code)
    if not walk.can_hold(rule.must):
        yield error("impossible_rule", path, rule=rule.code)

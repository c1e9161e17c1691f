"""What an author should repair before a questionnaire is published.

Reading (:mod:`~questionnaires.schema.reading`) asks whether a document can be understood;
linting asks whether the questionnaire would work: every text in every language, every condition satisfiable,
every page fit for a phone. Messages for the screen are made elsewhere from code and parameters; `message` is
the English one.
"""

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from questionnaires.schema.codebook import variable_name
from questionnaires.schema.conditions import (
    LIST_OPERATORS,
    NUMBER_OPERATORS,
    Comparison,
    Condition,
    Subject,
    comparisons,
    compile_condition,
)
from questionnaires.schema.model import CHOICE_KINDS, Consent, Kind, Option, Question, Questionnaire, Section
from questionnaires.schema.reading import SchemaError, SchemaProblem, parse
from questionnaires.schema.texts import DEFAULT_LANGUAGE, LocalizedText
from questionnaires.schema.wording import FINDINGS

MAX_RATING_CARDS = 8
LIKERT_POINTS = 5
MIN_OPTIONS = 2
MAX_COMBINATIONS = 20_000  # beyond this a condition is taken to be satisfiable

# A response can be traced until the round is frozen: the page may promise confidentiality, never anonymity.
ANONYMITY_WORDS = ("ẩn danh", "nặc danh", "khuyết danh", "anonymous", "anonymity")


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


def lint(subject: Mapping[str, Any] | Questionnaire) -> list[Problem]:
    """Return what is wrong with a questionnaire.

    Parameters
    ----------
    subject : mapping or Questionnaire
        A document or the questionnaire read from it.

    Returns
    -------
    list of Problem
        Errors forbid publication, warnings do not. A document that cannot be read gives reading errors.

    Examples
    --------
    >>> [problem.code for problem in lint({"schema": 1})][:2]
    ['unreadable', 'unreadable']
    """
    if isinstance(subject, Questionnaire):
        return [problem for rule in RULES for problem in rule(subject)]
    try:
        return lint(parse(subject))
    except SchemaError as error:
        return [_unreadable(found) for found in error.problems]


def _unreadable(found: SchemaProblem) -> Problem:
    """Return a problem of reading as a finding."""
    params = {"expected": found.expected, "got": found.got, "hint": found.hint}
    return Problem("unreadable", found.path, params, unread=found)


def _warning(code: str, path: str, /, **params: Any) -> Problem:
    """Return a problem that does not forbid publication."""
    return Problem(code, path, params, Severity.WARNING)


def _error(code: str, path: str, /, **params: Any) -> Problem:
    """Return a problem that forbids publication."""
    return Problem(code, path, params)


def _sections(questionnaire: Questionnaire) -> Iterator[tuple[str, Section]]:
    """Yield the sections with their JSON paths."""
    for position, section in enumerate(questionnaire.sections):
        yield f"$.sections[{position}]", section


def _questions(questionnaire: Questionnaire) -> Iterator[tuple[str, Question]]:
    """Yield the questions with their JSON paths."""
    for path, section in _sections(questionnaire):
        for position, question in enumerate(section.questions):
            yield f"{path}.questions[{position}]", question


def _texts(questionnaire: Questionnaire) -> Iterator[tuple[str, LocalizedText, bool]]:
    """Yield every text shown to people with its JSON path and whether it must be there."""
    yield "$.title", questionnaire.title, True
    yield "$.provisional_reason", questionnaire.provisional_reason, False
    yield "$.source", questionnaire.source, False
    for position, attribute in enumerate(questionnaire.attributes):
        yield f"$.attributes[{position}].label", attribute.label, True
    for position, scale in enumerate(questionnaire.scales):
        yield from _option_texts(f"$.scales[{position}]", scale.options)
    if questionnaire.consent is not None:
        yield from _consent_texts(questionnaire.consent)
    for path, section in _sections(questionnaire):
        yield f"{path}.title", section.title, True
        yield f"{path}.heading", section.heading, False
        yield f"{path}.intro", section.intro, False
    for path, question in _questions(questionnaire):
        yield f"{path}.text", question.text, True
        yield f"{path}.help", question.help, False
        yield f"{path}.unit", question.unit, False
        yield from () if question.scale else _option_texts(path, question.options)


def _option_texts(path: str, options: Iterable[Option]) -> Iterator[tuple[str, LocalizedText, bool]]:
    """Yield the labels of options."""
    for position, option in enumerate(options):
        yield f"{path}.options[{position}].label", option.label, True


def _consent_texts(consent: Consent) -> Iterator[tuple[str, LocalizedText, bool]]:
    """Yield the texts of the consent."""
    yield "$.consent.title", consent.title, True
    for position, point in enumerate(consent.points):
        yield f"$.consent.points[{position}].heading", point.heading, True
        yield f"$.consent.points[{position}].text", point.text, True
    for position, statement in enumerate(consent.statements):
        yield f"$.consent.statements[{position}].text", statement.text, True
        yield f"$.consent.statements[{position}].help", statement.help, False


def check_languages(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let every text exist in every language; an optional one in all or in none."""
    if DEFAULT_LANGUAGE not in questionnaire.languages:
        yield _error("default_language_missing", "$.languages", language=DEFAULT_LANGUAGE)
    for path, text, is_required in _texts(questionnaire):
        if is_required or text:
            for language in questionnaire.languages:
                if not text.get(language):
                    yield _error("missing_language", path, language=language)


def check_promises(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let no text promise more than is kept."""
    for path, text, _ in _texts(questionnaire):
        for language, wording in text.items():
            for word in ANONYMITY_WORDS:
                if word in wording.lower():
                    yield _warning("promises_anonymity", f"{path}.{language}", word=word)


def check_codes(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let a code name one thing."""
    yield from _repeated("section", ((path, section.code) for path, section in _sections(questionnaire)))
    yield from _repeated("question", ((path, question.code) for path, question in _questions(questionnaire)))
    scales = ((f"$.scales[{position}]", scale.code) for position, scale in enumerate(questionnaire.scales))
    yield from _repeated("scale", scales)
    attributes = enumerate(questionnaire.attributes)
    yield from _repeated("attribute", ((f"$.attributes[{place}]", item.code) for place, item in attributes))


def _repeated(what: str, codes: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """Report the second and later use of a code."""
    seen: set[str] = set()
    for path, code in codes:
        if code in seen:
            yield _error(f"duplicate_{what}", f"{path}.code", code=code)
        seen.add(code)


def check_variables(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let different questions have different columns in data files, also where case is ignored."""
    first: dict[str, str] = {}
    for path, question in _questions(questionnaire):
        variable = variable_name(question.code)
        other = first.setdefault(variable.lower(), question.code)
        if other != question.code:
            codes = f"{other}, {question.code}"
            yield _error("variable_collision", f"{path}.code", codes=codes, variable=variable)


def check_options(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let choices have options, each once, rating scales five points, and no scale lie idle."""
    for path, question in _questions(questionnaire):
        n_options = len(question.options)
        if question.kind in CHOICE_KINDS and n_options < MIN_OPTIONS:
            params = {"question": question.code, "n_options": n_options, "minimum": MIN_OPTIONS}
            yield _error("too_few_options", path, **params)
        elif question.kind is Kind.LIKERT and n_options != LIKERT_POINTS:
            params = {"question": question.code, "n_options": n_options, "expected": LIKERT_POINTS}
            yield _warning("likert_not_five", path, **params)
        for value, times in Counter(option.value for option in question.options).items():
            if times > 1:
                yield _error("duplicate_option", f"{path}.options", value=value)
    used = {question.scale for question in questionnaire.questions}
    for position, scale in enumerate(questionnaire.scales):
        if scale.code not in used:
            yield _warning("unused_scale", f"$.scales[{position}]", code=scale.code)


def check_questions(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let ratings be free, sensitive questions have a way out, and ranges not be empty."""
    for path, question in _questions(questionnaire):
        if question.is_required and question.is_rating_card:
            yield _warning("required_rating", f"{path}.is_required", question=question.code)
        if question.is_sensitive and question.kind is not Kind.NOTE and not question.allows_no_answer:
            yield _warning("sensitive_without_way_out", path, question=question.code)
        low, high = question.minimum, question.maximum
        if low is not None and high is not None and low > high:
            yield _error("empty_range", path, question=question.code, minimum=low, maximum=high)


def check_sections(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let there be sections, none empty and none too long for a phone."""
    if not questionnaire.sections:
        yield _error("no_sections", "$.sections")
    for path, section in _sections(questionnaire):
        n_cards = sum(question.is_rating_card for question in section.questions)
        if not section.questions:
            yield _error("empty_section", f"{path}.questions", section=section.code)
        elif n_cards > MAX_RATING_CARDS:
            params = {"section": section.code, "n_cards": n_cards, "maximum": MAX_RATING_CARDS}
            yield _warning("long_battery", f"{path}.questions", **params)


def check_consent(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let people be told and asked before they answer."""
    if questionnaire.consent is None:
        yield _warning("consent_missing", "$.consent")
    elif not any(statement.is_required for statement in questionnaire.consent.statements):
        yield _warning("consent_not_required", "$.consent.statements")


def check_provisional(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let a provisional questionnaire say why."""
    if questionnaire.is_provisional and not questionnaire.provisional_reason:
        yield _error("provisional_without_reason", "$.provisional_reason")


def check_attributes(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let a note show only what the sample is declared to know."""
    declared = {attribute.code for attribute in questionnaire.attributes}
    for path, question in _questions(questionnaire):
        for position, code in enumerate(question.shows):
            if code not in declared:
                yield _error("dangling_attribute", f"{path}.shows[{position}]", code=code)


def check_conditions(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let conditions refer to what is known by then, compare with possible answers, and be able to hold."""
    walk = _Walk(questionnaire)
    for path, section in _sections(questionnaire):
        yield from walk.references(section.visible_when, f"{path}.visible_when")
        is_reachable = walk.can_hold(section.visible_when)
        if not is_reachable:
            yield _error("unreachable_section", path, section=section.code)
        on_page: set[str] = set()
        for position, question in enumerate(section.questions):
            place = f"{path}.questions[{position}]"
            yield from walk.references(question.visible_when, f"{place}.visible_when", frozenset(on_page))
            can_show = walk.can_hold(question.visible_when)
            if is_reachable and not can_show:
                yield _error("unreachable_question", place, question=question.code)
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
        if question.kind is Kind.MULTIPLE:
            sizes = range(1, len(values) + 1)
            sets = itertools.chain.from_iterable(itertools.combinations(values, size) for size in sizes)
            values = tuple(list(chosen) for chosen in itertools.islice(sets, MAX_COMBINATIONS))
        elif question.kind is Kind.NUMBER:
            values = tuple(value for value in self._near(question.code) if _is_within(question, value))
        elif question.kind is Kind.TEXT:
            values = (*(v for v in self.constants.get(question.code, ()) if isinstance(v, str)), "…")
        return values + question.special_values

    def _near(self, code: str) -> Iterator[int | float]:
        """Yield the numbers conditions mention and their neighbours."""
        for value in self.constants.get(code, (0,)):
            if isinstance(value, int | float):
                yield from (value - 1, value, value + 1)

    def references(
        self, condition: Condition | None, path: str, on_page: frozenset[str] = frozenset()
    ) -> Iterator[Problem]:
        """Report what the comparisons of a condition refer to wrongly."""
        for comparison in comparisons(condition):
            if comparison.subject is Subject.ATTRIBUTE:
                if comparison.code not in self.attributes:
                    yield _error("dangling_attribute", path, code=comparison.code)
            elif comparison.code not in self.by_code:
                yield _error("dangling_question", path, code=comparison.code)
            elif comparison.code not in self.domains:
                yield _error("later_question", path, code=comparison.code)
            else:
                if comparison.code in on_page:
                    yield _warning("same_section_condition", path, code=comparison.code)
                yield from _value_problems(comparison, self.by_code[comparison.code], path)

    def can_hold(self, condition: Condition | None) -> bool:
        """Return whether any answers to earlier questions make a condition true."""
        if condition is None:
            return True
        subjects = sorted({(leaf.subject, leaf.code) for leaf in comparisons(condition)})
        domains = [self._domain(subject, code) for subject, code in subjects]
        if math.prod(len(domain) for domain in domains) > MAX_COMBINATIONS:
            return True
        test = compile_condition(condition)
        for values in itertools.product(*domains):
            known = dict(zip(subjects, values, strict=True))
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
    for holder in holders:
        for comparison in comparisons(holder.visible_when):
            found.setdefault(comparison.code, []).extend(_operands(comparison))
    return {code: tuple(dict.fromkeys(values)) for code, values in found.items()}


def _operands(comparison: Comparison) -> tuple[Any, ...]:
    """Return the values of a comparison as a tuple."""
    if comparison.operator == "answered":
        return ()
    return tuple(comparison.value) if comparison.operator in LIST_OPERATORS else (comparison.value,)


def _is_within(question: Question, value: float) -> bool:
    """Whether a number is in the range of a question."""
    low = -math.inf if question.minimum is None else question.minimum
    high = math.inf if question.maximum is None else question.maximum
    return low <= value <= high


def _value_problems(comparison: Comparison, question: Question, path: str) -> Iterator[Problem]:
    """Report comparisons with values that the question can never have."""
    if question.kind is Kind.NOTE:
        yield _error("note_has_no_answer", path, code=question.code)
    elif comparison.operator in NUMBER_OPERATORS:
        values = {type(option.value) for option in question.options}
        if question.kind is not Kind.NUMBER and values != {int}:
            yield _error("not_a_number_question", path, code=question.code)
    elif question.kind in CHOICE_KINDS:
        possible = {option.value for option in question.options} | set(question.special_values)
        for value in _operands(comparison):
            if value not in possible:
                yield _error("impossible_value", path, code=question.code, value=value)


RULES: tuple[Callable[[Questionnaire], Iterator[Problem]], ...] = (
    check_languages,
    check_promises,
    check_codes,
    check_variables,
    check_options,
    check_questions,
    check_sections,
    check_consent,
    check_provisional,
    check_attributes,
    check_conditions,
)

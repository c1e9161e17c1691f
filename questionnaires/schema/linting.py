"""What an author should repair before a questionnaire is published.

Reading (:mod:`~questionnaires.schema.reading`) asks whether a document can be understood;
linting asks whether the questionnaire would work: every text in every language, every condition satisfiable,
every page fit for a phone. Messages for the screen are made elsewhere from code and parameters; `message` is
the English one.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from questionnaires.schema.codebook import variable_name
from questionnaires.schema.lint_conditions import check_conditions, check_rules
from questionnaires.schema.lint_texts import check_languages, check_pictures, check_piping, check_promises
from questionnaires.schema.model import CHOICE_KINDS, TODAY, Kind, Question, Questionnaire
from questionnaires.schema.nodes import SchemaError, SchemaProblem
from questionnaires.schema.problems import Problem, Severity, error, questions_of, sections_of, warning
from questionnaires.schema.reading import parse

__all__ = ["Problem", "Severity", "lint"]

MAX_RATING_CARDS = 8
LIKERT_POINTS = 5
MIN_OPTIONS = 2
MAX_RANKED = 7
"""More places than this nobody can tell apart; a phone shows them on two screens."""


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
    except SchemaError as unread:
        return [_unreadable(found) for found in unread.problems]


def _unreadable(found: SchemaProblem) -> Problem:
    """Return a problem of reading as a finding."""
    params = {"expected": found.expected, "got": found.got, "hint": found.hint}
    return Problem("unreadable", found.path, params, unread=found)


def check_codes(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let a code name one thing."""
    yield from _repeated("section", ((path, section.code) for path, section in sections_of(questionnaire)))
    yield from _repeated(
        "question", ((path, question.code) for path, question in questions_of(questionnaire))
    )
    scales = ((f"$.scales[{position}]", scale.code) for position, scale in enumerate(questionnaire.scales))
    yield from _repeated("scale", scales)
    attributes = enumerate(questionnaire.attributes)
    yield from _repeated("attribute", ((f"$.attributes[{place}]", item.code) for place, item in attributes))


def _repeated(what: str, codes: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """Report the second and later use of a code."""
    seen: set[str] = set()
    for path, code in codes:
        if code in seen:
            yield error(f"duplicate_{what}", f"{path}.code", code=code)
        seen.add(code)


def check_variables(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let different questions have different columns in data files, also where case is ignored."""
    first: dict[str, str] = {}
    for path, question in questions_of(questionnaire):
        variable = variable_name(question.code)
        other = first.setdefault(variable.lower(), question.code)
        if other != question.code:
            codes = f"{other}, {question.code}"
            yield error("variable_collision", f"{path}.code", codes=codes, variable=variable)


def check_options(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let choices have options, each once, rating scales five points, and no scale lie idle."""
    for path, question in questions_of(questionnaire):
        n_options = len(question.options)
        if question.kind in CHOICE_KINDS and n_options < MIN_OPTIONS:
            params = {"question": question.code, "n_options": n_options, "minimum": MIN_OPTIONS}
            yield error("too_few_options", path, **params)
        elif question.kind is Kind.LIKERT and n_options != LIKERT_POINTS:
            params = {"question": question.code, "n_options": n_options, "expected": LIKERT_POINTS}
            yield warning("likert_not_five", path, **params)
        for value, times in Counter(option.value for option in question.options).items():
            if times > 1:
                yield error("duplicate_option", f"{path}.options", value=value)
    used = {question.scale for question in questionnaire.questions}
    for position, scale in enumerate(questionnaire.scales):
        if scale.code not in used:
            yield warning("unused_scale", f"$.scales[{position}]", code=scale.code)


def check_questions(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let ratings be free, sensitive questions have a way out, and ranges not be empty."""
    for path, question in questions_of(questionnaire):
        if question.is_required and question.is_rating_card:
            yield warning("required_rating", f"{path}.is_required", question=question.code)
        if question.is_sensitive and question.kind is not Kind.NOTE and not question.allows_no_answer:
            yield warning("sensitive_without_way_out", path, question=question.code)
        low, high = question.minimum, question.maximum
        if low is not None and high is not None and low > high:
            yield error("empty_range", path, question=question.code, minimum=low, maximum=high)
        yield from _kind_problems(path, question)


def _kind_problems(path: str, question: Question) -> Iterator[Problem]:
    """Report limits of dates and rankings that nobody can keep."""
    first, last = question.earliest, question.latest
    if first and last not in {"", TODAY} and first > last:
        yield error("empty_range", path, question=question.code, minimum=first, maximum=last)
    if question.kind is Kind.RANKING:
        n_options = len(question.options)
        if not 0 <= question.n_ranks <= n_options:
            params = {"question": question.code, "n_ranks": question.n_ranks, "n_options": n_options}
            yield error("impossible_ranks", f"{path}.n_ranks", **params)
        elif question.n_places > MAX_RANKED:
            params = {"question": question.code, "n_ranks": question.n_places, "maximum": MAX_RANKED}
            yield warning("long_ranking", path, **params)


def check_sections(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let there be sections, none empty and none too long for a phone."""
    if not questionnaire.sections:
        yield error("no_sections", "$.sections")
    for path, section in sections_of(questionnaire):
        n_cards = sum(question.is_rating_card for question in section.questions)
        if not section.questions:
            yield error("empty_section", f"{path}.questions", section=section.code)
        elif n_cards > MAX_RATING_CARDS:
            params = {"section": section.code, "n_cards": n_cards, "maximum": MAX_RATING_CARDS}
            yield warning("long_battery", f"{path}.questions", **params)


def check_consent(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let people be told and asked before they answer."""
    if questionnaire.consent is None:
        yield warning("consent_missing", "$.consent")
    elif not any(statement.is_required for statement in questionnaire.consent.statements):
        yield warning("consent_not_required", "$.consent.statements")


def check_provisional(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let a provisional questionnaire say why."""
    if questionnaire.is_provisional and not questionnaire.provisional_reason:
        yield error("provisional_without_reason", "$.provisional_reason")


def check_attributes(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Let a note show only what the sample is declared to know."""
    declared = {attribute.code for attribute in questionnaire.attributes}
    for path, question in questions_of(questionnaire):
        for position, code in enumerate(question.shows):
            if code not in declared:
                yield error("dangling_attribute", f"{path}.shows[{position}]", code=code)


RULES: tuple[Callable[[Questionnaire], Iterator[Problem]], ...] = (
    check_languages,
    check_pictures,
    check_promises,
    check_piping,
    check_codes,
    check_variables,
    check_options,
    check_questions,
    check_sections,
    check_consent,
    check_provisional,
    check_attributes,
    check_conditions,
    check_rules,
)

"""Answers checked against a questionnaire: hard rules give errors, soft rules give reminders.

An interview is one mapping of question code to answer. A validator is compiled once per questionnaire; after
that an answer costs little more than a look-up, so that a whole round of interviews is checked in seconds by
the same code that checks the page a citizen has just sent.

No rating is compulsory: an unanswered question is a reminder, unless its author made it required.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from questionnaires.schema.checks import AnswerRejectedError, Check, check_for
from questionnaires.schema.conditions import Test, Values, compile_optional, is_unanswered
from questionnaires.schema.model import Kind, Question, Questionnaire, RuleSeverity, Section
from questionnaires.schema.rules import RULE, CompiledRule, compile_rules

UNANSWERED = "unanswered"
INCOMPLETE_RANKING = "incomplete_ranking"


@dataclass(frozen=True, slots=True)
class AnswerError:
    """What is wrong with the answer to one question: a code for the message and what the message needs."""

    question: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """What remains of the answers, and what was found.

    Parameters
    ----------
    answers : dict
        Valid answers on the path in the order asked, in their canonical form.
    errors : list of AnswerError
        Broken hard rules; nothing with an error may be taken as complete.
    reminders : list of AnswerError
        Broken soft rules; shown once, then let through.
    dropped : list of str
        Codes of questions that were answered but are not on the path.
    """

    answers: dict[str, Any]
    errors: list[AnswerError]
    reminders: list[AnswerError]
    dropped: list[str]

    @property
    def is_valid(self) -> bool:
        """Whether no hard rule is broken."""
        return not self.errors


@dataclass(frozen=True, slots=True)
class _Item:
    """One question, ready to check."""

    code: str
    is_asked: Test | None
    check: Check
    is_required: bool
    is_reminded: bool
    n_places: int


@dataclass(frozen=True, slots=True)
class _Part:
    """One section, ready to check."""

    code: str
    is_open: Test | None
    items: tuple[_Item, ...]
    rules: tuple[CompiledRule, ...]


class Validator:
    """A questionnaire compiled for checking many interviews.

    Parameters
    ----------
    questionnaire : Questionnaire
        The published version answered.
    """

    __slots__ = ("_known", "_parts", "questionnaire")

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        rules = compile_rules(questionnaire)
        self._parts = tuple(_compile_section(section, rules) for section in questionnaire.sections)
        self._known = frozenset(question.code for question in questionnaire.questions)

    def validate(
        self, answers: Values, attributes: Values | None = None, *, complete: bool = False
    ) -> ValidationResult:
        """Check the answers of one interview.

        Parameters
        ----------
        answers : mapping of str to answer
            Raw answers by question code.
        attributes : mapping of str to value, optional
            What the sample knows about the respondent; conditions may use it.
        complete : bool
            Whether the interview is about to be sent: then what is missing is reported too.

        Returns
        -------
        ValidationResult
            Clean answers, errors, reminders and what fell off the path.
        """
        return self._run(answers, attributes or {}, self._known if complete else frozenset())

    def validate_section(
        self, section: str, answers: Values, attributes: Values | None = None
    ) -> ValidationResult:
        """Check all answers, and report what is missing in one section only: the page just sent.

        Parameters
        ----------
        section : str
            Code of the section on screen.
        answers : mapping of str to answer
            Earlier answers together with those of the page.
        attributes : mapping of str to value, optional
            What the sample knows about the respondent.

        Returns
        -------
        ValidationResult
            As :meth:`validate`; errors of other sections are reported too.

        Raises
        ------
        KeyError
            If there is no such section.
        """
        expected = frozenset(question.code for question in self.questionnaire.section(section).questions)
        return self._run(answers, attributes or {}, expected)

    def _run(self, answers: Values, attributes: Values, expected: frozenset[str]) -> ValidationResult:
        """Walk the path once, checking on the way; conditions see valid answers only."""
        result = ValidationResult({}, [], [], [])
        visited: set[str] = set()
        for part in self._parts:
            if part.is_open is None or part.is_open(result.answers, attributes):
                _check_section(part, answers, attributes, expected, result, visited)
                _check_rules(part.rules, attributes, expected, result, visited)
        if not visited.issuperset(answers):
            self._report_strays(answers, visited, result)
        return result

    def _report_strays(self, answers: Values, visited: set[str], result: ValidationResult) -> None:
        """Sort answers nobody asked for into unknown questions and questions off the path."""
        for code in answers:
            if code not in self._known:
                result.errors.append(AnswerError(code, "unknown_question"))
            elif code not in visited and not is_unanswered(answers[code]):
                result.dropped.append(code)


def _check_section(
    part: _Part,
    answers: Values,
    attributes: Values,
    expected: frozenset[str],
    result: ValidationResult,
    visited: set[str],
) -> None:
    """Check the visible questions of one section into the result."""
    clean = result.answers
    for item in part.items:
        if item.is_asked is not None and not item.is_asked(clean, attributes):
            continue
        code = item.code
        visited.add(code)
        raw = answers.get(code)
        try:
            answer = None if is_unanswered(raw) else item.check(raw)
        except AnswerRejectedError as rejected:
            result.errors.append(AnswerError(code, rejected.code, rejected.params))
            continue
        if not is_unanswered(answer):
            clean[code] = answer
        if code in expected:
            _report_missing(item, answer, result)


def _report_missing(item: _Item, answer: Any, result: ValidationResult) -> None:
    """Report an unanswered question, or a ranking with places to give, as hard, soft or not at all."""
    if is_unanswered(answer):
        if item.is_required:
            result.errors.append(AnswerError(item.code, "required"))
        elif item.is_reminded:
            result.reminders.append(AnswerError(item.code, UNANSWERED))
    elif item.n_places:
        _report_places_left(item, answer, result)


def _report_places_left(item: _Item, answer: Any, result: ValidationResult) -> None:
    """Report a ranking with places still to give: it counts, but is worth a reminder."""
    if isinstance(answer, list) and len(answer) < item.n_places:
        found = AnswerError(
            item.code, INCOMPLETE_RANKING, {"place": len(answer) + 1, "maximum": item.n_places}
        )
        (result.errors if item.is_required else result.reminders).append(found)


def _check_rules(
    rules: Iterable[CompiledRule],
    attributes: Values,
    expected: frozenset[str],
    result: ValidationResult,
    visited: set[str],
) -> None:
    """Report broken rules at the last question they look at: hard ones always, soft ones on their page."""
    for rule in rules:
        anchor = next((code for code in rule.questions if code in visited), None)
        if anchor is None or not rule.is_broken(result.answers, attributes, is_due=anchor in expected):
            continue
        found = AnswerError(anchor, RULE, {"rule": rule.code, "message": rule.message})
        if rule.severity is RuleSeverity.HARD:
            result.errors.append(found)
        elif anchor in expected:
            result.reminders.append(found)


def _compile_section(section: Section, rules: Mapping[str, tuple[CompiledRule, ...]]) -> _Part:
    """Compile the checks and conditions of a section."""
    items = tuple(_compile_question(question) for question in section.questions)
    return _Part(section.code, compile_optional(section.visible_when), items, rules.get(section.code, ()))


def _compile_question(question: Question) -> _Item:
    """Compile the check of a question, with its special values in front of it."""
    return _Item(
        code=question.code,
        is_asked=compile_optional(question.visible_when),
        check=check_for(question),
        is_required=question.is_required,
        is_reminded=question.is_reminded,
        n_places=question.n_places if question.kind is Kind.RANKING else 0,
    )


@lru_cache(maxsize=64)
def compile_validator(questionnaire: Questionnaire) -> Validator:
    """Return the validator of a questionnaire, compiled once.

    Parameters
    ----------
    questionnaire : Questionnaire
        A version.

    Returns
    -------
    Validator
        Free of state, safe to share between threads.
    """
    return Validator(questionnaire)


def validate(
    questionnaire: Questionnaire,
    answers: Values,
    attributes: Values | None = None,
    *,
    complete: bool = False,
) -> ValidationResult:
    """Check the answers of one interview; see :meth:`Validator.validate`.

    Parameters
    ----------
    questionnaire : Questionnaire
        The published version answered.
    answers : mapping of str to answer
        Raw answers by question code: a JSON scalar, or a list for several choices.
    attributes : mapping of str to value, optional
        What the sample knows about the respondent.
    complete : bool
        Whether what is missing is to be reported.

    Returns
    -------
    ValidationResult
        Clean answers, errors, reminders and what fell off the path.

    Examples
    --------
    >>> from questionnaires.schema import Kind, LocalizedText, Question, Questionnaire, Section
    >>> text = LocalizedText.of({"vi": "Tuổi"})
    >>> age = Question("AGE", Kind.NUMBER, text, minimum=18)
    >>> form = Questionnaire("x", text, ("vi",), (Section("A", text, (age,)),))
    >>> validate(form, {"AGE": 17}).errors[0].code
    'too_small'
    """
    return compile_validator(questionnaire).validate(answers, attributes, complete=complete)

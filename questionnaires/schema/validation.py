"""Answers checked against a questionnaire: hard rules give errors, soft rules give reminders.

An interview is one mapping of question code to answer. A validator is compiled once per questionnaire; after
that an answer costs little more than a look-up, so that a whole round of interviews is checked in seconds by
the same code that checks the page a citizen has just sent.

No rating is compulsory: an unanswered question is a reminder, unless its author made it required.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from questionnaires.schema.conditions import Test, Values, compile_optional, is_unanswered
from questionnaires.schema.model import SPECIAL_VALUES, Answer, Kind, Question, Questionnaire, Scalar, Section
from questionnaires.schema.texts import normalize

type Check = Callable[[Any], Answer]

UNANSWERED = "unanswered"
_MAX_SHOWN = 60  # of a wrong answer in the parameters of its error
_MAX_CODE_POINTS = 4  # a letter of decomposed Vietnamese takes up to three


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


class AnswerRejectedError(Exception):
    """An answer that breaks a hard rule of its question."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class _Item:
    """One question, ready to check."""

    code: str
    is_asked: Test | None
    check: Check
    is_required: bool
    is_reminded: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """One section, ready to check."""

    code: str
    is_open: Test | None
    items: tuple[_Item, ...]


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
        self._parts = tuple(_compile_section(section) for section in questionnaire.sections)
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
        if raw is None or raw in ("", []):
            if code in expected:
                _report_missing(item, result)
            continue
        try:
            clean[code] = item.check(raw)
        except AnswerRejectedError as rejected:
            result.errors.append(AnswerError(code, rejected.code, rejected.params))


def _report_missing(item: _Item, result: ValidationResult) -> None:
    """Report an unanswered question as hard, soft or not at all."""
    if item.is_required:
        result.errors.append(AnswerError(item.code, "required"))
    elif item.is_reminded:
        result.reminders.append(AnswerError(item.code, UNANSWERED))


def _compile_section(section: Section) -> _Part:
    """Compile the checks and conditions of a section."""
    items = tuple(_compile_question(question) for question in section.questions)
    return _Part(section.code, compile_optional(section.visible_when), items)


def _compile_question(question: Question) -> _Item:
    """Compile the check of a question, with its special values in front of it."""
    return _Item(
        code=question.code,
        is_asked=compile_optional(question.visible_when),
        check=_check_for(question),
        is_required=question.is_required,
        is_reminded=question.is_reminded,
    )


def _check_for(question: Question) -> Check:
    """Return the check of a question, with the values that stand for no answer taken first."""
    check = CHECKS[question.kind](question)
    if question.kind in LOOKUP_KINDS:
        return check
    allowed = frozenset(question.special_values)
    refused = frozenset() if question.kind is Kind.TEXT else frozenset(SPECIAL_VALUES) - allowed

    def check_special_first(raw: Any) -> Answer:
        if isinstance(raw, str) and raw in allowed:
            return raw
        if isinstance(raw, str) and raw in refused:
            raise AnswerRejectedError("not_allowed", value=raw)
        return check(raw)

    return check_special_first


def _choice(question: Question) -> Callable[[Any], Scalar]:
    """Return the check of one choice: a look-up, and the type must match (1 is neither 1.0 nor true)."""
    accepted: dict[Any, Scalar] = {option.value: option.value for option in question.options}
    accepted |= {value: value for value in question.special_values}

    def check(raw: Any) -> Scalar:
        try:
            value = accepted.get(raw)
        except TypeError:  # a list or an object
            value = None
        if value is None or value.__class__ is not raw.__class__:
            raise _rejected_choice(raw, question)
        return value

    return check


def _rejected_choice(raw: Any, question: Question) -> AnswerRejectedError:
    """Say why a choice was refused."""
    if isinstance(raw, bool | float | list | dict):
        return AnswerRejectedError("wrong_type", expected="option", got=type(raw).__name__)
    if raw in SPECIAL_VALUES:
        return AnswerRejectedError("not_allowed", value=raw)
    return AnswerRejectedError(
        "not_an_option", value=str(raw)[:_MAX_SHOWN], options=[option.value for option in question.options]
    )


def _multiple(question: Question) -> Check:
    """Return the check of several choices: a list without repetition, stored in the order of the form."""
    order = {option.value: position for position, option in enumerate(question.options)}
    exclusive = {option.value for option in question.options if option.is_exclusive}
    choose = _choice(question)

    def check(raw: Any) -> Answer:
        if not isinstance(raw, list | tuple):
            raise AnswerRejectedError("wrong_type", expected="list", got=type(raw).__name__)
        chosen = [choose(value) for value in raw]
        if any(value not in order for value in chosen):
            raise AnswerRejectedError("not_an_option", value=raw, options=list(order))
        if len(set(chosen)) < len(chosen):
            raise AnswerRejectedError("duplicate_option", value=raw)
        if len(chosen) > 1 and exclusive.intersection(chosen):
            raise AnswerRejectedError("exclusive_option", value=raw)
        return sorted(chosen, key=order.__getitem__)

    return check


def _number(question: Question) -> Check:
    """Return the check of a number within its limits."""
    minimum = -math.inf if question.minimum is None else question.minimum
    maximum = math.inf if question.maximum is None else question.maximum

    def check(raw: Any) -> Answer:
        if not _is_finite_number(raw):
            raise AnswerRejectedError("wrong_type", expected="number", got=type(raw).__name__)
        if question.is_integer and raw != int(raw):
            raise AnswerRejectedError("not_an_integer", value=raw)
        if raw < minimum:
            raise AnswerRejectedError("too_small", value=raw, minimum=minimum)
        if raw > maximum:
            raise AnswerRejectedError("too_large", value=raw, maximum=maximum)
        return int(raw) if question.is_integer else raw

    return check


def _is_finite_number(raw: Any) -> bool:
    """Whether a value is a number that JSON knows; whole numbers may be of any size."""
    return (isinstance(raw, float) and math.isfinite(raw)) or (
        isinstance(raw, int) and not isinstance(raw, bool)
    )


def _text(question: Question) -> Check:
    """Return the check of a text: composed, without control characters, not too long."""
    limit = question.max_length

    def check(raw: Any) -> Answer:
        if not isinstance(raw, str):
            raise AnswerRejectedError("wrong_type", expected="text", got=type(raw).__name__)
        if len(raw) > _MAX_CODE_POINTS * limit:
            raise AnswerRejectedError("too_long", length=len(raw), maximum=limit)
        text = normalize(raw)
        if len(text) > limit:
            raise AnswerRejectedError("too_long", length=len(text), maximum=limit)
        return text

    return check


def _note(_question: Question) -> Check:
    """Return the check of a note, which takes no answer."""

    def check(raw: Any) -> Answer:
        raise AnswerRejectedError("takes_no_answer", value=raw)

    return check


LOOKUP_KINDS = frozenset({Kind.LIKERT, Kind.SINGLE, Kind.YES_NO})  # special values are in the look-up
CHECKS: dict[Kind, Callable[[Question], Check]] = {
    Kind.LIKERT: _choice,
    Kind.SINGLE: _choice,
    Kind.YES_NO: _choice,
    Kind.MULTIPLE: _multiple,
    Kind.NUMBER: _number,
    Kind.TEXT: _text,
    Kind.NOTE: _note,
}


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


def from_text(question: Question, text: str) -> Answer | None:
    """Return a typed answer for what stands in a web form, a spreadsheet cell or a clerk's key stroke.

    Parameters
    ----------
    question : Question
        The question answered.
    text : str
        One value as text. A number may use a decimal comma.

    Returns
    -------
    int, float, str or None
        None for an empty text; the text itself where it means nothing, so that validation can name it.

    Examples
    --------
    >>> from questionnaires.schema import Kind, LocalizedText, Question
    >>> from_text(Question("AGE", Kind.NUMBER, LocalizedText()), " 41 ")
    41
    """
    stripped = normalize(text)
    if not stripped or stripped in question.special_values:
        return stripped or None
    if question.kind is Kind.NUMBER:
        return _number_from_text(stripped)
    by_text = {str(option.value): option.value for option in question.options}
    return by_text.get(stripped, text if question.kind is Kind.TEXT else stripped)


def _number_from_text(text: str) -> int | float | str:
    """Return a whole number, a decimal number, or the text when it is neither."""
    for convert in (int, float):
        try:
            return convert(text.replace(",", "."))
        except ValueError:
            continue
    return text

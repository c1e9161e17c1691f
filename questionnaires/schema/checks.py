"""What each kind of question takes for an answer: one check per kind, compiled once, in a table."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from questionnaires.schema.days import PARTS, day_from_parts, is_day, today
from questionnaires.schema.model import SPECIAL_VALUES, TODAY, Answer, Kind, Question, Scalar
from questionnaires.schema.texts import normalize

type Check = Callable[[Any], Answer]

MAX_NUMBER = 10**15
"""Numbers beyond are typing mistakes; up to here every format of data files keeps all digits."""
_MAX_SHOWN = 60  # of a wrong answer in the parameters of its error
_MAX_CODE_POINTS = 4  # a letter of decomposed Vietnamese takes up to three


class AnswerRejectedError(Exception):
    """An answer that breaks a hard rule of its question."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def check_for(question: Question) -> Check:
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
            raise AnswerRejectedError("exclusive_option", value=raw)
        if len(set(chosen)) < len(chosen):
            raise AnswerRejectedError("duplicate_option", value=raw)
        if len(chosen) > 1 and exclusive.intersection(chosen):
            raise AnswerRejectedError("exclusive_option", value=raw)
        return sorted(chosen, key=order.__getitem__)

    return check


def _number(question: Question) -> Check:
    """Return the check of a number within its limits."""
    minimum = -MAX_NUMBER if question.minimum is None else question.minimum
    maximum = MAX_NUMBER if question.maximum is None else question.maximum

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


def _ranking(question: Question) -> Check:
    """Return the check of an order of preference: options from the first, each once; or places as typed."""
    choose = _choice(question)
    order = {option.value for option in question.options}
    by_text = {str(option.value): option.value for option in question.options}

    def check(raw: Any) -> Answer:
        ranked = _by_place(raw, by_text, question.n_places) if isinstance(raw, Mapping) else raw
        if not isinstance(ranked, list | tuple):
            raise AnswerRejectedError("wrong_type", expected="list", got=type(raw).__name__)
        chosen = [choose(value) for value in ranked]
        if not order.issuperset(chosen):
            raise AnswerRejectedError("not_an_option", value=str(raw)[:_MAX_SHOWN], options=sorted(by_text))
        if len(set(chosen)) < len(chosen):
            raise AnswerRejectedError("duplicate_option", value=str(raw)[:_MAX_SHOWN])
        if len(chosen) > question.n_places:
            raise AnswerRejectedError("too_many_ranks", maximum=question.n_places)
        return chosen

    return check


def _by_place(places: Mapping[str, str], options: Mapping[str, Scalar], n_places: int) -> list[Scalar]:
    """Return options in the order of the places typed for them; no place twice and none left out."""
    ranked: dict[int, Scalar] = {}
    for option, typed in places.items():
        place = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= len(str(n_places)) else 0
        if option not in options or not 1 <= place <= n_places:
            raise AnswerRejectedError("not_a_place", value=typed[:_MAX_SHOWN], maximum=n_places)
        if place in ranked:
            raise AnswerRejectedError("same_place", place=place)
        ranked[place] = options[option]
    missing = next(place for place in range(1, len(ranked) + 2) if place not in ranked)
    if missing <= len(ranked):
        raise AnswerRejectedError("place_left_out", place=missing)
    return [ranked[place] for place in sorted(ranked)]


def _date(question: Question) -> Check:
    """Return the check of a day within its limits: in ISO form, or in the three fields as typed."""

    def check(raw: Any) -> Answer:
        day = _day_of_parts(raw) if isinstance(raw, Mapping) else raw
        if not isinstance(day, str):
            raise AnswerRejectedError("wrong_type", expected="date", got=type(raw).__name__)
        if not is_day(day):
            raise AnswerRejectedError("not_a_date", value=day[:_MAX_SHOWN])
        latest = today() if question.latest == TODAY else question.latest
        if day < question.earliest:
            raise AnswerRejectedError("too_early", value=day, minimum=question.earliest)
        if latest and day > latest:
            raise AnswerRejectedError("too_late", value=day, maximum=latest)
        return day

    return check


def _day_of_parts(parts: Mapping[str, str]) -> str:
    """Return the day typed in three fields, or say which of them is empty."""
    empty = [name for name in PARTS if not parts.get(name)]
    if empty:
        raise AnswerRejectedError("incomplete_date", missing=tuple(empty))
    day = day_from_parts(parts)
    if day is None:
        typed = "/".join(parts[name][:_MAX_SHOWN] for name in PARTS)
        raise AnswerRejectedError("not_a_date", value=typed[:_MAX_SHOWN])
    return day


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
    Kind.DATE: _date,
    Kind.RANKING: _ranking,
    Kind.NOTE: _note,
}

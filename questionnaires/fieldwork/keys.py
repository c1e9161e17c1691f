"""One key per item: the digits printed beside the boxes of a paper form and typed by a clerk."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from questionnaires.schema import (
    LIST_KINDS,
    NO_ANSWER,
    NOT_APPLICABLE,
    Kind,
    Question,
    Scalar,
    from_text,
    value_labels,
)

SPECIAL_KEYS: Mapping[str, str] = {NOT_APPLICABLE: "0", NO_ANSWER: "9"}
LONG_SPECIAL_KEYS: Mapping[str, str] = {NOT_APPLICABLE: "00", NO_ANSWER: "99"}
TYPED_SPECIAL_KEYS: Mapping[str, str] = {NOT_APPLICABLE: "*", NO_ANSWER: "/"}
"""Signs of the numeric keypad that no number, date or word begins with."""
MOST_SHORT_OPTIONS = 8
TYPED_KINDS = frozenset({Kind.NUMBER, Kind.DATE, Kind.TEXT})
DAY_WIDTH = 10


class UnknownKeyError(ValueError):
    """Raised for a key that stands for no answer; `known` lists those that do."""

    def __init__(self, key: str, known: tuple[str, ...]) -> None:
        super().__init__(f"Expected one of {', '.join(known)}, got {key}.")
        self.key = key
        self.known = known


@lru_cache(maxsize=1024)
def keys_for(question: Question) -> Mapping[str, Scalar]:
    """Return key and stored value: 1, 2, 3 … as printed, 0 does not apply, 9 prefers not to say.

    Where digits are written themselves, other signs stand for the two.
    """
    special = SPECIAL_KEYS if len(question.options) <= MOST_SHORT_OPTIONS else LONG_SPECIAL_KEYS
    if question.kind in TYPED_KINDS:
        special = TYPED_SPECIAL_KEYS
    keys: dict[str, Scalar] = {
        str(position): option.value for position, option in enumerate(question.options, start=1)
    }
    keys |= {special[value]: value for value in question.special_values}
    return MappingProxyType(keys)


def key_legend(question: Question, language: str) -> list[tuple[str, str]]:
    """Return key and label of every answer, as printed."""
    labels = dict(value_labels(question, language))
    return [(key, labels[value]) for key, value in keys_for(question).items()]


def answer_from_keys(question: Question, typed: str) -> Any:
    """Return the answer that was keyed; nothing for an empty field."""
    text = typed.strip()
    keys = keys_for(question)
    if not text:
        return None
    if question.kind in TYPED_KINDS:
        return keys.get(text) or (text if question.kind is Kind.TEXT else from_text(question, text))
    if question.kind in LIST_KINDS and text not in keys:
        return [_value(keys, key) for key in _split(text, question)]
    value = _value(keys, text)
    is_list = question.kind in LIST_KINDS and value not in question.special_values
    return [value] if is_list else value


def width_of(question: Question) -> int:
    """Return how many signs a field takes."""
    if question.kind in LIST_KINDS:
        return 3 * max(len(question.options), 1)
    if question.kind is Kind.DATE:
        return DAY_WIDTH
    return max((len(key) for key in keys_for(question)), default=1)


def _split(text: str, question: Question) -> list[str]:
    """Return the keys of several choices: separated, or one digit each where every key has one."""
    separated = text.replace(",", " ").split()
    has_long_keys = len(question.options) > MOST_SHORT_OPTIONS
    return separated if len(separated) > 1 or has_long_keys else list(text)


def _value(keys: Mapping[str, Scalar], key: str) -> Scalar:
    """Return the value of a key."""
    if key not in keys:
        raise UnknownKeyError(key, tuple(keys))
    return keys[key]

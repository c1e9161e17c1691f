"""Conditions in words, for paper: who reads a form there must be told when a question is for them."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questionnaires.schema import (
    SPECIAL_LABELS,
    Comparison,
    Condition,
    Kind,
    Questionnaire,
    Reference,
    Subject,
    answer_in_words,
    questions_by_code,
)

OPERATORS: Mapping[str, Promise] = {
    "equals": gettext_lazy("%(what)s is %(value)s"),
    "not_equals": gettext_lazy("%(what)s is not %(value)s"),
    "in": gettext_lazy("%(what)s is %(value)s"),
    "not_in": gettext_lazy("%(what)s is not %(value)s"),
    "any_of": gettext_lazy("%(what)s holds %(value)s"),
    "all_of": gettext_lazy("%(what)s holds %(value)s"),
    "greater": gettext_lazy("%(what)s is more than %(value)s"),
    "greater_or_equal": gettext_lazy("%(what)s is at least %(value)s"),
    "less": gettext_lazy("%(what)s is less than %(value)s"),
    "less_or_equal": gettext_lazy("%(what)s is at most %(value)s"),
    "before": gettext_lazy("%(what)s is before %(value)s"),
    "not_after": gettext_lazy("%(what)s is not after %(value)s"),
    "after": gettext_lazy("%(what)s is after %(value)s"),
    "not_before": gettext_lazy("%(what)s is not before %(value)s"),
    "count": gettext_lazy("exactly %(value)s are chosen in %(what)s"),
    "count_at_least": gettext_lazy("at least %(value)s are chosen in %(what)s"),
    "count_at_most": gettext_lazy("at most %(value)s are chosen in %(what)s"),
    "contains": gettext_lazy("%(what)s contains %(value)s"),
}
ANSWERED: Mapping[bool, Promise] = {
    True: gettext_lazy("%(what)s is answered"),
    False: gettext_lazy("%(what)s is not answered"),
}
JOINS: Mapping[str, Promise] = {
    "all": gettext_lazy("%(first)s and %(second)s"),
    "any": gettext_lazy("%(first)s or %(second)s"),
    "not": gettext_lazy("%(first)s or %(second)s"),
}
"""How two conditions are joined; what "not" denies is joined as "any"."""

BARE_KINDS = frozenset({Kind.NUMBER, Kind.DATE})
"""Kinds whose values need no quotes."""
COUNTED = frozenset({"count", "count_at_least", "count_at_most"})
"""Operators whose value is a number of options, not one of them."""


def in_words(condition: Condition, schema: Questionnaire, language: str) -> str:
    """Return when a condition holds, questions named by the code printed beside them.

    The words around the answers are those of the active language, the answers those of `language`.
    """
    if isinstance(condition, Comparison):
        return _comparison(condition, schema, language)
    parts = [_part(part, schema, language) for part in condition.conditions]
    words = _joined(JOINS[condition.operator], parts)
    return _("not (%(condition)s)") % {"condition": words} if condition.operator == "not" else words


def _part(condition: Condition, schema: Questionnaire, language: str) -> str:
    """Return one of several conditions, in brackets where it joins some itself."""
    words = in_words(condition, schema, language)
    return f"({words})" if _has_parts(condition) else words


def _has_parts(condition: Condition) -> bool:
    """Whether a condition names several things that "and" or "or" stand between."""
    if isinstance(condition, Comparison):
        return isinstance(condition.value, tuple) and len(condition.value) > 1
    return condition.operator != "not" and len(condition.conditions) > 1


def _joined(join: Promise, parts: list[str]) -> str:
    """Return words joined from left to right."""
    words = parts[0] if parts else ""
    for part in parts[1:]:
        words = str(join) % {"first": words, "second": part}
    return words


def _comparison(leaf: Comparison, schema: Questionnaire, language: str) -> str:
    """Return one comparison."""
    what = _name(Reference(leaf.subject, leaf.code), schema, language)
    if leaf.operator == "answered":
        return str(ANSWERED[bool(leaf.value)]) % {"what": what}
    join = JOINS["all" if leaf.operator == "all_of" else "any"]
    values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    value = _joined(join, [_value(leaf, value, schema, language) for value in values])
    return str(OPERATORS[leaf.operator]) % {"what": what, "value": value}


def _name(reference: Reference, schema: Questionnaire, language: str) -> str:
    """Return the code of a question, or what something known from the sample is called."""
    labels = {attribute.code: attribute.label for attribute in schema.attributes}
    is_known = reference.subject is Subject.ATTRIBUTE and reference.code in labels
    return labels[reference.code].in_language(language) if is_known else reference.code


def _value(leaf: Comparison, value: Any, schema: Questionnaire, language: str) -> str:
    """Return what is compared with: another question, a number or day as it is written, words in quotes."""
    if isinstance(value, Reference):
        return _name(value, schema, language)
    if value in SPECIAL_LABELS:
        return _quoted(SPECIAL_LABELS[value].in_language(language))
    question = questions_by_code(schema).get(leaf.code) if leaf.subject is Subject.QUESTION else None
    if question is None or leaf.operator in COUNTED:
        return str(value) if isinstance(value, int | float) else _quoted(str(value))
    words = answer_in_words(question, value, language)
    return words if question.kind in BARE_KINDS else _quoted(words)


def _quoted(words: str) -> str:
    """Return words in quotes."""
    return f"“{words}”"

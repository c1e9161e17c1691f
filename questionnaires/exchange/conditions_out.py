"""From conditions to expressions: XPath that is true exactly where the condition holds, or nothing."""

from collections.abc import Callable, Mapping
from typing import Any

from questionnaires.exchange.scope import Scope, Subject

type Writer = Callable[[Subject, Any, Scope], str | None]

COMBINATIONS = {"all": " and ", "any": " or "}
SYMBOLS = {"less": "<", "less_or_equal": "<=", "greater": ">", "greater_or_equal": ">="}
DATE_SYMBOLS = {"before": "<", "not_after": "<=", "after": ">", "not_before": ">="}
COUNT_SYMBOLS = {"count": "=", "count_at_least": ">=", "count_at_most": "<="}


def write_condition(condition: Mapping[str, Any], scope: Scope) -> str | None:
    """Return an expression for a condition.

    Parameters
    ----------
    condition : mapping
        A condition as the questionnaire's JSON writes it.
    scope : Scope
        The names of the form.

    Returns
    -------
    str or None
        None where XPath in a form cannot say it, or where it looks at something the form has not.

    Examples
    --------
    >>> scope = Scope([Subject("Q2", "question", "Q2", "single", {"1": 1})])
    >>> write_condition({"question": "Q2", "not_equals": 1}, scope)
    "(${Q2} != '' and ${Q2} != '1')"
    """
    for operator, joiner in COMBINATIONS.items():
        if operator in condition:
            return _joined([write_condition(part, scope) for part in condition[operator]], joiner)
    if "not" in condition:
        inner = condition["not"]
        written = write_condition(inner if isinstance(inner, Mapping) else {"any": inner}, scope)
        return None if written is None else f"not({_bare(written)})"
    return _comparison(condition, scope)


def _joined(parts: list[str | None], joiner: str) -> str | None:
    """Return parts joined in parentheses; nothing if one of them cannot be said, or there is none."""
    said = [part for part in parts if part is not None]
    if len(said) < len(parts) or not parts:
        return None
    return said[0] if len(said) == 1 else f"({joiner.join(said)})"


def _bare(written: str) -> str:
    """Return an expression without the parentheses around the whole of it."""
    is_whole = written.startswith("(") and _closes_at_end(written)
    return written[1:-1] if is_whole else written


def _closes_at_end(written: str) -> bool:
    """Whether the first parenthesis closes with the last character; quotes are skipped."""
    depth, quote = 0, ""
    for place, character in enumerate(written):
        if quote or character in "'\"":
            quote = "" if character == quote else quote or character
        else:
            depth += {"(": 1, ")": -1}.get(character, 0)
            if not depth:
                return place == len(written) - 1
    return False


def _comparison(condition: Mapping[str, Any], scope: Scope) -> str | None:
    """Return the expression of one comparison."""
    subject = scope.of(condition)
    operator = next((key for key in condition if key in WRITERS), "")
    if subject is None or not operator:
        return None
    value = condition[operator]
    if isinstance(value, Mapping):
        return _referring(subject, operator, scope.of(value))
    return WRITERS[operator](subject, value, scope)


def _referring(subject: Subject, operator: str, other: Subject | None) -> str | None:
    """Return a comparison of two answers."""
    if other is None or subject.is_list or other.is_list:
        return None
    left, right = f"${{{subject.name}}}", f"${{{other.name}}}"
    if operator == "equals":
        return f"({left} != '' and {left} = {right})"
    if operator == "not_equals":
        return f"({left} != '' and {right} != '' and {left} != {right})"
    symbol = (DATE_SYMBOLS if subject.kind == "date" else SYMBOLS).get(operator)
    return f"{left} {symbol} {right}" if symbol else None


def quoted(text: str) -> str | None:
    """Return a text in the quotes it does not contain, or None if it contains both."""
    if "'" not in text:
        return f"'{text}'"
    return None if '"' in text else f'"{text}"'


def _literal(subject: Subject, value: Any) -> str | None:
    """Return a value as it stands in an expression: the name of a choice, a number or a text."""
    if subject.kind == "number" and isinstance(value, int | float):
        return str(value)
    names = {str(stored): name for name, stored in subject.values.items()}
    return quoted(names.get(str(value), str(value)))


def _equals(subject: Subject, value: Any, _scope: Scope) -> str | None:
    """Write that an answer is a value."""
    literal = _literal(subject, value)
    return None if literal is None or subject.is_list else f"${{{subject.name}}} = {literal}"


def _not_equals(subject: Subject, value: Any, _scope: Scope) -> str | None:
    """Write that there is an answer, and another one."""
    literal, name = _literal(subject, value), f"${{{subject.name}}}"
    return None if literal is None or subject.is_list else f"({name} != '' and {name} != {literal})"


def _in(subject: Subject, values: Any, scope: Scope) -> str | None:
    """Write that an answer is one of some values."""
    return _joined([_equals(subject, value, scope) for value in values], " or ")


def _not_in(subject: Subject, values: Any, scope: Scope) -> str | None:
    """Write that there is an answer, none of some values."""
    one_of = _in(subject, values, scope)
    return None if one_of is None else f"(${{{subject.name}}} != '' and not({_bare(one_of)}))"


def _chosen(subject: Subject, values: Any, joiner: str) -> str | None:
    """Write that options were chosen."""
    literals = [_literal(subject, value) for value in values]
    return _joined(
        [None if literal is None else f"selected(${{{subject.name}}}, {literal})" for literal in literals],
        joiner,
    )


def _any_of(subject: Subject, values: Any, scope: Scope) -> str | None:
    """Write that one of some options was chosen."""
    return _chosen(subject, values, " or ") if subject.is_list else _in(subject, values, scope)


def _all_of(subject: Subject, values: Any, scope: Scope) -> str | None:
    """Write that all of some options were chosen."""
    if subject.is_list:
        return _chosen(subject, values, " and ")
    return _equals(subject, values[0], scope) if len(values) == 1 else None


def _answered(subject: Subject, value: Any, _scope: Scope) -> str:
    """Write that there is an answer, or none."""
    return f"${{{subject.name}}} {'!=' if value else '='} ''"


def _ordered(symbol: str) -> Writer:
    """Return the writer of a comparison of numbers."""
    return lambda subject, value, _scope: (
        f"${{{subject.name}}} {symbol} {value}" if subject.kind == "number" else None
    )


def _dated(symbol: str) -> Writer:
    """Return the writer of a comparison of days."""
    return lambda subject, day, _scope: (
        f"${{{subject.name}}} {symbol} date('{day}')" if subject.kind == "date" else None
    )


def _counted(symbol: str) -> Writer:
    """Return the writer of a comparison of how many options were chosen."""
    return lambda subject, value, _scope: (
        f"count-selected(${{{subject.name}}}) {symbol} {value}" if subject.is_list and value else None
    )


def _contains(subject: Subject, value: Any, _scope: Scope) -> str | None:
    """Write that a text holds a piece of text."""
    literal = quoted(str(value))
    return None if literal is None or subject.kind != "text" else f"contains(${{{subject.name}}}, {literal})"


WRITERS: Mapping[str, Writer] = {
    "equals": _equals,
    "not_equals": _not_equals,
    "in": _in,
    "not_in": _not_in,
    "any_of": _any_of,
    "all_of": _all_of,
    "answered": _answered,
    "contains": _contains,
    **{operator: _ordered(symbol) for operator, symbol in SYMBOLS.items()},
    **{operator: _dated(symbol) for operator, symbol in DATE_SYMBOLS.items()},
    **{operator: _counted(symbol) for operator, symbol in COUNT_SYMBOLS.items()},
}

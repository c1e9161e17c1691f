"""From expressions to conditions: what a tree of XPath means in the words of the questionnaire."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from questionnaires.exchange.scope import Scope, Subject
from questionnaires.exchange.xpath import (
    Call,
    Compare,
    ExpressionError,
    Here,
    Join,
    Literal,
    Name,
    Tree,
    parse_expression,
)

type Document = dict[str, Any]

FLIPPED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
NUMBER_OPERATORS = {"<": "less", "<=": "less_or_equal", ">": "greater", ">=": "greater_or_equal"}
DATE_OPERATORS = {"<": "before", "<=": "not_after", ">": "after", ">=": "not_before"}
JOINED = {"and": "all", "or": "any"}
PAIR = 2


def read_condition(text: str, scope: Scope, here: Subject | None = None) -> Document:
    """Return the condition that an expression stands for.

    Parameters
    ----------
    text : str
        The cell under ``relevant``, or a ``constraint``.
    scope : Scope
        What the names stand for.
    here : Subject or None
        What ``.`` stands for.

    Returns
    -------
    dict
        A condition as the questionnaire's JSON writes it. ``!=`` is true of an unanswered question, as in
        XPath, and so becomes ``not`` around ``equals``.

    Raises
    ------
    ExpressionError
        If the expression cannot be read, or says what a condition cannot say.

    Examples
    --------
    >>> scope = Scope([Subject("USED", "question", "USED", "yes_no", {"1": 1, "0": 0})])
    >>> read_condition("${USED} = '1'", scope)
    {'question': 'USED', 'equals': 1}
    """
    return _Meaning(scope, here).of(parse_expression(text))


class _Meaning:
    """Translates trees within one scope."""

    def __init__(self, scope: Scope, here: Subject | None) -> None:
        self.scope, self.here = scope, here

    def of(self, tree: Tree) -> Document:
        """Return the condition of a tree."""
        if isinstance(tree, Join):
            parts = [self.of(part) for part in tree.parts]
            return _simplified(JOINED[tree.operator], parts)
        if isinstance(tree, Compare):
            return self.comparison(tree)
        if isinstance(tree, Call) and tree.name in CALLS:
            return CALLS[tree.name](self, tree.arguments)
        if isinstance(tree, Call):
            raise ExpressionError("unknown_function", name=tree.name)
        raise ExpressionError("no_comparison")

    def subject(self, tree: Tree) -> Subject | None:
        """Return the question a tree stands for, or None."""
        if isinstance(tree, Name):
            return self.scope.named(tree.name)
        if isinstance(tree, Here):
            if self.here is None:
                raise ExpressionError("no_self_here")
            return self.here
        return None

    def required(self, tree: Tree) -> Subject:
        """Return the question that must stand here."""
        found = self.subject(tree)
        if found is None:
            raise ExpressionError("no_question_here")
        return found

    def comparison(self, tree: Compare) -> Document:
        """Return the condition of one comparison, its sides turned so that the question comes first."""
        operator, left, right = tree.operator, tree.left, tree.right
        if isinstance(left, Literal) or (isinstance(left, Call) and left.name in {"date", "today"}):
            operator, left, right = FLIPPED[operator], right, left
        if isinstance(left, Call):
            return self.measured(operator, left, right)
        return self.compared(operator, self.required(left), right)

    def compared(self, operator: str, subject: Subject, right: Tree) -> Document:
        """Return the condition of a question compared with a value, a day or another question."""
        if right == Literal(""):
            if operator not in {"=", "!="}:
                raise ExpressionError("no_comparison")
            return {**subject.key, "answered": operator == "!="}
        operand = self.operand(subject, right)
        if operator == "=":
            return {**subject.key, "equals": operand}
        if operator == "!=":
            return {"not": {**subject.key, "equals": operand}}
        table = DATE_OPERATORS if subject.kind == "date" else NUMBER_OPERATORS
        if table is NUMBER_OPERATORS and not isinstance(operand, int | float | dict):
            raise ExpressionError("no_number", found=str(operand))
        return {**subject.key, table[operator]: operand}

    def operand(self, subject: Subject, tree: Tree) -> Any:
        """Return what a question is compared with."""
        if isinstance(tree, Literal):
            return subject.value_of(tree.value)
        if isinstance(tree, Call) and tree.name == "date":
            return _text_argument(tree.arguments, 0, len(tree.arguments))
        if isinstance(tree, Call):
            raise ExpressionError("unknown_function", name=tree.name)
        return self.required(tree).key

    def measured(self, operator: str, call: Call, right: Tree) -> Document:
        """Return the condition of a count or a length; no options and no letters mean no answer."""
        if call.name not in {"count-selected", "string-length"} or len(call.arguments) != 1:
            raise ExpressionError("unknown_function", name=call.name)
        subject = self.required(call.arguments[0])
        if not isinstance(right, Literal) or not isinstance(right.value, int):
            raise ExpressionError("no_number", found=str(getattr(right, "value", "…")))
        if (operator, right.value) in {(">", 0), (">=", 1), ("!=", 0)}:
            return {**subject.key, "answered": True}
        if (operator, right.value) in {("=", 0), ("<", 1), ("<=", 0)}:
            return {**subject.key, "answered": False}
        if call.name == "string-length" or operator == "!=":
            raise ExpressionError("unknown_function", name=call.name)
        name, shift = COUNTS[operator]
        return {**subject.key, name: right.value + shift}

    def selected(self, arguments: Sequence[Tree]) -> Document:
        """Return whether an option was chosen."""
        value = _text_argument(arguments, 1, PAIR)
        subject = self.required(arguments[0])
        found = subject.value_of(value)
        return {**subject.key, "any_of": [found]} if subject.is_list else {**subject.key, "equals": found}

    def negated(self, arguments: Sequence[Tree]) -> Document:
        """Return the contrary of a condition."""
        if len(arguments) != 1:
            raise ExpressionError("unknown_function", name="not")
        return {"not": self.of(arguments[0])}

    def contained(self, arguments: Sequence[Tree]) -> Document:
        """Return whether a text holds a piece of text."""
        piece = _text_argument(arguments, 1, PAIR)
        return {**self.required(arguments[0]).key, "contains": piece}


CALLS: Mapping[str, Callable[[_Meaning, Sequence[Tree]], Document]] = {
    "selected": _Meaning.selected,
    "not": _Meaning.negated,
    "contains": _Meaning.contained,
}
"""Functions that say something true or false."""

COUNTS = {
    "=": ("count", 0),
    ">=": ("count_at_least", 0),
    ">": ("count_at_least", 1),
    "<=": ("count_at_most", 0),
    "<": ("count_at_most", -1),
}


def _text_argument(arguments: Sequence[Tree], position: int, n_arguments: int) -> str:
    """Return an argument that must be a text written out."""
    found = arguments[position] if len(arguments) == n_arguments and len(arguments) > position else None
    if not isinstance(found, Literal):
        raise ExpressionError("no_text_here")
    return str(found.value)


def _simplified(operator: str, parts: Sequence[Document]) -> Document:
    """Return joined conditions in the shortest words that say the same."""
    for shorten in SHORTER[operator]:
        shorter = shorten(parts)
        if shorter is not None:
            return shorter
    return {operator: list(parts)}


def _key(part: Document) -> Document:
    """Return subject and code of a comparison, nothing for a combination."""
    return {kind: part[kind] for kind in ("question", "attribute") if kind in part}


def _one_subject(parts: Sequence[Document]) -> bool:
    """Whether all parts are comparisons of one question."""
    return bool(_key(parts[0])) and all(_key(part) == _key(parts[0]) for part in parts)


def _as_in(parts: Sequence[Document]) -> Document | None:
    """Return equal to this or to that as one of both."""
    values = [part.get("equals") for part in parts]
    if _one_subject(parts) and not any(value is None or isinstance(value, dict) for value in values):
        return _key(parts[0]) | {"in": values}
    return None


def _as_list(operator: str, parts: Sequence[Document]) -> Document | None:
    """Return several options looked for as one list."""
    if _one_subject(parts) and all(len(part.get("any_of", ())) == 1 for part in parts):
        return _key(parts[0]) | {operator: [part["any_of"][0] for part in parts]}
    return None


def _as_other(parts: Sequence[Document]) -> Document | None:
    """Return answered, and not this or none of these, as one comparison."""
    if len(parts) != PAIR or not parts[0].get("answered") or not _key(parts[0]):
        return None
    inner = parts[1].get("not", parts[1])
    if not isinstance(inner, dict) or _key(inner) != _key(parts[0]):
        return None
    if inner is parts[1]:
        return inner if isinstance(inner.get("equals"), dict) else None
    for operator, contrary in (("equals", "not_equals"), ("in", "not_in")):
        if operator in inner:
            return _key(inner) | {contrary: inner[operator]}
    return None


SHORTER: Mapping[str, tuple[Callable[[Sequence[Document]], Document | None], ...]] = {
    "any": (_as_in, lambda parts: _as_list("any_of", parts)),
    "all": (_as_other, lambda parts: _as_list("all_of", parts)),
}

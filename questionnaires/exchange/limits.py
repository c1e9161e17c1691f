"""Limits of one answer: between a constraint of a form and the limits of a question."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from questionnaires.exchange.xpath import (
    Call,
    Compare,
    ExpressionError,
    Here,
    Join,
    Literal,
    Tree,
    parse_expression,
)

FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
LENGTH = Call("string-length", (Here(),))


def read_limits(text: str, kind: str, *, is_integer: bool) -> dict[str, Any] | None:
    """Return the limits that a constraint sets, or None if it says anything else.

    Parameters
    ----------
    text : str
        The cell under ``constraint``.
    kind : str
        Kind of the question.
    is_integer : bool
        Whether the question takes whole numbers only, so that ``. > 0`` means from 1 on.

    Returns
    -------
    dict or None
        Keys of a question: ``minimum``, ``maximum``, ``max_length``, ``earliest``, ``latest``.

    Raises
    ------
    ExpressionError
        If the expression cannot be read.

    Examples
    --------
    >>> read_limits(". > 17 and . <= 120", "number", is_integer=True)
    {'minimum': 18, 'maximum': 120}
    >>> read_limits("regex(., 'x')", "text", is_integer=True) is None
    True
    """
    read = READERS.get(kind)
    tree = parse_expression(text)
    limits: dict[str, Any] = {}
    for part in tree.parts if isinstance(tree, Join) and tree.operator == "and" else (tree,):
        found = read(part, is_integer=is_integer) if read is not None and isinstance(part, Compare) else None
        if found is None or set(found) & set(limits):
            return None
        limits |= found
    return limits


def _sides(tree: Compare, subject: Tree) -> tuple[str, Tree] | None:
    """Return operator and limit with the subject on the left."""
    if tree.left == subject:
        return tree.operator, tree.right
    if tree.right == subject and tree.operator in FLIPPED:
        return FLIPPED[tree.operator], tree.left
    return None


def _number(tree: Compare, *, is_integer: bool) -> dict[str, Any] | None:
    """Return the limit of a number."""
    operator, limit = _sides(tree, Here()) or ("", None)
    if not isinstance(limit, Literal) or isinstance(limit.value, str):
        return None
    shift = {">": 1, "<": -1}.get(operator, 0)
    if shift and not (is_integer and isinstance(limit.value, int)):
        return None
    name = {">": "minimum", ">=": "minimum", "<": "maximum", "<=": "maximum"}.get(operator)
    return {name: limit.value + shift} if name else None


def _length(tree: Compare, **_unused: bool) -> dict[str, Any] | None:
    """Return the limit of the length of a text."""
    operator, limit = _sides(tree, LENGTH) or ("", None)
    shift = {"<=": 0, "<": -1}.get(operator)
    if shift is None or not isinstance(limit, Literal) or not isinstance(limit.value, int):
        return None
    return {"max_length": limit.value + shift}


def _day(tree: Compare, **_unused: bool) -> dict[str, Any] | None:
    """Return the limit of a date."""
    operator, limit = _sides(tree, Here()) or ("", None)
    name = {">=": "earliest", "<=": "latest"}.get(operator)
    if name is None or not isinstance(limit, Call):
        return None
    if limit == Call("today", ()):
        return {name: "today"} if name == "latest" else None
    match limit.arguments:
        case (Literal(value=day),) if limit.name == "date":
            return {name: str(day)}
    return None


READERS: Mapping[str, Callable[..., dict[str, Any] | None]] = {
    "number": _number,
    "text": _length,
    "date": _day,
}


def write_limits(question: Mapping[str, Any]) -> str:
    """Return the constraint that stands for the limits of a question, empty without any.

    Examples
    --------
    >>> write_limits({"kind": "number", "minimum": 0, "maximum": 10})
    '. >= 0 and . <= 10'
    """
    return " and ".join(_written(question))


def _written(question: Mapping[str, Any]) -> Iterator[str]:
    """Yield one comparison per limit."""
    kind = question["kind"]
    if kind == "number":
        bounds = (("minimum", ">="), ("maximum", "<="))
        yield from (f". {symbol} {question[name]}" for name, symbol in bounds if name in question)
    elif kind == "text" and "max_length" in question:
        yield f"string-length(.) <= {question['max_length']}"
    elif kind == "date":
        for name, symbol in (("earliest", ">="), ("latest", "<=")):
            if day := question.get(name):
                yield f". {symbol} {'today()' if day == 'today' else f"date('{day}')"}"


def exclusive_names(text: str) -> list[str] | None:
    """Return the choices that a constraint lets stand alone only, or None if it says anything else.

    Examples
    --------
    >>> exclusive_names("not(selected(., '9') and count-selected(.) > 1)")
    ['9']
    """
    tree = parse_expression(text)
    parts = tree.parts if isinstance(tree, Join) and tree.operator == "and" else (tree,)
    names = [_exclusive_name(part) for part in parts]
    return None if None in names else [name for name in names if name is not None]


def _exclusive_name(tree: Tree) -> str | None:
    """Return the one choice that may not be chosen with others."""
    match tree:
        case Call(
            name="not",
            arguments=(
                Join(
                    operator="and",
                    parts=(
                        Call(name="selected", arguments=(Here(), Literal(value=name))),
                        Compare(
                            operator=">",
                            left=Call(name="count-selected", arguments=(Here(),)),
                            right=Literal(value=1),
                        ),
                    ),
                ),
            ),
        ):
            return str(name)
    return None


def write_exclusive(names: list[str]) -> str:
    """Return the constraint that lets some choices stand alone only.

    Examples
    --------
    >>> write_exclusive(["9"])
    "not(selected(., '9') and count-selected(.) > 1)"
    """
    return " and ".join(f"not(selected(., '{name}') and count-selected(.) > 1)" for name in names)


def is_readable(text: str) -> bool:
    """Whether an expression can be read back."""
    try:
        parse_expression(text)
    except ExpressionError:
        return False
    return True
